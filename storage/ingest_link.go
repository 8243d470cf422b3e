package storage

import (
	"context"
	"fmt"
	"slices"

	"github.com/lib/pq"
)

// A LoadedPayment names a payment whose claims are to be linked.
type LoadedPayment struct {
	Account AccountID
	ID      int64
}

// Links says how many rows were linked.
type Links struct {
	Reversals   int64 // reversals that found their original
	Corrections int64 // claim payments that replace a reversed one
	Provider    int64 // provider adjustments that found claim or counterpart
}

// LinkPayments links what payments undo and replace, after their rows were flushed, set by set and not
// row by row: reversals with their originals, corrections with what they correct, PLB with the claim or
// payment they name. Payments that don't count are left out; call it again when a person lets them
// count. An original that is not on file is a normal state: it is looked for again whenever claims
// come in. Loads that bring claims of one account link one after the other: otherwise a reversal and its
// original that arrive together would not see each other. Call it last in a load.
func (t *LoadTx) LinkPayments(ctx context.Context, payments []LoadedPayment) (Links, error) {
	var links Links
	byAccount := map[AccountID][]int64{}
	var accounts []AccountID
	for _, p := range payments {
		if byAccount[p.Account] == nil {
			accounts = append(accounts, p.Account)
		}
		byAccount[p.Account] = append(byAccount[p.Account], p.ID)
	}
	slices.Sort(accounts) // two loads that link the same accounts wait for each other in one order
	for _, account := range accounts {
		if _, err := t.exec(ctx, lockLinks, account); err != nil {
			return links, fmt.Errorf("storage: link payments: %w", err)
		}
		if err := t.linkAccount(ctx, account, byAccount[account], &links); err != nil {
			return links, err
		}
	}
	return links, nil
}

// lockLinks is held until the transaction ends. The first key keeps it apart from other advisory locks.
const lockLinks = `SELECT pg_advisory_xact_lock(1818848875, hashint8($1))`

// A linker links the payments of one account.
type linker struct {
	tx      *LoadTx
	account AccountID
	fresh   []any // arguments of the fresh claims: account, first and last id, payments
}

const selectFreshRange = `
SELECT coalesce(min(first_claim_id), 0) AS first, coalesce(max(last_claim_id), 0) AS last, coalesce(array_agg(id), '{}') AS payments
FROM payment
WHERE account_id = $1 AND id = ANY ($2) AND counted AND first_claim_id IS NOT NULL`

func (t *LoadTx) linkAccount(ctx context.Context, account AccountID, payments []int64, links *Links) error {
	var r struct {
		First    int64         `db:"first"`
		Last     int64         `db:"last"`
		Payments pq.Int64Array `db:"payments"`
	}
	if err := t.get(ctx, &r, selectFreshRange, account, pq.Array(payments)); err != nil {
		return fmt.Errorf("storage: link payments: %w", err)
	}
	l := &linker{tx: t, account: account, fresh: []any{account, r.First, r.Last, r.Payments}}
	if err := l.claims(ctx, links); err != nil {
		return err
	}
	for _, s := range []struct{ name, query string }{
		{"provider adjustments", linkProviderClaims}, {"forwarded balances", linkForwardedBalances},
	} {
		n, err := t.exec(ctx, s.query, account, pq.Array(payments))
		if err != nil {
			return fmt.Errorf("storage: link %s: %w", s.name, err)
		}
		links.Provider += n
	}
	return nil
}

func (l *linker) claims(ctx context.Context, links *Links) error {
	if _, err := l.tx.exec(ctx, insertOpenReversals, l.fresh...); err != nil {
		return fmt.Errorf("storage: open reversals: %w", err)
	}
	var open bool
	if err := l.tx.get(ctx, &open, `SELECT EXISTS (SELECT 1 FROM open_reversal WHERE account_id = $1)`, l.account); err != nil {
		return fmt.Errorf("storage: open reversals: %w", err)
	}
	if !open {
		return nil
	}
	for _, s := range []struct{ find, link string }{
		{findReversalsByPayerNumber, linkReversalsByPayerNumber},
		{findReversalsByPatientNumber, linkReversalsByPatientNumber},
	} {
		n, err := l.reversals(ctx, s.find, s.link)
		if err != nil {
			return fmt.Errorf("storage: link reversals: %w", err)
		}
		links.Reversals += n
	}
	for _, find := range []string{findCorrectionsByPayerNumber, findCorrectionsByPatientNumber} {
		n, err := l.corrections(ctx, find)
		if err != nil {
			return fmt.Errorf("storage: link corrections: %w", err)
		}
		links.Corrections += n
	}
	return nil
}

