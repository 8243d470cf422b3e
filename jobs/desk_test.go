package jobs

import (
	"errors"
	"strings"
	"testing"

	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/storage"
)

func aConnection() *storage.Connection {
	return &storage.Connection{Name: "partner", Host: "sftp.example.com", Username: "us", Auth: AuthPassword, PullFolder: "/out"}
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
		"nowhere to archive":        {func(c *storage.Connection) { c.AfterSuccess = storage.AfterArchive }, "archive_folder:"},
		"archive into itself":       {func(c *storage.Connection) { c.AfterSuccess, c.ArchiveFolder = storage.AfterArchive, "/out/" }, "archive_folder:"},
		"a malformed pattern":       {func(c *storage.Connection) { c.PullGlobs = []string{"[a"} }, "pull_globs:"},
		"a host key of nothing":     {func(c *storage.Connection) { c.HostKeys = []string{"SHA256:short"} }, "host key"},
		"an unknown option":         {func(c *storage.Connection) { c.Options = []byte(`{"dept": 1}`) }, "options:"},
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
	if got := h.connection(c.ID); got.Port != 22 || got.MaxFiles != 10_000 || got.AfterSuccess != storage.AfterLeave {
		t.Errorf("usual values: port %d, files %d, after success %q", got.Port, got.MaxFiles, got.AfterSuccess)
	}
	changed := h.connection(c.ID)
	changed.Host = "other.example.com"
	if err := h.desk.ChangeConnection(t.Context(), h.scope, changed, Secrets{}); err != nil {
		t.Fatal(err)
	}
	got := h.connection(c.ID)
	secrets, err := openSecrets(h.ring, got)
	if err != nil || secrets.Password.Reveal() != "open sesame" || got.Host != "other.example.com" {
		t.Errorf("after a change without a password: %v, host %q, the same password: %v", err, got.Host, secrets.Password.Reveal() == "open sesame")
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
	if n := h.number(`SELECT count(*) FROM audit_event WHERE object_kind = 'connection'`); n != 2 {
		t.Errorf("%d events in the audit, want 2", n)
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
