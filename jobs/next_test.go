package jobs

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/crypto/ssh"

	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/jobs/transfer/sshdtest"
	"github.com/ediport/ediport/storage"
)

var refusedByOpenSSH = regexp.MustCompile(`(?m)^Failed (publickey|password) for `)

// refusals waits until a server has refused n times in all, and fails if it refused more often.
func (h *house) refusals(server *sshdtest.Server, n int) {
	h.t.Helper()
	count := func() int { return len(refusedByOpenSSH.FindAllString(server.Log(), -1)) }
	h.eventually("the server's log has the refusals", func() bool { return count() >= n })
	if got := count(); got != n {
		h.t.Fatalf("the server refused %d times, want %d:\n%s", got, n, server.Log())
	}
}

// newCredential makes a key pair.
func newCredential(t *testing.T) (transfer.Secret, string) {
	t.Helper()
	private, public, err := transfer.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	return private, public
}

func (h *house) setNext(c *storage.Connection, next NextCredential) string {
	h.t.Helper()
	public, err := h.desk.SetNextCredential(h.t.Context(), h.scope, c.ID, h.connection(c.ID).Version, next)
	if err != nil {
		h.t.Fatal(err)
	}
	return public
}

// keyed is a connection to a server that signs in with a key.
func (h *house) keyed(server *sshdtest.Server, private transfer.Secret) *storage.Connection {
	h.t.Helper()
	c := h.connect(server)
	if err := h.desk.ChangeConnection(h.t.Context(), h.scope, c, Secrets{PrivateKey: private}); err != nil {
		h.t.Fatal(err)
	}
	return c
}

// TestPartnerRotatesKeys is the day on which a partner changes over, at a real server.
func TestPartnerRotatesKeys(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{Config: "LogLevel VERBOSE"})
	server.WriteFile("outbound/a.835", []byte("as every day"))
	old, oldPublic := newCredential(t)
	c := h.keyed(server, old)
	newPublic := h.setNext(c, NextCredential{Auth: AuthKey, Generate: true})
	h.start()
	pulled := func(when string, refusals int, logged string, works bool) {
		t.Helper()
		run := h.pull(c)
		if run.State != storage.RunSucceeded {
			t.Fatalf("%s: %s %s", when, run.State, run.ErrorCode)
		}
		h.refusals(server, refusals)
		for _, code := range []string{"connection.next_works", "connection.present_works"} {
			if slices.Contains(h.codes(run.ID), code) != (code == logged) {
				t.Errorf("%s: the log has %v, want %q", when, h.codes(run.ID), logged)
			}
		}
		if got := h.connection(c.ID); (got.NextWorksSince != nil) != works || got.NextAuth != AuthKey {
			t.Errorf("%s: the new one works since %v, want %v", when, got.NextWorksSince, works)
		}
	}
	server.Authorize(oldPublic)
	pulled("the old key only", 0, "", false)
	server.Authorize(oldPublic, newPublic)
	pulled("both keys", 0, "", false)
	server.Authorize(newPublic)
	pulled("the new key only", 1, "connection.next_works", true)
	pulled("the new key only, as is known", 1, "", true)
	server.Authorize(oldPublic)
	pulled("the old key again", 2, "connection.present_works", false)
	server.Authorize()
	run := h.pull(c)
	if run.State != storage.RunFailed || run.ErrorCode != "transfer.auth_failed" || run.Epoch != 1 {
		t.Fatalf("neither key: %s %s, epoch %d, want failed at the first attempt", run.State, run.ErrorCode, run.Epoch)
	}
	h.refusals(server, 4) // two more: one of each
	if got := h.connection(c.ID); !got.Paused || got.PausedReason != "transfer.auth_failed" {
		t.Errorf("neither key: paused %v, %q", got.Paused, got.PausedReason)
	}
}

