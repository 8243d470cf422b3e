package dropbox

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"

	"github.com/pkg/sftp"

	"github.com/ediport/ediport/jobs/internal/failpoint"
	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/storage"
	"github.com/ediport/ediport/storage/archive"
)

// Clients write in order, several requests at once, and those may be worked in another order here. That much is kept until its
// turn comes; whoever leaves a larger gap writes at random, which an encrypted stream can't.
const (
	maxHeld        = 4 << 20  // of one upload
	maxHeldSession = 16 << 20 // of all uploads of a connection
	heldCost       = 128      // what keeping a piece takes beside its bytes: a client may send single ones
)

// The refusals of uploads.
var (
	errExists    = refuse(sftp.ErrSSHFxFailure, "a file of this name, with other content, was accepted before: nothing is overwritten, send it under another name")
	errBeing     = refuse(sftp.ErrSSHFxFailure, "a file of this name is being written")
	errAppend    = refuse(sftp.ErrSSHFxOpUnsupported, "nothing is appended or resumed: send the file from its beginning")
	errOrder     = refuse(sftp.ErrSSHFxOpUnsupported, "files are written from beginning to end")
	errGap       = refuse(sftp.ErrSSHFxFailure, "a part of the file is missing: nothing was kept, send it from its beginning")
	errTooLarge  = refuse(sftp.ErrSSHFxFailure, "the file is larger than this drop box takes")
	errFull      = refuse(sftp.ErrSSHFxFailure, "too much waits in this drop box: try again later")
	errBrokenOff = errors.New("dropbox: the connection ended before the file was closed")
)

// An upload is a file being written. It streams into the archive; nothing else knows of it before it is closed.
type upload struct {
	session *session
	name    string
	limit   int64 // the largest file
	box     storage.DropBoxID
	space   int64 // bytes that there was room for in the drop box, for all that is being written

	mu       sync.Mutex
	writer   *archive.Writer
	next     int64            // how much stands in the archive
	reserved int64            // of the drop box's room
	held     map[int64][]byte // what came before its turn, by offset
	heldN    int              // what they take
	err      error            // sticks
	closed   bool
}

// create begins an upload.
func (h *handlers) create(name string, flags sftp.FileOpenFlags) (*upload, error) {
	if flags.Append {
		return nil, errAppend
	}
	box := h.box.Load()
	space, err := h.room(box, name, flags.Excl)
	if err != nil {
		return nil, err
	}
	if err := h.takeHandle(); err != nil {
		return nil, err
	}
	u := &upload{session: h.session, name: name, limit: box.MaxFileBytes, box: box.ID, space: space, held: map[int64][]byte{}}
	if !h.register(u) {
		h.giveHandle()
		return nil, errBeing
	}
	if u.writer, err = h.server.cfg.Archive.Create(h.ctx); err != nil {
		h.unregister(u)
		return nil, err
	}
	return u, nil
}

// room says how many bytes more a drop box takes.
func (h *handlers) room(box *signedIn, name string, exclusive bool) (int64, error) {
	var waiting storage.Waiting
	err := h.read(func(ctx context.Context, tx *storage.Tx) (err error) {
		if exclusive {
			there, err := tx.Dropped(ctx, box.ID, transfer.Escape(name))
			if err == nil && !emptyBefore(there) {
				return errExists
			}
			if err != nil && !errors.Is(err, storage.ErrNotFound) {
				return err
			}
		}
		waiting, err = tx.DroppedWaiting(ctx, box.ID)
		return err
	})
	if err != nil {
		return 0, err
	}
	left := box.MaxWaitingBytes - waiting.Bytes
	if waiting.Files >= box.MaxWaitingFiles || left <= 0 {
		return 0, h.refuseFile(errFull, "full")
	}
	return left, nil
}

// refuseFile leaves an event of a file that was not taken.
func (h *handlers) refuseFile(why *refusal, code string) error {
	h.server.cfg.Metrics.file(fileRefused)
	err := h.read(func(ctx context.Context, tx *storage.Tx) error {
		return tx.Audit(ctx, h.refused(code))
	})
	if err != nil {
		return err
	}
	return why
}

func (x *session) refused(code string) storage.AuditEvent {
	e := x.event("dropbox.file_refused", map[string]any{"reason": code})
	e.Result = "denied"
	return e
}

func (x *session) register(u *upload) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.uploads[u.name] != nil {
		return false
	}
	x.uploads[u.name] = u
	return true
}

func (x *session) unregister(u *upload) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.handles--
	delete(x.uploads, u.name)
}

