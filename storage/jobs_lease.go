package storage

import (
	"context"
	"database/sql/driver"
	"fmt"
	"sync"
	"time"

	"github.com/jmoiron/sqlx"
)

// A Lease is a role that one process of all plays: an advisory lock on a connection of its own that
// goes around a pooler. The lock ends with the connection. It is safe for several goroutines.
type Lease struct {
	pool *sqlx.DB
	key  int64

	mu   sync.Mutex
	conn *sqlx.Conn // holds the lock, or nil
}

// leasePatience bounds how long the question "am I still the one?" may take.
const leasePatience = 5 * time.Second

// A holder whose machine is cut off must not keep the lock until TCP gives up by itself, nor behind a
// proxy that keeps its own side open: one that does not ask for ten seconds has lost the lease. By
// then it has got no answer for longer than leasePatience, and knows.
const leaseSession = `
SELECT set_config('tcp_keepalives_idle', '4', false), set_config('tcp_keepalives_interval', '2', false),
	set_config('tcp_keepalives_count', '3', false), set_config('statement_timeout', '5s', false),
	set_config('idle_session_timeout', '10s', false)`

// Lease returns the lease of a key. Close it.
func (db *DB) Lease(key int64) (*Lease, error) {
	pool, err := db.openPool(db.DirectURL(), 1, loaderPatience)
	if err != nil {
		return nil, err
	}
	return &Lease{pool: pool, key: key}, nil
}

// Hold tells whether this process has the lease, taking it if it is free. It asks the database each
// time: a connection that broke has lost the lock. An error means no.
func (l *Lease) Hold(ctx context.Context) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, leasePatience)
	defer cancel()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conn != nil {
		var one int
		if err := l.conn.GetContext(ctx, &one, `SELECT 1`); err == nil {
			return true, nil
		}
		l.drop()
	}
	return l.take(ctx)
}

func (l *Lease) take(ctx context.Context) (bool, error) {
	conn, err := l.pool.Connx(ctx)
	if err != nil {
		return false, fmt.Errorf("storage: lease: %w", cleanError(err))
	}
	l.conn = conn
	var held bool
	if _, err = conn.ExecContext(ctx, leaseSession); err == nil {
		err = conn.GetContext(ctx, &held, `SELECT pg_try_advisory_lock($1)`, l.key)
	}
	if err != nil {
		l.drop()
		return false, fmt.Errorf("storage: lease: %w", cleanError(err))
	}
	if !held {
		l.conn = nil
		return false, conn.Close() // back to the pool: nothing is held
	}
	return true, nil
}

// drop ends the session for good, so that a lock it may still hold is not handed on through the pool.
func (l *Lease) drop() {
	_ = l.conn.Raw(func(any) error { return driver.ErrBadConn }) // the pool closes a bad connection
	_ = l.conn.Close()
	l.conn = nil
}

// Release gives the lease up, if it is held.
func (l *Lease) Release() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conn != nil {
		l.drop()
	}
}

// Close gives the lease up and closes its pool.
func (l *Lease) Close() error {
	l.Release()
	return l.pool.Close()
}
