package storage

import (
	"context"
	"fmt"
	"testing"
	"time"
)

// Files that are taken, and seen again, are found by the same entries of the index: their rows change where they stand.
func TestSightingsChangeInPlace(t *testing.T) {
	t.Parallel()
	db := openTestDB(t)
	w := newTestWorld(t, db)
	const connection, n = 7, 2000
	listed, files := make([]Sighting, n), make([]FileID, n)
	at := db.Now().Truncate(time.Microsecond)
	for i := range listed {
		listed[i] = Sighting{Path: fmt.Sprintf("/outgoing/remittances/%05d.835", i), Size: 10_000, ModTime: at, FirstSeenAt: at}
		files[i] = FileID(i + 1)
	}
	look := func(tx *Tx) error { return tx.SaveSightings(t.Context(), connection, listed, at) }
	if err := db.InScope(t.Context(), Scope{Operator: w.operator}, look); err != nil {
		t.Fatal(err)
	}
	var inPlace int
	load(t, db, w.operator, func(ctx context.Context, tx *LoadTx, _ *Loader) error {
		known, err := tx.LockSightings(ctx, connection, listed)
		if err != nil || len(known) != n {
			return fmt.Errorf("%d known: %w", len(known), err)
		}
		if err := tx.TakeSightings(ctx, connection, listed, files); err != nil {
			return err
		}
		return tx.get(ctx, &inPlace, `SELECT pg_stat_get_xact_tuples_hot_updated('remote_seen'::regclass)`)
	})
	if inPlace < n*9/10 {
		t.Errorf("%d of %d rows changed in place", inPlace, n)
	}
}
