package jobs

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/ediport/ediport/jobs/internal/failpoint"
	"github.com/ediport/ediport/storage"
)

// keep puts a file of an operator into archive and database, as if it had come so many years ago, and returns its blob.
func (h *house) keep(operator storage.OperatorID, years int) (id storage.FileID, blob string) {
	h.t.Helper()
	ctx := h.t.Context()
	w, err := h.archive.Create(ctx)
	if err != nil {
		h.t.Fatal(err)
	}
	defer w.Abort()
	if _, err := w.Write(randomBytes(1000)); err != nil {
		h.t.Fatal(err)
	}
	b, err := w.Commit()
	if err != nil {
		h.t.Fatal(err)
	}
	err = h.db.InLoad(ctx, operator, storage.Actor{Kind: storage.ActorSystem}, func(tx *storage.LoadTx) (err error) {
		id, err = tx.InsertFile(ctx, storage.File{
			Direction: "in", Source: "upload", Name: "kept", State: storage.FileLoaded, Size: b.Size, SHA256: b.SHA256[:], BlobName: b.Name,
			WrappedKey: b.WrappedKey, KeyID: string(b.KeyID), StoredSize: b.StoredSize, ReceivedAt: h.db.Now().AddDate(-years, 0, 0),
		})
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return id, b.Name
}

// there tells whether a blob is in the archive.
func (h *house) there(blob string) bool {
	h.t.Helper()
	found := false
	_, err := h.archive.Sweep(h.t.Context(), -time.Hour, func(_ context.Context, names []string) (map[string]bool, error) {
		found = found || slices.Contains(names, blob)
		return nil, nil
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return found
}

func (h *house) orderPurge(change ...func(*PurgeOrder)) (id storage.RunID, err error) {
	h.t.Helper()
	o := PurgeOrder{Kinds: []string{storage.PurgeOther}, Before: h.db.Now().AddDate(-6, 0, -1), Asked: 7, Agreed: 8, Approval: 9}
	for _, fn := range change {
		fn(&o)
	}
	err = h.db.InScope(h.t.Context(), h.scope, func(tx *storage.Tx) (err error) {
		id, err = h.desk.PurgeIn(h.t.Context(), tx, o)
		return err
	})
	return id, err
}

// A purge whose process is killed between the rows and the bytes is finished by the next one: no original stays, none but the
// purged go, and each file is proved once.
func TestPurgeSurvivesAKill(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	var stranger storage.OperatorID
	err := h.db.InSystem(t.Context(), storage.Actor{Kind: storage.ActorSystem}, func(tx *storage.Tx) (err error) {
		stranger, _, err = tx.NewOperator(t.Context(), "Somebody else", "")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	old := map[storage.FileID]string{}
	for range 3 {
		id, blob := h.keep(h.operator, 7)
		old[id] = blob
	}
	_, young := h.keep(h.operator, 1)
	_, theirs := h.keep(stranger, 7)

	dying := h.startChild(func(c *childConfig) { c.DieAt = purgeCommitted })
	run, err := h.orderPurge()
	if err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the node dies", dying.exited)
	var first string
	if err := h.owner.QueryRowContext(t.Context(), `SELECT blob_name FROM purged_blob`).Scan(&first); err != nil || !h.there(first) {
		t.Fatalf("the killed process left blob %q (%v)", first, err)
	}

	h.start()
	if ended := h.ended(run); ended.State != storage.RunSucceeded || countsOf(t, ended).Purged != 3 || countsOf(t, ended).Bytes != 3000 {
		t.Fatalf("run %s %s, %s", ended.State, ended.ErrorCode, ended.Counts)
	}
	for id, blob := range old {
		if h.there(blob) {
			t.Errorf("the original of file %d is still in the archive", id)
		}
		if n := h.number(`SELECT count(*) FROM audit_event WHERE action = 'file.purged' AND object_id = $1 AND detail->>'requested_by' = '7'
			AND detail->>'approved_by' = '8' AND length(detail->>'sha256') = 64`, id); n != 1 {
			t.Errorf("%d events prove that file %d was purged", n, id)
		}
	}
	if !h.there(young) || !h.there(theirs) {
		t.Errorf("originals that were not meant: there %v, %v", h.there(young), h.there(theirs))
	}
	if n := h.number(`SELECT count(*) FROM file WHERE state = 'purged' AND blob_name IS NULL AND name = 'purged'`); n != 3 {
		t.Errorf("%d files are purged, want 3", n)
	}
	if n := h.number(`SELECT count(*) FROM purged_blob`); n != 0 {
		t.Errorf("%d blobs are still to be removed", n)
	}
	if n := h.number(`SELECT count(*) FROM audit_event WHERE action = 'purge.finished' AND detail->>'files' = '3' AND detail->>'state' = 'succeeded'`); n != 1 {
		t.Errorf("%d events tell of the end", n)
	}
}

// A purge that a person stops takes nothing more out.
func TestPurgeIsCancelled(t *testing.T) { // not parallel: the failpoint is the process's
	h := newHouse(t)
	for range 3 {
		h.keep(h.operator, 7)
	}
	run, err := h.orderPurge()
	if err != nil {
		t.Fatal(err)
	}
	failpoint.Set(purgeCommitted, func() {
		if err := h.desk.Cancel(t.Context(), h.scope, run); err != nil {
			t.Error(err)
		}
	})
	defer failpoint.Set(purgeCommitted, nil)
	h.start()
	if ended := h.ended(run); ended.State != storage.RunCancelled || countsOf(t, ended).Purged != 1 {
		t.Fatalf("run %s %s, %s", ended.State, ended.ErrorCode, ended.Counts)
	}
	if n := h.number(`SELECT count(*) FROM file WHERE state = 'purged'`); n != 1 {
		t.Errorf("%d files are purged, want 1", n)
	}
	if n := h.number(`SELECT count(*) FROM audit_event WHERE action = 'purge.finished' AND detail->>'state' = 'cancelled'`); n != 1 {
		t.Errorf("%d events tell of the end", n)
	}
}

// The bytes of what is gone go, even if the purge is stopped just then: there may be no other purge for years.
func TestAStoppedPurgeLeavesNoBytes(t *testing.T) { // not parallel: the failpoint is the process's
	h := newHouse(t)
	id, blob := h.keep(h.operator, 7)
	n := h.start(func(c *Config) { c.Work = false })
	run, err := h.orderPurge()
	if err != nil {
		t.Fatal(err)
	}
	e, err := n.begin(t.Context(), h.operator, run)
	if err != nil {
		t.Fatal(err)
	}
	p := &purger{execution: e, filter: storage.PurgeFilter{Kinds: []string{storage.PurgeOther}, Before: h.db.Now().AddDate(-6, 0, 0)}}
	ctx, stop := context.WithCancel(t.Context())
	failpoint.Set(purgeCommitted, stop)
	defer failpoint.Set(purgeCommitted, nil)
	if err := p.file(ctx, &storage.PurgeCandidate{File: id}); err != nil || ctx.Err() == nil {
		t.Fatalf("purging: %v, stopped: %v", err, ctx.Err())
	}
	if h.there(blob) || h.number(`SELECT count(*) FROM purged_blob`) != 0 {
		t.Error("the original stays in the archive")
	}
}

// Who may try work again does not bring back a purge that somebody has called off.
func TestACancelledPurgeStaysCancelled(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keep(h.operator, 7)
	run, err := h.orderPurge()
	if err != nil {
		t.Fatal(err)
	}
	if err := h.desk.Cancel(t.Context(), h.scope, run); err != nil {
		t.Fatal(err)
	}
	job := h.oneJob("the job is listed", storage.JobFilter{Kind: KindPurge})
	if err := h.desk.RetryJob(t.Context(), h.scope, job.ID); !errors.Is(err, storage.ErrConflict) {
		t.Errorf("tried again: %v", err)
	}
	if state := h.run(run).State; state != storage.RunCancelled {
		t.Errorf("the run is %s", state)
	}
}

func TestPurgeOrdersAreChecked(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for name, c := range map[string]struct {
		change func(*PurgeOrder)
		want   error
	}{
		"a remittance of five years":       {func(o *PurgeOrder) { o.Kinds, o.Before = []string{"271", "835"}, h.db.Now().AddDate(-5, 0, 0) }, ErrPurgeTooYoung},
		"an answer of two months":          {func(o *PurgeOrder) { o.Kinds, o.Before = []string{"271"}, h.db.Now().AddDate(0, -2, 0) }, ErrPurgeTooYoung},
		"a kind that nobody knows":         {func(o *PurgeOrder) { o.Kinds = []string{"837"} }, ErrPurgeInvalid},
		"no kind":                          {func(o *PurgeOrder) { o.Kinds = nil }, ErrPurgeInvalid},
		"no day":                           {func(o *PurgeOrder) { o.Before = time.Time{} }, ErrPurgeInvalid},
		"an answer of four months is fine": {func(o *PurgeOrder) { o.Kinds, o.Before = []string{"271"}, h.db.Now().AddDate(0, -4, 0) }, nil},
	} {
		if _, err := h.orderPurge(c.change); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}
