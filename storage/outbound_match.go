package storage

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// A receivedAnswer is a TA1, 999 or 997 of a file, with whom its interchange is from.
type receivedAnswer struct {
	ID         int64     `db:"id"`
	Kind       string    `db:"kind"`
	Usage      string    `db:"usage"`
	Partner    PartnerID `db:"partner_id"`
	Number     string    `db:"number"` // TA101 or AK102
	Date       string    `db:"date"`   // TA102
	Time       string    `db:"time"`   // TA103
	Functional string    `db:"functional"`
	Version    string    `db:"version"` // AK103
	Code       string    `db:"code"`
	Included   *int64    `db:"sets_included"` // AK902; nil: not readable
	Received   *int64    `db:"sets_received"` // AK903
	Accepted   *int64    `db:"sets_accepted"` // AK904
	From       string    `db:"sender_id"`
	To         string    `db:"receiver_id"`
}

const selectReceived = `
SELECT a.id, a.kind, a.usage, coalesce(a.partner_id, 0) AS partner_id,
	CASE a.kind WHEN 'TA1' THEN coalesce(a.interchange_control_number, '') ELSE coalesce(a.group_control_number, '') END AS number,
	coalesce(a.interchange_date, '') AS date, coalesce(a.interchange_time, '') AS time, coalesce(a.functional_id, '') AS functional,
	coalesce(a.version, '') AS version, a.code, a.sets_included, a.sets_received, a.sets_accepted, i.sender_id, i.receiver_id
FROM acknowledgment a
JOIN interchange i ON i.operator_id = a.operator_id AND i.id = a.interchange_id
WHERE a.operator_id = $1 AND a.file_id = $2 AND a.matched_file_id IS NULL
ORDER BY a.id`

// MatchAcknowledgments finds what the acknowledgments of a file answer and records what they say of it. Flush the loader before.
// It returns the outbound files that were answered. What is not found stays unmatched: it may answer what another system sent.
func (t *LoadTx) MatchAcknowledgments(ctx context.Context, file FileID) ([]FileID, error) {
	var received []receivedAnswer
	if err := t.list(ctx, &received, selectReceived, t.operator, file); err != nil {
		return nil, fmt.Errorf("storage: match acknowledgments: %w", err)
	}
	if err := t.lockAnswered(ctx, received); err != nil {
		return nil, fmt.Errorf("storage: match acknowledgments: %w", err)
	}
	var answered []FileID
	for i := range received {
		at, err := t.answered(ctx, &received[i], forUpdate)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err == nil {
			err = t.recordAnswer(ctx, &received[i], at)
		}
		if err != nil {
			return nil, fmt.Errorf("storage: match acknowledgments: %w", err)
		}
		answered = append(answered, at.File)
	}
	return answered, nil
}

// An answeredEnvelope is what an acknowledgment answers.
type answeredEnvelope struct {
	File        FileID `db:"file_id"`
	Interchange int    `db:"interchange_no"`
	Group       int    `db:"group_no"`
	Said        string `db:"acknowledgment"` // so far
	Before      bool   `db:"before"`         // something was said before
	Version     string `db:"version"`        // GS08
	Sets        int64  `db:"sets"`
	Mirrored    bool   `db:"mirrored"` // it went from whom the acknowledgment is addressed to, to whom it is from
}

// fits tells whether an acknowledgment speaks of the guide and the number of sets of the group.
func (e *answeredEnvelope) fits(a *receivedAnswer) bool {
	return (a.Version == "" || a.Version == e.Version) && (a.Included == nil || *a.Included == e.Sets)
}

