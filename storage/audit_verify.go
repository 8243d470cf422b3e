package storage

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// What can be wrong with the audit.
const (
	FaultChanged   = "event_changed"     // an event isn't what was sealed
	FaultMissing   = "event_missing"     // an event that was sealed is gone
	FaultAdded     = "event_added"       // an event stands where there was none when it was sealed
	FaultGap       = "link_missing"      // a link of a chain is gone
	FaultLink      = "link_changed"      // a link isn't what was sealed
	FaultSignature = "signature_wrong"   // a link was not made by who has the key
	FaultRoot      = "root_not_in_chain" // a root that was published isn't in the chain: it was cut or written anew
)

// An AuditFault says what is wrong with the audit, and where.
type AuditFault struct {
	Kind     string
	Chain    string
	No       int64      // of the link; 0: no link
	Operator OperatorID // of the event, 0 also of nobody known
	Event    int64      // 0: no single event
	At       time.Time  // of the event as it is now; zero if it is gone
	Action   string     // of the event as it is now; "" if it is gone
}

// maxFaults bounds a report: after so many nobody needs the next one.
const maxFaults = 100

// An AuditReport says whether the audit is what was sealed.
type AuditReport struct {
	Events   int64 // that were checked
	Links    int64
	Unsealed int64        // events that no link covers yet
	Oldest   *time.Time   // of the unsealed; nil: none
	Faults   []AuditFault // at most 100, in the order of the chain
	Heads    []Seal       // the last link of each chain that was seen
}

// An AuditRoot is a link's hash as it was published, kept elsewhere and given back. Zero fields match any.
type AuditRoot struct {
	Chain string
	No    int64
	Hash  []byte
}

const (
	selectSealsFrom = `
SELECT ` + sealColumns + `
FROM audit_seal
WHERE chain = 'all' AND no >= $1
ORDER BY no
LIMIT 20`

	selectSideSeals = `
SELECT ` + sealColumns + `
FROM audit_seal
WHERE chain <> 'all' AND to_txid = $1::text::xid8
ORDER BY chain, no`

	countLinks = `SELECT chain, count(*) AS links FROM audit_seal GROUP BY chain ORDER BY chain`

	selectUnsealed = `SELECT count(*) AS events, min(at) AS oldest FROM audit_event WHERE txid >= $1::text::xid8`
)

// VerifyAudit compares each event with what was sealed, checks all chains and their signatures, and looks for
// the roots given. Damage is in the report; the error is for what could not be read. Events that a purge has
// taken out by its rules don't exist yet.
func (db *DB) VerifyAudit(ctx context.Context, sealer Sealer, roots ...AuditRoot) (AuditReport, error) {
	c := &auditCheck{sealer: sealer, ends: map[string]Seal{}, links: map[string]int64{}, roots: roots, found: make([]bool, len(roots))}
	// One snapshot: what is sealed meanwhile is neither half there nor missing.
	opts := &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}
	err := db.inTx(ctx, db.loader, Scope{Actor: Actor{Kind: ActorSystem}}, opts, func(t *Tx) error { return c.run(ctx, t) })
	if err != nil {
		return AuditReport{}, fmt.Errorf("storage: verifying the audit: %w", err)
	}
	return c.report, nil
}

// An auditCheck walks along the chain of everything, and beside it along the others.
type auditCheck struct {
	sealer Sealer
	report AuditReport
	ends   map[string]Seal  // the last link seen of each chain
	links  map[string]int64 // how many were seen of each
	roots  []AuditRoot
	found  []bool
}

func (c *auditCheck) fault(f AuditFault) {
	if len(c.report.Faults) < maxFaults {
		c.report.Faults = append(c.report.Faults, f)
	}
}

func (c *auditCheck) run(ctx context.Context, t *Tx) error {
	for next := int64(1); ; {
		var seals []Seal
		if err := t.list(ctx, &seals, selectSealsFrom, next); err != nil {
			return err
		}
		for i := range seals {
			if err := c.stretch(ctx, t, &seals[i]); err != nil {
				return err
			}
			next = seals[i].No + 1
		}
		if len(seals) == 0 {
			break
		}
	}
	if err := errors.Join(c.countLinks(ctx, t), c.rest(ctx, t)); err != nil {
		return err
	}
	c.finish()
	return nil
}

// stretch checks a link of the chain of everything, the events that it covers, and the other chains' links over them.
func (c *auditCheck) stretch(ctx context.Context, t *Tx, seal *Seal) error {
	end := c.ends[ChainOfAll]
	if end.No > 0 && end.To != seal.From {
		c.fault(AuditFault{Kind: FaultLink, Chain: seal.Chain, No: seal.No})
	}
	c.link(seal)
	var events []sealedEvent
	if err := t.list(ctx, &events, selectSealedEvents, seal.From, seal.To); err != nil {
		return err
	}
	c.events(seal, events)
	var sides []Seal
	if err := t.list(ctx, &sides, selectSideSeals, seal.To); err != nil {
		return err
	}
	c.sides(seal, sides, events)
	return nil
}

