package storage

import (
	"context"
	"errors"
	"net"
	"os"
	"sync"
	"time"
)

// How long the other end of a connection to the database may be silent. Neither driver knows a limit of its own, and the end
// of a context sends lib/pq's question for mercy to the server, but leaves what it reads waiting.
const (
	connectPatience = 15 * time.Second // until a connection can be used
	cutGrace        = 2 * time.Second  // for the answer to a statement whose context has ended

	beginPatience = 15 * time.Second // until a transaction has begun

	// What waits for the answer to one statement, whatever its context says. The roles' own limits come first.
	appPatience    = 45 * time.Second // statement_timeout is 30 s
	idPatience     = 12 * time.Second // lock_timeout is 10 s
	loaderPatience = 75 * time.Second // lock_timeout is 60 s
	longPatience   = time.Hour        // a COPY, a load's turn, a purge
	queuePatience  = 70 * time.Second
	noLimit        = time.Duration(0) // migrations
)

// A wire is a connection to the database whose other end is not waited for without end: a server that
// froze, a path that swallows everything. The errors are those of a network that failed.
type wire struct {
	net.Conn
	set *wires

	mu       sync.Mutex
	patience time.Duration
	haste    time.Duration // the same, for what is answered at once; noLimit: there is no such haste
	limit    time.Time     // after which nothing comes or goes; zero: none
	reads    wireDeadline  // what the driver wants
	writes   wireDeadline
	heard    time.Time // when the server last said something
	kept     bool      // by a transaction
}

// A wireDeadline is that of one direction.
type wireDeadline struct {
	wanted  time.Time // by the driver
	patient time.Time // of what is under way; zero: no limit
	busy    bool      // something is under way
}

// by returns when the direction ends.
func (d wireDeadline) by(limit time.Time) time.Time {
	first := limit
	for _, t := range []time.Time{d.wanted, d.patient} {
		if !t.IsZero() && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	return first
}

func newWire(conn net.Conn, set *wires, patience time.Duration) *wire {
	return &wire{Conn: conn, set: set, patience: patience, heard: time.Now()}
}

// Read waits for the server as long as patience lasts.
func (w *wire) Read(b []byte) (int, error) {
	began := w.begin(&w.reads, w.Conn.SetReadDeadline)
	n, err := w.Conn.Read(b)
	silent := w.end(&w.reads, n > 0)
	if silent && errors.Is(err, os.ErrDeadlineExceeded) {
		w.set.silent(w, began)
	}
	return n, err
}

// Write waits for the server to take what it is sent, alike.
func (w *wire) Write(b []byte) (int, error) {
	began := w.begin(&w.writes, w.Conn.SetWriteDeadline)
	n, err := w.Conn.Write(b)
	silent := w.end(&w.writes, false)
	if silent && errors.Is(err, os.ErrDeadlineExceeded) {
		w.set.silent(w, began)
	}
	return n, err
}

func (w *wire) begin(d *wireDeadline, set func(time.Time) error) (began time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	began = time.Now()
	d.busy = true
	switch {
	case w.haste != noLimit:
		d.patient = began.Add(w.haste)
	case w.patience != noLimit:
		d.patient = began.Add(w.patience)
	}
	_ = set(d.by(w.limit)) // a closed one says so when it is used
	return began
}

// end tells whether patience was at its end, or a context that the server was told of; not what the driver wanted.
func (w *wire) end(d *wireDeadline, heard bool) (silent bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	if heard {
		w.heard = now
	}
	silent = !d.patient.IsZero() && !now.Before(d.patient) || !w.limit.IsZero() && !now.Before(w.limit)
	d.patient, d.busy = time.Time{}, false
	return silent
}

// SetDeadline is the driver's, as the two others.
func (w *wire) SetDeadline(t time.Time) error {
	return errors.Join(w.SetReadDeadline(t), w.SetWriteDeadline(t))
}

// SetReadDeadline ends reading, unless patience ends before.
func (w *wire) SetReadDeadline(t time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.reads.wanted = t
	return w.Conn.SetReadDeadline(w.reads.by(w.limit))
}

// SetWriteDeadline ends writing, unless patience ends before.
func (w *wire) SetWriteDeadline(t time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.writes.wanted = t
	return w.Conn.SetWriteDeadline(w.writes.by(w.limit))
}

// endBy lets nothing come or go after a time, which zero lifts.
func (w *wire) endBy(t time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.limit = t
	_ = w.Conn.SetReadDeadline(w.reads.by(t)) // a closed one says so when it is used
	_ = w.Conn.SetWriteDeadline(w.writes.by(t))
}

// wait changes how long the server may be silent.
func (w *wire) wait(patience time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.patience = patience
}

// hasten is for a statement that is answered at once.
func (w *wire) hasten(haste time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.haste = haste
	if w.patience != noLimit {
		w.haste = min(haste, w.patience)
	}
}

// keep is told when a transaction begins.
func (w *wire) keep() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.kept = true
}

// free is told when it has ended. What hurried it hurries nobody else.
func (w *wire) free() {
	w.endBy(time.Time{})
	w.mu.Lock()
	defer w.mu.Unlock()
	w.kept = false
}

// idleSince tells whether nobody works with it and nothing was heard since a time.
func (w *wire) idleSince(t time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return !w.kept && !w.reads.busy && !w.writes.busy && w.heard.Before(t)
}

// Close ends the connection.
func (w *wire) Close() error {
	w.set.forget(w)
	return w.Conn.Close()
}

// dialWire connects.
func dialWire(ctx context.Context, network, address string) (net.Conn, error) {
	d := net.Dialer{
		Timeout: connectPatience,
		Control: giveUpSoon,
		// A way that swallows everything is noticed within half a minute, as the server notices it.
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 10 * time.Second, Interval: 5 * time.Second, Count: 3},
	}
	return d.DialContext(ctx, network, address)
}