// TestNextTakesOverByItself: where that was asked for, what works takes the place of what is refused, which is gone.
func TestNextTakesOverByItself(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{Password: "of today", Config: "LogLevel VERBOSE"})
	server.WriteFile("outbound/a.835", []byte("as every day"))
	c := h.connect(server)
	changed := h.connection(c.ID)
	changed.Auth = AuthPassword
	if err := h.desk.ChangeConnection(t.Context(), h.scope, changed, Secrets{Password: "of today"}); err != nil {
		t.Fatal(err)
	}
	h.setNext(c, NextCredential{Auth: AuthPassword, Password: "of tomorrow", TakesOver: true})
	before := h.connection(c.ID)
	h.start()
	if run := h.pull(c); run.State != storage.RunSucceeded || h.connection(c.ID).NextAuth == "" {
		t.Fatalf("before: %s %s, next %q", run.State, run.ErrorCode, h.connection(c.ID).NextAuth)
	}
	server.SetPassword("of tomorrow")
	run := h.pull(c)
	if codes := h.codes(run.ID); run.State != storage.RunSucceeded || !slices.Contains(codes, "connection.next_took_over") {
		t.Fatalf("after: %s %s, log %v", run.State, run.ErrorCode, codes)
	}
	h.refusals(server, 1)
	h.gone(before)
	got := h.connection(c.ID)
	if s, err := openSecrets(h.ring, got); err != nil || s.Password.Reveal() != "of tomorrow" || s.PrivateKey != "" || !s.next.empty() || got.NextVersion != 0 {
		t.Errorf("what is left (%v): next version %d, the new password alone: %v", err, got.NextVersion, s.Password.Reveal() == "of tomorrow")
	}
	if n := h.number(`SELECT count(*) FROM audit_event WHERE action = 'connection.credential_promoted' AND actor_kind = 'job' AND detail->>'worked' = 'true'`); n != 1 {
		t.Errorf("%d events in the audit, want 1", n)
	}
	if run := h.pull(c); run.State != storage.RunSucceeded {
		t.Errorf("the next day: %s %s", run.State, run.ErrorCode)
	}
	h.refusals(server, 1)
}

// gone fails the test if sealed secrets that a connection had are anywhere in the database.
func (h *house) gone(before *storage.Connection) {
	h.t.Helper()
	sealed := hex.EncodeToString(before.Secrets)
	rows, err := h.owner.QueryContext(h.t.Context(), `SELECT format('%I.%I', table_schema, table_name) FROM information_schema.tables
		WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')`)
	if err != nil {
		h.t.Fatal(err)
	}
	defer rows.Close()
	var tables []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			h.t.Fatal(err)
		}
		tables = append(tables, name)
	}
	if err := rows.Err(); err != nil || len(tables) < 50 {
		h.t.Fatalf("%d tables (%v)", len(tables), err)
	}
	for _, table := range tables {
		if n := h.number(`SELECT count(*) FROM `+table+` t WHERE position($1 IN t::text) > 0`, sealed); n != 0 {
			h.t.Errorf("%d rows of %s hold the secrets of before", n, table)
		}
	}
}

// TestSecretsOfBeforeAreGone: neither what a person promotes nor what he removes leaves anything behind.
func TestSecretsOfBeforeAreGone(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := aConnection()
	if err := h.desk.AddConnection(t.Context(), h.scope, c, Secrets{Password: "first"}); err != nil {
		t.Fatal(err)
	}
	if found := h.number(`SELECT count(*) FROM connection t WHERE position($1 IN t::text) > 0`, hex.EncodeToString(h.connection(c.ID).Secrets)); found != 1 {
		t.Fatal("the search for secrets finds none where some are")
	}
	for _, step := range []struct {
		name string
		act  func(version int) error
		want string
	}{
		{"removed", func(v int) error { return h.desk.RemoveNextCredential(t.Context(), h.scope, c.ID, v) }, "first"},
		{"promoted", func(v int) error { return h.desk.PromoteNextCredential(t.Context(), h.scope, c.ID, v) }, "second"},
	} {
		h.setNext(c, NextCredential{Auth: AuthPassword, Password: "second"})
		before := h.connection(c.ID)
		if err := step.act(before.Version - 1); !errors.Is(err, storage.ErrConflict) {
			t.Errorf("%s, a version that is over: %v, want ErrConflict", step.name, err)
		}
		if err := step.act(before.Version); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		h.gone(before)
		after := h.connection(c.ID)
		if s, err := openSecrets(h.ring, after); err != nil || s.Password.Reveal() != step.want || !s.next.empty() || after.NextAuth != "" || after.NextAddedAt != nil {
			t.Errorf("%s: the other one is left (%v)", step.name, err)
		}
		if err := step.act(after.Version); !errors.Is(err, ErrNoNext) {
			t.Errorf("%s once more: %v, want ErrNoNext", step.name, err)
		}
	}
	for action, want := range map[string]int{"credential_added": 2, "credential_removed": 1, "credential_promoted": 1} {
		if n := h.number(`SELECT count(*) FROM audit_event WHERE action = 'connection.' || $1`, action); n != want {
			t.Errorf("%d events of %s in the audit, want %d", n, action, want)
		}
	}
	if n := h.number(`SELECT count(*) FROM audit_event WHERE detail::text ~ 'first|second'`); n != 0 {
		t.Error("a password stands in the audit")
	}
}

