package storage

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/lib/pq"

	"github.com/ediport/ediport/edi"
)

// oldFile makes the world's only file one that was loaded, with a blob, seven years ago.
func oldFile(t *testing.T, db *DB, w testWorld, state FileState) FileID {
	t.Helper()
	id := ownerRows[FileID](t, db, `SELECT id FROM file WHERE operator_id = $1`, w.operator)[0]
	_, err := db.owner.ExecContext(t.Context(), `
		UPDATE file SET state = $3, received_at = now() - interval '7 years', kind = 'x12', remote_path = '/out/DOE.835', remote_size = 3,
			blob_name = 'blob-' || id, wrapped_key = 'key', key_id = 'k1', stored_size = 3, counts = '{"rows": 2}'
		WHERE operator_id = $1 AND id = $2`, w.operator, id, string(state))
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func purgeOther(w testWorld) PurgeFilter {
	return PurgeFilter{Operator: w.operator, Kinds: []string{PurgeOther}, Before: time.Now().AddDate(-6, 0, 0)}
}

func purge(t *testing.T, db *DB, f PurgeFilter, id FileID) (p *Purged, err error) {
	t.Helper()
	err = db.InLoad(t.Context(), f.Operator, testActor, func(tx *LoadTx) error {
		p, err = tx.PurgeFile(t.Context(), f, id, 0)
		return err
	})
	return p, err
}

// ownRows counts the rows of a world in every table that a load fills.
func ownRows(t *testing.T, db *DB, w testWorld) map[string]int {
	t.Helper()
	counts := map[string]int{}
	accounts := pq.Array([]int64{int64(w.a), int64(w.b), int64(w.unrouted)})
	for i, table := range append(loadTableNames[:], "open_reversal") {
		key, arg := "account_id = ANY ($1::bigint[])", any(accounts)
		if i < tablePayment && i != tableSetAccount {
			key, arg = "operator_id = $1", any(w.operator)
		}
		counts[table] = ownerRows[int](t, db, `SELECT count(*)::int FROM `+table+` WHERE `+key, arg)[0]
	}
	return counts
}

// A purged file leaves its row, without name and bytes, and the keys by which it is known again; nothing else stays of it, in no
// table and no account, and nobody else loses a row.
func TestPurgeTakesAllOfAFileAndNothingElse(t *testing.T) {
	t.Parallel()
	db := openTestDB(t)
	w, other := newTestWorld(t, db), newTestWorld(t, db)
	for _, world := range []testWorld{w, other} {
		seedTwoAccounts(t, db, world)
		oldFile(t, db, world, FileLoaded)
	}
	id := oldFile(t, db, w, FileLoaded)
	load(t, db, w.operator, func(ctx context.Context, tx *LoadTx, l *Loader) error {
		key := InterchangeKey{Key: []byte("key"), Content: []byte("content"), ID: 1, File: id, ReceivedAt: tx.Now()}
		_, err := tx.ClaimInterchange(ctx, key)
		_, err2 := tx.ClaimPayment(ctx, []byte("payment"), []byte("claims"), 1)
		_, err3 := tx.exec(ctx, `INSERT INTO open_reversal (account_id, reversal_claim_id, patient_control_number, charge, usage) VALUES ($1, 1, 'P1', 5, 'P')`, w.a)
		return errors.Join(err, err2, err3, // what the tables of the seed lack
			l.Acknowledgment(ctx, &AcknowledgmentRow{OperatorID: w.operator, ID: 1, FileID: id, InterchangeID: 1, Kind: "999", Usage: "P", ReceivedAt: tx.Now()}),
			l.AcknowledgmentSet(ctx, &AcknowledgmentSetRow{OperatorID: w.operator, AcknowledgmentID: 1, No: 1}),
			l.AcknowledgmentError(ctx, &AcknowledgmentErrorRow{OperatorID: w.operator, AcknowledgmentID: 1, SetNo: 1, No: 1}))
	})
	for table, n := range ownRows(t, db, w) {
		if n == 0 {
			t.Errorf("the test has no row in %s", table)
		}
	}
	before := ownRows(t, db, other)

	f := purgeOther(w)
	f.Kinds = []string{PurgeOther, PurgeAcknowledgments}
	p, err := purge(t, db, f, id)
	if err != nil {
		t.Fatal(err)
	}
	if p.Rows == 0 || p.Sets != 2 || !slices.Equal(p.Accounts, []AccountID{w.a, w.b}) || len(p.Files) != 1 || p.Files[0].ID != id || len(p.Files[0].SHA256) != 64 || p.Tables["claim_payment"] != 2 {
		t.Errorf("purged %+v", p)
	}
	for table, n := range ownRows(t, db, w) {
		if n != 0 {
			t.Errorf("%d rows of %s stayed", n, table)
		}
	}
	if after := ownRows(t, db, other); fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("another operator's rows: %v, were %v", after, before)
	}

	var file File
	var blobs []string
	var again InterchangeMatch
	var paid PaymentMatch
	load(t, db, w.operator, func(ctx context.Context, tx *LoadTx, _ *Loader) (err error) {
		var errs [4]error
		file, errs[0] = tx.FileForLoad(ctx, id)
		blobs, errs[1] = tx.PurgedBlobs(ctx)
		again, errs[2] = tx.ClaimInterchange(ctx, InterchangeKey{Key: []byte("key"), Content: []byte("content"), ID: 9, File: 9, ReceivedAt: tx.Now()})
		paid, errs[3] = tx.ClaimPayment(ctx, []byte("payment"), []byte("claims"), 9)
		return errors.Join(errs[:]...)
	})
	if file.State != FilePurged || file.Name != "purged" || file.RemotePath != "" || file.BlobName != "" || file.WrappedKey != nil || file.KeyID != "" {
		t.Errorf("what is left of the file: %+v", file)
	}
	if len(file.SHA256) != 32 || file.CountsAsText != "{}" {
		t.Errorf("hash %x, counts %s", file.SHA256, file.CountsAsText)
	}
	if want := fmt.Sprintf("blob-%d", id); !slices.Equal(blobs, []string{want}) {
		t.Errorf("blobs to remove: %v, want %s", blobs, want)
	}
	if again.DuplicateOf != 1 || again.DuplicateFile != id || paid.DuplicateOf != 1 || paid.Kind != "duplicate" {
		t.Errorf("sent again: %+v, %+v", again, paid)
	}
	if _, err := purge(t, db, f, id); !errors.Is(err, ErrNotFound) {
		t.Errorf("purged twice: %v", err)
	}
	load(t, db, w.operator, func(ctx context.Context, tx *LoadTx, _ *Loader) error {
		if err := tx.ForgetPurgedBlobs(ctx, blobs); err != nil {
			return err
		}
		blobs, err = tx.PurgedBlobs(ctx)
		return err
	})
	if len(blobs) != 0 {
		t.Errorf("still to remove: %v", blobs)
	}
}

