package api

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/storage"
)

// auditRoutes are those of the audit.
func (a *API) auditRoutes() []route {
	return []route{
		{"GET /api/v1/audit", need(accounts.ViewAudit), a.pages(a.listAudit)},
		{"GET /api/v1/audit/export", need(accounts.ExportAudit), a.exportAudit},
		{"POST /api/v1/audit/exports", need(accounts.ExportAudit), a.askForExport},
	}
}

// auditAnswer is an event of the audit.
type auditAnswer struct {
	ID            string            `json:"id"`
	At            time.Time         `json:"at"`
	Action        string            `json:"action"` // docs/audit.md lists all
	Result        string            `json:"result"` // ok, denied, failed
	Actor         auditActorAnswer  `json:"actor"`
	Object        auditObjectAnswer `json:"object"`
	Operator      string            `json:"operator"`       // null: of nobody known
	Account       string            `json:"account"`        // null: of no account
	Address       string            `json:"address"`        // null: not over a network
	CorrelationID string            `json:"correlation_id"` // incident number of the request
	Detail        json.RawMessage   `json:"detail"`
}

type auditActorAnswer struct {
	Kind  string `json:"kind"` // user, token, job, cli, system, anonymous
	ID    string `json:"id"`
	Login string `json:"login"` // user id; of a token its owner's
	Name  string `json:"name"`
}

type auditObjectAnswer struct {
	Kind  string `json:"kind"` // null: nothing in particular
	ID    string `json:"id"`
	Login string `json:"login"` // of a person
}

func auditOf(r accounts.AuditRecord) auditAnswer {
	return auditAnswer{
		ID: r.ID, At: r.At, Action: r.Action, Result: r.Result, Actor: auditActorAnswer(r.Actor), Object: auditObjectAnswer(r.Object),
		Operator: r.Operator, Account: r.Account, Address: r.Address, CorrelationID: r.CorrelationID, Detail: r.Detail,
	}
}

// listAudit answers with events, newest first.
func (a *API) listAudit(r *http.Request, q *params) (any, storage.Cursor, error) {
	f, page := a.auditFilter(q), q.page()
	if err := q.done(); err != nil {
		return nil, "", err
	}
	records, next, err := a.Accounts.ReadAudit(r.Context(), principalOf(r), scopeOf(r), f, page)
	return mapped(records, auditOf), next, err
}

func (a *API) auditFilter(q *params) storage.AuditFilter {
	f := storage.AuditFilter{
		Person: storage.UserID(q.id("user_id", storage.PublicUser)), Account: q.account(), Action: q.matching("action", accounts.KnowsAction, "is an action of the audit, or the beginning of some up to the dot"),
		Result: q.choice("result", "ok", "denied", "failed"), CorrelationID: strings.ToUpper(q.text("correlation_id")), Address: q.text("address"),
	}
	if at := q.instant("from"); !at.IsZero() {
		f.From = &at
	}
	if at := q.instant("to"); !at.IsZero() {
		f.To = &at
	}
	if object := q.text("object_id"); object != "" {
		if f.ObjectKind, f.ObjectID = a.Accounts.AuditObject(object); f.ObjectID == 0 {
			q.fields["object_id"] = "is not an id"
		}
	}
	return f
}
