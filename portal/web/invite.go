package web

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/portal/problem"
	"github.com/ediport/ediport/storage"
)

// An inviteForm is a person to invite.
type inviteForm struct {
	Login, Name, Email string
	Place, Role        string // values of their drop-downs
	Places             []choice
	Roles              []choiceGroup
}

// A choice is an option of a drop-down.
type choice struct{ Value, Label string }

// A choiceGroup is a headed part of one.
type choiceGroup struct {
	Label   string
	Choices []choice
}

var peopleCrumbs = []Crumb{{"People", "/people"}}

func (p *Portal) inviteForm(w http.ResponseWriter, r *http.Request) error {
	return p.renderInvite(w, r, inviteForm{}, nil)
}

func (p *Portal) renderInvite(w http.ResponseWriter, r *http.Request, form inviteForm, fields FieldErrors) error {
	places, err := p.Accounts.ManagedPlaces(r.Context(), principalOf(r))
	if err != nil {
		return err
	}
	for _, place := range places {
		form.Places = append(form.Places, choice{p.placeValue(place), place.Name})
	}
	roles, err := p.Accounts.RolesFor(r.Context(), principalOf(r))
	if err != nil {
		return err
	}
	form.Roles = roleChoices(roles)
	return p.render(w, r, "people/invite", Page{
		Title: "Invite somebody", Crumbs: peopleCrumbs, Data: form, Errors: fields, Status: statusOf(w, nil, fields),
	})
}

// placeValue names a place in a form.
func (p *Portal) placeValue(place accounts.ManagedPlace) string {
	if place.Account != 0 {
		return p.id(storage.PublicAccount, int64(place.Account))
	}
	return p.id(storage.PublicOperator, int64(place.Operator))
}

// roleChoices names roles by their place in the list, so that no row's id is in the page; presets by their name.
func roleChoices(roles []accounts.RoleDefinition) []choiceGroup {
	groups := []choiceGroup{{Label: "In an organization"}, {Label: "In the exchange itself"}}
	for _, role := range roles {
		group := &groups[0]
		if role.OfOperator {
			group = &groups[1]
		}
		group.Choices = append(group.Choices, choice{roleValue(roles, role.Role), role.Name})
	}
	return groups
}

func roleValue(roles []accounts.RoleDefinition, role accounts.Role) string {
	if !role.Custom() {
		return string(role)
	}
	for i, r := range roles {
		if r.Role == role {
			return "own-" + strconv.Itoa(i)
		}
	}
	return ""
}

func (p *Portal) invite(w http.ResponseWriter, r *http.Request) error {
	values, err := formOf(r)
	if err != nil {
		return err
	}
	form := inviteForm{
		Login: values.Get("login"), Name: values.Get("name"), Email: values.Get("email"), Place: values.Get("place"), Role: values.Get("role"),
	}
	grant, err := p.grantOf(r, form)
	if err == nil {
		_, err = p.Accounts.Invite(r.Context(), principalOf(r), accounts.Invitation{Login: form.Login, Name: form.Name, Email: form.Email, Grant: grant})
	}
	if errors.Is(err, storage.ErrConflict) {
		err = &accounts.InputError{Field: "login", Reason: "This user ID is taken. Choose another one."}
	}
	if fields := fieldErrors(err); fields != nil {
		return p.renderInvite(w, r, form, fields)
	}
	if err != nil {
		return err
	}
	return p.done(w, r, "/people/invitations", "invitation-sent")
}

// grantOf reads place and role of the form.
func (p *Portal) grantOf(r *http.Request, form inviteForm) (accounts.RoleGrant, error) {
	var grant accounts.RoleGrant
	if id, err := p.DB.PublicIDs().Parse(storage.PublicAccount, form.Place); err == nil {
		grant.Account = storage.AccountID(id)
	} else if id, err := p.DB.PublicIDs().Parse(storage.PublicOperator, form.Place); err == nil {
		grant.Operator = storage.OperatorID(id)
	}
	roles, err := p.Accounts.RolesFor(r.Context(), principalOf(r))
	if err != nil {
		return grant, err
	}
	for _, role := range roles {
		if roleValue(roles, role.Role) == form.Role {
			grant.Role = role.Role
		}
	}
	if grant.Role == "" {
		return grant, &accounts.InputError{Field: "role", Reason: "Choose a role."}
	}
	return grant, nil
}