// link checks a link against itself, its signature and the link before.
func (c *auditCheck) link(s *Seal) {
	end := c.ends[s.Chain]
	switch {
	case s.No != end.No+1:
		c.fault(AuditFault{Kind: FaultGap, Chain: s.Chain, No: end.No + 1})
	case !bytes.Equal(s.Previous, end.Hash), !bytes.Equal(s.Hash, s.computeHash()):
		c.fault(AuditFault{Kind: FaultLink, Chain: s.Chain, No: s.No})
	case c.sealer.Check(s.Chain, s.Hash, s.Signature) != nil:
		c.fault(AuditFault{Kind: FaultSignature, Chain: s.Chain, No: s.No})
	}
	for i, root := range c.roots {
		if (root.Chain == "" || root.Chain == s.Chain) && (root.No == 0 || root.No == s.No) && bytes.Equal(root.Hash, s.Hash) {
			c.found[i] = true
		}
	}
	end = *s
	end.Leaves = nil
	c.ends[s.Chain] = end
	c.links[s.Chain]++
	c.report.Links++
}

// events compares the events of a range with the hashes that were sealed.
func (c *auditCheck) events(seal *Seal, events []sealedEvent) {
	c.report.Events += int64(len(events))
	now := map[[2]int64]*sealedEvent{}
	for i := range events {
		now[[2]int64{events[i].OperatorID, events[i].ID}] = &events[i]
	}
	leaves := leavesOf(seal.Leaves)
	hashes := make([][sha256.Size]byte, len(leaves))
	for i, l := range leaves {
		hashes[i] = l.hash
		key := [2]int64{l.operator, l.id}
		e := now[key]
		delete(now, key)
		switch {
		case e == nil:
			c.fault(AuditFault{Kind: FaultMissing, Chain: seal.Chain, No: seal.No, Operator: OperatorID(l.operator), Event: l.id})
		case e.hash() != l.hash:
			c.fault(e.fault(FaultChanged, seal))
		}
	}
	if int64(len(leaves)) != seal.Events || !bytes.Equal(rootOf(hashes), seal.Root) {
		c.fault(AuditFault{Kind: FaultLink, Chain: seal.Chain, No: seal.No})
	}
	for i := range events { // in their order, not the map's
		if e := &events[i]; now[[2]int64{e.OperatorID, e.ID}] != nil {
			c.fault(e.fault(FaultAdded, seal))
		}
	}
}

func (e *sealedEvent) fault(kind string, seal *Seal) AuditFault {
	return AuditFault{
		Kind: kind, Chain: seal.Chain, No: seal.No, Operator: OperatorID(e.OperatorID), Event: e.ID, At: e.At, Action: e.Action,
	}
}

// sides checks the links of the operators' and accounts' chains over the same events.
func (c *auditCheck) sides(seal *Seal, sides []Seal, events []sealedEvent) {
	hashes := map[string][][sha256.Size]byte{}
	for i := range events {
		for _, chain := range events[i].chains()[1:] {
			hashes[chain] = append(hashes[chain], events[i].hash())
		}
	}
	for i := range sides {
		s := &sides[i]
		c.link(s)
		if s.From != seal.From || int64(len(hashes[s.Chain])) != s.Events || !bytes.Equal(rootOf(hashes[s.Chain]), s.Root) {
			c.fault(AuditFault{Kind: FaultLink, Chain: s.Chain, No: s.No})
		}
		delete(hashes, s.Chain)
	}
	for _, chain := range sortedKeys(hashes) {
		c.fault(AuditFault{Kind: FaultGap, Chain: chain, No: c.ends[chain].No + 1})
	}
}

// countLinks finds links that the walk didn't come by.
func (c *auditCheck) countLinks(ctx context.Context, t *Tx) error {
	var counts []struct {
		Chain string `db:"chain"`
		Links int64  `db:"links"`
	}
	if err := t.list(ctx, &counts, countLinks); err != nil {
		return err
	}
	for _, n := range counts {
		if n.Links != c.links[n.Chain] {
			c.fault(AuditFault{Kind: FaultLink, Chain: n.Chain})
		}
	}
	return nil
}

// rest counts what isn't sealed yet.
func (c *auditCheck) rest(ctx context.Context, t *Tx) error {
	from := c.ends[ChainOfAll].To
	if from == "" {
		from = "0"
	}
	var unsealed struct {
		Events int64      `db:"events"`
		Oldest *time.Time `db:"oldest"`
	}
	err := t.get(ctx, &unsealed, selectUnsealed, from)
	c.report.Unsealed, c.report.Oldest = unsealed.Events, unsealed.Oldest
	return err
}

// finish looks whether the roots were met, and puts the heads in order.
func (c *auditCheck) finish() {
	for i, root := range c.roots {
		if !c.found[i] {
			c.fault(AuditFault{Kind: FaultRoot, Chain: root.Chain, No: root.No})
		}
	}
	for _, chain := range sortedKeys(c.ends) {
		c.report.Heads = append(c.report.Heads, c.ends[chain])
	}
	slices.SortStableFunc(c.report.Heads, func(a, b Seal) int {
		return strings.Compare(headOrder(a.Chain), headOrder(b.Chain))
	})
}

// headOrder puts the chain of everything first.
func headOrder(chain string) string {
	if chain == ChainOfAll {
		return ""
	}
	return chain
}

func sortedKeys[T any](m map[string]T) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
