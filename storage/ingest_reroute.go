package storage

import (
	"context"
	"fmt"
)

// Children first, then what names their unit: $1 is the account that has the rows, $2 the one that gets
// them, $3 the unit. Row ids are unique without the account, so every link stays.
var rerouteStatements = []string{
	`UPDATE open_reversal SET account_id = $2 WHERE account_id = $1 AND reversal_claim_id IN (` + claimsOfUnit + `)`,
	`UPDATE adjustment SET account_id = $2 WHERE account_id = $1 AND claim_id IN (` + claimsOfUnit + `)`,
	`UPDATE service_line SET account_id = $2 WHERE account_id = $1 AND claim_id IN (` + claimsOfUnit + `)`,
	`UPDATE claim_payment SET account_id = $2 WHERE account_id = $1 AND id IN (` + claimsOfUnit + `)`,
	`UPDATE provider_adjustment SET account_id = $2 WHERE account_id = $1 AND payment_id IN (SELECT id FROM payment WHERE account_id = $1 AND unit_id = $3)`,
	`UPDATE payment SET account_id = $2 WHERE account_id = $1 AND unit_id = $3`,
	`UPDATE benefit_detail SET account_id = $2 WHERE account_id = $1 AND answer_id IN (` + answersOfUnit + `)`,
	`UPDATE benefit_service_type SET account_id = $2 WHERE account_id = $1 AND answer_id IN (` + answersOfUnit + `)`,
	`UPDATE benefit SET account_id = $2 WHERE account_id = $1 AND answer_id IN (` + answersOfUnit + `)`,
	`UPDATE eligibility_rejection SET account_id = $2 WHERE account_id = $1 AND unit_id = $3`,
	`UPDATE eligibility_answer SET account_id = $2 WHERE account_id = $1 AND unit_id = $3`,
	`UPDATE claim_status_line SET account_id = $2 WHERE account_id = $1 AND answer_id IN (SELECT id FROM claim_status_answer WHERE account_id = $1 AND unit_id = $3)`,
	`UPDATE claim_status SET account_id = $2 WHERE account_id = $1 AND unit_id = $3`,
	`UPDATE claim_status_answer SET account_id = $2 WHERE account_id = $1 AND unit_id = $3`,
	`UPDATE authorization_service SET account_id = $2 WHERE account_id = $1 AND event_id IN (SELECT id FROM authorization_event WHERE account_id = $1 AND unit_id = $3)`,
	`UPDATE authorization_decision SET account_id = $2 WHERE account_id = $1 AND unit_id = $3`,
	`UPDATE authorization_event SET account_id = $2 WHERE account_id = $1 AND unit_id = $3`,
	`UPDATE inquiry SET account_id = $2 WHERE account_id = $1 AND unit_id = $3`,
	`UPDATE person_mention SET account_id = $2 WHERE account_id = $1 AND unit_id = $3`,
}

// The claims of a payment stand between its first and last id.
const claimsOfUnit = `SELECT c.id FROM payment p JOIN claim_payment c
	ON c.account_id = p.account_id AND c.id BETWEEN p.first_claim_id AND p.last_claim_id AND c.payment_id = p.id
	WHERE p.account_id = $1 AND p.unit_id = $3`

const answersOfUnit = `SELECT id FROM eligibility_answer WHERE account_id = $1 AND unit_id = $3`

const lockUnit = `
SELECT u.account_id, u.set_id, s.file_id, s.interchange_id, s.group_id
FROM routing_unit u
JOIN transaction_set s ON s.operator_id = u.operator_id AND s.id = u.set_id
WHERE u.operator_id = $1 AND u.id = $2
FOR UPDATE OF u`

const rerouteUnit = `
UPDATE routing_unit
SET account_id = $3, routed_by = 'person', candidates = NULL
WHERE operator_id = $1 AND id = $2`

const rerouteFindings = `
UPDATE finding
SET account_id = $3
WHERE operator_id = $1 AND set_id = $4 AND unit_id = $2`

const tellAccountOfSet = `
INSERT INTO transaction_set_account (account_id, set_id, operator_id, file_id, interchange_id, group_id)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT DO NOTHING`

const forgetSet = `
DELETE FROM transaction_set_account a
WHERE a.account_id = $1 AND a.set_id = $2
	AND NOT EXISTS (SELECT 1 FROM routing_unit u WHERE u.operator_id = $3 AND u.set_id = $2 AND u.account_id = $1)`

// Reroute gives a routing unit with all its rows to another account of the operator, and appends an
// audit event that names both sides. It returns the payments that moved, for [LoadTx.LinkPayments].
// A unit that is there already is no error; an unknown unit or account is ErrNotFound.
func (t *LoadTx) Reroute(ctx context.Context, unit int64, to AccountID) ([]LoadedPayment, error) {
	var u struct {
		Account     AccountID `db:"account_id"`
		Set         int64     `db:"set_id"`
		File        FileID    `db:"file_id"`
		Interchange int64     `db:"interchange_id"`
		Group       int64     `db:"group_id"`
	}
	if err := t.get(ctx, &u, lockUnit, t.operator, unit); err != nil {
		return nil, fmt.Errorf("storage: reroute: %w", err)
	}
	var target AccountID
	if err := t.get(ctx, &target, `SELECT id FROM account WHERE operator_id = $1 AND id = $2`, t.operator, to); err != nil {
		return nil, fmt.Errorf("storage: reroute: account: %w", err)
	}
	if u.Account == to {
		return nil, nil
	}
	for _, statement := range rerouteStatements {
		if _, err := t.exec(ctx, statement, u.Account, to, unit); err != nil {
			return nil, fmt.Errorf("storage: reroute: %w", err)
		}
	}
	for _, s := range []struct {
		query string
		args  []any
	}{
		{rerouteUnit, []any{t.operator, unit, to}},
		{rerouteFindings, []any{t.operator, unit, to, u.Set}},
		{tellAccountOfSet, []any{to, u.Set, t.operator, u.File, u.Interchange, u.Group}},
		{forgetSet, []any{u.Account, u.Set, t.operator}},
	} {
		if _, err := t.exec(ctx, s.query, s.args...); err != nil {
			return nil, fmt.Errorf("storage: reroute: %w", err)
		}
	}
	var ids []int64
	if err := t.list(ctx, &ids, `SELECT id FROM payment WHERE account_id = $1 AND unit_id = $2`, to, unit); err != nil {
		return nil, fmt.Errorf("storage: reroute: %w", err)
	}
	moved := make([]LoadedPayment, len(ids))
	for i, id := range ids {
		moved[i] = LoadedPayment{Account: to, ID: id}
	}
	return moved, t.Audit(ctx, AuditEvent{
		Action: "unit.rerouted", Account: to, ObjectKind: "routing_unit", ObjectID: unit,
		Detail: map[string]any{"from": u.Account, "to": to},
	})
}
