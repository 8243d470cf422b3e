package storage

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// A Notice is a message of the outbox that a node has taken to send.
type Notice struct {
	Operator OperatorID      `db:"operator_id"`
	ID       int64           `db:"id"`
	Kind     string          `db:"kind"`
	Topic    string          `db:"topic"`
	Payload  json.RawMessage `db:"payload"`
	Attempt  int             `db:"attempts"` // the first is 1
	DueAt    time.Time       `db:"due_at"`   // when it is tried again unless something is said before
	User     UserID          `db:"user_id"`  // to whom a mail goes; 0: to those of the configuration
	Sealed   []byte          `db:"sealed"`   // of a mail to a person, see [Notice.Letter]
	Expired  bool            `db:"expired"`  // nobody wants it any more
}

const (
	// Taking a message moves it into the future: whoever took it and was lost is followed by another.
	takeNotices = `
UPDATE outbox SET attempts = attempts + 1, due_at = now() + $3 * interval '1 second'
WHERE (operator_id, id) IN (
	SELECT operator_id, id
	FROM outbox
	WHERE state = 'waiting' AND due_at <= now() AND kind = ANY (string_to_array($1, ','))
	ORDER BY due_at, id
	LIMIT $2
	FOR UPDATE SKIP LOCKED)
RETURNING operator_id, id, kind, topic, payload, attempts, due_at, coalesce(user_id, 0) AS user_id, sealed,
	coalesce(expires_at <= $4, false) AS expired`

	endNotice = `
UPDATE outbox SET state = $4, sent_at = CASE WHEN $4 = 'sent' THEN now() END, error_code = nullif($5, ''),
	sealed = CASE WHEN $6 THEN sealed END
WHERE operator_id = $1 AND id = $2 AND attempts = $3 AND state = 'waiting'`

	retryNotice = `
UPDATE outbox SET due_at = now() + $4 * interval '1 second', error_code = $5
WHERE operator_id = $1 AND id = $2 AND attempts = $3 AND state = 'waiting'`

	cancelOldNotices = `
UPDATE outbox SET state = 'cancelled', sealed = NULL
WHERE state = 'waiting' AND attempts = 0 AND due_at < now() - $1 * interval '1 second'`
)

// The ends of a message.
const (
	NoticeSent      = "sent"
	NoticeFailed    = "failed"    // given up after the last attempt
	NoticeCancelled = "cancelled" // there was nothing to tell any more, or nobody to tell it to
)

// TakeNotices takes up to limit messages of the kinds that are due, of all operators, in a transaction
// of InSystem: for the time of the lease nobody else gets them.
func (t *Tx) TakeNotices(ctx context.Context, kinds []string, limit int, lease time.Duration) ([]Notice, error) {
	taken := []Notice{}
	if err := t.list(ctx, &taken, takeNotices, joined(kinds), limit, lease.Seconds(), t.Now()); err != nil {
		return nil, fmt.Errorf("storage: outbox: %w", err)
	}
	return taken, nil
}

// EndNotice writes what became of a message that this node took, in a transaction of InSystem; one
// that another took after the lease is left alone. What a mail says is forgotten with it.
func (t *Tx) EndNotice(ctx context.Context, n Notice, state, code string) error {
	return t.endNotice(ctx, n, state, code, false)
}

// KeepNotice ends a mail as sent without forgetting what it says: a demo shows it instead of sending it.
func (t *Tx) KeepNotice(ctx context.Context, n Notice) error {
	return t.endNotice(ctx, n, NoticeSent, "", true)
}

func (t *Tx) endNotice(ctx context.Context, n Notice, state, code string, keep bool) error {
	if _, err := t.exec(ctx, endNotice, n.Operator, n.ID, n.Attempt, state, code, keep); err != nil {
		return fmt.Errorf("storage: outbox: %w", err)
	}
	return nil
}

// RetryNotice puts a message back for later, as EndNotice.
func (t *Tx) RetryNotice(ctx context.Context, n Notice, after time.Duration, code string) error {
	if _, err := t.exec(ctx, retryNotice, n.Operator, n.ID, n.Attempt, after.Seconds(), code); err != nil {
		return fmt.Errorf("storage: outbox: %w", err)
	}
	return nil
}

// CancelOldNotices cancels messages that nobody has taken for so long that they are no news any more:
// where no way to tell is configured they would wait for ever, and come all at once when there is one.
func (t *Tx) CancelOldNotices(ctx context.Context, age time.Duration) error {
	if _, err := t.exec(ctx, cancelOldNotices, age.Seconds()); err != nil {
		return fmt.Errorf("storage: outbox: %w", err)
	}
	return nil
}

// A SentNotice is a message of the outbox as people see it.
type SentNotice struct {
	ID      int64      `db:"id"`
	Kind    string     `db:"kind"`
	Topic   string     `db:"topic"`
	State   string     `db:"state"` // waiting, sent, failed, cancelled
	Attempt int        `db:"attempts"`
	DueAt   time.Time  `db:"due_at"`
	SentAt  *time.Time `db:"sent_at"` // nil: not sent
	Code    string     `db:"error_code"`
}

const selectNotices = `
SELECT id, kind, topic, state, attempts, due_at, sent_at, coalesce(error_code, '') AS error_code
FROM outbox
WHERE operator_id = $1
ORDER BY id DESC
LIMIT $2`

// Notices returns the operator's latest messages, newest first.
func (t *Tx) Notices(ctx context.Context, limit int) ([]SentNotice, error) {
	all := []SentNotice{}
	if err := t.list(ctx, &all, selectNotices, t.scope.Operator, limit); err != nil {
		return nil, fmt.Errorf("storage: outbox: %w", err)
	}
	return all, nil
}
