package transfer

import (
	"context"
	"time"
)

// Seen is what earlier listings found out about one file; callers keep it between runs.
type Seen struct {
	Size    int64
	ModTime time.Time
	Since   time.Time // when we first saw it with this size and time, by our clock
}

// A Look is a listing sorted by what stands still.
type Look struct {
	Listing Listing
	Ready   []RemoteFile // unchanged for the set time, in listing order
	Waiting []RemoteFile // may still be written
	// Seen is to be kept for the next look, by [RemoteFile.Key]. Files that are gone are not in it.
	Seen map[string]Seen
	// Next is how long after this look the first waiting file may be ready; 0 if none waits.
	Next time.Duration
}

// Settled sorts a listing made at now: a file is ready when earlier looks saw it with the same size
// and time for at least quiet. With quiet 0 everything is ready. The server's clock plays no part,
// so it may be wrong.
func Settled(listing Listing, earlier map[string]Seen, quiet time.Duration, now time.Time) Look {
	look := Look{Listing: listing, Seen: make(map[string]Seen, len(listing.Files))}
	for _, file := range listing.Files {
		seen, known := earlier[file.Key()]
		if !known || seen.Size != file.Size || !seen.ModTime.Equal(file.ModTime) || seen.Since.After(now) {
			seen = Seen{Size: file.Size, ModTime: file.ModTime, Since: now} // a Since to come: our clock was set back
		}
		look.Seen[file.Key()] = seen
		missing := quiet - now.Sub(seen.Since)
		if missing <= 0 {
			look.Ready = append(look.Ready, file)
			continue
		}
		look.Waiting = append(look.Waiting, file)
		if look.Next == 0 || missing < look.Next {
			look.Next = missing
		}
	}
	return look
}

// SettleOptions say when a file counts as whole.
type SettleOptions struct {
	Quiet   time.Duration   // how long size and time must stand still
	Earlier map[string]Seen // from the last look of an earlier run; may be nil
	// MaxWait is how long to wait for files to settle within this run; 0: look once. A file that
	// has not settled by then is left for the next run.
	MaxWait time.Duration

	Now  func() time.Time                           // time.Now if nil
	Wait func(context.Context, time.Duration) error // waits, or returns the context's cause; by a timer if nil
}

// Await lists until every wanted file stands still, or MaxWait has passed, and returns the last look.
// Its errors are those of List.
func (c *Client) Await(ctx context.Context, options ListOptions, settle SettleOptions) (Look, error) {
	now, wait := settle.Now, settle.Wait
	if now == nil {
		now = time.Now
	}
	if wait == nil {
		wait = sleep
	}
	started, earlier := now(), settle.Earlier
	for {
		listing, err := c.List(ctx, options)
		if err != nil {
			return Look{}, err
		}
		look := Settled(listing, earlier, settle.Quiet, now())
		if len(look.Waiting) == 0 || now().Add(look.Next).Sub(started) > settle.MaxWait {
			return look, nil
		}
		if err := wait(ctx, look.Next); err != nil {
			return Look{}, canceled("waiting for files to stand still", err)
		}
		earlier = look.Seen
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