// reversals finds the open reversals that the fresh claims concern, and pairs them with originals.
func (l *linker) reversals(ctx context.Context, find, link string) (n int64, err error) {
	var ids []int64
	if err := l.hashed(ctx, &ids, find); err != nil || len(ids) == 0 {
		return 0, err
	}
	if err := l.tx.get(ctx, &n, link, l.account, pq.Array(ids)); err != nil || n == 0 {
		return 0, err
	}
	_, err = l.tx.exec(ctx, noteOriginals, l.account, pq.Array(ids))
	return n, err
}

type linkCorrection struct {
	Reversal int64 `db:"reversal"`
	Original int64 `db:"original"`
	Claim    int64 `db:"claim"`
}

// corrections gives each reversal the first fresh claim after it, and each claim one reversal.
func (l *linker) corrections(ctx context.Context, find string) (int64, error) {
	var found []linkCorrection
	if err := l.hashed(ctx, &found, find); err != nil || len(found) == 0 {
		return 0, err
	}
	reversals, originals, claims := make([]int64, len(found)), make([]int64, len(found)), make([]int64, len(found))
	for i, c := range found {
		reversals[i], originals[i], claims[i] = c.Reversal, c.Original, c.Claim
	}
	n, err := l.tx.exec(ctx, setCorrections, l.account, pq.Array(originals), pq.Array(claims))
	if err != nil {
		return 0, err
	}
	_, err = l.tx.exec(ctx, closeReversals, l.account, pq.Array(reversals))
	return n, err
}

// hashed runs a query that holds the fresh claims against the open reversals. Both were written by this
// transaction, so the planner knows nothing of their number, guesses "one", and would compare each
// with each; without nested loops it hashes.
func (l *linker) hashed(ctx context.Context, dest any, query string) error {
	if _, err := l.tx.exec(ctx, `SET LOCAL enable_nestloop = off`); err != nil {
		return err
	}
	if err := l.tx.list(ctx, dest, query, l.fresh...); err != nil {
		return err
	}
	_, err := l.tx.exec(ctx, `SET LOCAL enable_nestloop = on`)
	return err
}

// freshClaims are the claim payments of the payments given, as far as these count.
const freshClaims = `
	FROM claim_payment n
	WHERE n.account_id = $1 AND n.id BETWEEN $2 AND $3 AND n.payment_id = ANY ($4::bigint[])`

const insertOpenReversals = `
INSERT INTO open_reversal (account_id, reversal_claim_id, payer_id, payee_identifier, patient_control_number,
	payer_claim_control_number, charge, payment_date, statement_from, usage)
SELECT n.account_id, n.id, n.payer_id, n.payee_identifier, n.patient_control_number,
	n.payer_claim_control_number, -n.charge, n.payment_date, n.statement_from, n.usage` + freshClaims + `
	AND n.reversal AND n.reverses_claim_id IS NULL
ON CONFLICT DO NOTHING`

const findReversalsByPayerNumber = `
SELECT o.reversal_claim_id
FROM open_reversal o
WHERE o.account_id = $1 AND o.original_claim_id IS NULL
	AND o.payer_claim_control_number IN (SELECT n.payer_claim_control_number` + freshClaims + `)`

const findReversalsByPatientNumber = `
SELECT o.reversal_claim_id
FROM open_reversal o
WHERE o.account_id = $1 AND o.original_claim_id IS NULL AND o.patient_control_number NOT IN ('', '0')
	AND o.patient_control_number IN (SELECT n.patient_control_number` + freshClaims + `)`

