package web

import (
	"net/http"
	"regexp"
	"slices"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/portal/problem"
	"github.com/ediport/ediport/storage"
)

// exchangeCookieName is that of the cookie which says whose exchange is in view, for people who work for several operators. It opens
// nothing: one of an operator for whom the person doesn't work counts as none.
func (p *Portal) exchangeCookieName() string { return p.cookieName() + "-exchange" }

// chosenExchange returns the operator that the browser asks for; 0: none.
func (p *Portal) chosenExchange(r *http.Request) storage.OperatorID {
	cookie, err := r.Cookie(p.exchangeCookieName())
	if err != nil {
		return 0
	}
	id, err := p.DB.PublicIDs().Parse(storage.PublicOperator, cookie.Value)
	if err != nil {
		return 0
	}
	return storage.OperatorID(id)
}

// switchExchange shows another operator's exchange from now on, until the browser is closed.
func (p *Portal) switchExchange(w http.ResponseWriter, r *http.Request) error {
	values, err := formOf(r)
	if err != nil {
		return err
	}
	id, err := p.DB.PublicIDs().Parse(storage.PublicOperator, values.Get("operator"))
	if err != nil || !slices.ContainsFunc(principalOf(r).Operators, func(o accounts.OperatorAccess) bool { return o.ID == storage.OperatorID(id) }) {
		return &problem.NotFound
	}
	http.SetCookie(w, &http.Cookie{
		Name: p.exchangeCookieName(), Value: p.id(storage.PublicOperator, id), Path: "/",
		HttpOnly: true, Secure: p.TLS, SameSite: http.SameSiteLaxMode,
	})
	return p.done(w, r, safeNext(values.Get("next")), "")
}

// openedParameter is where forms say whose exchange was in view when they were opened.
const openedParameter = "exchange"

var postsTo = regexp.MustCompile(`(<form\b[^>]*\bmethod="post" action="[^"?#]*|\bformaction="[^"?#]*)(["#])`)

// bound has the forms of a page say whose exchange it shows, where there are several: a form that stayed open while the person chose
// another one must not pause, add or change anything there.
func (p *Portal) bound(page []byte, principal *accounts.Principal) []byte {
	if principal == nil || principal.Exchange == 0 {
		return page
	}
	return postsTo.ReplaceAll(page, []byte("${1}?"+openedParameter+"="+p.id(storage.PublicOperator, int64(principal.Exchange))+"${2}"))
}

// errOpenedElsewhere refuses a form that was opened in another exchange than the one in view.
var errOpenedElsewhere = problem.Conflict.With("You chose another exchange since this page was opened, so nothing was done.")

// openedElsewhere tells whether a form is sent that was opened in another exchange than the one in view.
func (p *Portal) openedElsewhere(r *http.Request, principal *accounts.Principal) bool {
	opened := r.URL.Query().Get(openedParameter)
	return r.Method == http.MethodPost && opened != "" && principal.Exchange != 0 && opened != p.id(storage.PublicOperator, int64(principal.Exchange))
}
