package web_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/ediport/ediport/portal/web/webtest"
)

// Who adds an organization that there is already is told beside the name, with what was typed still there.
func TestOrganizationsOfOneNameByPage(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	c := s.SignedIn(t, s.Administrator)
	a := c.Post("/organizations", "kind", "practice", "name", "HARBOR orthopedics", "time_zone", "")
	if a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Body, "There is an organization of this name already") || !strings.Contains(a.Body, `value="HARBOR orthopedics"`) {
		t.Errorf("a second one of the name: %d, want 422 that says so", a.Status)
	}
	if a := c.Post("/organizations", "kind", "practice", "name", "Harbor Orthopedics West", "time_zone", ""); a.Status != http.StatusSeeOther {
		t.Errorf("one with a name of its own: %d", a.Status)
	}
}