// In doubt a file stays: under way, other kinds in it, other accounts in it, a part that came later.
func TestPurgeRefusesWhatIsNotMeant(t *testing.T) {
	t.Parallel()
	db := openTestDB(t)
	w, other := newTestWorld(t, db), newTestWorld(t, db)
	seedTwoAccounts(t, db, w)
	id := oldFile(t, db, w, FileLoaded)
	before := ownRows(t, db, w)
	for name, c := range map[string]struct {
		change func(*PurgeFilter)
		state  FileState
		want   error
	}{
		"another operator":  {func(f *PurgeFilter) { f.Operator = other.operator }, FileLoaded, ErrNotFound},
		"another kind":      {func(f *PurgeFilter) { f.Kinds = []string{PurgeRemittances} }, FileLoaded, ErrConflict},
		"too young":         {func(f *PurgeFilter) { f.Before = time.Now().AddDate(-8, 0, 0) }, FileLoaded, ErrNotFound},
		"of other accounts": {func(f *PurgeFilter) { f.Account = w.a }, FileLoaded, ErrConflict},
		"of no such one":    {func(f *PurgeFilter) { f.Account = other.a }, FileLoaded, ErrConflict},
		"waits to load":     {func(*PurgeFilter) {}, FileDownloaded, ErrConflict},
		"is validated":      {func(*PurgeFilter) {}, FileValidated, ErrConflict},
		"is being sent":     {func(*PurgeFilter) {}, FileSending, ErrConflict},
		"may have been":     {func(*PurgeFilter) {}, FileUncertain, ErrConflict},
	} {
		oldFile(t, db, w, c.state)
		f := purgeOther(w)
		c.change(&f)
		if _, err := purge(t, db, f, id); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		if after := ownRows(t, db, w); fmt.Sprint(after) != fmt.Sprint(before) {
			t.Fatalf("%s: rows %v, were %v", name, after, before)
		}
	}
}