// invitationRow is an invitation in the list.
type invitationRow struct {
	accounts.InvitationState
	Path string // of the person
}

func (p *Portal) listInvitations(w http.ResponseWriter, r *http.Request) error {
	all, err := p.Accounts.Invitations(r.Context(), principalOf(r))
	if err != nil {
		return err
	}
	rows := []invitationRow{}
	for _, i := range all {
		rows = append(rows, invitationRow{i, "/people/" + p.id(storage.PublicUser, int64(i.User))})
	}
	return p.render(w, r, "people/invitations", Page{Title: "Invitations", Crumbs: peopleCrumbs, Data: rows})
}

// personAct is an act on the person in the path, after which the page at path says what was done.
func (p *Portal) personAct(path, code string, act func(*http.Request, storage.UserID) error) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, err := p.pathID(r, storage.PublicUser)
		if err != nil {
			return err
		}
		if err := act(r, storage.UserID(id)); err != nil {
			return err
		}
		return p.done(w, r, strings.ReplaceAll(path, "{id}", r.PathValue("id")), code)
	}
}

func (p *Portal) resendInvitation(r *http.Request, user storage.UserID) error {
	return p.Accounts.ResendInvitation(r.Context(), principalOf(r), user)
}

func (p *Portal) revokeInvitation(r *http.Request, user storage.UserID) error {
	return p.Accounts.RevokeInvitation(r.Context(), principalOf(r), user)
}

func (p *Portal) startReset(r *http.Request, user storage.UserID) error {
	err := p.Accounts.StartReset(r.Context(), principalOf(r), user)
	var input *accounts.InputError
	if errors.As(err, &input) { // there is no form whose field it is
		refused := problem.Conflict.With(input.Reason)
		refused.Title, refused.Next = "Not possible now", "Go back to the person’s page."
		return refused
	}
	return err
}

// An emailForm corrects a person's address.
type emailForm struct {
	accounts.PersonDetail
	Path  string
	Email string
}

func (p *Portal) personEmailForm(w http.ResponseWriter, r *http.Request) error {
	return p.renderPersonEmail(w, r, nil, nil)
}

func (p *Portal) renderPersonEmail(w http.ResponseWriter, r *http.Request, typed *string, fields FieldErrors) error {
	id, err := p.pathID(r, storage.PublicUser)
	if err != nil {
		return err
	}
	person, err := p.Accounts.PersonDetail(r.Context(), principalOf(r), storage.UserID(id))
	if err != nil {
		return err
	}
	path := "/people/" + r.PathValue("id")
	form := emailForm{PersonDetail: person, Path: path, Email: person.Email}
	if typed != nil {
		form.Email = *typed
	}
	return p.render(w, r, "people/email", Page{
		Title: "Change e-mail address", Crumbs: append([]Crumb{}, peopleCrumbs[0], Crumb{person.Name, path}), Data: form, Errors: fields, Status: statusOf(w, nil, fields),
	})
}

func (p *Portal) changePersonEmail(w http.ResponseWriter, r *http.Request) error {
	id, err := p.pathID(r, storage.PublicUser)
	if err != nil {
		return err
	}
	values, err := formOf(r)
	if err != nil {
		return err
	}
	typed := values.Get("email")
	err = p.Accounts.ChangeEmailOf(r.Context(), principalOf(r), storage.UserID(id), typed)
	if fields := fieldErrors(err); fields != nil {
		return p.renderPersonEmail(w, r, &typed, fields)
	}
	if err != nil {
		return err
	}
	return p.done(w, r, "/people/"+r.PathValue("id"), "email-changed")
}

// listContacts shows whose address or phone nobody has confirmed for long.
func (p *Portal) listContacts(w http.ResponseWriter, r *http.Request) error {
	all, err := p.Accounts.Unconfirmed(r.Context(), principalOf(r))
	if err != nil {
		return err
	}
	type row struct {
		accounts.Contact
		Path string
	}
	rows := []row{}
	for _, c := range all {
		rows = append(rows, row{c, "/people/" + p.id(storage.PublicUser, int64(c.User))})
	}
	return p.render(w, r, "people/contacts", Page{Title: "Contact data to confirm", Crumbs: peopleCrumbs, Data: rows})
}
