package jobs

import (
	"context"

	"github.com/ediport/ediport/storage"
)

// The kinds of work, which are also the names of their queues.
const (
	KindPull   = "pull"
	KindPush   = "push"
	KindIngest = "ingest"
	KindPurge  = "purge"

	queueSmall = "small" // of all kinds of [Config].Small
)

// These bound how often a job is tried; a lost node uses none up.
const (
	pullAttempts   = 5
	pushAttempts   = 5
	ingestAttempts = 8
	smallAttempts  = 8
	purgeAttempts  = 8
)

// PullArgs asks for one pull: the run says of which connection. Ids only, as in all arguments.
type PullArgs struct {
	Operator storage.OperatorID `json:"operator_id"`
	Run      storage.RunID      `json:"run_id"`
}

// Kind returns "pull".
func (PullArgs) Kind() string { return KindPull }

// PushArgs asks for one push: the run says to which connection.
type PushArgs struct {
	Operator storage.OperatorID `json:"operator_id"`
	Run      storage.RunID      `json:"run_id"`
}

// Kind returns "push".
func (PushArgs) Kind() string { return KindPush }

// IngestArgs asks for one file to be loaded.
type IngestArgs struct {
	Operator storage.OperatorID `json:"operator_id"`
	File     storage.FileID     `json:"file_id"`
}

// Kind returns "ingest".
func (IngestArgs) Kind() string { return KindIngest }

// EnqueueIngest asks for a file to be loaded, in the transaction that stores it.
func EnqueueIngest(ctx context.Context, tx *storage.Tx, operator storage.OperatorID, file storage.FileID) error {
	_, err := tx.Enqueue(ctx, storage.Job{
		Kind: KindIngest, Queue: KindIngest, MaxAttempts: ingestAttempts, Args: IngestArgs{Operator: operator, File: file},
	})
	return err
}

// pullJob is the job of a run of kind pull.
func pullJob() storage.Job {
	return storage.Job{Kind: KindPull, Queue: KindPull, MaxAttempts: pullAttempts}
}

func pullArgs(operator storage.OperatorID) func(storage.RunID) any {
	return func(run storage.RunID) any { return PullArgs{Operator: operator, Run: run} }
}

// runJob is the job of a run of a kind and what makes its arguments; priority is 1 (first) to 4, 0 the
// usual one. It is false for a kind without runs.
func runJob(kind string, operator storage.OperatorID, priority int) (storage.Job, func(storage.RunID) any, bool) {
	switch kind {
	case KindPull:
		job := pullJob()
		job.Priority = priority
		return job, pullArgs(operator), true
	case KindPush:
		return storage.Job{Kind: KindPush, Queue: KindPush, MaxAttempts: pushAttempts, Priority: priority},
			func(run storage.RunID) any { return PushArgs{Operator: operator, Run: run} }, true
	default:
		return storage.Job{}, nil, false
	}
}
