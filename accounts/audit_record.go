package accounts

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/ediport/ediport/storage"
)

// An AuditRecord is an event as people and programs read it: pages, API, command line and exports share it. The
// format is documented in docs/audit.md.
type AuditRecord struct {
	ID            string          `json:"id"`
	At            time.Time       `json:"at"` // UTC
	Action        string          `json:"action"`
	Result        string          `json:"result"` // ok, denied, failed
	Actor         AuditActor      `json:"actor"`
	Object        AuditObject     `json:"object"`
	Operator      string          `json:"operator"`       // "": of nobody known
	Account       string          `json:"account"`        // "": of no account
	Address       string          `json:"address"`        // "": not over a network
	CorrelationID string          `json:"correlation_id"` // "": none
	Detail        json.RawMessage `json:"detail"`

	Event storage.AuditItem `json:"-"`
}

// An AuditActor is who acted.
type AuditActor struct {
	Kind  string `json:"kind"`
	ID    string `json:"id"`    // "": has none
	Login string `json:"login"` // user id, of a token that of its owner; "": nobody's
	Name  string `json:"name"`  // of the person or token
}

// An AuditObject is what was acted on.
type AuditObject struct {
	Kind  string `json:"kind"` // "": nothing in particular
	ID    string `json:"id"`
	Login string `json:"login,omitempty"` // user id, of a person
}

// AuditRecords returns the events that match, newest first, within the scope, which must be that of ViewAudit.
func (s *Service) AuditRecords(ctx context.Context, scope storage.Scope, f storage.AuditFilter, page storage.Page) ([]AuditRecord, storage.Cursor, error) {
	events, next, err := s.db.AuditEvents(ctx, scope, f, page)
	if err != nil {
		return nil, "", fmt.Errorf("accounts: %w", err)
	}
	records, err := s.recordsOf(ctx, events)
	return records, next, err
}

func (s *Service) recordsOf(ctx context.Context, events []storage.AuditItem) ([]AuditRecord, error) {
	actors, err := s.db.AuditActors(ctx, events)
	if err != nil {
		return nil, fmt.Errorf("accounts: %w", err)
	}
	ids, records := s.db.PublicIDs(), make([]AuditRecord, len(events))
	for i, e := range events {
		actor := actors[e.ActorKind][e.ActorID]
		records[i] = AuditRecord{
			ID: ids.Format(storage.PublicAudit, e.ID), At: e.At.UTC(), Action: e.Action, Result: e.Result,
			Actor:    AuditActor{string(e.ActorKind), ids.Format(actorKinds[e.ActorKind], e.ActorID), actor.Login, actor.Name},
			Object:   AuditObject{Kind: e.ObjectKind, ID: ids.Format(publicKindOf(e.ObjectKind), e.ObjectID)},
			Operator: ids.Format(storage.PublicOperator, int64(e.OperatorID)), Account: ids.Format(storage.PublicAccount, int64(e.AccountID)),
			Address: e.Address, CorrelationID: e.CorrelationID, Detail: publicDetail(ids, e), Event: e,
		}
		if e.ObjectKind == "user" {
			records[i].Object.Login = actors[storage.ActorUser][e.ObjectID].Login
		}
	}
	return records, nil
}

// auditKinds are the public kinds of what the audit names, by the kind that it calls them.
var auditKinds = map[string]string{
	"user": storage.PublicUser, "token": storage.PublicToken, "session": storage.PublicSession, "membership": storage.PublicMembership,
	"operator": storage.PublicOperator, "account": storage.PublicAccount, "partner": storage.PublicPartner, "connection": storage.PublicConnection,
	"schedule": storage.PublicSchedule, "calendar": storage.PublicCalendar, "run": storage.PublicRun, "file": storage.PublicFile,
	"job": storage.PublicJob, "incident": storage.PublicIncident, "routing_unit": storage.PublicUnit, "unit": storage.PublicUnit, "set": storage.PublicSet,
	"identifier": storage.PublicIdentifier, "practice": storage.PublicPractice,
	"remittance": storage.PublicPayment, "claim": storage.PublicClaim, "eligibility": storage.PublicEligibility,
	"claim_status": storage.PublicStatus, "authorization": storage.PublicAuthorization, "approval": storage.PublicApproval,
	"acknowledgment": storage.PublicAcknowledgment,
}

// actorKinds are the public kinds of who acts; a job acts for its run.
var actorKinds = map[storage.ActorKind]string{
	storage.ActorUser: storage.PublicUser, storage.ActorToken: storage.PublicToken, storage.ActorJob: storage.PublicRun,
	storage.ActorCLI: "obj", storage.ActorSystem: "obj", storage.ActorAnonymous: "obj",
}

// publicKindOf returns the public kind of an object, or of what its original is of; what has no page is an "obj".
func publicKindOf(kind string) string {
	if public := auditKinds[strings.TrimPrefix(kind, "original.")]; public != "" {
		return public
	}
	return "obj"
}

// listKinds are the kinds of the rows of lists, by the lists' names.
var listKinds = map[string]string{
	"claims": "claim", "claims of remittance": "claim", "eligibility": "eligibility", "claim statuses": "claim_status", "authorizations": "authorization",
}

// publicDetail returns an event's detail with opaque ids in place of those of rows. Any that it doesn't know stays out.
func publicDetail(ids *storage.PublicIDs, e storage.AuditItem) json.RawMessage {
	var fields map[string]any
	d := json.NewDecoder(bytes.NewReader([]byte(e.Detail)))
	d.UseNumber()
	if d.Decode(&fields) != nil {
		return json.RawMessage("{}")
	}
	for key, value := range fields {
		kind := detailKind(e, key)
		if kind == "" {
			continue
		}
		if fields[key] = publicValue(ids, kind, value); fields[key] == nil {
			delete(fields, key)
		}
	}
	text, err := json.Marshal(fields)
	if err != nil {
		return json.RawMessage("{}") // can't be: it was JSON before
	}
	return text
}

// detailKind returns what kind of thing the field of an event's detail names; "" if it is no id.
func detailKind(e storage.AuditItem, key string) string {
	switch {
	case key == "ids":
		var list struct {
			List string `json:"list"`
		}
		_ = json.Unmarshal([]byte(e.Detail), &list) // it was read before
		return publicKindOf(listKinds[list.List])
	case e.Action == "unit.rerouted" && (key == "from" || key == "to"):
		return storage.PublicAccount
	case key == "id" || strings.HasSuffix(key, "_id"):
		return publicKindOf(strings.TrimSuffix(key, "_id"))
	}
	return ""
}

func publicValue(ids *storage.PublicIDs, kind string, value any) any {
	switch v := value.(type) {
	case json.Number:
		if id, err := v.Int64(); err == nil {
			return ids.Format(kind, id)
		}
	case []any:
		out := make([]any, 0, len(v))
		for _, one := range v {
			if public := publicValue(ids, kind, one); public != nil {
				out = append(out, public)
			}
		}
		return out
	case string:
		return v // it was made for people
	}
	return nil
}
