package web_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/accounts/accountstest/covers"
	"github.com/ediport/ediport/portal/web/webtest"
)

// An administrator adds an organization, gives it identifiers whose digits are checked, and retires one.
func TestOrganizationWithIdentifiers(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	admin := s.SignedIn(t, s.Administrator)
	if a := admin.Post("/organizations", "name", "", "kind", "practice"); a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Body, "Give the organization&#39;s name") {
		t.Errorf("without a name: status %d", a.Status)
	}
	if a := admin.Post("/organizations", "name", "Maple Street Clinic", "kind", "practice", "time_zone", "Mars/Olympus"); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("with a time zone that isn't one: status %d", a.Status)
	}
	added := admin.Post("/organizations", "name", "Maple <b>Street</b> Clinic", "kind", "practice", "time_zone", "America/Chicago")
	if added.Status != http.StatusSeeOther {
		t.Fatalf("adding: status %d", added.Status)
	}
	path, _, _ := strings.Cut(added.Location, "?")
	if a := admin.Post(path+"/identifiers", "kind", "npi", "value", "2990000013"); a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Body, "the last one checks the others") {
		t.Errorf("an NPI with a wrong check digit: status %d", a.Status)
	}
	for _, pair := range [][2]string{{"npi", "2990000012"}, {"tin", "00-1110001"}, {"payer_assigned", "PRV 77"}} {
		if a := admin.Post(path+"/identifiers", "kind", pair[0], "value", pair[1], "valid_from", "2026-01-01"); a.Status != http.StatusSeeOther {
			t.Errorf("adding %s: status %d", pair[0], a.Status)
		}
	}
	page := admin.Get(path)
	for _, want := range []string{"Maple &lt;b&gt;Street&lt;/b&gt; Clinic", "2990000012", "001110001", "PRV 77", "from "} {
		if !strings.Contains(page.Body, want) {
			t.Errorf("the page does not show %q", want)
		}
	}
	retire := regexp.MustCompile(`action="([^"]+/retire)"`).FindStringSubmatch(page.Body)
	if retire == nil {
		t.Fatal("no identifier can be retired")
	}
	if a := admin.Post(retire[1]); a.Status != http.StatusSeeOther {
		t.Errorf("retiring: status %d", a.Status)
	}
	if !strings.Contains(admin.Get(path).Body, "retired") {
		t.Error("the page does not show the identifier as retired")
	}
	if a := s.SignedIn(t, s.Biller).Post("/organizations", "name", "Mine", "kind", "practice"); a.Status != http.StatusForbidden {
		t.Errorf("a biller adds an organization: status %d", a.Status)
	}
	for _, action := range []string{"account.added", "identifier.added", "identifier.retired"} {
		if !strings.Contains(admin.Get("/audit").Body, action) {
			t.Errorf("%s is not in the audit", action)
		}
	}
}

// People of a practice ask for other details from a day on; they hold once the operator has approved them, and all stays in
// the history.
func TestPracticeAsksForOtherDetails(t *testing.T) {
	covers.Rows(t, "S60")
	t.Parallel()
	s := webtest.New(t)
	s.AddUser(t, "Pia.Practice", "Pia Nordqvist", accounts.Grant{Role: accounts.RoleAccountAdministrator, Account: s.Account})
	s.AddUser(t, "Otto.Other", "Otto Brandvold", accounts.Grant{Role: accounts.RoleAccountAdministrator, Account: s.Other})
	pia, admin, otto := s.SignedIn(t, "Pia.Practice"), s.SignedIn(t, s.Administrator), s.SignedIn(t, "Otto.Other")
	path := regexp.MustCompile(`/organizations/acc_[a-z0-9]+`).FindString(pia.Get("/organizations").Body)
	details := []string{"address_1", "12 Harbor Way", "city", "Duluth", "state", "mn", "zip", "55802-1234", "phone", "+1 218 555 0144", "providers", "2990000012 Dana Whitfield", "reason", "We moved."}
	today := s.Clock.Now().Format("2006-01-02")
	if a := pia.Post(path+"/practice", append(details, "effective_on", "soon")...); a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Body, "12 Harbor Way") {
		t.Errorf("without a day: status %d, or the input is lost", a.Status)
	}
	if a := otto.Post(path+"/practice", append(details, "effective_on", today)...); a.Status != http.StatusNotFound {
		t.Errorf("another account's administrator: status %d", a.Status)
	}
	if a := pia.Post(path+"/practice", append(details, "effective_on", "2020-01-01")...); a.Status != http.StatusSeeOther {
		t.Fatalf("asking: status %d", a.Status)
	}
	if a := pia.Post(path+"/practice", append(details, "effective_on", "2020-01-02")...); a.Status != http.StatusConflict {
		t.Errorf("asking again before the decision: status %d", a.Status)
	}
	if body := pia.Get(path).Body; !strings.Contains(body, "wait for a decision") || !strings.Contains(body, "Nothing is known yet") || strings.Contains(body, "/approve") {
		t.Error("the practice does not see its request, or sees it as in force, or may decide itself")
	}
	approve := regexp.MustCompile(`action="([^"]+)/approve"`).FindStringSubmatch(admin.Get(path).Body)
	if approve == nil || !strings.Contains(admin.Get("/organizations").Body, "new details") {
		t.Fatal("the administrator is not asked")
	}
	if a := pia.Post(approve[1] + "/approve"); a.Status != http.StatusForbidden {
		t.Errorf("who asked approves: status %d", a.Status)
	}
	if a := admin.Post(approve[1]+"/reject", "note", ""); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("rejecting without a word: status %d", a.Status)
	}
	if a := admin.Post(approve[1] + "/approve"); a.Status != http.StatusSeeOther {
		t.Fatalf("approving: status %d", a.Status)
	}
	body := pia.Get(path).Body
	for _, want := range []string{"12 Harbor Way, Duluth, MN 55802-1234", "Dana Whitfield", "approved", "decided by Ada Marchetti"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page does not show %q", want)
		}
	}
	if a := admin.Post(path+"/practice", append(details, "effective_on", "2999-01-01", "address_2", "Suite 9")...); a.Status != http.StatusSeeOther {
		t.Errorf("the administrator's own change: status %d", a.Status)
	}
	if body := pia.Get(path).Body; strings.Contains(body, "Suite 9") || !strings.Contains(body, "2999") {
		t.Error("what holds from a later day on is shown as in force, or is not in the history")
	}
}
