package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/ediport/ediport/storage"
)

// A query reads what a list's filter form sent. What can't be read counts as not given and is named in
// its errors.
type query struct {
	portal *Portal
	values url.Values
	zone   *time.Location
	errors FieldErrors
}

// queryOf reads the filter from the URL.
func (p *Portal) queryOf(r *http.Request) *query {
	return &query{portal: p, values: r.URL.Query(), zone: principalOf(r).Zone()}
}

func (q *query) wrong(name, sentence string) {
	if q.errors == nil {
		q.errors = FieldErrors{}
	}
	q.errors[name] = sentence
}

func (q *query) text(name string) string { return strings.TrimSpace(q.values.Get(name)) }

// day reads a calendar day.
func (q *query) day(name string) storage.Day {
	d := storage.Day(q.text(name))
	if d != "" && !d.Valid() {
		q.wrong(name, "Enter a day as year-month-day, such as 2026-01-31.")
		return ""
	}
	return d
}

// midnight reads a calendar day and returns its beginning in the person's zone, so many days later.
func (q *query) midnight(name string, later int) time.Time {
	d := q.day(name)
	if d == "" {
		return time.Time{}
	}
	t, err := time.ParseInLocation(time.DateOnly, string(d), q.zone)
	if err != nil {
		return time.Time{}
	}
	return time.Date(t.Year(), t.Month(), t.Day()+later, 0, 0, 0, 0, q.zone)
}

// choice reads one of the values allowed.
func (q *query) choice(name string, allowed ...string) string {
	v := q.text(name)
	if v == "" || slices.Contains(allowed, v) {
		return v
	}
	q.wrong(name, notOffered)
	return ""
}

// notOffered is said of a choice that a form doesn't have: it came by an address that was typed or copied in part.
const notOffered = "Choose one of the list: there is nothing else to choose."

// yes reads a choice of yes, no or, nil, either.
func (q *query) yes(name string) *bool {
	switch q.text(name) {
	case "yes":
		return new(true)
	case "no":
		return new(false)
	case "":
	default:
		q.wrong(name, notOffered)
	}
	return nil
}

// id reads a public id; one that is broken or of another kind finds nothing, as one that isn't there.
func (q *query) id(name, kind string) int64 {
	text := q.text(name)
	if text == "" {
		return 0
	}
	id, err := q.portal.DB.PublicIDs().Parse(kind, text)
	if err != nil {
		return -1
	}
	return id
}

// given tells whether any of the fields has a value.
func (q *query) given(names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return q.text(name) != "" })
}

// status returns 422 if something can't be read.
func (q *query) status() int {
	if len(q.errors) > 0 {
		return http.StatusUnprocessableEntity
	}
	return http.StatusOK
}

// An option is a choice of a drop-down.
type option struct{ Value, Label string }

// A filterField is a field of a list's filter form.
type filterField struct {
	Name, Label, Type string
	Value             string
	Options           []option // for a choice
}

// field returns a field of the form with what was sent.
func (q *query) field(name, label, kind string) filterField {
	return filterField{Name: name, Label: label, Type: kind, Value: q.text(name)}
}

// choices returns a drop-down with what was sent, which is wrong if it is none of the options. The first option stands for all.
func (q *query) choices(name, label string, options ...option) filterField {
	if sent := q.text(name); !slices.ContainsFunc(options, func(o option) bool { return o.Value == sent }) {
		q.wrong(name, notOffered)
	}
	return q.pick(name, label, options...)
}

// pick is choices where what was sent may be none of the options: an id, say, of a thing that isn't there any more, or that is
// somebody else's. It finds nothing.
func (q *query) pick(name, label string, options ...option) filterField {
	return filterField{Name: name, Label: label, Value: q.text(name), Options: options}
}

// accountChoice returns a drop-down of the person's accounts; false if there is nothing to choose.
func (q *query) accountChoice(r *http.Request) (filterField, bool) {
	principal := principalOf(r)
	if principal.Narrowed != 0 || len(principal.Accounts) < 2 {
		return filterField{}, false
	}
	options := []option{{"", "All accounts"}}
	for _, a := range principal.Accounts {
		options = append(options, option{q.portal.id(storage.PublicAccount, int64(a.ID)), a.Name})
	}
	return q.pick("account", "Account", options...), true
}

// A listData is the page of a list: its filter form and its rows.
type listData struct {
	Filter   []filterField
	Filtered bool // something is filtered
	Rows     any
	Pager    Pager
	Several  bool // rows may be of several accounts
	Search   searchForm
}

// usageChoice is production unless something else is asked for.
func (q *query) usageChoice() filterField {
	return q.pick("usage", "Usage", option{"", "Production"}, option{"T", "Test"}, option{"*", "All"})
}

func (q *query) usage() string { return q.choice("usage", "P", "T", "I", "*") }

// several tells whether rows may be of several accounts, so that each names its own.
func several(r *http.Request) bool {
	principal := principalOf(r)
	return len(principal.Operators) > 0 || (len(principal.Accounts) > 1 && principal.Narrowed == 0)
}
