package storage

import (
	"context"
	"fmt"
	"time"

	"github.com/lib/pq"
)

// PublicRole begins the public ids of roles that an organization made.
const PublicRole = "rol"

// A CustomRole is a role that an organization made for itself.
type CustomRole struct {
	OperatorID  OperatorID     `db:"operator_id"`
	ID          int64          `db:"id"`
	AccountID   AccountID      `db:"account_id"`  // 0: the operator's, for itself or all its accounts
	OfOperator  bool           `db:"of_operator"` // held for the operator, not for accounts
	Name        string         `db:"name"`
	Permissions pq.StringArray `db:"permissions"`
	CreatedAt   time.Time      `db:"created_at"`
	ChangedAt   time.Time      `db:"changed_at"`
	RetiredAt   *time.Time     `db:"retired_at"` // nil: in use
	People      int            `db:"people"`     // that have it
}

const (
	customRoleColumns = `r.operator_id, r.id, coalesce(r.account_id, 0) AS account_id, r.of_operator, r.name, r.permissions,
	r.created_at, r.changed_at, r.retired_at,
	(SELECT count(DISTINCT m.user_id) FROM membership m WHERE m.role = 'custom:' || r.id AND m.ended_at IS NULL) AS people`

	selectCustomRoles = `
SELECT r.operator_id, r.id, coalesce(r.account_id, 0) AS account_id, r.of_operator, r.name, r.permissions, r.created_at, r.changed_at, r.retired_at,
	0 AS people
FROM custom_role r
WHERE r.id = ANY ($1)`

	// The operator's own, and those of the accounts in question.
	selectCustomRolesOf = `
SELECT ` + customRoleColumns + `
FROM custom_role r
WHERE r.operator_id = $1 AND (r.account_id IS NULL OR r.account_id = ANY ($2::bigint[]) OR $3) AND r.retired_at IS NULL
ORDER BY r.of_operator DESC, lower(r.name), r.id
LIMIT 500`

	selectCustomRole = `
SELECT ` + customRoleColumns + `
FROM custom_role r
WHERE r.operator_id = $1 AND r.id = $2
FOR UPDATE OF r`

	insertCustomRole = `
INSERT INTO custom_role (operator_id, id, account_id, of_operator, name, permissions, created_at, created_by, changed_at)
VALUES ($1, $2, nullif($3::bigint, 0), $4, $5, $6, $7, nullif($8::bigint, 0), $7)`

	updateCustomRole = `
UPDATE custom_role SET name = $3, permissions = $4, changed_at = $5, retired_at = $6
WHERE operator_id = $1 AND id = $2`
)

// CustomRoles returns the roles with these ids, for those who have them; a retired one grants nothing any more.
func (s *SignIn) CustomRoles(ctx context.Context, ids []int64) (roles []CustomRole, err error) {
	err = s.db.InSystem(ctx, Actor{Kind: ActorSystem}, func(t *Tx) error {
		roles, err = t.CustomRoles(ctx, ids)
		return err
	})
	return roles, err
}

// CustomRoles is [SignIn.CustomRoles] in a transaction of InSystem.
func (t *Tx) CustomRoles(ctx context.Context, ids []int64) ([]CustomRole, error) {
	roles := []CustomRole{}
	if err := t.list(ctx, &roles, selectCustomRoles, pq.Array(ids)); err != nil {
		return nil, fmt.Errorf("storage: roles: %w", err)
	}
	return roles, nil
}

// CustomRolesOf returns the roles in use of an operator, for itself and all its accounts, and those that the named
// accounts made for themselves (with all: those of all its accounts). In a transaction of InSystem.
func (t *Tx) CustomRolesOf(ctx context.Context, operator OperatorID, accounts []AccountID, all bool) ([]CustomRole, error) {
	roles := []CustomRole{}
	if err := t.list(ctx, &roles, selectCustomRolesOf, int64(operator), Scope{Accounts: accounts}.accountArray(), all); err != nil {
		return nil, fmt.Errorf("storage: roles: %w", err)
	}
	return roles, nil
}

// LockCustomRole returns a role of the operator for changing it; ErrNotFound. In a transaction of InSystem.
func (t *Tx) LockCustomRole(ctx context.Context, operator OperatorID, id int64) (CustomRole, error) {
	var r CustomRole
	if err := t.get(ctx, &r, selectCustomRole, int64(operator), id); err != nil {
		return r, fmt.Errorf("storage: role: %w", err)
	}
	return r, nil
}

// AddCustomRole adds a role and returns its id; ErrConflict if its name is taken. In a transaction of InSystem.
func (t *Tx) AddCustomRole(ctx context.Context, r CustomRole) (int64, error) {
	id, err := t.NewID(ctx, "custom_role")
	if err != nil {
		return 0, fmt.Errorf("storage: role: %w", err)
	}
	_, err = t.exec(ctx, insertCustomRole, int64(r.OperatorID), id, int64(r.AccountID), r.OfOperator, r.Name, r.Permissions, r.CreatedAt, userOf(t.scope.Actor))
	if err != nil {
		return 0, fmt.Errorf("storage: role: %w", err)
	}
	return id, nil
}

// ChangeCustomRole writes a role's name, permissions and whether it is retired. In a transaction of InSystem.
func (t *Tx) ChangeCustomRole(ctx context.Context, r CustomRole) error {
	if err := t.execOne(ctx, updateCustomRole, int64(r.OperatorID), r.ID, r.Name, r.Permissions, r.ChangedAt, r.RetiredAt); err != nil {
		return fmt.Errorf("storage: role: %w", err)
	}
	return nil
}
