// Package storagetest gives a test a database of its own with ediport's schema, on a real Postgres.
//
//	func TestMain(m *testing.M) { clustertest.Main(m) }
//
//	func TestSomething(t *testing.T) {
//		db := storagetest.Open(t)
//		w := storagetest.World(t, db)
//		…
//	}
package storagetest

import (
	"context"
	"testing"

	"github.com/ediport/ediport/storage"
	"github.com/ediport/ediport/storage/cluster/clustertest"
)

// Open returns a store on a fresh database with the current schema, closed and dropped when the test
// ends. The option functions may change the configuration before it is opened.
func Open(t testing.TB, options ...func(*storage.Config)) *storage.DB {
	t.Helper()
	c, name := clustertest.NewDatabase(t, clustertest.Template(t, "ediport-schema", prepare))
	cfg := configOf(func(user string) string { return c.URL(name, user) })
	cfg.DirectURL = cfg.LoaderURL
	cfg.LoaderURL, cfg.AppURL = clustertest.PooledURL(t, c, name, storage.LoaderRole), clustertest.PooledURL(t, c, name, storage.AppRole)
	for _, o := range options {
		o(&cfg)
	}
	db, err := storage.Open(cfg)
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

// prepare makes roles and schema in the template database.
func prepare(dsn func(user string) string) error {
	ctx := context.Background()
	db, err := storage.Open(configOf(dsn))
	if err != nil {
		return err
	}
	if err := db.Setup(ctx); err != nil {
		_ = db.Close() // the first error says more
		return err
	}
	if err := db.Migrate(ctx); err != nil {
		_ = db.Close() // the first error says more
		return err
	}
	return db.Close()
}

func configOf(dsn func(user string) string) storage.Config {
	return storage.Config{
		OwnerURL: dsn("ediport"), LoaderURL: dsn(storage.LoaderRole), AppURL: dsn(storage.AppRole),
		MaxConnections: 4,
		IDKeys:         [][32]byte{{1}}, CursorKeys: [][32]byte{{2}},
	}
}

// A Small is a world of one operator with two practices.
type Small struct {
	Operator storage.OperatorID
	Unrouted storage.AccountID
	A, B     storage.AccountID // NPI 1000000004 and 1000000012
}

// NPIs of the two practices.
const (
	NPIOfA = "1000000004"
	NPIOfB = "1000000012"
)

// World adds the small world to the database.
func World(t testing.TB, db *storage.DB) Small {
	t.Helper()
	var w Small
	err := db.InSystem(t.Context(), storage.Actor{Kind: storage.ActorSystem}, func(tx *storage.Tx) (err error) {
		ctx := t.Context()
		if w.Operator, w.Unrouted, err = tx.NewOperator(ctx, "Test Clearinghouse", ""); err != nil {
			return err
		}
		if w.A, err = tx.NewAccount(ctx, w.Operator, "practice", "Practice A"); err != nil {
			return err
		}
		if w.B, err = tx.NewAccount(ctx, w.Operator, "practice", "Practice B"); err != nil {
			return err
		}
		for npi, account := range map[string]storage.AccountID{NPIOfA: w.A, NPIOfB: w.B} {
			if err := tx.AddIdentifier(ctx, w.Operator, storage.Identifier{Account: account, Kind: "npi", Value: npi}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}
