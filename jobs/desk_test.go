package jobs

import (
	"errors"
	"strings"
	"testing"

	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/storage"
)

func aConnection() *storage.Connection {
	return &storage.Connection{Name: "partner", Host: "sftp.example.com", Username: "us", Auth: AuthPassword, Folders: encodeSettings([]PullFolder{{Path: "/out"}})}
}

func TestConnectionSettings(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for name, c := range map[string]struct {
		change func(*storage.Connection)
		says   string
	}{
		"no name":                   {func(c *storage.Connection) { c.Name = " " }, "name:"},
		"no host":                   {func(c *storage.Connection) { c.Host = "" }, "host"},
		"an unknown way to sign in": {func(c *storage.Connection) { c.Auth = "smile" }, "auth:"},
		"no private key":            {func(c *storage.Connection) { c.Auth = AuthKey }, "private_key:"},
		"nowhere to archive":        {with(func(f *PullFolder) { f.After = storage.AfterArchive }), "folders[0].archive_folder:"},
		"archive into itself":       {with(func(f *PullFolder) { f.After, f.ArchiveFolder = storage.AfterArchive, "/out/" }), "folders[0].archive_folder:"},
		"a malformed pattern":       {with(func(f *PullFolder) { f.Globs = []string{"[a"} }), "folders[0].globs:"},
		"a host key of nothing":     {func(c *storage.Connection) { c.HostKeys = []string{"SHA256:short"} }, "host_keys:"},
		"an unknown setting":        {func(c *storage.Connection) { c.Network = []byte(`{"dept": 1}`) }, "network:"},
		"a marker with a slash":     {with(func(f *PullFolder) { f.DoneMarker = "a/b" }), "folders[0].done_marker:"},
		"an unknown order":          {with(func(f *PullFolder) { f.Order = "random" }), "folders[0].order:"},
		"an unknown date":           {with(func(f *PullFolder) { f.After, f.ArchiveFolder = "archive", "/old/{year}" }), "folders[0].archive_folder:"},
		"nowhere for bad files":     {with(func(f *PullFolder) { f.AfterFailure = "move" }), "folders[0].error_folder:"},
		"an algorithm of nothing":   {func(c *storage.Connection) { SetNetwork(c, Network{LegacyAlgorithms: []string{"rot13"}}) }, "network.legacy_algorithms:"},
		"a jump without secrets":    {func(c *storage.Connection) { SetNetwork(c, Network{Jump: &Jump{Host: "j", User: "u"}}) }, "network.jump.host:"},
		"a proxy's password":        {func(c *storage.Connection) { SetNetwork(c, Network{Proxy: "socks5://a:b@c:1080"}) }, "network.proxy:"},
		"a proxy of no kind":        {func(c *storage.Connection) { SetNetwork(c, Network{Proxy: "ftp://c"}) }, "network.proxy:"},
		"an address of nothing":     {func(c *storage.Connection) { SetNetwork(c, Network{SourceAddress: "here"}) }, "network.source_address:"},
		"a mode in words":           {func(c *storage.Connection) { SetPush(c, Push{Folder: "in", Mode: "rw"}) }, "push.mode:"},
		"a deadline of no time":     {func(c *storage.Connection) { c.ExpectedBy = "soon" }, "expected_by:"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			connection := aConnection()
			c.change(connection)
			err := h.desk.AddConnection(t.Context(), h.scope, connection, Secrets{Password: "p"})
			if !errors.Is(err, ErrConnection) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("error = %v, want ErrConnection that says %q", err, c.says)
			}
		})
	}
}

func TestSecretsAreSealedAndStay(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := aConnection()
	if err := h.desk.AddConnection(t.Context(), h.scope, c, Secrets{Password: "open sesame"}); err != nil {
		t.Fatal(err)
	}
	if n := h.number(`SELECT count(*) FROM connection WHERE position('sesame'::bytea IN secrets) > 0 OR secrets IS NULL`); n != 0 {
		t.Error("the password is not sealed")
	}
	got := h.connection(c.ID)
	if folders, err := FoldersOf(got); got.Port != 22 || err != nil || folders[0].MaxFiles != 10_000 || folders[0].After != storage.AfterLeave {
		t.Errorf("usual values: port %d, folders %+v (%v)", got.Port, folders, err)
	}
	changed := h.connection(c.ID)
	changed.Username = "others"
	if err := h.desk.ChangeConnection(t.Context(), h.scope, changed, Secrets{}); err != nil {
		t.Fatal(err)
	}
	got = h.connection(c.ID)
	secrets, err := openSecrets(h.ring, got)
	if err != nil || secrets.Password.Reveal() != "open sesame" || got.Username != "others" {
		t.Errorf("after a change without a password: %v, user %q, the same password: %v", err, got.Username, secrets.Password.Reveal() == "open sesame")
	}
	moved := h.connection(c.ID)
	moved.Host = "thief.example.com"
	if err := h.desk.ChangeConnection(t.Context(), h.scope, moved, Secrets{}); !errors.Is(err, ErrConnection) || !strings.Contains(err.Error(), "password:") {
		t.Errorf("another host without entering the password again: %v, want ErrConnection about the password", err)
	}
	if _, err := h.desk.TestChange(t.Context(), h.scope, moved, Secrets{}); !errors.Is(err, ErrConnection) {
		t.Errorf("a test of another host with the kept password: %v, want ErrConnection", err)
	}
	if err := h.desk.ChangeConnection(t.Context(), h.scope, c, Secrets{}); !errors.Is(err, storage.ErrConflict) {
		t.Errorf("a change of an old version: %v, want ErrConflict", err)
	}
	if err := h.desk.AddConnection(t.Context(), h.scope, aConnection(), Secrets{Password: "p"}); !errors.Is(err, storage.ErrConflict) {
		t.Errorf("the same name again: %v, want ErrConflict", err)
	}
	// Sealed secrets are bound to their row.
	stolen := *got
	stolen.ID++
	if _, err := openSecrets(h.ring, &stolen); !errors.Is(err, ErrSecrets) {
		t.Errorf("secrets in another row: %v, want ErrSecrets", err)
	}
	if n := h.number(`SELECT count(*) FROM audit_event WHERE object_kind = 'connection'`); n != 3 {
		t.Errorf("%d events in the audit, want 3: added, changed, tested", n)
	}
}

