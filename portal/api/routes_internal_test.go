package api

import (
	"strings"
	"testing"

	"github.com/ediport/ediport/accounts"
)

// RoutePatterns are the routes with the permissions of each, for tests outside of the package.
func RoutePatterns() map[string][]accounts.Permission {
	out := map[string][]accounts.Permission{}
	for _, rt := range (&API{}).routes() {
		out[rt.pattern] = rt.access.anyOf
	}
	return out
}

func TestRoutesSayWhoMayUseThem(t *testing.T) {
	t.Parallel()
	if (access{}).valid() {
		t.Error("a route that says nothing about access is valid")
	}
	for _, rt := range (&API{}).routes() {
		if _, path, _ := strings.Cut(rt.pattern, " "); !rt.access.valid() || !strings.HasPrefix(path, "/api/v1/") {
			t.Errorf("route %q: access or pattern is not valid", rt.pattern)
		}
	}
}
