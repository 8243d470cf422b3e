package web

import (
	"errors"
	"net/http"
	"time"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/portal/problem"
)

// The way back in for who forgot the password: name and proof, the code of the mail, a new password. What each
// page says is the same whether the name is known or not.
const (
	recoverStart = "/recover/password"
	recoverCode  = "/recover/code"
	recoverNew   = "/recover/new"
)

// recoveryCookie binds a code to the browser that asked for it.
func (p *Portal) recoveryCookie() string {
	if p.TLS {
		return "__Host-ediport-recovery"
	}
	return "ediport-recovery"
}

func (p *Portal) setRecovery(w http.ResponseWriter, token string) {
	http.SetCookie(w, &http.Cookie{
		Name: p.recoveryCookie(), Value: token, Path: "/", HttpOnly: true, Secure: p.TLS, SameSite: http.SameSiteLaxMode,
	})
}

func (p *Portal) clearRecovery(w http.ResponseWriter) {
	http.SetCookie(w, &http.Cookie{
		Name: p.recoveryCookie(), Path: "/", MaxAge: -1, HttpOnly: true, Secure: p.TLS, SameSite: http.SameSiteLaxMode,
	})
}

func (p *Portal) recoveryToken(r *http.Request) string {
	cookie, err := r.Cookie(p.recoveryCookie())
	if err != nil {
		return ""
	}
	return cookie.Value
}

// recoverHelp leads to the right page: which of the things that let a person in is lost.
func (p *Portal) recoverHelp(w http.ResponseWriter, r *http.Request) error {
	return p.render(w, r, "recover/start", Page{Title: "Can’t sign in?"})
}

// A recoverForm is what somebody types who forgot the password.
type recoverForm struct {
	Name, Identifier, TaxID, Other string
	Proofs                         int // so many are asked for
	Gone                           bool
	Refused                        *problem.Problem
}

func (p *Portal) recoverForm(w http.ResponseWriter, r *http.Request) error {
	return p.renderRecover(w, r, recoverForm{Gone: r.URL.Query().Get("why") == "gone"}, nil)
}

func (p *Portal) renderRecover(w http.ResponseWriter, r *http.Request, form recoverForm, fields FieldErrors) error {
	policy, err := p.Accounts.RecoveryPolicy(r.Context())
	if err != nil {
		return err
	}
	form.Proofs = policy.IdentityProofs
	page := Page{Title: "New password", Data: form, Errors: fields, Status: statusOf(w, form.Refused, fields)}
	return p.render(w, r, "recover/password", page)
}

// statusOf returns the status of a form that is shown again; 0 for one that is shown first.
func statusOf(w http.ResponseWriter, refused *problem.Problem, fields FieldErrors) int {
	switch {
	case refused != nil:
		setRetryAfter(w, refused.RetryAfter)
		return refused.Status
	case fields != nil:
		return http.StatusUnprocessableEntity
	}
	return 0
}

// throttled returns what to say to who asked too often; nil if the error is another.
func throttled(err error) *problem.Problem {
	var wait *accounts.ThrottledError
	if !errors.As(err, &wait) {
		return nil
	}
	refused := problem.From(err)
	return &refused
}

func (p *Portal) startRecovery(w http.ResponseWriter, r *http.Request) error {
	values, err := formOf(r)
	if err != nil {
		return err
	}
	form := recoverForm{Name: values.Get("name"), Identifier: values.Get("identifier"), TaxID: values.Get("tax_id"), Other: values.Get("other")}
	started, err := p.Accounts.StartRecovery(r.Context(), accounts.RecoveryRequest{
		Name: form.Name, Identifier: form.Identifier, TaxID: form.TaxID, Other: form.Other,
	}, origin(r))
	form.Refused = throttled(err)
	if fields := fieldErrors(err); fields != nil || form.Refused != nil {
		return p.renderRecover(w, r, form, fields)
	}
	if err != nil {
		return err
	}
	p.setRecovery(w, started.Token)
	http.Redirect(w, r, recoverCode, http.StatusSeeOther)
	return nil
}

// codeData is the page that asks for the code.
type codeData struct {
	Until   time.Time // the code is valid at most
	Resend  time.Time // another one may be asked for; zero: no more of them
	Wait    bool      // it is too early for that
	Refused *problem.Problem
}

func (p *Portal) codeForm(w http.ResponseWriter, r *http.Request) error {
	return p.renderCode(w, r, nil, nil)
}

