package storage

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"
)

// untilOneWaits returns when a connection to the test's database waits for a lock.
func untilOneWaits(t *testing.T, db *DB) {
	t.Helper()
	for waits := 0; waits == 0; {
		waits = ownerRows[int](t, db, `SELECT count(*)::int FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`)[0]
	}
}

// A part of a file that is given to another account while the file waits to be purged for the first account keeps the file: what
// is decided on is what goes.
func TestPurgeOfOneAccountMeetsARerouting(t *testing.T) {
	t.Parallel()
	db := openTestDB(t)
	w := newTestWorld(t, db)
	seedTwoAccounts(t, db, w)
	id := oldFile(t, db, w, FileLoaded)
	if _, err := db.owner.ExecContext(t.Context(), `DELETE FROM transaction_set WHERE operator_id = $1 AND id = 2`, w.operator); err != nil {
		t.Fatal(err) // nobody's rows were made of it
	}
	f := purgeOther(w)
	f.Account = w.a
	purged := make(chan error, 1)
	load(t, db, w.operator, func(ctx context.Context, tx *LoadTx, _ *Loader) error {
		if _, err := tx.Reroute(ctx, 2, w.a); err != nil { // all of it is the account's
			return err
		}
		return nil
	})
	before := ownRows(t, db, w)
	load(t, db, w.operator, func(ctx context.Context, tx *LoadTx, _ *Loader) error {
		_, err := tx.Reroute(ctx, 2, w.b) // a person sees that it was a mistake
		go func() {
			_, err := purge(t, db, f, id)
			purged <- err
		}()
		untilOneWaits(t, db)
		return err
	})
	if err := <-purged; !errors.Is(err, ErrConflict) {
		t.Errorf("purged what has become another account's: %v", err)
	}
	after := ownRows(t, db, w)
	delete(before, "transaction_set_account") // one more by now: two accounts are told of the set
	delete(after, "transaction_set_account")
	if fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("rows %v, were %v", after, before)
	}
}

// oldSent is an outbound file that was delivered seven years ago.
func (w *outWorld) oldSent(t *testing.T) FileID {
	t.Helper()
	id := w.queue(t, "old", 1)
	w.must(t, func(tx *LoadTx) error { return w.begin(t.Context(), tx, id, "old") })
	w.must(t, func(tx *LoadTx) error {
		return tx.MarkSent(t.Context(), id, OutboundReceipt{Run: 7, Certainty: CertaintyConfirmed}, time.Time{})
	})
	if _, err := w.db.owner.ExecContext(t.Context(), `UPDATE file SET received_at = now() - interval '7 years' WHERE id = $1`, id); err != nil {
		t.Fatal(err)
	}
	return id
}

func (w *outWorld) purgeRequests() PurgeFilter {
	return PurgeFilter{Operator: w.operator, Kinds: []string{"270"}, Before: time.Now().AddDate(-6, 0, 0)}
}

// Who sends a file again, or hears that it was taken, locks what is outbound of it and then the file. A purge waits in the same
// order, and not for them while they wait for it.
func TestPurgeAndDeliveryDontMeetInACircle(t *testing.T) {
	t.Parallel()
	w := newOutWorld(t)
	id := w.oldSent(t)
	purged := make(chan error, 1)
	w.must(t, func(tx *LoadTx) error {
		if _, err := tx.exec(t.Context(), `SELECT FROM outbound WHERE file_id = $1 FOR UPDATE`, id); err != nil {
			return err
		}
		go func() {
			_, err := purge(t, w.db, w.purgeRequests(), id)
			purged <- err
		}()
		untilOneWaits(t, w.db)
		_, err := tx.LockFile(t.Context(), id)
		return err
	})
	if err := <-purged; err != nil {
		t.Error(err)
	}
}

// The same bytes, handed in after they were delivered and purged, are known.
func TestPurgedDeliveriesAreKnown(t *testing.T) {
	t.Parallel()
	w := newOutWorld(t)
	id := w.oldSent(t)
	if _, err := purge(t, w.db, w.purgeRequests(), id); err != nil {
		t.Fatal(err)
	}
	w.must(t, func(tx *LoadTx) error {
		file, err := tx.FileForLoad(t.Context(), id)
		if err != nil {
			return err
		}
		if before, err := tx.SentBefore(t.Context(), w.conn, file.SHA256); err != nil || before != id || file.State != FilePurged {
			t.Errorf("sent before: file %d (%v), want the purged file %d", before, err, id)
		}
		return nil
	})
}
