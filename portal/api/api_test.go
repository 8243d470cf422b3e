package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/portal/api"
)

func TestMe(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	a := s.ask(t, http.MethodGet, "/api/v1/me", "Bearer "+s.token(t, s.Both, accounts.ViewRemittances))
	if a.status != http.StatusOK || a.header.Get("Content-Type") != "application/json" || a.header.Get("Cache-Control") != "no-store" {
		t.Fatalf("me: %d, %q", a.status, a.header.Get("Content-Type"))
	}
	if a.value["login"] != s.Both || !strings.HasPrefix(a.value["user_id"].(string), "usr_") {
		t.Errorf("me says %v", a.value["login"])
	}
	if got := a.value["permissions"].([]any); len(got) != 1 || got[0] != "remittances.view" {
		t.Errorf("permissions %v, want the token's scope", got)
	}
	if got := a.value["accounts"].([]any); len(got) != 2 || !strings.HasPrefix(got[0].(map[string]any)["id"].(string), "acc_") {
		t.Errorf("%d accounts, want 2 with opaque ids", len(got))
	}
}

func TestWithoutTokenNothing(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	expired := s.token(t, s.Biller)
	s.Clock.Advance(25 * time.Hour)
	good := s.token(t, s.Biller)
	var first answer
	for rule, authorization := range map[string]string{
		"no header": "", "Basic": "Basic dXNlcjpwYXNz", "no scheme": good, "unknown token": "Bearer edp_" + strings.Repeat("A", 43),
		"a session": "Bearer " + s.SignIn(t, s.Biller).Token, "expired": "Bearer " + expired, "in two": "Bearer " + good + " " + good,
	} {
		for _, path := range []string{"/api/v1/me", "/api/v1/nothing", "/api"} {
			a := s.ask(t, http.MethodGet, path, authorization)
			if a.status != http.StatusUnauthorized || a.header.Get("WWW-Authenticate") == "" || a.header.Get("Content-Type") != "application/problem+json" {
				t.Errorf("%s at %s: %d, want 401 as a problem", rule, path, a.status)
			}
			delete(a.value, "incident")
			if first.value == nil {
				first = a
			}
			if a.value["code"] != first.value["code"] || a.value["detail"] != first.value["detail"] {
				t.Errorf("%s at %s tells more than others: %v", rule, path, a.value["code"])
			}
		}
	}
}

func TestProblems(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	a := s.ask(t, http.MethodGet, "/api/v1/nothing", "Bearer "+s.token(t, s.Biller))
	if a.status != http.StatusNotFound || a.value["code"] != "not_found" || a.value["next_step"] == "" || len(a.value["incident"].(string)) != 11 {
		t.Errorf("an unknown path: %d %v", a.status, a.value)
	}
}

// TestEveryRouteForEveryRole walks all routes of the API with tokens of all kinds of people.
func TestEveryRouteForEveryRole(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	tried := 0
	for _, login := range []string{s.Nobody, s.Administrator, s.Biller, s.Viewer, s.Both} {
		p := s.Principal(t, login)
		if len(p.Permissions()) == 0 {
			continue // nothing that a token could be given
		}
		token := s.token(t, login)
		for pattern, needs := range api.RoutePatterns() {
			tried++
			method, path, _ := strings.Cut(pattern, " ")
			path = strings.NewReplacer("{id}", "clm_00000000000000000000000000").Replace(path)
			a := s.ask(t, method, path, "Bearer "+token)
			if allowed := len(needs) == 0 || p.CanAny(needs...); allowed {
				if a.status == http.StatusForbidden || a.status == http.StatusUnauthorized || a.status >= http.StatusInternalServerError {
					t.Errorf("%s by %s: %d, want to be let in", pattern, login, a.status)
				}
			} else if a.status != http.StatusForbidden || a.value["permission"] != string(needs[0]) {
				t.Errorf("%s by %s: %d, want 403 that names %s", pattern, login, a.status, needs[0])
			}
		}
	}
	if tried < 4 {
		t.Errorf("%d requests, want at least 4", tried)
	}
}

func TestRateLimit(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(o *api.Options) { o.RequestsPerMinute = 3 })
	mine, other := "Bearer "+s.token(t, s.Biller), "Bearer "+s.token(t, s.Viewer)
	for i, want := range []int{200, 200, 200, 429} {
		if a := s.ask(t, http.MethodGet, "/api/v1/me", mine); a.status != want {
			t.Errorf("request %d: %d, want %d", i+1, a.status, want)
		} else if want == 429 && (a.header.Get("Retry-After") != "20" || a.value["retry"] != true) {
			t.Errorf("Retry-After %q, want 20 seconds", a.header.Get("Retry-After"))
		}
	}
	if a := s.ask(t, http.MethodGet, "/api/v1/me", other); a.status != http.StatusOK {
		t.Errorf("another token: %d, want 200", a.status)
	}
	s.Clock.Advance(20 * time.Second)
	if a := s.ask(t, http.MethodGet, "/api/v1/me", mine); a.status != http.StatusOK {
		t.Errorf("after the wait: %d, want 200", a.status)
	}
}
