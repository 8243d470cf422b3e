package transfer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bmatcuk/doublestar/v4"
)

// A RemoteFile is a regular file on the server as a listing saw it. Its names are the server's own
// bytes: control characters and invalid UTF-8 are possible, a slash within a name, "." and ".." are
// not. They can hold patient data, so a RemoteFile prints and logs without them.
type RemoteFile struct {
	Path    string    // for this server; absolute if the listed folder was
	Name    string    // last element of Path
	Rel     string    // path below the listed folder
	Size    int64     // bytes
	ModTime time.Time // by the server's clock, whole seconds, UTC

	// At is where the file is now, if it was claimed (see [Client.Claim]); "" if it is at Path. It has no
	// part in the file's identity.
	At string
}

// where returns the path to use at the server.
func (f RemoteFile) where() string { return cmp.Or(f.At, f.Path) }

// Key returns the path as valid UTF-8 without control characters, different for different paths.
func (f RemoteFile) Key() string { return Escape(f.Path) }

// Same reports whether g is, as far as a listing can tell, this file unchanged.
func (f RemoteFile) Same(g RemoteFile) bool {
	return f.Path == g.Path && f.Size == g.Size && f.ModTime.Equal(g.ModTime)
}

// unchanged compares what a look at where f is found.
func (f RemoteFile) unchanged(now RemoteFile) bool {
	return f.Size == now.Size && f.ModTime.Equal(now.ModTime)
}

// String tells size and time, not the name.
func (f RemoteFile) String() string {
	return fmt.Sprintf("remote file (%d bytes, %s)", f.Size, f.ModTime.Format(time.RFC3339))
}

// GoString is String.
func (f RemoteFile) GoString() string { return f.String() }

// LogValue tells size and time, not the name.
func (f RemoteFile) LogValue() slog.Value {
	return slog.GroupValue(slog.Int64("size", f.Size), slog.Time("mod_time", f.ModTime))
}

// ListOptions say which files of a folder are wanted.
type ListOptions struct {
	Folder string // "" is where the session starts
	Rules  []Rule // see [Rule]; the first that matches decides
	Depth  int    // levels of folders below Folder to enter; 0: none
	// Skip are folders never entered, as paths like Folder: the archive, if it is below Folder.
	Skip []string
	// Temporary takes files with names of files still being written, too (a leading dot, .tmp, .part,
	// .filepart and the like); else those are skipped, and also those ending in one of TemporarySuffixes.
	Temporary         bool
	TemporarySuffixes []string
	// SkipPatterns are like Skip, as patterns (see [Rule]).
	SkipPatterns []string
	// ClaimSuffix finds what was claimed under a name that ends in it: it is listed under the name it had.
	ClaimSuffix string
	// Names are looked for one by one, as paths below Folder, and nothing is listed, if there are any: for
	// servers that deny listing. Of the options above only Folder and ClaimSuffix count then.
	Names []string
}

// A Listing is what a folder held.
type Listing struct {
	Files []RemoteFile // oldest first, then by path

	// How many entries were left out, and why.
	Excluded   int // by the rules
	Unfinished int // names of files still being written
	Special    int // symbolic links, devices and the like
	BadNames   int // names no file can have
	Unreadable int // folders below that could not be read
	Deeper     int // folders below Depth, or in Skip
	Repeated   int // names that the server listed again
	Missing    int // of ListOptions.Names: not there
}

var errEndlessListing = errors.New("the listing does not end")

// List returns the files in a folder that the options want. A folder without any is an empty
// Listing, not an error. Errors: ErrFolder if the folder does not exist, ErrPattern, ErrTooMany, and those of any operation.
func (c *Client) List(ctx context.Context, options ListOptions) (Listing, error) {
	if len(options.Names) > 0 {
		return c.lookFor(ctx, options)
	}
	for i, rule := range options.Rules {
		if !rule.valid() {
			return Listing{}, patternError(i)
		}
	}
	walk := &walk{client: c, options: options, skip: map[string]bool{}, listed: map[string]bool{}}
	for _, folder := range options.Skip {
		walk.skip[path.Clean(folder)] = true
	}
	if err := walk.folder(ctx, "", 0); err != nil {
		return Listing{}, err
	}
	walk.listing.sort()
	return walk.listing, nil
}

func (l *Listing) sort() {
	slices.SortFunc(l.Files, func(a, b RemoteFile) int {
		return cmp.Or(a.ModTime.Compare(b.ModTime), strings.Compare(a.Path, b.Path))
	})
}

