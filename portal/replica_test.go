package portal

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/ediport/ediport/storage"
)

// TestWhoReadsTheReplica: looking does, except right after one's own change, and where the newest is asked for.
func TestWhoReadsTheReplica(t *testing.T) {
	t.Parallel()
	plain := httptest.NewRequest(http.MethodGet, "/", nil).Context()
	var marked bool
	h := readsReplica(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		marked = storage.PrefersReplica(r.Context())
	}), true)
	ask := func(method string, change ...func(*http.Request)) (bool, []*http.Cookie) {
		r := httptest.NewRequest(method, "/files", nil).WithContext(plain)
		for _, fn := range change {
			fn(r)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return marked, w.Result().Cookies() //nolint:bodyclose // a recorder's
	}
	if on, set := ask(http.MethodGet); !on || len(set) != 0 {
		t.Errorf("looking: replica %v, cookies %v", on, set)
	}
	on, set := ask(http.MethodPost)
	if on || len(set) != 1 {
		t.Fatalf("a change: replica %v, cookies %v", on, set)
	}
	if c := set[0]; c.MaxAge < 5 || !c.HttpOnly || !c.Secure {
		t.Errorf("the cookie of a change: %v", c)
	}
	if on, _ := ask(http.MethodGet, func(r *http.Request) { r.AddCookie(set[0]) }); on {
		t.Error("right after a change the replica is read")
	}
	if on, _ := ask(http.MethodGet, func(r *http.Request) { r.Header.Set("Cache-Control", "no-cache") }); on {
		t.Error("the replica is read for who asks for the newest")
	}
}
