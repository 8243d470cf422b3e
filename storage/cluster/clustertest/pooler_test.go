package clustertest

import (
	"testing"

	"github.com/lib/pq"
)

// TestPoolerSharesSessions: what is set in one transaction is gone in the next, and one server
// connection serves several clients, as transaction mode has it.
func TestPoolerSharesSessions(t *testing.T) {
	s := StartServer(t)
	address := StartPooler(t, s, map[string]string{Owner: OwnerPassword})
	clients := 20
	processes := map[int]bool{}
	for range clients {
		db := openDB(t, URL(address, Owner, OwnerPassword, OwnerDatabase)+"&binary_parameters=yes")
		var pid int
		if err := db.QueryRow(`SELECT pg_backend_pid() + $1`, 0).Scan(&pid); err != nil {
			t.Fatal(err)
		}
		processes[pid] = true
	}
	if len(processes) > 4 {
		t.Errorf("%d clients in turn had %d server connections", clients, len(processes))
	}
	wrong := openDB(t, URL(address, Owner, "wrong", OwnerDatabase))
	if err := wrong.Ping(); err == nil {
		t.Error("a wrong password opens the pooler")
	} else if e, ok := err.(*pq.Error); ok && e.Code != "08P01" && e.Code != "28P01" {
		t.Errorf("a wrong password: %v", err)
	}
}
