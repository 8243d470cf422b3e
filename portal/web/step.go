package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"

	"github.com/ediport/ediport/accounts"
)

// A stepError says what a person has to do before anything else.
type stepError struct{ step accounts.Step }

func (e *stepError) Error() string { return "portal: first: " + string(e.step) }

// errStepUp: what was asked for needs a fresh proof of who the person is.
var errStepUp = errors.New("portal: a fresh proof is needed")

// stepPaths are the pages of the steps.
var stepPaths = map[accounts.Step]string{
	accounts.StepFactor:   "/step/factor",
	accounts.StepEnrol:    "/step/enrol",
	accounts.StepPassword: "/account/password",
	accounts.StepContact:  "/step/contact",
}

// stepFirst returns a *stepError if the person has to do something that this route is no part of.
func (p *Portal) stepFirst(a access, principal *accounts.Principal) error {
	if principal.Step == accounts.StepNone || slices.Contains(a.steps, principal.Step) {
		return nil
	}
	return &stepError{principal.Step}
}

// redirected answers an error that another page mends: signing in, a step to be done first, a fresh
// proof. What was typed is kept.
func (p *Portal) redirected(w http.ResponseWriter, r *http.Request, err error) bool {
	var step *stepError
	switch {
	case errors.Is(err, accounts.ErrNoSession) && r.Method == http.MethodGet:
		p.toSignIn(w, r)
	case errors.Is(err, accounts.ErrNoSession):
		return p.keptForSignIn(w, r)
	case errors.As(err, &step):
		http.Redirect(w, r, stepPaths[step.step]+backTo(pageOf(r)), http.StatusSeeOther)
	case errors.Is(err, errStepUp):
		http.Redirect(w, r, "/step/up"+backTo(p.keepForm(r, principalOf(r).UserID)), http.StatusSeeOther)
	default:
		return false
	}
	return true
}

// backTo returns the query that leads to next after the step, "" for the dashboard.
func backTo(next string) string {
	if next = safeNext(next); next == "/dashboard" {
		return ""
	}
	return "?" + url.Values{"next": {next}}.Encode()
}

// pageOf returns the page that a request belongs to: its own, or the one whose form it sends; "" if that
// isn't known.
func pageOf(r *http.Request) string {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return r.URL.RequestURI()
	}
	from, err := url.Parse(r.Referer())
	if err != nil || from.Host != r.Host {
		return ""
	}
	return from.RequestURI()
}
