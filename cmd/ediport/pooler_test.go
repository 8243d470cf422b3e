package main

import (
	"fmt"
	"net/url"
	"testing"

	"github.com/ediport/ediport/storage"
	"github.com/ediport/ediport/storage/cluster/clustertest"
)

// TestExchangeThroughPooler: an exchange whose loader and application reach the database through pgbouncer
// in transaction mode pulls, archives and loads; queue, heartbeat and leader go past it.
func TestExchangeThroughPooler(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	direct := f.database.URL(clustertest.Owner, clustertest.OwnerPassword, clustertest.OwnerDatabase)
	roles, passwords := map[string]string{}, map[string]string{}
	for _, role := range []string{storage.LoaderRole, storage.AppRole} {
		address, err := roleURL(direct, role, f.ring)
		if err != nil {
			t.Fatal(err)
		}
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		roles[role] = address
		passwords[role], _ = u.User.Password()
	}
	pooler := clustertest.StartPooler(t, f.database, passwords)
	pooled := func(role string) string {
		return clustertest.URL(pooler, role, passwords[role], clustertest.OwnerDatabase)
	}
	const connections, due = 4, 3
	files := f.schedules(connections, due)
	for range 2 {
		f.add("serve", fmt.Sprintf("database_loader_url: %s\ndatabase_app_url: %s\ndatabase_direct_url: %s\n",
			pooled(storage.LoaderRole), pooled(storage.AppRole), roles[storage.LoaderRole]))
	}
	defer f.end()
	f.allUp()
	f.within(eventually, "all due times have run and all files are loaded", func() bool {
		return f.number(`SELECT count(*) FROM run WHERE state = 'succeeded'`) == connections*due &&
			f.number(`SELECT count(*) FROM file WHERE direction = 'in' AND state <> 'downloaded'`) == files
	})
	f.checkOnce(connections, due, files)
}
