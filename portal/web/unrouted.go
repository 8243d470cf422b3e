package web

import (
	"net/http"
	"slices"

	"github.com/ediport/ediport/storage"
)

var unroutedCrumbs = []Crumb{{"Unrouted", "/unrouted"}}

// listUnrouted shows what belongs to no account yet, oldest first.
func (p *Portal) listUnrouted(w http.ResponseWriter, r *http.Request) error {
	q := p.queryOf(r)
	f := storage.UnroutedFilter{Usage: q.usage()}
	data := listData{Filter: []filterField{q.usageChoice()}, Filtered: q.given("usage")}
	if len(q.errors) == 0 {
		rows, next, err := p.DB.UnroutedUnits(r.Context(), scopeOf(r), f, storage.Page{Cursor: cursorOf(r)})
		if err != nil {
			return err
		}
		data.Rows, data.Pager = rows, pager(r, next)
	}
	return p.render(w, r, "unrouted/list", Page{Title: "Unrouted", Data: data, Errors: q.errors, Status: q.status()})
}

// unitData is the page of a routing unit.
type unitData struct {
	storage.UnitItem
	Unrouted bool
	Accounts []storage.AccountItem // to which it can go, likely ones first
	Chosen   string
	Findings []findingRow
	More     bool
}

// showUnit shows what is known of a routing unit, and where it could go.
func (p *Portal) showUnit(w http.ResponseWriter, r *http.Request) error {
	id, err := p.pathID(r, storage.PublicUnit)
	if err != nil {
		return err
	}
	return p.renderUnit(w, r, id, "", nil)
}

func (p *Portal) renderUnit(w http.ResponseWriter, r *http.Request, id int64, chosen string, wrong FieldErrors) error {
	scope := scopeOf(r)
	u, err := p.DB.Unit(r.Context(), scope, id)
	if err != nil {
		return err
	}
	accounts, err := p.DB.OperatorAccounts(r.Context(), scope)
	if err != nil {
		return err
	}
	data := unitData{UnitItem: u, Chosen: chosen}
	for _, a := range accounts {
		switch {
		case a.Kind == "unrouted":
			data.Unrouted = a.ID == u.AccountID
		case a.ClosedAt == nil:
			data.Accounts = append(data.Accounts, a)
		}
	}
	likely := func(a storage.AccountItem) bool {
		return slices.ContainsFunc(u.CandidateAccounts, func(c storage.AccountRef) bool { return c.ID == a.ID })
	}
	slices.SortStableFunc(data.Accounts, func(a, b storage.AccountItem) int {
		switch {
		case likely(a) == likely(b):
			return 0
		case likely(a):
			return -1
		}
		return 1
	})
	if data.Findings, data.More, err = p.someFindings(r, scope, storage.FindingFilter{File: u.FileID, Unit: id}); err != nil {
		return err
	}
	page := Page{Title: "Part " + u.SetCode + " " + u.SetControlNumber, Crumbs: unroutedCrumbs, Data: data, Errors: wrong}
	if wrong != nil {
		page.Status = http.StatusUnprocessableEntity
	}
	return p.render(w, r, "unrouted/show", page)
}

// routeUnit gives a unit with all its rows to an account.
func (p *Portal) routeUnit(w http.ResponseWriter, r *http.Request) error {
	id, err := p.pathID(r, storage.PublicUnit)
	if err != nil {
		return err
	}
	values, err := formOf(r)
	if err != nil {
		return err
	}
	chosen := values.Get("account")
	account, err := p.DB.PublicIDs().Parse(storage.PublicAccount, chosen)
	if err != nil {
		return p.renderUnit(w, r, id, chosen, FieldErrors{"account": "Choose the account it belongs to."})
	}
	if err := p.DB.RerouteUnit(r.Context(), scopeOf(r), id, storage.AccountID(account)); err != nil {
		return err
	}
	return p.done(w, r, "/unrouted", "unit-routed")
}