// Beside what was read there may be something that nobody could read: it may be a remittance.
func TestPurgeKeepsWhatNobodyCouldRead(t *testing.T) {
	t.Parallel()
	db := openTestDB(t)
	w := newTestWorld(t, db)
	seedTwoAccounts(t, db, w)
	id := oldFile(t, db, w, FileHeld)
	if _, err := db.owner.ExecContext(t.Context(), `UPDATE transaction_set SET set_code = '271' WHERE operator_id = $1`, w.operator); err != nil {
		t.Fatal(err)
	}
	f := PurgeFilter{Operator: w.operator, Kinds: []string{"271"}, Before: time.Now().AddDate(0, 0, -90)}
	verdict := func() PurgeVerdict {
		counts, err := db.PurgePreview(t.Context(), Scope{Operator: w.operator}, f)
		if err != nil || len(counts) != 1 {
			t.Fatalf("preview: %+v, %v", counts, err)
		}
		return counts[0].Verdict
	}
	if got := verdict(); got != PurgeTake {
		t.Fatalf("a file of answers: %s", got)
	}
	load(t, db, w.operator, func(ctx context.Context, _ *LoadTx, l *Loader) error {
		return l.Interchange(ctx, &InterchangeRow{OperatorID: w.operator, ID: 3, FileID: id, Ordinal: 3, Usage: "P", Disposition: "held", ReceivedAt: time.Now()})
	})
	if got := verdict(); got != PurgeMixed {
		t.Errorf("with an interchange that broke off before its first set: %s", got)
	}
	if _, err := purge(t, db, f, id); !errors.Is(err, ErrConflict) {
		t.Errorf("purging it: %v", err)
	}
}

// What came out of a file goes with it, and one of them that is to stay keeps all.
func TestPurgeTakesAContainerWhole(t *testing.T) {
	t.Parallel()
	db := openTestDB(t)
	w := newTestWorld(t, db)
	seedTwoAccounts(t, db, w)
	child := oldFile(t, db, w, FileLoaded)
	var zip FileID
	load(t, db, w.operator, func(ctx context.Context, tx *LoadTx, _ *Loader) (err error) {
		zip, err = tx.InsertFile(ctx, File{
			Direction: "in", Source: "sftp", Name: "all.zip", State: FileStored, SHA256: make([]byte, 32), ReceivedAt: time.Now().AddDate(-7, 0, 0),
			BlobName: "blob-zip", WrappedKey: []byte("key"), KeyID: "k1", StoredSize: 3,
		})
		if err != nil {
			return err
		}
		_, err = tx.exec(ctx, `UPDATE file SET parent_file_id = $3 WHERE operator_id = $1 AND id = $2`, w.operator, child, zip)
		return err
	})
	f := purgeOther(w)
	setState(t, db, child, FileDownloaded)
	if _, err := purge(t, db, f, zip); !errors.Is(err, ErrConflict) {
		t.Errorf("while what came out of it is under way: %v", err)
	}
	setState(t, db, child, FileLoaded)
	counts, err := db.PurgePreview(t.Context(), Scope{Operator: w.operator}, f)
	if err != nil || len(counts) != 1 || counts[0].Files != 2 || counts[0].Verdict != PurgeTake || counts[0].Sets != 2 {
		t.Errorf("preview: %+v, %v", counts, err)
	}
	p, err := purge(t, db, f, zip)
	if err != nil || len(p.Files) != 2 || p.Files[1].ID != child {
		t.Fatalf("purged %+v, %v", p, err)
	}
	for table, n := range ownRows(t, db, w) {
		if n != 0 {
			t.Errorf("%d rows of %s stayed", n, table)
		}
	}
	if names := ownerRows[string](t, db, `SELECT blob_name FROM purged_blob ORDER BY 1`); len(names) != 2 {
		t.Errorf("blobs to remove: %v", names)
	}
}

