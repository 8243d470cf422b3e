package portal_test

import (
	"net/http"
	"testing"

	"github.com/ediport/ediport/accounts/accountstest/covers"
	"github.com/ediport/ediport/portal"
)

// TestNothingButTheDoorsIsOpen asks for what servers are often left open with: figures, profiles, descriptions, sources.
func TestNothingButTheDoorsIsOpen(t *testing.T) {
	t.Parallel()
	covers.Rows(t, "A76")
	h := covers.Handler(t, newPortal(t, func(*portal.Options) {}))
	for _, path := range []string{
		"/metrics", "/debug/pprof/", "/debug/vars", "/debug/requests", "/swagger", "/openapi.json", "/api/docs", "/api/v1/openapi.json", "/.git/config", "/.env",
		"/static/", "/static/../portal.go", "/server-status", "/admin", "/api/v1/", "/graphql",
	} {
		w := get(t, h, "http://localhost"+path)
		if w.Code == http.StatusOK || w.Code >= http.StatusInternalServerError {
			t.Errorf("%s: %d to a stranger", path, w.Code)
		}
	}
}
