package ingest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/jobs/internal/failpoint"
	"github.com/ediport/ediport/jobs/internal/guards"
	"github.com/ediport/ediport/storage"
	"github.com/ediport/ediport/storage/archive"
	"github.com/ediport/ediport/storage/keys"
)

// Reasons why a file could not be loaded; they are codes of the error table.
const (
	ReasonDamaged  = "ingest.archive_damaged"
	ReasonUnfit    = "ingest.number_too_large"
	ReasonInternal = "ingest.failed"
)

// An Ingester loads files. It is safe for several goroutines.
type Ingester struct {
	DB      *storage.DB
	Archive *archive.Archive
	Log     *slog.Logger

	// Outbox takes the acknowledgments of what is loaded; nil: none are made.
	Outbox Outbox
}

// Load loads a file that was received: state downloaded, or failed at an earlier attempt. A file in any other state is
// left as it is, so that a job that runs twice loads once. Errors leave the file in state failed, with a reason, and
// nothing of it loaded; they hold no data of the file.
func (in *Ingester) Load(ctx context.Context, operator storage.OperatorID, file storage.FileID) error {
	_, err := in.LoadFile(ctx, operator, file)
	return err
}

// LoadFile is Load, and says what it did and how long it took.
func (in *Ingester) LoadFile(ctx context.Context, operator storage.OperatorID, file storage.FileID) (Result, error) {
	started := time.Now()
	result, err := in.attempt(ctx, operator, file, false)
	for tries := 1; errors.Is(err, storage.ErrRetry) && ctx.Err() == nil && tries < maxCollisions; tries++ {
		result, err = in.attempt(ctx, operator, file, true) // two loads that bring the same interchanges may meet
	}
	if err != nil {
		err = fmt.Errorf("ingest: file %d: %w", file, err)
		if ctx.Err() != nil {
			return Result{}, err
		}
		in.fail(ctx, operator, file, err)
		return Result{}, &Failure{Reason: reasonOf(err), Err: err}
	}
	result.Took = time.Since(started)
	if result.State != "" {
		in.Log.InfoContext(ctx, "file loaded", "file_id", int64(file), "state", string(result.State), "rows", result.Rows,
			"sets", result.Counts.Sets, "took", result.Took.Round(time.Millisecond))
	}
	return result, nil
}

// maxCollisions is how often a load is tried that the database ends because of another one.
const maxCollisions = 8

// attempt loads the file once. After a collision loads take turns, so that they can't collide for ever.
func (in *Ingester) attempt(ctx context.Context, operator storage.OperatorID, file storage.FileID, inTurn bool) (result Result, err error) {
	undo := func() {}
	loaded := false
	err = in.DB.InLoad(ctx, operator, storage.Actor{Kind: storage.ActorJob}, func(tx *storage.LoadTx) (err error) {
		if inTurn {
			if err := tx.TakeTurn(ctx); err != nil {
				return err
			}
		}
		result, undo, err = in.load(ctx, tx, file)
		loaded = err == nil
		return err
	})
	if err != nil && !loaded { // else the commit may have happened although its answer did not come
		undo()
	}
	if err == nil {
		failpoint.Reach("ingest.committed")
	}
	return result, err
}

// A Failure is why a file could not be loaded, without data of the file.
type Failure struct {
	Reason string // a code of the error table, as the file's row has it
	Err    error
}

// Error says where it failed.
func (f *Failure) Error() string { return f.Err.Error() }

// Unwrap returns the cause.
func (f *Failure) Unwrap() error { return f.Err }

// Code returns the reason.
func (f *Failure) Code() string { return f.Reason }

// Permanent reports whether the same bytes will fail again.
func (f *Failure) Permanent() bool { return f.Reason == ReasonUnfit }

// A Result says what an attempt did. State is "" if there was nothing to do.
type Result struct {
	State  storage.FileState
	Rows   int64
	Counts Counts

	Survey time.Duration // of the first pass
	Load   time.Duration // of the second pass, with the links
	Took   time.Duration // of all, with the commit
}

