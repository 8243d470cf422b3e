package storage

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ChainOfAll is the chain over all events of the installation.
const ChainOfAll = "all"

// ChainOfOperator names the chain over an operator's events; operator 0 is for those of nobody known.
func ChainOfOperator(id OperatorID) string { return "operator:" + strconv.FormatInt(int64(id), 10) }

// ChainOfAccount names the chain over an account's events.
func ChainOfAccount(id AccountID) string { return "account:" + strconv.FormatInt(int64(id), 10) }

// A Seal is one link of a chain of the audit: what it covers, its hash and its signature.
type Seal struct {
	Chain     string    `db:"chain"`
	No        int64     `db:"no"` // from 1
	From      string    `db:"from_txid"`
	To        string    `db:"to_txid"` // the first transaction that isn't covered
	Events    int64     `db:"events"`
	Leaves    []byte    `db:"leaves"`
	Root      []byte    `db:"root"`
	Previous  []byte    `db:"previous"` // empty: the first
	Hash      []byte    `db:"hash"`
	Signature []byte    `db:"signature"`
	SealedAt  time.Time `db:"sealed_at"`
}

const sealLabel = "ediport audit seal 1"

// computeHash returns the SHA-256 that the seal's Hash must be.
func (s *Seal) computeHash() []byte {
	h := sha256.New()
	hashText(h, sealLabel, s.Chain)
	hashInt(h, s.No)
	hashText(h, s.From, s.To)
	hashInt(h, s.Events)
	hashText(h, string(s.Leaves), string(s.Root), string(s.Previous))
	hashInt(h, s.SealedAt.UnixMicro())
	return h.Sum(nil)
}

// A Sealer signs the links of the audit's chains and checks their signatures: it has the key that the
// database doesn't have.
type Sealer interface {
	Sign(chain string, hash []byte) ([]byte, error)
	Check(chain string, hash, signature []byte) error
}

// ErrChainAhead: the chain covers transactions that this database hasn't come to, as after a restore into a new
// server. New events can't be told from sealed ones by their transaction until the counter is past the chain.
var ErrChainAhead = errors.New("storage: the audit chain is ahead of the database's transactions; was the database restored into a new server?")

// sealRange bounds the events of one link.
const sealRange = 5000

// sealLock is the advisory lock of who seals; any number but those of other locks.
const sealLock = 0x6564_6931_5345_414C

const (
	lockSealer = `SELECT pg_try_advisory_xact_lock($1)`

	selectSealable = `SELECT pg_snapshot_xmin(pg_current_snapshot())::text`

	sealColumns = `chain, no, from_txid::text AS from_txid, to_txid::text AS to_txid, events, leaves, root, previous, hash, signature, sealed_at`

	selectLastSeal = `
SELECT ` + sealColumns + `
FROM audit_seal
WHERE chain = $1
ORDER BY no DESC
LIMIT 1`

	selectRangeEnd = `
SELECT txid::text
FROM audit_event
WHERE txid >= $1::text::xid8 AND txid < $2::text::xid8
ORDER BY txid, id
OFFSET $3 LIMIT 1`

	insertSeal = `
INSERT INTO audit_seal (chain, no, from_txid, to_txid, events, leaves, root, previous, hash, signature, sealed_at)
VALUES ($1, $2, $3::text::xid8, $4::text::xid8, $5, $6, $7, $8, $9, $10, $11)`
)

