package storage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// The states of a run.
const (
	RunQueued    = "queued"    // waits for a worker, also between two attempts
	RunRunning   = "running"   // a node works on it
	RunSucceeded = "succeeded" //
	RunFailed    = "failed"    //
	RunCancelled = "cancelled" // by a person
	RunSkipped   = "skipped"   // its due time passed without work, the error code says why
)

// The directions of runs that move files.
const (
	DirectionPull = "pull"
	DirectionPush = "push"
)

// A Run is one execution of a kind of job.
type Run struct {
	Operator        OperatorID      `db:"operator_id"`
	ID              RunID           `db:"id"`
	Schedule        ScheduleID      `db:"schedule_id"` // 0: started by hand
	DueAt           time.Time       `db:"due_at"`
	Manual          bool            `db:"manual"` // a person asked for it: no due time of its schedule
	Kind            string          `db:"kind"`
	Connection      ConnectionID    `db:"connection_id"` // 0: the kind needs none
	Direction       string          `db:"direction"`     // pull, push; "" if it moves no files
	State           string          `db:"state"`
	Epoch           int             `db:"epoch"`   // how often somebody began or took over the work
	NodeID          string          `db:"node_id"` // "": not taken yet
	Args            json.RawMessage `db:"args"`
	Counts          json.RawMessage `db:"counts"`
	Progress        json.RawMessage `db:"progress"`
	CancelRequested bool            `db:"cancel_requested"`
	RequestedBy     UserID          `db:"requested_by"` // 0: by the schedule, or the command line
	JobID           int64           `db:"river_job_id"`
	QueuedAt        time.Time       `db:"queued_at"`
	StartedAt       *time.Time      `db:"started_at"`
	EndedAt         *time.Time      `db:"ended_at"`
	ErrorCode       string          `db:"error_code"` // "": no error
}

// Open tells whether the run is queued or under way.
func (r *Run) Open() bool { return r.State == RunQueued || r.State == RunRunning }

const runColumns = `operator_id, id, coalesce(schedule_id, 0) AS schedule_id, due_at, manual, kind, coalesce(connection_id, 0) AS connection_id,
	coalesce(direction, '') AS direction, state, epoch, coalesce(node_id, '') AS node_id, args, counts, progress, cancel_requested,
	coalesce(requested_by, 0) AS requested_by, coalesce(river_job_id, 0) AS river_job_id, queued_at, started_at, ended_at,
	coalesce(error_code, '') AS error_code`

