package web

import (
	"net/http"

	"github.com/ediport/ediport/storage"
)

var statusCrumbs = []Crumb{{"Claim status", "/claim-status"}}

var statusCategories = []option{
	{"", "All"},
	{"A", "Acknowledged (A)"},
	{"P", "Pending (P)"},
	{"F", "Finalized (F)"},
	{"F1", "Paid (F1)"},
	{"F2", "Denied (F2)"},
	{"R", "More information needed (R)"},
	{"D", "Not found or data errors (D)"},
	{"E", "Payer’s system errors (E)"},
}

func statusSearchFields(q *query) []filterField {
	return append(answerSearchFields(q), q.field("control", "Patient control number", "text"))
}

// listStatuses shows what payers say of claims, newest first.
func (p *Portal) listStatuses(w http.ResponseWriter, r *http.Request) error {
	if err := onlyByPost(r, "name", "member", "control"); err != nil {
		return err
	}
	q := p.queryOf(r)
	f, data := q.answerFilter(), p.answerList(r, q, "/claim-status", statusCategories, statusSearchFields)
	if len(q.errors) == 0 {
		rows, next, err := p.DB.ClaimStatuses(r.Context(), scopeOf(r), f, storage.Page{Cursor: cursorOf(r)})
		if err != nil {
			return err
		}
		data.Rows, data.Pager = rows, pager(r, next)
	}
	return p.render(w, r, "claimstatus/list", Page{Title: "Claim status", Data: data, Errors: q.errors, Status: q.status()})
}

// searchStatuses finds claim statuses by person or number.
func (p *Portal) searchStatuses(w http.ResponseWriter, r *http.Request) error {
	q, form, err := p.searchOf(r, "/claim-status", statusSearchFields)
	if err != nil {
		return err
	}
	data := listData{Search: form, Several: several(r)}
	if len(q.errors) == 0 {
		f := q.searchFilter()
		f.PatientControlNumber = q.text("control")
		rows, next, err := p.DB.ClaimStatuses(r.Context(), scopeOf(r), f, q.page())
		if err != nil {
			return err
		}
		data.Rows, data.Search.Next = rows, string(next)
	}
	return p.render(w, r, "claimstatus/list", Page{Title: "Claim status", Data: data, Errors: q.errors, Status: q.status()})
}

// statusData is the page of a claim's status.
type statusData struct {
	storage.ClaimStatusDetail
	PersonName string
	Facts      []fact
}

// showStatus shows a claim's statuses at every level.
func (p *Portal) showStatus(w http.ResponseWriter, r *http.Request) error {
	id, err := p.pathID(r, storage.PublicStatus)
	if err != nil {
		return err
	}
	d, err := p.DB.ClaimStatusDetail(r.Context(), scopeOf(r), id)
	if err != nil {
		return err
	}
	data := statusData{ClaimStatusDetail: d, PersonName: personName(d.LastName, d.FirstName), Facts: factsOf(d.Extra)}
	return p.render(w, r, "claimstatus/show", Page{Title: "Claim status", Crumbs: statusCrumbs, Data: data})
}

// statusTone is the colour of a status category: its letter says how far the claim is.
func statusTone(category string) string {
	if category == "" {
		return "idle"
	}
	switch category {
	case "F1", "F3", "A2", "A1":
		return "ok"
	case "F2", "A3", "A6", "A7", "A8":
		return "bad"
	}
	switch category[0] {
	case 'P', 'A':
		return "info"
	case 'F':
		return "ok"
	case 'R', 'D', 'E':
		return "warn"
	}
	return "idle"
}