func (p *Portal) renderCode(w http.ResponseWriter, r *http.Request, refused *problem.Problem, fields FieldErrors) error {
	state, err := p.Accounts.Recovery(r.Context(), p.recoveryToken(r))
	if gone, err := p.recoveryGone(w, r, err); gone || err != nil {
		return err
	}
	if state.Confirmed {
		http.Redirect(w, r, recoverNew, http.StatusSeeOther)
		return nil
	}
	data := codeData{Until: state.Expires, Resend: state.MayResend, Wait: state.MayResend.After(p.Now()), Refused: refused}
	return p.render(w, r, "recover/code", Page{Title: "Enter the code", Data: data, Errors: fields, Status: statusOf(w, refused, fields)})
}

// recoveryGone sends a browser whose request has ended to the beginning.
func (p *Portal) recoveryGone(w http.ResponseWriter, r *http.Request, err error) (bool, error) {
	if !errors.Is(err, accounts.ErrCodeGone) {
		return false, err
	}
	target := recoverStart
	if p.recoveryToken(r) != "" {
		target += "?why=gone"
	}
	p.clearRecovery(w)
	http.Redirect(w, r, target, http.StatusSeeOther)
	return true, nil
}

func (p *Portal) enterCode(w http.ResponseWriter, r *http.Request) error {
	values, err := formOf(r)
	if err != nil {
		return err
	}
	next, err := p.Accounts.EnterCode(r.Context(), p.recoveryToken(r), values.Get("code"), origin(r))
	if gone, err := p.recoveryGone(w, r, err); gone {
		return err
	}
	refused, fields := throttled(err), fieldErrors(err)
	switch {
	case refused != nil || fields != nil:
		return p.renderCode(w, r, refused, fields)
	case err != nil:
		return err
	}
	p.setRecovery(w, next)
	http.Redirect(w, r, recoverNew, http.StatusSeeOther)
	return nil
}

func (p *Portal) resendCode(w http.ResponseWriter, r *http.Request) error {
	err := p.Accounts.ResendCode(r.Context(), p.recoveryToken(r), origin(r))
	if gone, err := p.recoveryGone(w, r, err); gone {
		return err
	}
	refused, fields := throttled(err), fieldErrors(err)
	switch {
	case refused != nil || fields != nil:
		return p.renderCode(w, r, refused, fields)
	case err != nil:
		return err
	}
	return p.done(w, r, recoverCode, "code-resent")
}

// newPasswordData is where a person stands who may choose a password.
type newPasswordData struct {
	accounts.RecoveryState
	Zone *time.Location // in which the mail told its times, too
}

// newPasswordForm is shown to who has entered the right code: of a recovery, a reset or an invitation.
func (p *Portal) newPasswordForm(w http.ResponseWriter, r *http.Request) error {
	return p.renderNewPassword(w, r, nil)
}

func (p *Portal) renderNewPassword(w http.ResponseWriter, r *http.Request, fields FieldErrors) error {
	state, err := p.Accounts.Recovery(r.Context(), p.recoveryToken(r))
	if gone, err := p.recoveryGone(w, r, err); gone || err != nil {
		return err
	}
	if !state.Confirmed {
		http.Redirect(w, r, recoverCode, http.StatusSeeOther)
		return nil
	}
	title := "Choose a new password"
	if state.Invitation {
		title = "Choose your password"
	}
	data := newPasswordData{state, p.posted(r, nil).zone()}
	if zone, err := time.LoadLocation(state.TimeZone); err == nil && state.TimeZone != "" {
		data.Zone = zone
	}
	return p.render(w, r, "recover/new", Page{Title: title, Data: data, Errors: fields, Status: statusOf(w, nil, fields)})
}

func (p *Portal) choosePassword(w http.ResponseWriter, r *http.Request) error {
	values, err := formOf(r)
	if err != nil {
		return err
	}
	state, err := p.Accounts.Recovery(r.Context(), p.recoveryToken(r))
	if err == nil {
		err = p.Accounts.ChoosePassword(r.Context(), p.recoveryToken(r), values.Get("password"), origin(r))
	}
	if gone, err := p.recoveryGone(w, r, err); gone {
		return err
	}
	if fields := fieldErrors(err); fields != nil {
		return p.renderNewPassword(w, r, fields)
	}
	if err != nil {
		return err
	}
	p.clearRecovery(w)
	code := "password-recovered"
	if state.Invitation {
		code = "invitation-accepted"
	}
	return p.done(w, r, "/sign-in", code)
}
