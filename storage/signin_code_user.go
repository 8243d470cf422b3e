package storage

import (
	"context"
	"fmt"
	"time"
)

// A RecoveryUser is who asks to get in again, with what was proved.
type RecoveryUser struct {
	MailRecipient
	LockedForGood bool `db:"locked_for_good"` // until an administrator unlocks
	Accounts      int  `db:"accounts"`        // at how many he has a role
	Operators     int  `db:"operators"`       //
	Identifier    bool `db:"identifier"`      // the NPI or provider id is that of one of the accounts
	TaxID         bool `db:"tax_id"`          // the tax id is
}

const (
	// identifierOfUser: one of the accounts of u has an identifier of the kinds with the value, today.
	identifierOfUser = `EXISTS (SELECT 1 FROM membership m JOIN account_identifier i ON i.account_id = m.account_id
		WHERE m.user_id = u.id AND m.ended_at IS NULL AND coalesce(i.valid_from <= $5::date, true) AND coalesce(i.valid_to >= $5::date, true)
			AND i.kind `

	selectRecoveryUser = `
SELECT u.id, u.login, u.name, u.state, coalesce(u.email, '') AS email,
	CASE WHEN u.email_key IS NOT NULL THEN coalesce(u.email, '') ELSE '' END AS confirmed,
	coalesce(u.locked_until = 'infinity', false) AS locked_for_good,
	(SELECT count(*) FROM membership m WHERE m.user_id = u.id AND m.ended_at IS NULL AND m.account_id IS NOT NULL) AS accounts,
	(SELECT count(*) FROM membership m WHERE m.user_id = u.id AND m.ended_at IS NULL AND m.operator_id IS NOT NULL) AS operators,
	` + identifierOfUser + `IN ('npi', 'payer_assigned') AND i.value = $3) AS identifier,
	` + identifierOfUser + `= 'tin' AND i.value = $4) AS tax_id
FROM app_user u
WHERE u.login = $1 OR u.email_key = $2
ORDER BY u.login = $1 DESC
LIMIT 1`
)

// RecoveryUser returns the user with that user id, or else with that confirmed e-mail address, and
// whether the identifiers are those of one of his accounts on the day, in a transaction of InSystem; ErrNotFound if there is none.
func (t *Tx) RecoveryUser(ctx context.Context, login, emailKey, identifier, taxID string, day time.Time) (RecoveryUser, error) {
	var u RecoveryUser
	if err := t.get(ctx, &u, selectRecoveryUser, login, emailKey, identifier, taxID, *dayOf(&day)); err != nil {
		return u, fmt.Errorf("storage: recovery: %w", err)
	}
	return u, nil
}

// ReplacePassword gives a user a password that he chose, in place of the one he had, and ends all
// sessions but the one to keep (0: none, and no API token either), in a transaction of InSignIn or InSystem.
func (t *Tx) ReplacePassword(ctx context.Context, user UserID, hash string, keep int64, now time.Time) error {
	if err := t.setPassword(ctx, int64(user), hash, false, now); err != nil {
		return fmt.Errorf("storage: password: %w", err)
	}
	if _, err := t.exec(ctx, endSessions, int64(user), keep, now, "password_changed"); err != nil {
		return fmt.Errorf("storage: sessions: %w", err)
	}
	if keep != 0 {
		return nil
	}
	if _, err := t.exec(ctx, revokeTokens, int64(user), now); err != nil { // a thief may have made some
		return fmt.Errorf("storage: tokens: %w", err)
	}
	return nil
}

const revokeTokens = `
UPDATE api_token SET revoked_at = $2
WHERE user_id = $1 AND revoked_at IS NULL`

const (
	insertInvited = `
INSERT INTO app_user (id, login, email, name, state, created_at, created_by)
VALUES ($1, $2, $3, $4, 'invited', $5, nullif($6::bigint, 0))`

	selectAddressTaken = `
SELECT count(*)
FROM app_user
WHERE email_key = lower($1) AND id <> $2`

	activateUser = `
UPDATE app_user SET state = 'active', email_key = lower(email), email_confirmed_at = $2, contact_confirmed_at = $2
WHERE id = $1 AND state = 'invited'`

	setUserState = `
UPDATE app_user SET state = $3
WHERE id = $1 AND state = $2`

	confirmAddress = `
UPDATE app_user SET email = $2, email_key = lower($2), email_confirmed_at = $3, contact_confirmed_at = $3
WHERE id = $1`

	changeAddress = `
UPDATE app_user SET email = nullif($2, ''), email_key = NULL, email_confirmed_at = NULL, contact_confirmed_at = NULL
WHERE id = $1`

	confirmContact = `
UPDATE app_user SET contact_confirmed_at = $2
WHERE id = $1`

	askContactLater = `
UPDATE app_user SET contact_asked_at = $2
WHERE id = $1`

	setPhone = `
UPDATE app_user SET phone = nullif($2, '')
WHERE id = $1`
)

