package web

import (
	"net/http"
	"time"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/storage"
)

// addIdentifier gives an organization an identifier; a wrong one comes back in the form.
func (p *Portal) addIdentifier(w http.ResponseWriter, r *http.Request) error {
	id, err := p.pathID(r, storage.PublicAccount)
	if err != nil {
		return err
	}
	values, err := formOf(r)
	if err != nil {
		return err
	}
	q := p.queryOf(r)
	q.values = values
	in := accounts.IdentifierInput{
		Kind: q.text("kind"), Value: q.text("value"), Partner: storage.PartnerID(q.id("partner", storage.PublicPartner)),
		ValidFrom: dayOrNil(q.day("valid_from")), ValidTo: dayOrNil(q.day("valid_to")),
	}
	if len(q.errors) > 0 {
		return p.renderOrganization(w, r, formValues{values: values}, q.errors)
	}
	err = p.Accounts.AddIdentifier(r.Context(), scopeOf(r), storage.AccountID(id), in)
	if wrong, ok := inputErrors(err); ok {
		return p.renderOrganization(w, r, formValues{values: values}, wrong)
	}
	if err != nil {
		return err
	}
	return p.done(w, r, "/organizations/"+r.PathValue("id"), "identifier-added")
}

// retireIdentifier ends an identifier with yesterday, or with a day that was given.
func (p *Portal) retireIdentifier(w http.ResponseWriter, r *http.Request) error {
	account, err := p.pathID(r, storage.PublicAccount)
	if err != nil {
		return err
	}
	id, err := p.DB.PublicIDs().Parse(storage.PublicIdentifier, r.PathValue("identifier"))
	if err != nil {
		return err
	}
	values, err := formOf(r)
	if err != nil {
		return err
	}
	q := p.queryOf(r)
	q.values = values
	last := dayOrNil(q.day("last"))
	if last == nil {
		yesterday := p.Now().In(principalOf(r).Zone()).AddDate(0, 0, -1)
		last = &yesterday
	}
	if err := p.Accounts.RetireIdentifier(r.Context(), scopeOf(r), storage.AccountID(account), id, *last); err != nil {
		return err
	}
	return p.done(w, r, "/organizations/"+r.PathValue("id"), "identifier-retired")
}

func dayOrNil(d storage.Day) *time.Time {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return nil
	}
	return &t
}
