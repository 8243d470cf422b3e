package web_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/portal/web"
	"github.com/ediport/ediport/portal/web/webtest"
)

// TestEveryRouteForEveryRole walks all routes as all kinds of people, and expects what the
// permissions of the route say, worked out from the roles by themselves: nobody in without a
// session, 403 without a permission, anything else with one.
func TestEveryRouteForEveryRole(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	people := []struct {
		login string
		roles []accounts.Role
	}{
		{"", nil},
		{s.Nobody, nil},
		{s.Administrator, []accounts.Role{accounts.RoleAdministrator}},
		{s.Biller, []accounts.Role{accounts.RoleBiller}},
		{s.Viewer, []accounts.Role{accounts.RoleViewer}},
		{s.Both, []accounts.Role{accounts.RoleAdministrator, accounts.RoleBiller}},
	}
	tried := 0
	for pattern, needs := range web.RoutePatterns() {
		for _, person := range people {
			tried++
			got := visit(t, s, pattern, person.login)
			switch {
			case needs == "open":
				if got.Status == http.StatusForbidden || got.Status >= http.StatusInternalServerError {
					t.Errorf("%s by %q: %d, want it open", pattern, person.login, got.Status)
				}
			case person.login == "":
				if !toSignIn(pattern, got) {
					t.Errorf("%s without session: %d to %q, want the sign-in page", pattern, got.Status, got.Location)
				}
			case needs == "signed in" || holds(person.roles, needs):
				if got.Status == http.StatusForbidden || got.Status == http.StatusUnauthorized || got.Status >= http.StatusInternalServerError {
					t.Errorf("%s by %q: %d, want to be let in", pattern, person.login, got.Status)
				}
			default:
				name, _, _ := strings.Cut(needs, " ")
				if got.Status != http.StatusForbidden || !strings.Contains(got.Body, name) {
					t.Errorf("%s by %q: %d, want 403 that names %s", pattern, person.login, got.Status, name)
				}
			}
		}
	}
	if tried < 50 {
		t.Errorf("%d visits, want at least 50", tried)
	}
}

var wildcard = regexp.MustCompile(`[{][^}]*[}]`)

// visit asks for a route with ids that exist nowhere; POSTs carry an empty form.
func visit(t *testing.T, s *webtest.Site, pattern, login string) webtest.Answer {
	t.Helper()
	c := s.Client(t)
	if login != "" {
		c.UseSession(s.SignIn(t, login).Token)
	}
	method, path, _ := strings.Cut(pattern, " ")
	path = strings.NewReplacer("{$}", "", "{id}", "clm_00000000000000000000000000", "{name}", "none.css").Replace(path)
	path = wildcard.ReplaceAllString(path, "0")
	if method == http.MethodPost {
		return c.Post(path)
	}
	return c.Get(path)
}

func toSignIn(pattern string, a webtest.Answer) bool {
	if strings.HasPrefix(pattern, "POST ") {
		return a.Status == http.StatusUnauthorized
	}
	return a.Status == http.StatusSeeOther && strings.HasPrefix(a.Location, "/sign-in")
}

func holds(roles []accounts.Role, needs string) bool {
	for _, role := range roles {
		for _, permission := range role.Permissions() {
			for _, need := range strings.Split(needs, " or ") {
				if string(permission) == need {
					return true
				}
			}
		}
	}
	return false
}

func TestUnknownPathsAreNotFoundForSignedInPeopleOnly(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	if a := s.Client(t).Get("/nothing"); a.Status != http.StatusSeeOther || !strings.HasPrefix(a.Location, "/sign-in") {
		t.Errorf("an unknown path without session: %d to %q, want the sign-in page", a.Status, a.Location)
	}
	c := s.SignedIn(t, s.Biller)
	a := c.Get("/nothing")
	if a.Status != http.StatusNotFound || !strings.Contains(a.Body, "Beatrix Lindqvist") || !strings.Contains(a.Body, `class="incident"`) {
		t.Errorf("an unknown path: %d, want 404 in the frame with an incident", a.Status)
	}
}
