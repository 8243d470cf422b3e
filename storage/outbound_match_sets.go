package storage

import (
	"context"
	"fmt"

	"github.com/lib/pq"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/ack"
)

// setWords are what a 999 or 997 says of the sets of a group.
type setWords struct {
	Codes, Words []string // IK501 and what it means for a set that is named
	Twice        string   // of a set that is named twice, or whose control number the group used twice
	Rest         string   // of the sets that are not named
	Counted      *int64   // AK902, where it speaks against a group that has another number of sets
}

const countNamedSets = `
SELECT code, count(*) AS sets, bool_or(times > 1) AS twice
FROM (SELECT code, count(*) OVER (PARTITION BY btrim(set_code), ` + plainNumber + `) AS times
	FROM acknowledgment_set
	WHERE operator_id = $1 AND acknowledgment_id = $2) n
GROUP BY code`

// setWords reads what an acknowledgment means for sets. Which word it is follows from its guide: [ack.Group.Outcome].
func (t *LoadTx) setWords(ctx context.Context, a *receivedAnswer) (*setWords, error) {
	var named []struct {
		Code  string `db:"code"`
		Sets  int    `db:"sets"`
		Twice bool   `db:"twice"`
	}
	if err := t.list(ctx, &named, countNamedSets, t.operator, a.ID); err != nil {
		return nil, err
	}
	group := &ack.Group{Code: edi.Text(a.Code), Included: ackNumber(a.Included), Received: ackNumber(a.Received), Accepted: ackNumber(a.Accepted)}
	for _, n := range named {
		group.Named.Sets += n.Sets
		if n.Twice { // then the counts don't say what holds for the others
			group.Received.Sent = false
		}
		switch said(n.Code) {
		case "A", "E":
			group.Named.Accepted += n.Sets
		case "R":
			group.Named.Rejected += n.Sets
		}
	}
	w := &setWords{Twice: "unclear", Rest: wordOf(group.Outcome(nil)), Counted: a.Included}
	for _, n := range named {
		w.Codes, w.Words = append(w.Codes, n.Code), append(w.Words, wordOf(group.Outcome(&ack.Set{Answer: edi.Text(n.Code)})))
	}
	if said(a.Code) == "R" { // whatever is said of sets
		w.Twice, w.Counted = "R", nil
	}
	return w, nil
}

func ackNumber(n *int64) ack.Number {
	if n == nil {
		return ack.Number{}
	}
	return ack.Number{Value: int(*n), Sent: true}
}

// wordOf returns the letter that stands for an outcome.
func wordOf(o ack.Outcome) string {
	switch o {
	case ack.Accepted:
		return "A"
	case ack.AcceptedWithErrors:
		return "E"
	case ack.Rejected:
		return "R"
	default:
		return "unclear"
	}
}

const (
	// plainNumber is a control number as it is compared: its value, where it is a number.
	plainNumber = `CASE WHEN btrim(control_number) ~ '^[0-9]+$' THEN ltrim(btrim(control_number), '0') ELSE btrim(control_number) END`

	// weight orders the words of a set: the worst stands, in whatever order they come. "unclear" of a set that was not named only
	// says that nothing was said of it, so that any word is more; a rejection by name also says why.
	weight = `array_position(ARRAY['none', 'unclear', 'A', 'E', 'unclear named', 'R', 'R named'],
		%[1]s || CASE WHEN %[1]s IN ('unclear', 'R') AND %[2]s IS NOT NULL THEN ' named' ELSE '' END)`
)

