package storage

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// An InterchangeKey is what tells an interchange from another.
type InterchangeKey struct {
	Key        []byte // SHA-256 over ISA05–08 trimmed, ISA15 and ISA13
	Content    []byte // SHA-256 over ISA…IEA, line breaks outside segments removed
	ID         int64  // of the interchange that claims the key
	File       FileID
	ReceivedAt time.Time
	Since      time.Time // start of the partner's window for reused control numbers
}

// An InterchangeMatch says what is known under the same key. Both are 0 for a new interchange.
type InterchangeMatch struct {
	DuplicateOf     int64  // same key, same content: the first of them
	DuplicateFile   FileID // where that one is
	Reuses          int64  // same key, other content, within the window: the latest of them
	ReusesFile      FileID
	ReusesAt        time.Time
	DuplicateSeenAt time.Time
}

const insertInterchangeKey = `
INSERT INTO interchange_key (operator_id, key_hash, content_hash, interchange_id, file_id, received_at)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT DO NOTHING`

const selectInterchangeKey = `
SELECT interchange_id, file_id, received_at
FROM interchange_key
WHERE operator_id = $1 AND key_hash = $2 AND content_hash = $3`

// An interchange that broke off is no earlier use of its number: the whole one heals it.
const selectReusedKey = `
SELECT interchange_id, file_id, received_at
FROM interchange_key k
WHERE operator_id = $1 AND key_hash = $2 AND content_hash <> $3 AND received_at >= $4
	AND NOT EXISTS (SELECT 1 FROM interchange i WHERE i.operator_id = k.operator_id AND i.id = k.interchange_id AND NOT i.complete)
ORDER BY received_at DESC, interchange_id DESC
LIMIT 1`

type interchangeKeyRow struct {
	ID         int64     `db:"interchange_id"`
	File       FileID    `db:"file_id"`
	ReceivedAt time.Time `db:"received_at"`
}

// ClaimInterchange records the key of an interchange and returns what was there before, also from
// earlier in the same file. If another transaction is loading the same interchange it waits for it.
func (t *LoadTx) ClaimInterchange(ctx context.Context, k InterchangeKey) (InterchangeMatch, error) {
	var m InterchangeMatch
	n, err := t.exec(ctx, insertInterchangeKey, t.operator, k.Key, k.Content, k.ID, k.File, k.ReceivedAt)
	if err != nil {
		return m, fmt.Errorf("storage: interchange key: %w", err)
	}
	var row interchangeKeyRow
	if n == 0 {
		if err := t.get(ctx, &row, selectInterchangeKey, t.operator, k.Key, k.Content); err != nil {
			return m, fmt.Errorf("storage: interchange key: %w", err)
		}
		if row.ID != k.ID {
			m.DuplicateOf, m.DuplicateFile, m.DuplicateSeenAt = row.ID, row.File, row.ReceivedAt
		}
		return m, nil
	}
	switch err := t.get(ctx, &row, selectReusedKey, t.operator, k.Key, k.Content, k.Since); {
	case errors.Is(err, ErrNotFound):
	case err != nil:
		return m, fmt.Errorf("storage: interchange key: %w", err)
	default:
		m.Reuses, m.ReusesFile, m.ReusesAt = row.ID, row.File, row.ReceivedAt
	}
	return m, nil
}

// A PaymentMatch says whether a payment is known. DuplicateOf is 0 for a new one.
type PaymentMatch struct {
	DuplicateOf int64
	Kind        string // "duplicate" (same claims) or "conflict" (other claims); "" for a new one
}

const insertPaymentKey = `
INSERT INTO payment_key (operator_id, key_hash, payment_id, claims_hash, loaded_at)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT DO NOTHING`

const selectPaymentKey = `
SELECT payment_id, claims_hash = $3 AS same
FROM payment_key
WHERE operator_id = $1 AND key_hash = $2`

// ClaimPayment records the identity of a payment with a hash over its claims and returns the payment
// that already has this identity. If another transaction is loading the same payment it waits for it.
func (t *LoadTx) ClaimPayment(ctx context.Context, key, claims []byte, payment int64) (PaymentMatch, error) {
	n, err := t.exec(ctx, insertPaymentKey, t.operator, key, payment, claims, t.Now())
	if err != nil {
		return PaymentMatch{}, fmt.Errorf("storage: payment key: %w", err)
	}
	if n == 1 {
		return PaymentMatch{}, nil
	}
	var row struct {
		ID   int64 `db:"payment_id"`
		Same bool  `db:"same"`
	}
	if err := t.get(ctx, &row, selectPaymentKey, t.operator, key, claims); err != nil {
		return PaymentMatch{}, fmt.Errorf("storage: payment key: %w", err)
	}
	switch {
	case row.ID == payment:
		return PaymentMatch{}, nil
	case row.Same:
		return PaymentMatch{DuplicateOf: row.ID, Kind: "duplicate"}, nil
	}
	return PaymentMatch{DuplicateOf: row.ID, Kind: "conflict"}, nil
}
