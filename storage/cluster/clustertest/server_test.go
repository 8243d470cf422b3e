package clustertest

import (
	"database/sql"
	"testing"
	"time"
)

func TestServerWithReplica(t *testing.T) {
	s := StartServer(t)
	owner := openDB(t, s.URL(Owner, OwnerPassword, OwnerDatabase))
	if _, err := owner.Exec(`CREATE TABLE number AS SELECT 1 AS n`); err != nil {
		t.Fatal(err)
	}
	var super bool
	if err := owner.QueryRow(`SELECT rolsuper FROM pg_roles WHERE rolname = current_user`).Scan(&super); err != nil || super {
		t.Errorf("the owner is a superuser: %v (%v)", super, err)
	}
	if err := openDB(t, s.URL(Owner, "wrong", OwnerDatabase)).Ping(); err == nil {
		t.Error("a wrong password opens the server")
	}
	r := s.Replica()
	replica := openDB(t, r.URL(Owner, OwnerPassword, OwnerDatabase))
	if _, err := owner.Exec(`INSERT INTO number VALUES (2)`); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() bool { return count(replica) == 2 })
	s.Stop()
	if owner.Ping() == nil {
		t.Error("the stopped server answers")
	}
	s.Start()
	if got := count(owner); got != 2 {
		t.Errorf("%d rows after a crash, want 2", got)
	}
}

func count(db *sql.DB) (n int) {
	_ = db.QueryRow(`SELECT count(*) FROM number`).Scan(&n)
	return n
}

func eventually(t *testing.T, so func() bool) {
	t.Helper()
	tick, end := time.NewTicker(20*time.Millisecond), time.NewTimer(serverPatience)
	defer tick.Stop()
	defer end.Stop()
	for !so() {
		select {
		case <-tick.C:
		case <-end.C:
			t.Fatal("waited in vain")
		}
	}
}
