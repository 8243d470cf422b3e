package web

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/storage"
)

// personData is the page about a person, with the form that gives a role.
type personData struct {
	formValues
	accounts.PersonDetail
	Path        string
	Memberships []membershipRow
	Places      []option // at which who looks may give roles
	Roles       []option
}

type membershipRow struct {
	accounts.PersonMembership
	Take string // path; "" if it isn't for who looks to take
}

// showPerson shows what is known of a person's access, never a secret.
func (p *Portal) showPerson(w http.ResponseWriter, r *http.Request) error {
	return p.renderPerson(w, r, nil, nil)
}

func (p *Portal) renderPerson(w http.ResponseWriter, r *http.Request, typed url.Values, fields FieldErrors) error {
	id, err := p.pathID(r, storage.PublicUser)
	if err != nil {
		return err
	}
	principal := principalOf(r)
	data := personData{Path: "/people/" + r.PathValue("id"), formValues: formValues{typed, fields}}
	if data.PersonDetail, err = p.Accounts.PersonDetail(r.Context(), principal, storage.UserID(id)); err != nil {
		return err
	}
	for _, m := range data.PersonDetail.Memberships {
		row := membershipRow{PersonMembership: m}
		if m.MayTake {
			row.Take = data.Path + "/roles/" + p.id(storage.PublicMembership, m.ID) + "/take"
		}
		data.Memberships = append(data.Memberships, row)
	}
	if data.MayGiveMore {
		if err := p.roleChoices(r, &data); err != nil {
			return err
		}
	}
	page := Page{Title: data.Name, Crumbs: peopleCrumbs, Data: data, Errors: fields}
	if fields != nil {
		page.Status = http.StatusUnprocessableEntity
	}
	return p.render(w, r, "people/show", page)
}

// roleChoices fills in where who looks may give roles, and which there are.
func (p *Portal) roleChoices(r *http.Request, data *personData) error {
	principal := principalOf(r)
	for _, o := range principal.Operators {
		if principal.CanAtOperator(accounts.ManageRoles, o.ID) {
			data.Places = append(data.Places, option{p.id(storage.PublicOperator, int64(o.ID)), o.Name + " (the exchange)"})
		}
	}
	all, err := p.DB.OperatorAccounts(r.Context(), principal.Scope(accounts.ManageRoles))
	if err != nil {
		return err
	}
	for _, a := range all {
		if a.Kind != "unrouted" && a.ClosedAt == nil {
			data.Places = append(data.Places, option{p.id(storage.PublicAccount, int64(a.ID)), a.Name})
		}
	}
	roles, err := p.Accounts.RolesFor(r.Context(), principal)
	for _, d := range roles {
		label := d.Name
		if d.OfOperator {
			label += " (of the exchange)"
		}
		data.Roles = append(data.Roles, option{p.roleValue(d), label})
	}
	return err
}

// roleValue is a role as forms and URLs name it.
func (p *Portal) roleValue(d accounts.RoleDefinition) string {
	if id := d.ID(); id != 0 {
		return p.id(storage.PublicRole, id)
	}
	return string(d.Role)
}

// giveRole gives a person one more role.
func (p *Portal) giveRole(w http.ResponseWriter, r *http.Request) error {
	id, err := p.pathID(r, storage.PublicUser)
	if err != nil {
		return err
	}
	values, err := formOf(r)
	if err != nil {
		return err
	}
	grant, fields := p.grantFrom(r, values)
	if fields == nil {
		_, err = p.Accounts.GiveRole(r.Context(), principalOf(r), storage.UserID(id), grant)
		fields = fieldErrors(err)
	}
	if fields != nil {
		return p.renderPerson(w, r, values, fields)
	}
	if err != nil {
		return err
	}
	return p.done(w, r, "/people/"+r.PathValue("id"), "role-given")
}

// grantFrom reads the form of a role to give.
func (p *Portal) grantFrom(r *http.Request, values url.Values) (accounts.RoleGrant, FieldErrors) {
	grant, fields := accounts.RoleGrant{Role: accounts.Role(values.Get("role"))}, FieldErrors{}
	ids := p.DB.PublicIDs()
	if id, err := ids.Parse(storage.PublicRole, values.Get("role")); err == nil {
		grant.Role = accounts.CustomRole(id)
	} else if !grant.Role.Known() {
		fields["role"] = "Choose a role."
	}
	if id, err := ids.Parse(storage.PublicAccount, values.Get("place")); err == nil {
		grant.Account = storage.AccountID(id)
	} else if id, err := ids.Parse(storage.PublicOperator, values.Get("place")); err == nil {
		grant.Operator = storage.OperatorID(id)
	} else {
		fields["place"] = "Choose where the role is held."
	}
	zone := principalOf(r).Zone()
	for _, x := range []struct {
		field string
		after int // days
		into  *time.Time
	}{{"starts", 0, &grant.Starts}, {"ends", 1, &grant.Ends}} {
		text := strings.TrimSpace(values.Get(x.field))
		if text == "" {
			continue
		}
		day, err := time.ParseInLocation(time.DateOnly, text, zone)
		if err != nil {
			fields[x.field] = "Give a day, such as 2026-12-24."
			continue
		}
		*x.into = day.AddDate(0, 0, x.after)
	}
	grant.Limit = storage.RowLimit{NPIs: numbers(values.Get("npis")), TaxIDs: numbers(values.Get("tax_ids"))}
	if len(fields) > 0 {
		return grant, fields
	}
	return grant, nil
}

// numbers reads a list of numbers as people type it; hyphens in them are left out.
func numbers(text string) []string {
	return strings.FieldsFunc(strings.ReplaceAll(text, "-", ""), func(r rune) bool { return r == ',' || r == ';' || r <= ' ' })
}

// takeRole takes one role of a person away.
func (p *Portal) takeRole(w http.ResponseWriter, r *http.Request) error {
	id, err := p.pathID(r, storage.PublicUser)
	if err != nil {
		return err
	}
	membership, err := p.DB.PublicIDs().Parse(storage.PublicMembership, r.PathValue("membership"))
	if err != nil {
		return err
	}
	if err := p.Accounts.TakeRole(r.Context(), principalOf(r), storage.UserID(id), membership); err != nil {
		return err
	}
	path := "/people/" + r.PathValue("id")
	if _, err := p.Accounts.PersonDetail(r.Context(), principalOf(r), storage.UserID(id)); err != nil {
		path = "/people" // that was the last role at a place in view
	}
	return p.done(w, r, path, "role-taken")
}

// aboutPerson returns the handler of an act on a person.
func (p *Portal) aboutPerson(code string, act func(r *http.Request, user storage.UserID) error) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, err := p.pathID(r, storage.PublicUser)
		if err != nil {
			return err
		}
		if _, err := formOf(r); err != nil {
			return err
		}
		if err := act(r, storage.UserID(id)); err != nil {
			return err
		}
		return p.done(w, r, "/people/"+r.PathValue("id"), code)
	}
}

func (p *Portal) disablePerson(r *http.Request, user storage.UserID) error {
	return p.Accounts.DisablePerson(r.Context(), principalOf(r), user, strings.TrimSpace(r.PostForm.Get("reason")))
}

func (p *Portal) enablePerson(r *http.Request, user storage.UserID) error {
	return p.Accounts.EnablePerson(r.Context(), principalOf(r), user)
}

func (p *Portal) endPersonSessions(r *http.Request, user storage.UserID) error {
	return p.Accounts.EndPersonSessions(r.Context(), principalOf(r), user, r.PostForm.Get("tokens") == "yes", "administrator")
}
