package web

import (
	"errors"
	"net/http"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/portal/problem"
	"github.com/ediport/ediport/storage"
)

// start sends signed-in people to the dashboard, others to the sign-in page.
func (p *Portal) start(w http.ResponseWriter, r *http.Request) error {
	target := "/sign-in"
	if principalOf(r) != nil {
		target = "/dashboard"
	}
	http.Redirect(w, r, target, http.StatusSeeOther)
	return nil
}

// A signInForm is the sign-in page's form. The password is never shown again.
type signInForm struct {
	Name    string
	Next    string // where to go afterwards
	Expired bool   // a session has ended
	Refused *problem.Problem
}

// showSignIn shows the form, also to those whose cookie is old or broken; who is signed in goes on.
func (p *Portal) showSignIn(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	form := signInForm{Next: safeNext(q.Get("next")), Expired: q.Get("why") == "expired"}
	if principalOf(r) != nil {
		http.Redirect(w, r, form.Next, http.StatusSeeOther)
		return nil
	}
	return p.renderSignIn(w, r, form)
}

func (p *Portal) signIn(w http.ResponseWriter, r *http.Request) error {
	values, err := formOf(r)
	if err != nil {
		return err
	}
	form := signInForm{Name: values.Get("username"), Next: safeNext(values.Get("next"))}
	credentials := accounts.Credentials{Name: form.Name, Password: values.Get("password")}
	if cookie, err := r.Cookie(p.cookieName()); err == nil {
		credentials.OldToken = cookie.Value
	}
	signedIn, err := p.Accounts.SignIn(r.Context(), credentials, origin(r))
	var throttled *accounts.ThrottledError
	if errors.Is(err, accounts.ErrRefused) || errors.As(err, &throttled) {
		refused := problem.From(err)
		form.Refused = &refused
		return p.renderSignIn(w, r, form)
	}
	if err != nil {
		return err
	}
	p.setCookie(w, signedIn.Token)
	if signedIn.MustChangePassword {
		form.Next = "/account/password"
	}
	http.Redirect(w, r, form.Next, http.StatusSeeOther)
	return nil
}

func (p *Portal) renderSignIn(w http.ResponseWriter, r *http.Request, form signInForm) error {
	page := Page{Title: "Sign in", Data: form}
	if form.Refused != nil {
		page.Status = form.Refused.Status
		setRetryAfter(w, form.Refused.RetryAfter)
	}
	return p.render(w, r, "sign-in", page)
}

func (p *Portal) signInHelp(w http.ResponseWriter, r *http.Request) error {
	return p.render(w, r, "sign-in-help", Page{Title: "Help with signing in"})
}

// signOut ends the session and has the browser forget what it kept, so that Back shows nothing.
func (p *Portal) signOut(w http.ResponseWriter, r *http.Request) error {
	if cookie, err := r.Cookie(p.cookieName()); err == nil {
		if err := p.Accounts.SignOut(r.Context(), cookie.Value, origin(r)); err != nil {
			return err
		}
	}
	p.clearCookie(w)
	w.Header().Set("Clear-Site-Data", `"cache", "storage"`)
	return p.done(w, r, "/sign-in", "signed-out")
}

// keepSession is asked by the page's "stay signed in": being asked is what keeps the session.
func (p *Portal) keepSession(w http.ResponseWriter, _ *http.Request) error {
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// switchAccount narrows the session to one account, or opens it to all.
func (p *Portal) switchAccount(w http.ResponseWriter, r *http.Request) error {
	values, err := formOf(r)
	if err != nil {
		return err
	}
	var id int64
	if public := values.Get("account"); public != "" {
		if id, err = p.DB.PublicIDs().Parse(storage.PublicAccount, public); err != nil {
			return &problem.NotFound
		}
	}
	if err := p.Accounts.Narrow(r.Context(), principalOf(r), storage.AccountID(id)); err != nil {
		return err
	}
	return p.done(w, r, safeNext(values.Get("next")), "")
}