const (
	// Both unique indexes speak here: the same due time of the schedule, an open run of the connection.
	insertRun = `
INSERT INTO run (operator_id, id, schedule_id, due_at, kind, connection_id, direction, state, args, counts, requested_by, error_code, manual, ended_at)
VALUES ($1, $2, nullif($3::bigint, 0), $4, $5, nullif($6::bigint, 0), nullif($7, ''), $8, $9::jsonb, $10::jsonb, nullif($11::bigint, 0), nullif($12, ''), $13,
	CASE WHEN $8 IN ('queued', 'running') THEN NULL ELSE now() END)
ON CONFLICT DO NOTHING`

	setRunJob = `UPDATE run SET river_job_id = $3 WHERE operator_id = $1 AND id = $2`

	selectRun = `SELECT ` + runColumns + ` FROM run WHERE operator_id = $1 AND id = $2`

	selectRunByDue = `SELECT ` + runColumns + ` FROM run WHERE operator_id = $1 AND schedule_id = $2 AND due_at = $3 AND NOT manual`

	selectLastRun = `
SELECT ` + runColumns + ` FROM run
WHERE operator_id = $1 AND schedule_id = $2 AND NOT manual
ORDER BY due_at DESC
LIMIT 1`

	selectOpenRun = `
SELECT ` + runColumns + ` FROM run
WHERE operator_id = $1 AND connection_id = $2 AND direction = $3 AND state IN ('queued', 'running')`

	beginRun = `
UPDATE run SET state = 'running', epoch = epoch + 1, node_id = $3, started_at = coalesce(started_at, now()), error_code = NULL
WHERE operator_id = $1 AND id = $2
RETURNING ` + runColumns

	holdRun = `
UPDATE run SET progress = $4::jsonb
WHERE operator_id = $1 AND id = $2 AND epoch = $3 AND state = 'running'
RETURNING cancel_requested`

	countRun = `
UPDATE run SET counts = $4::jsonb
WHERE operator_id = $1 AND id = $2 AND epoch = $3 AND state = 'running'`

	endRun = `
UPDATE run SET state = $4, counts = $5::jsonb, progress = $6::jsonb, error_code = nullif($7, ''),
	node_id = CASE WHEN $4 = 'queued' THEN NULL ELSE node_id END,
	ended_at = CASE WHEN $4 = 'queued' THEN NULL ELSE now() END
WHERE operator_id = $1 AND id = $2 AND epoch = $3 AND state = 'running'`

	// A run that a person cancelled while its job was between two nodes ends as they wanted.
	endOrphanRuns = `
UPDATE run SET epoch = epoch + 1, ended_at = now(),
	state = CASE WHEN cancel_requested THEN 'cancelled' ELSE 'failed' END,
	error_code = CASE WHEN cancel_requested THEN 'run.cancelled' ELSE $1 END
WHERE state IN ('queued', 'running')
	AND NOT EXISTS (SELECT 1 FROM river_job j WHERE j.id = run.river_job_id AND j.finalized_at IS NULL)`

	cancelRun = `
UPDATE run SET cancel_requested = true,
	state = CASE WHEN state = 'queued' THEN 'cancelled' ELSE state END,
	error_code = CASE WHEN state = 'queued' THEN 'run.cancelled' ELSE error_code END,
	ended_at = CASE WHEN state = 'queued' THEN now() ELSE ended_at END
WHERE operator_id = $1 AND id = $2 AND state IN ('queued', 'running')
RETURNING coalesce(river_job_id, 0)`
)

// AddRun inserts a run of the scope's operator and gives it its id; a queued one is enqueued with
// job, whose arguments are made of the run's id by args. It is false, and nothing is done, if the schedule's due time has
// a run already, or if another run of the connection and direction is open.
func (t *Tx) AddRun(ctx context.Context, r *Run, job Job, args func(RunID) any) (bool, error) {
	id, err := t.NewID(ctx, IDRun)
	if err != nil {
		return false, fmt.Errorf("storage: run: %w", err)
	}
	r.ID = RunID(id)
	n, err := t.exec(ctx, insertRun, r.Operator, r.ID, r.Schedule, r.DueAt, r.Kind, r.Connection, r.Direction, r.State,
		objectOr(r.Args), objectOr(r.Counts), r.RequestedBy, r.ErrorCode, r.Manual)
	if err != nil {
		return false, fmt.Errorf("storage: run: %w", err)
	}
	if n == 0 || r.State != RunQueued {
		return n == 1, nil
	}
	job.Args = args(r.ID)
	if r.JobID, err = t.Enqueue(ctx, job); err != nil {
		return false, err
	}
	if err := t.execOne(ctx, setRunJob, r.Operator, r.ID, r.JobID); err != nil {
		return false, fmt.Errorf("storage: run: %w", err)
	}
	return true, nil
}

func (t *Tx) oneRun(ctx context.Context, query string, args ...any) (*Run, error) {
	r := &Run{}
	if err := t.get(ctx, r, query, args...); err != nil {
		return nil, fmt.Errorf("storage: run: %w", err)
	}
	return r, nil
}

// Run returns one run of the operator; ErrNotFound.
func (t *Tx) Run(ctx context.Context, operator OperatorID, id RunID) (*Run, error) {
	return t.oneRun(ctx, selectRun, operator, id)
}