// TestUnusedPasswordStaysHome: a password that a connection keeps and does not use, as after a change to a key, is not led to another
// server in two steps either: first the server, then the way to sign in.
func TestUnusedPasswordStaysHome(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	key, _ := newCredential(t)
	c := aConnection()
	if err := h.desk.AddConnection(t.Context(), h.scope, c, Secrets{Password: "of the partner"}); err != nil {
		t.Fatal(err)
	}
	change := func(given Secrets, fn func(c *storage.Connection)) error {
		changed := h.connection(c.ID)
		fn(changed)
		return h.desk.ChangeConnection(t.Context(), h.scope, changed, given)
	}
	byKey := func(c *storage.Connection) { c.Auth = AuthKey }
	byPassword := func(c *storage.Connection) { c.Auth = AuthPassword }
	// At the same server, a person may think better of it.
	if err := errors.Join(change(Secrets{PrivateKey: key}, byKey), change(Secrets{}, byPassword), change(Secrets{}, byKey)); err != nil {
		t.Fatal(err)
	}
	if err := change(Secrets{}, func(c *storage.Connection) { c.Host = "thief.example.com" }); err != nil {
		t.Fatal(err)
	}
	if err := change(Secrets{}, byPassword); !errors.Is(err, ErrConnection) || !strings.Contains(err.Error(), "password:") {
		t.Errorf("the kept password for another server, in two steps: %v, want ErrConnection about the password", err)
	}
	if s, err := openSecrets(h.ring, h.connection(c.ID)); err != nil || s.Password != "" || s.PrivateKey != key {
		t.Errorf("led to another server, it keeps a password for the one before: %v (%v)", s.Password != "", err)
	}
}

func TestAnotherOperatorSeesNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := aConnection()
	if err := h.desk.AddConnection(t.Context(), h.scope, c, Secrets{Password: "p"}); err != nil {
		t.Fatal(err)
	}
	s := h.schedule(c)
	id := h.request(c)
	other := storage.Scope{Operator: h.operator + 1}
	if _, err := h.desk.TestConnection(t.Context(), other, c.ID); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("testing another operator's connection: %v", err)
	}
	if _, err := h.desk.RunScheduleNow(t.Context(), other, s.ID); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("running another operator's schedule: %v", err)
	}
	if err := h.desk.Cancel(t.Context(), other, id); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("cancelling another operator's run: %v", err)
	}
	if err := h.desk.DeleteConnection(t.Context(), h.scope, c.ID); !errors.Is(err, storage.ErrConflict) {
		t.Errorf("deleting a connection in use: %v, want ErrConflict", err)
	}
}

func TestRunsArePaged(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := aConnection()
	if err := h.desk.AddConnection(t.Context(), h.scope, c, Secrets{Password: "p"}); err != nil {
		t.Fatal(err)
	}
	var want []storage.RunID
	for range 5 {
		id := h.request(c)
		want = append([]storage.RunID{id}, want...)
		if err := h.desk.Cancel(t.Context(), h.scope, id); err != nil {
			t.Fatal(err)
		}
	}
	var got []storage.RunID
	filter := storage.RunFilter{Connection: c.ID, States: []string{storage.RunCancelled, storage.RunFailed}, Limit: 2}
	err := h.db.InScopeRead(t.Context(), h.scope, func(tx *storage.Tx) error {
		for cursor := storage.Cursor(""); ; {
			runs, next, err := tx.Runs(t.Context(), filter, cursor)
			if err != nil {
				return err
			}
			for _, r := range runs {
				got = append(got, r.ID)
			}
			if cursor = next; next == "" {
				return nil
			}
		}
	})
	if err != nil || len(got) != len(want) {
		t.Fatalf("runs %v, want %v (%v)", got, want, err)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("runs %v, want %v", got, want)
		}
	}
}

func TestSecretsDoNotPrint(t *testing.T) {
	t.Parallel()
	s := Secrets{Password: "open sesame", PrivateKey: transfer.Secret("KEY"), Passphrase: "phrase"}
	if text := strings.Join([]string{s.Password.String(), s.PrivateKey.String(), s.Passphrase.String()}, " "); strings.Contains(text, "sesame") {
		t.Error(text)
	}
}
