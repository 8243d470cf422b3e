package web_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/accounts/accountstest/covers"
	"github.com/ediport/ediport/portal/web/webtest"
	"github.com/ediport/ediport/storage"
)

// Somebody of the exchange who may change details, but manages no accounts, asks like the practice's own people: he decides on
// nothing, not by asking either.
func TestWhoManagesNoAccountsDecidesOnNoDetails(t *testing.T) {
	covers.Rows(t, "S60", "A45")
	t.Parallel()
	s := webtest.New(t)
	s.AddUser(t, "Oda.Owner", "Oda Owner", accounts.Grant{Role: accounts.RoleOwner, Operator: s.Operator})
	s.AddUser(t, "Cleo.Clerk", "Cleo Clerk", accounts.Grant{Role: accounts.RoleAuditor, Operator: s.Operator})
	owner := s.Principal(t, "Oda.Owner")
	clerk, err := s.Accounts.CreateRole(t.Context(), owner, accounts.RoleForm{
		Name: "Clerk", Operator: s.Operator, OfOperator: true, Permissions: []accounts.Permission{accounts.ViewAccounts, accounts.ManagePractice},
	})
	if err != nil {
		t.Fatal(err)
	}
	grant := accounts.RoleGrant{Role: accounts.CustomRole(clerk), Operator: s.Operator}
	if _, err := s.Accounts.GiveRole(t.Context(), owner, s.Principal(t, "Cleo.Clerk").UserID, grant); err != nil {
		t.Fatal(err)
	}
	cleo, admin := s.SignedIn(t, "Cleo.Clerk"), s.SignedIn(t, s.Administrator)
	path := "/organizations/" + s.DB.PublicIDs().Format(storage.PublicAccount, int64(s.Account))
	if page := cleo.Get(path + "/practice").Body; !strings.Contains(page, "Ask for the change") {
		t.Error("the form doesn't say that what is sent waits for a decision")
	}
	details := []string{"address_1", "12 Harbor Way", "city", "Duluth", "state", "MN", "zip", "55802", "reason", "They moved.", "effective_on", "2020-01-01"}
	if a := cleo.Post(path+"/practice", details...); !strings.Contains(a.Location, "practice-requested") {
		t.Errorf("asking: %d to %q", a.Status, a.Location)
	}
	page := cleo.Get(path).Body
	if !strings.Contains(page, "wait for a decision") || strings.Contains(page, "/approve") {
		t.Error("what he asked for holds at once, or he is asked to decide")
	}
	approve := regexp.MustCompile(`action="([^"]+/approve)"`).FindStringSubmatch(admin.Get(path).Body)
	if approve == nil {
		t.Fatal("nobody is asked")
	}
	if a := cleo.Post(approve[1]); a.Status != http.StatusForbidden {
		t.Errorf("deciding: %d, want 403", a.Status)
	}
	mustDo(t, "approving", admin.Post(approve[1]))
	if page := cleo.Get(path).Body; !strings.Contains(page, "12 Harbor Way") || strings.Contains(page, "wait for a decision") {
		t.Error("what was approved does not hold")
	}
}

// Details hold from the first moment of their day where the practice is, not where the reader is.
func TestDetailsHoldByThePracticesDay(t *testing.T) {
	covers.Rows(t, "S60")
	t.Parallel()
	s := webtest.New(t)
	const far = "Pacific/Kiritimati" // 18 hours and more ahead of the exchange
	there, err := time.LoadLocation(far)
	if err != nil {
		t.Fatal(err)
	}
	here, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	today := func(zone *time.Location) string { return s.Clock.Now().In(zone).Format(time.DateOnly) }
	if today(there) == today(here) {
		s.Clock.Advance(6 * time.Hour)
	}
	admin := s.SignedIn(t, s.Administrator)
	path := "/organizations/" + s.DB.PublicIDs().Format(storage.PublicAccount, int64(s.Account))
	mustDo(t, "moving the practice", admin.Post(path, "name", "Lakeside Family Practice", "kind", "practice", "time_zone", far))
	details := []string{"address_1", "12 Harbor Way", "city", "Duluth", "state", "MN", "zip", "55802", "effective_on"}
	mustDo(t, "details of its day", admin.Post(path+"/practice", append(details, today(there))...))
	if page := admin.Get(path).Body; strings.Contains(page, "Nothing is known yet") {
		t.Error("they don't hold yet")
	}
}
