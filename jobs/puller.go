package jobs

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/storage"
)

// A puller does what a pull does: look, take what is ready, wait a little for what is not.
type puller struct {
	*execution
	connection *storage.Connection
	session    *session
	list       transfer.ListOptions
	marker     string // suffix of done markers, or ""

	taken map[sightingKey]storage.Sighting // what the database knows of the last listing

	result struct {
		sync.Mutex
		retry   error // a failure that may pass
		refused error // one that stays, seen for the first time
		after   error // of moving or deleting what was taken
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

// work returns an error if the attempt failed as a whole, or if files could not be taken.
func (p *puller) work(ctx context.Context) error {
	quiet := seconds(p.connection.StableSeconds)
	patience := time.Time{}
	if quiet < maxPatience {
		patience = time.Now().Add(quiet + 5*time.Second)
	}
	earlier, err := p.sightings(ctx)
	if err != nil {
		return err
	}
	for first := true; ; first = false {
		look, err := p.look(ctx, seenBefore(earlier), quiet)
		if err != nil {
			return err
		}
		if earlier, err = p.save(ctx, look); err != nil {
			return err
		}
		if first {
			p.log(ctx, storage.LogInfo, "pull.listed", listingDetail(look))
		}
		if err := p.takeAll(ctx, look); err != nil {
			return err
		}
		if len(look.Waiting) == 0 || time.Now().Add(look.Next).After(patience) {
			p.noteWaiting(ctx, len(look.Waiting))
			return p.outcome()
		}
		if err := wait(ctx, look.Next); err != nil {
			return err
		}
	}
}

func (p *puller) noteWaiting(ctx context.Context, waiting int) {
	p.count(func(c *Counts) { c.Waiting = waiting })
	if waiting > 0 {
		p.log(ctx, storage.LogInfo, "pull.waiting", map[string]any{"files": waiting})
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

// look lists the folder and tells apart what is ready.
func (p *puller) look(ctx context.Context, earlier map[string]transfer.Seen, quiet time.Duration) (transfer.Look, error) {
	for {
		client, err := p.session.client(ctx)
		if err != nil {
			return transfer.Look{}, err
		}
		look, err := client.Await(ctx, p.list, transfer.SettleOptions{Quiet: quiet, Earlier: earlier, Now: p.node.cfg.DB.Now})
		switch {
		case err == nil && p.marker != "":
			return byMarker(look, p.marker), nil
		case err == nil:
			return look, nil
		case ctx.Err() != nil || !p.session.broken(client, err):
			return transfer.Look{}, err
		}
	}
}

// byMarker makes ready what has a done marker beside it, whether it stands still or not, and nothing else.
func byMarker(look transfer.Look, suffix string) transfer.Look {
	marked := map[string]bool{}
	for _, f := range look.Listing.Files {
		if path, ok := strings.CutSuffix(f.Path, suffix); ok {
			marked[path] = true
		}
	}
	sorted := transfer.Look{Listing: look.Listing, Seen: look.Seen}
	for _, f := range look.Listing.Files {
		switch {
		case strings.HasSuffix(f.Path, suffix):
		case marked[f.Path]:
			sorted.Ready = append(sorted.Ready, f)
		default:
			sorted.Waiting = append(sorted.Waiting, f)
		}
	}
	if len(sorted.Waiting) > 0 {
		sorted.Next = maxPatience // nothing tells when; the next run looks again
	}
	return sorted
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

// save writes the look down, so that the next run, or another node, knows since when files stand
// still, and returns what is known about them.
func (p *puller) save(ctx context.Context, look transfer.Look) ([]storage.Sighting, error) {
	listed := make([]storage.Sighting, 0, len(look.Listing.Files))
	for _, f := range look.Listing.Files {
		listed = append(listed, storage.Sighting{
			Path: f.Key(), Size: f.Size, ModTime: f.ModTime, FirstSeenAt: look.Seen[f.Key()].Since,
		})
	}
	unseen := ""
	if look.Listing.Unreadable == 0 {
		unseen = p.doneState(storage.RemoteGone)
	}
	var known []storage.Sighting
	err := p.node.cfg.DB.InScope(ctx, p.scope, func(tx *storage.Tx) (err error) {
		if err := tx.SaveSightings(ctx, p.connection.ID, listed, tx.Now(), unseen); err != nil {
			return err
		}
		known, err = tx.Sightings(ctx, p.connection.ID)
		return err
	})
	p.taken = make(map[sightingKey]storage.Sighting, len(known))
	for _, s := range known {
		p.taken[sightingKey{s.Path, s.Size, s.ModTime.UnixMicro()}] = s
	}
	return known, err
}

// doneState is the remote state of a file with which we are done, otherwise if we leave files alone.
func (p *puller) doneState(otherwise string) string {
	switch p.connection.AfterSuccess {
	case storage.AfterArchive:
		return storage.RemoteArchived
	case storage.AfterDelete:
		return storage.RemoteDeleted
	default:
		return otherwise
	}
}

func listingDetail(look transfer.Look) map[string]any {
	detail := map[string]any{"files": len(look.Listing.Files), "ready": len(look.Ready)}
	for name, n := range map[string]int{
		"excluded": look.Listing.Excluded, "unfinished": look.Listing.Unfinished, "special": look.Listing.Special,
		"bad_names": look.Listing.BadNames, "unreadable": look.Listing.Unreadable, "deeper": look.Listing.Deeper,
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