// Counts is the roll-up of a file, as its row keeps it.
type Counts struct {
	Interchanges map[string]int `json:"interchanges"` // by disposition
	Sets         map[string]int `json:"sets"`
	Findings     map[string]int `json:"findings"` // by severity
	Rows         int64          `json:"rows"`     // of business data
}

func newCounts() Counts {
	return Counts{Interchanges: map[string]int{}, Sets: map[string]int{}, Findings: map[string]int{}}
}

// fail records that an attempt failed, in a transaction of its own because the load's is gone.
func (in *Ingester) fail(ctx context.Context, operator storage.OperatorID, file storage.FileID, cause error) {
	err := in.DB.InLoad(ctx, operator, storage.Actor{Kind: storage.ActorJob}, func(tx *storage.LoadTx) error {
		f, err := tx.LockFile(ctx, file)
		if err != nil || !loadable(f.State) {
			return err
		}
		return tx.SetFileState(ctx, file, storage.FileChange{State: storage.FileFailed, Reason: reasonOf(cause), Attempt: true})
	})
	if err != nil {
		in.Log.ErrorContext(ctx, "the failure of a load could not be recorded", "file_id", int64(file), "error", err)
	}
}

func reasonOf(err error) string {
	var unfit *storage.UnfitError
	switch {
	case errors.Is(err, archive.ErrDamaged), errors.Is(err, archive.ErrMissing):
		return ReasonDamaged
	case errors.As(err, &unfit):
		return ReasonUnfit
	default:
		return ReasonInternal
	}
}

// loadable are the states from which a load begins.
func loadable(s storage.FileState) bool {
	return s == storage.FileDownloaded || s == storage.FileValidated || s == storage.FileFailed
}

// A load is one attempt at one file.
type load struct {
	ctx     context.Context //nolint:containedctx // a load is one call; its many small steps share its context
	tx      *storage.LoadTx
	rows    *storage.Loader
	file    storage.File
	routing *router
	now     time.Time
	counts  Counts
	partner storage.PartnerID
	outbox  Outbox
	said    bool // the file holds acknowledgments

	surveyed, loaded time.Duration

	pending     []pendingPayment        // of the round that is being filled
	payments    []storage.LoadedPayment // to be linked when all rows are there
	payers      map[string]storage.PayerID
	ensurePayer func(name string, ids []storage.PayerIdentifier) (storage.PayerID, error)
}

// load loads the file and queues its acknowledgments; undo is for when the transaction does not happen.
func (in *Ingester) load(ctx context.Context, tx *storage.LoadTx, id storage.FileID) (result Result, undo func(), err error) {
	undo = func() {}
	file, err := tx.LockFile(ctx, id)
	if err != nil || (!loadable(file.State) && guards.RecheckState) {
		return Result{}, undo, err
	}
	if err := failpoint.Check("ingest.locked"); err != nil {
		return Result{}, undo, err
	}
	l := &load{ctx: ctx, tx: tx, rows: tx.Loader(), file: file, now: file.ReceivedAt, counts: newCounts(), outbox: in.Outbox}
	l.rows.BeforeRound = l.claimPayments
	l.ensurePayer = func(name string, ids []storage.PayerIdentifier) (id storage.PayerID, err error) {
		// A transaction of its own, so that two loads that bring the same new payers don't wait for each other.
		err = in.DB.InLoad(ctx, file.Operator, storage.Actor{Kind: storage.ActorJob}, func(tx *storage.LoadTx) error {
			id, err = tx.EnsurePayer(ctx, name, ids)
			return err
		})
		return id, err
	}
	change, answers, err := in.work(l)
	if err != nil {
		return Result{}, undo, err
	}
	l.counts.Rows = l.rows.Rows()
	change.Counts, change.Attempt, change.Partner = l.counts, true, l.partner
	if err := tx.SetFileState(ctx, id, change); err != nil {
		return Result{}, undo, err
	}
	if len(answers) > 0 {
		if undo, err = in.Outbox.Queue(ctx, tx, &file, answers); err != nil {
			return Result{}, undo, err
		}
	}
	if err := failpoint.Check("ingest.queued"); err != nil {
		return Result{}, undo, err
	}
	return Result{State: change.State, Rows: l.counts.Rows, Counts: l.counts, Survey: l.surveyed, Load: l.loaded}, undo, nil
}

