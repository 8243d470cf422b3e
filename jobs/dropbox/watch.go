package dropbox

import (
	"context"
	"errors"
	"time"

	"github.com/ediport/ediport/storage"
)

// sweepEvery is how often what is old is forgotten.
const sweepEvery = time.Hour

// watch ends sessions that may not be any more, and forgets what is old, until the server stops.
func (s *Server) watch() {
	recheck, sweep := time.NewTicker(s.limits.Recheck), time.NewTicker(sweepEvery)
	defer recheck.Stop()
	defer sweep.Stop()
	s.sweep()
	for {
		select {
		case <-recheck.C:
			s.recheck()
		case <-sweep.C:
			s.sweep()
		case <-s.ctx.Done():
			return
		}
	}
}

// recheck looks at the drop boxes of those who are signed in: where something changed, they must sign in anew in effect.
func (s *Server) recheck() {
	open := s.open()
	if len(open) == 0 {
		return
	}
	ids := make([]storage.DropBoxID, len(open))
	for i, x := range open {
		ids[i] = x.box.Load().ID
	}
	var versions map[storage.DropBoxID]int
	err := s.inSystem(systemActor, func(ctx context.Context, tx *storage.Tx) (err error) {
		versions, err = tx.DropBoxVersions(ctx, ids)
		return err
	})
	if err != nil {
		s.log.Warn("the drop boxes in use could not be checked", "error", err)
		return // nothing can be committed either
	}
	for _, x := range open {
		if box := x.box.Load(); versions[box.ID] != box.Version {
			s.recheckOne(x)
		}
	}
}

func (s *Server) recheckOne(x *session) {
	before := x.box.Load()
	box, err := s.signInOf(before.Username, before.key, x.from)
	switch {
	case errors.Is(err, errRefused), err == nil && box.ID != before.ID: // the user's name may be another's by now
		s.log.Info("a session at a drop box was ended: it may not sign in any more", "session", x.id)
		x.hangUp()
	case err == nil:
		x.box.Store(&signedIn{box, before.key})
	}
}

// sweep forgets what was staged and never renamed, and what was accepted some time ago.
func (s *Server) sweep() {
	var blobs []string
	now := s.cfg.DB.Now()
	err := s.inSystem(systemActor, func(ctx context.Context, tx *storage.Tx) (err error) {
		blobs, err = tx.SweepDropped(ctx, now.Add(-stagedFor), now.Add(-shownFor))
		return err
	})
	if err != nil {
		s.log.Warn("what lies in drop boxes for long was not swept", "error", err)
		return // the rows may be there still, and then they need their blobs
	}
	for _, blob := range blobs {
		if err := s.cfg.Archive.Delete(blob); err != nil {
			s.log.Warn("a blob that is not needed could not be removed", "error", err)
		}
	}
}
