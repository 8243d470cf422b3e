package storage

import (
	"context"
	"fmt"
	"time"
)

// The first person of an installation, in transactions of InSystem.

const (
	countAdministrators = `
SELECT count(*)
FROM membership m JOIN app_user u ON u.id = m.user_id
WHERE m.operator_id IS NOT NULL AND m.role IN ('owner', 'administrator') AND m.ended_at IS NULL AND u.state <> 'disabled'`

	changeOperator = `
UPDATE operator SET name = $2, time_zone = $3
WHERE operator_id = $1`
)

// Administrators returns how many people administer an operator of this installation.
func (t *Tx) Administrators(ctx context.Context) (int, error) {
	var n int
	if err := t.get(ctx, &n, countAdministrators); err != nil {
		return 0, fmt.Errorf("storage: administrators: %w", err)
	}
	return n, nil
}

// ChangeOperator gives an operator its name and time zone.
func (t *Tx) ChangeOperator(ctx context.Context, id OperatorID, name, timeZone string) error {
	if err := t.execOne(ctx, changeOperator, int64(id), name, timeZone); err != nil {
		return fmt.Errorf("storage: operator: %w", err)
	}
	return nil
}

// AddFirstUser adds an active user with a password and roles; the e-mail address counts as confirmed.
func (t *Tx) AddFirstUser(ctx context.Context, u NewUser, now time.Time) (UserID, error) {
	id, err := t.NewID(ctx, IDUser)
	if err != nil {
		return 0, fmt.Errorf("storage: first user: %w", err)
	}
	if _, err := t.exec(ctx, insertUser, id, u.Login, u.Email, now, u.Name, userOf(t.scope.Actor)); err != nil {
		return 0, fmt.Errorf("storage: first user: %w", err)
	}
	if err := t.setPassword(ctx, id, u.PasswordHash, u.MustChange, now); err != nil {
		return 0, fmt.Errorf("storage: first user: %w", err)
	}
	for _, m := range u.Memberships {
		if err := t.setMembership(ctx, id, m, now); err != nil {
			return 0, fmt.Errorf("storage: first user: %w", err)
		}
	}
	return UserID(id), nil
}
