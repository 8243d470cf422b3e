package storage

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lib/pq"
)

// A PurgeCandidate is a file that came by itself, or left, with the files that came out of it: they go together or not at all.
type PurgeCandidate struct {
	File     FileID         `db:"id"`
	Files    int            `db:"files"` // itself included
	Bytes    int64          `db:"bytes"`
	Oldest   time.Time      `db:"oldest"` // received
	Newest   time.Time      `db:"newest"`
	Moving   bool           `db:"moving"`
	Kinds    pq.StringArray `db:"kinds"`
	Sets     int64          `db:"sets"`
	Accounts pq.Int64Array  `db:"accounts"` // asked for one account; 0: sets that nobody's rows were made of
	Verdict  PurgeVerdict   `db:"-"`
}

// Kind returns the kinds in one word.
func (c *PurgeCandidate) Kind() string {
	kinds := slices.Clone(c.Kinds)
	slices.Sort(kinds)
	return strings.Join(kinds, "+")
}

const purgeKindOf = `CASE WHEN %[1]s IN ('835', '270', '271', '276', '277', '278') THEN %[1]s WHEN %[1]s IN ('997', '999', 'TA1') THEN 'acknowledgment' ELSE 'other' END`

// Sets without a routing unit (held, duplicate, unsupported) hold data of accounts that no row names; they count as account 0.
var selectPurgeCandidates = `
WITH root AS MATERIALIZED (
	SELECT id
	FROM file
	WHERE operator_id = $1 AND id > $2 AND received_at < $3 AND parent_file_id IS NULL AND state <> 'purged' AND ($6::bigint = 0 OR id = $6)
	ORDER BY id
	LIMIT $4
)
SELECT r.id, x.files, x.bytes, x.oldest, x.newest, x.moving, k.kinds, n.sets, coalesce(a.accounts, '{}') AS accounts
FROM root r
CROSS JOIN LATERAL (
	SELECT array_agg(m.id) AS ids, count(*) AS files, sum(m.size)::bigint AS bytes, min(m.received_at) AS oldest, max(m.received_at) AS newest,
		bool_or(m.state IN ('downloaded', 'validated', 'generated', 'sending', 'uncertain')) AS moving
	FROM (
		SELECT id, size, received_at, state FROM file WHERE operator_id = $1 AND id = r.id
		UNION ALL
		SELECT id, size, received_at, state FROM file WHERE operator_id = $1 AND parent_file_id = r.id
	) m
) x
CROSS JOIN LATERAL (
	SELECT count(*) AS sets FROM transaction_set s WHERE s.operator_id = $1 AND s.file_id = ANY (x.ids)
) n
CROSS JOIN LATERAL (
	SELECT array_agg(DISTINCT kind) AS kinds
	FROM (
		SELECT ` + fmt.Sprintf(purgeKindOf, "s.set_code") + ` AS kind FROM transaction_set s WHERE s.operator_id = $1 AND s.file_id = ANY (x.ids)
		UNION ALL
		SELECT 'acknowledgment' FROM acknowledgment g WHERE g.operator_id = $1 AND g.file_id = ANY (x.ids)
		UNION ALL
		SELECT 'other' -- an interchange without anything in it that could be read
		FROM interchange i
		WHERE i.operator_id = $1 AND i.file_id = ANY (x.ids)
			AND NOT EXISTS (SELECT 1 FROM transaction_set s WHERE s.operator_id = $1 AND s.file_id = i.file_id AND s.interchange_id = i.id)
			AND NOT EXISTS (SELECT 1 FROM acknowledgment g WHERE g.operator_id = $1 AND g.file_id = i.file_id AND g.interchange_id = i.id)
		UNION ALL
		SELECT 'acknowledgment' FROM outbound o WHERE o.operator_id = $1 AND o.file_id = ANY (x.ids) AND o.purpose = 'acknowledgment'
		UNION ALL
		SELECT ` + fmt.Sprintf(purgeKindOf, "e.set_codes") + ` FROM outbound_envelope e
		WHERE e.operator_id = $1 AND e.file_id = ANY (x.ids) AND e.group_no > 0
		UNION ALL
		SELECT 'other'
		FROM unnest(x.ids) AS m (id)
		WHERE NOT (m.id = r.id AND x.files > 1)
			AND NOT EXISTS (SELECT 1 FROM transaction_set s WHERE s.operator_id = $1 AND s.file_id = m.id)
			AND NOT EXISTS (SELECT 1 FROM acknowledgment g WHERE g.operator_id = $1 AND g.file_id = m.id)
			AND NOT EXISTS (SELECT 1 FROM outbound o WHERE o.operator_id = $1 AND o.file_id = m.id AND o.purpose = 'acknowledgment')
			AND NOT EXISTS (SELECT 1 FROM outbound_envelope e WHERE e.operator_id = $1 AND e.file_id = m.id AND e.group_no > 0)
	) kinds
) k
LEFT JOIN LATERAL (
	SELECT array_agg(DISTINCT account_id) AS accounts
	FROM (
		SELECT coalesce(u.account_id, 0) AS account_id
		FROM transaction_set s
		LEFT JOIN routing_unit u ON u.operator_id = s.operator_id AND u.set_id = s.id
		WHERE s.operator_id = $1 AND s.file_id = ANY (x.ids) AND (u.id IS NOT NULL OR s.set_code NOT IN ('997', '999'))
		UNION
		SELECT f.account_id FROM file f WHERE f.operator_id = $1 AND f.id = ANY (x.ids) AND f.account_id IS NOT NULL
	) accounts
) a ON $5::bigint <> 0
ORDER BY r.id`