// A thread is a list of claim payments of one claim, in order of payment. A reversal takes the latest
// original before it that no other reversal has taken, as a closing bracket takes its opening one. In
// the running sum of +1 for originals and −1 for reversals an original climbs to a level and a reversal
// falls from one; at each level climbs and falls alternate, so a fall's partner is the climb just
// before it.
const linkReversalsMiddle = `
), members AS (
	SELECT t.usage, t.thread, t.charge, c.id, c.payment_date, 1 AS step
	FROM (SELECT DISTINCT usage, thread, charge, payer_id, payee_identifier, number, statement_from FROM todo) t
	CROSS JOIN LATERAL (
		SELECT c.id, c.payment_id, c.payment_date
		FROM claim_payment c
		WHERE c.account_id = $1 AND c.charge = t.charge AND c.usage = t.usage
			AND NOT c.reversal AND c.reversed_by_claim_id IS NULL AND `

const linkReversalsEnd = `
		OFFSET 0 -- a fence: one look-up by number for each thread, whatever the planner guesses
	) c
	JOIN payment p ON p.account_id = $1 AND p.id = c.payment_id AND p.counted
	UNION ALL
	SELECT usage, thread, charge, reversal_claim_id, payment_date, -1
	FROM todo
), levels AS (
	SELECT *, sum(step) OVER (PARTITION BY usage, thread, charge ORDER BY payment_date NULLS FIRST, id)
		+ CASE step WHEN -1 THEN 1 ELSE 0 END AS level
	FROM members
), steps AS (
	SELECT id, step, lag(id) OVER at_level AS before, lag(step) OVER at_level AS step_before
	FROM levels
	WINDOW at_level AS (PARTITION BY usage, thread, charge, level ORDER BY payment_date NULLS FIRST, id)
), pairs AS MATERIALIZED (
	SELECT id AS reversal, before AS original
	FROM steps
	WHERE step = -1 AND step_before = 1
), undone AS (
	UPDATE claim_payment c SET reversed_by_claim_id = pairs.reversal
	FROM pairs WHERE c.account_id = $1 AND c.id = pairs.original
), undoing AS (
	UPDATE claim_payment c SET reverses_claim_id = pairs.original
	FROM pairs WHERE c.account_id = $1 AND c.id = pairs.reversal
)
SELECT count(*) FROM pairs`

const noteOriginals = `
UPDATE open_reversal o
SET original_claim_id = (
	SELECT c.reverses_claim_id FROM claim_payment c
	WHERE c.account_id = $1 AND c.id = o.reversal_claim_id)
WHERE o.account_id = $1 AND o.reversal_claim_id = ANY ($2::bigint[])`

const linkReversalsByPayerNumber = `
WITH todo AS (
	SELECT o.usage, concat(o.payer_id, '|', o.payer_claim_control_number) AS thread, o.charge, o.payer_id,
		NULL::text AS payee_identifier, o.payer_claim_control_number AS number, NULL::date AS statement_from,
		o.reversal_claim_id, o.payment_date
	FROM open_reversal o
	WHERE o.account_id = $1 AND o.reversal_claim_id = ANY ($2::bigint[])` + linkReversalsMiddle + `
			c.payer_claim_control_number = t.number AND c.payer_id IS NOT DISTINCT FROM t.payer_id` + linkReversalsEnd

const linkReversalsByPatientNumber = `
WITH todo AS (
	SELECT o.usage, concat(o.payee_identifier, '|', o.patient_control_number, '|', o.statement_from) AS thread, o.charge, NULL::bigint AS payer_id,
		o.payee_identifier, o.patient_control_number AS number, o.statement_from,
		o.reversal_claim_id, o.payment_date
	FROM open_reversal o
	WHERE o.account_id = $1 AND o.reversal_claim_id = ANY ($2::bigint[])` + linkReversalsMiddle + `
			c.patient_control_number = t.number AND c.payee_identifier IS NOT DISTINCT FROM t.payee_identifier
			AND c.statement_from IS NOT DISTINCT FROM t.statement_from` + linkReversalsEnd

const findCorrectionsMiddle = `
WITH candidates AS (
	SELECT o.reversal_claim_id AS reversal, o.original_claim_id AS original, n.id AS claim, n.payment_date
	FROM open_reversal o
	JOIN (SELECT n.*` + freshClaims + `) n ON n.usage = o.usage AND `

