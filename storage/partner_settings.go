package storage

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// PartnerSettings are a trading partner as people edit it. AcknowledgmentPolicy and Rules are documents of edi/ack and
// edi/guide; here they are only kept.
type PartnerSettings struct {
	Operator             OperatorID      `db:"operator_id"`
	ID                   PartnerID       `db:"id"`
	Name                 string          `db:"name"`
	TimeZone             string          `db:"time_zone"`
	Usage                string          `db:"usage"`          // P or T: what is exchanged
	RequestPolicy        string          `db:"request_policy"` // receive, strict
	AnswerPolicy         string          `db:"answer_policy"`
	ReusePolicy          string          `db:"reuse_policy"` // allow, warn, hold, reject
	ReuseWindowDays      int             `db:"reuse_window_days"`
	AcknowledgeRequests  bool            `db:"acknowledge_requests"`
	AcknowledgeAnswers   bool            `db:"acknowledge_answers"`
	SetsPerInterchange   int             `db:"sets_per_interchange"`
	PatientsPerSet       int             `db:"patients_per_set"`
	AcknowledgmentPolicy json.RawMessage `db:"acknowledgment_policy"` // nil: strict for requests, tolerant for answers
	Rules                json.RawMessage `db:"rules"`                 // nil: the guides alone
	CreatedAt            time.Time       `db:"created_at"`
	ClosedAt             *time.Time      `db:"closed_at"` // nil: active
}

const (
	selectPartner = `
SELECT operator_id, id, name, time_zone, usage, request_policy, answer_policy, reuse_policy, reuse_window_days, acknowledge_requests,
	acknowledge_answers, sets_per_interchange, patients_per_set, coalesce(acknowledgment_policy, 'null') AS acknowledgment_policy,
	coalesce(rules, 'null') AS rules, created_at, closed_at
FROM partner
WHERE operator_id = $1 AND id = $2`

	insertPartner = `
INSERT INTO partner (operator_id, id, name, time_zone, usage, request_policy, answer_policy, reuse_policy, reuse_window_days,
	acknowledge_requests, acknowledge_answers, sets_per_interchange, patients_per_set, acknowledgment_policy, rules)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14::jsonb, $15::jsonb)`

	updatePartner = `
UPDATE partner SET name = $3, time_zone = $4, usage = $5, request_policy = $6, answer_policy = $7, reuse_policy = $8, reuse_window_days = $9,
	acknowledge_requests = $10, acknowledge_answers = $11, sets_per_interchange = $12, patients_per_set = $13,
	acknowledgment_policy = $14::jsonb, rules = $15::jsonb
WHERE operator_id = $1 AND id = $2`
)

func (p *PartnerSettings) values() []any {
	return []any{
		p.Operator, p.ID, p.Name, p.TimeZone, p.Usage, p.RequestPolicy, p.AnswerPolicy, p.ReusePolicy, p.ReuseWindowDays,
		p.AcknowledgeRequests, p.AcknowledgeAnswers, p.SetsPerInterchange, p.PatientsPerSet, documentOrNil(p.AcknowledgmentPolicy), documentOrNil(p.Rules),
	}
}

// documentOrNil returns JSON as the driver wants it; nothing is NULL.
func documentOrNil(raw json.RawMessage) *string {
	if isNothing(raw) {
		return nil
	}
	s := string(raw)
	return &s
}

func isNothing(raw json.RawMessage) bool { return len(raw) == 0 || string(raw) == "null" }

// PartnerSettings returns one partner of the scope's operator; ErrNotFound.
func (t *Tx) PartnerSettings(ctx context.Context, id PartnerID) (*PartnerSettings, error) {
	p := &PartnerSettings{}
	if err := t.get(ctx, p, selectPartner, t.scope.Operator, id); err != nil {
		return nil, fmt.Errorf("storage: partner: %w", err)
	}
	for _, document := range []*json.RawMessage{&p.AcknowledgmentPolicy, &p.Rules} {
		if isNothing(*document) {
			*document = nil
		}
	}
	return p, nil
}

// AddPartner adds a partner of the scope's operator and gives it its id. A name that is taken is ErrConflict.
func (t *Tx) AddPartner(ctx context.Context, p *PartnerSettings) error {
	id, err := t.NewID(ctx, IDPartner)
	if err != nil {
		return fmt.Errorf("storage: partner: %w", err)
	}
	p.Operator, p.ID = t.scope.Operator, PartnerID(id)
	if _, err := t.exec(ctx, insertPartner, p.values()...); err != nil {
		return fmt.Errorf("storage: partner: %w", err)
	}
	return nil
}

// ChangePartner writes p over the partner of its id; ErrNotFound, and ErrConflict for a name that is taken.
func (t *Tx) ChangePartner(ctx context.Context, p *PartnerSettings) error {
	p.Operator = t.scope.Operator
	if err := t.execOne(ctx, updatePartner, p.values()...); err != nil {
		return fmt.Errorf("storage: partner: %w", err)
	}
	return nil
}
