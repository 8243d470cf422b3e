package storage

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/lib/pq"
)

// The states of a queued job, as River names them.
const (
	JobAvailable = "available" // waits for a free worker
	JobScheduled = "scheduled" // its time has not come
	JobRetryable = "retryable" // waits for its next attempt
	JobRunning   = "running"   //
	JobCompleted = "completed" //
	JobCancelled = "cancelled" // by a person, or given up since trying again is pointless
	JobDiscarded = "discarded" // given up after its last attempt
)

// A QueuedJob is a job as the queue has it. Finished ones stay for a while: completed ones a day, the
// others thirty days.
type QueuedJob struct {
	ID              int64          `db:"id"`
	Kind            string         `db:"kind"`
	Queue           string         `db:"queue"`
	State           string         `db:"state"`
	Attempt         int            `db:"attempt"` // the last or current one; the first is 1
	MaxAttempts     int            `db:"max_attempts"`
	Priority        int            `db:"priority"` // 1 (first) to 4
	CreatedAt       time.Time      `db:"created_at"`
	ScheduledAt     time.Time      `db:"scheduled_at"` // not before; of a retryable one its next attempt
	AttemptedAt     *time.Time     `db:"attempted_at"` // nil: not yet
	FinalizedAt     *time.Time     `db:"finalized_at"` // nil: not finished
	NodeID          string         `db:"node_id"`      // who has it, or had it last; "": nobody yet
	Run             RunID          `db:"run_id"`       // 0: of no run
	File            FileID         `db:"file_id"`      // 0: of no file
	Codes           pq.StringArray `db:"codes"`        // why attempts failed, the oldest first
	CancelRequested bool           `db:"cancel_requested"`
}

// Dead tells whether the job was given up with an error: it wants a person to look, and to try it
// again or to put it aside.
func (j *QueuedJob) Dead() bool {
	return j.State == JobDiscarded || j.State == JobCancelled && len(j.Codes) > 0
}

// A JobFilter selects jobs; zero fields select all.
type JobFilter struct {
	Kind   string
	States []string
	Dead   bool // only those that are Dead
	Limit  int  // 1 to 500; 0: 50
}

const (
	selectJobs = `SELECT * FROM ediport_jobs($1, $2, $3, $4, $5, $6)`

	cancelJob  = `SELECT coalesce(ediport_cancel_job($1), '')`
	retryJob   = `SELECT coalesce(ediport_retry_job($1), '')`
	discardJob = `SELECT coalesce(ediport_discard_job($1), '')`

	// A run whose job is tried again goes on where it ended. Its epoch rises, so that nobody who worked
	// on it before can.
	reopenRun = `
UPDATE run SET state = 'queued', ended_at = NULL, error_code = NULL, cancel_requested = false, epoch = epoch + 1, node_id = NULL
WHERE operator_id = $1 AND id = $2 AND state IN ('failed', 'cancelled')`

	selectQueueDepths = `
SELECT queue, state::text AS state, count(*) AS jobs, min(CASE WHEN state = 'running' THEN attempted_at ELSE scheduled_at END) AS oldest
FROM river_job
WHERE state IN ('available', 'scheduled', 'retryable', 'running', 'discarded')
GROUP BY queue, state
ORDER BY queue, state`
)

type jobPosition struct {
	ID int64 `json:"id"`
}

// Jobs returns the operator's jobs that match, newest first, and the cursor of the next page, "" at the end.
func (t *Tx) Jobs(ctx context.Context, f JobFilter, cursor Cursor) ([]QueuedJob, Cursor, error) {
	limit := f.Limit
	if limit < 1 || limit > 500 {
		limit = 50
	}
	f.Limit = 0 // a page link keeps fitting when the page's length changes
	var before *int64
	if cursor != "" {
		var at jobPosition
		if err := t.db.cursors.Open("jobs", t.scope, f, cursor, &at); err != nil {
			return nil, "", err
		}
		before = &at.ID
	}
	var kind *string
	if f.Kind != "" {
		kind = &f.Kind
	}
	var states any
	if len(f.States) > 0 {
		states = pq.Array(f.States)
	}
	jobs := []QueuedJob{}
	if err := t.list(ctx, &jobs, selectJobs, nil, kind, states, f.Dead, before, limit+1); err != nil {
		return nil, "", fmt.Errorf("storage: jobs: %w", err)
	}
	if len(jobs) <= limit {
		return jobs, "", nil
	}
	jobs = jobs[:limit]
	next, err := t.db.cursors.Seal("jobs", t.scope, f, jobPosition{ID: jobs[limit-1].ID})
	return jobs, next, err
}

