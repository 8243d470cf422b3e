package jobs

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/riverqueue/river"

	"github.com/ediport/ediport/storage"
)

// A workKind is a kind of work as River knows it: the queue it waits in, and how its jobs reach a
// function of ours.
type workKind struct {
	name  string
	queue string
	add   func(*Node, *river.Workers)
	retry func(attempt int) time.Duration
}

// kinds are all kinds of work of this package. A new one is a line here, its arguments, and its function.
func kinds() []workKind {
	return []workKind{
		kindOf(KindPull, pullRetry, (*Node).pull),
		kindOf(KindPush, pushRetry, (*Node).push),
		kindOf(KindIngest, ingestRetry, (*Node).ingest),
		kindOf(KindPurge, pullRetry, (*Node).purge),
	}
}

// kindOf is a kind with a queue of its own, so that no kind waits for another.
func kindOf[A river.JobArgs](name string, retry func(int) time.Duration, work func(*Node, context.Context, A, attempt) error) workKind {
	return workKind{name: name, queue: name, retry: retry, add: func(n *Node, workers *river.Workers) {
		river.AddWorker(workers, &kindWorker[A]{node: n, retry: retry, work: func(ctx context.Context, args A, at attempt) error {
			return work(n, ctx, args, at)
		}})
	}}
}

// smallKind is a kind that another package works.
func smallKind(s Small) workKind {
	return workKind{name: s.Kind, queue: queueSmall, retry: ingestRetry, add: func(n *Node, workers *river.Workers) {
		river.AddWorkerArgs(workers, smallArgs{kind: s.Kind}, &kindWorker[smallArgs]{
			node: n, retry: ingestRetry, work: func(ctx context.Context, args smallArgs, _ attempt) error {
				err := s.Work(ctx, args.text)
				if err != nil && ctx.Err() != nil {
					return n.reason(ctx)
				}
				return err
			},
		})
	}}
}

// kinds are those that this node works.
func (n *Node) kinds() []workKind {
	all := kinds()
	for _, s := range n.cfg.Small {
		all = append(all, smallKind(s))
	}
	return all
}

func (n *Node) kindNames() []string {
	var names []string
	for _, k := range n.kinds() {
		names = append(names, k.name)
	}
	slices.Sort(names)
	return names
}

// retryOf is when a failed job of a kind of ours is tried again.
func retryOf(kind string, attempt int) time.Duration {
	for _, k := range kinds() {
		if k.name == kind {
			return k.retry(attempt)
		}
	}
	return pullRetry(attempt)
}

// A Small is a kind of small jobs that another package works: mails, webhooks.
type Small struct {
	Kind string                                                // also of its jobs; at least two letters
	Work func(ctx context.Context, args json.RawMessage) error // idempotent; an error that answers Permanent() with true is not tried again
}

// smallArgs are the arguments of a small job, which only its package understands.
type smallArgs struct {
	kind string
	text json.RawMessage
}

// Kind returns the kind it was registered with.
func (a smallArgs) Kind() string { return a.kind }

// UnmarshalJSON keeps the text.
func (a *smallArgs) UnmarshalJSON(text []byte) error {
	a.text = slices.Clone(text)
	return nil
}

// MarshalJSON returns the text.
func (a smallArgs) MarshalJSON() ([]byte, error) { return a.text, nil }

// EnqueueSmall asks for small work in the transaction that wants it. The arguments hold ids only, among
// them operator_id if people of an operator are to see the job.
func EnqueueSmall(ctx context.Context, tx *storage.Tx, kind string, args any) error {
	_, err := tx.Enqueue(ctx, storage.Job{Kind: kind, Queue: queueSmall, MaxAttempts: smallAttempts, Args: args})
	return err
}
