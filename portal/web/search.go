package web

import (
	"net/http"

	"github.com/ediport/ediport/portal/problem"
	"github.com/ediport/ediport/storage"
)

// A searchForm finds people's rows. It is sent by POST and answered at once, so that no name or number
// of a patient ever stands in a URL, a browser's history or a proxy's log.
type searchForm struct {
	Path   string // where the form goes
	Fields []filterField
	Given  bool   // something is searched for
	Next   string // cursor of the next page of what was found
}

// nameField tells how names are searched for; all search pages share it.
func (q *query) nameField() filterField {
	return q.field("name", "Patient’s name", "text")
}

// searchOf reads the search form of a POST. Its error says that nothing was asked for.
func (p *Portal) searchOf(r *http.Request, path string, fields func(*query) []filterField) (*query, searchForm, error) {
	values, err := formOf(r)
	if err != nil {
		return nil, searchForm{}, err
	}
	q := p.queryOf(r)
	q.values = values
	form := searchForm{Path: path, Fields: fields(q)}
	for _, f := range form.Fields {
		form.Given = form.Given || f.Value != ""
	}
	if !form.Given {
		q.wrong(form.Fields[0].Name, "Enter at least one of these.")
	}
	return q, form, nil
}

// emptySearch returns the form with nothing in it.
func (p *Portal) emptySearch(r *http.Request, path string, fields func(*query) []filterField) searchForm {
	q := p.queryOf(r)
	q.values = nil
	return searchForm{Path: path, Fields: fields(q)}
}

// page returns which page of what was found is asked for.
func (q *query) page() storage.Page { return storage.Page{Cursor: storage.Cursor(q.text("cursor"))} }

// onlyByPost answers a GET that would carry a patient's data in its URL.
func onlyByPost(r *http.Request, names ...string) error {
	for _, name := range names {
		if r.URL.Query().Has(name) {
			return problem.BadRequest.With("Patients are searched for by the form on this page, never by a link.")
		}
	}
	return nil
}