func setState(t *testing.T, db *DB, id FileID, state FileState) {
	t.Helper()
	if _, err := db.owner.ExecContext(t.Context(), `UPDATE file SET state = $2 WHERE id = $1`, id, string(state)); err != nil {
		t.Fatal(err)
	}
}

// A load that links its claims with those of a file that is being purged, and the purge, wait for each other in one order.
func TestPurgeAndLoadDontMeetInACircle(t *testing.T) {
	t.Parallel()
	db := openTestDB(t)
	w := newTestWorld(t, db)
	seedTwoAccounts(t, db, w)
	id := oldFile(t, db, w, FileLoaded)
	purged := make(chan error, 1)
	load(t, db, w.operator, func(ctx context.Context, tx *LoadTx, l *Loader) error {
		if err := l.Payment(ctx, &PaymentRow{AccountID: w.a, ID: 70, OperatorID: w.operator, UnitID: 70, SetID: 70, FileID: 70, Usage: "P", ReceivedAt: tx.Now(), FirstClaimID: 70, LastClaimID: 70, Counted: true}); err != nil {
			return err
		}
		if err := l.ClaimPayment(ctx, &ClaimPaymentRow{AccountID: w.a, ID: 70, PaymentID: 70, UnitID: 70, SetID: 70, FileID: 70, Usage: "P", PatientControlNumber: edi.Text("P1"), Reversal: true}); err != nil {
			return err
		}
		if err := l.Flush(ctx); err != nil {
			return err
		}
		if _, err := tx.LinkPayments(ctx, []LoadedPayment{{Account: w.a, ID: 70}}); err != nil {
			return err
		}
		go func() {
			purged <- db.InLoad(context.WithoutCancel(ctx), w.operator, testActor, func(tx *LoadTx) error {
				_, err := tx.PurgeFile(ctx, purgeOther(w), id, 0)
				return err
			})
		}()
		for waits := 0; waits == 0; { // until the purge waits for this load
			waits = ownerRows[int](t, db, `SELECT count(*)::int FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`)[0]
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		// Had the purge begun to delete, this would wait for it, and it for the lock above.
		_, err := tx.exec(ctx, `UPDATE claim_payment SET reversed_by_claim_id = 70 WHERE account_id = $1 AND id = 1`, w.a)
		return err
	})
	if err := <-purged; err != nil {
		t.Fatal(err)
	}
	if n := ownRows(t, db, w)["claim_payment"]; n != 1 {
		t.Errorf("%d claim payments, want the one of the other file", n)
	}
}

func TestPurgeFloors(t *testing.T) {
	now := time.Date(2026, 3, 31, 12, 0, 0, 0, time.UTC)
	for _, kind := range PurgeKinds() {
		want := now.AddDate(0, 0, -90)
		if kind == "835" || kind == "other" {
			want = now.AddDate(-6, 0, 0)
		}
		if got := PurgeFloor(kind, now); !got.Equal(want) {
			t.Errorf("%s: %v, want %v", kind, got, want)
		}
	}
}
