package storage

import (
	"context"
	"fmt"
	"time"

	"github.com/lib/pq"
)

// A StrandedJob is an attempt at a job that the queue believes to be in the hands of a node that does not
// have it: the answer to its fetching was lost with a connection, or the node could not say that it is done.
type StrandedJob struct {
	ID      int64 `db:"id"`
	Attempt int   `db:"attempt"`
}

const (
	selectNotInHand = `
SELECT id, attempt FROM river_job
WHERE state = 'running' AND attempted_by[array_upper(attempted_by, 1)] = $1 AND id <> ALL (coalesce($2::bigint[], '{}'))`

	freeStrandedJobs = freeJobs + `attempted_by[array_upper(attempted_by, 1)] = $1
	AND (id, attempt) IN (SELECT * FROM unnest($2::bigint[], $3::int[]))
RETURNING queue`

	// A node that was given up while it fetched is not known any more, nor is what it fetched in between.
	freeJobsOfUnknown = freeJobs + `attempted_at < now() - $1 * interval '1 millisecond'
	AND NOT EXISTS (SELECT 1 FROM node WHERE river_client_id = attempted_by[array_upper(attempted_by, 1)])
RETURNING queue`
)

// NotInHand returns the jobs that the queue believes a node to work on, except those it does work on. Some were
// fetched or finished just now; one that stays is stranded.
func (n *Nodes) NotInHand(ctx context.Context, id string, inHand []int64) ([]StrandedJob, error) {
	var jobs []StrandedJob
	err := n.inTx(ctx, func(t *Tx) error {
		return t.list(ctx, &jobs, selectNotInHand, id, pq.Array(inHand))
	})
	if err != nil {
		return nil, fmt.Errorf("storage: jobs not in hand: %w", err)
	}
	return jobs, nil
}

// FreeStranded gives stranded jobs of a node, unless they went on meanwhile, and those of nodes that nobody knows, after
// a time, to whoever takes them. It returns how many.
func (n *Nodes) FreeStranded(ctx context.Context, id string, jobs []StrandedJob, silent time.Duration) (freed int, err error) {
	ids, attempts := make([]int64, len(jobs)), make([]int, len(jobs))
	for i, j := range jobs {
		ids[i], attempts[i] = j.ID, j.Attempt
	}
	err = n.inTx(ctx, func(t *Tx) error {
		own, err := t.freeAndWake(ctx, freeStrandedJobs, id, pq.Array(ids), pq.Array(attempts))
		if err != nil {
			return err
		}
		unknown, err := t.freeAndWake(ctx, freeJobsOfUnknown, silent.Milliseconds())
		freed = own + unknown
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("storage: stranded jobs: %w", err)
	}
	return freed, nil
}
