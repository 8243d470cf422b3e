package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/portal/door"
	"github.com/ediport/ediport/portal/problem"
)

// A handler answers a request or returns why it can't.
type handler func(w http.ResponseWriter, r *http.Request) error

// A route is a URL with what it needs.
type route struct {
	pattern string // method and path, as http.ServeMux has them
	access  access
	handler handler
}

// access says who may use a route. The zero value is nobody.
type access struct {
	open     bool
	signedIn bool
	alone    bool // asked by a page without its reader: it doesn't keep the session open
	anyOf    []accounts.Permission
	maxBody  int64 // bytes; 0 means defaultMaxBody
	fresh    bool  // the person must have proved recently who he is
	steps    []accounts.Step
}

const defaultMaxBody = 64 << 10

// open lets everybody in, also who isn't signed in.
func open() access { return access{open: true} }

// signedIn lets every signed-in person in: pages about oneself, and those that show to each what is his.
func signedIn() access { return access{signedIn: true} }

// need lets in who holds at least one of the permissions, somewhere. The handler's scope holds the
// accounts and operators for which these are held.
func need(anyOf ...accounts.Permission) access { return access{signedIn: true, anyOf: anyOf} }

// unattended is for what pages ask by themselves.
func (a access) unattended() access {
	a.alone = true
	return a
}

// bodyUpTo lets the request's body have so many bytes.
func (a access) bodyUpTo(bytes int64) access {
	a.maxBody = bytes
	return a
}

// steppedUp asks for a fresh proof of who the person is: a factor, or the password where there is none.
func (a access) steppedUp() access {
	a.fresh = true
	return a
}

// during opens the route while one of the steps is to be done first.
func (a access) during(steps ...accounts.Step) access {
	a.steps = steps
	return a
}

func (a access) valid() bool {
	return a.open != a.signedIn && (a.signedIn || len(a.anyOf) == 0)
}

// serveRoutes returns the routes as one handler, behind the check that a request that changes
// something comes from our own pages.
func (p *Portal) serveRoutes() (handler http.Handler, err error) {
	defer func() {
		if cause := recover(); cause != nil { // ServeMux panics on patterns that are broken or conflict
			err = fmt.Errorf("portal: routes: %v", cause)
		}
	}()
	mux := http.NewServeMux()
	for _, rt := range p.routes() {
		if !rt.access.valid() || rt.handler == nil {
			return nil, fmt.Errorf("portal: route %s says not who may use it", rt.pattern)
		}
		p.patterns[rt.pattern] = true
		mux.Handle(rt.pattern, p.guard(rt.access, rt.handler))
	}
	mux.Handle("/", p.guard(signedIn(), otherwise(mux)))
	origin := http.NewCrossOriginProtection()
	origin.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { p.fail(w, r, &problem.CrossOrigin) }))
	return origin.Handler(mux), nil
}

// guard lets through who may; it turns errors and panics into pages.
func (p *Portal) guard(a access, h handler) http.Handler {
	limit := a.maxBody
	if limit == 0 {
		limit = defaultMaxBody
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, limit)
		err := door.Call(func() (err error) {
			if r, err = p.admit(a, r); err != nil { // r stays known to the error page: it shows the frame of who asks
				return err
			}
			return h(w, r)
		})
		switch {
		case err == nil:
		case p.redirected(w, r, err):
		default:
			p.fail(w, r, err)
		}
	})
}

// admit finds out who asks, and puts it into the request.
func (p *Portal) admit(a access, r *http.Request) (*http.Request, error) {
	principal, err := p.authenticate(r, a.alone)
	switch {
	case err == nil:
		r = withPrincipal(r, principal)
	case !errors.Is(err, accounts.ErrNoSession):
		return r, err
	case !a.open:
		return r, err
	}
	if principal != nil && !a.open {
		if err := p.stepFirst(a, principal); err != nil {
			return r, err
		}
	}
	if len(a.anyOf) > 0 && p.openedElsewhere(r, principal) {
		return r, errOpenedElsewhere
	}
	if len(a.anyOf) > 0 && !principal.CanAny(a.anyOf...) {
		p.Accounts.RecordDenied(r.Context(), principal, a.anyOf[0], origin(r))
		return r, &accounts.DeniedError{Permission: a.anyOf[0]}
	}
	if a.fresh && !principal.SteppedUp(p.Now()) && !principal.SettingUp() {
		return r, errStepUp
	}
	return r.WithContext(context.WithValue(r.Context(), permissionsKey{}, a.anyOf)), nil
}

func (p *Portal) authenticate(r *http.Request, unattended bool) (*accounts.Principal, error) {
	cookie, err := r.Cookie(p.cookieName())
	if err != nil {
		return nil, accounts.ErrNoSession
	}
	authenticate := p.Accounts.Authenticate
	if unattended {
		authenticate = p.Accounts.AuthenticateUnattended
	}
	principal, err := authenticate(r.Context(), cookie.Value, origin(r))
	if err == nil {
		principal.ChooseExchange(p.chosenExchange(r))
	}
	return principal, err
}

type (
	principalKey   struct{}
	permissionsKey struct{}
)

// withPrincipal returns the request as the principal's.
func withPrincipal(r *http.Request, principal *accounts.Principal) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), principalKey{}, principal))
}

// principalOf returns who asks; nil if nobody is signed in, which open routes meet only.
func principalOf(r *http.Request) *accounts.Principal {
	principal, _ := r.Context().Value(principalKey{}).(*accounts.Principal)
	return principal
}

// origin returns where the request comes from, for sessions and the audit.
func origin(r *http.Request) accounts.Origin {
	info := door.FromContext(r.Context())
	return accounts.Origin{Address: info.Address, UserAgent: r.UserAgent(), Incident: info.Incident}
}

// toSignIn sends to the sign-in page, and from there back here.
func (p *Portal) toSignIn(w http.ResponseWriter, r *http.Request) {
	q := url.Values{}
	if next := r.URL.RequestURI(); next != "/" && next != "/dashboard" {
		q.Set("next", safeNext(next))
	}
	if _, err := r.Cookie(p.cookieName()); err == nil {
		q.Set("why", "expired")
	}
	target := "/sign-in"
	if len(q) > 0 {
		target += "?" + q.Encode()
	}
	http.Redirect(w, r, target, http.StatusSeeOther)
}

// safeNext returns next if it is a path of ours to go to after signing in, else "/dashboard": never
// another host, and no sign-in page again.
func safeNext(next string) string {
	const fallback = "/dashboard"
	if len(next) > 1024 || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") ||
		strings.ContainsFunc(next, func(r rune) bool { return r == '\\' || r < ' ' || r == 0x7f }) {
		return fallback
	}
	u, err := url.Parse(next)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || strings.Contains(u.Path, "\\") ||
		strings.HasPrefix(u.Path, "//") || strings.HasPrefix(u.Path, "/sign-") {
		return fallback
	}
	return next
}
