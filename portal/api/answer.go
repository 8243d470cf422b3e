package api

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/ediport/ediport/portal/door"
	"github.com/ediport/ediport/portal/problem"
	"github.com/ediport/ediport/storage"
)

// list is a page of a list.
type list struct {
	Items      any            `json:"items"`       // never null
	NextCursor storage.Cursor `json:"next_cursor"` // "" at the end
}

// json answers with a value. It is written only when it is complete.
func (a *API) json(w http.ResponseWriter, r *http.Request, status int, value any) error {
	body, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("portal: API answer: %w", err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if _, err := w.Write(append(body, '\n')); err != nil {
		a.Log.Debug("answer not received", "incident", door.FromContext(r.Context()).Incident, "error", err)
	}
	return nil
}

// A problemDetail is an error as a client is told it. Source: RFC 9457.
type problemDetail struct {
	Type       string            `json:"type"` // about:blank: the code says more
	Title      string            `json:"title"`
	Status     int               `json:"status"`
	Detail     string            `json:"detail"`
	Code       string            `json:"code"`
	NextStep   string            `json:"next_step"`
	Permission string            `json:"permission,omitempty"` // which is missing
	Fields     map[string]string `json:"fields,omitempty"`
	Retry      bool              `json:"retry"` // the same request may succeed later
	Incident   string            `json:"incident"`
	Time       time.Time         `json:"time"` // UTC
	Path       string            `json:"path"`
}

// fail answers with the problem that an error is.
func (a *API) fail(w http.ResponseWriter, r *http.Request, err error) {
	q := problem.From(err)
	incident := door.FromContext(r.Context()).Incident
	door.LogPanic(a.Log, r, err)
	if q.Status >= http.StatusInternalServerError {
		a.Log.Error("request failed", "incident", incident, "route", r.Pattern, "code", q.Code, "error", err)
	} else {
		a.Log.Info("request refused", "incident", incident, "route", r.Pattern, "code", q.Code, "status", q.Status)
	}
	if q.Status == http.StatusUnauthorized {
		q = tokenNeeded
		w.Header().Set("WWW-Authenticate", `Bearer realm="ediport"`)
	}
	if q.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(q.RetryAfter.Seconds()))))
	}
	body, err := json.Marshal(problemDetail{
		Type: "about:blank", Title: q.Title, Status: q.Status, Detail: q.Sentence, Code: q.Code, NextStep: q.Next,
		Permission: string(q.Permission), Fields: q.Fields, Retry: q.Retry, Incident: incident, Time: a.Now().UTC().Truncate(time.Second), Path: r.URL.Path,
	})
	if err != nil {
		body = []byte(`{}`) // can't be: it is made of texts
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(q.Status)
	_, _ = w.Write(append(body, '\n')) // who doesn't read the problem has left
}

// tokenNeeded says the same for a token that is missing, unknown, expired and revoked.
var tokenNeeded = problem.Problem{
	Code: "token.needed", Status: http.StatusUnauthorized, Title: "API token needed",
	Sentence: "The request carries no API token that is valid now.",
	Next:     "Send the header Authorization: Bearer edp_…; tokens are made in the portal under My account.",
}

// pathID returns the row id in the path, whose name is "id"; one of another kind is not found.
func (a *API) pathID(r *http.Request, kind string) (int64, error) {
	id, err := a.DB.PublicIDs().Parse(kind, r.PathValue("id"))
	if err != nil {
		return 0, fmt.Errorf("portal: %w", err)
	}
	return id, nil
}

// id returns the public form of a row id.
func (a *API) id(kind string, id int64) string { return a.DB.PublicIDs().Format(kind, id) }

// Limits of a page of a list.
const (
	defaultLimit = 50
	maxLimit     = 500
)
