package accountstest

import (
	"sync"
	"testing"
	"time"

	"github.com/ediport/ediport/storage"
	"github.com/ediport/ediport/storage/cluster/clustertest"
	"github.com/ediport/ediport/storage/keys"
)

// A mould is a world that was made once in this test process, and of which tests get copies.
type mould struct {
	made  bool
	world World
	at    time.Time // of its clock when it was made; that of a copy begins there
}

var moulds sync.Map // by name: *mould

// Copied returns a world of its own for the test, a copy of the one that fill makes of a new world at the first call for
// the name: to fill a database takes far longer than to copy it. The copies have the ring and all ids in common.
// What fill opens it closes by t.Cleanup of the t that it is given, which ends with it.
func Copied(t testing.TB, name string, fill func(t testing.TB, w *World)) *World {
	t.Helper()
	v, _ := moulds.LoadOrStore(name, new(mould))
	m := v.(*mould)
	dsn := clustertest.Database(t, clustertest.Template(t, "world_"+name, func(dsn func(string) string) error {
		m.make(t, dsn, fill)
		return nil
	}))
	if !m.made {
		t.Fatalf("the world %q could not be made: see the first test that wanted one", name)
	}
	w := m.world
	w.Clock = &Clock{now: m.at}
	w.open(t, dsn)
	return &w
}

// make fills the database of the mould. Whatever happens, nothing is connected to it afterwards.
func (m *mould) make(t testing.TB, dsn func(string) string, fill func(t testing.TB, w *World)) {
	t.Helper()
	p := &preparation{TB: t}
	defer p.end()
	if err := migrate(dsn); err != nil {
		t.Fatal(err)
	}
	w := &World{Ring: keys.NewRing(), Clock: &Clock{now: time.Now().UTC().Truncate(time.Second)}}
	w.open(p, dsn)
	w.populate(p)
	fill(p, w)
	m.world, m.at, m.made = *w, w.Clock.Now(), true
}

// open connects the world to its database, with a service on it.
func (w *World) open(t testing.TB, dsn func(string) string) {
	t.Helper()
	w.LoaderDSN = dsn(storage.LoaderRole)
	var err error
	if w.DB, err = open(dsn, w.Clock); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.DB.Close() })
	w.Accounts = w.Service(t, CheapHash)
}

// A preparation is a part of a test with an end of its own.
type preparation struct {
	testing.TB

	cleanups []func()
}

// Cleanup has f called at the end of the preparation.
func (p *preparation) Cleanup(f func()) { p.cleanups = append(p.cleanups, f) }

func (p *preparation) end() {
	for i := len(p.cleanups) - 1; i >= 0; i-- {
		p.cleanups[i]()
	}
}
