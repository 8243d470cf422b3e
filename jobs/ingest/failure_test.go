package ingest_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/ediport/ediport/jobs/ingest"
	"github.com/ediport/ediport/storage"
	"github.com/ediport/ediport/storage/archive"
	"github.com/ediport/ediport/storage/keys"
)

// A load that fails leaves nothing behind but the state and its reason, and says nothing of what the file holds; when the cause is
// gone the same file loads.
func TestFailedLoadsLeaveNothingAndTellNothing(t *testing.T) {
	w := newWorld(t)
	var log bytes.Buffer
	w.Log = slog.New(slog.NewTextHandler(&log, nil))
	seeded := strings.NewReplacer("N1*PE*ANY PRACTICE", "N1*PE*SEEDEDPRACTICE", "ANY PAYER", "SEEDEDPAYER", "GLIMMERFORD", "SEEDEDNAME", "*M0", "*SEEDEDMEMBER").
		Replace(strings.Replace(remit(1, npiA), "NM1*QC*1*", "NM1*QC*1*SEEDED1*", 1))
	said := func(err error) {
		t.Helper()
		if all := fmt.Sprintf("%v %+v %s", err, err, log.String()); strings.Contains(all, "SEEDED") || strings.Contains(all, npiA) {
			t.Errorf("it tells data of the file: %s", all)
		}
	}
	for _, c := range []struct{ name, before, after string }{
		{"a check", `ALTER TABLE claim_payment ADD CONSTRAINT seeded CHECK (patient_last_name IS NULL OR patient_last_name NOT LIKE 'SEEDED%')`, `ALTER TABLE claim_payment DROP CONSTRAINT seeded`},
		{"a length", `ALTER TABLE claim_payment ALTER patient_last_name TYPE varchar(3)`, `ALTER TABLE claim_payment ALTER patient_last_name TYPE text`},
		{"a type", `ALTER TABLE claim_payment ALTER patient_last_name TYPE integer USING 0`, `ALTER TABLE claim_payment ALTER patient_last_name TYPE text`},
		{"a unique index", `CREATE UNIQUE INDEX seeded ON person_mention ((last_name <> ''))`, `DROP INDEX seeded`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := w.raw.ExecContext(t.Context(), c.before); err != nil {
				t.Fatal(err)
			}
			in := seeded + strings.ReplaceAll(remit(2, npiA), "GLIMMERFORD", "SEEDEDOTHER")
			file := w.receive(t, "seeded", strings.NewReader(in))
			err := w.Load(t.Context(), w.operator, file)
			failure, ok := errors.AsType[*ingest.Failure](err)
			if !ok || failure.Code() != ingest.ReasonInternal || failure.Permanent() {
				t.Fatalf("err = %v", err)
			}
			said(err)
			if got := w.text(t, `SELECT state || ' ' || state_reason FROM file WHERE id = $1`, int64(file)); got != "failed ingest.failed" {
				t.Errorf("the file is %s", got)
			}
			for _, table := range []string{"interchange", "interchange_key", "payment_key", "claim_payment", "finding"} {
				if n := w.text(t, `SELECT count(*) FROM `+table); n != "0" {
					t.Errorf("%s rows of %s are left", n, table)
				}
			}
			if _, err := w.raw.ExecContext(t.Context(), c.after); err != nil {
				t.Fatal(err)
			}
		})
	}
	file := w.receive(t, "seeded", strings.NewReader(seeded))
	if err := w.Load(t.Context(), w.operator, file); err != nil {
		t.Fatal(err)
	}
	said(nil)
	first := w.text(t, `SELECT min(id) FROM file WHERE state = 'failed'`)
	var failed int64
	if _, err := fmt.Sscan(first, &failed); err != nil {
		t.Fatal(err)
	}
	if _, err := w.raw.ExecContext(t.Context(), `TRUNCATE interchange_key, payment_key`); err != nil {
		t.Fatal(err)
	}
	if err := w.Load(t.Context(), w.operator, storage.FileID(failed)); err != nil {
		t.Fatal(err)
	}
	if got := w.text(t, `SELECT state || ' ' || attempt FROM file WHERE id = $1`, failed); got != "loaded 2" {
		t.Errorf("tried again: %s", got)
	}
}

func TestADamagedArchiveIsTheReason(t *testing.T) {
	w := newWorld(t)
	dir := t.TempDir()
	store, err := archive.Open(dir, keys.NewRing())
	if err != nil {
		t.Fatal(err)
	}
	w.Archive = store
	file := w.receive(t, "damaged", strings.NewReader(remit(1, npiA)))
	err = filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil || len(b) < 200 {
			return err
		}
		b[len(b)/2] ^= 1
		return os.WriteFile(path, b, 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
	failure, ok := errors.AsType[*ingest.Failure](w.Load(t.Context(), w.operator, file))
	if !ok || failure.Code() != ingest.ReasonDamaged {
		t.Errorf("failure %v", failure)
	}
	if got := w.text(t, `SELECT state || ' ' || state_reason FROM file`); got != "failed ingest.archive_damaged" {
		t.Errorf("the file is %s", got)
	}
}

// Two files bring the same interchanges in opposite order, at the same time: each is loaded once, and neither load fails.
func TestLoadsThatMeet(t *testing.T) {
	w := newWorld(t)
	for round := range 3 {
		var there, back strings.Builder
		for i := range 40 {
			there.WriteString(remit(round*100+i+1, npiA))
			back.WriteString(remit(round*100+40-i, npiA))
		}
		var loads sync.WaitGroup
		for _, in := range []string{there.String(), back.String()} {
			file := w.receive(t, "one of two", strings.NewReader(in))
			loads.Go(func() {
				if err := w.Load(t.Context(), w.operator, file); err != nil {
					t.Error(err)
				}
			})
		}
		loads.Wait()
	}
	if got := w.text(t, `SELECT count(*) || ' ' || count(*) FILTER (WHERE duplicate_of IS NULL) FROM interchange`); got != "240 120" {
		t.Errorf("interchanges, and first ones: %s, want 240 120", got)
	}
	if got := w.text(t, `SELECT count(*) FROM payment WHERE counted`); got != "120" {
		t.Errorf("%s payments count, want 120", got)
	}
}

// Test data that comes over a production partner's connection is held, whatever its sender calls itself; and the reverse.
func TestUsageOfTheConnectionsPartner(t *testing.T) {
	w := newWorld(t)
	w.partner(t, "warn", "P")
	in := strings.ReplaceAll(remit(1, npiA), "*PAYER          *", "*SOMEBODY ELSE  *")
	test := strings.Replace(in, "*0*P*:", "*0*T*:", 1)
	file := w.receive(t, "by its connection", strings.NewReader(test))
	if _, err := w.raw.ExecContext(t.Context(), `UPDATE file SET partner_id = 77 WHERE id = $1`, int64(file)); err != nil {
		t.Fatal(err)
	}
	if err := w.Load(t.Context(), w.operator, file); err != nil {
		t.Fatal(err)
	}
	if got := w.text(t, `SELECT disposition || ' ' || disposition_reason FROM transaction_set`); got != "held ingest.test_data" {
		t.Errorf("test data: %s", got)
	}
}
