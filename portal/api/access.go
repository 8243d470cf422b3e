package api

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/portal/door"
	"github.com/ediport/ediport/portal/problem"
	"github.com/ediport/ediport/storage"
)

// A handler answers a request or returns why it can't.
type handler func(w http.ResponseWriter, r *http.Request) error

// A route is a URL with what it needs.
type route struct {
	pattern string // method and path, as http.ServeMux has them
	access  access
	handler handler
}

// access says which tokens may use a route. The zero value is none.
type access struct {
	anyToken bool
	anyOf    []accounts.Permission
	body     int64 // the largest; 0: maxBody
}

const maxBody = 1 << 20

// anyToken lets every valid token in.
func anyToken() access { return access{anyToken: true} }

// need lets tokens in that hold at least one of the permissions, somewhere. The handler's scope holds
// the accounts and operators for which these are held.
func need(anyOf ...accounts.Permission) access { return access{anyOf: anyOf} }

// upTo lets larger bodies in.
func (a access) upTo(bytes int64) access {
	a.body = bytes
	return a
}

func (a access) valid() bool { return a.anyToken != (len(a.anyOf) > 0) }

func (a *API) serveRoutes() (handler http.Handler, err error) {
	defer func() {
		if cause := recover(); cause != nil { // ServeMux panics on patterns that are broken or conflict
			err = fmt.Errorf("portal: API routes: %v", cause)
		}
	}()
	mux := http.NewServeMux()
	for _, rt := range a.routes() {
		if !rt.access.valid() || rt.handler == nil {
			return nil, fmt.Errorf("portal: API route %s says not who may use it", rt.pattern)
		}
		mux.Handle(rt.pattern, a.guard(rt.access, rt.handler))
	}
	mux.Handle("/", a.guard(anyToken(), otherwise(mux)))
	return mux, nil
}

// guard lets through who may; it turns errors and panics into problems.
func (a *API) guard(need access, h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, cmp.Or(need.body, maxBody))
		err := door.Call(func() error {
			r, err := a.admit(need, r)
			if err != nil {
				return err
			}
			if need.body > maxBody {
				if err := door.TakesFile(w); err != nil {
					return err
				}
			}
			return h(w, r)
		})
		if err != nil {
			a.fail(w, r, err)
		}
	})
}

// admit finds out who asks, and puts it into the request.
func (a *API) admit(need access, r *http.Request) (*http.Request, error) {
	info := door.FromContext(r.Context())
	origin := accounts.Origin{Address: info.Address, UserAgent: r.UserAgent(), Incident: info.Incident}
	secret, ok := bearer(r)
	if !ok {
		return r, accounts.ErrNoSession
	}
	principal, err := a.Accounts.AuthenticateToken(r.Context(), secret, origin)
	if err != nil {
		return r, err
	}
	if wait := max(a.limits.wait(principal.TokenID, a.Now()), a.users.wait(int64(principal.UserID), a.Now())); wait > 0 {
		tooMany := problem.TooManyRequests
		tooMany.RetryAfter = wait
		return r, &tooMany
	}
	if err := a.chooseExchange(r, principal); err != nil {
		return r, err
	}
	if len(need.anyOf) > 0 && !principal.CanAny(need.anyOf...) {
		a.Accounts.RecordDenied(r.Context(), principal, need.anyOf[0], origin)
		return r, &accounts.DeniedError{Permission: need.anyOf[0]}
	}
	ctx := context.WithValue(r.Context(), principalKey{}, principal)
	return r.WithContext(context.WithValue(ctx, permissionsKey{}, need.anyOf)), nil
}

// OperatorHeader names the operator whose exchange a request is about, where the token's owner works for several.
const OperatorHeader = "Ediport-Operator"

// chooseExchange puts the exchange in view that the request names, if it names one. One at which the token's owner has no role is not
// found.
func (a *API) chooseExchange(r *http.Request, p *accounts.Principal) error {
	named := r.Header.Get(OperatorHeader)
	if named == "" {
		return nil
	}
	id, err := a.DB.PublicIDs().Parse(storage.PublicOperator, named)
	if err != nil || !slices.ContainsFunc(p.Operators, func(o accounts.OperatorAccess) bool { return o.ID == storage.OperatorID(id) }) {
		return &problem.NotFound
	}
	p.ChooseExchange(storage.OperatorID(id))
	return nil
}

// bearer returns the token of the Authorization header. Source: RFC 6750, 2.1.
func bearer(r *http.Request) (string, bool) {
	scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	return strings.TrimSpace(token), ok && strings.EqualFold(scheme, "Bearer")
}

type (
	principalKey   struct{}
	permissionsKey struct{}
)

// principalOf returns who asks.
func principalOf(r *http.Request) *accounts.Principal {
	principal, _ := r.Context().Value(principalKey{}).(*accounts.Principal)
	return principal
}

// scopeOf returns what the request may see: the rows on which the permissions of its route are held.
func scopeOf(r *http.Request) storage.Scope {
	permissions, _ := r.Context().Value(permissionsKey{}).([]accounts.Permission)
	if len(permissions) == 0 {
		return principalOf(r).ScopeOfAll()
	}
	return principalOf(r).Scope(permissions...)
}
