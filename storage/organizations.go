package storage

import (
	"context"
	"fmt"
	"time"
)

// NewOperator adds an operator with its unrouted account, in a transaction of InSystem.
func (t *Tx) NewOperator(ctx context.Context, name, timeZone string) (OperatorID, AccountID, error) {
	id, err := t.NewID(ctx, IDOperator)
	if err != nil {
		return 0, 0, fmt.Errorf("storage: operator: %w", err)
	}
	unrouted, err := t.NewAccount(ctx, OperatorID(id), "unrouted", "Unrouted")
	if err != nil {
		return 0, 0, err
	}
	if timeZone == "" {
		timeZone = "America/New_York"
	}
	_, err = t.exec(ctx, `INSERT INTO operator (operator_id, name, unrouted_account_id, time_zone) VALUES ($1, $2, $3, $4)`, id, name, unrouted, timeZone)
	if err != nil {
		return 0, 0, fmt.Errorf("storage: operator: %w", err)
	}
	return OperatorID(id), unrouted, nil
}

// NewAccount adds an account of a kind (practice, billing_service, clearinghouse) to an operator.
func (t *Tx) NewAccount(ctx context.Context, operator OperatorID, kind, name string) (AccountID, error) {
	id, err := t.NewID(ctx, IDAccount)
	if err != nil {
		return 0, fmt.Errorf("storage: account: %w", err)
	}
	if _, err := t.exec(ctx, `INSERT INTO account (id, operator_id, kind, name) VALUES ($1, $2, $3, $4)`, id, operator, kind, name); err != nil {
		return 0, fmt.Errorf("storage: account: %w", err)
	}
	return AccountID(id), nil
}

const insertIdentifier = `
INSERT INTO account_identifier (account_id, id, operator_id, kind, value, partner_id, valid_from, valid_to)
VALUES ($1, $2, $3, $4, $5, nullif($6::bigint, 0), $7::date, $8::date)`

// AddIdentifier gives an account an identifier that routes answers to it.
func (t *Tx) AddIdentifier(ctx context.Context, operator OperatorID, i Identifier) error {
	id, err := t.NewID(ctx, IDIdentifier)
	if err != nil {
		return fmt.Errorf("storage: identifier: %w", err)
	}
	_, err = t.exec(ctx, insertIdentifier, i.Account, id, operator, i.Kind, i.Value, i.Partner, dayOf(i.ValidFrom), dayOf(i.ValidTo))
	if err != nil {
		return fmt.Errorf("storage: identifier: %w", err)
	}
	return nil
}

// dayOf is a date parameter: text, so that no zone can shift it.
func dayOf(day *time.Time) *string {
	if day == nil {
		return nil
	}
	s := day.Format(time.DateOnly)
	return &s
}

// NewPartner adds a trading partner with the defaults of its policies.
func (t *Tx) NewPartner(ctx context.Context, operator OperatorID, name string) (PartnerID, error) {
	id, err := t.NewID(ctx, IDPartner)
	if err != nil {
		return 0, fmt.Errorf("storage: partner: %w", err)
	}
	if _, err := t.exec(ctx, `INSERT INTO partner (operator_id, id, name) VALUES ($1, $2, $3)`, operator, id, name); err != nil {
		return 0, fmt.Errorf("storage: partner: %w", err)
	}
	return PartnerID(id), nil
}

const insertIdentity = `
INSERT INTO partner_identity (operator_id, partner_id, id, side, qualifier, identifier, group_code)
VALUES ($1, $2, $3, $4, nullif($5, ''), $6, nullif($7, ''))`

// AddPartnerIdentity gives a partner an ISA or GS identity of its own or of ours.
func (t *Tx) AddPartnerIdentity(ctx context.Context, operator OperatorID, i PartnerIdentity) error {
	id, err := t.NewID(ctx, "partner_identity")
	if err != nil {
		return fmt.Errorf("storage: partner identity: %w", err)
	}
	if _, err := t.exec(ctx, insertIdentity, operator, i.Partner, id, i.Side, i.Qualifier, i.Identifier, i.GroupCode); err != nil {
		return fmt.Errorf("storage: partner identity: %w", err)
	}
	return nil
}
