package web

import (
	"net/http"

	"github.com/ediport/ediport/portal/problem"
	"github.com/ediport/ediport/storage"
)

// start is the public page at the root; signed-in people go on to the dashboard.
func (p *Portal) start(w http.ResponseWriter, r *http.Request) error {
	if principalOf(r) != nil {
		http.Redirect(w, r, "/dashboard", http.StatusSeeOther)
		return nil
	}
	return p.render(w, r, "start", Page{Title: "Start"})
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
