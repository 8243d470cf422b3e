package web

import (
	"log/slog"
	"math"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/portal/door"
	"github.com/ediport/ediport/portal/problem"
)

// fail answers with the page of an error: what happened, what to do next, and the incident id under
// which the log tells the rest. It is fit for a screenshot to support.
func (p *Portal) fail(w http.ResponseWriter, r *http.Request, err error) {
	q := problem.From(err)
	incident := door.FromContext(r.Context()).Incident
	door.LogPanic(p.Log, r, err)
	logRefusal(p.Log, r, q, err)
	setRetryAfter(w, q.RetryAfter)
	data := errorData{Problem: q, Browser: browserVersion(r.UserAgent()), Page: shownPath(r.URL.Path), Other: p.elsewhere(r, q)}
	if data.Other != nil {
		data.Title = "In another of your exchanges"
	} else {
		data.Grant = p.whoCanGrant(r, q)
	}
	page := Page{Title: data.Title, Status: q.Status, Data: data}
	if err := p.render(w, r, "error", page); err != nil {
		p.Log.Error("error page failed", "incident", incident, "error", err)
		http.Error(w, q.Sentence+" Incident "+incident, q.Status)
	}
}

// logRefusal writes the line that support finds by the incident number: the error itself for faults of ours, else only
// the code, since what a person did wrong may quote what he typed.
func logRefusal(log *slog.Logger, r *http.Request, q problem.Problem, err error) {
	incident := door.FromContext(r.Context()).Incident
	if q.Status >= http.StatusInternalServerError {
		log.Error("request failed", "incident", incident, "route", r.Pattern, "code", q.Code, "error", err)
		return
	}
	log.Info("request refused", "incident", incident, "route", r.Pattern, "code", q.Code, "status", q.Status)
}

func setRetryAfter(w http.ResponseWriter, wait time.Duration) {
	if wait > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	}
}

// errorData is what the page of an error shows beside incident, time and person.
type errorData struct {
	problem.Problem
	Browser string
	Page    string
	Grant   grantData
	Other   *otherExchange // of the reader's, where the page is; nil: none
}

// grantData says how somebody comes by the permission that is missing.
type grantData struct {
	Roles  []string // that hold it
	People []string // who can give one
}

// mostGrantors bounds the people that the page of a missing permission names.
const mostGrantors = 5

func (p *Portal) whoCanGrant(r *http.Request, q problem.Problem) grantData {
	if q.Permission == "" {
		return grantData{}
	}
	grant := grantData{Roles: accounts.RolesWith(q.Permission)}
	principal := principalOf(r)
	if principal == nil {
		return grant
	}
	found, err := p.Accounts.Grantors(r.Context(), principal, q.Permission)
	if err != nil { // the page says the rest
		p.Log.Warn("grantors not found", "incident", door.FromContext(r.Context()).Incident, "error", err)
	}
	for i, one := range found {
		if i == mostGrantors {
			grant.People = append(grant.People, "others")
			break
		}
		grant.People = append(grant.People, one.Name+" ("+one.Place+")")
	}
	return grant
}

// shownPath is the path as it fits into a line; the query stays out.
func shownPath(path string) string {
	const most = 100
	if runes := []rune(path); len(runes) > most {
		path = string(runes[:most]) + "…"
	}
	return strings.ToValidUTF8(path, "?")
}

var browserMajor = regexp.MustCompile(`(Edg|OPR|Firefox|Chrome|Version|curl)/(\d{1,4})`)

// browserVersion is the browser with its version, as support asks for it: "Firefox 140 on Linux". Nothing else of what the
// browser says of itself stands on the page.
func browserVersion(agent string) string {
	name := browserName(agent)
	browser, system, _ := strings.Cut(name, " on ")
	mark := map[string]string{"Edge": "Edg", "Opera": "OPR", "Safari": "Version"}[browser]
	if mark == "" {
		mark = browser
	}
	for _, found := range browserMajor.FindAllStringSubmatch(agent, -1) {
		if found[1] == mark {
			browser += " " + found[2]
			break
		}
	}
	if system != "" {
		browser += " on " + system
	}
	return browser
}
