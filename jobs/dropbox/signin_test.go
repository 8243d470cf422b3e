package dropbox

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/ediport/ediport/jobs"
	"github.com/ediport/ediport/storage"
)

// An unknown user, a wrong key, a wrong address, a paused and a deleted drop box get the same answer, and passwords are not asked for.
func TestRefusedSignIns(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k, wrong := newKey(t), newKey(t)
	open := h.box("Tamarind", k)
	elsewhere := h.box("Quillai", k, func(b *storage.DropBox) { b.Sources = []string{"192.0.2.0/24", "2001:db8::/32"} })
	here := h.box("Cedar", k, func(b *storage.DropBox) { b.Sources = []string{"192.0.2.1", "127.0.0.1"} })
	paused, gone := h.box("Paused", k), h.box("Gone", k)
	ctx := t.Context()
	if err := errors.Join(h.desk.PauseDropBox(ctx, h.scope, paused.ID, "moving"), h.desk.DeleteDropBox(ctx, h.scope, gone.ID)); err != nil {
		t.Fatal(err)
	}
	for _, fine := range []*storage.DropBox{open, here} {
		if conn, err := h.dial(fine.Username, k); err != nil {
			t.Errorf("%s: %v", fine.Name, err)
		} else {
			_ = conn.Close()
		}
	}
	answers := map[string]bool{}
	for what, try := range map[string]struct {
		user string
		key  key
	}{
		"an unknown user": {"nobody-abcdefgh", k}, "an odd user": {strings.Repeat("x", 3000), k}, "bytes": {"\xff\x00", k}, "nothing": {"", k},
		"a wrong key": {open.Username, wrong}, "a wrong address": {elsewhere.Username, k}, "a paused one": {paused.Username, k}, "a deleted one": {gone.Username, k},
	} {
		conn, err := h.dial(try.user, try.key)
		if err == nil {
			_ = conn.Close()
			t.Fatalf("%s was let in", what)
		}
		answers[err.Error()] = true
	}
	if len(answers) != 1 {
		t.Errorf("the answers differ: %v", answers)
	}
	_, err := ssh.Dial("tcp", h.server.Addr().String(), &ssh.ClientConfig{
		User: open.Username, Auth: []ssh.AuthMethod{ssh.Password("secret")}, HostKeyCallback: ssh.InsecureIgnoreHostKey(), //nolint:gosec // it is ours
	})
	if err == nil || !strings.Contains(err.Error(), "attempted methods [none]") {
		t.Errorf("a password: %v, want that nobody asks for one", err)
	}
	h.eventually("all refusals are in the audit", func() bool {
		return h.number(`SELECT count(*) FROM audit_event WHERE action = 'dropbox.refused' AND result = 'denied' AND address = '127.0.0.1'`) == 8
	})
	if n := h.number(`SELECT count(*) FROM audit_event WHERE action = 'dropbox.refused' AND object_id IS NULL AND operator_id = 0`); n != 5 {
		t.Errorf("%d events name nobody, want 5", n)
	}
	if n := h.number(`SELECT count(*) FROM audit_event WHERE action = 'dropbox.signed_in'`); n != 2 {
		t.Errorf("%d events of sign-ins, want 2", n)
	}
}

// An address that fails too often is shut out, for a while and by itself.
func TestBan(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(c *Config) { c.Limits.Failures = 3 })
	k, wrong := newKey(t), newKey(t)
	b := h.box("Tamarind", k)
	for range 3 {
		if _, err := h.dial(b.Username, wrong); err == nil {
			t.Fatal("let in")
		}
	}
	h.eventually("the ban is in the audit", func() bool {
		return h.number(`SELECT count(*) FROM audit_event WHERE action = 'dropbox.banned' AND address = '127.0.0.1'`) == 1
	})
	if _, err := h.dial(b.Username, k); err == nil {
		t.Error("the banned address was let in")
	}
	h.clock.advance(16 * time.Minute)
	conn, err := h.dial(b.Username, k)
	if err != nil {
		t.Fatalf("after the ban: %v", err)
	}
	_ = conn.Close()
}

