package api_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/accounts/accountstest/covers"
	"github.com/ediport/ediport/portal/api"
)

func TestTokensAreBoundToNetworks(t *testing.T) {
	covers.Rows(t, "A73")
	t.Parallel()
	s := newSite(t)
	p := s.Principal(t, s.Biller)
	secret, id, err := s.Accounts.CreateToken(t.Context(), p, accounts.NewToken{
		Name: "import", Scopes: []accounts.Permission{accounts.ViewRemittances}, Life: time.Hour,
		Networks: []string{"192.0.2.0/28", "2001:db8::7"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(secret, accounts.TokenPrefix) || len(secret) < len(accounts.TokenPrefix)+43 {
		t.Errorf("a token of %d characters, want the prefix and 256 bits", len(secret))
	}
	for address, want := range map[string]int{
		"192.0.2.1:4711": http.StatusOK, "192.0.2.15:1": http.StatusOK, "192.0.2.16:1": http.StatusForbidden,
		"[2001:db8::7]:1": http.StatusOK, "[2001:db8::8]:1": http.StatusForbidden, "[::ffff:192.0.2.1]:1": http.StatusOK,
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://localhost/api/v1/me", nil)
		r.RemoteAddr = address
		r.Header.Set("Authorization", "Bearer "+secret)
		w := httptest.NewRecorder()
		s.handler.ServeHTTP(w, r)
		if w.Code != want || (want == http.StatusForbidden && !strings.Contains(w.Body.String(), "token.address")) {
			t.Errorf("from %s: %d, want %d", address, w.Code, want)
		}
	}
	tokens, err := s.Accounts.Tokens(t.Context(), p)
	if err != nil || len(tokens) != 1 || tokens[0].LastUsed.IsZero() || tokens[0].Expires.IsZero() || len(tokens[0].Networks) != 2 {
		t.Errorf("the list of tokens: %+v, %v; want one with its networks, end and last use", tokens, err)
	}
	if a := s.ask(t, http.MethodGet, "/api/v1/me?access_token="+secret, ""); a.status != http.StatusUnauthorized {
		t.Errorf("a token in the address: %d, want 401", a.status)
	}
	if err := s.Accounts.RevokeToken(t.Context(), p, id); err != nil {
		t.Fatal(err)
	}
	if a := s.ask(t, http.MethodGet, "/api/v1/me", "Bearer "+secret); a.status != http.StatusUnauthorized {
		t.Errorf("a revoked token: %d, want 401", a.status)
	}
	_, _, err = s.Accounts.CreateToken(t.Context(), p, accounts.NewToken{
		Name: "x", Scopes: []accounts.Permission{accounts.ViewRemittances}, Life: time.Hour, Networks: []string{"the office"},
	})
	if err == nil {
		t.Error("“the office” is taken for a network")
	}
}

func TestRateLimitByTokenAndUser(t *testing.T) {
	covers.Rows(t, "A74")
	t.Parallel()
	s := newSite(t, func(o *api.Options) { o.RequestsPerMinute = 2 })
	tokens := []string{s.token(t, s.Biller), s.token(t, s.Biller), s.token(t, s.Biller)}
	other := s.token(t, s.Viewer)
	for i, c := range []struct {
		token string
		want  int
	}{
		{tokens[0], 200}, {tokens[0], 200}, {tokens[0], 429}, // the token's own limit
		{tokens[1], 200}, {tokens[1], 429}, // the user's, with what was refused counted, too
		{tokens[2], 429}, {other, 200},
	} {
		a := s.ask(t, http.MethodGet, "/api/v1/me", "Bearer "+c.token)
		if a.status != c.want || (c.want == http.StatusTooManyRequests) != (a.header.Get("Retry-After") != "") {
			t.Errorf("request %d: %d with Retry-After %q, want %d", i+1, a.status, a.header.Get("Retry-After"), c.want)
		}
	}
}

func TestTheOwnersEndStopsTokens(t *testing.T) {
	covers.Rows(t, "A36")
	t.Parallel()
	s := newSite(t)
	secret, p := s.token(t, s.Biller), s.Principal(t, s.Biller)
	if a := s.ask(t, http.MethodGet, "/api/v1/me", "Bearer "+secret); a.status != http.StatusOK {
		t.Fatalf("before: %d", a.status)
	}
	if err := s.Accounts.Disable(t.Context(), p.Actor(), p.UserID); err != nil {
		t.Fatal(err)
	}
	if a := s.ask(t, http.MethodGet, "/api/v1/me", "Bearer "+secret); a.status != http.StatusUnauthorized {
		t.Errorf("after its owner was disabled: %d, want 401", a.status)
	}
}
