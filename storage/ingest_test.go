package storage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

func hashOf(c byte) []byte { return bytes.Repeat([]byte{c}, 32) }

func TestFileLifeCycle(t *testing.T) {
	t.Parallel()
	db := openTestDB(t)
	w := newTestWorld(t, db)
	ctx := t.Context()
	mtime := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	var id FileID
	load(t, db, w.operator, func(ctx context.Context, tx *LoadTx, _ *Loader) (err error) {
		id, err = tx.InsertFile(ctx, File{
			Direction: "in", Source: "sftp", Name: "a.835", State: FileDownloaded, Size: 10, SHA256: hashOf(1), Connection: 5, Run: 6,
			BlobName: "b", WrappedKey: []byte{1}, KeyID: "k", StoredSize: 20, RemotePath: "/out/a.835", RemoteSize: 10, RemoteMtime: &mtime,
		})
		return err
	})
	load(t, db, w.operator, func(ctx context.Context, tx *LoadTx, _ *Loader) error {
		f, err := tx.LockFile(ctx, id)
		if err != nil {
			return err
		}
		if f.State != FileDownloaded || f.Kind != "unknown" || f.StoredSize != 20 || f.RemoteMtime == nil || !f.RemoteMtime.Equal(mtime) || f.Connection != 5 {
			t.Errorf("file read back: %+v", f)
		}
		return tx.SetFileState(ctx, id, FileChange{State: FileLoaded, Kind: "x12", Attempt: true, Run: 6, Counts: map[string]int{"loaded": 3}})
	})
	err := db.InLoad(ctx, w.operator, testActor, func(tx *LoadTx) error {
		f, err := tx.FileForLoad(ctx, id)
		if err != nil {
			return err
		}
		if f.State != FileLoaded || f.Kind != "x12" || f.Attempt != 1 || f.CountsAsText != `{"loaded": 3}` {
			t.Errorf("file after loading: %+v", f)
		}
		first, err := tx.FileByHash(ctx, 5, hashOf(1))
		if err != nil || first != id {
			t.Errorf("by hash: %d, %v", first, err)
		}
		if _, err := tx.FileByHash(ctx, 4, hashOf(1)); !errors.Is(err, ErrNotFound) {
			t.Errorf("by hash on another connection: %v", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	states := ownerRows[string](t, db, `SELECT state FROM file_event ORDER BY id`)
	if !slices.Equal(states, []string{"downloaded", "loaded"}) {
		t.Errorf("time line %q", states)
	}
}

func TestClaimInterchange(t *testing.T) {
	t.Parallel()
	db := openTestDB(t)
	w := newTestWorld(t, db)
	now := db.Now().Truncate(time.Microsecond)
	claim := func(id int64, content byte, at time.Time, since time.Time) (m InterchangeMatch) {
		t.Helper()
		load(t, db, w.operator, func(ctx context.Context, tx *LoadTx, _ *Loader) (err error) {
			m, err = tx.ClaimInterchange(ctx, InterchangeKey{Key: hashOf(1), Content: hashOf(content), ID: id, File: FileID(id * 10), ReceivedAt: at, Since: since})
			return err
		})
		return m
	}
	year := now.AddDate(-1, 0, 0)
	if m := claim(1, 1, now.AddDate(-2, 0, 0), year); m != (InterchangeMatch{}) {
		t.Errorf("the first: %+v", m)
	}
	if m := claim(2, 2, now, year); m != (InterchangeMatch{}) {
		t.Errorf("number reused outside the window: %+v", m)
	}
	if m := claim(3, 3, now, year); m.Reuses != 2 || m.ReusesFile != 20 || m.DuplicateOf != 0 {
		t.Errorf("number reused: %+v", m)
	}
	if m := claim(4, 1, now, year); m.DuplicateOf != 1 || m.DuplicateFile != 10 {
		t.Errorf("the first again: %+v", m)
	}
	if m := claim(1, 1, now, year); m.DuplicateOf != 0 {
		t.Errorf("the same interchange loaded later by hand: %+v", m)
	}
}

// Two loads of one interchange at the same time: the second waits and finds the first.
func TestClaimInterchangeConcurrently(t *testing.T) {
	t.Parallel()
	db := openTestDB(t)
	w := newTestWorld(t, db)
	ctx := t.Context()
	claimed, second := make(chan struct{}), make(chan InterchangeMatch, 1)
	go func() {
		<-claimed
		var m InterchangeMatch
		err := db.InLoad(ctx, w.operator, testActor, func(tx *LoadTx) (err error) {
			m, err = tx.ClaimInterchange(ctx, InterchangeKey{Key: hashOf(1), Content: hashOf(1), ID: 2, ReceivedAt: db.Now()})
			return err
		})
		if err != nil {
			t.Error(err)
		}
		second <- m
	}()
	load(t, db, w.operator, func(ctx context.Context, tx *LoadTx, _ *Loader) error {
		_, err := tx.ClaimInterchange(ctx, InterchangeKey{Key: hashOf(1), Content: hashOf(1), ID: 1, ReceivedAt: db.Now()})
		close(claimed)
		waitForLockWaiter(t, db)
		return err
	})
	if m := <-second; m.DuplicateOf != 1 {
		t.Errorf("the second load: %+v, want a duplicate of 1", m)
	}
}

// waitForLockWaiter returns when another session of this database waits for a lock.
func waitForLockWaiter(t *testing.T, db *DB) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for time.Now().Before(deadline) {
		if n := ownerRows[int](t, db, pollActivity+`wait_event_type = 'Lock'`); n[0] > 0 {
			return
		}
	}
	t.Error("nobody waits for the lock")
}

func TestClaimPayment(t *testing.T) {
	t.Parallel()
	db := openTestDB(t)
	w := newTestWorld(t, db)
	load(t, db, w.operator, func(ctx context.Context, tx *LoadTx, _ *Loader) error {
		for _, c := range []struct {
			claims  byte
			payment int64
			want    PaymentMatch
		}{{1, 1, PaymentMatch{}}, {1, 2, PaymentMatch{1, "duplicate"}}, {2, 3, PaymentMatch{1, "conflict"}}, {1, 1, PaymentMatch{}}} {
			m, err := tx.ClaimPayment(ctx, hashOf(9), hashOf(c.claims), c.payment)
			if err != nil {
				return err
			}
			if m != c.want {
				t.Errorf("payment %d: %+v, want %+v", c.payment, m, c.want)
			}
		}
		return nil
	})
}

func TestCheckEpoch(t *testing.T) {
	t.Parallel()
	db := openTestDB(t)
	w := newTestWorld(t, db)
	ctx := t.Context()
	if _, err := db.owner.ExecContext(ctx, `INSERT INTO run (operator_id, id, due_at, kind, state, epoch) VALUES ($1, 1, now(), 'pull', 'running', 2)`, w.operator); err != nil {
		t.Fatal(err)
	}
	for epoch, want := range map[int]error{2: nil, 1: ErrFenced} {
		err := db.InLoad(ctx, w.operator, testActor, func(tx *LoadTx) error { return tx.CheckEpoch(ctx, 1, epoch) })
		if !errors.Is(err, want) {
			t.Errorf("epoch %d: %v, want %v", epoch, err, want)
		}
	}
}

func TestEnsurePayer(t *testing.T) {
	t.Parallel()
	db := openTestDB(t)
	w := newTestWorld(t, db)
	ids := func(pairs ...string) (all []PayerIdentifier) {
		for _, p := range pairs {
			kind, value, _ := strings.Cut(p, ":")
			all = append(all, PayerIdentifier{Kind: kind, Value: value})
		}
		return all
	}
	load(t, db, w.operator, func(ctx context.Context, tx *LoadTx, _ *Loader) error {
		first, err := tx.EnsurePayer(ctx, " Plan One ", ids("PI:111", "TRN03:1999"))
		if err != nil {
			return err
		}
		same, err := tx.EnsurePayer(ctx, "PLAN ONE", ids("XV:222", "TRN03:1999"))
		if err != nil {
			return err
		}
		taught, err := tx.EnsurePayer(ctx, "", ids("XV:222"))
		if err != nil {
			return err
		}
		other, err := tx.EnsurePayer(ctx, "Plan Two", ids("PI:333"))
		if err != nil {
			return err
		}
		if first == 0 || same != first || taught != first || other == first {
			t.Errorf("payers %d, %d, %d, %d", first, same, taught, other)
		}
		all, err := tx.Payers(ctx)
		if len(all) != 4 {
			t.Errorf("%d identifiers, want 4", len(all))
		}
		return err
	})
}

func TestRouting(t *testing.T) {
	t.Parallel()
	db := openTestDB(t)
	w := newTestWorld(t, db)
	ctx := t.Context()
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	err := db.InSystem(ctx, testActor, func(tx *Tx) error {
		partner, err := tx.NewPartner(ctx, w.operator, "Payer's gateway")
		if err != nil {
			return err
		}
		return errors.Join(
			tx.AddIdentifier(ctx, w.operator, Identifier{Account: w.a, Kind: "npi", Value: "1", ValidFrom: &from}),
			tx.AddPartnerIdentity(ctx, w.operator, PartnerIdentity{Partner: partner, Side: "theirs", Qualifier: "ZZ", Identifier: "GATEWAY"}))
	})
	if err != nil {
		t.Fatal(err)
	}
	load(t, db, w.operator, func(ctx context.Context, tx *LoadTx, _ *Loader) error {
		r, err := tx.Routing(ctx)
		if err != nil {
			return err
		}
		if r.Unrouted != w.unrouted || len(r.Identifiers) != 1 || len(r.Partners) != 1 || len(r.Identities) != 1 {
			t.Errorf("routing %+v", r)
		}
		if i := r.Identifiers[0]; i.Account != w.a || i.ValidFrom == nil || i.ValidFrom.Format(time.DateOnly) != "2026-01-01" || i.ValidTo != nil {
			t.Errorf("identifier %+v", i)
		}
		if p := r.Partners[0]; p.AnswerPolicy != "receive" || p.RequestPolicy != "strict" || p.ReusePolicy != "warn" || p.ReuseWindowDays != 400 {
			t.Errorf("partner %+v", p)
		}
		return nil
	})
}

// A unit moves with every row of every table, and what it leaves behind is the neighbour's alone.
func TestReroute(t *testing.T) {
	t.Parallel()
	db := openTestDB(t)
	w := newTestWorld(t, db)
	seedTwoAccounts(t, db, w)
	ctx := t.Context()
	move := func(unit int64, to AccountID) error {
		return db.InLoad(ctx, w.operator, Actor{Kind: ActorUser, ID: 3}, func(tx *LoadTx) error {
			moved, err := tx.Reroute(ctx, unit, to)
			if err == nil && len(moved) != 1 {
				t.Errorf("moved payments: %v", moved)
			}
			return err
		})
	}
	if err := move(1, w.unrouted); err != nil {
		t.Fatal(err)
	}
	tables := append(slices.Clone(businessTables), "transaction_set_account", "routing_unit", "finding")
	for _, table := range tables {
		for account, want := range map[AccountID]int{w.a: 0, w.b: 1, w.unrouted: 1} {
			if n := countIn(t, db, Scope{Accounts: []AccountID{account}}, table); n != want {
				t.Errorf("%s: account %d sees %d rows, want %d", table, account, n, want)
			}
		}
	}
	if got := ownerRows[string](t, db, `SELECT detail::text FROM audit_event WHERE action = 'unit.rerouted'`); len(got) != 1 || got[0] != fmt.Sprintf(`{"to": %d, "from": %d}`, w.unrouted, w.a) {
		t.Errorf("audit: %q", got)
	}
	other := newTestWorld(t, db)
	if err := move(1, other.a); !errors.Is(err, ErrNotFound) {
		t.Errorf("to another operator's account: %v, want ErrNotFound", err)
	}
}

// Nothing of a load is left when it fails half-way.
func TestLoadIsAllOrNothing(t *testing.T) {
	t.Parallel()
	db := openTestDB(t)
	w := newTestWorld(t, db)
	ctx := t.Context()
	broken := errors.New("broken")
	err := db.InLoad(ctx, w.operator, testActor, func(tx *LoadTx) error {
		l := tx.Loader()
		if err := seedBusiness(ctx, l, w.a, w.operator, 1, 1, db.Now()); err != nil {
			return err
		}
		if err := l.Flush(ctx); err != nil {
			return err
		}
		return broken
	})
	if !errors.Is(err, broken) {
		t.Fatal(err)
	}
	for _, table := range businessTables {
		if n := countIn(t, db, Scope{Accounts: []AccountID{w.a}}, table); n != 0 {
			t.Errorf("%s: %d rows", table, n)
		}
	}
}
