package transfer

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"
	"strings"
	"time"
)

// ErrNotMoved is in a failure of [Client.Archive], beside its kind, if the server refused to rename the file: it
// is where it was, and [Client.ArchiveCopy] may do.
var ErrNotMoved = errors.New("transfer: not moved")

// A Copy says how [Client.ArchiveCopy] comes by a file's bytes, and what happens between its steps.
type Copy struct {
	Open    func() (io.ReadCloser, error) // what was taken of the file, from its start
	SHA256  [sha256.Size]byte             // of that
	Attempt string                        // letters, digits and dashes: makes the temporary name this attempt's own

	Copied func() error // the copy is complete and was compared; it has not its name yet
	Named  func() error // it has; the file is still where it was, and was read once more
}

// ArchiveCopy is [Client.Archive] for servers that can't rename, as from one file system to another, or don't permit it:
// what was taken of f is written into folder under a temporary name, read back and compared, named, and only then f is
// deleted, if it is still what f describes and, read once more, what was taken; else the error is ErrChanged, and both stay. At every moment the file is there, or its whole copy, or both. Names
// are those of Archive, and nothing is replaced. Where the server doesn't rename even within the folder, the copy is
// written under its name at once.
//
// After a crash or a broken connection, another call goes on: a whole copy with the file's time is taken for what it is,
// what else was left is removed. Where the server doesn't let times be set, the copy may then be there twice.
// Errors: those of Archive and Upload; one of Open, Copied or Named comes back wrapped.
func (c *Client) ArchiveCopy(ctx context.Context, f RemoteFile, folder string, from Copy) (string, error) {
	const op = "copying into the archive"
	if err := checkName(path.Base(f.Path)); err != nil {
		return "", failed(ErrName, op, err)
	}
	if err := c.same(ctx, op, f); err != nil {
		return "", err
	}
	if err := c.ensureFolder(ctx, folder); err != nil {
		return "", err
	}
	a := &copying{Client: c, Copy: from, file: f, folder: folder}
	if err := a.elsewhere(ctx); err != nil {
		return "", ofTheCopy(op, err)
	}
	name, err := a.place(ctx)
	if err != nil {
		return "", ofTheCopy(op, err)
	}
	if err := a.original(ctx); err != nil {
		a.sweep(ctx) // the copy is whole
		return "", err
	}
	if err := from.Named(); err != nil {
		return "", fmt.Errorf("transfer: before deleting: %w", err)
	}
	if err := c.Delete(ctx, f); err != nil && !errors.Is(err, ErrNotFound) { // gone is what it is to be
		return "", err
	}
	if err := a.keep(ctx, name); err != nil {
		return "", ofTheCopy(op, err)
	}
	a.sweep(ctx)
	return path.Join(folder, name), nil
}

// ofTheCopy keeps apart that the copy is gone, or was changed, from that the file is or was: who hears that takes it for done.
func ofTheCopy(op string, err error) error {
	if errors.Is(err, ErrNotFound) || errors.Is(err, ErrChanged) {
		return failed(ErrIncomplete, op, errors.New("the copy was taken away or changed"))
	}
	return err
}

// elsewhere refuses a folder that is the file's own by another name: the file would be its own copy. Not every server tells;
// see keep.
func (a *copying) elsewhere(ctx context.Context) error {
	const op = "copying into the archive"
	var own, to string
	err := a.do(ctx, op, func() (err error) {
		if own, err = a.sftp.RealPath(path.Dir(a.file.where())); err == nil {
			to, err = a.sftp.RealPath(a.folder)
		}
		return err
	})
	switch {
	case errors.Is(err, ErrRefused), errors.Is(err, ErrPermission):
		return nil
	case err == nil && own == to:
		return failed(ErrRefused, op, errors.New("the archive is the folder that the file is in"))
	default:
		return err
	}
}

// keep sees to it that a copy that was there before did not go with the file: not every server tells that two folders are one.
func (a *copying) keep(ctx context.Context, name string) error {
	if !a.found {
		return nil
	}
	_, err := a.Stat(ctx, path.Join(a.folder, name))
	if errors.Is(err, ErrNotFound) {
		return a.write(ctx, name)
	}
	return err
}