const findCorrectionsEnd = `
	WHERE o.account_id = $1 AND o.original_claim_id IS NOT NULL
		AND NOT n.reversal AND n.corrects_claim_id IS NULL AND n.id <> o.original_claim_id
		AND (coalesce(n.payment_date, '-infinity'), n.id) > (coalesce(o.payment_date, '-infinity'), o.reversal_claim_id)
), firsts AS (
	SELECT DISTINCT ON (reversal) reversal, original, claim
	FROM candidates
	ORDER BY reversal, payment_date NULLS FIRST, claim
)
SELECT DISTINCT ON (claim) reversal, original, claim
FROM firsts
ORDER BY claim, reversal DESC`

const findCorrectionsByPayerNumber = findCorrectionsMiddle + `n.payer_claim_control_number = o.payer_claim_control_number
		AND n.payer_id IS NOT DISTINCT FROM o.payer_id` + findCorrectionsEnd

const findCorrectionsByPatientNumber = findCorrectionsMiddle + `n.patient_control_number = o.patient_control_number
		AND n.patient_control_number NOT IN ('', '0') AND n.payee_identifier IS NOT DISTINCT FROM o.payee_identifier
		AND (n.statement_from IS NOT DISTINCT FROM o.statement_from OR n.statement_from IS NULL OR o.statement_from IS NULL)` + findCorrectionsEnd

const setCorrections = `
UPDATE claim_payment c
SET corrects_claim_id = given.original
FROM unnest($2::bigint[], $3::bigint[]) AS given (original, claim)
WHERE c.account_id = $1 AND c.id = given.claim`

const closeReversals = `
DELETE FROM open_reversal
WHERE account_id = $1 AND reversal_claim_id = ANY ($2::bigint[])`

// A payer's claim numbers are its own, so the claim must be one of the payer's, in a payment that counts.
const linkProviderClaims = `
WITH found AS MATERIALIZED (
	SELECT a.payment_id, a.no, (
		SELECT c.id
		FROM claim_payment c
		JOIN payment q ON q.account_id = c.account_id AND q.id = c.payment_id AND q.counted
		WHERE c.account_id = a.account_id AND c.payer_claim_control_number = a.reference
			AND c.payer_id IS NOT DISTINCT FROM p.payer_id AND c.usage = p.usage
		ORDER BY c.id DESC LIMIT 1) AS claim
	FROM payment p
	JOIN provider_adjustment a ON a.account_id = p.account_id AND a.payment_id = p.id
	WHERE p.account_id = $1 AND p.id = ANY ($2) AND p.counted AND a.reason_code <> 'FB' AND a.reference IS NOT NULL
)
UPDATE provider_adjustment a
SET claim_id = found.claim
FROM found
WHERE a.account_id = $1 AND a.payment_id = found.payment_id AND a.no = found.no AND found.claim IS NOT NULL`

// FB out of one payment and into another: the same reference, the amount negated. Both halves learn
// of each other.
const linkForwardedBalances = `
WITH pairs AS MATERIALIZED (
	SELECT DISTINCT ON (a.payment_id, a.no) a.payment_id, a.no, b.payment_id AS other_payment, b.no AS other_no
	FROM payment p
	JOIN provider_adjustment a ON a.account_id = p.account_id AND a.payment_id = p.id
	JOIN provider_adjustment b ON b.account_id = a.account_id AND b.reference = a.reference AND b.reason_code = 'FB'
		AND b.amount = -a.amount AND b.payment_id <> a.payment_id AND b.other_payment_id IS NULL
	JOIN payment q ON q.account_id = b.account_id AND q.id = b.payment_id AND q.counted AND q.usage = p.usage
		AND q.payer_id IS NOT DISTINCT FROM p.payer_id
	WHERE p.account_id = $1 AND p.id = ANY ($2) AND p.counted AND a.reason_code = 'FB' AND a.other_payment_id IS NULL
	ORDER BY a.payment_id, a.no, b.payment_id DESC
), halves AS (
	SELECT payment_id, no, other_payment AS other FROM pairs
	UNION
	SELECT other_payment, other_no, payment_id FROM pairs
)
UPDATE provider_adjustment a
SET other_payment_id = halves.other
FROM halves
WHERE a.account_id = $1 AND a.payment_id = halves.payment_id AND a.no = halves.no`
