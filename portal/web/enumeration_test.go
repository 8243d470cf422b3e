package web_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/accounts/accountstest/covers"
	"github.com/ediport/ediport/fixtures"
	"github.com/ediport/ediport/portal/walktest"
	"github.com/ediport/ediport/portal/web/webtest"
	"github.com/ediport/ediport/storage"
)

// A tap stands between a database's clients and its server, and writes down the statements that pass.
type tap struct {
	t      *testing.T
	server string // socket
	mu     sync.Mutex
	said   []string
}

var hostOf = regexp.MustCompile(`host='?([^' ]+)'?`)

// newTap returns a tap on the server of a DSN, and what makes a DSN go through it.
func newTap(t *testing.T, dsn string) (*tap, func(dsn string) string) {
	t.Helper()
	m := hostOf.FindStringSubmatch(dsn)
	if m == nil {
		t.Fatal("the DSN names no folder of a socket")
	}
	sockets, err := filepath.Glob(filepath.Join(m[1], ".s.PGSQL.*[0-9]"))
	if err != nil || len(sockets) != 1 {
		t.Fatalf("%d sockets are there (%v), want one", len(sockets), err)
	}
	dir, err := os.MkdirTemp("", "tap") // t.TempDir's path is too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	l, err := net.Listen("unix", filepath.Join(dir, filepath.Base(sockets[0]))) //nolint:noctx // ends with the test
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	p := &tap{t: t, server: sockets[0]}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go p.pass(c)
		}
	}()
	return p, func(dsn string) string { return strings.Replace(dsn, m[1], dir, 1) }
}

func (p *tap) pass(client net.Conn) {
	server, err := net.Dial("unix", p.server) //nolint:noctx // ends with the test
	if err != nil {
		_ = client.Close()
		return
	}
	go func() { _, _ = io.Copy(client, server); _ = client.Close() }()
	defer server.Close() //nolint:errcheck // the connection's end
	for first := true; ; first = false {
		head := make([]byte, 5)
		if first {
			head = head[1:] // the start has no letter
		}
		if _, err := io.ReadFull(client, head); err != nil {
			return
		}
		body := make([]byte, binary.BigEndian.Uint32(head[len(head)-4:])-4)
		if _, err := io.ReadFull(client, body); err != nil {
			return
		}
		if !first {
			p.note(head[0], body)
		}
		if _, err := server.Write(append(head, body...)); err != nil {
			return
		}
	}
}

// note writes a statement down: of Parse its text stands behind a name, of Query alone.
func (p *tap) note(kind byte, body []byte) {
	parts := bytes.Split(body, []byte{0})
	text := ""
	switch {
	case kind == 'Q' && len(parts) > 0:
		text = string(parts[0])
	case kind == 'P' && len(parts) > 1:
		text = string(parts[1])
	}
	if text == "" || strings.Contains(text, "id_block") { // blocks of ids are fetched now and then
		return
	}
	if text == "ROLLBACK" {
		text = "COMMIT" // a read that finds nothing ends this way: as many trips, and nothing to write either way
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.said = append(p.said, strings.Join(strings.Fields(text), " "))
}

// take returns what was said since the last time.
func (p *tap) take() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	said := p.said
	p.said = nil
	return said
}

