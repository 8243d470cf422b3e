package storage

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// A NodeState is a process that works or schedules, as the others see it.
type NodeState struct {
	ID          string         `db:"id"`
	Host        string         `db:"host"`
	Version     string         `db:"version"`
	Kinds       pq.StringArray `db:"kinds"` // of jobs it knows
	QueueClient string         `db:"river_client_id"`
	StartedAt   time.Time      `db:"started_at"`
	HeartbeatAt time.Time      `db:"heartbeat_at"`
	Stopping    bool           `db:"stopping"`
	ClockSkewMS int            `db:"clock_skew_ms"` // its clock minus the database's
	Late        bool           `db:"late"`          // no heartbeat for 15 seconds
}

// Nodes is what the processes tell each other. It has a small pool of its own that goes around a
// pooler, so that heartbeats neither wait for loads nor lose their session.
type Nodes struct {
	db   *DB
	pool *sqlx.DB
}

const (
	nodeColumns = `id, host, version, kinds, coalesce(river_client_id, '') AS river_client_id, started_at, heartbeat_at, stopping, clock_skew_ms,
	heartbeat_at < now() - interval '15 seconds' AS late`

	registerNode = `
INSERT INTO node (id, host, version, kinds, river_client_id, started_at, heartbeat_at, clock_skew_ms, sessions)
VALUES ($1, $2, $3, $4, nullif($5, ''), now(), now(), $6, $7)
ON CONFLICT (id) DO UPDATE SET heartbeat_at = now(), stopping = false`

	beatNode = `
UPDATE node SET heartbeat_at = now(), stopping = $2, clock_skew_ms = $3
WHERE id = $1`

	deleteNode  = `DELETE FROM node WHERE id = $1`
	selectNodes = `SELECT ` + nodeColumns + ` FROM node ORDER BY started_at, id`
	selectNow   = `SELECT clock_timestamp()`

	sessionsOfLost = `
SELECT sessions FROM node
WHERE heartbeat_at < now() - $1 * interval '1 millisecond' AND sessions <> $2`

	// A role may end its own sessions only. It waits for each to be gone.
	endSessionsNamed = `
SELECT count(pg_terminate_backend(pid, 2000)) FROM pg_stat_activity
WHERE application_name = ANY ($1) AND usename = current_user AND datname = current_database()`

	lockLostNode = `
SELECT ` + nodeColumns + `
FROM node
WHERE heartbeat_at < now() - $1 * interval '1 millisecond'
ORDER BY id
LIMIT 1
FOR UPDATE SKIP LOCKED`

	// The node's runs are fenced at once; they are queued again, the job's worker begins them.
	fenceRunsOfNode = `
UPDATE run SET epoch = epoch + 1, state = 'queued', node_id = NULL
WHERE node_id = $1 AND state = 'running'`

	// What a lost node had in hand is worked elsewhere at once. A lost node is no attempt of the job's
	// own, so it doesn't use one up.
	freeJobs = `
UPDATE river_job SET state = 'available', scheduled_at = now(), max_attempts = greatest(max_attempts, attempt + 1)
WHERE state = 'running' AND `
	freeJobsOfNode = freeJobs + `attempted_by[array_upper(attempted_by, 1)] = $1
RETURNING queue`

	selectStoppedJobs = `
SELECT id, metadata ? 'cancel_attempted_at' AS cancelled
FROM river_job
WHERE id = ANY ($1)
	AND (metadata ? 'cancel_attempted_at' OR state <> 'running' OR attempted_by[array_upper(attempted_by, 1)] <> $2)`

	wakeQueue = `SELECT pg_notify(current_schema() || '.river_insert', json_build_object('queue', $1::text)::text)`
)

// Nodes opens the pool of the nodes' table. Close it.
func (db *DB) Nodes() (*Nodes, error) {
	pool, err := db.openPool(db.DirectURL(), 3, loaderPatience) // for beats, for sweeps, for looks at jobs
	if err != nil {
		return nil, err
	}
	return &Nodes{db: db, pool: pool}, nil
}

// Close closes the pool.
func (n *Nodes) Close() error { return n.pool.Close() }

func (n *Nodes) inTx(ctx context.Context, fn func(*Tx) error) error {
	return n.db.inTx(ctx, n.pool, Scope{Actor: Actor{Kind: ActorSystem}}, nil, fn)
}

// Register makes a node known, or known again.
func (n *Nodes) Register(ctx context.Context, s NodeState) error {
	err := n.inTx(ctx, func(t *Tx) error {
		_, err := t.exec(ctx, registerNode, s.ID, s.Host, s.Version, s.Kinds, s.QueueClient, s.ClockSkewMS, n.db.session)
		return err
	})
	if err != nil {
		return fmt.Errorf("storage: node: %w", err)
	}
	return nil
}

// Beat is a node's sign of life. ErrNotFound: the others gave the node up and took its work.
func (n *Nodes) Beat(ctx context.Context, id string, stopping bool, skew time.Duration) error {
	err := n.inTx(ctx, func(t *Tx) error {
		return t.execOne(ctx, beatNode, id, stopping, skew.Milliseconds())
	})
	if err != nil {
		return fmt.Errorf("storage: heartbeat: %w", err)
	}
	return nil
}