// TestNextCredentialIsChecked: what can't sign in is refused when it is entered, with the field that is wrong.
func TestNextCredentialIsChecked(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	key, _ := newCredential(t)
	c := aConnection()
	c.Auth = AuthKeyPassword
	if err := h.desk.AddConnection(t.Context(), h.scope, c, Secrets{Password: "p", PrivateKey: key}); err != nil {
		t.Fatal(err)
	}
	for name, refused := range map[string]struct {
		next NextCredential
		says string
	}{
		"of no way":               {NextCredential{Auth: "smile"}, "auth:"},
		"without a password":      {NextCredential{Auth: AuthPassword}, "password:"},
		"without a key":           {NextCredential{Auth: AuthKey}, "private_key:"},
		"a key that is none":      {NextCredential{Auth: AuthKey, PrivateKey: "key"}, "private_key:"},
		"without a certificate":   {NextCredential{Auth: AuthCertificate}, "certificate:"},
		"a certificate of no one": {NextCredential{Auth: AuthCertificate, Certificate: "ssh-ed25519 AAAA"}, "certificate:"},
		"the present one":         {NextCredential{Auth: AuthKeyPassword, Password: "p"}, "password:"},
		"a key for a password":    {NextCredential{Auth: AuthPassword, Password: "q", Generate: true}, "generate_key:"},
		"two keys":                {NextCredential{Auth: AuthKey, PrivateKey: key, Generate: true}, "private_key:"},
	} {
		_, err := h.desk.SetNextCredential(t.Context(), h.scope, c.ID, 1, refused.next)
		if !errors.Is(err, ErrConnection) || !strings.Contains(err.Error(), refused.says) {
			t.Errorf("%s: %v, want ErrConnection that says %q", name, err, refused.says)
		}
	}
	if _, err := h.desk.SetNextCredential(t.Context(), storage.Scope{Operator: h.operator + 1}, c.ID, 1, NextCredential{Auth: AuthPassword, Password: "q"}); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("of another operator's connection: %v, want ErrNotFound", err)
	}
	// Only the password is new: the key goes on.
	h.setNext(c, NextCredential{Auth: AuthKeyPassword, Password: "q"})
	if s, err := openSecrets(h.ring, h.connection(c.ID)); err != nil || s.next.PrivateKey != key || s.next.Password.Reveal() != "q" || s.Password.Reveal() != "p" {
		t.Errorf("the key was not taken along (%v)", err)
	}
	// A present certificate that has ended is no hindrance: its end is why there is a new one.
	h.exec(`UPDATE connection SET next_auth = NULL, next_version = 0, next_added_at = NULL, auth = 'certificate'`)
	ended := h.connection(c.ID)
	if err := sealSecrets(h.ring, ended, Secrets{PrivateKey: key, Certificate: endedCertificate(t, key)}); err != nil {
		t.Fatal(err)
	}
	h.exec(`UPDATE connection SET secrets = $1`, ended.Secrets)
	if _, err := h.desk.SetNextCredential(t.Context(), h.scope, c.ID, 2, NextCredential{Auth: AuthPassword, Password: "q"}); err != nil {
		t.Errorf("beside a certificate that has ended: %v", err)
	}
	// A new one beside nothing would be the only one, and nobody could tell why it is tried.
	h.exec(`UPDATE connection SET secrets = NULL, secrets_key_id = NULL, next_auth = NULL, next_version = 0, next_added_at = NULL`)
	if _, err := h.desk.SetNextCredential(t.Context(), h.scope, c.ID, 3, NextCredential{Auth: AuthPassword, Password: "q"}); !errors.Is(err, ErrConnection) || !strings.Contains(err.Error(), "nothing to sign in with") {
		t.Errorf("without a present one: %v, want ErrConnection", err)
	}
}

