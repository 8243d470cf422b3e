package web

import (
	"net/http"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/storage"
)

// activityDays is how far the report of a person's activity looks back if no day is given.
const activityDays = 30

// activityData is the report of what one person did.
type activityData struct {
	listData
	Person accounts.AuditedPerson
	Counts []activityRow
	Export bool
}

type activityRow struct {
	storage.Activity
	What string
}

// showActivity shows what a person did and what was done to him, with counts.
func (p *Portal) showActivity(w http.ResponseWriter, r *http.Request) error {
	id, err := p.pathID(r, storage.PublicUser)
	if err != nil {
		return err
	}
	q := p.queryOf(r)
	from, to := q.midnight("from", 0), q.midnight("to", 1)
	if to.IsZero() {
		to = p.Now().AddDate(0, 0, 1) // events bear the database's time, which may be a little ahead
	}
	if from.IsZero() {
		from = to.AddDate(0, 0, -activityDays-1)
	}
	data := activityData{Export: principalOf(r).Can(accounts.ExportAudit)}
	data.Filter, data.Filtered = []filterField{q.field("from", "From", "date"), q.field("to", "Until", "date")}, q.given("from", "to")
	if data.Person, err = p.Accounts.AuditedPerson(r.Context(), principalOf(r), storage.UserID(id)); err != nil {
		return err
	}
	counts, err := p.DB.ActivityOf(r.Context(), scopeOf(r), storage.UserID(id), from, to)
	if err != nil {
		return err
	}
	for _, c := range counts {
		data.Counts = append(data.Counts, activityRow{c, accounts.AuditSentence(c.Action)})
	}
	f := storage.AuditFilter{Person: storage.UserID(id), From: &from, To: &to}
	records, next, err := p.Accounts.ReadAudit(r.Context(), principalOf(r), scopeOf(r), f, storage.Page{Cursor: cursorOf(r)})
	if err != nil {
		return err
	}
	names, err := p.auditAccountNames(r)
	if err != nil {
		return err
	}
	data.Rows, data.Pager = auditRows(principalOf(r), records, names), pager(r, next)
	return p.render(w, r, "audit/person", Page{Title: "Activity of " + data.Person.Name, Crumbs: auditCrumbs, Data: data, Errors: q.errors, Status: q.status()})
}
