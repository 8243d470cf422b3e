package web

import (
	"net/http"
	"strings"
	"time"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/storage"
)

var auditCrumbs = []Crumb{{"Audit", "/audit"}}

// An auditRow is an event in words.
type auditRow struct {
	accounts.AuditRecord
	What    string // sentence
	Who     string
	WhoPath string // of the person's activity; "": no person
	Whose   string // name of the account; "": of none
	Path    string // page of the object; "": it has none
	More    string // what the detail says, in words
}

// auditData is the page of the audit.
type auditData struct {
	listData
	Export bool // may take it out
	Report bool // may ask who saw a patient
}

// listAudit shows who did and saw what, newest first: all of the exchange, or what concerns the person's accounts.
func (p *Portal) listAudit(w http.ResponseWriter, r *http.Request) error {
	q := p.queryOf(r)
	f, err := p.auditFilter(r, q)
	if err != nil {
		return err
	}
	principal := principalOf(r)
	names, err := p.auditAccountNames(r)
	if err != nil {
		return err
	}
	data := auditData{Export: principal.Can(accounts.ExportAudit), Report: true}
	data.Filter, data.Filtered = auditFields(q), q.given("who", "action", "result", "from", "to", "incident", "about")
	if len(q.errors) == 0 {
		records, next, err := p.Accounts.ReadAudit(r.Context(), principal, scopeOf(r), f, storage.Page{Cursor: cursorOf(r)})
		if err != nil {
			return err
		}
		data.Rows, data.Pager = auditRows(principalOf(r), records, names), pager(r, next)
	}
	return p.render(w, r, "audit/list", Page{Title: "Audit", Data: data, Errors: q.errors, Status: q.status()})
}

// auditFields are the fields of the audit's filter.
func auditFields(q *query) []filterField {
	actions := []option{{"", "Everything"}}
	for _, group := range accounts.AuditGroups() {
		actions = append(actions, option{group.Prefix, group.Title})
	}
	return []filterField{
		q.field("who", "User ID", "text"),
		q.choices("action", "What", actions...),
		q.choices("result", "Result", option{"", "Any"}, option{"ok", "Done"}, option{"denied", "Denied"}, option{"failed", "Failed"}),
		q.field("from", "From", "date"), q.field("to", "Until", "date"),
		q.field("incident", "Incident number", "text"), q.field("about", "ID of a thing", "text"),
	}
}

// auditFilter reads the filter; a user id that nobody has, or an id of nothing, finds nothing.
func (p *Portal) auditFilter(r *http.Request, q *query) (storage.AuditFilter, error) {
	f := storage.AuditFilter{
		Result: q.choice("result", "ok", "denied", "failed"), CorrelationID: strings.ToUpper(q.text("incident")),
		From: instantOrNil(q.midnight("from", 0)), To: instantOrNil(q.midnight("to", 1)),
	}
	for _, group := range accounts.AuditGroups() {
		if group.Prefix == q.text("action") {
			f.Action = group.Prefix
		}
	}
	if about := q.text("about"); about != "" {
		if f.ObjectKind, f.ObjectID = p.Accounts.AuditObject(about); f.ObjectID == 0 {
			q.wrong("about", "Copy an id as it stands on a page or in an export, such as clm_….")
		}
	}
	if who := q.text("who"); who != "" {
		user, err := p.Accounts.AuditPerson(r.Context(), who)
		if err != nil {
			return f, err
		}
		f.Person = user
	}
	return f, nil
}

func instantOrNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// auditAccountNames returns the names of the accounts whose audit the person may read.
func (p *Portal) auditAccountNames(r *http.Request) (map[storage.AccountID]string, error) {
	all, err := p.Accounts.AuditAccounts(r.Context(), principalOf(r))
	if err != nil {
		return nil, err
	}
	names := map[storage.AccountID]string{}
	for _, a := range all {
		names[a.ID] = a.Name
	}
	return names, nil
}

// auditRows says events in words, for a reader.
func auditRows(reader *accounts.Principal, records []accounts.AuditRecord, names map[storage.AccountID]string) []auditRow {
	rows := make([]auditRow, len(records))
	for i, record := range records {
		row := auditRow{AuditRecord: record, What: accounts.AuditSentence(record.Action), Whose: names[record.Event.AccountID], More: auditMore(record)}
		row.Who, row.WhoPath = whoActed(record)
		row.Path = objectPath(reader, record)
		rows[i] = row
	}
	return rows
}

func whoActed(r accounts.AuditRecord) (who, path string) {
	switch r.Event.ActorKind {
	case storage.ActorUser:
		if r.Actor.Login == "" {
			return "somebody who is gone", ""
		}
		return r.Actor.Name + " (" + r.Actor.Login + ")", "/audit/people/" + r.Actor.ID
	case storage.ActorToken:
		return "token “" + r.Actor.Name + "” of " + r.Actor.Login, ""
	case storage.ActorCLI:
		return "command line", ""
	case storage.ActorAnonymous:
		return "nobody signed in", ""
	default:
		return "ediport itself", ""
	}
}

// An objectPage is where what events are about is shown, and the permission that opens it.
type objectPage struct {
	path string
	need accounts.Permission
}

// objectPages are the pages of what events are about, by its kind.
var objectPages = map[string]objectPage{
	"claim":         {"/claims/", accounts.ViewRemittances},
	"remittance":    {"/remittances/", accounts.ViewRemittances},
	"eligibility":   {"/eligibility/", accounts.ViewEligibility},
	"claim_status":  {"/claim-status/", accounts.ViewClaimStatus},
	"authorization": {"/authorizations/", accounts.ViewAuthorizations},
	"file":          {"/files/", accounts.ViewFiles},
	"set":           {"/sets/", accounts.ViewFiles},

	"acknowledgment": {"/acknowledgments/", accounts.ViewFiles},
	"connection":     {"/connections/", accounts.ViewConnections},
	"schedule":       {"/schedules/", accounts.ViewSchedules},
	"run":            {"/runs/", accounts.ViewSchedules},
	"incident":       {"/incidents/", accounts.ViewConnections},
	"calendar":       {"/calendars/", accounts.ViewSchedules},
	"user":           {"/audit/people/", accounts.ViewAudit},
	"account":        {"/organizations/", accounts.ViewAccounts},
}

// objectPath returns the page of what the event is about, "" where there is none that the reader may open.
func objectPath(reader *accounts.Principal, r accounts.AuditRecord) string {
	kind, original := strings.CutPrefix(r.Object.Kind, "original.")
	page, known := objectPages[kind]
	if r.Object.ID == "" || !known || !opens(reader, page.need, r.Event.AccountID) {
		return ""
	}
	if original {
		return page.path + r.Object.ID + "/x12"
	}
	return page.path + r.Object.ID
}

// opens says whether a permission shows a row of the account; 0 is a row of the exchange.
func opens(reader *accounts.Principal, permission accounts.Permission, account storage.AccountID) bool {
	if account == 0 || permission.Exchange() {
		return reader.Can(permission)
	}
	return reader.CanAt(permission, account)
}

// auditMore returns the parts of the detail that help at a glance.
func auditMore(r accounts.AuditRecord) string {
	return strings.Join(accounts.AuditWords(r), " · ")
}

// objectText says what kind of thing an event is about.
func objectText(kind string) string {
	if kind == "user" {
		return "person"
	}
	if of, original := strings.CutPrefix(kind, "original."); original {
		return "original of " + objectText(of)
	}
	return strings.ReplaceAll(kind, "_", " ")
}
