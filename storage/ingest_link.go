package storage

import (
	"context"
	"fmt"

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
// come in.
func (t *LoadTx) LinkPayments(ctx context.Context, payments []LoadedPayment) (Links, error) {
	var links Links
	accounts, ids := make([]int64, len(payments)), make([]int64, len(payments))
	for i, p := range payments {
		accounts[i], ids[i] = int64(p.Account), p.ID
	}
	a, p := pq.Array(accounts), pq.Array(ids)
	if _, err := t.exec(ctx, insertOpenReversals, a, p); err != nil {
		return links, fmt.Errorf("storage: open reversals: %w", err)
	}
	var open bool
	if err := t.get(ctx, &open, `SELECT EXISTS (SELECT 1 FROM open_reversal WHERE account_id = ANY ($1))`, a); err != nil {
		return links, fmt.Errorf("storage: open reversals: %w", err)
	}
	steps := []struct {
		name, query string
		count       *int64
		needed      bool
	}{
		{"reversals by payer's number", linkReversalsByPayerNumber, &links.Reversals, open},
		{"reversals by patient control number", linkReversalsByPatientNumber, &links.Reversals, open},
		{"corrections by payer's number", linkCorrectionsByPayerNumber, &links.Corrections, open},
		{"corrections by patient control number", linkCorrectionsByPatientNumber, &links.Corrections, open},
		{"provider adjustments", linkProviderClaims, &links.Provider, true},
		{"forwarded balances", linkForwardedBalances, &links.Provider, true},
	}
	for _, s := range steps {
		if !s.needed {
			continue
		}
		var n int64
		if err := t.get(ctx, &n, s.query, a, p); err != nil {
			return links, fmt.Errorf("storage: link %s: %w", s.name, err)
		}
		*s.count += n
	}
	return links, nil
}

// fresh is every claim payment of the payments given, as far as they count.
const fresh = `
loaded AS (
	SELECT p.account_id, p.id, p.first_claim_id, p.last_claim_id
	FROM unnest($1::bigint[], $2::bigint[]) AS given (account_id, id)
	JOIN payment p ON p.account_id = given.account_id AND p.id = given.id
	WHERE p.counted
), fresh AS (
	SELECT c.*
	FROM loaded l
	JOIN claim_payment c ON c.account_id = l.account_id
		AND c.id BETWEEN l.first_claim_id AND l.last_claim_id AND c.payment_id = l.id
)`

const insertOpenReversals = `
WITH ` + fresh + `
INSERT INTO open_reversal (account_id, reversal_claim_id, payer_id, payee_identifier, patient_control_number,
	payer_claim_control_number, charge, payment_date, statement_from, usage)
SELECT account_id, id, payer_id, payee_identifier, patient_control_number,
	payer_claim_control_number, -charge, payment_date, statement_from, usage
FROM fresh
WHERE reversal AND reverses_claim_id IS NULL
ON CONFLICT DO NOTHING`

// A thread is a list of claim payments of one claim, in order of payment. A reversal takes the latest
// original before it that no other reversal has taken, as a closing bracket takes its opening one: in
// the running sum of +1 for originals and −1 for reversals it is the latest original whose sum is one
// more than the reversal's.
const linkReversalsTail = `
, members AS (
	SELECT t.account_id, t.usage, t.thread, t.charge, c.id, c.payment_date, 1 AS step
	FROM (SELECT DISTINCT account_id, usage, thread, charge, payer_id, payee_identifier, number, statement_from FROM todo) t
	JOIN claim_payment c ON c.account_id = t.account_id AND c.charge = t.charge AND c.usage = t.usage
		AND NOT c.reversal AND c.reversed_by_claim_id IS NULL AND `

const linkReversalsEnd = `
	JOIN payment p ON p.account_id = c.account_id AND p.id = c.payment_id AND p.counted
	UNION ALL
	SELECT account_id, usage, thread, charge, reversal_claim_id, payment_date, -1
	FROM todo
), levels AS (
	SELECT *, sum(step) OVER thread_order AS level, row_number() OVER thread_order AS place
	FROM members
	WINDOW thread_order AS (PARTITION BY account_id, usage, thread, charge ORDER BY payment_date NULLS FIRST, id)
), pairs AS MATERIALIZED (
	SELECT DISTINCT ON (r.account_id, r.id) r.account_id, r.id AS reversal, o.id AS original
	FROM levels r
	JOIN levels o ON o.account_id = r.account_id AND o.usage = r.usage AND o.thread = r.thread AND o.charge = r.charge
		AND o.step = 1 AND o.level = r.level + 1 AND o.place < r.place
	WHERE r.step = -1
	ORDER BY r.account_id, r.id, o.place DESC
), undone AS (
	UPDATE claim_payment c SET reversed_by_claim_id = pairs.reversal
	FROM pairs WHERE c.account_id = pairs.account_id AND c.id = pairs.original
), undoing AS (
	UPDATE claim_payment c SET reverses_claim_id = pairs.original
	FROM pairs WHERE c.account_id = pairs.account_id AND c.id = pairs.reversal
), known AS (
	UPDATE open_reversal o SET original_claim_id = pairs.original
	FROM pairs WHERE o.account_id = pairs.account_id AND o.reversal_claim_id = pairs.reversal
)
SELECT count(*) FROM pairs`

// Old reversals take part only if a fresh claim could be their original.
const linkReversalsByPayerNumber = `
WITH ` + fresh + `, todo AS (
	SELECT o.account_id, o.usage, concat(o.payer_id, '|', o.payer_claim_control_number) AS thread, o.charge, o.payer_id,
		NULL::text AS payee_identifier, o.payer_claim_control_number AS number, NULL::date AS statement_from,
		o.reversal_claim_id, o.payment_date
	FROM open_reversal o
	WHERE o.account_id = ANY ($1) AND o.original_claim_id IS NULL AND o.payer_claim_control_number IS NOT NULL
		AND (o.account_id, o.payer_claim_control_number) IN (SELECT account_id, payer_claim_control_number FROM fresh)
)` + linkReversalsTail + `
		c.payer_claim_control_number = t.number AND c.payer_id IS NOT DISTINCT FROM t.payer_id` + linkReversalsEnd

const linkReversalsByPatientNumber = `
WITH ` + fresh + `, todo AS (
	SELECT o.account_id, o.usage, concat(o.payee_identifier, '|', o.patient_control_number, '|', o.statement_from) AS thread, o.charge, NULL::bigint AS payer_id,
		o.payee_identifier, o.patient_control_number AS number, o.statement_from,
		o.reversal_claim_id, o.payment_date
	FROM open_reversal o
	WHERE o.account_id = ANY ($1) AND o.original_claim_id IS NULL AND o.patient_control_number NOT IN ('', '0')
		AND (o.account_id, o.patient_control_number) IN (SELECT account_id, patient_control_number FROM fresh)
)` + linkReversalsTail + `
		c.patient_control_number = t.number AND c.payee_identifier IS NOT DISTINCT FROM t.payee_identifier
		AND c.statement_from IS NOT DISTINCT FROM t.statement_from` + linkReversalsEnd

// A correction is the first claim payment after a reversal in its thread. Each reversal has one, and
// each claim payment corrects one.
const linkCorrectionsEnd = `
	AND n.usage = o.usage AND NOT n.reversal AND n.corrects_claim_id IS NULL AND n.id <> o.original_claim_id
	AND (coalesce(n.payment_date, '-infinity'), n.id) > (coalesce(o.payment_date, '-infinity'), o.reversal_claim_id)
	WHERE o.account_id = ANY ($1) AND o.original_claim_id IS NOT NULL
), firsts AS (
	SELECT DISTINCT ON (account_id, reversal) *
	FROM candidates
	ORDER BY account_id, reversal, payment_date NULLS FIRST, claim
), pairs AS MATERIALIZED (
	SELECT DISTINCT ON (account_id, claim) *
	FROM firsts
	ORDER BY account_id, claim, reversal DESC
), corrected AS (
	UPDATE claim_payment c SET corrects_claim_id = pairs.original
	FROM pairs WHERE c.account_id = pairs.account_id AND c.id = pairs.claim
), closed AS (
	DELETE FROM open_reversal o
	USING pairs WHERE o.account_id = pairs.account_id AND o.reversal_claim_id = pairs.reversal
)
SELECT count(*) FROM pairs`

const linkCorrectionsByPayerNumber = `
WITH ` + fresh + `, candidates AS (
	SELECT o.account_id, o.reversal_claim_id AS reversal, o.original_claim_id AS original, n.id AS claim, n.payment_date
	FROM open_reversal o
	JOIN fresh n ON n.account_id = o.account_id AND n.payer_claim_control_number = o.payer_claim_control_number
	AND n.payer_id IS NOT DISTINCT FROM o.payer_id` + linkCorrectionsEnd

const linkCorrectionsByPatientNumber = `
WITH ` + fresh + `, candidates AS (
	SELECT o.account_id, o.reversal_claim_id AS reversal, o.original_claim_id AS original, n.id AS claim, n.payment_date
	FROM open_reversal o
	JOIN fresh n ON n.account_id = o.account_id AND n.patient_control_number = o.patient_control_number
	AND n.patient_control_number NOT IN ('', '0') AND n.payee_identifier IS NOT DISTINCT FROM o.payee_identifier
	AND (n.statement_from IS NOT DISTINCT FROM o.statement_from OR n.statement_from IS NULL OR o.statement_from IS NULL)` + linkCorrectionsEnd

const linkProviderClaims = `
WITH linked AS (
	UPDATE provider_adjustment a
	SET claim_id = (
		SELECT c.id FROM claim_payment c
		WHERE c.account_id = a.account_id AND c.payer_claim_control_number = a.reference
		ORDER BY c.id DESC LIMIT 1)
	FROM unnest($1::bigint[], $2::bigint[]) AS given (account_id, id)
	WHERE a.account_id = given.account_id AND a.payment_id = given.id AND a.reason_code <> 'FB' AND a.reference IS NOT NULL
		AND EXISTS (SELECT 1 FROM claim_payment c WHERE c.account_id = a.account_id AND c.payer_claim_control_number = a.reference)
	RETURNING 1
)
SELECT count(*) FROM linked`

// FB out of one payment and into another: the same reference, the amount negated. Both halves learn
// of each other.
const linkForwardedBalances = `
WITH pairs AS MATERIALIZED (
	SELECT DISTINCT ON (a.account_id, a.payment_id, a.no) a.account_id, a.payment_id, a.no, b.payment_id AS other_payment, b.no AS other_no
	FROM unnest($1::bigint[], $2::bigint[]) AS given (account_id, id)
	JOIN payment p ON p.account_id = given.account_id AND p.id = given.id AND p.counted
	JOIN provider_adjustment a ON a.account_id = p.account_id AND a.payment_id = p.id
	JOIN provider_adjustment b ON b.account_id = a.account_id AND b.reference = a.reference AND b.reason_code = 'FB'
		AND b.amount = -a.amount AND b.payment_id <> a.payment_id AND b.other_payment_id IS NULL
	WHERE a.reason_code = 'FB' AND a.other_payment_id IS NULL
	ORDER BY a.account_id, a.payment_id, a.no, b.payment_id DESC
), halves AS (
	SELECT account_id, payment_id, no, other_payment AS other FROM pairs
	UNION
	SELECT account_id, other_payment, other_no, payment_id FROM pairs
), linked AS (
	UPDATE provider_adjustment a SET other_payment_id = halves.other
	FROM halves WHERE a.account_id = halves.account_id AND a.payment_id = halves.payment_id AND a.no = halves.no
	RETURNING 1
)
SELECT count(*) FROM linked`
