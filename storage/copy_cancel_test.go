package storage

import (
	"bytes"
	"context"
	"database/sql/driver"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/ediport/ediport/storage/cluster/clustertest"
)

// A load that is cancelled between two rounds leaves nothing behind: its transaction is over, and its connection must not copy on.
func TestACancelledLoadCopiesNothing(t *testing.T) {
	t.Parallel()
	db := openTestDB(t)
	w := newTestWorld(t, db)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	err := db.InLoad(ctx, w.operator, testActor, func(tx *LoadTx) error {
		l := tx.Loader()
		if err := l.SetSummary(ctx, &SetSummaryRow{OperatorID: w.operator, SetID: 1}); err != nil {
			return err
		}
		cancel()
		for tx.q.Tx != nil { // until the transaction is rolled back
			var n int
			if err := tx.q.GetContext(context.WithoutCancel(ctx), &n, `SELECT 1`); err != nil {
				break
			}
		}
		return l.Flush(ctx)
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v", err)
	}
	if n := ownerRows[int](t, db, `SELECT count(*)::int FROM transaction_set_summary`); n[0] != 0 {
		t.Errorf("%d rows stayed", n[0])
	}
}

// A load whose connection breaks between two rounds ends with an error, and is tried again; it once hung for ever.
func TestALoadOutlivesItsConnection(t *testing.T) {
	t.Parallel()
	db := openTestDB(t)
	w := newTestWorld(t, db)
	row := &SetSummaryRow{OperatorID: w.operator, SetID: 1}
	ended := make(chan error, 1)
	go func() {
		ended <- db.InLoad(t.Context(), w.operator, testActor, func(tx *LoadTx) error {
			l := tx.Loader()
			if err := l.SetSummary(t.Context(), row); err != nil {
				return err
			}
			var pid int
			if err := tx.get(t.Context(), &pid, `SELECT pg_backend_pid()`); err != nil {
				return err
			}
			if ok := ownerRows[bool](t, db, `SELECT pg_terminate_backend($1, 60000)`, pid); !ok[0] {
				return errors.New("the session goes on")
			}
			if err := tx.get(t.Context(), &pid, `SELECT 1`); err == nil { // the driver learns of it
				return errors.New("the connection goes on")
			}
			return l.Flush(t.Context())
		})
	}()
	select {
	case err := <-ended:
		if !errors.Is(err, driver.ErrBadConn) {
			t.Errorf("err = %v, want that of a broken connection", err)
		}
	case <-time.After(time.Minute):
		t.Fatal("the load hangs")
	}
	load(t, db, w.operator, func(ctx context.Context, _ *LoadTx, l *Loader) error { return l.SetSummary(ctx, row) })
	if n := ownerRows[int](t, db, `SELECT count(*)::int FROM transaction_set_summary`); n[0] != 1 {
		t.Errorf("%d rows, want those of the second attempt", n[0])
	}
}

// What River does when all is well is no line of ours.
func TestMigratingLogsOneLine(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	clustertest.NewDatabase(t, clustertest.Template(t, "log-schema", func(dsn func(user string) string) error {
		cfg := testConfig(dsn)
		cfg.Log = slog.New(slog.NewTextHandler(&log, nil))
		db, err := Open(cfg)
		if err != nil {
			return err
		}
		defer func() { _ = db.Close() }()
		if err := db.Setup(context.Background()); err != nil {
			return err
		}
		return db.Migrate(context.Background())
	}))
	if n := strings.Count(log.String(), "level="); n != 1 {
		t.Errorf("%d lines:\n%s", n, log.String())
	}
}