// answerSets gives the sets of a group their words, if they got no worse one before, and tells whether a person must look: a set was named
// that the group does not have, or named twice, or nothing was said of one. $3 to $5 are the group, $6 to $9 the [setWords], $10 says
// whether it is certain that this group is meant.
var answerSets = `
WITH named AS MATERIALIZED (
	SELECT set_code, number, count(*) AS times, min(no) AS no, min(code) AS code
	FROM (SELECT btrim(set_code) AS set_code, ` + plainNumber + ` AS number, no, code
		FROM acknowledgment_set
		WHERE operator_id = $1 AND acknowledgment_id = $2) n
	GROUP BY set_code, number
), ours AS MATERIALIZED (
	SELECT id, set_code, ` + plainNumber + ` AS number, acknowledgment, acknowledgment_set_no,
		count(*) OVER (PARTITION BY set_code, ` + plainNumber + `) AS times
	FROM outbound_set
	WHERE operator_id = $1 AND file_id = $3 AND interchange_no = $4 AND group_no = $5
), doubt AS MATERIALIZED (
	SELECT EXISTS (
		SELECT 1 FROM named n LEFT JOIN ours o ON o.set_code = n.set_code AND o.number = n.number WHERE o.id IS NULL
	) OR coalesce($9::bigint <> (SELECT count(*) FROM ours), false) AS there
), read AS (
	SELECT o.id, o.acknowledgment, o.acknowledgment_set_no, n.no, n.times + o.times = 2 AS sure, CASE
		WHEN n.no IS NULL AND (SELECT there FROM doubt) THEN 'unclear'
		WHEN n.no IS NULL THEN $8::text
		WHEN n.times + o.times > 2 THEN $10::text
		ELSE coalesce(w.word, 'unclear') END AS word
	FROM ours o
	LEFT JOIN named n ON n.set_code = o.set_code AND n.number = o.number
	LEFT JOIN unnest($6::text[], $7::text[]) AS w (code, word) ON w.code = n.code
), words AS MATERIALIZED (
	SELECT id, acknowledgment, acknowledgment_set_no, no, sure AND $11 AS sure,
		CASE WHEN $11 OR word = acknowledgment THEN word ELSE 'unclear' END AS word
	FROM read
), changed AS (
	UPDATE outbound_set s SET acknowledgment = w.word, acknowledgment_id = $2, acknowledgment_set_no = w.no, acknowledged_at = coalesce(s.acknowledged_at, $12)
	FROM words w
	WHERE s.operator_id = $1 AND s.file_id = $3 AND s.interchange_no = $4 AND s.group_no = $5 AND s.id = w.id
		AND ` + fmt.Sprintf(weight, "w.word", "w.no") + ` > ` + fmt.Sprintf(weight, "w.acknowledgment", "w.acknowledgment_set_no") + `
), linked AS (
	UPDATE acknowledgment_set a SET matched_set_id = w.id
	FROM words w
	WHERE a.operator_id = $1 AND a.acknowledgment_id = $2 AND a.no = w.no AND w.sure
)
SELECT (SELECT there FROM doubt) OR EXISTS (SELECT 1 FROM words WHERE word = 'unclear') AS unclear, (SELECT count(*) FROM ours) AS sets`

// answerSets records what an acknowledgment says of the sets of a group. certain tells whether no other group of ours can be meant.
// What it says of the group and what it says of sets may not fit together: then the group is unclear, too. Of a group whose sets are not
// known, because it left before they were kept, nothing is said.
func (t *LoadTx) answerSets(ctx context.Context, a *receivedAnswer, e *answeredEnvelope, certain bool) (unclear bool, err error) {
	w, err := t.setWords(ctx, a)
	if err != nil {
		return false, err
	}
	var found struct {
		Unclear bool `db:"unclear"`
		Sets    int  `db:"sets"`
	}
	args := []any{
		t.operator, a.ID, e.File, e.Interchange, e.Group, pq.Array(w.Codes), pq.Array(w.Words), w.Rest, w.Counted, w.Twice, certain, t.Now(),
	}
	if err := t.unlooped(ctx, func() error { return t.get(ctx, &found, answerSets, args...) }); err != nil {
		return false, err
	}
	return found.Unclear && found.Sets > 0, nil
}

// unlooped runs a statement that holds the sets of a group against each other. They may be fresh, so that the planner guesses "one" and
// would compare each with each; without nested loops it hashes.
func (t *LoadTx) unlooped(ctx context.Context, fn func() error) error {
	if _, err := t.exec(ctx, `SET LOCAL enable_nestloop = off`); err != nil {
		return err
	}
	if err := fn(); err != nil {
		return err
	}
	_, err := t.exec(ctx, `SET LOCAL enable_nestloop = on`)
	return err
}

// A rejected interchange takes its sets with it. If it is not certain that it is the one, only of those of which nothing was said it is not
// clear any more what holds.
const answerInterchangeSets = `
UPDATE outbound_set SET acknowledgment = $6, acknowledgment_id = $4, acknowledgment_set_no = NULL, acknowledged_at = coalesce(acknowledged_at, $5)
WHERE operator_id = $1 AND file_id = $2 AND interchange_no = $3 AND (acknowledgment = 'none' OR $6 = 'R' AND acknowledgment <> 'R')`