// work makes both passes and says what becomes of the file, and what its sender is told.
func (in *Ingester) work(l *load) (storage.FileChange, []Answer, error) {
	if l.file.Size == 0 {
		return storage.FileChange{State: storage.FileStored, Kind: "empty"}, nil, nil
	}
	routing, err := newRouter(l.ctx, l.tx, l.file)
	if err != nil {
		return storage.FileChange{}, nil, err
	}
	l.routing = routing
	started := time.Now()
	plan, err := in.survey(l)
	l.surveyed, started = time.Since(started), time.Now()
	defer func() { l.loaded = time.Since(started) }()
	if errors.Is(err, edi.ErrNotX12) {
		return storage.FileChange{State: storage.FileStored, Kind: "not_x12"}, nil, nil
	}
	if err != nil {
		return storage.FileChange{}, nil, err
	}
	if err := failpoint.Check("ingest.surveyed"); err != nil {
		return storage.FileChange{}, nil, err
	}
	answers, err := in.acknowledge(l, plan)
	if err != nil {
		return storage.FileChange{}, nil, err
	}
	if err := in.loadRows(l, plan); err != nil {
		return storage.FileChange{}, nil, err
	}
	if err := failpoint.Check("ingest.loaded"); err != nil {
		return storage.FileChange{}, nil, err
	}
	if len(plan.interchanges) == 0 { // there is an ISA, and it can't be read
		return storage.FileChange{State: storage.FileHeld, Reason: holdIncomplete, Kind: "x12"}, nil, nil
	}
	return storage.FileChange{State: stateOf(&l.counts), Kind: "x12"}, answers, nil
}

// loadRows makes the second pass, and links what it brought with what was there.
func (in *Ingester) loadRows(l *load, p *plan) error {
	if err := in.loadSets(l, p); err != nil {
		return err
	}
	if err := l.writeFindings(p); err != nil {
		return err
	}
	if err := l.rows.Flush(l.ctx); err != nil {
		return err
	}
	if l.said {
		if _, err := l.tx.MatchAcknowledgments(l.ctx, l.file.ID); err != nil {
			return err
		}
	}
	_, err := l.tx.LinkPayments(l.ctx, l.payments)
	return err
}

// stateOf rolls the dispositions of interchanges and sets up into the file's state. An interchange of which one set is held counts
// as held; whether others of it are loaded, its sets say.
func stateOf(c *Counts) storage.FileState {
	n := c.Interchanges
	loaded := n[dispositionLoaded] + n[dispositionFindings]
	some := loaded + c.Sets[dispositionLoaded] + c.Sets[dispositionFindings]
	switch {
	case some > 0 && n[dispositionHeld] > 0:
		return storage.FilePartlyLoaded
	case loaded > 0:
		return storage.FileLoaded
	case n[dispositionHeld] > 0:
		return storage.FileHeld
	case n[dispositionUnsupported] > 0:
		return storage.FileStored
	case n[dispositionDuplicate] > 0:
		return storage.FileDuplicate
	default:
		return storage.FileStored
	}
}

// read opens the archived bytes and hands them to fn.
func (in *Ingester) read(file storage.File, fn func(io.Reader) error) error {
	blob, err := blobOf(file)
	if err != nil {
		return err
	}
	r, err := in.Archive.Open(blob)
	if err != nil {
		return err
	}
	defer r.Close()
	return fn(r)
}

func blobOf(f storage.File) (archive.Blob, error) {
	b := archive.Blob{Name: f.BlobName, WrappedKey: f.WrappedKey, KeyID: keys.KeyID(f.KeyID), Size: f.Size, StoredSize: f.StoredSize}
	if len(f.SHA256) != len(b.SHA256) {
		return b, errors.New("the file's row has no SHA-256")
	}
	copy(b.SHA256[:], f.SHA256)
	return b, nil
}
