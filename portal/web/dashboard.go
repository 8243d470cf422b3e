package web

import (
	"fmt"
	"net/http"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/storage"
)

// dashboardData is what the first page tells: what came in, and what waits for a person.
type dashboardData struct {
	Incidents     []incidentRow // that are open, the newest ones
	MoreIncidents bool
	Waiting       []stateCount // needs somebody
	Files         []stateCount // by state, for those who see the exchange
	Results       []stateCount // of the last seven days
	Runs          []runRow     // the last ones
	Empty         bool
	Mismatches    []accounts.Mismatch // of the reader's links and the directory of NPIs
}

type stateCount struct {
	Label, Path, Tone, Note string
	Value                   any
}

// dashboard shows to each what is his.
func (p *Portal) dashboard(w http.ResponseWriter, r *http.Request) error {
	scope, principal := scopeOf(r), principalOf(r)
	data := dashboardData{}
	if scope.Operator != 0 {
		exchange := scope
		exchange.Accounts = nil // the accounts' figures come under the permissions that open them
		d, err := p.DB.Dashboard(r.Context(), exchange)
		if err != nil {
			return err
		}
		data.files(p, r, d)
		if data.Runs, err = p.lastRuns(r, d.Runs); err != nil {
			return err
		}
	}
	if err := p.openIncidents(r, &data); err != nil {
		return err
	}
	if err := p.results(r, principal, &data); err != nil {
		return err
	}
	var err error
	if data.Mismatches, err = p.Accounts.Mismatches(r.Context(), principal); err != nil {
		return err
	}
	data.Empty = len(data.Incidents)+len(data.Waiting)+len(data.Files)+len(data.Results)+len(data.Runs) == 0
	return p.render(w, r, "dashboard", Page{Title: "Dashboard", Data: data})
}

// files fills in the exchange's figures.
func (data *dashboardData) files(p *Portal, r *http.Request, d storage.Dashboard) {
	principal := principalOf(r)
	if !principal.CanAny(accounts.ViewFiles, accounts.ViewOriginals) {
		return
	}
	for _, c := range d.Attention {
		data.Waiting = append(data.Waiting, stateCount{Label: "Files " + inWords(c.State), Path: "/files?state=" + c.State, Tone: fileTone(c.State), Value: atMost(c.Count, 1000)})
	}
	if d.UnroutedUnits > 0 && principal.Can(accounts.RouteUnrouted) {
		oldest := "the oldest came " + ago(p.Now(), d.UnroutedOldest)
		data.Waiting = append(data.Waiting, stateCount{Label: "Unrouted", Path: "/unrouted", Tone: "warn", Value: atMost(d.UnroutedUnits, 10_000), Note: oldest})
	}
	for _, c := range d.Files {
		data.Files = append(data.Files, stateCount{Label: inWords(c.State), Path: "/files?state=" + c.State, Tone: fileTone(c.State), Value: number(c.Count)})
	}
}

func fileTone(state string) string {
	if tone := tones[state]; tone == "warn" || tone == "bad" {
		return tone
	}
	return ""
}

// atMost shows a count that was counted no further than limit.
func atMost(n, limit int64) string {
	if n >= limit {
		return number(limit) + " or more"
	}
	return number(n)
}

// results fills in the figures of the accounts' data, each of those accounts for which its permission is held.
func (p *Portal) results(r *http.Request, principal *accounts.Principal, data *dashboardData) error {
	known := map[string]storage.Dashboard{} // most people hold the permissions for the same accounts
	figures := func(permission accounts.Permission) (storage.Dashboard, error) {
		scope := principal.Scope(permission)
		key := fmt.Sprint(scope.Accounts, scope.Limits)
		d, ok := known[key]
		if !ok {
			var err error
			if d, err = p.DB.Dashboard(r.Context(), scope); err != nil {
				return d, err
			}
			known[key] = d
		}
		return d, nil
	}
	for _, permission := range []accounts.Permission{accounts.ViewRemittances, accounts.ViewEligibility, accounts.ViewClaimStatus, accounts.ViewAuthorizations} {
		if len(principal.AccountsFor(permission)) == 0 {
			continue
		}
		d, err := figures(permission)
		if err != nil {
			return err
		}
		data.result(permission, d)
	}
	return nil
}

func (data *dashboardData) result(permission accounts.Permission, d storage.Dashboard) {
	since := "from=" + string(d.SinceDay)
	add := func(c stateCount) { data.Results = append(data.Results, c) }
	switch permission {
	case accounts.ViewRemittances:
		add(stateCount{Label: "Paid", Path: "/remittances?" + since, Value: money(d.PaymentsAmount), Note: plural(d.Payments, "payment", "payments")})
		denied := stateCount{Label: "Denied claims", Path: "/claims?show=denied&" + since, Value: number(d.Denials)}
		if d.Denials > 0 {
			denied.Tone = "bad"
		}
		add(denied)
	case accounts.ViewEligibility:
		add(stateCount{Label: "Eligibility answers", Path: "/eligibility", Value: atMost(d.EligibilityAnswers, 10_000)})
	case accounts.ViewClaimStatus:
		add(stateCount{Label: "Claim statuses", Path: "/claim-status", Value: atMost(d.StatusAnswers, 10_000)})
	case accounts.ViewAuthorizations:
		add(stateCount{Label: "Authorizations", Path: "/authorizations", Value: atMost(d.AuthorizationAnswers, 10_000)})
	}
}

// incidentsShown is how many open incidents stand on the dashboard.
const incidentsShown = 5

// openIncidents fills in what goes wrong, for those who can do something about it.
func (p *Portal) openIncidents(r *http.Request, data *dashboardData) error {
	if !principalOf(r).Can(accounts.ViewConnections) {
		return nil
	}
	return p.DB.InScopeRead(r.Context(), principalOf(r).Scope(accounts.ViewConnections), func(tx *storage.Tx) error {
		all, next, err := tx.Incidents(r.Context(), storage.IncidentFilter{Open: true, Limit: incidentsShown}, "")
		if err != nil {
			return err
		}
		data.MoreIncidents = next != ""
		data.Incidents, err = p.incidentRows(r.Context(), tx, all)
		return err
	})
}

// lastRuns names the connections of runs.
func (p *Portal) lastRuns(r *http.Request, runs []storage.Run) (rows []runRow, err error) {
	if len(runs) == 0 || !principalOf(r).Can(accounts.ViewSchedules) {
		return nil, nil
	}
	err = p.DB.InScopeRead(r.Context(), scopeOf(r), func(tx *storage.Tx) error {
		connections, err := connectionsByID(r.Context(), tx)
		rows = runRows(runs, connections)
		return err
	})
	return rows, err
}
