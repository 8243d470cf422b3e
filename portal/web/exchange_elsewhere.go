package web

import (
	"net/http"
	"slices"
	"strings"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/portal/door"
	"github.com/ediport/ediport/portal/problem"
	"github.com/ediport/ediport/storage"
)

// An otherExchange is one of the reader's exchanges that isn't in view, and where a switch to it leads.
type otherExchange struct {
	ID   storage.OperatorID
	Name string
	Next string // path of the page to show then
}

// elsewhere returns in which of the reader's other exchanges the page is that was refused; nil: in none. A link in a mail knows
// nothing of which one is in view. It says nothing to whom the switch would not show the page: he holds there what the page takes, and
// what it is about, if anything, is that exchange's.
func (p *Portal) elsewhere(r *http.Request, q problem.Problem) *otherExchange {
	principal := principalOf(r)
	if principal == nil || principal.Exchange == 0 || r.Method != http.MethodGet && r.Method != http.MethodHead {
		return nil
	}
	needed, _ := r.Context().Value(permissionsKey{}).([]accounts.Permission)
	switch {
	case q.Permission != "":
		needed = []accounts.Permission{q.Permission}
	case q.Status != http.StatusNotFound:
		return nil
	}
	for _, o := range principal.Operators {
		holds := slices.ContainsFunc(needed, func(permission accounts.Permission) bool { return principal.CanAtOperator(permission, o.ID) })
		if o.ID != principal.Exchange && holds && p.isOf(r, o.ID, q.Status == http.StatusForbidden) {
			return &otherExchange{o.ID, o.Name, safeNext(r.URL.RequestURI())}
		}
	}
	return nil
}

// isOf tells whether what the request's path names is of an operator; without is what holds if it names nothing.
func (p *Portal) isOf(r *http.Request, operator storage.OperatorID, without bool) bool {
	public := r.PathValue("id")
	if public == "" {
		return without
	}
	kind, _, _ := strings.Cut(public, "_")
	id, err := p.DB.PublicIDs().Parse(kind, public)
	if err != nil {
		return false
	}
	found, err := p.DB.OfOperator(r.Context(), storage.Scope{Operator: operator, Actor: principalOf(r).Actor()}, kind, id)
	if err != nil { // the page says the rest
		p.Log.Warn("exchange of a page not found", "incident", door.FromContext(r.Context()).Incident, "error", err)
	}
	return found
}

// exchangeOf returns the exchange in which the reader has to be for a request that isn't of the one in view; nil: here, or it is of an
// account in which he may do the same.
func exchangeOf(principal *accounts.Principal, a storage.Approval, permission accounts.Permission, next string) *otherExchange {
	if principal.Exchange == 0 || a.OperatorID == principal.Exchange || a.AccountID != 0 && principal.CanAt(permission, a.AccountID) {
		return nil
	}
	for _, o := range principal.Operators {
		if o.ID == a.OperatorID {
			return &otherExchange{o.ID, o.Name, next}
		}
	}
	return nil
}