// Stat returns what is at path now; ErrNotFound if nothing is, ErrRefused if it is no regular file.
func (c *Client) Stat(ctx context.Context, remote string) (RemoteFile, error) {
	const op = "looking at a remote file"
	var found RemoteFile
	err := c.do(ctx, op, func() error {
		info, err := c.sftp.Stat(remote)
		if err != nil {
			return err
		}
		if !info.Mode().IsRegular() {
			return failed(ErrRefused, op, errors.New("it is not a regular file"))
		}
		found = remoteFile(remote, path.Base(remote), info)
		return nil
	})
	return found, err
}

func remoteFile(remote, relative string, info fs.FileInfo) RemoteFile {
	return RemoteFile{
		Path: remote, Name: path.Base(relative), Rel: relative,
		Size: info.Size(), ModTime: info.ModTime().UTC().Truncate(time.Second),
	}
}

// A walk is one listing under way.
type walk struct {
	client  *Client
	options ListOptions
	skip    map[string]bool
	seen    int
	listed  map[string]bool // by path
	listing Listing
}

// folder reads one folder, given relative to the listed one, and then those in it.
func (w *walk) folder(ctx context.Context, relative string, depth int) error {
	entries, err := w.read(ctx, relative)
	switch {
	case err == nil:
	case relative == "" && errors.Is(err, ErrNotFound):
		return failed(ErrFolder, "listing the remote folder", nil)
	case relative != "" && (errors.Is(err, ErrNotFound) || errors.Is(err, ErrPermission) || errors.Is(err, ErrRefused)):
		w.listing.Unreadable++ // removed meanwhile, or not ours: the rest can still be had
		return nil
	default:
		return err
	}
	if w.seen += len(entries); w.seen > w.client.limits.Files {
		return failed(ErrTooMany, "listing the remote folder", fmt.Errorf("more than %d entries", w.client.limits.Files))
	}
	for _, entry := range entries {
		if err := w.entry(ctx, relative, depth, entry); err != nil {
			return err
		}
	}
	return nil
}

func (w *walk) read(ctx context.Context, relative string) ([]fs.FileInfo, error) {
	// Endless answers must not fill the memory: the library collects them all before it returns.
	watching, stop := context.WithCancel(ctx)
	defer stop()
	go w.client.boundListing(watching)
	var entries []fs.FileInfo
	err := w.client.do(ctx, "listing the remote folder", func() (err error) {
		entries, err = w.client.sftp.ReadDirContext(ctx, w.path(relative))
		return err
	})
	return entries, err
}

// boundListing ends the connection when a listing sends more than it may.
func (c *Client) boundListing(ctx context.Context) {
	start := c.progress.received.Load()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if c.progress.waiting.Load() > 1 {
				start = c.progress.received.Load() // other operations' bytes, too: no telling whose
			}
			if c.progress.received.Load()-start > c.limits.ListingBytes {
				c.conn.end(errEndlessListing)
				return
			}
		}
	}
}

func (w *walk) entry(ctx context.Context, folder string, depth int, entry fs.FileInfo) error {
	name := entry.Name()
	if bad := checkName(name) != nil; bad {
		w.listing.BadNames++
		return nil //nolint:nilerr // it is counted, and the others go on
	}
	at := path.Join(folder, name)
	if before, claimed := strings.CutSuffix(name, w.options.ClaimSuffix); claimed && checkName(before) == nil {
		name = before
	}
	relative := path.Join(folder, name)
	switch {
	case entry.IsDir():
		relative = at // folders are not claimed
		if depth >= w.options.Depth || w.skipped(path.Clean(w.path(relative))) {
			w.listing.Deeper++
			return nil
		}
		return w.folder(ctx, relative, depth+1)
	case !entry.Mode().IsRegular():
		w.listing.Special++
	case !w.options.Temporary && isTemporary(name, w.options.TemporarySuffixes):
		w.listing.Unfinished++
	case !selected(w.options.Rules, relative):
		w.listing.Excluded++
	case w.listed[at]:
		w.listing.Repeated++ // QUIRK: some servers list a name twice while their folder changes
	default:
		w.listed[at] = true
		w.listing.Files = append(w.listing.Files, w.file(relative, at, entry))
	}
	return nil
}

func (w *walk) file(relative, at string, entry fs.FileInfo) RemoteFile {
	f := remoteFile(w.path(relative), relative, entry)
	if at != relative {
		f.At = w.path(at)
	}
	return f
}

func (w *walk) skipped(folder string) bool {
	return w.skip[folder] || slices.ContainsFunc(w.options.SkipPatterns, func(pattern string) bool {
		return doublestar.MatchUnvalidated(pattern, folder)
	})
}

// path returns the remote path of what is at relative below the listed folder.
func (w *walk) path(relative string) string {
	return path.Join(cmp.Or(w.options.Folder, "."), relative)
}

// ordinal names something by its position as people count.
func ordinal(index int) string { return "no. " + strconv.Itoa(index+1) }
