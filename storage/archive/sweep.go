package archive

import (
	"context"
	"time"
)

// Limits of one sweep: names asked about at once, and orphans listed in the report.
const (
	sweepBatch      = 1000
	maxSweepOrphans = 10_000
)

// Known says which of at most 1,000 blob names some row knows. A name that is not in the map is unknown.
// Names come in batches since one query answers for all of them.
type Known func(ctx context.Context, names []string) (map[string]bool, error)

// A SweepReport says what a sweep found.
type SweepReport struct {
	Blobs        int      // committed blobs
	StoredBytes  int64    // their bytes in the archive
	StaleRemoved int      // temporary files that were removed
	Pending      int      // temporary files left alone: too young, so possibly in use
	Foreign      int      // files that are not the archive's; left alone
	Orphans      []Orphan // blobs that no row knows, the first 10,000; nothing was done to them
	OrphanCount  int      // all of them
}

// An Orphan is a blob that no row knows: its process died between Commit and the row's
// transaction, the row was deleted without it, or the database was restored from an older backup.
type Orphan struct {
	Name       string
	StoredSize int64     // bytes
	Modified   time.Time // about when it was committed
}

// Sweep goes through the whole archive, removes temporary files that were last written longer than olderThan
// ago, and reports blobs of that age that no row knows. It deletes no blob. olderThan must exceed the
// longest pause a living download can make, and the time between Commit and the row's
// transaction; an hour does.
func (a *Archive) Sweep(ctx context.Context, olderThan time.Duration, known Known) (SweepReport, error) {
	s := sweep{archive: a, before: time.Now().Add(-olderThan), known: known}
	err := a.store.list(ctx, func(e entry) error { return s.visit(ctx, e) })
	if err == nil {
		err = s.ask(ctx)
	}
	return s.report, err
}

type sweep struct {
	archive *Archive
	before  time.Time
	known   Known
	batch   []Orphan // blobs to ask about
	report  SweepReport
}

func (s *sweep) visit(ctx context.Context, e entry) error {
	switch {
	case e.foreign:
		s.report.Foreign++
	case e.pending:
		return s.pending(e)
	default:
		s.report.Blobs++
		s.report.StoredBytes += e.size
		if e.modified.Before(s.before) {
			s.batch = append(s.batch, Orphan{e.name, e.size, e.modified})
		}
	}
	if len(s.batch) < sweepBatch {
		return nil
	}
	return s.ask(ctx)
}

func (s *sweep) pending(e entry) error {
	removed := false
	if e.modified.Before(s.before) {
		var err error
		if removed, err = s.archive.store.removePending(e.name, s.before); err != nil {
			return err
		}
	}
	if removed {
		s.report.StaleRemoved++
	} else {
		s.report.Pending++
	}
	return nil
}

// ask finds the orphans of the batch and empties it.
func (s *sweep) ask(ctx context.Context) error {
	if len(s.batch) == 0 {
		return nil
	}
	names := make([]string, len(s.batch))
	for i := range s.batch {
		names[i] = s.batch[i].Name
	}
	known, err := s.known(ctx, names)
	if err != nil {
		return err
	}
	for _, blob := range s.batch {
		if known[blob.Name] {
			continue
		}
		s.report.OrphanCount++
		if len(s.report.Orphans) < maxSweepOrphans {
			s.report.Orphans = append(s.report.Orphans, blob)
		}
	}
	s.batch = s.batch[:0]
	return nil
}
