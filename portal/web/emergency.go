package web

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/storage"
)

// emergencyData is the page of emergency access: what was taken, what waits for review, and the form to take it.
type emergencyData struct {
	formValues
	Rows     []emergencyRow
	MayTake  bool
	Accounts []option
	Roles    []option
}

type emergencyRow struct {
	storage.BreakGlass
	RoleTitle string
	Path      string
	Open      bool // goes on
	Mine      bool
	Reviews   bool // who looks may review it
}

// listEmergencies shows who took access in an emergency.
func (p *Portal) listEmergencies(w http.ResponseWriter, r *http.Request) error {
	return p.renderEmergencies(w, r, formValues{values: url.Values{"minutes": {"30"}}})
}

func (p *Portal) renderEmergencies(w http.ResponseWriter, r *http.Request, typed formValues) error {
	principal := principalOf(r)
	all, err := p.Accounts.BreakGlasses(r.Context(), principal)
	if err != nil {
		return err
	}
	data := emergencyData{formValues: typed, MayTake: principal.Can(accounts.BreakGlass) && principal.TokenID == 0}
	for _, b := range all {
		row := emergencyRow{BreakGlass: b, RoleTitle: accounts.Role(b.Role).Title(), Path: "/emergency/" + p.id(storage.PublicBreakGlass, b.ID)}
		row.Mine = b.UserID == principal.UserID
		row.Open = b.EndedAt == nil && b.EndsAt.After(p.Now())
		row.Reviews = b.ReviewedAt == nil && !row.Mine &&
			(principal.CanAtOperator(accounts.ReviewBreakGlass, b.OperatorID) || principal.CanAt(accounts.ReviewBreakGlass, b.AccountID))
		data.Rows = append(data.Rows, row)
	}
	if data.MayTake {
		found, err := p.DB.OperatorAccounts(r.Context(), principal.Scope(accounts.BreakGlass))
		if err != nil {
			return err
		}
		for _, a := range found {
			if a.Kind != "unrouted" && a.ClosedAt == nil {
				data.Accounts = append(data.Accounts, option{p.id(storage.PublicAccount, int64(a.ID)), a.Name})
			}
		}
		for _, role := range accounts.EmergencyRoles() {
			data.Roles = append(data.Roles, option{string(role), role.Title()})
		}
	}
	page := Page{Title: "Emergency access", Data: data, Errors: typed.errors}
	if typed.errors != nil {
		page.Status = http.StatusUnprocessableEntity
	}
	return p.render(w, r, "emergency/list", page)
}

// takeEmergency gives who asks access for a while.
func (p *Portal) takeEmergency(w http.ResponseWriter, r *http.Request) error {
	values, err := formOf(r)
	if err != nil {
		return err
	}
	e := accounts.Emergency{Role: accounts.Role(values.Get("role")), Reason: values.Get("reason")}
	if e.Minutes, err = strconv.Atoi(values.Get("minutes")); err != nil {
		e.Minutes = -1
	}
	id, err := p.DB.PublicIDs().Parse(storage.PublicAccount, values.Get("account"))
	if err != nil {
		return p.renderEmergencies(w, r, formValues{values, FieldErrors{"account": "Choose an account."}})
	}
	e.Account = storage.AccountID(id)
	_, err = p.Accounts.BreakGlass(r.Context(), principalOf(r), e)
	if fields := fieldErrors(err); fields != nil {
		return p.renderEmergencies(w, r, formValues{values, fields})
	}
	if err != nil {
		return err
	}
	return p.done(w, r, "/emergency", "emergency-opened")
}

// emergencyAct returns the handler of an act on one emergency access.
func (p *Portal) emergencyAct(code string, act func(r *http.Request, id int64) error) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, err := p.pathID(r, storage.PublicBreakGlass)
		if err != nil {
			return err
		}
		if _, err := formOf(r); err != nil {
			return err
		}
		if err := act(r, id); err != nil {
			return err
		}
		return p.done(w, r, "/emergency", code)
	}
}

func (p *Portal) endEmergency(r *http.Request, id int64) error {
	return p.Accounts.EndBreakGlass(r.Context(), principalOf(r), id)
}

func (p *Portal) reviewEmergency(r *http.Request, id int64) error {
	return p.Accounts.ReviewBreakGlass(r.Context(), principalOf(r), id, r.PostForm.Get("review"))
}