// endedCertificate is a user's certificate for a key whose time is over.
func endedCertificate(t *testing.T, key transfer.Secret) transfer.Secret {
	t.Helper()
	signer, err := ssh.ParsePrivateKey([]byte(key.Reveal()))
	if err != nil {
		t.Fatal(err)
	}
	cert := &ssh.Certificate{Key: signer.PublicKey(), CertType: ssh.UserCert, ValidBefore: 1000}
	if err := cert.SignCert(rand.Reader, signer); err != nil {
		t.Fatal(err)
	}
	return transfer.Secret(ssh.MarshalAuthorizedKey(cert))
}

// TestSettingsAreNoWayToTheNextCredential: whoever changes a connection neither makes nor loses the next one by it, and does not send
// its password elsewhere.
func TestSettingsAreNoWayToTheNextCredential(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := aConnection()
	c.NextAuth, c.NextVersion = AuthPassword, 7
	if err := h.desk.AddConnection(t.Context(), h.scope, c, Secrets{Password: "p"}); err != nil {
		t.Fatal(err)
	}
	if got := h.connection(c.ID); got.NextAuth != "" || got.NextVersion != 0 {
		t.Errorf("added with a next one of %q", got.NextAuth)
	}
	h.setNext(c, NextCredential{Auth: AuthPassword, Password: "q"})
	changed := h.connection(c.ID)
	changed.Username, changed.NextAuth, changed.NextVersion, changed.NextAddedAt, changed.NextTakesOver = "others", "", 0, nil, true
	if err := h.desk.ChangeConnection(t.Context(), h.scope, changed, Secrets{Password: "o"}); err != nil {
		t.Fatal(err)
	}
	got := h.connection(c.ID)
	if s, err := openSecrets(h.ring, got); err != nil || got.NextAuth != AuthPassword || got.NextTakesOver || s.next.Password.Reveal() != "q" || s.Password.Reveal() != "o" {
		t.Errorf("after a change of the settings (%v): next %q, takes over %v", err, got.NextAuth, got.NextTakesOver)
	}
	got.Host = "thief.example.com"
	if err := h.desk.ChangeConnection(t.Context(), h.scope, got, Secrets{Password: "o"}); !errors.Is(err, ErrConnection) || !strings.Contains(err.Error(), "host:") {
		t.Errorf("another host, to which the next password would go: %v, want ErrConnection", err)
	}
	if _, err := h.desk.TestChange(t.Context(), h.scope, got, Secrets{Password: "o"}); !errors.Is(err, ErrConnection) {
		t.Errorf("a test of another host: %v, want ErrConnection", err)
	}
}

// TestPromotedOnce: of those who promote at the same time one does it.
func TestPromotedOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := aConnection()
	if err := h.desk.AddConnection(t.Context(), h.scope, c, Secrets{Password: "p"}); err != nil {
		t.Fatal(err)
	}
	h.setNext(c, NextCredential{Auth: AuthPassword, Password: "q", TakesOver: true})
	seen := h.connection(c.ID)
	const people = 6
	errs := make([]error, people)
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() {
			if i%2 == 0 {
				errs[i] = h.desk.PromoteNextCredential(t.Context(), h.scope, c.ID, seen.Version)
				return
			}
			errs[i] = h.desk.noteTest(t.Context(), h.scope, seen, []transfer.Step{{Credential: nextCredential}}) // as a run or a test that found out
		})
	}
	all.Wait()
	for _, err := range errs {
		if err != nil && !errors.Is(err, storage.ErrConflict) && !errors.Is(err, ErrNoNext) {
			t.Errorf("promoting beside others: %v", err)
		}
	}
	if n := h.number(`SELECT count(*) FROM audit_event WHERE action = 'connection.credential_promoted'`); n != 1 {
		t.Errorf("promoted %d times", n)
	}
	if s, err := openSecrets(h.ring, h.connection(c.ID)); err != nil || s.Password.Reveal() != "q" || !s.next.empty() {
		t.Errorf("what is left is not the new one alone (%v)", err)
	}
}

