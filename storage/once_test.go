package storage

import (
	"errors"
	"testing"
)

// Of two acts with one key, one happens; its result is found by the key, by its actor alone.
func TestOnce(t *testing.T) {
	t.Parallel()
	db := openTestDB(t)
	w := newTestWorld(t, db)
	ctx, actor := t.Context(), Actor{Kind: ActorToken, ID: 5}
	act := func(once *Once) error {
		actor := actor
		actor.Once = once
		return db.InScope(ctx, Scope{Operator: w.operator, Actor: actor}, func(tx *Tx) error {
			if _, _, err := tx.RaiseIncident(ctx, w.operator, OfFile(1), Raise{Code: "ingest.failed", Source: "ingest"}); err != nil {
				return err
			}
			if err := tx.Audit(ctx, AuditEvent{Action: "test.done", ObjectKind: "thing", ObjectID: 42}); err != nil {
				return err
			}
			return tx.Audit(ctx, AuditEvent{Action: "test.done_more", ObjectKind: "other", ObjectID: 43})
		})
	}
	first := &Once{Key: "k1", Hash: []byte{1}, Status: 201}
	if err := act(first); err != nil {
		t.Fatal(err)
	}
	if err := act(&Once{Key: "k1", Hash: []byte{1}, Status: 201}); !errors.Is(err, ErrRepeated) {
		t.Errorf("the second time: %v, want %v", err, ErrRepeated)
	}
	if n := ownerRows[int](t, db, `SELECT count FROM incident`); len(n) != 1 || n[0] != 1 {
		t.Errorf("the act left %v, want it once", n)
	}
	got, err := db.Repeated(ctx, actor, first)
	if err != nil || got.ObjectKind != "thing" || got.ObjectID != 42 || got.Status != 201 {
		t.Errorf("found %+v, %v", got, err)
	}
	if _, err := db.Repeated(ctx, actor, &Once{Key: "k1", Hash: []byte{2}}); !errors.Is(err, ErrKeyReused) {
		t.Errorf("another request with the same key: %v", err)
	}
	if _, err := db.Repeated(ctx, Actor{Kind: ActorToken, ID: 6}, first); !errors.Is(err, ErrNotFound) {
		t.Errorf("another's key: %v", err)
	}
	if err := act(&Once{Key: "k2", Hash: []byte{1}, Status: 201}); err != nil {
		t.Errorf("another key: %v", err)
	}
}

// An act that fails leaves its key free.
func TestOnceOfFailure(t *testing.T) {
	t.Parallel()
	db := openTestDB(t)
	w := newTestWorld(t, db)
	ctx, actor := t.Context(), Actor{Kind: ActorUser, ID: 5}
	once, failure := &Once{Key: "k", Hash: []byte{1}, Status: 200}, errors.New("failed")
	acting := Actor{Kind: ActorUser, ID: 5, Once: once}
	err := db.InScope(ctx, Scope{Operator: w.operator, Actor: acting}, func(tx *Tx) error {
		return errors.Join(tx.Audit(ctx, AuditEvent{Action: "test.done"}), failure)
	})
	if !errors.Is(err, failure) {
		t.Fatal(err)
	}
	if _, err := db.Repeated(ctx, actor, once); !errors.Is(err, ErrNotFound) {
		t.Errorf("a failed act left its key: %v", err)
	}
}

func TestFigures(t *testing.T) {
	t.Parallel()
	db := openTestDB(t)
	w := newTestWorld(t, db)
	ctx := t.Context()
	err := db.InScope(ctx, Scope{Operator: w.operator}, func(tx *Tx) error {
		if _, _, err := tx.RaiseIncident(ctx, w.operator, OfFile(1), Raise{Code: "ingest.failed", Source: "ingest"}); err != nil {
			return err
		}
		_, err := tx.Enqueue(ctx, Job{Kind: "pull", Queue: "pull", Args: struct{}{}})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var f *Figures
	err = db.InSystem(ctx, testActor, func(tx *Tx) (err error) {
		f, err = tx.Figures(ctx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if f.Incidents != 1 || len(f.Outbox) != 0 || len(f.Queues) != 1 || f.Queues[0].Jobs != 1 || f.Now.IsZero() || f.Lag != 0 {
		t.Errorf("figures: %+v", f)
	}
	if stats := db.PoolStats(); stats["app"].MaxOpenConnections == 0 {
		t.Error("the pools have no limits")
	}
}
