package storage

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/lib/pq"
)

// An Identifier is one identifier of an account.
type Identifier struct {
	Account   AccountID  `db:"account_id"`
	Kind      string     `db:"kind"` // npi, tin, submitter, payer_assigned
	Value     string     `db:"value"`
	Partner   PartnerID  `db:"partner_id"` // 0: whoever the partner is
	ValidFrom *time.Time `db:"valid_from"` // nil: since ever
	ValidTo   *time.Time `db:"valid_to"`   // nil: for ever; the day itself is valid
}

// A RoutingRule sends what a partner addresses to GS03 or ISA08 to an account.
type RoutingRule struct {
	Partner       PartnerID `db:"partner_id"`     // 0: any
	GroupReceiver string    `db:"group_receiver"` // GS03, "": not compared
	Receiver      string    `db:"receiver"`       // ISA08, "": not compared
	Account       AccountID `db:"account_id"`
}

// A Partner is a trading partner with the policies that loading needs.
type Partner struct {
	ID                  PartnerID `db:"id"`
	Name                string    `db:"name"`
	TimeZone            string    `db:"time_zone"`
	Usage               string    `db:"usage"`          // P or T
	RequestPolicy       string    `db:"request_policy"` // receive, strict
	AnswerPolicy        string    `db:"answer_policy"`
	ReusePolicy         string    `db:"reuse_policy"` // allow, warn, hold, reject
	ReuseWindowDays     int       `db:"reuse_window_days"`
	AcknowledgeRequests bool      `db:"acknowledge_requests"`
	AcknowledgeAnswers  bool      `db:"acknowledge_answers"`

	AcknowledgmentPolicy string `db:"acknowledgment_policy"` // JSON of edi/ack; "": the usual ones
	Rules                string `db:"rules"`                 // JSON of edi/guide; "": none
}

// A PartnerIdentity is an ISA or GS identity of one side of a partnership.
type PartnerIdentity struct {
	Partner    PartnerID `db:"partner_id"`
	Side       string    `db:"side"`      // theirs, ours
	Qualifier  string    `db:"qualifier"` // "": not compared
	Identifier string    `db:"identifier"`
	GroupCode  string    `db:"group_code"` // "": not compared
}

// A Routing is what loading a file needs to know about an operator; read once for each file.
type Routing struct {
	Unrouted    AccountID // where rows wait that belong to nobody yet
	TimeZone    string    // the operator's
	Identifiers []Identifier
	Rules       []RoutingRule
	Partners    []Partner
	Identities  []PartnerIdentity
}

const selectIdentifiers = `
SELECT i.account_id, i.kind, i.value, coalesce(i.partner_id, 0) AS partner_id, i.valid_from, i.valid_to
FROM account_identifier i
JOIN account a ON a.id = i.account_id
WHERE i.operator_id = $1 AND a.closed_at IS NULL
ORDER BY i.kind, i.value, i.account_id`

const selectRules = `
SELECT coalesce(r.partner_id, 0) AS partner_id, coalesce(r.group_receiver, '') AS group_receiver, coalesce(r.receiver, '') AS receiver, r.account_id
FROM routing_rule r
JOIN account a ON a.id = r.account_id
WHERE r.operator_id = $1 AND a.closed_at IS NULL
ORDER BY r.id`

const selectPartners = `
SELECT id, name, time_zone, usage, request_policy, answer_policy, reuse_policy, reuse_window_days, acknowledge_requests, acknowledge_answers,
	coalesce(acknowledgment_policy::text, '') AS acknowledgment_policy, coalesce(rules::text, '') AS rules
FROM partner
WHERE operator_id = $1 AND closed_at IS NULL
ORDER BY id`

const selectIdentities = `
SELECT i.partner_id, i.side, coalesce(i.qualifier, '') AS qualifier, i.identifier, coalesce(i.group_code, '') AS group_code
FROM partner_identity i
JOIN partner p ON p.operator_id = i.operator_id AND p.id = i.partner_id
WHERE i.operator_id = $1 AND p.closed_at IS NULL
ORDER BY i.partner_id, i.id`

// Routing reads what decides whose rows a file brings, and by which policies.
func (t *LoadTx) Routing(ctx context.Context) (Routing, error) {
	var r Routing
	var op struct {
		Unrouted AccountID `db:"unrouted_account_id"`
		TimeZone string    `db:"time_zone"`
	}
	if err := t.get(ctx, &op, `SELECT unrouted_account_id, time_zone FROM operator WHERE operator_id = $1`, t.operator); err != nil {
		return r, fmt.Errorf("storage: routing: operator: %w", err)
	}
	r.Unrouted, r.TimeZone = op.Unrouted, op.TimeZone
	for _, q := range []struct {
		dest  any
		query string
	}{{&r.Identifiers, selectIdentifiers}, {&r.Rules, selectRules}, {&r.Partners, selectPartners}, {&r.Identities, selectIdentities}} {
		if err := t.list(ctx, q.dest, q.query, t.operator); err != nil {
			return r, fmt.Errorf("storage: routing: %w", err)
		}
	}
	return r, nil
}

// An InquiryRef is a question of ours that an answer names.
type InquiryRef struct {
	Account    AccountID `db:"account_id"`
	ID         int64     `db:"id"`
	Trace      string    `db:"trace_number"`
	Originator string    `db:"trace_originator"`
	Usage      string    `db:"usage"`
}

