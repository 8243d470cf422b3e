package storage

import (
	"context"
	"fmt"
)

// A MailRecipient is a user as mail needs him.
type MailRecipient struct {
	ID        UserID `db:"id"`
	Login     string `db:"login"`
	Name      string `db:"name"`
	State     string `db:"state"`
	Email     string `db:"email"`     // as it was given, confirmed or not; "": none
	Confirmed string `db:"confirmed"` // the same if it is confirmed, else ""
}

const selectMailRecipient = `
SELECT id, login, name, state, coalesce(email, '') AS email,
	CASE WHEN email_key IS NOT NULL THEN coalesce(email, '') ELSE '' END AS confirmed
FROM app_user
WHERE id = $1`

// MailRecipient returns where mail to a user goes, in a transaction of any kind; ErrNotFound if there
// is no such user.
func (t *Tx) MailRecipient(ctx context.Context, user UserID) (MailRecipient, error) {
	var r MailRecipient
	if err := t.get(ctx, &r, selectMailRecipient, int64(user)); err != nil {
		return r, fmt.Errorf("storage: recipient: %w", err)
	}
	return r, nil
}

// An OperatorOfUser is on whose behalf mail to a user is written.
type OperatorOfUser struct {
	ID       OperatorID `db:"operator_id"`
	Name     string     `db:"name"`
	TimeZone string     `db:"time_zone"` // the user's own, else the account's, else the operator's
}

const selectOperatorOfUser = `
SELECT o.operator_id, o.name, coalesce(u.time_zone, a.time_zone, o.time_zone) AS time_zone
FROM membership m
JOIN app_user u ON u.id = m.user_id
LEFT JOIN account a ON a.id = m.account_id
JOIN operator o ON o.operator_id = coalesce(m.operator_id, a.operator_id)
WHERE m.user_id = $1
ORDER BY m.ended_at IS NOT NULL, m.id
LIMIT 1`

// OperatorOfUser returns the operator at which the user has, or had, a role, in a transaction of
// InSystem; ErrNotFound if there is none.
func (t *Tx) OperatorOfUser(ctx context.Context, user UserID) (OperatorOfUser, error) {
	var o OperatorOfUser
	if err := t.get(ctx, &o, selectOperatorOfUser, int64(user)); err != nil {
		return o, fmt.Errorf("storage: operator of a user: %w", err)
	}
	return o, nil
}
