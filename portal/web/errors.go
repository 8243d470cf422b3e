package web

import (
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/ediport/ediport/portal/door"
	"github.com/ediport/ediport/portal/problem"
)

// fail answers with the page of an error: what happened, what to do next, and the incident id under
// which the log tells the rest. It is fit for a screenshot to support.
func (p *Portal) fail(w http.ResponseWriter, r *http.Request, err error) {
	q := problem.From(err)
	door.LogPanic(p.Log, r, err)
	if q.Status >= http.StatusInternalServerError {
		p.Log.Error("request failed", "incident", door.FromContext(r.Context()).Incident, "route", r.Pattern, "code", q.Code, "error", err)
	}
	setRetryAfter(w, q.RetryAfter)
	page := Page{Title: q.Title, Status: q.Status, Data: errorData{q, r.UserAgent()}}
	if err := p.render(w, r, "error", page); err != nil {
		p.Log.Error("error page failed", "incident", door.FromContext(r.Context()).Incident, "error", err)
		http.Error(w, q.Sentence+" Incident "+door.FromContext(r.Context()).Incident, q.Status)
	}
}

func setRetryAfter(w http.ResponseWriter, wait time.Duration) {
	if wait > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	}
}

type errorData struct {
	problem.Problem
	Browser string
}