const selectInquiriesByTrace = `
SELECT i.account_id, i.id, i.trace_number, coalesce(i.trace_originator, '') AS trace_originator, i.usage
FROM account a
JOIN inquiry i ON i.account_id = a.id AND i.trace_number = ANY ($3)
WHERE a.operator_id = $1 AND i.direction = 'out' AND i.kind = $2`

// InquiriesByTrace returns the questions of ours of a kind (270, 276, 278) with these trace numbers.
// Ask for a few thousand at a time.
func (t *LoadTx) InquiriesByTrace(ctx context.Context, kind string, traces []string) ([]InquiryRef, error) {
	var refs []InquiryRef
	known := make([]string, 0, len(traces))
	for _, trace := range traces {
		if keepable(trace) == trace { // what we sent is
			known = append(known, trace)
		}
	}
	if err := t.list(ctx, &refs, selectInquiriesByTrace, t.operator, kind, pq.Array(known)); err != nil {
		return nil, fmt.Errorf("storage: inquiries by trace: %w", err)
	}
	return refs, nil
}

// A PayerIdentifier is one id a payer is known by.
type PayerIdentifier struct {
	Kind    string    `db:"kind"` // PI, XV, N104, 2U, TRN03, FI, XX
	Value   string    `db:"value"`
	Partner PartnerID `db:"partner_id"` // 0: any partner
	Payer   PayerID   `db:"payer_id"`
}

// Payers returns all ids of the operator's payers.
func (t *LoadTx) Payers(ctx context.Context) ([]PayerIdentifier, error) {
	var ids []PayerIdentifier
	err := t.list(ctx, &ids, `SELECT kind, value, partner_id, payer_id FROM payer_identifier WHERE operator_id = $1`, t.operator)
	if err != nil {
		return nil, fmt.Errorf("storage: payers: %w", err)
	}
	return ids, nil
}

const selectPayerByIdentifier = `
SELECT payer_id
FROM payer_identifier
WHERE operator_id = $1 AND kind = $2 AND value = $3 AND partner_id IN (0, $4)
ORDER BY partner_id DESC
LIMIT 1`

const insertPayerIdentifier = `
INSERT INTO payer_identifier (operator_id, kind, value, partner_id, payer_id)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT DO NOTHING`

// EnsurePayer returns the payer that has one of the ids, the first that is known, and teaches it the
// others; a payer nobody knows is added under the name. Call it in a short transaction of its own
// before the load: an id that another transaction is adding is waited for.
func (t *LoadTx) EnsurePayer(ctx context.Context, name string, ids []PayerIdentifier) (PayerID, error) {
	ids = slices.Clone(ids)
	for i := range ids {
		ids[i].Value = keepable(ids[i].Value)
	}
	name = keepable(name)
	var payer PayerID
	for _, id := range ids {
		err := t.get(ctx, &payer, selectPayerByIdentifier, t.operator, id.Kind, id.Value, id.Partner)
		if err == nil {
			break
		}
		if !isNotFound(err) {
			return 0, fmt.Errorf("storage: payer: %w", err)
		}
	}
	if payer == 0 {
		added, err := t.addPayer(ctx, name, ids)
		if err != nil || added != 0 {
			return added, err
		}
		return t.EnsurePayer(ctx, name, ids) // somebody else was first
	}
	for _, id := range ids {
		if _, err := t.exec(ctx, insertPayerIdentifier, t.operator, id.Kind, id.Value, id.Partner, payer); err != nil {
			return 0, fmt.Errorf("storage: payer: %w", err)
		}
	}
	return payer, nil
}

// addPayer adds a payer if its first id is still free, else returns 0.
func (t *LoadTx) addPayer(ctx context.Context, name string, ids []PayerIdentifier) (PayerID, error) {
	if len(ids) == 0 {
		return 0, fmt.Errorf("storage: payer: %w", ErrNotFound)
	}
	payer, err := t.NewID(ctx, IDPayer)
	if err != nil {
		return 0, fmt.Errorf("storage: payer: %w", err)
	}
	for i, id := range ids {
		n, err := t.exec(ctx, insertPayerIdentifier, t.operator, id.Kind, id.Value, id.Partner, payer)
		if err != nil {
			return 0, fmt.Errorf("storage: payer: %w", err)
		}
		if n == 0 && i == 0 {
			return 0, nil
		}
	}
	_, err = t.exec(ctx, `INSERT INTO payer (operator_id, id, name) VALUES ($1, $2, $3)`, t.operator, payer, strings.TrimSpace(name))
	if err != nil {
		return 0, fmt.Errorf("storage: payer: %w", err)
	}
	return PayerID(payer), nil
}

// keepable returns text as the loader writes it: what is not UTF-8 is read as Latin-1, and what Postgres can't keep becomes U+FFFD.
func keepable(s string) string {
	if utf8.ValidString(s) && !strings.ContainsRune(s, 0) {
		return s
	}
	var b []byte
	for i := 0; i < len(s); {
		if n := validRune(s[i:]); n > 0 && s[i] != 0 {
			b = append(b, s[i:i+n]...)
			i += n
			continue
		}
		b = appendCopyByte(b, s[i])
		i++
	}
	return string(b)
}