// purgeWindow is how many files are looked at in one statement.
const purgeWindow = 500

// PurgeCandidates returns the next files behind one, in the order of their ids, that came before the filter's day, each with what a
// purge would do with it, and the last file looked at; 0 at the end. The scope must be the operator's.
func (t *Tx) PurgeCandidates(ctx context.Context, f PurgeFilter, after FileID) (found []PurgeCandidate, last FileID, err error) {
	if found, err = t.purgeCandidates(ctx, f, after, 0); err != nil {
		return nil, 0, err
	}
	if len(found) == purgeWindow {
		last = found[len(found)-1].File
	}
	return slices.DeleteFunc(found, func(c PurgeCandidate) bool { return c.Verdict == PurgeSkip }), last, nil
}

func (t *Tx) purgeCandidates(ctx context.Context, f PurgeFilter, after, only FileID) ([]PurgeCandidate, error) {
	var found []PurgeCandidate
	if err := t.list(ctx, &found, selectPurgeCandidates, f.Operator, after, f.Before, purgeWindow, f.Account, only); err != nil {
		return nil, fmt.Errorf("storage: purge: %w", err)
	}
	for i := range found {
		found[i].Verdict = f.verdict(&found[i])
	}
	return found, nil
}

// A PurgeCount is how many files of a kind a purge would take, or leave for a reason.
type PurgeCount struct {
	Kind    string       `db:"kind"` // kinds joined by +
	Verdict PurgeVerdict `db:"verdict"`
	Files   int          `db:"files"` // with those that came out of others
	Sets    int64        `db:"sets"`
	Bytes   int64        `db:"bytes"`
	Oldest  time.Time    `db:"oldest"` // received
	Newest  time.Time    `db:"newest"`
}

// PurgePreview counts what a purge would do, by kind; it changes nothing.
func (db *DB) PurgePreview(ctx context.Context, scope Scope, f PurgeFilter) ([]PurgeCount, error) {
	counts := map[[2]string]*PurgeCount{}
	for after := FileID(-1); after != 0; {
		var found []PurgeCandidate
		err := db.InScopeRead(ctx, scope, func(t *Tx) (err error) {
			found, after, err = t.PurgeCandidates(ctx, f, after)
			return err
		})
		if err != nil {
			return nil, err
		}
		for i := range found {
			c := &found[i]
			key := [2]string{string(c.Verdict), c.Kind()}
			if counts[key] == nil {
				counts[key] = &PurgeCount{Kind: c.Kind(), Verdict: c.Verdict, Oldest: c.Oldest}
			}
			counts[key].add(c)
		}
	}
	all := make([]PurgeCount, 0, len(counts))
	for _, c := range counts {
		all = append(all, *c)
	}
	slices.SortFunc(all, func(a, b PurgeCount) int {
		if a.Verdict != b.Verdict && (a.Verdict == PurgeTake || b.Verdict == PurgeTake) {
			if a.Verdict == PurgeTake {
				return -1
			}
			return 1
		}
		return strings.Compare(string(a.Verdict)+a.Kind, string(b.Verdict)+b.Kind)
	})
	return all, nil
}

func (n *PurgeCount) add(c *PurgeCandidate) {
	n.Files += c.Files
	n.Sets += c.Sets
	n.Bytes += c.Bytes
	if c.Oldest.Before(n.Oldest) {
		n.Oldest = c.Oldest
	}
	if c.Newest.After(n.Newest) {
		n.Newest = c.Newest
	}
}
