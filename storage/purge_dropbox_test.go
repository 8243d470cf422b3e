package storage

import (
	"context"
	"errors"
	"slices"
	"testing"
)

// What a drop box shows of a file goes with it: its name may tell of a patient.
func TestPurgeTakesTheNameOutOfTheDropBox(t *testing.T) {
	t.Parallel()
	db := openTestDB(t)
	w, other := newTestWorld(t, db), newTestWorld(t, db)
	seedTwoAccounts(t, db, w)
	id := oldFile(t, db, w, FileLoaded)
	for _, world := range []testWorld{w, other} {
		load(t, db, world.operator, func(ctx context.Context, tx *LoadTx, _ *Loader) error {
			dropped := DroppedFile{Name: "patient.835", File: id, Size: 1, SHA256: make([]byte, 32)}
			another := dropped
			another.File++
			return errors.Join(tx.InsertDropped(ctx, 1, dropped), tx.InsertDropped(ctx, 1, another))
		})
	}
	f := purgeOther(w)
	f.Kinds = []string{PurgeOther, PurgeAcknowledgments}
	if _, err := purge(t, db, f, id); err != nil {
		t.Fatal(err)
	}
	left := ownerRows[FileID](t, db, `SELECT file_id FROM dropbox_file WHERE operator_id = $1`, w.operator)
	if !slices.Equal(left, []FileID{id + 1}) {
		t.Errorf("files %v stay in the drop box, want %d", left, id+1)
	}
	if n := ownerRows[int](t, db, `SELECT count(*)::int FROM dropbox_file WHERE operator_id = $1`, other.operator)[0]; n != 2 {
		t.Errorf("another operator's drop box shows %d files, want 2", n)
	}
}