// writing returns the upload of a name that is under way in this connection; nil: none.
func (x *session) writing(name string) *upload {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.uploads[name]
}

func (u *upload) size() int64 {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.next
}

// ReadAt refuses: nothing can be read back.
func (u *upload) ReadAt([]byte, int64) (int, error) {
	return 0, u.session.answered("read", errReading)
}

// WriteAt takes the next bytes, or keeps them until their turn comes.
func (u *upload) WriteAt(b []byte, offset int64) (int, error) {
	err := u.session.guarded("write", func() error {
		u.mu.Lock()
		defer u.mu.Unlock()
		if u.err == nil {
			u.fail(u.take(b, offset))
		}
		return u.err
	})
	if err != nil {
		return 0, err
	}
	return len(b), nil
}

// fail keeps the first failure and lets go of what was written.
func (u *upload) fail(err error) {
	if err == nil || u.err != nil {
		return
	}
	u.err = err
	_ = u.writer.Abort() // what is left is a temporary file, which the archive's sweep removes
	u.release(u.heldN)
	u.held = nil
}

func (u *upload) release(n int) {
	u.heldN -= n
	u.session.mu.Lock()
	u.session.held -= n
	u.session.mu.Unlock()
}

func (u *upload) take(b []byte, offset int64) error {
	switch {
	case u.closed:
		return errNoChange
	case len(b) == 0:
		return nil
	case offset < u.next:
		return errOrder
	case offset > u.limit-int64(len(b)):
		return errTooLarge
	case offset > u.next:
		return u.hold(b, offset)
	}
	if err := u.write(b); err != nil {
		return err
	}
	for {
		next, ok := u.held[u.next]
		if !ok {
			return nil
		}
		delete(u.held, u.next)
		u.release(len(next) + heldCost)
		if err := u.write(next); err != nil {
			return err
		}
	}
}

func (u *upload) write(b []byte) error {
	if !u.session.server.reserve(u.box, int64(len(b)), u.space) {
		return errFull
	}
	u.reserved += int64(len(b))
	n, err := u.writer.Write(b)
	u.next += int64(n)
	return err
}

func (u *upload) hold(b []byte, offset int64) error {
	cost := len(b) + heldCost
	u.session.mu.Lock()
	full := u.heldN+cost > maxHeld || u.session.held+cost > maxHeldSession
	if !full {
		u.session.held += cost
	}
	u.session.mu.Unlock()
	if full {
		return errOrder
	}
	u.heldN += cost
	if old, twice := u.held[offset]; twice {
		u.release(len(old) + heldCost)
	}
	u.held[offset] = bytes.Clone(b)
	return nil
}

// TransferError says that the connection ended before the file was closed: nothing of it stays.
func (u *upload) TransferError(error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if !u.closed {
		u.fail(errBrokenOff)
	}
}

// Close makes the file ours, or stages it; only then is the client told that all is well.
func (u *upload) Close() error {
	return u.session.guarded("close", func() error {
		u.mu.Lock()
		defer u.mu.Unlock()
		if u.closed {
			return nil
		}
		u.closed = true
		defer u.session.unregister(u)
		defer u.session.server.release(u.box, u.reserved)
		if len(u.held) > 0 {
			u.fail(errGap)
		}
		if u.err != nil {
			u.session.server.cfg.Metrics.file(fileBroken)
			return u.ended()
		}
		blob, err := u.seal()
		if err != nil {
			u.session.server.cfg.Metrics.file(fileBroken)
			return err
		}
		failpoint.Reach("dropbox.sealed")
		return u.session.arrived(u.name, blob)
	})
}

// ended leaves an event of an upload that was refused on its way, and returns why.
func (u *upload) ended() error {
	if errors.Is(u.err, errBrokenOff) {
		return nil // nobody hears it
	}
	h := &handlers{u.session}
	switch {
	case errors.Is(u.err, errTooLarge):
		return h.refuseFile(errTooLarge, "too_large")
	case errors.Is(u.err, errFull):
		return h.refuseFile(errFull, "full")
	}
	return u.err
}

// seal makes the bytes durable. A file of no bytes has no blob.
func (u *upload) seal() (archive.Blob, error) {
	if u.next == 0 {
		return archive.Blob{SHA256: sha256.Sum256(nil)}, u.writer.Abort()
	}
	blob, err := u.writer.Commit()
	if err != nil {
		return blob, fmt.Errorf("dropbox: %w", err)
	}
	return blob, nil
}
