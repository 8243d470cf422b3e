package web

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// RoutePatterns are the routes for tests outside of the package, with "open", "signed in" or the
// permissions of each.
func RoutePatterns() map[string]string {
	out := map[string]string{}
	for _, rt := range (&Portal{}).routes() {
		var names []string
		for _, permission := range rt.access.anyOf {
			names = append(names, string(permission))
		}
		switch {
		case rt.access.open:
			out[rt.pattern] = "open"
		case len(names) == 0:
			out[rt.pattern] = "signed in"
		default:
			out[rt.pattern] = strings.Join(names, " or ")
		}
	}
	return out
}

// openPaths begin the paths that are open to who isn't signed in: the ways in.
var openPaths = []string{"/sign-", "/{$}", "/static/{name}", "/recover", "/invitation", "/set-up", "/mailbox", "/session/form", "/privacy"}

func TestRoutesSayWhoMayUseThem(t *testing.T) {
	t.Parallel()
	if (access{}).valid() {
		t.Error("a route that says nothing about access is valid")
	}
	for _, rt := range (&Portal{}).routes() {
		method, path, _ := strings.Cut(rt.pattern, " ")
		if !rt.access.valid() || !slices.Contains([]string{http.MethodGet, http.MethodPost}, method) || !strings.HasPrefix(path, "/") {
			t.Errorf("route %q: access or pattern is not valid", rt.pattern)
		}
		if rt.access.open && !slices.ContainsFunc(openPaths, func(open string) bool { return strings.HasPrefix(path, open) }) {
			t.Errorf("route %q is open to everybody", rt.pattern)
		}
	}
}

func TestMenuNeedsWhatItsRoutesNeed(t *testing.T) {
	t.Parallel()
	routes := map[string]access{}
	for _, rt := range (&Portal{}).routes() {
		routes[rt.pattern] = rt.access
	}
	seen := 0
	for _, g := range menu {
		for _, e := range g.Entries {
			a, ok := routes["GET "+e.Path]
			if !ok {
				continue // not built: the entry doesn't show
			}
			seen++
			if !slices.Equal(a.anyOf, e.anyOf) || a.open {
				t.Errorf("menu entry %s needs %v, its route %v", e.Label, e.anyOf, a.anyOf)
			}
			if _, err := icon(e.Icon); err != nil {
				t.Error(err)
			}
		}
	}
	if seen < 2 {
		t.Errorf("%d menu entries have a route, want at least 2", seen)
	}
}
