package portal_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ediport/ediport/accounts/accountstest"
	"github.com/ediport/ediport/jobs"
	"github.com/ediport/ediport/portal"
	"github.com/ediport/ediport/storage/archive"
	"github.com/ediport/ediport/storage/cluster/clustertest"
)

func TestMain(m *testing.M) { clustertest.Main(m) }

func newPortal(t *testing.T, change func(*portal.Options)) http.Handler {
	t.Helper()
	w := accountstest.New(t)
	store, err := archive.Open(t.TempDir(), w.Ring)
	if err != nil {
		t.Fatal(err)
	}
	o := portal.Options{Accounts: w.Accounts, DB: w.DB, Archive: store, Desk: &jobs.Desk{DB: w.DB, Keys: w.Ring}, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Now: w.Clock.Now, Hosts: []string{"localhost"}}
	change(&o)
	h, err := portal.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func get(t *testing.T, h http.Handler, url string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, url, nil))
	return w
}

func TestPortalPutsItsDoorsTogether(t *testing.T) {
	t.Parallel()
	h := newPortal(t, func(*portal.Options) {})
	for url, want := range map[string]int{
		"http://10.0.0.1/healthz": http.StatusOK, "http://10.0.0.1/readyz": http.StatusOK, // asked by address
		"http://localhost/sign-in": http.StatusOK, "http://localhost/": http.StatusOK,
		"http://localhost/api/v1/me": http.StatusUnauthorized, "http://localhost/api": http.StatusUnauthorized,
		"http://10.0.0.1/sign-in": http.StatusMisdirectedRequest, "http://10.0.0.1/api/v1/me": http.StatusMisdirectedRequest,
	} {
		if w := get(t, h, url); w.Code != want {
			t.Errorf("%s: %d, want %d", url, w.Code, want)
		}
	}
}

func TestNotReadySaysNoMore(t *testing.T) {
	t.Parallel()
	h := newPortal(t, func(o *portal.Options) {
		o.Ready = func(context.Context) error { return errors.New("a detail for the log") }
	})
	w := get(t, h, "http://localhost/readyz")
	if w.Code != http.StatusServiceUnavailable || strings.Contains(w.Body.String(), "detail") {
		t.Errorf("/readyz: %d, want 503 without the reason", w.Code)
	}
	if w := get(t, h, "http://localhost/healthz"); w.Code != http.StatusOK {
		t.Errorf("/healthz while not ready: %d, want 200", w.Code)
	}
}
