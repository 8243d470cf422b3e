package storage

import (
	"context"
	"fmt"
	"time"
)

// takeFreedNames has one of those that shared a name with one that is called otherwise now hold it, so that no more come.
const takeFreedNames = `
UPDATE account SET name_shared = false
WHERE id IN (
	SELECT DISTINCT ON (lower(a.name)) a.id
	FROM account a
	WHERE a.operator_id = $1 AND a.name_shared AND a.closed_at IS NULL AND NOT EXISTS (
		SELECT FROM account o
		WHERE o.operator_id = a.operator_id AND lower(o.name) = lower(a.name) AND o.kind <> 'unrouted' AND o.closed_at IS NULL AND NOT o.name_shared)
	ORDER BY lower(a.name), a.created_at, a.id)`

// ChangeAccount changes what an account of the scope's operator is called, what kind it is and its time zone ("": the
// operator's); ErrNotFound.
func (t *Tx) ChangeAccount(ctx context.Context, id AccountID, kind, name, timeZone string) error {
	err := t.execOne(ctx, `
UPDATE account SET kind = $3, name = $4, time_zone = nullif($5, ''), name_shared = name_shared AND lower(name) = lower($4)
WHERE id = $1 AND operator_id = $2 AND kind <> 'unrouted' AND closed_at IS NULL`, id, t.scope.Operator, kind, name, timeZone)
	if err == nil {
		_, err = t.exec(ctx, takeFreedNames, t.scope.Operator)
	}
	if err != nil {
		return fmt.Errorf("storage: account: %w", err)
	}
	return nil
}

// AccountIsOpen returns nil if the operator in scope has such an account, open and not the one for what is unrouted;
// else ErrNotFound.
func (t *Tx) AccountIsOpen(ctx context.Context, id AccountID) error {
	var found AccountID
	err := t.get(ctx, &found, `SELECT id FROM account WHERE id = $1 AND operator_id = $2 AND kind <> 'unrouted' AND closed_at IS NULL`, id, t.scope.Operator)
	if err != nil {
		return fmt.Errorf("storage: account: %w", err)
	}
	return nil
}

// RetireIdentifier lets an identifier of the account route for the last time on a day; ErrNotFound.
func (t *Tx) RetireIdentifier(ctx context.Context, account AccountID, id int64, last time.Time) error {
	err := t.execOne(ctx, `
UPDATE account_identifier SET valid_to = $4::date
WHERE account_id = $1 AND id = $2 AND operator_id = $3`, account, id, t.scope.Operator, dayOf(&last))
	if err != nil {
		return fmt.Errorf("storage: identifier: %w", err)
	}
	return nil
}

// An IdentifierClash is an identifier that another open account has, too, on the same day: what it routes waits for a person.
type IdentifierClash struct {
	ID      int64  `db:"id"`      // of the account's identifier
	Account string `db:"account"` // name of the other
}

const selectClashes = `
SELECT i.id, a.name AS account
FROM account_identifier i
JOIN account_identifier o ON o.operator_id = i.operator_id AND o.kind = i.kind AND o.value = i.value AND o.account_id <> i.account_id
	AND (o.partner_id IS NULL OR i.partner_id IS NULL OR o.partner_id = i.partner_id)
	AND daterange(o.valid_from, o.valid_to, '[]') && daterange(i.valid_from, i.valid_to, '[]')
JOIN account a ON a.id = o.account_id AND a.closed_at IS NULL
WHERE i.account_id = $1 AND i.operator_id = $2
ORDER BY i.id, a.name`

// IdentifierClashes returns which identifiers of an account others of the scope's operator have, too.
func (t *Tx) IdentifierClashes(ctx context.Context, account AccountID) ([]IdentifierClash, error) {
	clashes := []IdentifierClash{}
	if err := t.list(ctx, &clashes, selectClashes, account, t.scope.Operator); err != nil {
		return nil, fmt.Errorf("storage: identifiers: %w", err)
	}
	return clashes, nil
}
