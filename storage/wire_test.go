package storage

import (
	"context"
	"errors"
	"net/url"
	"path/filepath"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/ediport/ediport/jobs/transfer/sshdtest"
)

// wireLimit is how long a test waits for what is to end by itself; generous, since test machines are busy.
const wireLimit = 90 * time.Second

// shortPatience is a pool's in tests; answers of a busy machine come sooner.
const shortPatience = 10 * time.Second

// behindProxy returns a database's URL that leads through a proxy.
func behindProxy(t *testing.T, dsn string) (*sshdtest.Proxy, string) {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	proxy := sshdtest.StartProxy(t, filepath.Join(q.Get("host"), ".s.PGSQL."+q.Get("port")))
	q.Del("port")
	q.Del("host")
	u.Host, u.RawQuery = proxy.Address(), q.Encode()
	return proxy, u.String()
}

// within waits until fn has returned.
func within(t *testing.T, what string, fn func() error) error {
	t.Helper()
	ended := make(chan error, 1)
	go func() { ended <- fn() }()
	select {
	case err := <-ended:
		return err
	case <-time.After(wireLimit):
		t.Fatalf("%s has not ended after %v", what, wireLimit)
		return nil
	}
}

func openProxied(t *testing.T, patience time.Duration) (*sshdtest.Proxy, *sqlx.DB) {
	t.Helper()
	db := openTestDB(t)
	proxy, dsn := behindProxy(t, db.DirectURL())
	pool, err := db.openPool(dsn, 4, patience)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pool.Close() })
	return proxy, pool
}

// What asks a database that does not answer any more comes back, by its own patience or with its context, wherever it is.
func TestASilentDatabaseIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	mute := func(p *sshdtest.Proxy, _ *sqlx.DB) { p.Mute() }
	stall := func(p *sshdtest.Proxy, pool *sqlx.DB) {
		pool.SetMaxIdleConns(0) // who asks has to connect
		p.StallAfter(0)
	}
	inTransaction := func(end func(*sqlx.Tx) error) func(context.Context, *sqlx.DB, func()) error {
		return func(ctx context.Context, pool *sqlx.DB, silence func()) error {
			tx, err := pool.BeginTxx(ctx, nil)
			if err != nil {
				return err
			}
			silence()
			return errors.Join(end(tx), tx.Rollback())
		}
	}
	type question struct {
		silence func(*sshdtest.Proxy, *sqlx.DB)
		ask     func(ctx context.Context, pool *sqlx.DB, silence func()) error
	}
	questions := map[string]question{
		"a statement":  {mute, func(ctx context.Context, pool *sqlx.DB, silence func()) error { silence(); return askOne(ctx, pool) }},
		"a connection": {stall, func(ctx context.Context, pool *sqlx.DB, silence func()) error { silence(); return askOne(ctx, pool) }},
		"the beginning": {mute, func(ctx context.Context, pool *sqlx.DB, silence func()) error {
			silence()
			_, err := pool.BeginTxx(ctx, nil)
			if err == nil {
				return errors.New("on another connection") // it is tried again
			}
			return err
		}},
		"in the middle":    {mute, inTransaction(func(tx *sqlx.Tx) error { var one int; return tx.Get(&one, `SELECT 1`) })},
		"at the end":       {mute, inTransaction(func(tx *sqlx.Tx) error { return tx.Commit() })},
		"at another end":   {mute, inTransaction(func(*sqlx.Tx) error { return errors.New("given up") })},
		"a long statement": {mute, inTransaction(func(tx *sqlx.Tx) error { _, err := tx.Exec(`SELECT pg_sleep(3600)`); return err })},
	}
	for name, q := range questions {
		for by, patience := range map[string]time.Duration{"patience": shortPatience, "context": noLimit} {
			t.Run(name+", by "+by, func(t *testing.T) {
				t.Parallel()
				proxy, pool := openProxied(t, patience)
				if err := askOne(t.Context(), pool); err != nil {
					t.Fatal(err)
				}
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				silence := func() {
					q.silence(proxy, pool)
					if patience == noLimit {
						time.AfterFunc(100*time.Millisecond, cancel)
					}
				}
				if err := within(t, "the question", func() error { return q.ask(ctx, pool, silence) }); err == nil {
					t.Error("a question that nobody answered got no error")
				}
				proxy.Restore()
				if err := within(t, "the next question", func() error { return askOne(t.Context(), pool) }); err != nil {
					t.Errorf("the next question: %v", err)
				}
			})
		}
	}
}

