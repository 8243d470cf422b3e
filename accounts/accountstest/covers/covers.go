// Package covers lets a test say which rows of the list of promises it proves. docs/accounts.md is made
// from what tests said while they ran, so that the document can't claim what nobody checks.
//
//	func TestFifthFailureLocks(t *testing.T) {
//		covers.Rows(t, "S24", "A15")
//		...
//	}
//
// A row counts as proved by a test that passed and asked the portal or the API something. Servers of
// tests note requests by [Handler]; tests that ask a program of their own note them by [Transport].
// What is said goes to the file named by EDIPORT_COVERS, a line of JSON for each row; without it a test only
// has its row names checked.
package covers

import (
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
)

// Env names the file to which proofs are appended.
const Env = "EDIPORT_COVERS"

// A Proof is a test that passed, and a row that it covers.
type Proof struct {
	Row     string `json:"row"`
	Package string `json:"package"` // the folder within the module: "portal/web"
	Test    string `json:"test"`    // with the names of subtests after slashes
	Asked   bool   `json:"asked"`   // it made a request of the portal or the API
}

// Rows says that the test proves the rows. Call it first: it looks at the outcome after all else has ended.
// An id that isn't in the list fails the test.
func Rows(t testing.TB, rows ...string) {
	t.Helper()
	for _, row := range rows {
		if !Known(row) {
			t.Errorf("covers: there is no row %q", row)
		}
	}
	file := os.Getenv(Env)
	if file == "" {
		return
	}
	dir, err := packageDir()
	if err != nil {
		t.Errorf("covers: %v", err)
		return
	}
	t.Cleanup(func() {
		if t.Failed() || t.Skipped() {
			return
		}
		for _, row := range rows {
			if err := write(file, Proof{Row: row, Package: dir, Test: t.Name(), Asked: asked(t.Name())}); err != nil {
				t.Errorf("covers: %v", err)
			}
		}
	})
}

// asking are the names of tests that made a request.
var asking sync.Map

// Asked notes that the test made a request. [Handler] and [Transport] call it.
func Asked(t testing.TB) { asking.Store(t.Name(), true) }

// asked reports whether the test, one of its subtests or the test that it is part of made a request.
func asked(name string) (yes bool) {
	asking.Range(func(key, _ any) bool {
		other := key.(string) //nolint:forcetypeassert // Asked stores nothing else
		yes = within(name, other) || within(other, name)
		return !yes
	})
	return yes
}

func within(name, whole string) bool { return name == whole || strings.HasPrefix(name, whole+"/") }

// Handler returns h, noting each request as made by the test.
func Handler(t testing.TB, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		Asked(t)
		h.ServeHTTP(w, r)
	})
}

// Transport returns base, or http.DefaultTransport for nil, noting each request that was answered.
func Transport(t testing.TB, base http.RoundTripper) http.RoundTripper {
	if base == nil {
		base = http.DefaultTransport
	}
	return transport{t, base}
}

type transport struct {
	t    testing.TB
	base http.RoundTripper
}

func (n transport) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := n.base.RoundTrip(r)
	if err == nil {
		Asked(n.t)
	}
	return resp, err
}

// write appends a line in one call, so that packages tested at the same time don't mix theirs.
func write(file string, p Proof) error {
	line, err := json.Marshal(p)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if _, err := f.Write(append(line, '\n')); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}
