package web

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/portal/problem"
	"github.com/ediport/ediport/storage"
)

// stepData is the page on which a person proves who he is, after the password or once more.
type stepData struct {
	Action  string // the page's own path
	Next    string // where to go afterwards
	Method  accounts.FactorKind
	Others  []stepMethod // other ways that the person has
	Passkey accounts.PasskeyRequest
	Refused *problem.Problem // too many wrong codes
}

// A stepMethod leads to another way of proving.
type stepMethod struct{ Label, Path string }

var stepMethods = map[accounts.FactorKind]string{
	accounts.FactorPasskey: "Use a passkey or security key", accounts.FactorTOTP: "Use a code from an authenticator app",
	accounts.FactorRecovery: "Use a recovery code", accounts.FactorPassword: "Use your password",
}

const (
	factorPath = "/step/factor"
	stepUpPath = "/step/up"
)

func (p *Portal) factorPage(w http.ResponseWriter, r *http.Request) error {
	return p.showStep(w, r, factorPath, nil)
}

func (p *Portal) stepUpPage(w http.ResponseWriter, r *http.Request) error {
	return p.showStep(w, r, stepUpPath, nil)
}

// showStep shows the page for the method that the address names, else for the first that the person has.
func (p *Portal) showStep(w http.ResponseWriter, r *http.Request, path string, cause error) error {
	principal := principalOf(r)
	next := safeNext(r.FormValue("next"))
	if path == factorPath && principal.Step != accounts.StepFactor {
		http.Redirect(w, r, next, http.StatusSeeOther) // proved already
		return nil
	}
	methods, err := p.Accounts.Methods(r.Context(), principal)
	if err != nil {
		return err
	}
	data := stepData{Action: path, Next: next, Method: methods[0]}
	if asked := accounts.FactorKind(r.FormValue("method")); slices.Contains(methods, asked) {
		data.Method = asked
	}
	for _, m := range methods {
		if m != data.Method {
			q := url.Values{"method": {string(m)}, "next": {next}}
			data.Others = append(data.Others, stepMethod{stepMethods[m], path + "?" + q.Encode()})
		}
	}
	if data.Method == accounts.FactorPasskey {
		if data.Passkey, err = p.Accounts.AskPasskey(r.Context(), principal, p.relyingParty(r)); err != nil {
			return err
		}
	}
	page := Page{Title: "One more step", Data: &data}
	if path == stepUpPath {
		page.Title = "Is it you?"
	}
	if cause != nil {
		q := problem.From(cause)
		page.Status, page.Errors = q.Status, q.Fields
		if len(q.Fields) == 0 {
			data.Refused = &q
			setRetryAfter(w, q.RetryAfter)
		}
	}
	return p.render(w, r, "step/prove", page)
}

func (p *Portal) proveFactor(w http.ResponseWriter, r *http.Request) error {
	return p.prove(w, r, factorPath)
}

func (p *Portal) proveStepUp(w http.ResponseWriter, r *http.Request) error {
	return p.prove(w, r, stepUpPath)
}

// prove checks what was given, and goes on under a new cookie.
func (p *Portal) prove(w http.ResponseWriter, r *http.Request, path string) error {
	values, err := formOf(r)
	if err != nil {
		return err
	}
	principal := principalOf(r)
	signedIn, err := p.proved(r, principal, values)
	var input *accounts.InputError
	var throttled *accounts.ThrottledError
	switch {
	case errors.Is(err, accounts.ErrCeremony):
		return p.showStep(w, r, path, &accounts.InputError{Field: "passkey", Reason: "That took too long. Please try once more."})
	case errors.As(err, &input), errors.As(err, &throttled):
		return p.showStep(w, r, path, err)
	case err != nil:
		return err
	}
	p.setCookie(w, signedIn.Token)
	if path == factorPath && !principal.Shared {
		p.rememberDevice(w, r, signedIn.UserID)
	}
	http.Redirect(w, r, safeNext(values.Get("next")), http.StatusSeeOther)
	return nil
}

