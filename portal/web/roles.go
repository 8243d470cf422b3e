package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/storage"
)

var roleCrumbs = []Crumb{{"People", "/people"}, {"Roles", "/roles"}}

// rolesData is the list of roles with what they grant.
type rolesData struct {
	Roles []roleRow
	Make  bool // may make roles
}

type roleRow struct {
	accounts.RoleDefinition
	Path string // of a role that somebody here made; "" for those that are built in
	For  string // where it can be held
}

// listRoles shows what each role grants.
func (p *Portal) listRoles(w http.ResponseWriter, r *http.Request) error {
	roles, err := p.Accounts.RolesFor(r.Context(), principalOf(r))
	if err != nil {
		return err
	}
	data := rolesData{Make: principalOf(r).Can(accounts.ManageRoles)}
	for _, d := range roles {
		row := roleRow{RoleDefinition: d, For: "accounts"}
		if d.OfOperator {
			row.For = "the exchange"
		}
		if d.ID() != 0 {
			row.Path = "/roles/" + p.roleValue(d)
		}
		data.Roles = append(data.Roles, row)
	}
	return p.render(w, r, "roles/list", Page{Title: "Roles", Crumbs: peopleCrumbs, Data: data})
}

// A roleForm is a custom role as typed.
type roleForm struct {
	formValues
	Action, Retire string // paths; Retire is "" for a new one
	Places         []option
	Groups         []permissionGroup
	Fixed          string // where the role is held, once it is made
	People         int
}

type permissionGroup struct {
	Label       string
	Permissions []accounts.Permission
}

// Chosen says whether a permission is ticked.
func (f roleForm) Chosen(permission accounts.Permission) bool {
	return slices.Contains(f.values["permissions"], string(permission))
}

func (p *Portal) newRole(w http.ResponseWriter, r *http.Request) error {
	return p.renderRole(w, r, roleForm{formValues: formValues{values: url.Values{}}})
}

func (p *Portal) renderRole(w http.ResponseWriter, r *http.Request, form roleForm) error {
	principal := principalOf(r)
	for _, o := range principal.Operators {
		if principal.CanAtOperator(accounts.ManageRoles, o.ID) {
			id := p.id(storage.PublicOperator, int64(o.ID))
			form.Places = append(form.Places, option{id, "The exchange " + o.Name})
			if principal.CanAtOperator(accounts.ManageAccounts, o.ID) {
				form.Places = append(form.Places, option{"all-" + id, "All accounts of " + o.Name})
			}
		}
	}
	for _, a := range principal.Accounts {
		if principal.CanAt(accounts.ManageRoles, a.ID) {
			form.Places = append(form.Places, option{p.id(storage.PublicAccount, int64(a.ID)), a.Name})
		}
	}
	title := "New role"
	if form.Retire != "" {
		title = form.V("name")
	} else {
		form.Action = "/roles"
		form.Groups = permissionGroups(true, false)
	}
	page := Page{Title: title, Crumbs: roleCrumbs, Data: form, Errors: form.errors}
	if form.errors != nil {
		page.Status = http.StatusUnprocessableEntity
	}
	return p.render(w, r, "roles/form", page)
}

// permissionGroups are the permissions for the boxes of the form, by where they can be held.
func permissionGroups(operator ...bool) []permissionGroup {
	var both []accounts.Permission
	groups := []permissionGroup{}
	for _, of := range operator {
		own := slices.DeleteFunc(accounts.PermissionsAt(of), func(permission accounts.Permission) bool {
			either := permission.HeldAt(!of)
			if either && !slices.Contains(both, permission) {
				both = append(both, permission)
			}
			return either
		})
		label := "Data of accounts"
		if of {
			label = "The exchange"
		}
		groups = append(groups, permissionGroup{label, own})
	}
	return append(groups, permissionGroup{"Where the role is held", both})
}

