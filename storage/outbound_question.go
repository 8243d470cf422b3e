package storage

import (
	"context"
	"fmt"

	"github.com/lib/pq"
)

// A SentQuestion is a question that stands in a set of an outbound file, by the trace that its answer will name.
type SentQuestion struct {
	Interchange int // of its set, as in [OutboundSet]
	Group       int
	Set         int
	Kind        string // 270, 276, 278
	Usage       string // ISA15
	Trace       string // TRN02
	Originator  string // TRN03, "": not sent
}

const selectAskingAccounts = `
SELECT a.id
FROM account a
WHERE a.operator_id = $1 AND EXISTS (
	SELECT 1 FROM inquiry q
	WHERE q.account_id = a.id AND q.direction = 'out' AND q.state IN ('draft', 'queued', 'in_batch', 'sent', 'acknowledged', 'overdue'))
ORDER BY a.id`

// AskingAccounts returns the accounts of the operator with questions of ours that are not answered yet.
func (t *LoadTx) AskingAccounts(ctx context.Context) ([]AccountID, error) {
	var all []AccountID
	if err := t.list(ctx, &all, selectAskingAccounts, t.operator); err != nil {
		return nil, fmt.Errorf("storage: accounts that ask: %w", err)
	}
	return all, nil
}

// A trace that several questions have means none of them.
const linkSentQuestions = `
INSERT INTO inquiry_set (account_id, inquiry_id, operator_id, file_id, interchange_no, group_no, set_no)
SELECT min(q.account_id), min(q.id), $1::bigint, $2::bigint, g.interchange_no, g.group_no, g.set_no
FROM unnest($4::integer[], $5::integer[], $6::integer[], $7::text[], $8::text[], $9::text[], $10::text[])
	AS g (interchange_no, group_no, set_no, kind, usage, trace, originator)
JOIN inquiry q ON q.account_id = ANY ($3::bigint[]) AND q.trace_number = g.trace AND q.direction = 'out' AND q.kind = g.kind AND q.usage = g.usage
	AND (g.originator = '' OR coalesce(q.trace_originator, '') IN ('', g.originator))
GROUP BY g.interchange_no, g.group_no, g.set_no, g.trace
HAVING count(DISTINCT q.id) = 1
ON CONFLICT DO NOTHING`

// LinkSentQuestions notes in which sets of an outbound file questions of these accounts leave. Give a few thousand at a time.
func (t *LoadTx) LinkSentQuestions(ctx context.Context, file FileID, accounts []AccountID, questions []SentQuestion) error {
	n := len(questions)
	interchange, group, set := make([]int64, n), make([]int64, n), make([]int64, n)
	kind, usage, trace, originator := make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	for i := range questions {
		q := &questions[i]
		interchange[i], group[i], set[i] = int64(q.Interchange), int64(q.Group), int64(q.Set)
		kind[i], usage[i], trace[i], originator[i] = keepable(q.Kind), keepable(q.Usage), keepable(q.Trace), keepable(q.Originator)
	}
	_, err := t.exec(ctx, linkSentQuestions, t.operator, file, pq.Array(accounts), pq.Array(interchange), pq.Array(group), pq.Array(set),
		pq.Array(kind), pq.Array(usage), pq.Array(trace), pq.Array(originator))
	if err != nil {
		return fmt.Errorf("storage: questions of an outbound file: %w", err)
	}
	return nil
}

// sentQuestions are the links of the questions that follow what was just said of their sets: those that left in no later file or set.
const sentQuestions = `
	FROM inquiry_set l
	JOIN outbound_set s ON s.operator_id = l.operator_id AND s.file_id = l.file_id AND s.interchange_no = l.interchange_no
		AND s.group_no = l.group_no AND s.set_no = l.set_no
	WHERE l.operator_id = $1 AND l.file_id = $2 AND l.interchange_no = $3 AND ($4::integer = 0 OR l.group_no = $4) AND NOT EXISTS (
		SELECT 1
		FROM inquiry_set n
		JOIN file f ON f.operator_id = n.operator_id AND f.id = n.file_id AND f.state NOT IN ('void', 'failed', 'stored')
		WHERE n.account_id = l.account_id AND n.inquiry_id = l.inquiry_id 
			AND (n.file_id, n.interchange_no, n.group_no, n.set_no) > (l.file_id, l.interchange_no, l.group_no, l.set_no))`

