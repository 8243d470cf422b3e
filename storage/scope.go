package storage

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
)

// An ActorKind says what acts.
type ActorKind string

// The kinds of actors.
const (
	ActorUser      ActorKind = "user"
	ActorToken     ActorKind = "token"
	ActorJob       ActorKind = "job"
	ActorCLI       ActorKind = "cli"
	ActorSystem    ActorKind = "system"
	ActorAnonymous ActorKind = "anonymous"
)

// An Actor is who acts in a transaction; it stands in the audit.
type Actor struct {
	Kind    ActorKind
	ID      int64  // of the user, token or run; 0 if it has none
	Address string // where the request came from, "" if not over a network
	Request string // correlation id, "" if there is none

	// Once makes what the actor does next happen at most once; nil: it may repeat.
	Once *Once
}

// A Scope is for whom a transaction is made. What it does not name, the transaction does not see.
type Scope struct {
	// Operator, if not 0, opens the operator's exchange plane.
	Operator OperatorID
	// Accounts are those whose business plane is open. A billing service has several.
	Accounts []AccountID
	// Home is the operator whose payers may be read by users of accounts; 0: Operator.
	Home  OperatorID
	Actor Actor

	// Masked are those of Accounts whose patients the reader may not see, MaskedPlane says the same of the
	// exchange plane. Columns of patients are read as MaskedText then, originals are refused.
	Masked      []AccountID
	MaskedPlane bool
	// Limits are the accounts of which only some providers' rows are open.
	Limits map[AccountID]RowLimit
	// BreakGlass are the accounts that are open because of an emergency, with the id of its row: what
	// is done there says so in the audit.
	BreakGlass map[AccountID]int64
}

// settings are the arguments of setScope.
func (s Scope) settings() []any {
	limited, providers := s.limits()
	plane := ""
	if s.MaskedPlane {
		plane = "yes"
	}
	return []any{idOrNothing(s.Operator), joinIDs(s.Accounts), idOrNothing(s.home()), joinIDs(s.Masked), plane, joinIDs(limited), providers}
}

func joinIDs(ids []AccountID) string {
	var b strings.Builder
	for i, a := range ids {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.FormatInt(int64(a), 10))
	}
	return b.String()
}

func (s Scope) home() OperatorID {
	if s.Home != 0 {
		return s.Home
	}
	return s.Operator
}

// A Tx is a transaction of one scope. Stores in this package query through its unexported methods,
// which return cleaned errors; others compose its exported ones.
type Tx struct {
	q     *sqlx.Tx
	db    *DB
	scope Scope
	// settle waits until the connection is free of what runs on it in the background; nil: nothing ever does.
	settle func() error
}

// settled makes sure that the connection is free for a statement.
func (t *Tx) settled() error {
	if t.settle == nil {
		return nil
	}
	return t.settle()
}

// Scope returns for whom the transaction is.
func (t *Tx) Scope() Scope { return t.scope }

// Now returns the clock's time, in UTC.
func (t *Tx) Now() time.Time { return t.db.Now() }

// NewID returns an id for a new row of the kind.
func (t *Tx) NewID(ctx context.Context, kind IDKind) (int64, error) { return t.db.ids.Next(ctx, kind) }

// get reads one row into dest; none is ErrNotFound.
func (t *Tx) get(ctx context.Context, dest any, query string, args ...any) error {
	if err := t.settled(); err != nil {
		return err
	}
	return cleanError(t.q.GetContext(ctx, dest, query, args...))
}

// list reads all rows into the slice dest points at.
func (t *Tx) list(ctx context.Context, dest any, query string, args ...any) error {
	if err := t.settled(); err != nil {
		return err
	}
	return cleanError(t.q.SelectContext(ctx, dest, query, args...))
}

// exec runs a statement and returns the number of rows it touched.
func (t *Tx) exec(ctx context.Context, query string, args ...any) (int64, error) {
	if err := t.settled(); err != nil {
		return 0, err
	}
	res, err := t.q.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, cleanError(err)
	}
	n, err := res.RowsAffected()
	return n, cleanError(err)
}

// execOne is exec for a statement that must touch exactly one row; none is ErrNotFound.
func (t *Tx) execOne(ctx context.Context, query string, args ...any) error {
	n, err := t.exec(ctx, query, args...)
	if err == nil && n == 0 {
		return ErrNotFound
	}
	return err
}

// InScope runs fn in a transaction of the application's role that sees what the scope names and
// nothing else. It commits if fn returns nil. A scope that names nobody is ErrNoScope.
func (db *DB) InScope(ctx context.Context, scope Scope, fn func(*Tx) error) error {
	if scope.Operator == 0 && len(scope.Accounts) == 0 {
		return ErrNoScope
	}
	err := db.inTx(ctx, db.app, scope, nil, fn)
	db.noteWrite(ctx, scope.Actor)
	return err
}

// InScopeRead is InScope for reading only; a write in it is an error. Where [PreferReplica] allows it,
// it reads the replica.
func (db *DB) InScopeRead(ctx context.Context, scope Scope, fn func(*Tx) error) error {
	if scope.Operator == 0 && len(scope.Accounts) == 0 {
		return ErrNoScope
	}
	if db.mayReadReplica(ctx, scope) {
		if done, err := db.inReplica(ctx, scope, fn); done {
			return err
		}
	}
	return db.inTx(ctx, db.app, scope, readOnly, fn)
}