// Skew returns the process's clock minus the database's, give or take half of the round trip.
func (n *Nodes) Skew(ctx context.Context) (time.Duration, error) {
	var theirs time.Time
	before := n.db.Now()
	if err := n.inTx(ctx, func(t *Tx) error { return t.get(ctx, &theirs, selectNow) }); err != nil {
		return 0, fmt.Errorf("storage: database clock: %w", err)
	}
	ours := before.Add(n.db.Now().Sub(before) / 2)
	return ours.Sub(theirs), nil
}

// Leave removes a node that stops in order; its work was finished or handed back before.
func (n *Nodes) Leave(ctx context.Context, id string) error {
	err := n.inTx(ctx, func(t *Tx) error {
		_, err := t.exec(ctx, deleteNode, id)
		return err
	})
	if err != nil {
		return fmt.Errorf("storage: node: %w", err)
	}
	return nil
}

// A LostNode is a node that was given up.
type LostNode struct {
	ID   string
	Runs int64 // that were fenced and queued again
	Jobs int   // that others may work now
}

// endSessionsOfLost ends what lost nodes have open in the database: a process that hangs in the middle of a
// transaction would keep its locks, the one on its own row of the table too.
func (n *Nodes) endSessionsOfLost(ctx context.Context, silent time.Duration) error {
	var lost pq.StringArray
	if err := n.pool.SelectContext(ctx, &lost, sessionsOfLost, silent.Milliseconds(), n.db.session); err != nil {
		return cleanError(err)
	}
	if len(lost) == 0 {
		return nil
	}
	for _, pool := range []*sqlx.DB{n.pool, n.db.loader, n.db.app} {
		var ended int
		if err := pool.GetContext(ctx, &ended, endSessionsNamed, lost); err != nil {
			return cleanError(err)
		}
	}
	return nil
}

// TakeOver gives up one node without a heartbeat for a time, by the database's clock: its runs are
// fenced, its jobs are free for other nodes. ErrNotFound: there is none.
func (n *Nodes) TakeOver(ctx context.Context, silent time.Duration) (LostNode, error) {
	var lost LostNode
	if err := n.endSessionsOfLost(ctx, silent); err != nil {
		return LostNode{}, fmt.Errorf("storage: sessions of a lost node: %w", err)
	}
	err := n.inTx(ctx, func(t *Tx) error {
		var node NodeState
		if err := t.get(ctx, &node, lockLostNode, silent.Milliseconds()); err != nil {
			return err
		}
		lost.ID = node.ID
		var err error
		if lost.Runs, err = t.exec(ctx, fenceRunsOfNode, node.ID); err != nil {
			return err
		}
		if lost.Jobs, err = t.freeJobs(ctx, node.QueueClient); err != nil {
			return err
		}
		return t.execOne(ctx, deleteNode, node.ID)
	})
	if err != nil {
		return LostNode{}, fmt.Errorf("storage: lost node: %w", err)
	}
	return lost, nil
}

// GiveBack frees what the database believes to be in the hands of a node that lives, but stopped its
// work while the database did not answer.
func (n *Nodes) GiveBack(ctx context.Context, id string) (LostNode, error) {
	freed := LostNode{ID: id}
	err := n.inTx(ctx, func(t *Tx) (err error) {
		if freed.Runs, err = t.exec(ctx, fenceRunsOfNode, id); err != nil {
			return err
		}
		freed.Jobs, err = t.freeJobs(ctx, id)
		return err
	})
	if err != nil {
		return LostNode{}, fmt.Errorf("storage: give back: %w", err)
	}
	return freed, nil
}

// A StoppedJob is a job that its node is not to work on any more.
type StoppedJob struct {
	ID        int64 `db:"id"`
	Cancelled bool  `db:"cancelled"` // by a person; else others have it
}

// StoppedJobs returns those of a node's jobs that a person cancelled or that are not its own any more.
func (n *Nodes) StoppedJobs(ctx context.Context, id string, jobs []int64) ([]StoppedJob, error) {
	var stopped []StoppedJob
	err := n.inTx(ctx, func(t *Tx) error {
		return t.list(ctx, &stopped, selectStoppedJobs, pq.Array(jobs), id)
	})
	if err != nil {
		return nil, fmt.Errorf("storage: stopped jobs: %w", err)
	}
	return stopped, nil
}

func (t *Tx) freeJobs(ctx context.Context, client string) (int, error) {
	if client == "" {
		return 0, nil
	}
	return t.freeAndWake(ctx, freeJobsOfNode, client)
}

// freeAndWake runs a statement that frees jobs and returns their queues, and tells those who work on these queues.
func (t *Tx) freeAndWake(ctx context.Context, free string, args ...any) (int, error) {
	var queues []string
	if err := t.list(ctx, &queues, free, args...); err != nil {
		return 0, err
	}
	freed := len(queues)
	slices.Sort(queues)
	for _, queue := range slices.Compact(queues) {
		if _, err := t.exec(ctx, wakeQueue, queue); err != nil {
			return 0, err
		}
	}
	return freed, nil
}

// NodeStates returns all nodes, the longest running first.
func (t *Tx) NodeStates(ctx context.Context) ([]NodeState, error) {
	all := []NodeState{}
	if err := t.list(ctx, &all, selectNodes); err != nil {
		return nil, fmt.Errorf("storage: nodes: %w", err)
	}
	return all, nil
}
