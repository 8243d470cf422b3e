package storage

import (
	"context"
	"fmt"
	"time"

	"github.com/lib/pq"
)

// An Invited is an invitation as those see it who may manage people at its place. Whoever ever had a password has
// joined, whatever became of him since.
type Invited struct {
	MailRecipient
	Code      int64      `db:"code_id"`
	Account   AccountID  `db:"account_id"`  // 0: at the operator
	Operator  OperatorID `db:"operator_id"` // that runs the place
	Data      JSON       `db:"data"`
	CreatedAt time.Time  `db:"created_at"`
	ExpiresAt time.Time  `db:"expires_at"`
	UsedAt    *time.Time `db:"used_at"`    // nil: open, or expired
	MailState string     `db:"mail_state"` // of the latest mail: waiting, sent, failed, cancelled; "" for none
	MailCode  string     `db:"mail_code"`  // why it isn't sent; "" for no reason yet
}

const (
	invitedColumns = `u.id, u.login, u.name, u.state, coalesce(u.email, '') AS email, '' AS confirmed,
	c.id AS code_id, coalesce(m.account_id, 0) AS account_id, coalesce(m.operator_id, a.operator_id, 0) AS operator_id,
	c.data::text AS data, c.created_at, c.expires_at, c.used_at,
	coalesce((SELECT o.state FROM outbox o WHERE o.user_id = u.id AND o.topic = 'invitation' ORDER BY o.id DESC LIMIT 1), '') AS mail_state,
	coalesce((SELECT o.error_code FROM outbox o WHERE o.user_id = u.id AND o.topic = 'invitation' ORDER BY o.id DESC LIMIT 1), '') AS mail_code`

	fromInvited = `
FROM sign_in_code c
JOIN app_user u ON u.id = c.user_id
LEFT JOIN LATERAL (SELECT m.account_id, m.operator_id FROM membership m WHERE m.user_id = u.id ORDER BY m.id LIMIT 1) m ON true
LEFT JOIN account a ON a.id = m.account_id
WHERE c.purpose = 'invitation' AND u.state IN ('invited', 'disabled')
	AND NOT EXISTS (SELECT 1 FROM credential p WHERE p.user_id = u.id AND p.kind = 'password')`

	selectInvited = `
SELECT ` + invitedColumns + fromInvited + `
	AND (m.account_id = ANY ($1::bigint[]) OR coalesce(m.operator_id, a.operator_id) = ANY ($2::bigint[]))
ORDER BY c.id DESC
LIMIT $3`

	selectInvitedUser = `
SELECT ` + invitedColumns + fromInvited + `
	AND u.id = $1
ORDER BY c.id DESC
LIMIT 1`
)

// Invited returns the invitations to the accounts, and to all places of the operators, that were not
// accepted, newest first, in a transaction of InSystem.
func (t *Tx) Invited(ctx context.Context, accounts []AccountID, operators []OperatorID, limit int) ([]Invited, error) {
	all := []Invited{}
	if err := t.list(ctx, &all, selectInvited, pq.Array(accounts), pq.Array(operators), limit); err != nil {
		return nil, fmt.Errorf("storage: invitations: %w", err)
	}
	return all, nil
}

// InvitedUser returns the invitation of a user that was not accepted, in a transaction of InSystem; ErrNotFound if there is none.
func (t *Tx) InvitedUser(ctx context.Context, user UserID) (Invited, error) {
	var i Invited
	if err := t.get(ctx, &i, selectInvitedUser, int64(user)); err != nil {
		return i, fmt.Errorf("storage: invitation: %w", err)
	}
	return i, nil
}

const selectUnconfirmed = `
SELECT ` + contactColumns + `
FROM app_user u
WHERE u.state = 'active' AND (u.email_key IS NULL OR coalesce(u.contact_confirmed_at, u.email_confirmed_at, u.created_at) < $3)
	AND EXISTS (SELECT 1 FROM membership m LEFT JOIN account a ON a.id = m.account_id
		WHERE m.user_id = u.id AND m.ended_at IS NULL
			AND (m.account_id = ANY ($1::bigint[]) OR coalesce(m.operator_id, a.operator_id) = ANY ($2::bigint[])))
ORDER BY u.name, u.id
LIMIT $4`

// Unconfirmed returns the active people of the accounts, and of all places of the operators, who
// have no confirmed address or have not said since an instant that it is right, in a transaction of InSystem.
func (t *Tx) Unconfirmed(ctx context.Context, accounts []AccountID, operators []OperatorID, since time.Time, limit int) ([]Contact, error) {
	all := []Contact{}
	if err := t.list(ctx, &all, selectUnconfirmed, pq.Array(accounts), pq.Array(operators), since, limit); err != nil {
		return nil, fmt.Errorf("storage: contacts: %w", err)
	}
	return all, nil
}