// tapped returns a site whose requests go through a tap. It has the fixtures' account with a biller.
func tapped(t *testing.T) (*webtest.Site, *tap) {
	t.Helper()
	s := webtest.New(t) // its own server isn't asked
	through, by := newTap(t, s.LoaderDSN)
	as := func(role string) string { return strings.Replace(by(s.LoaderDSN), storage.LoaderRole, role, 1) }
	var key [32]byte
	copy(key[:], "a key for tests, known to all ...")
	db, err := storage.Open(storage.Config{
		OwnerURL: as("ediport"), LoaderURL: as(storage.LoaderRole), AppURL: as(storage.AppRole),
		MaxConnections: 5, IDKeys: [][32]byte{key}, CursorKeys: [][32]byte{key}, Clock: s.Clock,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	s.DB = db
	s.With(t, func(o *accounts.Options) { o.DB = db })
	err = db.InSystem(t.Context(), storage.Actor{Kind: storage.ActorCLI}, func(tx *storage.Tx) error {
		return tx.AddIdentifier(t.Context(), s.Operator, storage.Identifier{Account: s.Account, Kind: "npi", Value: fixtures.AccountANPI})
	})
	if err != nil {
		t.Fatal(err)
	}
	return webtest.In(t, s.World), through
}

// TestKnownAndUnknownCostTheSame sends what a stranger may send about a name that exists and about one that doesn't,
// and compares the answers, the hashes computed and the statements that the database was sent.
func TestKnownAndUnknownCostTheSame(t *testing.T) {
	t.Parallel()
	covers.Rows(t, "A17", "S10", "S14")
	for _, c := range []struct {
		rule           string
		path           string
		known, unknown []string
		hashes         int64
	}{
		{"signing in", "/sign-in", []string{"username", "Bea.Biller", "password", "wrong"}, []string{"username", "Nob.Nobody", "password", "wrong"}, 1},
		{"signing in by e-mail", "/sign-in", []string{"username", "bea.biller@example.org", "password", "wrong"}, []string{"username", "nobody.at.all@example.org", "password", "wrong"}, 1},
		{"recovering a password", "/recover/password", []string{"name", "Bea.Biller", "identifier", fixtures.AccountANPI}, []string{"name", "Nob.Nobody", "identifier", fixtures.AccountANPI}, 0},
		{"recovering with a wrong proof", "/recover/password", []string{"name", "Bea.Biller", "identifier", fixtures.AccountBNPI}, []string{"name", "Nob.Nobody", "identifier", fixtures.AccountBNPI}, 0},
		{"recovering a user id", "/recover/user-id", []string{"email", "bea.biller@example.org"}, []string{"email", "nobody.at.all@example.org"}, 0},
	} {
		t.Run(c.rule, func(t *testing.T) {
			t.Parallel()
			s, through := tapped(t)
			ask := func(pairs []string) (webtest.Answer, []string, int64) {
				through.take()
				before := s.Accounts.Hasher().Computed()
				a := s.Client(t).Post(c.path, pairs...)
				return a, through.take(), s.Accounts.Hasher().Computed() - before
			}
			ask(append(slices.Clone(c.unknown[:1]), append([]string{"first.of.all@example.org"}, c.unknown[2:]...)...)) // opens connections, fills caches
			unknown, unknownSaid, unknownHashes := ask(c.unknown)
			known, knownSaid, knownHashes := ask(c.known)
			if known.Status != unknown.Status || known.Location != unknown.Location ||
				walktest.Comparable(known.Body, c.known[1]) != walktest.Comparable(unknown.Body, c.unknown[1]) {
				t.Errorf("a known name is answered %d to %q, an unknown one %d to %q, or with another page", known.Status, known.Location, unknown.Status, unknown.Location)
			}
			if knownHashes != c.hashes || unknownHashes != c.hashes {
				t.Errorf("%d hashes for a known name, %d for an unknown one, want %d", knownHashes, unknownHashes, c.hashes)
			}
			if len(knownSaid) == 0 {
				t.Fatal("the tap heard nothing")
			}
			if !slices.Equal(knownSaid, unknownSaid) {
				t.Errorf("the statements differ: %d for a known name, %d for an unknown one", len(knownSaid), len(unknownSaid))
				for i := range min(len(knownSaid), len(unknownSaid)) {
					if knownSaid[i] != unknownSaid[i] {
						t.Fatalf("number %d for a known name:\n%s\nfor an unknown one:\n%s", i+1, knownSaid[i], unknownSaid[i])
					}
				}
			}
		})
	}
}
