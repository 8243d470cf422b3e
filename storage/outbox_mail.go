package storage

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/ediport/ediport/storage/keys"
)

// A Mail is a letter to one person. What it says is made from its template and values when it is
// sent; address and values stand in the outbox sealed, because a code may be among them.
type Mail struct {
	User     UserID            // whose account it is about; 0: nobody's who is known
	Address  string            // to whom; "": to nobody: the row is written, and cancelled, at the same cost
	Template string            // one of package notify
	Values   map[string]string // never patient data
	Expires  time.Time         // nobody wants it afterwards; zero: it stays of use
}

// A Letter is what a Mail holds sealed.
type Letter struct {
	Address string            `json:"address"`
	Values  map[string]string `json:"values,omitempty"`
}

const insertMail = `
INSERT INTO outbox (operator_id, id, kind, topic, payload, state, due_at, created_at, user_id, address, sealed, expires_at)
VALUES ($1, $2, 'mail', $3, '{}'::jsonb, $4, now(), $5, nullif($6::bigint, 0), $7, $8, $9)`

// SendMail puts a mail into the outbox, in a transaction of any kind: it leaves with the act's commit.
func (t *Tx) SendMail(ctx context.Context, ring *keys.Ring, m Mail) error {
	id, err := t.NewID(ctx, IDOutbox)
	if err != nil {
		return fmt.Errorf("storage: mail: %w", err)
	}
	plain, err := json.Marshal(Letter{m.Address, m.Values})
	if err != nil {
		return fmt.Errorf("storage: mail: %w", err)
	}
	sealed, err := ring.Seal(keys.Secrets, plain, letterPlace(id))
	if err != nil {
		return fmt.Errorf("storage: mail: %w", err)
	}
	state := "waiting"
	if m.Address == "" {
		state, sealed = NoticeCancelled, nil
	}
	var expires *time.Time
	if !m.Expires.IsZero() {
		expires = &m.Expires
	}
	_, err = t.exec(ctx, insertMail, t.scope.Operator, id, m.Template, state, t.Now(), int64(m.User), MaskAddress(m.Address), sealed, expires)
	if err != nil {
		return fmt.Errorf("storage: mail: %w", err)
	}
	return nil
}

// letterPlace binds what is sealed to its row.
func letterPlace(id int64) []byte { return []byte("outbox/" + strconv.FormatInt(id, 10)) }

// Letter opens what a mail of the outbox holds; ErrNotFound if it holds nothing, or not any more.
func (n Notice) Letter(ring *keys.Ring) (Letter, error) { return openLetter(ring, n.ID, n.Sealed) }

func openLetter(ring *keys.Ring, id int64, sealed []byte) (Letter, error) {
	var l Letter
	if len(sealed) == 0 {
		return l, ErrNotFound
	}
	plain, err := ring.Open(keys.Secrets, sealed, letterPlace(id))
	if err != nil {
		return l, fmt.Errorf("storage: mail: %w", err)
	}
	if err := json.Unmarshal(plain, &l); err != nil {
		return l, fmt.Errorf("storage: mail: %w", err)
	}
	return l, nil
}

// MaskAddress returns an e-mail address of which only the first letter and the domain are to be
// read: "m•••@example.org".
func MaskAddress(address string) string {
	local, domain, ok := strings.Cut(address, "@")
	if !ok || local == "" {
		return ""
	}
	return string([]rune(local)[0]) + "•••@" + domain
}

// A SentMail is a mail to a person as administrators see it.
type SentMail struct {
	ID        int64      `db:"id"`
	Template  string     `db:"topic"`
	Address   string     `db:"address"` // masked
	State     string     `db:"state"`   // waiting, sent, failed, cancelled
	Attempts  int        `db:"attempts"`
	CreatedAt time.Time  `db:"created_at"`
	DueAt     time.Time  `db:"due_at"`  // of the next attempt, while it waits
	SentAt    *time.Time `db:"sent_at"` // nil: not sent
	Code      string     `db:"error_code"`
}

const sentMailColumns = `id, topic, coalesce(address, '') AS address, state, attempts, created_at, due_at, sent_at, coalesce(error_code, '') AS error_code`

const selectMailOf = `
SELECT ` + sentMailColumns + `
FROM outbox
WHERE user_id = $1
ORDER BY id DESC
LIMIT $2`

// MailOf returns the latest mails to a person, newest first, in a transaction of InSystem.
func (t *Tx) MailOf(ctx context.Context, user UserID, limit int) ([]SentMail, error) {
	all := []SentMail{}
	if err := t.list(ctx, &all, selectMailOf, int64(user), limit); err != nil {
		return nil, fmt.Errorf("storage: mail: %w", err)
	}
	return all, nil
}

// A KeptMail is a mail whose text is still there.
type KeptMail struct {
	SentMail
	User   UserID `db:"user_id"` // to whom; 0: nobody who is known
	Sealed []byte `db:"sealed"`
}

// Letter opens the mail.
func (m KeptMail) Letter(ring *keys.Ring) (Letter, error) { return openLetter(ring, m.ID, m.Sealed) }

const (
	selectKeptMails = `
SELECT ` + sentMailColumns + `, coalesce(user_id, 0) AS user_id, sealed
FROM outbox
WHERE kind = 'mail' AND sealed IS NOT NULL
ORDER BY id DESC
LIMIT $1`

	selectKeptMail = `
SELECT ` + sentMailColumns + `, coalesce(user_id, 0) AS user_id, sealed
FROM outbox
WHERE kind = 'mail' AND sealed IS NOT NULL AND id = $1`
)

// KeptMails returns the latest mails whose text is still there, newest first, in a transaction of
// InSystem. It is for a demo, which has no mail server.
func (t *Tx) KeptMails(ctx context.Context, limit int) ([]KeptMail, error) {
	all := []KeptMail{}
	if err := t.list(ctx, &all, selectKeptMails, limit); err != nil {
		return nil, fmt.Errorf("storage: mail: %w", err)
	}
	return all, nil
}

// KeptMail returns one of KeptMails; ErrNotFound if there is none.
func (t *Tx) KeptMail(ctx context.Context, id int64) (KeptMail, error) {
	var m KeptMail
	if err := t.get(ctx, &m, selectKeptMail, id); err != nil {
		return m, fmt.Errorf("storage: mail: %w", err)
	}
	return m, nil
}
