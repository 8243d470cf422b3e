package web

import (
	"net/http"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/portal/problem"
)

// contactPage is how oneself is reached.
type contactPage struct {
	accounts.Contact
	Sent    bool   // a code was sent
	Address string // to which, as typed
	Typed   string // phone
	Refused *problem.Problem
}

const contactPath = "/account/contact"

func (p *Portal) contactForm(w http.ResponseWriter, r *http.Request) error {
	return p.renderContact(w, r, contactPage{Sent: r.URL.Query().Get("code") == "sent"}, nil)
}

func (p *Portal) renderContact(w http.ResponseWriter, r *http.Request, page contactPage, err error) error {
	fields := fieldErrors(err)
	page.Refused = throttled(err)
	if err != nil && fields == nil && page.Refused == nil {
		return err
	}
	contact, err := p.Accounts.OwnContact(r.Context(), principalOf(r))
	if err != nil {
		return err
	}
	page.Contact = contact
	if page.Address == "" {
		page.Address = contact.Email
	}
	if page.Typed == "" {
		page.Typed = contact.Phone
	}
	return p.render(w, r, "account/contact", Page{
		Title: "E-mail and phone", Crumbs: accountCrumbs, Data: page, Errors: fields, Status: statusOf(w, page.Refused, fields),
	})
}

func (p *Portal) confirmContact(w http.ResponseWriter, r *http.Request) error {
	if err := p.Accounts.ConfirmContact(r.Context(), principalOf(r)); err != nil {
		return p.renderContact(w, r, contactPage{}, err)
	}
	return p.done(w, r, contactPath, "contact-confirmed")
}

func (p *Portal) contactLater(w http.ResponseWriter, r *http.Request) error {
	if err := p.Accounts.AskContactLater(r.Context(), principalOf(r)); err != nil {
		return err
	}
	return p.done(w, r, "/dashboard", "")
}

func (p *Portal) sendContactCode(w http.ResponseWriter, r *http.Request) error {
	values, err := formOf(r)
	if err != nil {
		return err
	}
	page := contactPage{Address: values.Get("email")}
	if err := p.Accounts.SendContactCode(r.Context(), principalOf(r), page.Address); err != nil {
		return p.renderContact(w, r, page, err)
	}
	http.Redirect(w, r, contactPath+"?code=sent", http.StatusSeeOther)
	return nil
}

func (p *Portal) enterContactCode(w http.ResponseWriter, r *http.Request) error {
	values, err := formOf(r)
	if err != nil {
		return err
	}
	if err := p.Accounts.EnterContactCode(r.Context(), principalOf(r), values.Get("code")); err != nil {
		return p.renderContact(w, r, contactPage{Sent: true}, err)
	}
	return p.done(w, r, contactPath, "contact-confirmed")
}

func (p *Portal) setPhone(w http.ResponseWriter, r *http.Request) error {
	values, err := formOf(r)
	if err != nil {
		return err
	}
	page := contactPage{Typed: values.Get("phone")}
	if err := p.Accounts.SetPhone(r.Context(), principalOf(r), page.Typed); err != nil {
		return p.renderContact(w, r, page, err)
	}
	return p.done(w, r, contactPath, "phone-changed")
}
