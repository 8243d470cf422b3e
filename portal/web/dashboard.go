package web

import (
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
}

type stateCount struct {
	Label, Path, Tone, Note string
	Value                   any
}

// dashboard shows to each what is his.
func (p *Portal) dashboard(w http.ResponseWriter, r *http.Request) error {
	scope, principal := scopeOf(r), principalOf(r)
	data := dashboardData{}
	if scope.Operator != 0 || len(scope.Accounts) > 0 {
		d, err := p.DB.Dashboard(r.Context(), scope)
		if err != nil {
			return err
		}
		data.files(p, r, d)
		data.results(principal, d)
		if data.Runs, err = p.lastRuns(r, d.Runs); err != nil {
			return err
		}
		if err := p.openIncidents(r, &data); err != nil {
			return err
		}
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

// results fills in the figures of the accounts' data.
func (data *dashboardData) results(principal *accounts.Principal, d storage.Dashboard) {
	if len(principal.Accounts) == 0 {
		return
	}
	since := "from=" + string(d.SinceDay)
	add := func(permission accounts.Permission, c stateCount) {
		if len(principal.AccountsFor(permission)) > 0 {
			data.Results = append(data.Results, c)
		}
	}
	add(accounts.ViewRemittances, stateCount{Label: "Paid", Path: "/remittances?" + since, Value: money(d.PaymentsAmount), Note: plural(d.Payments, "payment", "payments")})
	denied := stateCount{Label: "Denied claims", Path: "/claims?show=denied&" + since, Value: number(d.Denials)}
	if d.Denials > 0 {
		denied.Tone = "bad"
	}
	add(accounts.ViewRemittances, denied)
	add(accounts.ViewEligibility, stateCount{Label: "Eligibility answers", Path: "/eligibility", Value: atMost(d.EligibilityAnswers, 10_000)})
	add(accounts.ViewClaimStatus, stateCount{Label: "Claim statuses", Path: "/claim-status", Value: atMost(d.StatusAnswers, 10_000)})
	add(accounts.ViewAuthorizations, stateCount{Label: "Authorizations", Path: "/authorizations", Value: atMost(d.AuthorizationAnswers, 10_000)})
}

// incidentsShown is how many open incidents stand on the dashboard.
const incidentsShown = 5

// openIncidents fills in what goes wrong, for those who can do something about it.
func (p *Portal) openIncidents(r *http.Request, data *dashboardData) error {
	if !principalOf(r).Can(accounts.ViewConnections) {
		return nil
	}
	return p.DB.InScopeRead(r.Context(), scopeOf(r), func(tx *storage.Tx) error {
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