// InSignIn runs fn in a transaction of the application's role without operator or account: it sees
// the tables of sign-in and can append to audit and outbox, no more.
func (db *DB) InSignIn(ctx context.Context, actor Actor, fn func(*Tx) error) error {
	return db.inTx(ctx, db.app, Scope{Actor: actor}, nil, fn)
}

// InSystem runs fn in a transaction of the loader's role across operators and accounts: schedules
// that are due, heartbeats, set-up, purges. Every query in it says itself whose rows it means.
func (db *DB) InSystem(ctx context.Context, actor Actor, fn func(*Tx) error) error {
	return db.inTx(ctx, db.loader, Scope{Actor: actor}, nil, fn)
}

func (db *DB) inTx(ctx context.Context, pool *sqlx.DB, scope Scope, opts *sql.TxOptions, fn func(*Tx) error) error {
	tx, err := pool.BeginTxx(ctx, opts)
	if err != nil {
		return fmt.Errorf("storage: begin: %w", cleanError(err))
	}
	return db.finish(ctx, tx, scope, func() error { return fn(&Tx{q: tx, db: db, scope: scope}) })
}

const setScope = `
SELECT set_config('ediport.operator', $1, true), set_config('ediport.accounts', $2, true), set_config('ediport.home', $3, true),
	set_config('ediport.masked', $4, true), set_config('ediport.masked_plane', $5, true),
	set_config('ediport.limited', $6, true), set_config('ediport.providers', $7, true)`

// finish names the scope, runs fn, and commits, or rolls back on an error or a panic.
func (db *DB) finish(ctx context.Context, tx *sqlx.Tx, scope Scope, fn func() error) error {
	done := false
	defer func() {
		if !done {
			_ = tx.Rollback() // the error that led here says more
		}
	}()
	if _, err := tx.ExecContext(ctx, setScope, scope.settings()...); err != nil {
		return fmt.Errorf("storage: scope: %w", cleanError(err))
	}
	if err := fn(); err != nil {
		return err
	}
	done = true
	if err := tx.Commit(); err != nil {
		if errors.Is(err, sql.ErrTxDone) && ctx.Err() != nil {
			err = ctx.Err()
		}
		return fmt.Errorf("storage: commit: %w", cleanError(err))
	}
	return nil
}

func idOrNothing(id OperatorID) string {
	if id == 0 {
		return ""
	}
	return strconv.FormatInt(int64(id), 10)
}

// A LoadTx is a transaction of the loader for one operator: it can COPY, see [LoadTx.Loader].
type LoadTx struct {
	Tx
	conn     *sqlx.Conn
	operator OperatorID
}

// Operator returns whose exchange plane is loaded.
func (t *LoadTx) Operator() OperatorID { return t.operator }

// InLoad runs fn in a transaction of the loader's role for one operator. Row-level security does not
// bind it, so its queries name the operator themselves.
func (db *DB) InLoad(ctx context.Context, operator OperatorID, actor Actor, fn func(*LoadTx) error) error {
	return db.InLoadFor(ctx, Scope{Operator: operator, Actor: actor}, fn)
}

// InLoadFor is InLoad for what a person does: the scope's operator is meant, and what it says of once holds.
func (db *DB) InLoadFor(ctx context.Context, scope Scope, fn func(*LoadTx) error) error {
	if scope.Operator == 0 {
		return ErrNoScope
	}
	conn, tx, err := db.beginLoad(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }() // hands it back to the pool
	defer setPatience(conn, loaderPatience)
	return db.finish(ctx, tx, scope, func() (err error) {
		t := &LoadTx{Tx: Tx{q: tx, db: db, scope: scope}, conn: conn, operator: scope.Operator}
		// Neither commit nor rollback, nor a panic, may meet a COPY under way.
		defer func() {
			if settled := t.settled(); err == nil {
				err = settled
			}
		}()
		return fn(t)
	})
}

// beginLoad begins a transaction of the loader's role on a connection of its own. Those in the pool that the
// server has closed meanwhile are passed over, as the pool itself does where it is not asked for a connection.
func (db *DB) beginLoad(ctx context.Context) (*sqlx.Conn, *sqlx.Tx, error) {
	for closed := 0; ; closed++ {
		conn, err := db.loader.Connx(ctx)
		if err != nil {
			return nil, nil, fmt.Errorf("storage: connect: %w", cleanError(err))
		}
		tx, err := conn.BeginTxx(ctx, nil)
		if err == nil {
			return conn, tx, nil
		}
		_ = conn.Close() // a bad one leaves the pool
		if !errors.Is(err, driver.ErrBadConn) || closed > db.cfg.MaxConnections {
			return nil, nil, fmt.Errorf("storage: begin: %w", cleanError(err))
		}
	}
}

// PoolStats returns the state of the connection pools by name: app, loader.
func (db *DB) PoolStats() map[string]sql.DBStats {
	return map[string]sql.DBStats{"app": db.app.Stats(), "loader": db.loader.Stats()}
}