// RemoveCopy removes what an attempt of ArchiveCopy left under its temporary name, and tells whether there was something. What is
// empty stays: it may say that a copy in place is not whole, and the next copy of the file removes it.
func (c *Client) RemoveCopy(ctx context.Context, f RemoteFile, folder, attempt string) (removed bool, err error) {
	left := Upload{Folder: folder, Name: path.Base(f.Path), Temporary: copyName(f, attempt)}
	if there, err := c.Stat(ctx, left.written()); err == nil && there.Size == 0 {
		return false, nil
	}
	return c.RemoveTemporary(ctx, left)
}

// copySuffix is how temporary names of copies end: what file it is, and the attempt.
var copySuffix = regexp.MustCompile(`\.ediport-([0-9a-f]{8})-[0-9A-Za-z-]+\.tmp$`)

// copyMark stands for a file's path, size and time.
func copyMark(f RemoteFile) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\n%d\n%d", f.Path, f.Size, f.ModTime.Unix()))
	return fmt.Sprintf("%x", sum[:4])
}

// copyName is the name that an attempt to copy a file writes under.
func copyName(f RemoteFile, attempt string) string {
	suffix := ".ediport-" + copyMark(f) + "-" + attempt + ".tmp"
	name := path.Base(f.Path)
	return name[:min(len(name), maxName-len(suffix))] + suffix
}

// A copying is one call of ArchiveCopy.
type copying struct {
	*Client
	Copy
	file   RemoteFile
	folder string
	left   []RemoteFile // temporary files of attempts before
	found  bool         // the copy was there before
}

// place sees to it that a whole copy is in the folder, and returns its name.
func (a *copying) place(ctx context.Context) (string, error) {
	a.findLeft(ctx)
	for attempt := range maxArchiveNames {
		name := archiveName(a.file, attempt)
		there, err := a.lookNoFurther(ctx, "looking at the archive", path.Join(a.folder, name), name)
		switch {
		case errors.Is(err, ErrNotFound):
			if err = a.write(ctx, name); err == nil {
				return name, nil
			}
		case errors.Is(err, ErrRefused): // a folder, say, or a link: perhaps to the file itself
			continue
		case err != nil:
			return "", err
		default:
			done, err := a.goOn(ctx, name, there)
			if done || err != nil {
				return name, err
			}
			continue
		}
		if !errors.Is(err, ErrExists) { // else somebody took the name in between
			return "", err
		}
	}
	return "", failed(ErrRefused, "copying into the archive", fmt.Errorf("%d names are taken", maxArchiveNames))
}

// goOn looks whether what has a name is our whole copy, or was to become it, and makes it whole.
func (a *copying) goOn(ctx context.Context, name string, there RemoteFile) (done bool, err error) {
	timed := there.Size == a.file.Size && there.ModTime.Equal(a.file.ModTime)
	if !timed && (there.Size > a.file.Size || !a.leftBefore(there.ModTime)) {
		return false, nil
	}
	switch same, err := a.begins(ctx, there); {
	case err != nil || !same:
		return false, err
	case there.Size == a.file.Size: // whole, also where times can't be set
		a.found = true
		return true, nil
	default:
		return true, a.writeInPlace(ctx, name, true)
	}
}

// begins tells whether what is there is what the file begins with, or all of it.
func (a *copying) begins(ctx context.Context, there RemoteFile) (bool, error) {
	ours, theirs := sha256.New(), sha256.New()
	if _, err := a.Download(ctx, there, theirs); err != nil {
		return false, err
	}
	want := a.SHA256[:]
	if there.Size < a.file.Size {
		content, err := a.Open()
		if err != nil {
			return false, err
		}
		defer content.Close()
		if _, err := io.CopyN(ours, content, there.Size); err != nil {
			return false, fmt.Errorf("transfer: reading what is to be copied: %w", err)
		}
		want = ours.Sum(nil)
	}
	return bytes.Equal(theirs.Sum(nil), want), nil
}

// write makes the copy under a name that is free.
func (a *copying) write(ctx context.Context, name string) error {
	err := a.upload(ctx, a.of(name, RenameAuto))
	if errors.Is(err, ErrNotRenamed) && (errors.Is(err, ErrRefused) || errors.Is(err, ErrPermission)) {
		return a.writeInPlace(ctx, name, false)
	}
	return err
}

