package jobs

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/storage"
	"github.com/ediport/ediport/storage/archive"
)

// Failures of what is handed in.
var (
	ErrHandInName error = newKind("outbound.name", true, "the file's name can't be used")
	ErrSentBefore error = newKind("outbound.sent_before", true, "the same bytes were queued or delivered over this connection")
	ErrTooLarge   error = newKind("outbound.too_large", true, "the file is larger than the connection allows")
)

// A HandIn is a file that somebody gives to be delivered.
type HandIn struct {
	Name     string    // under which it is delivered, unless Template is set
	Content  io.Reader // read once
	Source   string    // upload, cli, api
	Template bool      // it is named by the connection's template, in which {original} is Name
	AsIs     bool      // also if it is no X12
	Again    bool      // also if the same bytes were sent before
}

// A SentBeforeError names the file that had the same bytes.
type SentBeforeError struct{ File storage.FileID }

// Error says what it is about.
func (e *SentBeforeError) Error() string { return "the file of before is known" }

// HandIn keeps a file in the archive, checks it, and queues it for delivery over a connection. It must be readable
// X12 from end to end (ErrNotX12), unless it is to go as it is. The error of ErrSentBefore holds a *SentBeforeError. Others:
// ErrNothingToPush (the connection has no outbound folder), ErrHandInName, ErrTooLarge, storage.ErrNotFound.
func (d *Desk) HandIn(ctx context.Context, scope storage.Scope, id storage.ConnectionID, in HandIn) (storage.FileID, error) {
	if d.Archive == nil {
		return 0, fail(ErrArchive, errors.New("this process has none"))
	}
	if err := checkHandInName(in.Name); err != nil {
		return 0, err
	}
	h := handingIn{Desk: d, scope: scope, HandIn: in}
	if err := h.prepare(ctx, id); err != nil {
		return 0, err
	}
	blob, err := store(ctx, d.Archive, in.Content, h.limit)
	if err != nil {
		return 0, err
	}
	queued := false
	file, err := h.queue(ctx, blob, &queued)
	if err != nil && !queued { // else the commit may have happened although its answer did not come
		_ = d.Archive.Delete(blob.Name) // one that stays is reported by the archive's sweep
	}
	return file, err
}

// A handingIn is one call of HandIn.
type handingIn struct {
	*Desk
	HandIn
	scope      storage.Scope
	connection *storage.Connection
	push       Push
	limit      int64
}

// prepare finds out whether the connection takes files, before any byte is read.
func (h *handingIn) prepare(ctx context.Context, id storage.ConnectionID) error {
	err := h.DB.InScopeRead(ctx, h.scope, func(tx *storage.Tx) (err error) {
		h.connection, err = tx.Connection(ctx, id)
		return err
	})
	if err != nil {
		return err
	}
	if h.push, err = PushOf(h.connection); err != nil {
		return err
	}
	if h.push.Folder == "" {
		return fail(ErrNothingToPush, nil)
	}
	network, err := NetworkOf(h.connection)
	h.limit = network.MaxFileBytes
	return err
}

