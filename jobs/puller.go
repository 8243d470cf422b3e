package jobs

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/ediport/ediport/jobs/internal/failpoint"
	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/storage"
)

// A puller does what a pull does: look, take what is ready, wait a little for what is not.
type puller struct {
	*execution
	connection *storage.Connection
	network    Network
	session    *session
	folders    []*folder

	taken map[sightingKey]storage.Sighting // what the database knows of the last listing

	result struct {
		sync.Mutex
		retry   error // a failure that may pass
		refused error // one that stays, seen for the first time
		after   error // of moving or deleting what was taken
		folder  error // of a folder that can't be listed
	}
}

type sightingKey struct {
	path  string
	size  int64
	mtime int64
}

func keyOf(f transfer.RemoteFile) sightingKey {
	return sightingKey{f.Key(), f.Size, f.ModTime.UnixMicro()}
}

// maxPatience bounds how long a run waits for files to stand still; the next run goes on waiting.
const maxPatience = 65 * time.Second

// patience is until when the run looks again for files that are not ready.
func (p *puller) patience() (until time.Time) {
	for _, f := range p.folders {
		if quiet := max(f.quiet(), seconds(f.MinAgeSeconds)); quiet < maxPatience {
			if end := time.Now().Add(quiet + 5*time.Second); end.After(until) {
				until = end
			}
		}
	}
	return until
}

// work returns an error if the attempt failed as a whole, or if files could not be taken.
func (p *puller) work(ctx context.Context) error {
	if err := failpoint.Check("pull.begun"); err != nil {
		return err
	}
	until := p.patience()
	earlier, err := p.sightings(ctx)
	if err != nil {
		return err
	}
	for first := true; ; first = false {
		looks, err := p.lookAll(ctx, earlier)
		if err != nil {
			return err
		}
		if err := failpoint.Check("pull.listed"); err != nil {
			return err
		}
		if earlier, err = p.save(ctx, looks); err != nil {
			return err
		}
		if err := failpoint.Check("pull.saved"); err != nil {
			return err
		}
		if first {
			p.noteLooks(ctx, looks)
		}
		p.count(func(c *Counts) { c.Listed = listedIn(looks) })
		for _, look := range looks {
			if err := p.takeAll(ctx, look); err != nil {
				return err
			}
		}
		waiting, next := waitingOf(looks)
		if waiting == 0 || time.Now().Add(next).After(until) {
			p.noteWaiting(ctx, waiting)
			failpoint.Reach("pull.idle")
			return p.outcome()
		}
		if err := wait(ctx, next); err != nil {
			return err
		}
	}
}

func listedIn(looks []folderLook) (files int) {
	for _, look := range looks {
		files += len(look.Listing.Files)
	}
	return files
}

func waitingOf(looks []folderLook) (files int, next time.Duration) {
	for _, look := range looks {
		files += len(look.Waiting)
		if len(look.Waiting) > 0 && (next == 0 || look.Next < next) {
			next = look.Next
		}
	}
	return files, next
}

func (p *puller) noteWaiting(ctx context.Context, waiting int) {
	p.count(func(c *Counts) { c.Waiting = waiting })
	if waiting > 0 {
		p.log(ctx, storage.LogInfo, "pull.waiting", map[string]any{"files": waiting})
	}
}

// noteLooks logs what the first look found.
func (p *puller) noteLooks(ctx context.Context, looks []folderLook) {
	for _, look := range looks {
		detail := listingDetail(look.Look)
		if len(p.folders) > 1 {
			detail["folder"] = look.number
		}
		p.log(ctx, storage.LogInfo, "pull.listed", detail)
		data, markers := look.folder.lonely(look.Look, p.taken, p.node.cfg.DB.Now())
		if data > 0 || markers > 0 {
			p.log(ctx, storage.LogWarn, "pull.marker_missing", map[string]any{"files": data, "markers": markers})
		}
	}
}

// outcome is what the failures of single files make of the run.
func (p *puller) outcome() error {
	p.result.Lock()
	defer p.result.Unlock()
	switch {
	case p.session.dead() != nil:
		return p.session.dead()
	case p.result.retry != nil:
		return fail(ErrFilesFailed, p.result.retry)
	case p.result.folder != nil:
		return p.result.folder
	case p.result.refused != nil:
		return fail(ErrFilesRefused, p.result.refused)
	case Permanent(p.result.after):
		return fail(ErrAfterRefused, p.result.after)
	case p.result.after != nil:
		return fail(ErrAfterFailed, p.result.after)
	default:
		return nil
	}
}

// A folderLook is a folder as it was found.
type folderLook struct {
	transfer.Look
	folder *folder
	number int // of the folder in the settings, from 1
}

// lookAll looks into each folder. One that can't be listed doesn't keep the others back. What two
// folders list, as one below the other, is the first one's.
func (p *puller) lookAll(ctx context.Context, known []storage.Sighting) ([]folderLook, error) {
	earlier, taken := seenBefore(known), byKey(known)
	var looks []folderLook
	listed := map[string]bool{}
	for i, f := range p.folders {
		f.lookFor(known, p.node.cfg.DB.Now())
		listing, err := p.listing(ctx, f)
		switch {
		case err == nil:
		case ctx.Err() != nil || !folderFailure(err):
			return nil, err
		default:
			p.noteFolder(ctx, i+1, err)
			continue
		}
		fresh := listing.Files[:0]
		for _, file := range listing.Files {
			if !listed[file.Path] {
				listed[file.Path] = true
				fresh = append(fresh, file)
			}
		}
		listing.Files = fresh
		looks = append(looks, folderLook{f.unmark(f.sort(listing, earlier, p.node.cfg.DB.Now()), taken), f, i + 1})
	}
	return looks, nil
}

