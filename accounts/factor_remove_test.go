package accounts_test

import (
	"errors"
	"strconv"
	"testing"

	"github.com/jmoiron/sqlx"
	_ "github.com/lib/pq"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/accounts/accountstest"
	"github.com/ediport/ediport/storage"
)

// Of two factors removed at the same time one stays with whoever needs one.
func TestTwoFactorsRemovedAtOnceLeaveTheLast(t *testing.T) {
	t.Parallel()
	w := accountstest.New(t).Strict(t)
	ctx, p := t.Context(), w.Principal(t, w.Administrator)
	var ids [2]int64
	err := w.DB.InSignIn(ctx, accountstest.Actor, func(tx *storage.Tx) (err error) {
		for i := range ids {
			if ids[i], err = tx.NewID(ctx, storage.IDCredential); err != nil {
				return err
			}
			f := storage.Factor{ID: ids[i], UserID: int64(p.UserID), Kind: "passkey", Hash: "credential " + strconv.Itoa(i), Label: "key"}
			if err = tx.AddFactor(ctx, f, w.Clock.Now()); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	db, err := sqlx.Open("postgres", w.LoaderDSN)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }() // nothing was written
	removed := make(chan error, 1)
	err = w.DB.InSignIn(ctx, accountstest.Actor, func(tx *storage.Tx) error {
		if _, err := tx.LockUser(ctx, p.UserID); err != nil {
			return err
		}
		if err := tx.RevokeFactor(ctx, p.UserID, ids[0], w.Clock.Now()); err != nil {
			return err
		}
		go func() { removed <- w.Accounts.RemoveFactor(ctx, p, ids[1]) }()
		for waits := 0; waits == 0 && len(removed) == 0; {
			err := db.GetContext(ctx, &waits, `WITH pause AS MATERIALIZED (SELECT pg_sleep(0.02))
				SELECT count(*) FROM pause, pg_locks l JOIN pg_stat_activity a USING (pid) WHERE NOT l.granted AND a.datname = current_database()`)
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := <-removed; !errors.Is(err, accounts.ErrLastFactor) {
		t.Errorf("removing the second while the first is removed: %v, want ErrLastFactor", err)
	}
}

// A reset of the second steps is one act: code, void password, sessions, tokens and factors go together.
func TestAResetOfFactorsIsOneAct(t *testing.T) {
	t.Parallel()
	w := accountstest.New(t)
	biller := userID(t, w, w.Biller)
	if err := w.Accounts.ResetPersonFactors(t.Context(), ownerOf(t, w), biller, "called back"); err != nil {
		t.Fatal(err)
	}
	db, err := sqlx.Open("postgres", w.LoaderDSN)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }() // nothing was written
	var got struct{ Events, Acts int }
	err = db.GetContext(t.Context(), &got, `SELECT count(*) AS events, count(DISTINCT txid::text) AS acts FROM audit_event
		WHERE object_id = $1 AND action IN ('password.reset_started', 'password.voided', 'factors.reset')`, int64(biller))
	if err != nil || got.Events != 3 || got.Acts != 1 {
		t.Errorf("%d events of %d transactions, %v; want 3 of 1", got.Events, got.Acts, err)
	}
}