// Job returns one job of the operator; ErrNotFound.
func (t *Tx) Job(ctx context.Context, id int64) (*QueuedJob, error) {
	j := &QueuedJob{}
	if err := t.get(ctx, j, selectJobs, id, nil, nil, false, nil, 1); err != nil {
		return nil, fmt.Errorf("storage: job: %w", err)
	}
	return j, nil
}

// actOnJob calls one of the functions on a job, which is ErrConflict unless the job was in one of the states.
func (t *Tx) actOnJob(ctx context.Context, query string, id int64, states ...string) error {
	var was string
	if err := t.get(ctx, &was, query, id); err != nil {
		return err
	}
	if was == "" {
		return ErrNotFound
	}
	if !containsText(states, was) {
		return ErrConflict
	}
	return nil
}

// CancelJob ends a job that waits and stops one that runs, on whatever node, within two seconds. A
// finished one is ErrConflict. The job of a run is cancelled by [Tx.CancelRun].
func (t *Tx) CancelJob(ctx context.Context, id int64) error {
	if err := t.actOnJob(ctx, cancelJob, id, JobAvailable, JobScheduled, JobRetryable, JobRunning); err != nil {
		return fmt.Errorf("storage: cancel job: %w", err)
	}
	return nil
}

// RetryJob makes a job that is dead, or waits for its next attempt, go at once; the run of a dead one is
// open again. ErrConflict: the job runs or is done, or the connection has another open run by now.
func (t *Tx) RetryJob(ctx context.Context, id int64) error {
	err := t.retryJob(ctx, id)
	if err != nil {
		return fmt.Errorf("storage: retry job: %w", err)
	}
	return nil
}

func (t *Tx) retryJob(ctx context.Context, id int64) error {
	job, err := t.Job(ctx, id)
	if err != nil {
		return err
	}
	if job.Run != 0 && job.FinalizedAt != nil {
		if err := t.execOne(ctx, reopenRun, t.scope.Operator, job.Run); err != nil {
			if errors.Is(err, ErrNotFound) {
				err = ErrConflict // the run is gone, or ended well
			}
			return err
		}
	}
	return t.actOnJob(ctx, retryJob, id, JobScheduled, JobRetryable, JobCancelled, JobDiscarded)
}

// DiscardJob puts a job aside: a dead one leaves the list, one that waits is cancelled with its run.
// ErrConflict: it runs, or is done.
func (t *Tx) DiscardJob(ctx context.Context, id int64) error {
	job, err := t.Job(ctx, id)
	switch {
	case err != nil:
	case job.State == JobRunning, job.State == JobCompleted:
		err = ErrConflict
	case job.FinalizedAt != nil:
		err = t.actOnJob(ctx, discardJob, id, JobCancelled, JobDiscarded)
	case job.Run != 0:
		err = t.CancelRun(ctx, job.Run)
	default:
		err = t.actOnJob(ctx, cancelJob, id, JobAvailable, JobScheduled, JobRetryable)
	}
	if err != nil {
		return fmt.Errorf("storage: discard job: %w", err)
	}
	return nil
}

// A QueueDepth says how many jobs of a queue are in a state.
type QueueDepth struct {
	Queue  string    `db:"queue"`
	State  string    `db:"state"`
	Jobs   int64     `db:"jobs"`
	Oldest time.Time `db:"oldest"` // of running ones since when, of the others when their turn was or will be
}

// QueueDepths counts the jobs of all operators that are not done, and those that were given up. It
// belongs into a transaction of [DB.InSystem].
func (t *Tx) QueueDepths(ctx context.Context) ([]QueueDepth, error) {
	all := []QueueDepth{}
	if err := t.list(ctx, &all, selectQueueDepths); err != nil {
		return nil, fmt.Errorf("storage: queue depths: %w", err)
	}
	return all, nil
}
