package jobs

import (
	"context"

	"github.com/ediport/ediport/storage"
)

// The kinds of work, which are also the names of their queues.
const (
	KindPull   = "pull"
	KindIngest = "ingest"
)

// pullAttempts and ingestAttempts bound how often a job is tried; a lost node uses none up.
const (
	pullAttempts   = 5
	ingestAttempts = 8
)

// PullArgs asks for one pull: the run says of which connection. Ids only, as in all arguments.
type PullArgs struct {
	Operator storage.OperatorID `json:"operator_id"`
	Run      storage.RunID      `json:"run_id"`
}

// Kind returns "pull".
func (PullArgs) Kind() string { return KindPull }

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