func TestGuard(t *testing.T) {
	t.Parallel()
	c := &clock{now: time.Unix(1_800_000_000, 0)}
	g := newGuard(Limits{Failures: 2, PerAddress: 3, PerShaking: 2}.withDefaults(), c.Now)
	a, b := neighbourhood(netip.MustParseAddr("2001:db8::1")), neighbourhood(netip.MustParseAddr("2001:db8::ffff:2"))
	if a != b {
		t.Error("two addresses of one network count apart")
	}
	if neighbourhood(netip.MustParseAddr("::ffff:192.0.2.1")) != netip.MustParsePrefix("192.0.2.1/32") {
		t.Error("an address has two forms")
	}
	if g.failed(a) || !g.failed(a) || g.admit(a) != outcomeBanned {
		t.Error("two failures do not ban")
	}
	other := neighbourhood(netip.MustParseAddr("192.0.2.1"))
	c.advance(-time.Minute)
	if g.failed(other) {
		t.Error("one failure bans")
	}
	c.advance(11 * time.Minute)
	if g.failed(other) {
		t.Error("a failure of long ago counts")
	}
	for i, want := range []string{"", "", outcomeFull} {
		if got := g.admit(other); got != want {
			t.Errorf("handshake %d from one address: %q, want %q", i+1, got, want)
		}
	}
	g.shaken(other)
	g.shaken(other)
	if g.admit(other) != "" || g.admit(other) != outcomeFull {
		t.Error("more than three connections from one address")
	}
	for range 3 {
		g.gone(other)
	}
	g.shaken(other)
	if g.total != 0 || g.shakes != 0 || len(g.open) != 0 || len(g.shaking) != 0 {
		t.Errorf("what ended is still counted: %d, %d", g.total, g.shakes)
	}
}

// Handshakes that go on for ever are ended, and keep nobody else out who comes from another place.
func TestSlowHandshakes(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(c *Config) { c.Limits.Handshake = 300 * time.Millisecond })
	var slow []net.Conn
	for range 5 {
		conn, err := net.Dial("tcp", h.server.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		slow = append(slow, conn)
	}
	h.eventually("they shake hands", func() bool {
		h.server.guard.mu.Lock()
		defer h.server.guard.mu.Unlock()
		return h.server.guard.shakes == 5 || h.server.guard.shakes == 0
	})
	for _, conn := range slow {
		_ = conn.SetReadDeadline(time.Now().Add(limit))
		if _, err := io.Copy(io.Discard, bufio.NewReader(conn)); errors.Is(err, os.ErrDeadlineExceeded) {
			t.Error("it waits for ever")
		}
	}
	h.eventually("they count no more", func() bool {
		h.server.guard.mu.Lock()
		defer h.server.guard.mu.Unlock()
		return h.server.guard.shakes == 0 && h.server.guard.total == 0
	})
	k := newKey(t)
	patient := newHouse(t) // with the usual limits, which a busy machine keeps
	patient.client(patient.box("Tamarind", k), k)
}

// Sessions end when their drop box is paused or deleted, their key is taken away, or their address is not allowed any more.
func TestSessionsEnd(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for what, change := range map[string]func(context.Context, *storage.DropBox, key) error{
		"paused": func(ctx context.Context, b *storage.DropBox, _ key) error {
			return h.desk.PauseDropBox(ctx, h.scope, b.ID, "")
		},
		"deleted": func(ctx context.Context, b *storage.DropBox, _ key) error {
			return h.desk.DeleteDropBox(ctx, h.scope, b.ID)
		},
		"key removed": func(ctx context.Context, b *storage.DropBox, k key) error {
			return h.desk.RemoveDropBoxKey(ctx, h.scope, b.ID, ssh.FingerprintSHA256(k.signer.PublicKey()))
		},
		"address": func(ctx context.Context, b *storage.DropBox, _ key) error {
			b.Sources = []string{"192.0.2.7"}
			b.Version = h.number(`SELECT version FROM dropbox WHERE id = $1`, b.ID)
			return h.desk.ChangeDropBox(ctx, h.scope, b)
		},
	} {
		k := newKey(t)
		b := h.box(what, k)
		conn, err := h.dial(b.Username, k)
		if err != nil {
			t.Fatal(err)
		}
		f, err := sftpOf(t, conn).Create("/in/a.835")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte("half")); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- conn.Wait() }()
		if err := change(t.Context(), b, k); err != nil {
			t.Fatal(err)
		}
		select {
		case <-ended:
		case <-time.After(limit):
			t.Errorf("%s: the session goes on", what)
		}
	}
	h.eventually("nothing is left", func() bool { return h.blobs() == 0 })
	h.holds(0, 0)
}

// A session goes on, by the settings of now, where nothing about it changed but those.
func TestSessionsGoByTheSettingsOfNow(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k, next := newKey(t), newKey(t)
	b := h.box("Tamarind", k)
	c := h.client(b, k)
	if err := h.desk.AddDropBoxKey(t.Context(), h.scope, b.ID, next.public); err != nil {
		t.Fatal(err)
	}
	b.MaxFileBytes, b.Version = 10, h.number(`SELECT version FROM dropbox`)
	if err := h.desk.ChangeDropBox(t.Context(), h.scope, b); err != nil {
		t.Fatal(err)
	}
	h.eventually("the limit is that of now", func() bool { return put(c, "/in/a.part", randomBytes(11)) != nil })
	h.client(b, next)
}