// A connection that was given up takes with it those of the pool that were silent as long, so that not each of them is waited for.
func TestASilentConnectionIsNotTheOnlyOne(t *testing.T) {
	t.Parallel()
	proxy, pool := openProxied(t, shortPatience)
	var open []*sqlx.Conn
	for range 4 {
		conn, err := pool.Connx(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		open = append(open, conn)
	}
	for _, conn := range open {
		if err := conn.Close(); err != nil {
			t.Fatal(err)
		}
	}
	proxy.Mute()
	if err := within(t, "the first", func() error { return askOne(t.Context(), pool) }); err == nil {
		t.Fatal("a question that nobody answered got no error")
	}
	for range 4 {
		if err := within(t, "another", func() error { return askOne(t.Context(), pool) }); err != nil {
			t.Errorf("another connection was no better: %v", err)
		}
	}
}

// A load of which the database takes nothing any more ends with its context.
func TestASilentLoadEndsWithItsContext(t *testing.T) {
	t.Parallel()
	direct := openTestDB(t)
	w := newTestWorld(t, direct)
	proxy, dsn := behindProxy(t, direct.DirectURL())
	cfg := direct.cfg
	cfg.LoaderURL = dsn
	db := openForTest(t, cfg)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	err := within(t, "the load", func() error {
		return db.InLoad(ctx, w.operator, testActor, func(tx *LoadTx) error {
			l := tx.Loader()
			if err := l.SetSummary(ctx, &SetSummaryRow{OperatorID: w.operator, SetID: 1}); err != nil {
				return err
			}
			proxy.Mute()
			time.AfterFunc(100*time.Millisecond, cancel)
			return l.Flush(ctx)
		})
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v, want context.Canceled", err)
	}
	load(t, db, w.operator, func(ctx context.Context, _ *LoadTx, l *Loader) error {
		return l.SetSummary(ctx, &SetSummaryRow{OperatorID: w.operator, SetID: 1})
	})
	if n := ownerRows[int](t, db, `SELECT count(*)::int FROM transaction_set_summary`); n[0] != 1 {
		t.Errorf("%d rows, want those of the second attempt", n[0])
	}
}

// Who holds a lease over a connection that went silent has lost it, and somebody else gets it.
func TestASilentLeaseIsLost(t *testing.T) {
	t.Parallel()
	direct := openTestDB(t)
	proxy, dsn := behindProxy(t, direct.DirectURL())
	cfg := direct.cfg
	cfg.DirectURL = dsn
	held, other := leaseOf(t, openForTest(t, cfg)), leaseOf(t, direct)
	if ok, err := held.Hold(t.Context()); err != nil || !ok {
		t.Fatalf("held = %v, %v", ok, err)
	}
	proxy.Mute()
	_ = within(t, "the holder's question", func() error {
		if ok, err := held.Hold(t.Context()); ok {
			t.Errorf("a lease is held that nobody can vouch for: %v", err)
		}
		return nil
	})
	_ = within(t, "the other's election", func() error {
		for ask := time.NewTicker(100 * time.Millisecond); ; <-ask.C {
			if ok, err := other.Hold(t.Context()); ok || err != nil {
				return err
			}
		}
	})
	if ok, err := held.Hold(t.Context()); ok || err != nil {
		t.Errorf("two hold the lease: %v, %v", ok, err)
	}
}

func leaseOf(t *testing.T, db *DB) *Lease {
	t.Helper()
	l, err := db.Lease(7)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func askOne(ctx context.Context, pool *sqlx.DB) error {
	var one int
	return pool.GetContext(ctx, &one, `SELECT 1`)
}
