package storage

import (
	"context"
	"fmt"
	"time"

	"github.com/lib/pq"
)

// The values of Sighting.RemoteState: what became of a file at the partner's server.
const (
	RemoteThere    = "there"
	RemoteArchived = "archived"
	RemoteDeleted  = "deleted"
	RemoteChanged  = "changed" // it is another file by now
	RemoteGone     = "gone"    // somebody else removed it
)

// A Sighting is a remote file as listings saw it. Path, size and time are its identity here; content
// decides whether it is new.
type Sighting struct {
	Path        string    `db:"path"` // escaped, as transfer.RemoteFile.Key returns it
	Size        int64     `db:"size"`
	ModTime     time.Time `db:"mtime"`
	FirstSeenAt time.Time `db:"first_seen_at"` // since when it stands still
	LastSeenAt  time.Time `db:"last_seen_at"`
	File        FileID    `db:"file_id"`  // 0: not taken yet
	TakenAt     time.Time `db:"taken_at"` // the zero time: likewise
	RemoteState string    `db:"remote_state"`
	ErrorCode   string    `db:"error_code"` // why it was not taken; "": nothing wrong
}

const (
	sightingColumns = `path, size, mtime, first_seen_at, last_seen_at, coalesce(file_id, 0) AS file_id,
	coalesce(taken_at, '0001-01-01 00:00:00+00') AS taken_at, remote_state, coalesce(error_code, '') AS error_code`

	selectSightings = `
SELECT ` + sightingColumns + `
FROM remote_seen
WHERE operator_id = $1 AND connection_id = $2 AND remote_state = 'there'
ORDER BY path, last_seen_at`

	// What was archived or deleted and is listed again came again, and what had changed is another file, though it may have
	// the size and the second of the one that was taken; what was only out of sight is back.
	upsertSightings = `
INSERT INTO remote_seen AS s (operator_id, connection_id, path, size, mtime, first_seen_at, last_seen_at)
SELECT $1, $2, path, size, mtime, since, $7
FROM unnest($3::text[], $4::bigint[], $5::timestamptz[], $6::timestamptz[]) AS l (path, size, mtime, since)
ON CONFLICT (operator_id, connection_id, path, size, mtime) DO UPDATE SET
	first_seen_at = excluded.first_seen_at, last_seen_at = excluded.last_seen_at, remote_state = 'there',
	file_id = CASE WHEN s.remote_state IN ('archived', 'deleted', 'changed') THEN NULL ELSE s.file_id END,
	taken_at = CASE WHEN s.remote_state IN ('archived', 'deleted', 'changed') THEN NULL ELSE s.taken_at END,
	error_code = CASE WHEN s.remote_state IN ('archived', 'deleted', 'changed') THEN NULL ELSE s.error_code END`

	setRemoteStates = `
UPDATE remote_seen SET remote_state = $6
FROM unnest($3::text[], $4::bigint[], $5::timestamptz[]) AS l (path, size, mtime) ` + eachSighting + `
WHERE remote_seen.ctid = s.ctid`

	setSightingError = `
UPDATE remote_seen SET error_code = nullif($6, '')
WHERE operator_id = $1 AND connection_id = $2 AND path = $3 AND size = $4 AND mtime = $5 AND file_id IS NULL`

	dropSightings = `
UPDATE remote_seen SET remote_state = CASE WHEN s.file_id IS NULL THEN 'gone' ELSE $6 END
FROM unnest($3::text[], $4::bigint[], $5::timestamptz[]) AS l (path, size, mtime) ` + eachSighting + `
WHERE remote_seen.ctid = s.ctid AND remote_seen.remote_state = 'there'`
)

// Sightings returns what is known to be, or have been, in the connection's folder and not yet moved
// away by us or somebody else; of several with one path, the last seen one comes last.
func (t *Tx) Sightings(ctx context.Context, connection ConnectionID) ([]Sighting, error) {
	all := []Sighting{}
	if err := t.list(ctx, &all, selectSightings, t.scope.Operator, connection); err != nil {
		return nil, fmt.Errorf("storage: sightings: %w", err)
	}
	return all, nil
}

// sightingBatch bounds the statement's parameters.
const sightingBatch = 5000

// SaveSightings writes what was listed at a moment: path, size, time and since when each stands still.
func (t *Tx) SaveSightings(ctx context.Context, connection ConnectionID, listed []Sighting, at time.Time) error {
	for rest := listed; len(rest) > 0; {
		n := min(len(rest), sightingBatch)
		if err := t.saveSightings(ctx, connection, rest[:n], at); err != nil {
			return fmt.Errorf("storage: sightings: %w", err)
		}
		rest = rest[n:]
	}
	return nil
}

// DropSightings records that what was there is not any more: gone, or, if it was taken, as state says,
// which is what we do with files that we took: its success may have gone unnoticed.
func (t *Tx) DropSightings(ctx context.Context, connection ConnectionID, unseen []Sighting, state string) error {
	for rest := unseen; len(rest) > 0; {
		n := min(len(rest), sightingBatch)
		paths, sizes, times, _ := sightingArrays(rest[:n])
		_, err := t.exec(ctx, dropSightings, t.scope.Operator, connection, pq.Array(paths), pq.Array(sizes), pq.Array(times), state)
		if err != nil {
			return fmt.Errorf("storage: sightings: %w", err)
		}
		rest = rest[n:]
	}
	return nil
}

// sightingArrays returns sightings as columns.
func sightingArrays(all []Sighting) (paths []string, sizes []int64, times, since []string) {
	for _, s := range all {
		paths, sizes = append(paths, s.Path), append(sizes, s.Size)
		times = append(times, s.ModTime.UTC().Format(time.RFC3339Nano))
		since = append(since, s.FirstSeenAt.UTC().Format(time.RFC3339Nano))
	}
	return paths, sizes, times, since
}

func (t *Tx) saveSightings(ctx context.Context, connection ConnectionID, listed []Sighting, at time.Time) error {
	paths, sizes, times, since := sightingArrays(listed)
	_, err := t.exec(ctx, upsertSightings, t.scope.Operator, connection,
		pq.Array(paths), pq.Array(sizes), pq.Array(times), pq.Array(since), at)
	return err
}

// SetRemoteStates records what became of files at the partner's server.
func (t *Tx) SetRemoteStates(ctx context.Context, connection ConnectionID, seen []Sighting, state string) error {
	paths, sizes, times, _ := sightingArrays(seen)
	_, err := t.exec(ctx, setRemoteStates, t.scope.Operator, connection, pq.Array(paths), pq.Array(sizes), pq.Array(times), state)
	if err != nil {
		return fmt.Errorf("storage: sightings: %w", err)
	}
	return nil
}

// SetSightingError records why a file was not taken, "" if nothing is wrong any more.
func (t *Tx) SetSightingError(ctx context.Context, connection ConnectionID, s Sighting, code string) error {
	_, err := t.exec(ctx, setSightingError, t.scope.Operator, connection, s.Path, s.Size, s.ModTime, code)
	if err != nil {
		return fmt.Errorf("storage: sighting: %w", err)
	}
	return nil
}
