package web

import (
	"errors"
	"net/http"
	"slices"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/portal/problem"
	"github.com/ediport/ediport/storage"
)

// policyPlace is a place whose policy the reader may change.
type policyPlace struct {
	accounts.Place
	Name, Path string
	Deviations int
	Operator   bool
}

var policyCrumbs = []Crumb{{"Security policy", "/policies"}}

// policyPlaces returns the places whose policies the principal may change, the operators first.
func (p *Portal) policyPlaces(principal *accounts.Principal) []policyPlace {
	var places []policyPlace
	for _, place := range principal.PolicyPlaces() {
		public := p.id(storage.PublicAccount, int64(place.Account))
		if place.Account == 0 {
			public = p.id(storage.PublicOperator, int64(place.Place.Operator))
		}
		places = append(places, policyPlace{Place: place.Place, Name: place.Name, Operator: place.Account == 0, Path: "/policies/" + public})
	}
	return places
}

// listPolicies lists the places; with only one it shows that.
func (p *Portal) listPolicies(w http.ResponseWriter, r *http.Request) error {
	places := p.policyPlaces(principalOf(r))
	if len(places) == 1 {
		http.Redirect(w, r, places[0].Path, http.StatusSeeOther)
		return nil
	}
	for i := range places {
		policy, err := p.Accounts.Policy(r.Context(), places[i].Place)
		if err != nil {
			return err
		}
		places[i].Deviations = len(accounts.Deviations(policy))
	}
	return p.render(w, r, "policy/list", Page{Title: "Security policy", Data: places})
}

// policyPlace returns the place in the path, if the principal may change its policy; else it is not found.
func (p *Portal) policyPlace(r *http.Request) (policyPlace, error) {
	for _, place := range p.policyPlaces(principalOf(r)) {
		if place.Path == r.URL.Path {
			return place, nil
		}
	}
	return policyPlace{}, &problem.NotFound
}

type policyData struct {
	Place      policyPlace
	Form       policyForm
	Deviations []accounts.Deviation
	Reason     string
	Seen       string // version of the policy that the form was made from
}

func (p *Portal) showPolicy(w http.ResponseWriter, r *http.Request) error {
	place, err := p.policyPlace(r)
	if err != nil {
		return err
	}
	stored, err := p.Accounts.StoredPolicy(r.Context(), place.Place)
	if err != nil {
		return err
	}
	roles, err := p.Accounts.PolicyRoles(r.Context(), principalOf(r), place.Place)
	if err != nil {
		return err
	}
	data := policyData{Place: place, Form: policyFormOf(stored, place.Operator, roles), Seen: stored.Version()}
	data.Form.name(p)
	return p.renderPolicy(w, r, data, nil)
}

func (p *Portal) renderPolicy(w http.ResponseWriter, r *http.Request, data policyData, fields FieldErrors) error {
	policy, err := p.Accounts.Policy(r.Context(), data.Place.Place)
	if err != nil {
		return err
	}
	data.Deviations = accounts.Deviations(policy)
	data.Form.effective(policy)
	page := Page{Title: "Security policy: " + data.Place.Name, Data: data, Errors: fields}
	if len(p.policyPlaces(principalOf(r))) > 1 {
		page.Crumbs = policyCrumbs
	}
	if fields != nil {
		page.Status = http.StatusUnprocessableEntity
	}
	return p.render(w, r, "policy/form", page)
}

func (p *Portal) savePolicy(w http.ResponseWriter, r *http.Request) error {
	place, err := p.policyPlace(r)
	if err != nil {
		return err
	}
	values, err := formOf(r)
	if err != nil {
		return err
	}
	roles, err := p.Accounts.PolicyRoles(r.Context(), principalOf(r), place.Place)
	if err != nil {
		return err
	}
	policy, fields := readPolicy(values, place.Operator)
	if policy.RequireMFA.Roles, err = p.chosenRoles(r, place, values["mfa_roles"], roles); err != nil {
		return err
	}
	data := policyData{Place: place, Form: policyFormOf(policy, place.Operator, roles), Reason: values.Get("reason"), Seen: values.Get("seen")}
	data.Form.typed(values)
	data.Form.name(p)
	if len(fields) > 0 {
		return p.renderPolicy(w, r, data, fields)
	}
	approval, err := p.Accounts.SetPolicy(r.Context(), principalOf(r), place.Place,
		accounts.PolicyChange{Policy: policy, Seen: data.Seen, Reason: data.Reason})
	var input *accounts.InputError
	switch {
	case errors.As(err, &input):
		return p.renderPolicy(w, r, data, fieldErrors(err))
	case errors.Is(err, storage.ErrConflict):
		return p.renderPolicy(w, r, data, FieldErrors{"reason": "Such a change waits for its approval already."})
	case err != nil:
		return err
	case approval != 0:
		return p.done(w, r, place.Path, "policy-waits")
	}
	return p.done(w, r, place.Path, "policy-changed")
}

// chosenRoles returns those of the roles that the form names, and those of the policy that the form doesn't offer: the
// roles that were retired.
func (p *Portal) chosenRoles(r *http.Request, place policyPlace, values []string, roles []accounts.RoleDefinition) ([]accounts.Role, error) {
	stored, err := p.Accounts.StoredPolicy(r.Context(), place.Place)
	return stored.RequireMFA.Choose(roles, func(role accounts.RoleDefinition) bool { return slices.Contains(values, p.roleValue(role)) }), err
}
