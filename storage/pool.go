package storage

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"log/slog"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// openPool turns binary_parameters on: one round trip for each query, and nothing that a pooler in
// transaction mode would lose. Patience is how long the answer to a statement may take.
func (db *DB) openPool(dsn string, maxConnections int, patience time.Duration) (*sqlx.DB, error) {
	dsn, err := withParameters(dsn, db.session)
	if err != nil {
		return nil, err
	}
	cfg, err := pq.NewConfig(dsn)
	if err != nil {
		return nil, errors.New("storage: a database URL can't be read") // the error would quote the password
	}
	pool := sql.OpenDB(&connector{cfg: cfg, wires: db.wiresTo(cfg), patience: patience})
	pool.SetMaxOpenConns(maxConnections)
	pool.SetMaxIdleConns(maxConnections)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	return sqlx.NewDb(pool, "postgres"), nil
}

func withParameters(dsn, session string) (string, error) {
	if !strings.HasPrefix(dsn, "postgres://") && !strings.HasPrefix(dsn, "postgresql://") {
		return dsn + " binary_parameters=yes application_name=" + session, nil // the last one counts
	}
	u, err := url.Parse(dsn)
	if err != nil {
		return "", errors.New("storage: a database URL can't be read")
	}
	q := u.Query()
	q.Set("binary_parameters", "yes")
	q.Set("application_name", session)
	u.RawQuery = q.Encode()
	return u.String(), nil
}

// A connector makes a pool's connections, each on a wire.
type connector struct {
	cfg      pq.Config
	wires    *wires
	patience time.Duration
}

// Driver is asked for by database/sql.
func (c *connector) Driver() driver.Driver { return &pq.Driver{} }

// Connect opens a connection. Its dialer is its own: what it dials once the connection stands asks the server
// to cancel the statement on it.
func (c *connector) Connect(ctx context.Context) (driver.Conn, error) {
	opening, err := pq.NewConnectorConfig(c.cfg.Clone())
	if err != nil {
		return nil, errors.New("storage: a database URL can't be used")
	}
	d := &wireDialer{connector: c, by: time.Now().Add(connectPatience)}
	if deadline, ok := ctx.Deadline(); ok && deadline.Before(d.by) {
		d.by = deadline
	}
	opening.Dialer(d)
	stop := context.AfterFunc(ctx, d.hurry)
	conn, err := opening.Connect(ctx)
	stop()
	if err != nil {
		return nil, err
	}
	able, ok := conn.(pqConn)
	if !ok {
		return nil, errors.Join(errors.New("storage: the driver's connection can do less than it could"), conn.Close())
	}
	return &session{pqConn: able, wire: d.stands()}, nil
}

// A wireDialer dials for one connection.
type wireDialer struct {
	connector *connector
	by        time.Time // when the connection must stand

	mu     sync.Mutex
	wire   *wire // the last one dialed, before the connection stood
	stood  bool
	ending bool // its context ended before
}

// Dial, DialTimeout and DialContext make it a dialer of the driver's.
func (d *wireDialer) Dial(network, address string) (net.Conn, error) {
	return d.DialContext(context.Background(), network, address)
}

// DialTimeout is not called where DialContext is there.
func (d *wireDialer) DialTimeout(network, address string, timeout time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	return d.DialContext(ctx, network, address)
}

// DialContext connects, or, once the connection stands, hurries it up, too.
func (d *wireDialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	d.mu.Lock()
	stood, by := d.stood, d.by
	d.mu.Unlock()
	if stood {
		by = time.Now().Add(connectPatience)
		d.hurry()
	}
	conn, err := dialWire(ctx, network, address)
	if err != nil {
		return nil, err
	}
	set := d.connector.wires
	w := set.add(newWire(conn, set, d.connector.patience))
	w.endBy(by)
	if stood {
		return w, nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.wire = w
	if d.ending {
		w.endBy(time.Now())
	}
	return w, nil
}

// hurry leaves what is under way a short while.
func (d *wireDialer) hurry() {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case !d.stood:
		d.ending = true
		if d.wire != nil {
			d.wire.endBy(time.Now())
		}
	default:
		d.wire.endBy(time.Now().Add(cutGrace))
	}
}

