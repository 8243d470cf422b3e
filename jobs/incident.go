package jobs

import (
	"context"
	"time"

	"github.com/ediport/ediport/storage"
)

// noteOutcome tells what the end of a run means for its connection, in the transaction that ends it:
// a failure opens an incident or counts on it, a success ends those that runs of its kind opened. A
// run between two attempts says nothing yet: retries are no news.
func (e *execution) noteOutcome(ctx context.Context, tx *storage.Tx) error {
	if e.run.Connection == 0 {
		return nil
	}
	subject := storage.OfConnection(e.run.Connection)
	switch e.run.State {
	case storage.RunFailed:
		_, _, err := tx.RaiseIncident(ctx, e.run.Operator, subject, storage.Raise{Code: e.run.ErrorCode, Source: e.run.Kind, Run: e.run.ID})
		return err
	case storage.RunSucceeded:
		_, err := tx.ResolveIncidents(ctx, e.run.Operator, subject, e.run.Kind)
		return err
	default:
		return nil
	}
}

// countOutcome counts a run that has ended, once that is written.
func (e *execution) countOutcome() {
	if e.run.Open() {
		return
	}
	took := time.Duration(0)
	if e.run.StartedAt != nil {
		took = max(0, e.node.cfg.DB.Now().Sub(*e.run.StartedAt))
	}
	e.node.cfg.Metrics.RunEnded(e.run.Kind, e.run.State, took)
}

// sourceIngest names the loading of files as what found an incident.
const sourceIngest = KindIngest

// noteFile opens an incident of a file that was given up, in the transaction that marks it.
func noteFile(ctx context.Context, tx *storage.Tx, operator storage.OperatorID, file storage.File, code string) error {
	_, _, err := tx.RaiseIncident(ctx, operator, storage.OfFile(file.ID), storage.Raise{
		Code: code, Source: sourceIngest, Run: file.Run, Connection: file.Connection,
	})
	return err
}

// endFileIncident ends what was told of a file that is loaded now, after it had been given up.
func (n *Node) endFileIncident(ctx context.Context, args IngestArgs, before storage.File) error {
	if before.Attempt == 0 {
		return nil // its first attempt: nothing was told
	}
	return n.cfg.DB.InLoad(ctx, args.Operator, storage.Actor{Kind: storage.ActorJob}, func(tx *storage.LoadTx) error {
		_, err := tx.ResolveIncidents(ctx, args.Operator, storage.OfFile(args.File), sourceIngest)
		return err
	})
}
