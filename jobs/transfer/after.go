package transfer

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// maxArchiveNames is how many names Archive tries before it gives up.
const maxArchiveNames = 50

// Archive moves f into folder, on the same server, making the folder if it is missing, and returns
// the new path. If the name is taken there, the file's time is put before the extension, then a
// number: a.835, a.20261121T210400Z.835, a.20261121T210400Z-2.835. Nothing there is replaced.
//
// It moves only the file that f describes: if size or time differ, before or right after the move
// (it is then moved back), the error is ErrChanged. ErrNotFound means that it is not there any more,
// as after an earlier Archive whose success went unnoticed. ErrRefused and ErrPermission with ErrNotMoved: the
// server could not move it, as between file systems, or doesn't permit it; see [Client.ArchiveCopy].
func (c *Client) Archive(ctx context.Context, f RemoteFile, folder string) (string, error) {
	const op = "archiving the remote file"
	if err := checkName(path.Base(f.Path)); err != nil {
		return "", failed(ErrName, op, err)
	}
	if err := c.same(ctx, op, f); err != nil {
		return "", err
	}
	if err := c.ensureFolder(ctx, folder); err != nil {
		return "", err
	}
	for attempt := range maxArchiveNames {
		target := path.Join(folder, archiveName(f, attempt))
		moved, err := c.move(ctx, op, f.where(), target)
		if errors.Is(err, ErrRefused) || errors.Is(err, ErrPermission) {
			return "", fmt.Errorf("%w: %w", ErrNotMoved, err)
		}
		if err != nil {
			return "", c.notGone(ctx, op, f, folder, err)
		}
		if moved {
			return target, c.verifyMove(ctx, op, f, target)
		}
	}
	return "", failed(ErrRefused, op, fmt.Errorf("%d names are taken in the archive", maxArchiveNames))
}

// notGone tells apart that the folder is gone from that the file is: a server has one word for both.
func (c *Client) notGone(ctx context.Context, op string, f RemoteFile, folder string, failure error) error {
	if !errors.Is(failure, ErrNotFound) || c.same(ctx, op, f) != nil {
		return failure
	}
	c.mu.Lock()
	delete(c.folders, folder)
	c.mu.Unlock()
	return failed(ErrFolder, op, nil)
}

// Delete removes f if it is still the file that f describes; else ErrChanged or ErrNotFound. Between
// looking and removing the partner could replace the file: SFTP has no way to exclude that. Archive is safer.
func (c *Client) Delete(ctx context.Context, f RemoteFile) error {
	const op = "deleting the remote file"
	if err := c.same(ctx, op, f); err != nil {
		return err
	}
	return c.do(ctx, op, func() error { return c.sftp.Remove(f.where()) })
}

// same returns nil if what is where f is, is f.
func (c *Client) same(ctx context.Context, op string, f RemoteFile) error {
	now, err := c.Stat(ctx, f.where())
	if err != nil {
		return err
	}
	if !f.unchanged(now) {
		return failed(ErrChanged, op, errors.New("size or time differ from those recorded"))
	}
	return nil
}

// move renames unless the target exists. Plain rename (not posix-rename) is what refuses to replace
// at OpenSSH; others do replace, so we look first.
func (c *Client) move(ctx context.Context, op, from, to string) (bool, error) {
	release, free := c.reserve(to)
	if !free {
		return false, nil
	}
	defer release()
	taken, err := c.exists(ctx, op, to)
	if err != nil || taken {
		return false, err
	}
	renaming := c.do(ctx, op, func() error { return c.sftp.Rename(from, to) })
	if renaming == nil || !errors.Is(renaming, ErrRefused) {
		return renaming == nil, renaming
	}
	if taken, err := c.exists(ctx, op, to); err == nil && taken {
		return false, nil // another one took the name in between
	}
	return false, renaming
}

// reserve keeps other operations of this connection from a name while one looks whether it is free and takes it.
func (c *Client) reserve(name string) (release func(), free bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.naming[name] {
		return nil, false
	}
	c.naming[name] = true
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.naming, name)
	}, true
}

// Claim renames f to end in suffix, so that nobody else takes it, and returns it as it is now: its
// identity stays. Nothing is replaced: ErrRefused if something has that name. ErrNotFound: somebody was
// faster. ErrChanged: it is not the file that f describes.
func (c *Client) Claim(ctx context.Context, f RemoteFile, suffix string) (RemoteFile, error) {
	const op = "claiming the remote file"
	if f.At != "" {
		return f, nil
	}
	if err := c.same(ctx, op, f); err != nil {
		return f, err
	}
	claimed := f
	claimed.At = f.Path + suffix
	moved, err := c.move(ctx, op, f.Path, claimed.At)
	if err == nil && !moved {
		err = failed(ErrRefused, op, errors.New("something has the name to claim it by"))
	}
	if err != nil {
		return f, err
	}
	return claimed, c.verifyMove(ctx, op, f, claimed.At)
}

// Unclaim gives a claimed file its name back, unless that is taken meanwhile, and returns it as it is now.
func (c *Client) Unclaim(ctx context.Context, f RemoteFile) (RemoteFile, error) {
	const op = "giving the remote file its name back"
	if f.At == "" {
		return f, nil
	}
	moved, err := c.move(ctx, op, f.At, f.Path)
	if err == nil && !moved {
		err = failed(ErrRefused, op, errors.New("its name is taken"))
	}
	if err == nil {
		f.At = ""
	}
	return f, err
}

// verifyMove looks at what was moved. A file that replaced f in between goes back to its place.
func (c *Client) verifyMove(ctx context.Context, op string, f RemoteFile, target string) error {
	moved, err := c.Stat(ctx, target)
	if err != nil {
		return err
	}
	if f.unchanged(moved) {
		return nil
	}
	if _, err := c.move(ctx, op, target, f.where()); err != nil {
		return err
	}
	return failed(ErrChanged, op, errors.New("it was replaced while it was moved"))
}

func (c *Client) exists(ctx context.Context, op, remote string) (bool, error) {
	var taken bool
	err := c.do(ctx, op, func() error {
		_, err := c.sftp.Lstat(remote)
		taken = err == nil
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	})
	return taken, err
}

// ensureFolder makes a folder once per connection.
func (c *Client) ensureFolder(ctx context.Context, folder string) error {
	c.mu.Lock()
	known := c.folders[folder]
	c.mu.Unlock()
	if known {
		return nil
	}
	err := c.do(ctx, "making the archive folder", func() error { return c.sftp.MkdirAll(folder) })
	if err == nil {
		c.mu.Lock()
		c.folders[folder] = true
		c.mu.Unlock()
	}
	return err
}

// maxName is the longest name common file systems take, in bytes.
const maxName = 255

// archiveName returns the name to try at an attempt; the first is the file's own.
func archiveName(f RemoteFile, attempt int) string {
	name := path.Base(f.Path)
	if attempt == 0 {
		return name
	}
	stem, extension := name, ""
	if dot := strings.LastIndexByte(name, '.'); dot > 0 && len(name)-dot <= 20 {
		stem, extension = name[:dot], name[dot:]
	}
	mark := "." + f.ModTime.UTC().Format("20060102T150405Z")
	if attempt > 1 {
		mark += fmt.Sprintf("-%d", attempt)
	}
	stem = stem[:min(len(stem), maxName-len(mark)-len(extension))]
	return stem + mark + extension
}
