package storage

import (
	"context"
	"database/sql"
	"testing"

	"github.com/ediport/ediport/storage/cluster/clustertest"
)

func TestMain(m *testing.M) { clustertest.Main(m) }

var testActor = Actor{Kind: ActorSystem}

// openTestDB returns a store on a fresh database with the current schema.
func openTestDB(t testing.TB) *DB {
	t.Helper()
	c, name := clustertest.NewDatabase(t, clustertest.Template(t, "storage-schema", func(dsn func(user string) string) error {
		db, err := Open(testConfig(dsn))
		if err != nil {
			return err
		}
		defer func() { _ = db.Close() }()
		if err := db.Setup(context.Background()); err != nil {
			return err
		}
		return db.Migrate(context.Background())
	}))
	cfg := testConfig(func(user string) string { return c.URL(name, user) })
	cfg.DirectURL = cfg.LoaderURL
	cfg.LoaderURL, cfg.AppURL = clustertest.PooledURL(t, c, name, LoaderRole), clustertest.PooledURL(t, c, name, AppRole)
	return openForTest(t, cfg)
}

func openForTest(t testing.TB, cfg Config) *DB {
	t.Helper()
	db, err := Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func testConfig(dsn func(user string) string) Config {
	return Config{
		OwnerURL: dsn("ediport"), LoaderURL: dsn(LoaderRole), AppURL: dsn(AppRole), MaxConnections: 4,
		IDKeys: [][32]byte{{1}}, CursorKeys: [][32]byte{{2}},
	}
}

type testWorld struct {
	operator       OperatorID
	unrouted, a, b AccountID
}

func newTestWorld(t testing.TB, db *DB) testWorld {
	t.Helper()
	var w testWorld
	ctx := t.Context()
	err := db.InSystem(ctx, testActor, func(tx *Tx) (err error) {
		if w.operator, w.unrouted, err = tx.NewOperator(ctx, "Operator", ""); err != nil {
			return err
		}
		if w.a, err = tx.NewAccount(ctx, w.operator, "practice", "A"); err != nil {
			return err
		}
		w.b, err = tx.NewAccount(ctx, w.operator, "practice", "B")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// load runs fn in a load of the operator and flushes its loader.
func load(t testing.TB, db *DB, operator OperatorID, fn func(context.Context, *LoadTx, *Loader) error) {
	t.Helper()
	ctx := t.Context()
	err := db.InLoad(ctx, operator, testActor, func(tx *LoadTx) error {
		l := tx.Loader()
		if err := fn(ctx, tx, l); err != nil {
			return err
		}
		return l.Flush(ctx)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// ownerRows reads as the owner, past row-level security.
func ownerRows[T any](t testing.TB, db *DB, query string, args ...any) []T {
	t.Helper()
	var rows []T
	if err := db.owner.SelectContext(t.Context(), &rows, query, args...); err != nil && err != sql.ErrNoRows {
		t.Fatalf("%s: %v", query, err)
	}
	return rows
}