// writeInPlace makes the copy where nothing can be renamed. Meanwhile an empty file under the temporary name
// says that what has the name is not whole.
func (a *copying) writeInPlace(ctx context.Context, name string, again bool) error {
	mark := Upload{Folder: a.folder, Name: copyName(a.file, a.Attempt), Rename: RenameNone}
	if !again {
		if _, err := a.Upload(ctx, strings.NewReader(""), mark); err != nil && !errors.Is(err, ErrExists) {
			return err
		}
	}
	u := a.of(name, RenameNone)
	u.Restart, u.Prefix = again, true
	if err := a.upload(ctx, u); err != nil {
		a.mu.Lock()
		delete(a.copies, a.folder) // the mark is there now, for the next call to find
		a.mu.Unlock()
		return err
	}
	if !again {
		a.left = append(a.left, RemoteFile{Path: mark.final()})
	}
	return nil
}

func (a *copying) of(name, rename string) Upload {
	return Upload{
		Folder: a.folder, Name: name, Temporary: copyName(a.file, a.Attempt), Size: a.file.Size, Rename: rename, Sync: true,
	}
}

func (a *copying) upload(ctx context.Context, u Upload) error {
	content, err := a.Open()
	if err != nil {
		return err
	}
	defer content.Close()
	u.Renaming = func() error {
		a.permit(ctx, u.written())
		if err := a.compare(ctx, u); err != nil {
			return err
		}
		if err := a.Copied(); err != nil {
			return err
		}
		// Not before: until now its time tells others that it is being written (see findLeft).
		timed := u
		timed.ModTime = a.file.ModTime
		a.keepTime(ctx, timed)
		return nil
	}
	receipt, err := a.Client.Upload(ctx, content, u)
	if err == nil && receipt.ModTime.IsZero() {
		err = failed(ErrIncomplete, "copying into the archive", errors.New("it is not there once it has its name"))
	}
	return err
}

// permit gives the copy the file's permissions, if the server lets us: it must not become readable for more people.
func (a *copying) permit(ctx context.Context, remote string) {
	_ = a.do(ctx, "setting permissions", func() error {
		info, err := a.sftp.Stat(a.file.where())
		if err != nil {
			return err
		}
		return a.sftp.Chmod(remote, info.Mode().Perm())
	})
}

// copyLeftFor is for how long temporary files of others are left alone: their attempts may be under way.
const copyLeftFor = 48 * time.Hour

// findLeft looks for what attempts before left in the folder, once per connection. A folder that can't be listed has nothing.
func (a *copying) findLeft(ctx context.Context) {
	a.mu.Lock()
	all, known := a.copies[a.folder]
	a.mu.Unlock()
	if !known {
		w := &walk{client: a.Client, options: ListOptions{Folder: a.folder}}
		entries, err := w.read(ctx, "")
		for _, entry := range entries {
			if err == nil && checkName(entry.Name()) == nil && entry.Mode().IsRegular() && copySuffix.MatchString(entry.Name()) {
				all = append(all, remoteFile(path.Join(a.folder, entry.Name()), entry.Name(), entry))
			}
		}
		a.mu.Lock()
		a.copies[a.folder] = all
		a.mu.Unlock()
	}
	for _, f := range all {
		if a.ofFile(f) || time.Since(f.ModTime) > copyLeftFor {
			a.left = append(a.left, f)
		}
	}
}

// ofFile tells whether a temporary file is of the file that is copied.
func (a *copying) ofFile(left RemoteFile) bool {
	found := copySuffix.FindStringSubmatch(left.Name)
	return found != nil && found[1] == copyMark(a.file)
}

// leftBefore tells whether an attempt that writes under the final name was under way at a time, by the server's clock.
func (a *copying) leftBefore(at time.Time) bool {
	for _, f := range a.left {
		if a.ofFile(f) && f.Size == 0 && !f.ModTime.After(at) {
			return true
		}
	}
	return false
}

// sweep removes what attempts before left. What can't be removed stays, under names that nobody takes.
func (a *copying) sweep(ctx context.Context) {
	for _, f := range a.left {
		_ = a.remove(ctx, f.Path)
	}
}
