package accountstest

import (
	"testing"
	"time"

	"github.com/ediport/ediport/storage"
	"github.com/ediport/ediport/storage/keys"
)

// On is [New] on a store of the test's own, as on a server with a replica. open opens it, with its schema, by the world's
// clock, which goes on by itself.
func On(t testing.TB, open func(storage.Clock) (*storage.DB, error)) *World {
	t.Helper()
	w := &World{Ring: keys.NewRing(), Clock: &Clock{now: time.Now().UTC().Truncate(time.Second)}}
	w.Clock.Run()
	var err error
	if w.DB, err = open(w.Clock); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.DB.Close() })
	w.Accounts = w.Service(t, CheapHash)
	w.populate(t)
	return w
}
