package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ediport/ediport/portal/problem"
	"github.com/ediport/ediport/storage"
)

// params are what a request asks for: the query of a GET, the JSON object of a POST. Each is read by
// its name; what can't be understood, and what nobody reads, becomes a problem that names it.
type params struct {
	ids    *storage.PublicIDs
	values map[string]string
	query  bool // from a URL, in which nothing of patients may stand
	fields map[string]string
}

// maxParam is how long a parameter may be.
const maxParam = 1000

func (a *API) paramsOf(r *http.Request) (*params, error) {
	if r.Method != http.MethodPost {
		return a.queryOf(r)
	}
	q := &params{ids: a.DB.PublicIDs(), values: map[string]string{}, fields: map[string]string{}}
	return q, q.readBody(r.Body)
}

// queryOf takes the parameters from the URL, whatever the method.
func (a *API) queryOf(r *http.Request) (*params, error) {
	q := &params{ids: a.DB.PublicIDs(), values: map[string]string{}, fields: map[string]string{}, query: true}
	for name, values := range r.URL.Query() {
		q.values[name] = values[0]
		if len(values) > 1 {
			q.fields[name] = "is given more than once"
		}
	}
	return q, nil
}

// readBody takes one JSON object of texts, numbers and booleans.
func (q *params) readBody(body io.Reader) error {
	d := json.NewDecoder(body)
	d.UseNumber()
	var object map[string]any
	if err := d.Decode(&object); err != nil && !errors.Is(err, io.EOF) {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return fmt.Errorf("portal: API: %w", err)
		}
		return problem.BadRequest.With("The body is not a JSON object.")
	}
	if d.More() {
		return problem.BadRequest.With("The body is more than one JSON object.")
	}
	for name, v := range object {
		switch v := v.(type) {
		case nil:
		case string:
			q.values[name] = v
		case json.Number:
			q.values[name] = v.String()
		case bool:
			q.values[name] = strconv.FormatBool(v)
		default:
			q.fields[name] = "must be a text, a number or a boolean"
		}
	}
	return nil
}

// text returns a parameter as it is, "" if it is absent.
func (q *params) text(name string) string {
	v := q.values[name]
	delete(q.values, name)
	if len(v) > maxParam || strings.ContainsRune(v, 0) {
		q.fields[name] = "is too long or holds a NUL"
		return ""
	}
	return v
}

// person returns a parameter that says something of a patient: it must not stand in a URL, which logs
// and histories keep.
func (q *params) person(name string) string {
	v := q.text(name)
	if v != "" && q.query {
		q.fields[name] = "speaks of a patient: send it in the body of a POST to …/search"
	}
	return v
}

func (q *params) choice(name string, among ...string) string {
	v := q.text(name)
	if v != "" && !slices.Contains(among, v) {
		q.fields[name] = "is one of " + strings.Join(among, ", ")
	}
	return v
}

// usage returns the usage asked for, "" for production.
func (q *params) usage() string { return q.choice("usage", "P", "T", "I", "*") }

// id returns the row id of a public id, 0 if it is absent.
func (q *params) id(name, kind string) int64 {
	v := q.text(name)
	if v == "" {
		return 0
	}
	id, err := q.ids.Parse(kind, v)
	if err != nil {
		q.fields[name] = "is not an id of this kind"
	}
	return id
}

func (q *params) account() storage.AccountID {
	return storage.AccountID(q.id("account_id", storage.PublicAccount))
}

func (q *params) day(name string) storage.Day {
	v := storage.Day(q.text(name))
	if v != "" && !v.Valid() {
		q.fields[name] = "is a day such as 2026-01-31"
	}
	return v
}

func (q *params) instant(name string) time.Time {
	v := q.text(name)
	if v == "" {
		return time.Time{}
	}
	at, err := time.Parse(time.RFC3339, v)
	if err != nil {
		q.fields[name] = "is an instant such as 2026-01-31T06:00:00Z"
	}
	return at
}

// flag returns a boolean, nil if it is absent.
func (q *params) flag(name string) *bool {
	switch v := q.text(name); v {
	case "":
		return nil
	case "true", "false":
		yes := v == "true"
		return &yes
	default:
		q.fields[name] = "is true or false"
		return nil
	}
}

func (q *params) isTrue(name string) bool {
	yes := q.flag(name)
	return yes != nil && *yes
}

// number returns a whole number from 0 to highest, 0 if it is absent.
func (q *params) number(name string, highest int64) int64 {
	v := q.text(name)
	if v == "" {
		return 0
	}
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil || n < 0 || n > highest {
		q.fields[name] = fmt.Sprintf("is a whole number from 0 to %d", highest)
	}
	return n
}

// page returns the page of a list that is asked for.
func (q *params) page() storage.Page {
	limit := q.text("limit")
	p := storage.Page{Cursor: storage.Cursor(q.text("cursor")), Limit: defaultLimit}
	if limit != "" {
		n, err := strconv.Atoi(limit)
		if err != nil || n < 1 || n > maxLimit {
			q.fields["limit"] = fmt.Sprintf("is a number from 1 to %d", maxLimit)
		}
		p.Limit = n
	}
	return p
}

// done returns the problem of what could not be understood; call it when all is read.
func (q *params) done() error {
	for name := range q.values {
		q.fields[name] = "is not known here"
	}
	if len(q.fields) == 0 {
		return nil
	}
	p := problem.BadRequest.With("Some parameters can't be used as they stand.")
	p.Fields = q.fields
	return p
}
