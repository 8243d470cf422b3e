package web

import (
	"net/http"

	"github.com/ediport/ediport/portal/problem"
)

// A mailedForm is a form with one field on which a mail depends.
type mailedForm struct {
	Value   string
	Refused *problem.Problem
}

func (p *Portal) userIDForm(w http.ResponseWriter, r *http.Request) error {
	return p.renderUserID(w, r, mailedForm{}, nil)
}

func (p *Portal) renderUserID(w http.ResponseWriter, r *http.Request, form mailedForm, fields FieldErrors) error {
	return p.render(w, r, "recover/user-id", Page{Title: "Your user ID", Data: form, Errors: fields, Status: statusOf(w, form.Refused, fields)})
}

func (p *Portal) recoverUserID(w http.ResponseWriter, r *http.Request) error {
	values, err := formOf(r)
	if err != nil {
		return err
	}
	form := mailedForm{Value: values.Get("email")}
	err = p.Accounts.RecoverUserID(r.Context(), form.Value, origin(r))
	form.Refused = throttled(err)
	if fields := fieldErrors(err); fields != nil || form.Refused != nil {
		return p.renderUserID(w, r, form, fields)
	}
	if err != nil {
		return err
	}
	return p.done(w, r, "/recover/user-id/sent", "")
}

func (p *Portal) userIDSent(w http.ResponseWriter, r *http.Request) error {
	return p.render(w, r, "recover/user-id-sent", Page{Title: "Look at your mail"})
}

// mailedCodeForm asks for the code of an invitation, or of a reset that an administrator started.
func (p *Portal) mailedCodeForm(invitation bool) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		return p.renderMailedCode(w, r, invitation, mailedForm{}, nil)
	}
}

func (p *Portal) renderMailedCode(w http.ResponseWriter, r *http.Request, invitation bool, form mailedForm, fields FieldErrors) error {
	title, name := "Password reset", "recover/reset"
	if invitation {
		title, name = "Your invitation", "recover/invitation"
	}
	return p.render(w, r, name, Page{Title: title, Data: form, Errors: fields, Status: statusOf(w, form.Refused, fields)})
}

func (p *Portal) enterMailedCode(invitation bool) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		values, err := formOf(r)
		if err != nil {
			return err
		}
		form := mailedForm{Value: values.Get("code")}
		token, err := p.Accounts.EnterMailedCode(r.Context(), invitation, form.Value, origin(r))
		form.Refused = throttled(err)
		if fields := fieldErrors(err); fields != nil || form.Refused != nil {
			return p.renderMailedCode(w, r, invitation, form, fields)
		}
		if err != nil {
			return err
		}
		p.setRecovery(w, token)
		http.Redirect(w, r, recoverNew, http.StatusSeeOther)
		return nil
	}
}
