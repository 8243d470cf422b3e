package dropbox

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/ediport/ediport/storage"
)

// Single bytes out of order take more memory than they are, and count so.
func TestTinyPiecesOutOfOrder(t *testing.T) {
	t.Parallel()
	u := &upload{session: &session{}, limit: 1 << 40, held: map[int64][]byte{}}
	for i := int64(1); ; i++ {
		if err := u.take([]byte{1}, 2*i); err != nil {
			if !errors.Is(err, errOrder) {
				t.Error(err)
			}
			break
		}
		if i > maxHeld/heldCost {
			t.Fatalf("%d pieces are kept", i)
		}
	}
	if u.heldN > maxHeld || u.session.held != u.heldN {
		t.Errorf("%d counted, %d in the session", u.heldN, u.session.held)
	}
	u.release(u.heldN)
	if u.session.held != 0 {
		t.Errorf("%d stay counted", u.session.held)
	}
}

// A listing holds up to 10,000 names, so only some may be open at once.
func TestListingsAtOnce(t *testing.T) {
	t.Parallel()
	h := &handlers{&session{server: &Server{limits: Limits{}.withDefaults()}}}
	var open []io.Closer
	for range maxListings {
		l, err := h.list("/")
		if err != nil {
			t.Fatal(err)
		}
		open = append(open, l.(io.Closer))
	}
	if _, err := h.list("/"); !errors.Is(err, errTooManyHandles) {
		t.Errorf("one more: %v", err)
	}
	for _, l := range open {
		_, _ = l.Close(), l.Close()
	}
	if _, err := h.list("/nowhere"); !errors.Is(err, errNoSuchFile) {
		t.Errorf("no such folder: %v", err)
	}
	if h.handles != 0 || h.listings != 0 {
		t.Errorf("%d handles and %d listings stay counted", h.handles, h.listings)
	}
}

// Clients look whether a file is there before they send it. That is no refusal after which a session ends.
func TestLookingIsNoRefusal(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(c *Config) { c.Limits.Refusals = 3 })
	k := newKey(t)
	c := h.client(h.box("Tamarind", k), k)
	for i := range 5 {
		name := fmt.Sprintf("/in/%d.835", i)
		if _, err := c.Stat(name); !os.IsNotExist(err) {
			t.Fatalf("file %d: %v", i, err)
		}
		if err := put(c, name, []byte(name)); err != nil {
			t.Fatalf("file %d: %v", i, err)
		}
	}
	for range 3 {
		_ = c.Mkdir("/in/folder")
	}
	if _, err := c.Stat("/in/0.835"); err == nil {
		t.Error("the session outlives so many refusals")
	}
}

// Files that are written at once share the room of their drop box: none of them is closed, so none waits yet.
func TestUploadsAtOnceShareTheRoom(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := newKey(t)
	b := h.box("Tamarind", k, func(b *storage.DropBox) { b.MaxFileBytes, b.MaxWaitingBytes = 100_000, 150_000 })
	one, two := h.client(b, k), h.client(b, k)
	first, err := one.Create("/in/a.835")
	if err != nil {
		t.Fatal(err)
	}
	second, err := two.Create("/in/b.835")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := first.Write(randomBytes(100_000)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(second, bytes.NewReader(randomBytes(60_000))); err == nil || !strings.Contains(err.Error(), "too much waits") {
		t.Errorf("more than there is room for: %v", err)
	}
	if err := second.Close(); err == nil {
		t.Error("closing it says that all is well")
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if err := put(two, "/in/b.835", randomBytes(50_000)); err != nil {
		t.Errorf("what there is room for: %v", err)
	}
	h.holds(2, 0)
	h.eventually("nothing counts as being written", func() bool {
		h.server.mu.Lock()
		defer h.server.mu.Unlock()
		return len(h.server.writing) == 0
	})
}

// A sweep that was not committed takes no bytes: their rows are there still.
func TestSweepTakesBytesAfterItsCommit(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := newKey(t)
	c := h.client(h.box("Tamarind", k), k)
	if err := put(c, "/in/a.part", []byte("staged")); err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{
		`UPDATE dropbox_file SET at = at - interval '2 days'`,
		`CREATE FUNCTION no_commit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no commit'; END $$`,
		`CREATE CONSTRAINT TRIGGER no_commit AFTER DELETE ON dropbox_file DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION no_commit()`,
	} {
		if _, err := h.owner.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	h.server.sweep()
	h.holds(0, 1)
	if _, err := h.owner.ExecContext(t.Context(), `DROP TRIGGER no_commit ON dropbox_file`); err != nil {
		t.Fatal(err)
	}
	h.server.sweep()
	h.holds(0, 0)
}

// A client that does not close a channel of which SFTP is over may go on sending, and opens no other in its place.
func TestChannelsHoldTheirPlaceUntilTheClientClosesThem(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		x := &session{server: &Server{limits: Limits{}.withDefaults()}}
		requests, done := make(chan *ssh.Request), make(chan struct{})
		go func() { x.channel(ended{}, requests); close(done) }()
		requests <- &ssh.Request{Type: "subsystem", Payload: ssh.Marshal(struct{ Name string }{"sftp"})}
		synctest.Wait() // SFTP is over, for the client sends no more; but it has not closed the channel
		select {
		case <-done:
			t.Error("its place is free, and it may send all the same")
		default:
		}
		select {
		case requests <- &ssh.Request{Type: "keepalive@openssh.com"}:
		case <-time.After(limit):
			t.Error("what the client sends is not taken any more")
		}
		close(requests)
		<-done
	})
}

// ended is a channel whose other side sends no more.
type ended struct{ ssh.Channel }

func (ended) Read([]byte) (int, error)    { return 0, io.EOF }
func (ended) Write(b []byte) (int, error) { return len(b), nil }
func (ended) Close() error                { return nil }

func (ended) SendRequest(string, bool, []byte) (bool, error) { return true, nil }

// Scanners from ever other addresses do not fill the audit: so many events a minute, and how many there were besides.
func TestStrangersDoNotFillTheAudit(t *testing.T) {
	t.Parallel()
	c := &clock{now: time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)}
	g := newGuard(Limits{}.withDefaults(), c.Now)
	events := 0
	for range 1000 {
		if event, _ := g.stranger(); event {
			events++
		}
	}
	if events != mostStrange {
		t.Errorf("%d events, want %d", events, mostStrange)
	}
	c.advance(time.Minute)
	for _, want := range []int{1000 - mostStrange, 0} {
		if event, omitted := g.stranger(); !event || omitted != want {
			t.Errorf("a minute later: %v and %d omitted, want %d", event, omitted, want)
		}
	}
}