// TestNothingIsKnownOfAnotherOne: what a run finds out about one new credential says nothing of the one that a person entered in
// its place meanwhile, which must not take over unproven.
func TestNothingIsKnownOfAnotherOne(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := aConnection()
	if err := h.desk.AddConnection(t.Context(), h.scope, c, Secrets{Password: "p"}); err != nil {
		t.Fatal(err)
	}
	h.setNext(c, NextCredential{Auth: AuthPassword, Password: "q", TakesOver: true})
	loaded := h.connection(c.ID)
	h.setNext(c, NextCredential{Auth: AuthPassword, Password: "mistyped", TakesOver: true})
	if err := h.desk.noteTest(t.Context(), h.scope, loaded, []transfer.Step{{Credential: nextCredential}}); err != nil {
		t.Fatal(err)
	}
	got := h.connection(c.ID)
	if s, err := openSecrets(h.ring, got); err != nil || got.NextWorksSince != nil || got.NextAuth == "" || s.Password.Reveal() != "p" {
		t.Errorf("the one that nobody tried works since %v, signs in: %v (%v)", got.NextWorksSince, s.Password.Reveal() == "mistyped", err)
	}
	// One that is known to work stays so through other changes of the connection, and the one in its place begins anew.
	if err := h.desk.noteTest(t.Context(), h.scope, func() *storage.Connection { c := h.connection(c.ID); c.NextTakesOver = false; return c }(), []transfer.Step{{Credential: nextCredential}}); err != nil {
		t.Fatal(err)
	}
	if err := h.desk.PauseConnection(t.Context(), h.scope, c.ID, "a while"); err != nil {
		t.Fatal(err)
	}
	if h.connection(c.ID).NextWorksSince == nil {
		t.Error("a pause made the one that works one that doesn't")
	}
	h.setNext(c, NextCredential{Auth: AuthPassword, Password: "again another"})
	if h.connection(c.ID).NextWorksSince != nil {
		t.Error("one that nobody tried is said to work")
	}
}

// TestTestTellsWhichWorks: a test of the connection tries both, says which the server takes, and remembers it.
func TestTestTellsWhichWorks(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{Config: "LogLevel VERBOSE"})
	server.WriteFile("outbound/a.835", nil)
	old, oldPublic := newCredential(t)
	c := h.keyed(server, old)
	newPublic := h.setNext(c, NextCredential{Auth: AuthKey, Generate: true})
	if keys, err := h.desk.PublicKeys(t.Context(), h.scope, c.ID); err != nil || keys.Next != newPublic || keys.SignIn == newPublic {
		t.Errorf("public halves (%v): the next one's is shown: %v", err, keys.Next == newPublic)
	}
	for _, step := range []struct {
		name       string
		authorized []string
		says       string
		works      bool
		refusals   int
	}{
		{"the old one only", []string{oldPublic}, "the new credential: tried publickey", false, 1},
		{"both", []string{oldPublic, newPublic}, "The server accepts the new credential, too.", true, 1},
		{"the new one only", []string{newPublic}, "The server accepts the new credential.", true, 1},
		{"the old one again", []string{oldPublic}, "The server accepts the present credential, not the new credential.", false, 2},
		{"none", nil, "refused the sign-in", false, 4},
	} {
		server.Authorize(step.authorized...)
		steps, err := h.desk.TestConnection(t.Context(), h.scope, c.ID)
		if err != nil {
			t.Fatal(err)
		}
		said := slices.ContainsFunc(steps, func(s transfer.Step) bool { return strings.Contains(s.Sentence, step.says) })
		if got := h.connection(c.ID); !said || (got.NextWorksSince != nil) != step.works {
			t.Errorf("%s: says %q: %v, the new one works since %v\n%+v", step.name, step.says, said, got.NextWorksSince, steps)
		}
		h.refusals(server, step.refusals)
	}
}