// folderFailure tells what is the matter of one folder.
func folderFailure(err error) bool {
	for _, kind := range []error{transfer.ErrFolder, transfer.ErrPermission, transfer.ErrRefused} {
		if errors.Is(err, kind) {
			return true
		}
	}
	return false
}

func (p *puller) noteFolder(ctx context.Context, number int, failure error) {
	p.result.Lock()
	first := p.result.folder == nil
	p.result.folder = failure
	p.result.Unlock()
	if first && len(p.folders) > 1 {
		p.log(ctx, storage.LogWarn, Code(failure), map[string]any{"folder": number})
	}
}

// listing lists a folder, over a new connection if the present one breaks.
func (p *puller) listing(ctx context.Context, f *folder) (transfer.Listing, error) {
	for {
		client, err := p.session.client(ctx)
		if err != nil {
			return transfer.Listing{}, err
		}
		listing, err := client.List(ctx, f.list)
		if err == nil || ctx.Err() != nil || !p.session.broken(client, err) {
			return listing, err
		}
	}
}

func (p *puller) sightings(ctx context.Context) (all []storage.Sighting, err error) {
	err = p.node.cfg.DB.InScopeRead(ctx, p.scope, func(tx *storage.Tx) error {
		all, err = tx.Sightings(ctx, p.connection.ID)
		return err
	})
	return all, err
}

func seenBefore(all []storage.Sighting) map[string]transfer.Seen {
	seen := make(map[string]transfer.Seen, len(all))
	for _, s := range all { // the last seen one of a path comes last and stays
		seen[s.Path] = transfer.Seen{Size: s.Size, ModTime: s.ModTime, Since: s.FirstSeenAt}
	}
	return seen
}

// save writes the looks down, so that the next run, or another node, knows since when files stand
// still, and returns what is known about them.
func (p *puller) save(ctx context.Context, looks []folderLook) ([]storage.Sighting, error) {
	var listed []storage.Sighting
	for _, look := range looks {
		for _, f := range look.Listing.Files {
			listed = append(listed, storage.Sighting{
				Path: f.Key(), Size: f.Size, ModTime: f.ModTime, FirstSeenAt: look.Seen[f.Key()].Since,
			})
		}
	}
	var known []storage.Sighting
	err := p.node.cfg.DB.InScope(ctx, p.scope, func(tx *storage.Tx) (err error) {
		at := tx.Now().Truncate(time.Microsecond) // as the database keeps it, to compare with
		if err := tx.SaveSightings(ctx, p.connection.ID, listed, at); err != nil {
			return err
		}
		all, err := tx.Sightings(ctx, p.connection.ID)
		if err != nil {
			return err
		}
		var unseen map[string][]storage.Sighting
		known, unseen = p.splitUnseen(all, looks, at)
		for state, gone := range unseen {
			if err := tx.DropSightings(ctx, p.connection.ID, gone, state); err != nil {
				return err
			}
		}
		return nil
	})
	p.taken = byKey(known)
	return known, err
}

// splitUnseen tells apart what is there and what the whole listing of its folder did not show, by what
// must have become of it.
func (p *puller) splitUnseen(all []storage.Sighting, looks []folderLook, at time.Time) (there []storage.Sighting, unseen map[string][]storage.Sighting) {
	unseen = map[string][]storage.Sighting{}
	for _, s := range all {
		state := ""
		if s.LastSeenAt.Before(at) {
			state = p.unseenState(s, looks)
		}
		if state == "" {
			there = append(there, s)
		} else {
			unseen[state] = append(unseen[state], s)
		}
	}
	return there, unseen
}

// unseenState is what became of a file that is not listed any more if it was taken; "" if it may be
// there all the same.
func (p *puller) unseenState(s storage.Sighting, looks []folderLook) string {
	state := storage.RemoteGone // of a folder that was taken out of the settings
	for _, f := range slices.Backward(p.folders) {
		if !f.holds(s.Path) {
			continue
		}
		listed := slices.ContainsFunc(looks, func(l folderLook) bool { return l.folder == f && l.Listing.Unreadable == 0 })
		if !listed {
			return "" // of folders in one another, the one that could not be listed may hold it
		}
		_, named := f.named(s.Path)
		if state = f.doneState(); f.names != nil && !named || f.stays(s, p.node.cfg.DB.Now()) { // the first folder's, as it takes the file
			state = storage.RemoteGone // not by us: should it be listed again, it is the one that was taken
		}
	}
	return state
}

// doneState is the remote state of a file with which we are done.
func (f *folder) doneState() string {
	switch f.After {
	case storage.AfterArchive:
		return storage.RemoteArchived
	case storage.AfterDelete:
		return storage.RemoteDeleted
	default:
		return storage.RemoteGone
	}
}

func listingDetail(look transfer.Look) map[string]any {
	detail := map[string]any{"files": len(look.Listing.Files), "ready": len(look.Ready)}
	for name, n := range map[string]int{
		"excluded": look.Listing.Excluded, "unfinished": look.Listing.Unfinished, "special": look.Listing.Special,
		"bad_names": look.Listing.BadNames, "unreadable": look.Listing.Unreadable, "deeper": look.Listing.Deeper, "missing": look.Listing.Missing,
	} {
		if n > 0 {
			detail[name] = n
		}
	}
	return detail
}

func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

var errStopped = errors.New("jobs: stopped")