// stands is told when the connection can be used.
func (d *wireDialer) stands() *wire {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.stood = true
	if !d.ending {
		d.wire.endBy(time.Time{})
	}
	return d.wire
}

// wiresTo are those of all pools that lead to the same place.
func (db *DB) wiresTo(cfg pq.Config) *wires {
	place := net.JoinHostPort(cfg.Host, strconv.Itoa(int(cfg.Port)))
	known, _ := db.wires.LoadOrStore(place, newWires(db.log))
	return known.(*wires)
}

// wires are connections that lead to the same place.
type wires struct {
	log *slog.Logger

	mu   sync.Mutex
	open map[*wire]bool
}

func newWires(log *slog.Logger) *wires { return &wires{log: log, open: map[*wire]bool{}} }

func (s *wires) add(w *wire) *wire {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open[w] = true
	return w
}

func (s *wires) forget(w *wire) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, w)
}

// silent is told of a wire on which nothing has been heard since a time. Others that nobody works with and that
// were silent as long are closed: who took one would wait again, while a closed one is replaced at once.
func (s *wires) silent(w *wire, since time.Time) {
	if time.Since(since) < cutGrace {
		return // somebody was in a hurry, it says nothing of the database
	}
	s.log.Warn("the database did not answer, the connection is closed", "silent", time.Since(since).Round(time.Millisecond))
	s.mu.Lock()
	var idle []*wire
	for other := range s.open {
		if other != w && other.idleSince(since) {
			idle = append(idle, other)
		}
	}
	s.mu.Unlock()
	for _, other := range idle {
		_ = other.Close() // its user learns of it
	}
}

// A session is the driver's connection, with its wire.
type session struct {
	pqConn
	wire *wire
}

// pqConn is what the driver's connection can do.
type pqConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.NamedValueChecker
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// BeginTx is answered at once, if at all, wherever the transaction leads; only a pooler may let it wait for a session. A
// connection that does not answer is given up, for the pool to try another: nothing has been done yet.
func (s *session) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	s.wire.hasten(beginPatience)
	defer s.wire.hasten(noLimit)
	hurried := make(chan struct{})
	stop := context.AfterFunc(ctx, func() { // the driver heeds the context from then on only
		defer close(hurried)
		s.wire.endBy(time.Now().Add(cutGrace))
	})
	tx, err := s.pqConn.BeginTx(ctx, opts)
	if !stop() {
		<-hurried
	}
	switch {
	case err == nil:
		s.wire.keep()
		return &sessionTx{tx, s.wire}, nil
	case errors.Is(err, os.ErrDeadlineExceeded) && ctx.Err() == nil:
		return nil, driver.ErrBadConn
	default:
		return nil, err
	}
}

// Close ends the session. One that was closed because the database did not answer has ended.
func (s *session) Close() error {
	if err := s.pqConn.Close(); !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}

// A sessionTx is the driver's transaction.
type sessionTx struct {
	driver.Tx
	wire *wire
}

// Commit ends it.
func (t *sessionTx) Commit() error {
	defer t.wire.free()
	return t.Tx.Commit()
}

// Rollback ends it.
func (t *sessionTx) Rollback() error {
	defer t.wire.free()
	return t.Tx.Rollback()
}

// waitLong is for statements that may take as long as a file: their answers are waited for for an hour.
func (t *LoadTx) waitLong() {
	if t.settled() == nil { // else the transaction is over
		setPatience(t.conn, longPatience)
	}
}

// setPatience says how long the answer to a statement may take on a connection.
func setPatience(conn *sqlx.Conn, patience time.Duration) {
	// A connection that is closed meanwhile needs no patience.
	_ = conn.Raw(func(c any) error {
		if s, ok := c.(*session); ok {
			s.wire.wait(patience)
		}
		return nil
	})
}