func (p *Portal) proved(r *http.Request, principal *accounts.Principal, values url.Values) (accounts.SignedIn, error) {
	switch accounts.FactorKind(values.Get("method")) {
	case accounts.FactorTOTP:
		return p.Accounts.ProveTOTP(r.Context(), principal, values.Get("code"))
	case accounts.FactorRecovery:
		return p.Accounts.ProveRecoveryCode(r.Context(), principal, values.Get("code"))
	case accounts.FactorPasskey:
		return p.Accounts.ProvePasskey(r.Context(), principal, p.relyingParty(r), values.Get("token"), values.Get("answer"))
	case accounts.FactorPassword:
		return p.Accounts.ProvePassword(r.Context(), principal, values.Get("password"))
	}
	return accounts.SignedIn{}, &problem.BadRequest
}

// relyingParty is this installation as the reader's browser knows it. The door lets in no other hosts
// than those it was told.
func (p *Portal) relyingParty(r *http.Request) accounts.RelyingParty {
	scheme := "http"
	if p.TLS {
		scheme = "https"
	}
	host := r.Host
	if i := strings.LastIndexByte(host, ':'); i > strings.LastIndexByte(host, ']') {
		host = host[:i]
	}
	name := cmp.Or(p.posted(r, principalOf(r)).operator.Name, "ediport")
	return accounts.RelyingParty{ID: host, Origin: scheme + "://" + r.Host, Name: name}
}

// enrolPage asks a person whose role needs a second factor to set one up.
func (p *Portal) enrolPage(w http.ResponseWriter, r *http.Request) error {
	if principalOf(r).Step != accounts.StepEnrol {
		http.Redirect(w, r, accountPath, http.StatusSeeOther)
		return nil
	}
	return p.render(w, r, "step/enrol", Page{Title: "Set up a second step"})
}

// passkeyOptions answers the sign-in page's question for a passkey of anybody.
func (p *Portal) passkeyOptions(w http.ResponseWriter, r *http.Request) error {
	request, err := p.Accounts.AskPasskeySignIn(r.Context(), p.relyingParty(r))
	if err != nil {
		return err
	}
	return writeJSON(w, map[string]string{"token": request.Token, "options": request.Options})
}

// passkeySignIn signs whoever the passkey belongs to in.
func (p *Portal) passkeySignIn(w http.ResponseWriter, r *http.Request) error {
	values, err := formOf(r)
	if err != nil {
		return err
	}
	form := signInForm{Next: safeNext(values.Get("next"))}
	credentials := accounts.Credentials{Shared: values.Get("shared") == "yes"}
	if cookie, err := r.Cookie(p.cookieName()); err == nil {
		credentials.OldToken = cookie.Value
	}
	signedIn, err := p.Accounts.SignInWithPasskey(r.Context(), p.relyingParty(r), values.Get("token"), values.Get("answer"), credentials, origin(r))
	if errors.Is(err, accounts.ErrRefused) || errors.Is(err, accounts.ErrCeremony) {
		form.Refused = &passkeyRefused
		return p.renderSignIn(w, r, form)
	}
	if err != nil {
		return err
	}
	p.setCookie(w, signedIn.Token)
	if !credentials.Shared {
		p.rememberDevice(w, r, signedIn.UserID)
	}
	http.Redirect(w, r, form.Next, http.StatusSeeOther)
	return nil
}

var passkeyRefused = problem.Problem{
	Code: "signin.passkey", Status: http.StatusUnauthorized, Title: "Sign-in failed",
	Sentence: "That passkey can’t be used here, or the attempt took too long.",
	Next:     "Try once more, or sign in with your user ID and password.",
}

// factorID returns the factor in the path.
func (p *Portal) factorID(r *http.Request) (int64, error) { return p.pathID(r, storage.PublicFactor) }
