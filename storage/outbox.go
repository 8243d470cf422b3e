package storage

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// The kinds of messages.
const (
	MessageMail    = "mail"
	MessageWebhook = "webhook"
)

// A Message is a mail or webhook to send, committed with the act that wants it. Its payload names
// things by id; it never holds patient data.
type Message struct {
	Kind    string // "mail" or "webhook"
	Topic   string // "signin.code", "run.failed"
	Payload any
	At      time.Time // zero: now
}

const insertOutbox = `
INSERT INTO outbox (operator_id, id, kind, topic, payload, due_at)
VALUES ($1, $2, $3, $4, $5::jsonb, $6)`

// Send puts a message into the outbox of the scope's operator (0: the installation's own).
func (t *Tx) Send(ctx context.Context, m Message) error {
	return t.send(ctx, t.scope.Operator, m)
}

func (t *Tx) send(ctx context.Context, operator OperatorID, m Message) error {
	payload, err := json.Marshal(m.Payload)
	if err != nil {
		return fmt.Errorf("storage: payload of %s: %w", m.Topic, err)
	}
	id, err := t.NewID(ctx, IDOutbox)
	if err != nil {
		return fmt.Errorf("storage: outbox: %w", err)
	}
	if m.At.IsZero() {
		m.At = t.Now()
	}
	_, err = t.exec(ctx, insertOutbox, operator, id, m.Kind, m.Topic, string(payload), m.At)
	if err != nil {
		return fmt.Errorf("storage: outbox: %w", err)
	}
	return nil
}
