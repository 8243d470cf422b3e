package web

import (
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/storage"
)

var organizationCrumbs = []Crumb{{"Organizations", "/organizations"}}

// organizationsData is the list of organizations.
type organizationsData struct {
	Rows    []storage.AccountItem
	Waiting map[storage.AccountID]bool // a change of the practice's details waits for a decision
	Manage  bool
}

// listOrganizations shows the accounts of the exchange, or, to people of accounts, their own.
func (p *Portal) listOrganizations(w http.ResponseWriter, r *http.Request) error {
	scope := scopeOf(r)
	all, err := p.DB.OperatorAccounts(r.Context(), scope)
	if err != nil {
		return err
	}
	data := organizationsData{Manage: principalOf(r).Can(accounts.ManageAccounts), Waiting: map[storage.AccountID]bool{}}
	for _, a := range all {
		if a.Kind != "unrouted" && a.ClosedAt == nil {
			data.Rows = append(data.Rows, a)
		}
	}
	if data.Manage {
		err = p.DB.InScopeRead(r.Context(), scope, func(t *storage.Tx) error {
			waiting, err := t.PracticesWaiting(r.Context())
			for _, v := range waiting {
				data.Waiting[v.AccountID] = true
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return p.render(w, r, "organizations/list", Page{Title: "Organizations", Data: data})
}

// organizationData is the page of an organization.
type organizationData struct {
	storage.AccountItem
	Path      string
	History   accounts.PracticeHistory
	Clashes   map[int64][]string // identifier → other accounts that have it, too
	Today     storage.Day
	Manage    bool // the operator's administrator: everything here
	Practice  bool // may ask for other details
	Partners  []storage.PartnerItem
	New       formValues // the form of a new identifier
	Names     map[storage.UserID]string
	PartnerOf map[storage.PartnerID]string
}

func (p *Portal) showOrganization(w http.ResponseWriter, r *http.Request) error {
	return p.renderOrganization(w, r, formValues{}, nil)
}

func (p *Portal) renderOrganization(w http.ResponseWriter, r *http.Request, form formValues, wrong FieldErrors) error {
	id, err := p.pathID(r, storage.PublicAccount)
	if err != nil {
		return err
	}
	data, err := p.organization(r, storage.AccountID(id))
	if err != nil {
		return err
	}
	form.errors = wrong
	data.New = form
	page := Page{Title: data.Name, Crumbs: organizationCrumbs, Data: data, Errors: wrong}
	if len(wrong) > 0 {
		page.Status = http.StatusUnprocessableEntity
	}
	return p.render(w, r, "organizations/show", page)
}

// organization loads what the page shows.
func (p *Portal) organization(r *http.Request, id storage.AccountID) (d organizationData, err error) {
	ctx, principal, scope := r.Context(), principalOf(r), principalOf(r).Scope(accounts.ViewAccounts)
	if d.AccountItem, err = p.DB.Account(ctx, scope, id); err != nil {
		return d, err
	}
	if d.Kind == "unrouted" {
		return d, storage.ErrNotFound
	}
	d.Path = "/organizations/" + p.id(storage.PublicAccount, int64(id))
	d.Manage = principal.CanAtOperator(accounts.ManageAccounts, d.OperatorID)
	d.Practice = d.Manage || principal.CanAt(accounts.ManagePractice, id) || principal.CanAtOperator(accounts.ManagePractice, d.OperatorID)
	zone := principal.PracticeZone(d.AccountItem)
	d.Today = storage.Day(p.Now().In(zone).Format(time.DateOnly))
	if d.History, err = p.Accounts.PracticeHistory(ctx, scope, id, zone); err != nil {
		return d, err
	}
	if d.Partners, err = p.DB.Partners(ctx, scope); err != nil {
		return d, err
	}
	d.PartnerOf = map[storage.PartnerID]string{}
	for _, partner := range d.Partners {
		d.PartnerOf[partner.ID] = partner.Name
	}
	if d.Names, err = p.DB.NamesOf(ctx, d.peopleIDs()...); err != nil {
		return d, err
	}
	return d, p.DB.InScopeRead(ctx, scope, func(t *storage.Tx) error { return d.clashes(r, t) })
}

// peopleIDs are those who asked for details and decided.
func (d *organizationData) peopleIDs() (ids []storage.UserID) {
	for _, v := range d.History.Versions {
		ids = append(ids, v.RequestedBy, v.DecidedBy)
	}
	return ids
}

// clashes adds which identifiers others have, too.
func (d *organizationData) clashes(r *http.Request, t *storage.Tx) error {
	clashes, err := t.IdentifierClashes(r.Context(), d.ID)
	d.Clashes = map[int64][]string{}
	for _, c := range clashes {
		d.Clashes[c.ID] = append(d.Clashes[c.ID], c.Account)
	}
	return err
}

// organizationForm is the form of an organization.
type organizationForm struct {
	formValues
	Action string
	New    bool
	Kinds  []option
}

var organizationKinds = []option{{"practice", "Practice"}, {"billing_service", "Billing service"}, {"clearinghouse", "Clearinghouse"}}

func (p *Portal) newOrganization(w http.ResponseWriter, r *http.Request) error {
	return p.renderOrganizationForm(w, r, "/organizations", "", url.Values{"kind": {"practice"}}, nil)
}

func (p *Portal) editOrganization(w http.ResponseWriter, r *http.Request) error {
	id, err := p.pathID(r, storage.PublicAccount)
	if err != nil {
		return err
	}
	a, err := p.DB.Account(r.Context(), scopeOf(r), storage.AccountID(id))
	if err != nil {
		return err
	}
	return p.renderOrganizationForm(w, r, "/organizations/"+r.PathValue("id"), a.Name, url.Values{"name": {a.Name}, "kind": {a.Kind}, "time_zone": {a.TimeZone}}, nil)
}

func (p *Portal) renderOrganizationForm(w http.ResponseWriter, r *http.Request, action, name string, values url.Values, wrong FieldErrors) error {
	title, crumbs := "Change "+name, append(organizationCrumbs[:1:1], Crumb{name, action})
	if action == "/organizations" {
		title, crumbs = "Add an organization", organizationCrumbs
	}
	page := Page{Title: title, Crumbs: crumbs, Data: organizationForm{formValues{values, wrong}, action, action == "/organizations", organizationKinds}, Errors: wrong}
	if len(wrong) > 0 {
		page.Status = http.StatusUnprocessableEntity
	}
	return p.render(w, r, "organizations/form", page)
}

// saveOrganization adds an organization, or changes one.
func (p *Portal) saveOrganization(w http.ResponseWriter, r *http.Request) error {
	values, err := formOf(r)
	if err != nil {
		return err
	}
	in := accounts.OrganizationInput{Kind: values.Get("kind"), Name: values.Get("name"), TimeZone: values.Get("time_zone")}
	action, done := "/organizations", "organization-added"
	var id int64
	if r.PathValue("id") == "" {
		var added storage.AccountID
		added, err = p.Accounts.AddOrganization(r.Context(), scopeOf(r), in)
		id = int64(added)
	} else {
		action, done = "/organizations/"+r.PathValue("id"), "organization-changed"
		if id, err = p.pathID(r, storage.PublicAccount); err != nil {
			return err
		}
		err = p.Accounts.ChangeOrganization(r.Context(), scopeOf(r), storage.AccountID(id), in)
	}
	if wrong, ok := inputErrors(err); ok {
		return p.renderOrganizationForm(w, r, action, in.Name, values, wrong)
	}
	if err != nil {
		return err
	}
	return p.done(w, r, "/organizations/"+p.id(storage.PublicAccount, id), done)
}

// inputErrors returns what is wrong with a form, if the error says so.
func inputErrors(err error) (FieldErrors, bool) {
	var input *accounts.InputError
	if !errors.As(err, &input) {
		return nil, false
	}
	return FieldErrors{input.Field: input.Reason}, true
}
