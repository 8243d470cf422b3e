package web

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/portal/problem"
	"github.com/ediport/ediport/storage"
)

const accountPath = "/account"

func writeJSON(w http.ResponseWriter, value any) error {
	w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(w).Encode(value)
}

// totpData is the page that sets up an authenticator app.
type totpData struct {
	accounts.TOTPSetup
	Groups string // the key in groups of four
	Label  string
	QR     qrCode
}

func (p *Portal) totpForm(w http.ResponseWriter, r *http.Request) error {
	setup, err := p.Accounts.BeginTOTP(r.Context(), principalOf(r), p.relyingParty(r).Name)
	if err != nil {
		return err
	}
	return p.renderTOTP(w, r, setup, "", nil)
}

func (p *Portal) renderTOTP(w http.ResponseWriter, r *http.Request, setup accounts.TOTPSetup, label string, cause error) error {
	code, err := newQRCode(setup.URI)
	if err != nil {
		return err
	}
	page := Page{Title: "Set up an authenticator app", Crumbs: accountCrumbs, Data: totpData{setup, inGroups(setup.Key, 4), label, code}}
	if cause != nil {
		q := problem.From(cause)
		page.Status, page.Errors = q.Status, q.Fields
		if len(q.Fields) == 0 {
			page.Errors = FieldErrors{"code": q.Sentence}
			setRetryAfter(w, q.RetryAfter)
		}
	}
	return p.render(w, r, "account/totp", page)
}

func (p *Portal) confirmTOTP(w http.ResponseWriter, r *http.Request) error {
	values, err := formOf(r)
	if err != nil {
		return err
	}
	principal, token := principalOf(r), values.Get("token")
	signedIn, codes, err := p.Accounts.ConfirmTOTP(r.Context(), principal, token, values.Get("code"), values.Get("label"))
	var input *accounts.InputError
	var throttled *accounts.ThrottledError
	switch {
	case errors.Is(err, accounts.ErrCeremony):
		return p.done(w, r, "/account/factors/totp", "setup-over")
	case errors.As(err, &input), errors.As(err, &throttled):
		setup, again := p.Accounts.TOTPSetup(r.Context(), principal, token, p.relyingParty(r).Name)
		if again != nil {
			return again
		}
		return p.renderTOTP(w, r, setup, values.Get("label"), err)
	case err != nil:
		return err
	}
	return p.factorAdded(w, r, signedIn, codes)
}

// passkeyData is the page that registers a passkey.
type passkeyData struct {
	accounts.PasskeyRequest
	Label string
}

func (p *Portal) passkeyForm(w http.ResponseWriter, r *http.Request) error {
	return p.renderPasskey(w, r, "", nil)
}

func (p *Portal) renderPasskey(w http.ResponseWriter, r *http.Request, label string, cause error) error {
	request, err := p.Accounts.BeginPasskey(r.Context(), principalOf(r), p.relyingParty(r))
	if err != nil {
		return err
	}
	page := Page{Title: "Set up a passkey or security key", Crumbs: accountCrumbs, Data: passkeyData{request, label}}
	if cause != nil {
		q := problem.From(cause)
		page.Status, page.Errors = q.Status, q.Fields
		if len(q.Fields) == 0 {
			page.Errors = FieldErrors{"passkey": q.Sentence}
		}
	}
	return p.render(w, r, "account/passkey", page)
}

func (p *Portal) confirmPasskey(w http.ResponseWriter, r *http.Request) error {
	values, err := formOf(r)
	if err != nil {
		return err
	}
	label := values.Get("label")
	signedIn, codes, err := p.Accounts.ConfirmPasskey(r.Context(), principalOf(r), p.relyingParty(r), values.Get("token"), values.Get("answer"), label)
	var input *accounts.InputError
	var throttled *accounts.ThrottledError
	switch {
	case errors.Is(err, accounts.ErrCeremony):
		return p.done(w, r, "/account/factors/passkey", "setup-over")
	case errors.As(err, &input), errors.As(err, &throttled):
		return p.renderPasskey(w, r, label, err)
	case err != nil:
		return err
	}
	return p.factorAdded(w, r, signedIn, codes)
}

// factorAdded goes on under the new cookie: to the recovery codes if there are new ones, which are shown this once.
func (p *Portal) factorAdded(w http.ResponseWriter, r *http.Request, signedIn accounts.SignedIn, codes []string) error {
	p.setCookie(w, signedIn.Token)
	if len(codes) == 0 {
		return p.done(w, r, accountPath, "factor-added")
	}
	principal, err := p.Accounts.Authenticate(r.Context(), signedIn.Token, origin(r))
	if err != nil {
		return err
	}
	return p.renderCodes(w, withPrincipal(r, principal), codes, true)
}

// codesData is the page of new recovery codes.
type codesData struct {
	Codes  []string
	First  bool // they come with the first second factor
	Others int  // other open sessions
}

func (p *Portal) newRecoveryCodes(w http.ResponseWriter, r *http.Request) error {
	codes, err := p.Accounts.NewRecoveryCodes(r.Context(), principalOf(r))
	if err != nil {
		return err
	}
	return p.renderCodes(w, r, codes, false)
}

func (p *Portal) renderCodes(w http.ResponseWriter, r *http.Request, codes []string, first bool) error {
	sessions, err := p.Accounts.Sessions(r.Context(), principalOf(r))
	if err != nil {
		return err
	}
	data := codesData{codes, first, len(sessions) - 1}
	return p.render(w, r, "account/codes", Page{Title: "Your recovery codes", Crumbs: accountCrumbs, Data: data})
}

func (p *Portal) removeFactor(w http.ResponseWriter, r *http.Request) error {
	id, err := p.factorID(r)
	if err != nil {
		return err
	}
	err = p.Accounts.RemoveFactor(r.Context(), principalOf(r), id)
	if errors.Is(err, accounts.ErrLastFactor) {
		return &lastFactor
	}
	if err != nil {
		return err
	}
	return p.done(w, r, accountPath, "factor-removed")
}

var lastFactor = problem.Problem{
	Code: "factor.last", Status: http.StatusConflict, Title: "This is your last second step",
	Sentence: "Your role needs a second step at sign-in, so the last one can’t be removed.",
	Next:     "Set up another one first, then remove this one.",
}

func (p *Portal) renameFactor(w http.ResponseWriter, r *http.Request) error {
	id, err := p.factorID(r)
	if err != nil {
		return err
	}
	values, err := formOf(r)
	if err != nil {
		return err
	}
	if err := p.Accounts.RenameFactor(r.Context(), principalOf(r), id, values.Get("label")); err != nil {
		return err
	}
	return p.done(w, r, accountPath, "factor-renamed")
}

// resetFactors ends a person's second factors on behalf of who manages him.
func (p *Portal) resetFactors(r *http.Request, user storage.UserID) error {
	values, err := formOf(r)
	if err != nil {
		return err
	}
	err = p.Accounts.ResetPersonFactors(r.Context(), principalOf(r), user, values.Get("reason"))
	var input *accounts.InputError
	if errors.As(err, &input) { // there is no form whose field it is
		refused := problem.Conflict.With(input.Reason)
		refused.Title, refused.Next = "Not possible now", "Go back to the person’s page."
		return refused
	}
	return err
}
