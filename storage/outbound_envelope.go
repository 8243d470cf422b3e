package storage

import (
	"context"
	"fmt"
	"time"
)

// An OutboundEnvelope is an interchange (Group 0) or a functional group of an outbound file: what a TA1 or a 999 of its
// receiver names.
type OutboundEnvelope struct {
	Interchange       int    `db:"interchange_no"`     // in the file, from 1
	Group             int    `db:"group_no"`           // in the interchange, from 1; 0: the interchange itself
	SenderQualifier   string `db:"sender_qualifier"`   // ISA05
	SenderID          string `db:"sender_id"`          // ISA06
	ReceiverQualifier string `db:"receiver_qualifier"` // ISA07
	ReceiverID        string `db:"receiver_id"`        // ISA08
	Usage             string `db:"usage"`              // ISA15
	Date              string `db:"date_sent"`          // ISA09
	Time              string `db:"time_sent"`          // ISA10
	ControlNumber     int64  `db:"control_number"`     // ISA13, or GS06
	FunctionalID      string `db:"functional_id"`      // GS01; "" of the interchange
	Version           string `db:"version"`            // GS08; "" of the interchange
	Sets              int    `db:"sets"`               // in the group
	SetCode           string `db:"set_codes"`          // ST01 of its first set

	Acknowledgment   string     `db:"acknowledgment"`                 // the worst that was said: none, A, E, P, R, unclear
	AcknowledgmentID int64      `db:"acknowledgment_id" public:"ack"` // of the received one that said it; 0: nothing did
	AcknowledgedAt   *time.Time `db:"acknowledged_at"`
}

const insertEnvelope = `
INSERT INTO outbound_envelope (operator_id, file_id, interchange_no, group_no, partner_id, sender_qualifier, sender_id, receiver_qualifier, receiver_id,
	usage, date_sent, time_sent, control_number, functional_id, version, sets, set_codes)
VALUES ($1, $2, $3, $4, nullif($5::bigint, 0), $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`

func (t *LoadTx) addEnvelope(ctx context.Context, file FileID, partner PartnerID, e *OutboundEnvelope) error {
	_, err := t.exec(ctx, insertEnvelope, t.operator, file, e.Interchange, e.Group, partner, e.SenderQualifier, e.SenderID, e.ReceiverQualifier, e.ReceiverID,
		e.Usage, e.Date, e.Time, e.ControlNumber, e.FunctionalID, e.Version, e.Sets, e.SetCode)
	if err != nil {
		return fmt.Errorf("storage: outbound envelope: %w", err)
	}
	return nil
}

// OutboundEnvelopes returns the interchanges and groups of an outbound file in its order.
func (t *Tx) OutboundEnvelopes(ctx context.Context, file FileID) ([]OutboundEnvelope, error) {
	all := []OutboundEnvelope{}
	err := t.list(ctx, &all, `
SELECT interchange_no, group_no, sender_qualifier, sender_id, receiver_qualifier, receiver_id, usage, date_sent, time_sent, control_number,
	functional_id, version, sets, set_codes, acknowledgment, coalesce(acknowledgment_id, 0) AS acknowledgment_id, acknowledged_at
FROM outbound_envelope
WHERE operator_id = $1 AND file_id = $2
ORDER BY interchange_no, group_no`, t.scope.Operator, file)
	if err != nil {
		return nil, fmt.Errorf("storage: outbound envelopes: %w", err)
	}
	return all, nil
}