// So many sessions of one drop box, and no more.
func TestSessionsOfOneDropBox(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(c *Config) { c.Limits.PerBox = 2 })
	k, other := newKey(t), newKey(t)
	b := h.box("Tamarind", k)
	h.client(b, k)
	h.client(b, k)
	conn, err := h.dial(b.Username, k)
	if err == nil {
		defer conn.Close()
		if _, err = conn.NewSession(); err == nil {
			t.Error("a third session")
		}
	}
	h.client(h.box("Quillai", other), other)
}

// Several nodes show one host key, which the database holds sealed.
func TestOneHostKey(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	second, err := Start(t.Context(), h.config())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = second.Stop(context.Background()) }()
	if second.Fingerprint() != h.server.Fingerprint() {
		t.Error("two nodes show two host keys")
	}
	public, err := HostKey(t.Context(), h.db, h.ring)
	if err != nil || ssh.FingerprintSHA256(public) != h.server.Fingerprint() {
		t.Errorf("the public half: %v", err)
	}
}

// What can't be a drop box is refused by field, and a private key never stands in the answer.
func TestDropBoxesAreChecked(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := newKey(t)
	private, err := os.ReadFile(k.file)
	if err != nil {
		t.Fatal(err)
	}
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	weak, err := ssh.NewPublicKey(small.Public())
	if err != nil {
		t.Fatal(err)
	}
	for what, try := range map[string]struct {
		box  storage.DropBox
		key  string
		want string
	}{
		"no name":       {storage.DropBox{}, k.public, "name:"},
		"a user":        {storage.DropBox{Name: "a", Username: "Has Blanks"}, k.public, "username:"},
		"a network":     {storage.DropBox{Name: "a", Sources: []string{"10.0.0.0/99"}}, k.public, "sources:"},
		"waiting":       {storage.DropBox{Name: "a", MaxFileBytes: 100, MaxWaitingBytes: 99}, k.public, "max_waiting_bytes:"},
		"a private key": {storage.DropBox{Name: "a"}, string(private), "keys: number 1: that is a private key"},
		"no key":        {storage.DropBox{Name: "a"}, "ssh-ed25519 nonsense", "keys: number 1: it can't be read"},
		"options":       {storage.DropBox{Name: "a"}, `from="10.0.0.1" ` + k.public, "keys: number 1: options"},
		"a weak key":    {storage.DropBox{Name: "a"}, string(ssh.MarshalAuthorizedKey(weak)), "keys: number 1: an RSA key"},
	} {
		err := h.desk.AddDropBox(t.Context(), h.scope, &try.box, []string{try.key})
		if !errors.Is(err, jobs.ErrDropBox) || !strings.Contains(fmt.Sprint(err), try.want) || strings.Contains(fmt.Sprint(err), "b3BlbnNzaC1rZXkt") {
			t.Errorf("%s: %v", what, err)
		}
	}
	one := h.box("Tamarind & Co", k)
	if !strings.HasPrefix(one.Username, "tamarind-co-") || len(one.Username) != len("tamarind-co-")+8 {
		t.Errorf("the user is %q", one.Username)
	}
	two := &storage.DropBox{Name: "Other", Username: one.Username}
	if err := h.desk.AddDropBox(t.Context(), h.scope, two, nil); !errors.Is(err, storage.ErrConflict) {
		t.Errorf("a user twice: %v", err)
	}
}

// A forger shows the key of somebody else, and signs with his own.
type forger struct {
	ssh.Signer
	shown ssh.PublicKey
}

func (f forger) PublicKey() ssh.PublicKey { return f.shown }

// A signature that another key made is a refused sign-in like others: counted, and recorded with the drop box.
func TestForgedSignatures(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(c *Config) { c.Limits.Failures = 2 })
	k := newKey(t)
	b := h.box("Tamarind", k)
	forged := k
	forged.signer = forger{newKey(t).signer, k.signer.PublicKey()}
	for range 2 {
		if conn, err := h.dial(b.Username, forged); err == nil {
			_ = conn.Close()
			t.Fatal("signed in with somebody else's key")
		}
	}
	h.eventually("both are recorded, and the ban", func() bool {
		return h.number(`SELECT count(*) FROM audit_event WHERE action = 'dropbox.refused' AND object_id = $1`, b.ID) == 2 &&
			h.number(`SELECT count(*) FROM audit_event WHERE action = 'dropbox.banned'`) == 1
	})
	if _, err := h.dial(b.Username, k); err == nil {
		t.Error("the address is not shut out")
	}
}
