package web

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/portal/problem"
)

// A signInForm is the sign-in page's form. The password is never shown again.
type signInForm struct {
	Name     string
	Next     string // where to go afterwards
	Shared   bool   // others use the computer, too
	Expired  bool   // a session has ended
	Refused  *problem.Problem
	Provider bool                // what was typed is an NPI
	Work     *accounts.Challenge // to be done before the password is looked at; nil: none
	Wait     int                 // seconds to wait instead
}

// showSignIn shows the form, also to those whose cookie is old or broken, which it takes back; who is signed
// in goes on.
func (p *Portal) showSignIn(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	form := signInForm{Next: safeNext(q.Get("next")), Expired: q.Get("why") == "expired"}
	if principalOf(r) != nil {
		http.Redirect(w, r, form.Next, http.StatusSeeOther)
		return nil
	}
	if _, err := r.Cookie(p.cookieName()); err == nil {
		p.clearCookie(w)
	}
	return p.renderSignIn(w, r, form)
}

func (p *Portal) signIn(w http.ResponseWriter, r *http.Request) error {
	values, err := formOf(r)
	if err != nil {
		return err
	}
	form := signInForm{Name: values.Get("username"), Next: safeNext(values.Get("next")), Shared: values.Get("shared") == "yes"}
	credentials := accounts.Credentials{
		Name: form.Name, Password: values.Get("password"), Shared: form.Shared, Device: p.deviceToken(r),
		Challenge: values.Get("challenge"), Solution: values.Get("solution"),
	}
	if cookie, err := r.Cookie(p.cookieName()); err == nil {
		credentials.OldToken = cookie.Value
	}
	signedIn, err := p.Accounts.SignIn(r.Context(), credentials, origin(r))
	if err != nil {
		return p.signInFailed(w, r, form, err)
	}
	p.setCookie(w, signedIn.Token)
	if !form.Shared && (signedIn.Step == accounts.StepNone || signedIn.Step == accounts.StepPassword) {
		p.rememberDevice(w, r, signedIn.UserID)
	}
	if signedIn.MustChangePassword && signedIn.Step != accounts.StepFactor && signedIn.Step != accounts.StepEnrol {
		form.Next = "/account/password"
	}
	http.Redirect(w, r, form.Next, http.StatusSeeOther)
	return nil
}

// signInFailed shows the form again, with what to do next; other errors are errors.
func (p *Portal) signInFailed(w http.ResponseWriter, r *http.Request, form signInForm, err error) error {
	var (
		throttled *accounts.ThrottledError
		work      *accounts.ChallengeError
	)
	if !errors.Is(err, accounts.ErrRefused) && !errors.As(err, &throttled) && !errors.As(err, &work) {
		return err
	}
	refused := problem.From(err)
	form.Refused, form.Provider = &refused, accounts.ValidNPI(form.Name)
	if work != nil {
		form.Work, form.Wait = &work.Challenge, int(accounts.ChallengeWait.Seconds())
	}
	if _, err := r.Cookie(p.cookieName()); err == nil && principalOf(r) == nil {
		p.clearCookie(w)
	}
	return p.renderSignIn(w, r, form)
}

func (p *Portal) renderSignIn(w http.ResponseWriter, r *http.Request, form signInForm) error {
	page := Page{Title: "Sign in", Data: form}
	if form.Refused != nil {
		page.Status = form.Refused.Status
		setRetryAfter(w, form.Refused.RetryAfter)
	}
	return p.render(w, r, "sign-in", page)
}

// challenge tells the sign-in page's script whether work is to be done before the form is sent, and which.
func (p *Portal) challenge(w http.ResponseWriter, r *http.Request) error {
	values, err := formOf(r)
	if err != nil {
		return err
	}
	credentials := accounts.Credentials{Name: values.Get("username"), Device: p.deviceToken(r)}
	work, err := p.Accounts.ChallengeFor(r.Context(), credentials, origin(r))
	if err != nil {
		return err
	}
	answer := struct {
		Challenge string `json:"challenge,omitempty"` // "": none
		Nonce     string `json:"nonce,omitempty"`
		Bits      int    `json:"bits,omitempty"`
	}{}
	if work != nil {
		answer.Challenge, answer.Nonce, answer.Bits = work.Text, work.Nonce, work.Bits
	}
	w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(w).Encode(answer)
}