// AddInvited adds a user who is invited: without a password, and with an address that is not
// confirmed yet. The error is ErrConflict if the user id is taken.
func (t *Tx) AddInvited(ctx context.Context, u NewUser, now time.Time) (UserID, error) {
	id, err := t.NewID(ctx, IDUser)
	if err != nil {
		return 0, fmt.Errorf("storage: invited user: %w", err)
	}
	if _, err := t.exec(ctx, insertInvited, id, u.Login, u.Email, u.Name, now, userOf(t.scope.Actor)); err != nil {
		return 0, fmt.Errorf("storage: invited user: %w", err)
	}
	for _, m := range u.Memberships {
		if err := t.setMembership(ctx, id, m, now); err != nil {
			return 0, fmt.Errorf("storage: invited user: %w", err)
		}
	}
	return UserID(id), nil
}

// AddressTaken tells whether another user's confirmed address is that one.
func (t *Tx) AddressTaken(ctx context.Context, address string, user UserID) (bool, error) {
	var n int
	if err := t.get(ctx, &n, selectAddressTaken, address, int64(user)); err != nil {
		return false, fmt.Errorf("storage: address: %w", err)
	}
	return n > 0, nil
}

// ActivateUser makes an invited user active, with his address confirmed. The error is ErrNotFound if
// he is not invited, ErrConflict if somebody else's confirmed address is the same.
func (t *Tx) ActivateUser(ctx context.Context, user UserID, now time.Time) error {
	return t.changeUser(ctx, activateUser, int64(user), now)
}

// ChangeUserState makes a user who is in one state (invited, active, disabled) be in another; ErrNotFound if he isn't.
func (t *Tx) ChangeUserState(ctx context.Context, user UserID, from, to string) error {
	return t.changeUser(ctx, setUserState, int64(user), from, to)
}

// ConfirmAddress gives a user an address at which a code has reached him. The error is ErrConflict if
// somebody else's confirmed address is the same.
func (t *Tx) ConfirmAddress(ctx context.Context, user UserID, address string, now time.Time) error {
	return t.changeUser(ctx, confirmAddress, int64(user), address, now)
}

// ChangeAddress gives a user an address that nothing has confirmed yet.
func (t *Tx) ChangeAddress(ctx context.Context, user UserID, address string) error {
	return t.changeUser(ctx, changeAddress, int64(user), address)
}

// ConfirmContact notes that a user said that address and phone are still right.
func (t *Tx) ConfirmContact(ctx context.Context, user UserID, now time.Time) error {
	return t.changeUser(ctx, confirmContact, int64(user), now)
}

// AskContactLater notes that a user wants to be asked later.
func (t *Tx) AskContactLater(ctx context.Context, user UserID, now time.Time) error {
	return t.changeUser(ctx, askContactLater, int64(user), now)
}

// SetPhone gives a user a phone number for people to call; "" for none.
func (t *Tx) SetPhone(ctx context.Context, user UserID, phone string) error {
	return t.changeUser(ctx, setPhone, int64(user), phone)
}

func (t *Tx) changeUser(ctx context.Context, query string, args ...any) error {
	if err := t.execOne(ctx, query, args...); err != nil {
		return fmt.Errorf("storage: user: %w", err)
	}
	return nil
}

// A Contact is how a person is reached.
type Contact struct {
	MailRecipient
	Phone            string     `db:"phone"`
	EmailConfirmedAt *time.Time `db:"email_confirmed_at"`   // nil: not confirmed
	ConfirmedAt      *time.Time `db:"contact_confirmed_at"` // when the person last said that all is right; nil: never
}

const contactColumns = `id, login, name, state, coalesce(email, '') AS email,
	CASE WHEN email_key IS NOT NULL THEN coalesce(email, '') ELSE '' END AS confirmed,
	coalesce(phone, '') AS phone, email_confirmed_at, contact_confirmed_at`

const selectContact = `
SELECT ` + contactColumns + `
FROM app_user
WHERE id = $1`

// Contact returns how a user is reached; ErrNotFound if there is no such user.
func (t *Tx) Contact(ctx context.Context, user UserID) (Contact, error) {
	var c Contact
	if err := t.get(ctx, &c, selectContact, int64(user)); err != nil {
		return c, fmt.Errorf("storage: contact: %w", err)
	}
	return c, nil
}
