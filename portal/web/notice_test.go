package web_test

import (
	"strings"
	"testing"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/accounts/accountstest"
	"github.com/ediport/ediport/accounts/accountstest/covers"
	"github.com/ediport/ediport/portal/web/webtest"
)

// What is done with somebody's password or access is told by mail at once: to the person, and to
// those who keep the place; the rest hear nothing.
func TestPeopleAreToldWhatHappensToTheirAccount(t *testing.T) {
	covers.Rows(t, "A30", "H13")
	t.Parallel()
	s := webtest.New(t)
	office := mailed(t, s)
	owner := s.AddUser(t, "Ann.Owner", "Ann Okonkwo", accounts.Grant{Role: accounts.RoleAccountOwner, Account: s.Account})
	biller := s.SignedIn(t, s.Biller)
	if a := biller.Post("/account/password", "current", accountstest.Password, "password", chosen); a.Location != "/account?done=password-changed" {
		t.Fatalf("changing the password: %d to %q", a.Status, a.Location)
	}
	if m, r := told(t, office, "Your password was changed"); m.To != s.Biller+"@example.org" || strings.Contains(m.Data, chosen) || !strings.Contains(strings.Join(strings.Fields(r.Text), " "), "tell your administrator") {
		t.Errorf("the notice to %s reads:\n%s", m.To, r.Text)
	}
	admin := s.SignedIn(t, s.Administrator)
	if a := admin.Post(person(t, s, s.Biller)+"/disable", "reason", "left the practice"); !strings.HasSuffix(a.Location, "?done=person-disabled") {
		t.Fatalf("ending the access: %d to %q", a.Status, a.Location)
	}
	if m, r := told(t, office, "Your access has ended"); m.To != s.Biller+"@example.org" || !strings.Contains(r.Text, "the whole exchange") || !strings.Contains(r.Text, "Ended by: Ada Marchetti") {
		t.Errorf("the notice to %s reads:\n%s", m.To, r.Text)
	}
	if m, r := told(t, office, "Somebody’s access was changed"); m.To != owner+"@example.org" || !strings.Contains(r.Text, "Beatrix Lindqvist") || !strings.Contains(r.Text, "Lakeside Family Practice") {
		t.Errorf("the notice to %s reads:\n%s", m.To, r.Text)
	}
	if a := biller.Get("/account"); a.Status != 303 {
		t.Errorf("the person's session: %d, want it ended", a.Status)
	}
	for _, m := range office.Taken() {
		if m.To != s.Biller+"@example.org" && m.To != owner+"@example.org" {
			if r := m.Read(t); r.Subject != "A sign-in from a new browser" {
				t.Errorf("%s was told “%s”", m.To, r.Subject)
			}
		}
	}
}