// RunOfDue returns the run of a schedule's due time; ErrNotFound.
func (t *Tx) RunOfDue(ctx context.Context, operator OperatorID, schedule ScheduleID, due time.Time) (*Run, error) {
	return t.oneRun(ctx, selectRunByDue, operator, schedule, due)
}

// LastRun returns the schedule's run with the latest due time, not one a person asked for; ErrNotFound.
func (t *Tx) LastRun(ctx context.Context, operator OperatorID, schedule ScheduleID) (*Run, error) {
	return t.oneRun(ctx, selectLastRun, operator, schedule)
}

// OpenRun returns the connection's run of a direction that is queued or under way; ErrNotFound.
func (t *Tx) OpenRun(ctx context.Context, operator OperatorID, connection ConnectionID, direction string) (*Run, error) {
	return t.oneRun(ctx, selectOpenRun, operator, connection, direction)
}

// BeginRun makes a node the one that works on an open run: it raises the epoch, so that whoever had
// the run before is fenced. A run that has ended is returned as it is; look at [Run.Open].
func (t *Tx) BeginRun(ctx context.Context, operator OperatorID, id RunID, node string) (*Run, error) {
	r, err := t.oneRun(ctx, selectRun+` FOR UPDATE`, operator, id)
	if err != nil || !r.Open() {
		return r, err
	}
	return t.oneRun(ctx, beginRun, operator, id, node)
}

// HoldRun writes the progress of a run and says whether a person wants it cancelled. ErrFenced: it
// was taken over or has ended.
func (t *Tx) HoldRun(ctx context.Context, r *Run, progress json.RawMessage) (cancel bool, err error) {
	err = t.get(ctx, &cancel, holdRun, r.Operator, r.ID, r.Epoch, objectOr(progress))
	return cancel, fenced(err)
}

// CountRun writes the counts of a run. It is what a transaction of a run does to be fenced: until
// it ends, nobody can take the run over; ErrFenced if somebody has.
func (t *Tx) CountRun(ctx context.Context, r *Run, counts json.RawMessage) error {
	return fenced(t.execOne(ctx, countRun, r.Operator, r.ID, r.Epoch, objectOr(counts)))
}

// EndRun writes the state, counts, progress and error code of r, which is then over, or goes back to
// the queue if its state is RunQueued. ErrFenced: it was taken over or has ended.
func (t *Tx) EndRun(ctx context.Context, r *Run) error {
	return fenced(t.execOne(ctx, endRun, r.Operator, r.ID, r.Epoch, r.State, objectOr(r.Counts), objectOr(r.Progress), r.ErrorCode))
}

func fenced(err error) error {
	if errors.Is(err, ErrNotFound) {
		return fmt.Errorf("storage: run: %w", ErrFenced)
	}
	if err != nil {
		return fmt.Errorf("storage: run: %w", err)
	}
	return nil
}

// CancelRun ends a queued run with its job and asks the node of a running one to stop. A run that has
// ended is ErrConflict.
func (t *Tx) CancelRun(ctx context.Context, id RunID) error {
	var job int64
	err := t.get(ctx, &job, cancelRun, t.scope.Operator, id)
	switch {
	case errors.Is(err, ErrNotFound):
		if _, err = t.Run(ctx, t.scope.Operator, id); err == nil {
			err = ErrConflict
		}
	case err == nil && job != 0:
		var was string // whatever it was: a job that is done, or gone, can't be in the way
		err = t.get(ctx, &was, cancelJob, job)
	}
	if err != nil {
		return fmt.Errorf("storage: cancel run: %w", err)
	}
	return nil
}

// EndOrphanRuns ends open runs, of any operator, for which the queue has no job any more, with a code.
func (t *Tx) EndOrphanRuns(ctx context.Context, code string) error {
	if _, err := t.exec(ctx, endOrphanRuns, code); err != nil {
		return fmt.Errorf("storage: orphan runs: %w", err)
	}
	return nil
}