const (
	envelopeColumns = `e.file_id, e.interchange_no, e.group_no, e.acknowledgment, e.acknowledgment_id IS NOT NULL AS before, e.version, e.sets`

	// Only what left, or may have left, can be answered.
	envelopesThatLeft = `
FROM outbound_envelope e
JOIN outbound o ON o.operator_id = e.operator_id AND o.file_id = e.file_id
JOIN file f ON f.operator_id = e.operator_id AND f.id = e.file_id
WHERE e.operator_id = $1 AND (f.state IN ('sending', 'sent', 'uncertain') OR o.sent > 0)`

	// A TA1 names an interchange by number, date and time; its sender is the receiver of ours.
	interchangesOfNumber = envelopesThatLeft + `
	AND e.control_number = $2 AND e.functional_id = '' AND e.group_no = 0 AND e.usage = $3
	AND e.receiver_id = $4 AND e.sender_id = $5 AND e.date_sent = $6 AND e.time_sent = $7`

	findInterchange = `
SELECT ` + envelopeColumns + `, true AS mirrored` + interchangesOfNumber + `
ORDER BY e.acknowledgment_id IS NOT NULL, e.file_id DESC, e.interchange_no
LIMIT 1`

	// The same bytes may have left twice, or somebody always sends one number.
	otherInterchange = `
SELECT EXISTS (
	SELECT 1` + interchangesOfNumber + `
		AND (e.file_id, e.interchange_no) <> ($8::bigint, $9::integer) AND (e.acknowledgment_id IS NULL OR $10 OR e.file_id >= $8))`

	groupsOfNumber = envelopesThatLeft + `
	AND e.control_number = $2 AND e.functional_id = $3 AND e.group_no > 0 AND e.usage = $4
	AND (e.partner_id = nullif($5::bigint, 0) OR e.receiver_id = $6 AND e.sender_id = $7)`

	// fitsGroup tells whether a group has the guide and the number of sets that AK1 and AK9 speak of.
	fitsGroup = `(e.version = $8 OR $8 = '') AND (e.sets = $9::bigint OR $9 IS NULL)`

	// mirrored tells whether a group went between the two that the acknowledgment went between. Several senders of ours may have
	// one partner, each with numbers of its own.
	mirrored = `(e.receiver_id = $6 AND e.sender_id = $7)`

	// Numbers come again after a while: of those that fit, the newest group that nobody has answered is meant.
	findGroup = `
SELECT ` + envelopeColumns + `, ` + mirrored + ` AS mirrored` + groupsOfNumber + `
ORDER BY (` + fitsGroup + `) DESC, ` + mirrored + ` DESC, e.acknowledgment_id IS NOT NULL, e.file_id DESC, e.interchange_no, e.group_no
LIMIT 1`

	// Another group that fits may be meant as well if it was not answered either, or came later; and if both were answered. Another
	// sender's is not meant as long as that whom the acknowledgment is addressed to waits; but an addressee's may be, although it does not fit.
	otherGroup = `
SELECT EXISTS (
	SELECT 1` + groupsOfNumber + `
		AND (e.file_id, e.interchange_no, e.group_no) <> ($10::bigint, $11::integer, $12::integer)
		AND (` + fitsGroup + ` OR NOT $13 OR ` + mirrored + ` AND NOT $15)
		AND (` + mirrored + ` OR NOT $15 OR $14 AND e.acknowledgment_id IS NULL)
		AND (e.acknowledgment_id IS NULL OR $14 OR e.file_id >= $10))`

	forUpdate = `
FOR UPDATE OF e`
)

// lockAnswered locks the files that are answered, each as a delivery does, in the order of their ids: so nobody waits in a circle,
// neither two files of acknowledgments nor an acknowledgment and a delivery.
func (t *LoadTx) lockAnswered(ctx context.Context, received []receivedAnswer) error {
	var files []FileID
	for i := range received {
		at, err := t.answered(ctx, &received[i], "")
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		files = append(files, at.File)
	}
	slices.Sort(files)
	for _, file := range slices.Compact(files) {
		if err := t.get(ctx, &outboundRow{}, lockOutbound, t.operator, file); err != nil {
			return err
		}
	}
	return nil
}

func (t *LoadTx) answered(ctx context.Context, a *receivedAnswer, lock string) (*answeredEnvelope, error) {
	number, err := strconv.ParseInt(a.Number, 10, 64)
	if err != nil {
		return nil, ErrNotFound
	}
	e := &answeredEnvelope{}
	if a.Kind == "TA1" {
		return e, t.get(ctx, e, findInterchange+lock, a.interchange(t.operator, number)...)
	}
	return e, t.get(ctx, e, findGroup+lock, append(a.group(t.operator, number), a.Version, a.Included)...)
}

// interchange are the arguments that name the interchanges of ours with the number of a TA1.
func (a *receivedAnswer) interchange(operator OperatorID, number int64) []any {
	return []any{operator, number, a.Usage, a.From, a.To, a.Date, a.Time}
}

// group are the arguments that name the groups of ours with the number of an answer.
func (a *receivedAnswer) group(operator OperatorID, number int64) []any {
	return []any{operator, number, a.Functional, a.Usage, a.Partner, a.From, a.To}
}

// certain tells whether no other group of ours, or interchange, can be meant.
func (t *LoadTx) certain(ctx context.Context, a *receivedAnswer, e *answeredEnvelope) (bool, error) {
	number, err := strconv.ParseInt(a.Number, 10, 64)
	if err != nil {
		return false, nil //nolint:nilerr // no number names a group
	}
	var other bool
	if a.Kind == "TA1" {
		err = t.get(ctx, &other, otherInterchange, append(a.interchange(t.operator, number), e.File, e.Interchange, e.Before)...)
		return !other, err
	}
	args := append(a.group(t.operator, number), a.Version, a.Included, e.File, e.Interchange, e.Group, e.fits(a), e.Before, e.Mirrored)
	err = t.get(ctx, &other, otherGroup, args...)
	return !other, err
}

// severity orders what acknowledgments say: the worst stands, in whatever order they come.
var severity = map[string]int{"none": 0, "A": 1, "E": 2, "P": 3, "unclear": 4, "R": 5}

// said is what a TA104 or AK901 means.
func said(code string) string {
	switch code {
	case "A", "E", "P", "R":
		return code
	case "M", "W", "X": // rejected for reasons of security
		return "R"
	default:
		return "unclear"
	}
}

