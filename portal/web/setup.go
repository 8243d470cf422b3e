package web

import (
	"errors"
	"net/http"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/portal/problem"
)

// A setupForm makes the first administrator of a new installation.
type setupForm struct {
	accounts.Setup
	Zones   []string
	Refused *problem.Problem
}

// setupZones are the time zones of the United States and its territories.
var setupZones = []string{
	"America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles", "America/Anchorage",
	"Pacific/Honolulu", "America/Puerto_Rico", "Pacific/Guam", "Pacific/Pago_Pago", "UTC",
}

// setupForm is there until somebody administers the installation; then it leads to the sign-in page.
func (p *Portal) setupForm(w http.ResponseWriter, r *http.Request) error {
	return p.renderSetup(w, r, setupForm{Setup: accounts.Setup{TimeZone: setupZones[0]}}, nil)
}

func (p *Portal) renderSetup(w http.ResponseWriter, r *http.Request, form setupForm, fields FieldErrors) error {
	needed, err := p.Accounts.SetupNeeded(r.Context())
	if err != nil {
		return err
	}
	if !needed {
		http.Redirect(w, r, "/sign-in", http.StatusSeeOther)
		return nil
	}
	form.Zones, form.Password = setupZones, ""
	return p.render(w, r, "setup", Page{Title: "Set up ediport", Data: form, Errors: fields, Status: statusOf(w, form.Refused, fields)})
}

func (p *Portal) setUp(w http.ResponseWriter, r *http.Request) error {
	values, err := formOf(r)
	if err != nil {
		return err
	}
	form := setupForm{Setup: accounts.Setup{
		Operator: values.Get("operator"), TimeZone: values.Get("time_zone"), Login: values.Get("login"), Name: values.Get("name"),
		Email: values.Get("email"), Password: values.Get("password"),
	}}
	err = p.Accounts.SetUp(r.Context(), values.Get("code"), form.Setup, origin(r))
	if errors.Is(err, accounts.ErrSetUp) {
		http.Redirect(w, r, "/sign-in", http.StatusSeeOther)
		return nil
	}
	form.Refused = throttled(err)
	if fields := fieldErrors(err); fields != nil || form.Refused != nil {
		return p.renderSetup(w, r, form, fields)
	}
	if err != nil {
		return err
	}
	p.board.forget() // the exchange has a name now
	return p.done(w, r, "/sign-in", "set-up")
}
