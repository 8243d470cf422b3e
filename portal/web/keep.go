package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/portal/problem"
	"github.com/ediport/ediport/storage"
)

// keptParameter names the kept form in the address of the page where it stands again.
const keptParameter = "kept"

// neverKept are parts of the names of fields that are never kept: what is typed there is typed again.
var neverKept = []string{"password", "current", "passphrase", "secret", "private", "code", "passkey"}

// keepForm keeps the form of a POST for the user and returns the page where it stands again; without a form
// that can be kept it is the page itself, "" if that isn't known.
func (p *Portal) keepForm(r *http.Request, user storage.UserID) string {
	page := pageOf(r)
	if r.Method != http.MethodPost || page == "" || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		return page
	}
	values, err := formOf(r)
	if err != nil || len(values) == 0 {
		return page
	}
	return p.keepValues(r, user, page, r.URL.Path, values)
}

// keepValues keeps a form that stands in page and is posted to action.
func (p *Portal) keepValues(r *http.Request, user storage.UserID, page, action string, values url.Values) string {
	for name := range values {
		if slices.ContainsFunc(neverKept, func(part string) bool { return strings.Contains(strings.ToLower(name), part) }) {
			delete(values, name)
		}
	}
	id, err := p.Accounts.KeepForm(r.Context(), user, action, values)
	if err != nil {
		p.Log.Warn("a form was not kept", "route", r.Pattern, "error", err)
		return page
	}
	at, err := url.Parse(page)
	if err != nil {
		return page
	}
	q := at.Query()
	q.Del("done")
	q.Set(keptParameter, p.id(storage.PublicKeptForm, id))
	at.RawQuery = q.Encode()
	return at.RequestURI()
}

// keptForSignIn keeps the form of a POST whose session has ended by itself, and sends to the sign-in page. It
// says false if there is nothing to come back to.
func (p *Portal) keptForSignIn(w http.ResponseWriter, r *http.Request) bool {
	cookie, err := r.Cookie(p.cookieName())
	if err != nil {
		return false
	}
	user, err := p.Accounts.LapsedUser(r.Context(), cookie.Value)
	if err != nil || pageOf(r) == "" {
		return false
	}
	q := url.Values{"why": {"expired"}}
	if next := safeNext(p.keepForm(r, user)); next != "/dashboard" {
		q.Set("next", next)
	}
	http.Redirect(w, r, "/sign-in?"+q.Encode(), http.StatusSeeOther)
	return true
}

// keepTyped is asked by a page whose session is about to end, or has: it keeps what is typed in it and
// answers where to go on.
func (p *Portal) keepTyped(w http.ResponseWriter, r *http.Request) error {
	values, err := formOf(r)
	if err != nil {
		return err
	}
	user, err := p.typist(r)
	if err != nil {
		return err
	}
	page, action := safeNext(values.Get("keep-page")), values.Get("keep-action")
	values.Del("keep-page")
	values.Del("keep-action")
	if action == "" || safeNext(action) != action {
		return &problem.BadRequest
	}
	page = p.keepValues(r, user, page, action, values)
	return writeJSON(w, map[string]string{"page": page})
}

// typist returns whose browser it is, also shortly after the session ended by itself.
func (p *Portal) typist(r *http.Request) (storage.UserID, error) {
	if principal := principalOf(r); principal != nil {
		if principal.Assurance == accounts.AssurancePending {
			return 0, accounts.ErrNoSession // who it is, is not proved yet
		}
		return principal.UserID, nil
	}
	cookie, err := r.Cookie(p.cookieName())
	if err != nil {
		return 0, accounts.ErrNoSession
	}
	return p.Accounts.LapsedUser(r.Context(), cookie.Value)
}

// keptFor returns the kept form that the page's address names, if it is the reader's.
func (p *Portal) keptFor(r *http.Request) (action string, values url.Values) {
	public := r.URL.Query().Get(keptParameter)
	principal := principalOf(r)
	if public == "" || principal == nil || r.Method != http.MethodGet {
		return "", nil
	}
	id, err := p.DB.PublicIDs().Parse(storage.PublicKeptForm, public)
	if err != nil {
		return "", nil
	}
	action, values, err = p.Accounts.KeptForm(r.Context(), principal, id)
	if err != nil {
		if !errors.Is(err, storage.ErrNotFound) {
			p.Log.Warn("a kept form could not be read", "error", err)
		}
		return "", nil
	}
	return action, values
}