// SealAudit seals the events of all transactions that are over and before which none can come any more, one
// link of each chain concerned, and returns the links; none if there is nothing to seal or somebody else does it
// right now. Of many events it seals the first: ask again until there are none.
func (db *DB) SealAudit(ctx context.Context, sealer Sealer) (seals []Seal, err error) {
	err = db.InSystem(ctx, Actor{Kind: ActorSystem}, func(t *Tx) error {
		seals = nil
		var mine bool
		if err := t.get(ctx, &mine, lockSealer, int64(sealLock)); err != nil || !mine {
			return err
		}
		from, to, err := t.sealable(ctx)
		if err != nil {
			return err
		}
		var events []sealedEvent
		if err := t.list(ctx, &events, selectSealedEvents, from, to); err != nil || len(events) == 0 {
			return err
		}
		seals, err = t.sealEvents(ctx, sealer, from, to, events)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("storage: sealing the audit: %w", err)
	}
	return seals, nil
}

// sealable returns the next range of transactions. A transaction's events are never parted.
func (t *Tx) sealable(ctx context.Context) (from, to string, err error) {
	last, err := t.lastSeal(ctx, ChainOfAll)
	if err != nil {
		return "", "", err
	}
	if from = last.To; from == "" {
		from = "0"
	}
	if err := t.get(ctx, &to, selectSealable); err != nil {
		return "", "", err
	}
	if number(to) < number(from) {
		return "", "", ErrChainAhead
	}
	var first, end string
	switch err := t.get(ctx, &end, selectRangeEnd, from, to, sealRange); {
	case errors.Is(err, ErrNotFound): // they fit into one link
		return from, to, nil
	case err != nil:
		return "", "", err
	}
	if err := t.get(ctx, &first, selectRangeEnd, from, to, 0); err != nil {
		return "", "", err
	}
	if end == first { // one transaction with more events than a link should have
		end = strconv.FormatUint(number(first)+1, 10)
	}
	return from, end, nil
}

func number(txid string) uint64 {
	n, _ := strconv.ParseUint(txid, 10, 64) // the database wrote it
	return n
}

// sealEvents adds a link to the chain of everything, and one to that of each operator and account with events.
func (t *Tx) sealEvents(ctx context.Context, sealer Sealer, from, to string, events []sealedEvent) ([]Seal, error) {
	chains, leaves := []string{}, []byte{}
	hashes := map[string][][sha256.Size]byte{}
	for i := range events {
		e := &events[i]
		leaves = e.appendLeaf(leaves)
		for _, chain := range e.chains() {
			if hashes[chain] == nil {
				chains = append(chains, chain)
			}
			hashes[chain] = append(hashes[chain], e.hash())
		}
	}
	slices.Sort(chains) // "account" and "all" come before "operator"; any order would do
	seals := make([]Seal, 0, len(chains))
	for _, chain := range chains {
		seal := Seal{Chain: chain, From: from, To: to, Events: int64(len(hashes[chain])), Leaves: []byte{}, Root: rootOf(hashes[chain])}
		if chain == ChainOfAll {
			seal.Leaves = leaves
		}
		if err := t.addSeal(ctx, sealer, &seal); err != nil {
			return nil, err
		}
		seals = append(seals, seal)
	}
	return seals, nil
}

// chains returns the chains that the event belongs to.
func (e *sealedEvent) chains() []string {
	chains := []string{ChainOfAll, ChainOfOperator(OperatorID(e.OperatorID))}
	if e.AccountID != 0 {
		chains = append(chains, ChainOfAccount(AccountID(e.AccountID)))
	}
	return chains
}

// addSeal links the seal to the end of its chain, signs and stores it.
func (t *Tx) addSeal(ctx context.Context, sealer Sealer, s *Seal) error {
	last, err := t.lastSeal(ctx, s.Chain)
	if err != nil {
		return err
	}
	s.No, s.Previous, s.SealedAt = last.No+1, last.Hash, t.Now().Truncate(time.Microsecond)
	if s.Previous == nil {
		s.Previous = []byte{}
	}
	s.Hash = s.computeHash()
	if s.Signature, err = sealer.Sign(s.Chain, s.Hash); err != nil {
		return err
	}
	_, err = t.exec(ctx, insertSeal, s.Chain, s.No, s.From, s.To, s.Events, s.Leaves, s.Root, s.Previous, s.Hash, s.Signature, s.SealedAt)
	return err
}

// lastSeal returns the last link of a chain; a zero one if there is none.
func (t *Tx) lastSeal(ctx context.Context, chain string) (Seal, error) {
	var s Seal
	if err := t.get(ctx, &s, selectLastSeal, chain); err != nil && !errors.Is(err, ErrNotFound) {
		return s, err
	}
	return s, nil
}

const selectHeads = `
SELECT DISTINCT ON (chain) ` + sealColumns + `
FROM audit_seal
ORDER BY chain, no DESC`

// AuditHeads returns the last link of each chain, that of everything first, without the leaves.
func (db *DB) AuditHeads(ctx context.Context) ([]Seal, error) {
	var heads []Seal
	err := db.InSystem(ctx, Actor{Kind: ActorSystem}, func(t *Tx) error { return t.list(ctx, &heads, selectHeads) })
	if err != nil {
		return nil, fmt.Errorf("storage: audit heads: %w", err)
	}
	slices.SortStableFunc(heads, func(a, b Seal) int { return strings.Compare(headOrder(a.Chain), headOrder(b.Chain)) })
	for i := range heads {
		heads[i].Leaves = nil
	}
	return heads, nil
}
