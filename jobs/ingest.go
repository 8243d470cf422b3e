package jobs

import (
	"context"
	"errors"

	"github.com/ediport/ediport/storage"
)

var errIngestTimeout = newKind("ingest.timeout", false, "loading took longer than the file's size allows")

// ingest loads one file by the configured function, within a time that grows with its size. When there will be no other
// attempt, the file is marked as failed, so that a person sees it.
func (n *Node) ingest(ctx context.Context, args IngestArgs, at attempt) error {
	actor := storage.Actor{Kind: storage.ActorJob}
	var file storage.File
	err := n.cfg.DB.InLoad(ctx, args.Operator, actor, func(tx *storage.LoadTx) (err error) {
		file, err = tx.FileForLoad(ctx, args.File)
		return err
	})
	if errors.Is(err, storage.ErrNotFound) {
		return nil // purged meanwhile
	}
	if err != nil {
		return err
	}
	n.follow(ctx, file.Run, file.ID)
	limited, cancel := context.WithTimeoutCause(ctx, fileTime(file.Size), errIngestTimeout)
	defer cancel()
	failure := guard(func() error { return n.openOrLoad(limited, args, file) })
	switch {
	case failure == nil:
		return n.endFileIncident(ctx, args, file)
	case ctx.Err() != nil:
		failure = n.reason(ctx)
	case errors.Is(context.Cause(limited), errIngestTimeout):
		failure = fail(errIngestTimeout, nil)
	}
	if errors.Is(failure, ErrStopping) || errors.Is(failure, ErrNodeLost) {
		return failure
	}
	if Permanent(failure) || at.Last {
		return errors.Join(failure, n.failFile(ctx, args, failure))
	}
	return failure
}

// openOrLoad makes files of what is in a wrapped file, or loads one that is not wrapped.
func (n *Node) openOrLoad(ctx context.Context, args IngestArgs, file storage.File) error {
	opened, err := n.unwrap(ctx, args.Operator, file)
	if err != nil || opened {
		return err
	}
	return n.cfg.Ingest(ctx, args.Operator, args.File)
}

// failFile marks a file that was not loaded, unless the function left a better state.
func (n *Node) failFile(ctx context.Context, args IngestArgs, failure error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), handBackTime)
	defer cancel()
	code := Code(failure)
	if code == "" {
		code = "ingest.failed"
	}
	return n.cfg.DB.InLoad(ctx, args.Operator, storage.Actor{Kind: storage.ActorJob}, func(tx *storage.LoadTx) error {
		file, err := tx.LockFile(ctx, args.File)
		if err != nil {
			return err
		}
		if file.State != storage.FileDownloaded && file.State != storage.FileValidated {
			return nil
		}
		if err := noteFile(ctx, &tx.Tx, args.Operator, file, code); err != nil {
			return err
		}
		return tx.SetFileState(ctx, args.File, storage.FileChange{State: storage.FileFailed, Reason: code})
	})
}