const (
	// A question that was answered, or taken back, stays so; one that was rejected is not acknowledged any more.
	moveQuestions = `
UPDATE inquiry q SET state = CASE s.acknowledgment WHEN 'R' THEN 'rejected' ELSE 'acknowledged' END
FROM (SELECT l.account_id, l.inquiry_id, s.acknowledgment` + sentQuestions + `) s
WHERE q.account_id = s.account_id AND q.id = s.inquiry_id AND q.direction = 'out' AND (
	s.acknowledgment = 'R' AND q.state IN ('in_batch', 'sent', 'acknowledged', 'overdue')
	OR s.acknowledgment IN ('A', 'E') AND q.state IN ('in_batch', 'sent'))`

	// Errors whose CTX names the trace of another question in the set are not this one's. CTX is followed by its element separator, and the
	// name by one of components. Errors are read once, however many questions stand in a set.
	noteRejections = `
WITH refused AS MATERIALIZED (
	SELECT s.*, q.trace_number
	FROM (SELECT l.account_id, l.inquiry_id, l.group_no, l.set_no AS place, s.acknowledgment_id, s.acknowledgment_set_no AS set_no` + sentQuestions + `
		AND s.acknowledgment = 'R') s
	JOIN inquiry q ON q.account_id = s.account_id AND q.id = s.inquiry_id
), errors AS MATERIALIZED (
	SELECT e.*
	FROM acknowledgment_error e
	WHERE e.operator_id = $1 AND e.acknowledgment_id = ANY (ARRAY(SELECT acknowledgment_id FROM refused WHERE set_no IS NOT NULL GROUP BY acknowledgment_id))
), traces AS MATERIALIZED (
	SELECT acknowledgment_id, set_no, segment, coalesce(position, 0) AS position,
		array_agg(DISTINCT split_part(substr(c, position('TRN02' IN c) + 6), substr(c, 4, 1), 1)) AS traces
	FROM errors, unnest(context) AS c
	WHERE c LIKE '%TRN02%'
	GROUP BY acknowledgment_id, set_no, segment, coalesce(position, 0)
), reasons AS MATERIALIZED (
	SELECT e.acknowledgment_id, e.set_no, e.no, t.traces,
		concat_ws(' ', e.segment || coalesce(lpad(e.element::text, 2, '0'), '') || coalesce('-' || e.component, ''), nullif(e.loop, ''),
			coalesce('IK403 ' || nullif(e.element_code, ''), 'IK304 ' || nullif(e.segment_code, ''))) AS reason
	FROM errors e
	LEFT JOIN traces t ON t.acknowledgment_id = e.acknowledgment_id AND t.set_no = e.set_no AND t.segment = e.segment AND t.position = coalesce(e.position, 0)
	WHERE NOT (e.element_code IS NULL AND e.segment_code = '8') -- its elements follow
), named AS MATERIALIZED (
	SELECT r.account_id, r.inquiry_id, r.group_no, r.place, (array_agg(n.reason ORDER BY n.no) FILTER (WHERE n.reason IS NOT NULL))[:20] AS reasons
	FROM refused r
	LEFT JOIN reasons n ON n.acknowledgment_id = r.acknowledgment_id AND n.set_no = r.set_no AND (n.traces IS NULL OR r.trace_number = ANY (n.traces))
	GROUP BY r.account_id, r.inquiry_id, r.group_no, r.place
)
UPDATE inquiry_set k SET rejected_for = coalesce(r.reasons, '{}')
FROM named r
WHERE k.account_id = r.account_id AND k.inquiry_id = r.inquiry_id AND k.operator_id = $1 AND k.file_id = $2 AND k.interchange_no = $3
	AND k.group_no = r.group_no AND k.set_no = r.place AND k.rejected_for IS DISTINCT FROM coalesce(r.reasons, '{}')`
)

// fewQuestions is how many questions may be looked at one by one: see [LoadTx.unlooped]. For so few not all questions are to be read.
const fewQuestions = 500

const countLeftQuestions = `
SELECT count(*) FROM (SELECT FROM inquiry_set WHERE operator_id = $1 AND file_id = $2 AND interchange_no = $3 LIMIT $4) l`

// answerQuestions lets the questions that left with an envelope follow what now stands for their sets.
func (t *LoadTx) answerQuestions(ctx context.Context, e *answeredEnvelope) error {
	var some int
	if err := t.get(ctx, &some, countLeftQuestions, t.operator, e.File, e.Interchange, fewQuestions+1); err != nil || some == 0 {
		return err
	}
	answer := func() error {
		for _, statement := range []string{moveQuestions, noteRejections} {
			if _, err := t.exec(ctx, statement, t.operator, e.File, e.Interchange, e.Group); err != nil {
				return fmt.Errorf("questions: %w", err)
			}
		}
		return nil
	}
	if some <= fewQuestions {
		return answer()
	}
	return t.unlooped(ctx, answer)
}

const selectAskedBefore = `
SELECT DISTINCT l.file_id, l.interchange_no
FROM inquiry_set v
JOIN inquiry_set l ON l.account_id = v.account_id AND l.inquiry_id = v.inquiry_id AND l.operator_id = v.operator_id AND l.file_id <> v.file_id
WHERE v.operator_id = $1 AND v.file_id = $2
ORDER BY 1, 2`

// answerWithout lets the questions that were to leave once more with a file that is void now follow what stands for the sets in which
// they left before: it was passed over while this file waited.
func (t *LoadTx) answerWithout(ctx context.Context, void FileID) error {
	var before []answeredEnvelope
	if err := t.list(ctx, &before, selectAskedBefore, t.operator, void); err != nil {
		return fmt.Errorf("storage: questions of a void file: %w", err)
	}
	for i := range before {
		if err := t.answerQuestions(ctx, &before[i]); err != nil {
			return fmt.Errorf("storage: questions of a void file: %w", err)
		}
	}
	return nil
}
