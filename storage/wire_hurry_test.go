package storage

import (
	"context"
	"errors"
	"net"
	"os"
	"testing"
	"time"
)

// Whoever is in a hurry learns nothing of the database: other connections stay as they are.
func TestAHurryClosesNoOtherConnection(t *testing.T) {
	t.Parallel()
	set := newWires(openTestDB(t).log)
	hurried, other := testWire(t, set), testWire(t, set)
	hurried.endBy(time.Now())
	if _, err := hurried.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("err = %v, want that of a time that is up", err)
	}
	if err := other.SetReadDeadline(time.Time{}); err != nil {
		t.Errorf("the other connection: %v", err)
	}
	// One that was silent for long says something of those that nobody heard of as long.
	other.heard = time.Now().Add(-2 * time.Hour)
	set.silent(hurried, time.Now().Add(-time.Hour))
	if err := other.SetReadDeadline(time.Time{}); !errors.Is(err, net.ErrClosed) {
		t.Errorf("err = %v, want that of a closed connection", err)
	}
}

func testWire(t *testing.T, set *wires) *wire {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = conn.Close(), theirs.Close() })
	return set.add(newWire(conn, set, time.Minute))
}

// A context that ends while a transaction begins costs at most its own connection, and closing a pool of which a
// connection was given up is no error.
func TestAPoolOutlivesItsConnections(t *testing.T) {
	t.Parallel()
	db := openTestDB(t)
	pool, err := db.openPool(db.DirectURL(), 4, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	for range 200 {
		ctx, cancel := context.WithCancel(t.Context())
		go cancel()
		if tx, err := pool.BeginTxx(ctx, nil); err == nil {
			_ = tx.Rollback() // its context may have done so
		}
		var one int
		if err := pool.GetContext(t.Context(), &one, `SELECT 1`); err != nil {
			t.Fatalf("after a hurry: %v", err)
		}
	}
	conn, err := pool.Connx(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	err = conn.Raw(func(c any) error { return c.(*session).wire.Close() })
	if err := errors.Join(err, conn.Close()); err != nil {
		t.Fatal(err)
	}
	if err := pool.Close(); err != nil {
		t.Errorf("closing: %v", err)
	}
}
