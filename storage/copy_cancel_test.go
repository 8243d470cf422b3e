package storage

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"

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
