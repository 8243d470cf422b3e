package api_test

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/accounts/accountstest"
	"github.com/ediport/ediport/accounts/accountstest/covers"
	"github.com/ediport/ediport/jobs"
	"github.com/ediport/ediport/portal/api"
	"github.com/ediport/ediport/portal/door"
	"github.com/ediport/ediport/storage/archive"
)

// A site is a world with the API behind the door.
type site struct {
	*accountstest.World
	handler http.Handler
}

func newSite(t *testing.T, change ...func(*api.Options)) *site {
	t.Helper()
	return siteOn(t, accountstest.New(t), change...)
}

// siteOn puts the API on a world that is there.
func siteOn(t *testing.T, w *accountstest.World, change ...func(*api.Options)) *site {
	t.Helper()
	s := &site{World: w}
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	store, err := archive.Open(t.TempDir(), s.Ring)
	if err != nil {
		t.Fatal(err)
	}
	o := api.Options{
		Accounts: s.Accounts, DB: s.DB, Archive: store, Desk: &jobs.Desk{DB: s.DB, Keys: s.Ring, Archive: store}, Log: log, Now: s.Clock.Now,
	}
	for _, c := range change {
		c(&o)
	}
	rest, err := api.New(o)
	if err != nil {
		t.Fatal(err)
	}
	d, err := door.New(door.Options{Log: log, Hosts: []string{"localhost"}, Now: s.Clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	s.handler = covers.Handler(t, d.Wrap(rest))
	return s
}

// token makes a token of the user with the scopes; none means all that he holds.
func (s *site) token(t *testing.T, login string, scopes ...accounts.Permission) string {
	t.Helper()
	p := s.Principal(t, login)
	if len(scopes) == 0 {
		scopes = p.Permissions()
	}
	secret, _, err := s.Accounts.CreateToken(t.Context(), p, accounts.NewToken{Name: "test", Scopes: scopes, Life: 24 * time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

// send asks with a body and headers; an answer without a body has no value.
func (s *site) send(t *testing.T, method, path, token, body string, headers ...string) answer {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, "http://localhost"+path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+token)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	a := answer{status: w.Code, header: w.Header(), body: w.Body.String()}
	if len(a.body) == 0 {
		return a
	}
	if err := json.Unmarshal([]byte(a.body), &a.value); err != nil {
		t.Fatalf("%s %s: the answer is no JSON object: %v", method, path, err)
	}
	return a
}

type answer struct {
	status int
	header http.Header
	body   string
	value  map[string]any
}

func (s *site) ask(t *testing.T, method, path, authorization string) answer {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, "http://localhost"+path, nil)
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	a := answer{status: w.Code, header: w.Header(), body: w.Body.String()}
	if strings.HasPrefix(w.Header().Get("Content-Type"), "application/x-ndjson") {
		return a // a line a row
	}
	if err := json.Unmarshal(w.Body.Bytes(), &a.value); err != nil {
		t.Fatalf("%s %s: the answer is no JSON object: %v", method, path, err)
	}
	return a
}
