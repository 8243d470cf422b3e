package transfer

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"time"

	"github.com/pkg/sftp"
)

// How a file gets its final name, as Upload.Rename.
const (
	// RenameAuto renames as SFTP's own rename does, which replaces nothing at OpenSSH, and where the
	// server can't do that, by posix-rename if it is offered.
	RenameAuto  = "auto"
	RenamePosix = "posix" // by posix-rename@openssh.com only
	RenamePlain = "plain" // by SFTP's own rename only
	RenameNone  = "none"  // written under its final name at once, for servers that can't rename
)

// An Upload is a file to deliver. Its names are the bytes that the server gets.
type Upload struct {
	Folder    string
	Name      string
	Temporary string      // name while it is written; Name + ".tmp" if empty; not used by RenameNone
	Size      int64       // bytes
	Rename    string      // RenameAuto if empty
	Mode      fs.FileMode // permissions to set; 0: the server's own
	Sync      bool        // ask the server to bring it to the disk before it is renamed, if it can
	ModTime   time.Time   // to set; the zero time: the server's own. A server that refuses is no failure: see Uploaded.ModTime

	MakeFolder bool        // make Folder, and those above, if it is missing
	FolderMode fs.FileMode // permissions to set on folders that are made; 0: the server's own

	// Restart says that what is at the server under the name that is written, if anything, is an
	// unfinished attempt of ours (see [Client.LookForUpload]). It matters for RenameNone only: a
	// temporary file is always ours and is written anew.
	Restart bool

	// Prefix says that what is written, at every moment, is to be what the file begins with, and stays if the upload fails: another
	// attempt goes on with it, or has done so. It costs the server's answer to each 32 KiB, and is for RenameNone.
	Prefix bool

	// Renaming, if set, is called when the file is complete and its size checked, right before it gets
	// its final name; its error stops there and comes back wrapped.
	Renaming func() error
}

// An Uploaded is the receipt of a delivery.
type Uploaded struct {
	Path    string // final
	Size    int64
	SHA256  [sha256.Size]byte
	ModTime time.Time // by the server's clock; zero if the file was taken away already
}

func (u Upload) final() string { return path.Join(u.Folder, u.Name) }

// written is the path that is written.
func (u Upload) written() string {
	if u.Rename == RenameNone {
		return u.final()
	}
	if u.Temporary == "" {
		return u.final() + ".tmp"
	}
	return path.Join(u.Folder, u.Temporary)
}

func (u Upload) check() error {
	const op = "uploading"
	if err := checkName(u.Name); err != nil {
		return failed(ErrName, op, err)
	}
	if u.Temporary != "" && (checkName(u.Temporary) != nil || u.Temporary == u.Name) {
		return failed(ErrName, op, errors.New("the temporary name can't be used"))
	}
	switch u.Rename {
	case "", RenameAuto, RenamePosix, RenamePlain, RenameNone:
		return nil
	default:
		return failed(ErrEndpoint, op, errors.New("the way to rename is not known"))
	}
}

// Upload delivers what src gives: written under the temporary name, its size checked, then renamed. A
// file that exists under the final name is never replaced: ErrExists. src is read once, from its start,
// by one goroutine, and not any more when Upload returns; memory is bounded by the limits' RequestsPerFile times 32 KiB.
//
// After an error nothing is under the final name, with two exceptions: what Prefix leaves there, and if it failed once Renaming was
// called and isn't ErrNotRenamed, nobody knows until [Client.LookForUpload] has looked: the connection
// broke (ErrLost, ErrTimeout, ErrCanceled), say. Other errors: ErrIncomplete (the server has another size than was sent), ErrNoSpace, ErrFolder,
// ErrPermission, ErrRefused, ErrName; an error of src or Renaming comes back wrapped, without a code of ours.
func (c *Client) Upload(ctx context.Context, src io.Reader, u Upload) (Uploaded, error) {
	if err := u.check(); err != nil {
		return Uploaded{}, err
	}
	if u.MakeFolder {
		if err := c.makeFolder(ctx, u.Folder, u.FolderMode); err != nil {
			return Uploaded{}, err
		}
	}
	receipt, err := c.writeTemporary(ctx, src, u)
	if err != nil {
		return Uploaded{}, err
	}
	c.keepTime(ctx, u)
	if u.Renaming != nil {
		if err := u.Renaming(); err != nil {
			return Uploaded{}, fmt.Errorf("transfer: before renaming: %w", err)
		}
	}
	if err := c.rename(ctx, u); err != nil {
		if err := c.settleRename(ctx, u, err); err != nil {
			return Uploaded{}, err
		}
	}
	return c.confirm(ctx, u, receipt)
}

