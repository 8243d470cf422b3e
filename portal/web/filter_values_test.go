package web_test

import (
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/portal/web"
	"github.com/ediport/ediport/portal/web/webtest"
)

var (
	filterForm   = regexp.MustCompile(`(?s)<form class="filter".*?</form>`)
	filterSelect = regexp.MustCompile(`<select id="[^"]*" name="([^"]+)"`)
)

// Whoever asks a list for something that its filter doesn't offer, by an address that was typed or cut off, is told so, and is not
// shown an empty list, nor all of it.
func TestFiltersRefuseWhatTheyDoNotOffer(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	c := s.SignedIn(t, s.AddUser(t, "Eve.Erything", "Eve Erything", accounts.Grant{Role: accounts.RoleOwner, Operator: s.Operator},
		accounts.Grant{Role: accounts.RoleAccountOwner, Account: s.Account}, accounts.Grant{Role: accounts.RoleBiller, Account: s.Other}))
	tried := 0
	paths := []string{"/acknowledgments?side=ours"}
	for _, pattern := range slices.Sorted(maps.Keys(web.RoutePatterns())) {
		if path, is := strings.CutPrefix(pattern, "GET "); is && !strings.Contains(path, "{") {
			paths = append(paths, path)
		}
	}
	for _, path := range paths {
		page := c.Get(path)
		if page.Status != http.StatusOK {
			continue
		}
		for _, field := range filterSelect.FindAllStringSubmatch(filterForm.FindString(page.Body), -1) {
			name, joint := field[1], "?"
			if slices.Contains([]string{"account", "partner", "connection", "side"}, name) {
				continue // ids, of which unknown ones are answered like those of others
			}
			if strings.Contains(path, "?") {
				joint = "&"
			}
			tried++
			a := c.Get(path + joint + name + "=sleepy")
			if a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Body, `id="f-`+name+`-error"`) || strings.Contains(a.Body, "<tbody>") {
				t.Errorf("%s by a %s that there isn't: %d, want 422 that says so at the field", path, name, a.Status)
			}
		}
	}
	if tried < 15 {
		t.Errorf("only %d choices were tried", tried)
	}
	for _, path := range []string{"/acknowledgments?side=sleepy"} {
		if a := c.Get(path); a.Status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d, want 422", path, a.Status)
		}
	}
}
