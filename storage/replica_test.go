package storage

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/storage/cluster/clustertest"
)

// waited is how long tests wait for what takes about a second.
const waited = time.Minute

// serverConfig is that of a store on a server of an operator's own.
func serverConfig(s *clustertest.Server) Config {
	return Config{
		OwnerURL:  s.URL(clustertest.Owner, clustertest.OwnerPassword, clustertest.OwnerDatabase),
		LoaderURL: s.URL(LoaderRole, "of tests only, l", clustertest.OwnerDatabase),
		AppURL:    s.URL(AppRole, "of tests only, p", clustertest.OwnerDatabase),
		IDKeys:    [][32]byte{{1}}, CursorKeys: [][32]byte{{2}}, MaxConnections: 4,
	}
}

// installed makes roles and schema as the owner, who is no superuser.
func installed(t testing.TB, cfg Config) *DB {
	t.Helper()
	db := openForTest(t, cfg)
	for _, step := range []func(context.Context) error{db.Setup, db.Setup, db.Migrate, db.Check} {
		if err := step(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	return db
}

// TestInstalledByAnOwnerOverTCP: setup and migrations need no superuser; roles sign in with the passwords
// of their URLs, and the application's can't see past its scope.
func TestInstalledByAnOwnerOverTCP(t *testing.T) {
	t.Parallel()
	s := clustertest.StartServer(t)
	cfg := serverConfig(s)
	db := installed(t, cfg)
	w := newTestWorld(t, db)
	status, err := db.Status(t.Context())
	if err != nil || !status.Current() {
		t.Errorf("status %+v, %v", status, err)
	}
	names := func(scope Scope) (names []string) {
		t.Helper()
		err := db.InScopeRead(t.Context(), scope, func(tx *Tx) error {
			return tx.list(t.Context(), &names, `SELECT name FROM account ORDER BY name`)
		})
		if err != nil {
			t.Fatal(err)
		}
		return names
	}
	if got := names(Scope{Accounts: []AccountID{w.a}}); len(got) != 1 || got[0] != "A" {
		t.Errorf("the user of one account sees %v", got)
	}
	load(t, db, w.operator, func(ctx context.Context, tx *LoadTx, l *Loader) error { return nil })
	wrong := cfg
	wrong.AppURL = s.URL(AppRole, "wrong", clustertest.OwnerDatabase)
	if err := openForTest(t, wrong).Check(t.Context()); err == nil {
		t.Error("a wrong password signs in")
	}
	// An application role with the owner's rights is refused.
	wrong.AppURL = cfg.OwnerURL
	if err := openForTest(t, wrong).Check(t.Context()); err == nil {
		t.Error("the owner is taken for the application")
	}
	// Without the loader's and the application's URL, or another's rights, Setup says so.
	wrong = cfg
	wrong.OwnerURL = cfg.AppURL
	if err := openForTest(t, wrong).Setup(t.Context()); err == nil {
		t.Error("the application's role can make roles")
	}
}

// A reader tells from which server a list came.
type reader struct {
	t     *testing.T
	db    *DB
	scope Scope
}

func (r reader) read(ctx context.Context) (replica bool, accounts int) {
	r.t.Helper()
	err := r.db.InScopeRead(ctx, r.scope, func(tx *Tx) error {
		if err := tx.get(ctx, &replica, `SELECT pg_is_in_recovery()`); err != nil {
			return err
		}
		return tx.get(ctx, &accounts, `SELECT count(*) FROM account`)
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return replica, accounts
}

func until(t *testing.T, what string, so func() bool) {
	t.Helper()
	tick, end := time.NewTicker(50*time.Millisecond), time.NewTimer(waited)
	defer tick.Stop()
	defer end.Stop()
	for !so() {
		select {
		case <-tick.C:
		case <-end.C:
			t.Fatalf("waited %v in vain: %s", waited, what)
		}
	}
}

// TestReplicaServesLists: marked reads go to the replica, others don't, nor those of who just wrote; a
// replica that is lost, or does not follow, is not asked, and is used again when it is well.
func TestReplicaServesLists(t *testing.T) {
	t.Parallel()
	primary := clustertest.StartServer(t)
	cfg := serverConfig(primary)
	w := newTestWorld(t, installed(t, cfg))
	second := primary.Replica()
	cfg.ReplicaURL = second.URL(AppRole, "of tests only, p", clustertest.OwnerDatabase)
	db := openForTest(t, cfg)
	if s := db.Replica(); !s.Configured || s.InUse {
		t.Errorf("before the first look: %+v", s)
	}
	r := reader{t, db, Scope{Operator: w.operator, Accounts: []AccountID{w.unrouted, w.a, w.b}, Actor: Actor{Kind: ActorUser, ID: 7}}}
	plain, marked := t.Context(), PreferReplica(t.Context())
	fromReplica := func() bool { on, _ := r.read(marked); return on }
	until(t, "lists are read from the replica", fromReplica)
	if s := db.Replica(); !s.InUse || s.Lag > maxReplicaLag {
		t.Errorf("in use: %+v", s)
	}
	if on, _ := r.read(plain); on {
		t.Error("a read that was not marked went to the replica")
	}

	// A list of patients is read there, too, and its event stands on the primary.
	events := func() int {
		return ownerRows[int](t, db, `SELECT count(*) FROM audit_event WHERE action = 'patient.list'`)[0]
	}
	load(t, db, w.operator, func(ctx context.Context, _ *LoadTx, l *Loader) error {
		return l.ClaimPayment(ctx, &ClaimPaymentRow{AccountID: w.a, ID: 1, PaymentID: 1, Ordinal: 1, FileID: 1, Usage: "P", PatientControlNumber: edi.Text("A1"), StatusCode: edi.Text("1")})
	})
	until(t, "what was loaded is on the replica", func() bool {
		rows, _, err := db.Claims(marked, r.scope, ClaimFilter{}, Page{})
		if err != nil {
			t.Fatal(err)
		}
		return len(rows) > 0
	})
	if events() == 0 {
		t.Error("a list of patients from the replica left no event")
	}
	if !fromReplica() {
		t.Error("looking at a list counts as a write")
	}

	// Who wrote reads the primary.
	err := db.InScope(plain, r.scope, func(tx *Tx) error {
		return tx.Audit(plain, AuditEvent{Action: "test.written", ObjectKind: "test"})
	})
	if err != nil {
		t.Fatal(err)
	}
	if fromReplica() {
		t.Error("who just wrote is shown the replica")
	}
	other := r
	other.scope.Actor.ID = 8
	if on, _ := other.read(marked); !on {
		t.Error("somebody else's write keeps from the replica")
	}

	// Replaying stops: what the replica shows is getting old.
	r = other
	second.Exec(`SELECT pg_wal_replay_pause()`)
	err = db.InSystem(plain, testActor, func(tx *Tx) error {
		_, err := tx.NewAccount(plain, w.operator, "practice", "C")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	until(t, "a replica that stands still is not asked", func() bool { return !fromReplica() })
	if s := db.Replica(); s.InUse || s.Reason != "lagging" {
		t.Errorf("lagging: %+v", s)
	}
	second.Exec(`SELECT pg_wal_replay_resume()`)
	until(t, "it is asked again", fromReplica)

	// The replica is lost, and comes back.
	second.Stop()
	for range 3 {
		if on, accounts := r.read(marked); on || accounts != 4 {
			t.Errorf("without the replica: from it %v, %d accounts", on, accounts)
		}
	}
	if s := db.Replica(); s.InUse || s.Reason != "unreachable" {
		t.Errorf("lost: %+v", s)
	}
	second.Start()
	until(t, "the replica is used again", fromReplica)
}

// TestReplicaLostInMidRead: the function is called again, on the primary; an error of its own is not.
func TestReplicaLostInMidRead(t *testing.T) {
	t.Parallel()
	primary := clustertest.StartServer(t)
	cfg := serverConfig(primary)
	w := newTestWorld(t, installed(t, cfg))
	second := primary.Replica()
	cfg.ReplicaURL = second.URL(AppRole, "of tests only, p", clustertest.OwnerDatabase)
	db := openForTest(t, cfg)
	r := reader{t, db, Scope{Operator: w.operator, Actor: Actor{Kind: ActorUser, ID: 7}}}
	marked := PreferReplica(t.Context())
	until(t, "lists are read from the replica", func() bool { on, _ := r.read(marked); return on })

	own := errors.New("the function's own")
	calls := 0
	if err := db.InScopeRead(marked, r.scope, func(*Tx) error { calls++; return own }); !errors.Is(err, own) || calls != 1 {
		t.Errorf("an error of the function: %v after %d calls", err, calls)
	}
	calls = 0
	notThere := func(tx *Tx) error {
		calls++
		var n int
		return tx.get(marked, &n, `SELECT 1 WHERE false`)
	}
	if err := db.InScopeRead(marked, r.scope, notThere); !errors.Is(err, ErrNotFound) || calls != 2 {
		t.Errorf("a row that is not there: %v after %d calls, want two", err, calls)
	}
	calls = 0
	var replica bool
	err := db.InScopeRead(marked, r.scope, func(tx *Tx) error {
		if calls++; calls == 1 {
			second.Stop()
		}
		return tx.get(marked, &replica, `SELECT pg_is_in_recovery()`)
	})
	if err != nil || replica || calls != 2 {
		t.Errorf("lost in mid read: %v, from the replica %v, %d calls", err, replica, calls)
	}
}