// createRole makes a role.
func (p *Portal) createRole(w http.ResponseWriter, r *http.Request) error {
	values, err := formOf(r)
	if err != nil {
		return err
	}
	f := accounts.RoleForm{Name: values.Get("name"), Permissions: permissionsIn(values)}
	ids, place, fields := p.DB.PublicIDs(), values.Get("place"), FieldErrors(nil)
	all := len(place) > 4 && place[:4] == "all-"
	if all {
		place = place[4:]
	}
	if id, err := ids.Parse(storage.PublicAccount, place); err == nil && !all {
		f.Account = storage.AccountID(id)
	} else if id, err := ids.Parse(storage.PublicOperator, place); err == nil {
		f.Operator, f.OfOperator = storage.OperatorID(id), !all
	} else {
		fields = FieldErrors{"place": "Choose where the role is held."}
	}
	if fields == nil {
		_, err = p.Accounts.CreateRole(r.Context(), principalOf(r), f)
		fields = fieldErrors(roleNameTaken(err))
	}
	if fields != nil {
		return p.renderRole(w, r, roleForm{formValues: formValues{values, fields}})
	}
	if err != nil {
		return err
	}
	return p.done(w, r, "/roles", "role-added")
}

func permissionsIn(values url.Values) []accounts.Permission {
	var permissions []accounts.Permission
	for _, name := range values["permissions"] {
		permissions = append(permissions, accounts.Permission(name))
	}
	return permissions
}

// roleNameTaken says a conflict of names beside the field.
func roleNameTaken(err error) error {
	if errors.Is(err, storage.ErrConflict) {
		return &accounts.InputError{Field: "name", Reason: "There is a role of that name; choose another one."}
	}
	return err
}

// showRole shows a custom role, to be changed.
func (p *Portal) showRole(w http.ResponseWriter, r *http.Request) error {
	d, err := p.customRole(r)
	if err != nil {
		return err
	}
	values := url.Values{"name": {d.Name}}
	for _, permission := range d.Permissions {
		values.Add("permissions", string(permission))
	}
	return p.renderRole(w, r, p.roleFormOf(r, d, formValues{values: values}))
}

func (p *Portal) roleFormOf(r *http.Request, d accounts.RoleDefinition, values formValues) roleForm {
	path := "/roles/" + r.PathValue("id")
	form := roleForm{formValues: values, Action: path, Retire: path + "/retire", Groups: permissionGroups(d.OfOperator), People: d.People}
	switch {
	case d.OfOperator:
		form.Fixed = "the exchange"
	case d.Account != 0:
		form.Fixed = "one account"
	default:
		form.Fixed = "all accounts of the exchange"
	}
	return form
}

// customRole returns the role in the path, if it is one that the person sees.
func (p *Portal) customRole(r *http.Request) (accounts.RoleDefinition, error) {
	id, err := p.pathID(r, storage.PublicRole)
	if err != nil {
		return accounts.RoleDefinition{}, err
	}
	roles, err := p.Accounts.RolesFor(r.Context(), principalOf(r))
	if err != nil {
		return accounts.RoleDefinition{}, err
	}
	for _, d := range roles {
		if d.ID() == id {
			return d, nil
		}
	}
	return accounts.RoleDefinition{}, storage.ErrNotFound
}

// changeRole changes a role's name and permissions.
func (p *Portal) changeRole(w http.ResponseWriter, r *http.Request) error {
	d, err := p.customRole(r)
	if err != nil {
		return err
	}
	values, err := formOf(r)
	if err != nil {
		return err
	}
	err = p.Accounts.ChangeRole(r.Context(), principalOf(r), d.ID(), values.Get("name"), permissionsIn(values))
	if fields := fieldErrors(roleNameTaken(err)); fields != nil {
		return p.renderRole(w, r, p.roleFormOf(r, d, formValues{values, fields}))
	}
	if err != nil {
		return err
	}
	return p.done(w, r, "/roles", "role-changed")
}

// retireRole ends a role for everybody who has it.
func (p *Portal) retireRole(w http.ResponseWriter, r *http.Request) error {
	d, err := p.customRole(r)
	if err != nil {
		return err
	}
	if err := p.Accounts.RetireRole(r.Context(), principalOf(r), d.ID()); err != nil {
		return err
	}
	return p.done(w, r, "/roles", "role-retired")
}
