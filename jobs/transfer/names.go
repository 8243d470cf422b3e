package transfer

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"path"
	"strings"
	"sync"
)

// CheckKnownName refuses what can't be one of ListOptions.Names: it stays below the folder, and slashes stand between
// folders, also for servers on Windows.
func CheckKnownName(name string) error {
	if name == "" || strings.HasPrefix(name, "/") {
		return errors.New("it is a name below the folder")
	}
	for part := range strings.SplitSeq(name, "/") {
		if err := checkName(part); err != nil {
			return err
		}
	}
	return nil
}

// looksAtOnce is how many names are looked for at the same time.
const looksAtOnce = 16

// lookFor is List where the names are known. That nobody may look at any of them is an error; of a few, they are counted.
func (c *Client) lookFor(ctx context.Context, options ListOptions) (Listing, error) {
	const op = "looking for files by name"
	for _, name := range options.Names {
		if err := CheckKnownName(name); err != nil {
			return Listing{}, failed(ErrName, op, err)
		}
	}
	if err := c.folderThere(ctx, op, cmp.Or(options.Folder, ".")); err != nil {
		return Listing{}, err
	}
	found := make([]lookedAt, len(options.Names))
	var looking sync.WaitGroup
	turns := make(chan struct{}, looksAtOnce)
	for i, name := range options.Names {
		turns <- struct{}{}
		looking.Go(func() {
			found[i] = c.lookAt(ctx, op, options, name)
			<-turns
		})
	}
	looking.Wait()
	return gather(found)
}

// folderThere complains about a folder that certainly is missing: each name would be, too, which is no failure. Servers
// that don't let us look at it may have it.
func (c *Client) folderThere(ctx context.Context, op, folder string) error {
	err := c.do(ctx, op, func() error {
		there, err := c.isFolder(folder)
		if err == nil && !there {
			return failed(ErrFolder, op, nil)
		}
		return err
	})
	if errors.Is(err, ErrPermission) || errors.Is(err, ErrRefused) {
		return nil
	}
	return err
}

// lookedAt is what became of one name.
type lookedAt struct {
	file RemoteFile
	err  error // ErrNotFound, errSpecial, or any other
}

// lookAt looks for what a name was claimed by, if such may be there, or for the name: the claimed file has been there longer.
func (c *Client) lookAt(ctx context.Context, op string, options ListOptions, name string) lookedAt {
	if err := c.foldersOf(ctx, op, options.Folder, name); err != nil {
		return lookedAt{err: err}
	}
	remote := path.Join(cmp.Or(options.Folder, "."), name)
	if options.ClaimSuffix != "" {
		f, err := c.lookNoFurther(ctx, op, remote+options.ClaimSuffix, name)
		if f.Path, f.At = remote, remote+options.ClaimSuffix; !errors.Is(err, ErrNotFound) {
			return lookedAt{f, err}
		}
	}
	f, err := c.lookNoFurther(ctx, op, remote, name)
	return lookedAt{f, err}
}

// foldersOf refuses a name below a link: it could lead out of the folder.
func (c *Client) foldersOf(ctx context.Context, op, folder, name string) error {
	parts := strings.Split(name, "/")
	at := cmp.Or(folder, ".")
	for _, part := range parts[:len(parts)-1] {
		at = path.Join(at, part)
		err := c.do(ctx, op, func() error {
			info, err := c.sftp.Lstat(at)
			if err == nil && !info.IsDir() {
				return failed(ErrRefused, op, errSpecial)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// errSpecial says that a name is no regular file's, or leads through what is no folder.
var errSpecial = errors.New("it is not a regular file")

// lookNoFurther is Stat that does not follow a symbolic link: like a listing it doesn't leave the folder.
func (c *Client) lookNoFurther(ctx context.Context, op, remote, relative string) (found RemoteFile, err error) {
	err = c.do(ctx, op, func() error {
		info, err := c.sftp.Lstat(remote)
		switch {
		case err != nil:
			return err
		case info.Mode()&fs.ModeType != 0:
			return failed(ErrRefused, op, errSpecial)
		}
		found = remoteFile(remote, relative, info)
		return nil
	})
	return found, err
}

// gather makes a listing of what was looked at.
func gather(found []lookedAt) (listing Listing, err error) {
	listed := map[string]bool{}
	var denied error
	for _, f := range found {
		switch {
		case f.err == nil && listed[f.file.Path]:
			listing.Repeated++
		case f.err == nil:
			listed[f.file.Path] = true
			listing.Files = append(listing.Files, f.file)
		case errors.Is(f.err, ErrNotFound):
			listing.Missing++
		case errors.Is(f.err, ErrPermission):
			listing.Unreadable++
			denied = f.err
		case errors.Is(f.err, errSpecial):
			listing.Special++
		case errors.Is(f.err, ErrRefused): // it may be there all the same
			listing.Unreadable++
		default:
			return Listing{}, f.err
		}
	}
	if denied != nil && listing.Unreadable == len(found) {
		return Listing{}, denied
	}
	listing.sort()
	return listing, nil
}