// queue checks the archived bytes and queues them. queued tells that only the commit can have failed.
func (h *handingIn) queue(ctx context.Context, blob archive.Blob, queued *bool) (id storage.FileID, err error) {
	kind := "x12"
	envelopes, err := h.envelopes(blob)
	if errors.Is(err, ErrNotX12) && h.AsIs {
		kind, envelopes, err = "not_x12", nil, nil
	}
	if err != nil {
		return 0, err
	}
	err = h.DB.InLoadFor(ctx, h.scope, func(tx *storage.LoadTx) error {
		*queued = false
		if err := h.checkSent(ctx, tx, blob); err != nil {
			return err
		}
		f := &storage.OutboundFile{
			File: storage.File{
				Source: h.Source, Kind: kind, Partner: h.connection.Partner, Connection: h.connection.ID, Account: h.connection.Account,
				Size: blob.Size, SHA256: blob.SHA256[:], BlobName: blob.Name, WrappedKey: blob.WrappedKey, KeyID: string(blob.KeyID), StoredSize: blob.StoredSize,
			},
			Purpose: storage.PurposeHandIn, Folder: transfer.Escape(h.push.Folder), NameFixed: !h.Template, Envelopes: envelopes,
		}
		if err := h.sets(ctx, tx, blob, f); err != nil { // before numbers are locked: it takes a while for large files
			return err
		}
		if err := raiseNumbers(ctx, &tx.Tx, envelopes); err != nil {
			return err
		}
		if err := h.checkSent(ctx, tx, blob); err != nil { // again: the same bytes have the same numbers, and whoever came first let go of them only now
			return err
		}
		if err := h.name(ctx, tx, f); err != nil {
			return err
		}
		if id, err = tx.QueueOutbound(ctx, f); err != nil {
			return err
		}
		if !h.connection.Paused {
			if err := pushSoon(ctx, &tx.Tx, h.scope.Operator, h.connection.ID); err != nil {
				return err
			}
		}
		err := tx.Audit(ctx, storage.AuditEvent{Action: "file.handed_in", ObjectKind: "file", ObjectID: int64(id)})
		*queued = err == nil
		return err
	})
	return id, err
}

func (h *handingIn) envelopes(blob archive.Blob) ([]storage.OutboundEnvelope, error) {
	r, err := h.Archive.Open(blob)
	if err != nil {
		return nil, fail(ErrArchive, err)
	}
	defer r.Close()
	return scan(r)
}

// sets gives the file its id, and writes the sets that stand in it.
func (h *handingIn) sets(ctx context.Context, tx *storage.LoadTx, blob archive.Blob, f *storage.OutboundFile) error {
	id, err := tx.NewID(ctx, storage.IDFile)
	if err != nil {
		return err
	}
	f.ID = storage.FileID(id)
	return writeSets(ctx, tx, h.Archive, blob, f)
}

func (h *handingIn) checkSent(ctx context.Context, tx *storage.LoadTx, blob archive.Blob) error {
	if h.Again {
		return nil
	}
	before, err := tx.SentBefore(ctx, h.connection.ID, blob.SHA256[:])
	if errors.Is(err, storage.ErrNotFound) {
		return nil
	}
	if err == nil {
		err = fail(ErrSentBefore, &SentBeforeError{before})
	}
	return err
}

func (h *handingIn) name(ctx context.Context, tx *storage.LoadTx, f *storage.OutboundFile) error {
	name := h.push.packedName(h.Name)
	if h.Template {
		facts := factsOfEnvelopes(f.Envelopes)
		facts.Purpose, facts.Original = f.Purpose, h.Name
		err := partnerFacts(ctx, &tx.Tx, facts, f.Partner)
		if err == nil {
			name, err = nameBy(ctx, &tx.Tx, h.connection, h.push, facts)
		}
		if err != nil {
			return err
		}
	}
	f.Name = transfer.Escape(name)
	f.Temporary = h.push.temporaryName(f.Name, 0)
	return nil
}

// copyAtMost copies what a reader gives, ErrTooLarge if it gives more than limit bytes. Errors of the
// reader and of the archive are told apart.
func copyAtMost(w io.Writer, content io.Reader, limit int64) error {
	n, err := io.Copy(markedWriter{w}, io.LimitReader(content, limit+1))
	if broken := (*writeError)(nil); errors.As(err, &broken) {
		return fail(ErrArchive, broken.err)
	}
	if err != nil {
		return fmt.Errorf("jobs: reading the file: %w", err)
	}
	if n > limit {
		return fail(ErrTooLarge, nil)
	}
	return nil
}

// A markedWriter marks its own errors.
type markedWriter struct{ io.Writer }

func (w markedWriter) Write(b []byte) (int, error) {
	n, err := w.Writer.Write(b)
	if err != nil {
		err = &writeError{err}
	}
	return n, err
}