const (
	answerEnvelope = `
UPDATE outbound_envelope SET acknowledgment = $5, acknowledged_at = coalesce(acknowledged_at, $6),
	acknowledgment_id = CASE WHEN $7 THEN $8 ELSE coalesce(acknowledgment_id, $8) END
WHERE operator_id = $1 AND file_id = $2 AND interchange_no = $3 AND group_no = $4`

	matchAcknowledgment = `UPDATE acknowledgment SET matched_file_id = $3 WHERE operator_id = $1 AND id = $2`

	selectAnswered = `
SELECT state, coalesce(run_id, 0) AS run_id, coalesce(connection_id, 0) AS connection_id
FROM file
WHERE operator_id = $1 AND id = $2`

	selectSaid = `
SELECT DISTINCT acknowledgment
FROM outbound_envelope
WHERE operator_id = $1 AND file_id = $2`

	answerOutbound = `
UPDATE outbound SET acknowledgment = $3, acknowledged_at = coalesce(acknowledged_at, $4)
WHERE operator_id = $1 AND file_id = $2`
)

// answerReasons are what the time line of an answered file says.
var answerReasons = map[string]string{
	"A": "outbound.accepted", "E": "outbound.accepted_with_errors", "P": "outbound.partly_accepted", "R": "outbound.rejected", "unclear": "outbound.unclear",
}

func (t *LoadTx) recordAnswer(ctx context.Context, a *receivedAnswer, e *answeredEnvelope) error {
	now := t.Now()
	news, err := t.recordSets(ctx, a, e)
	if err != nil {
		return err
	}
	worst := news
	worse := severity[worst] > severity[e.Said]
	if !worse {
		worst = e.Said
	}
	if _, err := t.exec(ctx, answerEnvelope, t.operator, e.File, e.Interchange, e.Group, worst, now, worse, a.ID); err != nil {
		return err
	}
	if err := t.execOne(ctx, matchAcknowledgment, t.operator, a.ID, e.File); err != nil {
		return err
	}
	return t.rollUpAnswers(ctx, e.File, now, news)
}

// recordSets gives sets and questions what an acknowledgment says of them, and returns what it says of the envelope.
func (t *LoadTx) recordSets(ctx context.Context, a *receivedAnswer, e *answeredEnvelope) (news string, err error) {
	news = said(a.Code)
	certain, err := t.certain(ctx, a, e)
	if err != nil {
		return news, err
	}
	switch {
	case a.Kind != "TA1":
		unclear, err := t.answerSets(ctx, a, e, certain)
		if err != nil {
			return news, err
		}
		if unclear && severity[news] < severity["unclear"] {
			news = "unclear"
		}
	case news == "R":
		if !certain && e.Said != "R" {
			news = "unclear"
		}
		if _, err := t.exec(ctx, answerInterchangeSets, t.operator, e.File, e.Interchange, a.ID, t.Now(), news); err != nil {
			return news, err
		}
	}
	return news, t.answerQuestions(ctx, e)
}

// rollUpAnswers gives the file the worst that was said of its envelopes, and its time line the news. A file of which nobody knew
// whether it arrived has.
func (t *LoadTx) rollUpAnswers(ctx context.Context, file FileID, now time.Time, news string) error {
	var row struct {
		State      FileState    `db:"state"`
		Run        RunID        `db:"run_id"`
		Connection ConnectionID `db:"connection_id"`
	}
	if err := t.get(ctx, &row, selectAnswered, t.operator, file); err != nil {
		return err
	}
	var all []string
	if err := t.list(ctx, &all, selectSaid, t.operator, file); err != nil {
		return err
	}
	worst := "none"
	for _, s := range all {
		if severity[s] > severity[worst] {
			worst = s
		}
	}
	if err := t.execOne(ctx, answerOutbound, t.operator, file, worst, now); err != nil {
		return err
	}
	if row.State == FileUncertain {
		if err := t.MarkSent(ctx, file, OutboundReceipt{Run: row.Run, Certainty: CertaintyAcknowledged}, time.Time{}); err != nil {
			return err
		}
		row.State = FileSent
	}
	if err := t.noteAnswer(ctx, file, row.Run, row.Connection, news); err != nil {
		return err
	}
	return t.addFileEvent(ctx, file, row.State, answerReasons[news], 0)
}

// sourceAnswers names received acknowledgments as what found an incident.
const sourceAnswers = "acknowledgment"

// noteAnswer tells people of a file that its receiver did not take as a whole.
func (t *LoadTx) noteAnswer(ctx context.Context, file FileID, run RunID, connection ConnectionID, news string) error {
	if news != "R" && news != "P" && news != "unclear" {
		return nil
	}
	_, _, err := t.RaiseIncident(ctx, t.operator, OfFile(file), Raise{Code: answerReasons[news], Source: sourceAnswers, Run: run, Connection: connection})
	return err
}
