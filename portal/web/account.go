package web

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/portal/problem"
	"github.com/ediport/ediport/storage"
)

// accountData is the page about oneself.
type accountData struct {
	Factors  []factorRow
	Codes    int // recovery codes left
	Devices  []deviceRow
	Sessions []sessionRow
	Tokens   []tokenRow
}

type factorRow struct {
	accounts.Factor
	Path string // of what can be done with it
}

type deviceRow struct {
	accounts.Device
	Path string // forgets it
}

type sessionRow struct {
	accounts.Session
	Path string // ends it
}

type tokenRow struct {
	accounts.Token
	Path string // revokes it
}

// account shows one's own name, roles, sessions and API tokens.
func (p *Portal) account(w http.ResponseWriter, r *http.Request) error {
	principal := principalOf(r)
	sessions, err := p.Accounts.Sessions(r.Context(), principal)
	if err != nil {
		return err
	}
	devices, err := p.Accounts.Devices(r.Context(), principal)
	if err != nil {
		return err
	}
	tokens, err := p.Accounts.Tokens(r.Context(), principal)
	if err != nil {
		return err
	}
	data, err := p.factorsOf(r)
	if err != nil {
		return err
	}
	for _, d := range devices {
		data.Devices = append(data.Devices, deviceRow{d, "/account/devices/" + p.id(storage.PublicDevice, d.ID) + "/forget"})
	}
	for _, s := range sessions {
		data.Sessions = append(data.Sessions, sessionRow{s, "/account/sessions/" + p.DB.PublicIDs().Format(storage.PublicSession, s.ID) + "/end"})
	}
	for _, t := range tokens {
		data.Tokens = append(data.Tokens, tokenRow{t, "/account/tokens/" + p.DB.PublicIDs().Format(storage.PublicToken, t.ID) + "/revoke"})
	}
	return p.render(w, r, "account/show", Page{Title: "My account", Data: data})
}

// factorsOf returns the part of the page about second factors.
func (p *Portal) factorsOf(r *http.Request) (data accountData, err error) {
	user := principalOf(r).UserID
	factors, err := p.Accounts.FactorsOf(r.Context(), user)
	if err != nil {
		return data, err
	}
	for _, f := range factors {
		data.Factors = append(data.Factors, factorRow{f, "/account/factors/" + p.id(storage.PublicFactor, f.ID)})
	}
	data.Codes, err = p.Accounts.RecoveryCodesLeft(r.Context(), user)
	return data, err
}

// security leads to the part of one's account that is about signing in.
func (p *Portal) security(w http.ResponseWriter, r *http.Request) error {
	http.Redirect(w, r, accountPath+"#security", http.StatusSeeOther)
	return nil
}

func (p *Portal) endSession(w http.ResponseWriter, r *http.Request) error {
	id, err := p.DB.PublicIDs().Parse(storage.PublicSession, r.PathValue("id"))
	if err != nil {
		return err
	}
	if err := p.Accounts.EndSession(r.Context(), principalOf(r), id); err != nil {
		return err
	}
	return p.done(w, r, "/account", "session-ended")
}

func (p *Portal) forgetDevice(w http.ResponseWriter, r *http.Request) error {
	id, err := p.pathID(r, storage.PublicDevice)
	if err != nil {
		return err
	}
	if err := p.Accounts.ForgetDevice(r.Context(), principalOf(r), id); err != nil {
		return err
	}
	return p.done(w, r, accountPath, "device-forgotten")
}

func (p *Portal) endOtherSessions(w http.ResponseWriter, r *http.Request) error {
	if err := p.Accounts.EndOtherSessions(r.Context(), principalOf(r)); err != nil {
		return err
	}
	return p.done(w, r, "/account", "sessions-ended")
}

var accountCrumbs = []Crumb{{"My account", "/account"}}

func (p *Portal) passwordForm(w http.ResponseWriter, r *http.Request) error {
	return p.render(w, r, "account/password", Page{Title: "Change password", Crumbs: accountCrumbs})
}

func (p *Portal) changePassword(w http.ResponseWriter, r *http.Request) error {
	values, err := formOf(r)
	if err != nil {
		return err
	}
	err = p.Accounts.ChangePassword(r.Context(), principalOf(r), values.Get("current"), values.Get("password"))
	if fields := fieldErrors(err); fields != nil {
		return p.render(w, r, "account/password", Page{
			Title: "Change password", Crumbs: accountCrumbs, Errors: fields, Status: http.StatusUnprocessableEntity,
		})
	}
	if err != nil {
		return err
	}
	return p.done(w, r, "/account", "password-changed")
}

// fieldErrors returns what an error says about the fields of a form; nil if it is about none.
func fieldErrors(err error) FieldErrors {
	if err == nil {
		return nil
	}
	return problem.From(err).Fields
}

// A newTokenForm is the form for an API token.
type newTokenForm struct {
	Name     string
	Days     string
	Networks string // one a line; "" for anywhere
	Scopes   map[accounts.Permission]bool
	All      []accounts.Permission // what the person can give
	Secret   string                // of the token just made: shown this once
}

func (p *Portal) tokenForm(w http.ResponseWriter, r *http.Request) error {
	form := newTokenForm{Days: "90", All: principalOf(r).Permissions()}
	return p.renderToken(w, r, form, nil)
}

func (p *Portal) createToken(w http.ResponseWriter, r *http.Request) error {
	principal := principalOf(r)
	values, err := formOf(r)
	if err != nil {
		return err
	}
	form := newTokenForm{
		Name: values.Get("name"), Days: values.Get("days"), Networks: values.Get("networks"),
		All: principal.Permissions(), Scopes: map[accounts.Permission]bool{},
	}
	token := accounts.NewToken{Name: form.Name, Networks: strings.FieldsFunc(form.Networks, func(r rune) bool { return unicode.IsSpace(r) || r == ',' })}
	for _, scope := range values["scopes"] {
		form.Scopes[accounts.Permission(scope)] = true
		token.Scopes = append(token.Scopes, accounts.Permission(scope))
	}
	if days, err := strconv.Atoi(form.Days); err == nil && days <= 366 {
		token.Life = time.Duration(days) * 24 * time.Hour
	}
	secret, _, err := p.Accounts.CreateToken(r.Context(), principal, token)
	var input *accounts.InputError
	if errors.As(err, &input) {
		return p.renderToken(w, r, form, fieldErrors(err))
	}
	if err != nil {
		return fmt.Errorf("portal: token: %w", err)
	}
	form.Secret = secret
	return p.renderToken(w, r, form, nil)
}

func (p *Portal) renderToken(w http.ResponseWriter, r *http.Request, form newTokenForm, fields FieldErrors) error {
	page := Page{Title: "New API token", Crumbs: accountCrumbs, Data: form, Errors: fields}
	if fields != nil {
		page.Status = http.StatusUnprocessableEntity
	}
	return p.render(w, r, "account/token", page)
}

func (p *Portal) revokeToken(w http.ResponseWriter, r *http.Request) error {
	id, err := p.DB.PublicIDs().Parse(storage.PublicToken, r.PathValue("id"))
	if err != nil {
		return err
	}
	if err := p.Accounts.RevokeToken(r.Context(), principalOf(r), id); err != nil {
		return err
	}
	return p.done(w, r, "/account", "token-revoked")
}