// settleRename looks what became of a rename that failed: some servers report a failure of what they did.
func (c *Client) settleRename(ctx context.Context, u Upload, failure error) error {
	_, err := c.Stat(ctx, u.written())
	switch {
	case err == nil:
		_, _ = c.RemoveTemporary(ctx, u) // the failure is what counts; the next attempt writes it anew
		return fmt.Errorf("%w: %w", ErrNotRenamed, failure)
	case !errors.Is(err, ErrNotFound):
		return failure // nobody knows
	}
	if there, err := c.Stat(ctx, u.final()); err == nil && there.Size == u.Size {
		return nil // the temporary file is gone: it was our rename
	}
	return failure
}

// confirm looks at the delivered file. That it is gone means that the partner was quick.
func (c *Client) confirm(ctx context.Context, u Upload, receipt Uploaded) (Uploaded, error) {
	receipt.Path = u.final()
	there, err := c.Stat(ctx, u.final())
	switch {
	case errors.Is(err, ErrNotFound):
		return receipt, nil
	case err != nil:
		return Uploaded{}, err
	case there.Size != u.Size:
		return Uploaded{}, failed(ErrIncomplete, "checking the delivered file", fmt.Errorf("%d of %d bytes", there.Size, u.Size))
	}
	receipt.ModTime = there.ModTime
	return receipt, nil
}

// writeTemporary writes the whole file under the name that it has meanwhile and checks its size.
func (c *Client) writeTemporary(ctx context.Context, src io.Reader, u Upload) (Uploaded, error) {
	const op = "uploading"
	if !u.Restart || u.Rename != RenameNone {
		if taken, err := c.exists(ctx, op, u.final()); err != nil {
			return Uploaded{}, err
		} else if taken {
			return Uploaded{}, failed(ErrExists, op, nil)
		}
	}
	sum := sha256.New()
	reading := readAhead(io.TeeReader(io.LimitReader(src, u.Size+1), sum))
	source := &source{from: reading, throttle: c.upward, progress: &c.progress, ctx: ctx}
	err := c.do(ctx, op, func() error { return c.write(u, source) })
	reading.Close()
	if source.err != nil && ctx.Err() == nil {
		err = fmt.Errorf("transfer: reading what is to be uploaded: %w", source.err)
	}
	if err == nil && source.read != u.Size {
		err = failed(ErrIncomplete, op, fmt.Errorf("there were %d bytes to send instead of %d", source.read, u.Size))
	}
	if err == nil {
		err = c.sizeIs(ctx, op, u)
	}
	if err != nil {
		return Uploaded{}, c.uploadFailed(ctx, u, source.opened, err)
	}
	return Uploaded{Size: source.read, SHA256: [sha256.Size]byte(sum.Sum(nil))}, nil
}

// uploadFailed removes what came to be, while the connection can, and names the reason better where
// the protocol has no word for it.
func (c *Client) uploadFailed(ctx context.Context, u Upload, opened bool, failure error) error {
	const op = "uploading"
	switch {
	case errors.Is(failure, ErrNotFound):
		return failed(ErrFolder, op, nil)
	case errors.Is(failure, ErrRefused) && !opened && u.Rename == RenameNone:
		if taken, err := c.exists(ctx, op, u.final()); err == nil && taken {
			return failed(ErrExists, op, nil) // another one took the name in between
		}
	}
	if errors.Is(failure, ErrRefused) && c.full(ctx, u) {
		failure = failed(ErrNoSpace, op, nil)
	}
	if opened && !u.Prefix && c.conn.reason() == nil {
		_ = c.remove(ctx, u.written()) // the failure is what counts; the next attempt writes it anew
	}
	return failure
}

// full asks whether the folder's file system has less room than the file needs. Servers that can't tell aren't full.
func (c *Client) full(ctx context.Context, u Upload) bool {
	if _, can := c.sftp.HasExtension("statvfs@openssh.com"); !can || c.conn.reason() != nil {
		return false
	}
	var room *sftp.StatVFS
	err := c.do(ctx, "asking for room", func() (err error) {
		room, err = c.sftp.StatVFS(path.Join(u.Folder, "."))
		return err
	})
	return err == nil && room.Bavail*room.Frsize < uint64(max(u.Size, 4096)) //nolint:gosec // not negative
}

func (c *Client) sizeIs(ctx context.Context, op string, u Upload) error {
	there, err := c.Stat(ctx, u.written())
	switch {
	case errors.Is(err, ErrNotFound):
		return failed(ErrIncomplete, op, errors.New("it is gone before it was complete"))
	case err != nil:
		return err
	case there.Size != u.Size:
		return failed(ErrIncomplete, op, fmt.Errorf("the server has %d of %d bytes", there.Size, u.Size))
	default:
		return nil
	}
}

func (c *Client) write(u Upload, source *source) error {
	flags := os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	switch {
	case u.Rename == RenameNone && u.Restart:
		flags = os.O_WRONLY | os.O_CREATE // what is there already is never less than it was
	case u.Rename == RenameNone:
		flags = os.O_WRONLY | os.O_CREATE | os.O_EXCL
	}
	file, err := c.sftp.OpenFile(u.written(), flags)
	if err != nil {
		return err
	}
	source.opened = true
	if u.Prefix { // no write is sent before the one before it was answered: servers may do several in any order
		_, err = io.CopyBuffer(struct{ io.Writer }{file}, source, make([]byte, smallFile))
	} else {
		_, err = file.ReadFromWithConcurrency(source, c.requests)
	}
	if err == nil && u.Mode != 0 {
		err = file.Chmod(u.Mode)
	}
	if _, can := c.sftp.HasExtension("fsync@openssh.com"); err == nil && u.Sync && can {
		err = file.Sync()
	}
	if closing := file.Close(); err == nil {
		err = closing
	}
	return err
}

// rename gives the file its final name unless that is taken.
func (c *Client) rename(ctx context.Context, u Upload) error {
	const op = "renaming the uploaded file"
	if u.Rename == RenameNone {
		return nil
	}
	_, posix := c.sftp.HasExtension("posix-rename@openssh.com")
	if u.Rename == RenamePosix {
		return c.renamePosix(ctx, op, u)
	}
	moved, err := c.move(ctx, op, u.written(), u.final())
	switch {
	case err == nil && !moved:
		return failed(ErrExists, op, nil)
	case errors.Is(err, ErrRefused) && posix && u.Rename != RenamePlain:
		return c.renamePosix(ctx, op, u)
	default:
		return err
	}
}

// renamePosix looks first: posix-rename would replace.
func (c *Client) renamePosix(ctx context.Context, op string, u Upload) error {
	release, free := c.reserve(u.final())
	if !free {
		return failed(ErrExists, op, nil)
	}
	defer release()
	taken, err := c.exists(ctx, op, u.final())
	if err == nil && taken {
		err = failed(ErrExists, op, nil)
	}
	if err != nil {
		return err
	}
	return c.do(ctx, op, func() error { return c.sftp.PosixRename(u.written(), u.final()) })
}

func (c *Client) remove(ctx context.Context, remote string) error {
	return c.do(ctx, "removing a file of ours", func() error { return c.sftp.Remove(remote) })
}

// RemoveTemporary removes what an upload left under its temporary name, and tells whether there was
// something; that there is nothing is fine.
func (c *Client) RemoveTemporary(ctx context.Context, u Upload) (removed bool, err error) {
	if u.Rename == RenameNone {
		return false, nil
	}
	err = c.remove(ctx, u.written())
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// A source counts what is read for an upload, holds back to the limit, and keeps the reader's errors
// apart from the server's.
type source struct {
	from     io.Reader
	read     int64
	opened   bool // what is at the server is ours
	err      error
	throttle *throttle
	progress *progress
	ctx      context.Context
}

func (s *source) Read(p []byte) (int, error) {
	s.progress.writing.Add(1)
	defer s.progress.writing.Add(-1)
	defer s.progress.touch()
	n, err := s.from.Read(p)
	if n > 0 {
		s.read += int64(n)
		if waiting := s.throttle.wait(s.ctx, n); waiting != nil && err == nil {
			err = waiting
		}
	}
	if err != nil && err != io.EOF { //nolint:errorlint // a reader's own end comes bare
		s.err = err
		return n, errSink
	}
	return n, err
}

// An UploadState is what [Client.LookForUpload] finds.
type UploadState string

// What became of an upload whose end nobody saw.
const (
	UploadNeither   UploadState = "neither"   // nothing of it is there: not begun, or taken away already
	UploadTemporary UploadState = "temporary" // begun and not finished: upload it again
	UploadFinal     UploadState = "final"     // delivered
	UploadForeign   UploadState = "foreign"   // another file has the name
)

// LookForUpload looks what is there of an upload, after a crash or a broken connection. A file of the
// final name is taken for ours if its size is: Upload never begins where the name is taken. With
// RenameNone, a shorter file of the name is our unfinished one.
func (c *Client) LookForUpload(ctx context.Context, u Upload) (UploadState, error) {
	if err := u.check(); err != nil {
		return "", err
	}
	there, err := c.Stat(ctx, u.final())
	switch {
	case err == nil && there.Size == u.Size:
		return UploadFinal, nil
	case err == nil && u.Rename == RenameNone && there.Size < u.Size:
		return UploadTemporary, nil
	case err == nil, errors.Is(err, ErrRefused): // a folder of that name, say
		return UploadForeign, nil
	case !errors.Is(err, ErrNotFound):
		return "", err
	case u.Rename == RenameNone:
		return UploadNeither, nil
	}
	_, err = c.Stat(ctx, u.written())
	switch {
	case err == nil:
		return UploadTemporary, nil
	case errors.Is(err, ErrNotFound):
		return UploadNeither, nil
	default:
		return "", err
	}
}
