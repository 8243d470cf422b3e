package web_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/accounts/accountstest"
	"github.com/ediport/ediport/accounts/accountstest/covers"
	"github.com/ediport/ediport/portal/web/webtest"
	"github.com/ediport/ediport/storage"
)

// account is the value of the site's first account in forms.
func account(s *webtest.Site) string {
	return s.DB.PublicIDs().Format(storage.PublicAccount, int64(s.Account))
}

// invited sends an invitation by the form and returns its code.
func invite(t *testing.T, s *webtest.Site, by *webtest.Client, login, role string) webtest.Answer {
	t.Helper()
	return by.Post("/people/invite", "name", "Maria Quill", "login", login, "email", login+"@clinic.example", "place", account(s), "role", role)
}

func TestInvitation(t *testing.T) {
	covers.Rows(t, "H2", "A11", "A12", "A30", "S16")
	t.Parallel()
	s := webtest.New(t)
	office := mailed(t, s)
	loaded(t, s, `UPDATE account SET time_zone = 'Pacific/Honolulu' WHERE name = 'Lakeside Family Practice' RETURNING name`)
	admin := s.SignedIn(t, s.Administrator)
	if a := admin.Get("/people/invite"); a.Status != http.StatusOK || !strings.Contains(a.Body, "Lakeside Family Practice") || !strings.Contains(a.Body, "Front desk") {
		t.Errorf("the form: %d", a.Status)
	}
	if a := invite(t, s, admin, "Maria.Q", "biller"); a.Location != "/people/invitations?done=invitation-sent" {
		t.Fatalf("inviting: %d to %q", a.Status, a.Location)
	}
	m, r := told(t, office, "Your invitation to Northwind Exchange")
	code := r.Code(t)
	if m.To != "Maria.Q@clinic.example" || !strings.Contains(r.Text, "Lakeside Family Practice") || strings.Contains(r.Text, "code=") {
		t.Errorf("the mail to %s reads:\n%s", m.To, r.Text)
	}
	if a := invite(t, s, admin, "Maria.Q", "biller"); a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Body, "is taken") {
		t.Errorf("a user id that is taken: %d", a.Status)
	}
	if a := admin.Get("/people/invitations"); !strings.Contains(a.Body, "Maria Quill") || strings.Contains(a.Body, code) {
		t.Error("the list doesn't show the invitation, or shows its code")
	}
	c := s.Client(t)
	if a := c.Post("/sign-in", "username", "Maria.Q", "password", accountstest.Password); a.Status == http.StatusSeeOther {
		t.Error("an invited person is signed in")
	}
	if a := c.Post("/invitation", "code", "AAAA-AAAA-AAAA-AAAA"); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("a wrong code: %d", a.Status)
	}
	if a := c.Post("/invitation", "code", code); a.Location != "/recover/new" {
		t.Fatalf("the code: %d to %q", a.Status, a.Location)
	}
	if a := s.Client(t).Post("/invitation", "code", code); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("the code a second time: %d", a.Status)
	}
	if a := c.Get("/recover/new"); !regexp.MustCompile(`Choose it by <time[^>]*>[^<]*<span class="zone">H[SD]T</span>`).MatchString(a.Body) || !regexp.MustCompile(` H[SD]T`).MatchString(r.Text) {
		t.Error("page and mail don't tell the deadline in the time zone of the organization")
	}
	if a := c.Get("/recover/new"); !strings.Contains(a.Body, "Lakeside Family Practice") || !strings.Contains(a.Body, "Maria.Q") {
		t.Error("the page doesn't say to what the person is invited")
	}
	if a := c.Post("/recover/new", "password", chosen); a.Location != "/sign-in?done=invitation-accepted" {
		t.Fatalf("accepting: %d to %q", a.Status, a.Location)
	}
	if a := c.Post("/sign-in", "username", "maria.q@clinic.example", "password", chosen); a.Status != http.StatusSeeOther {
		t.Errorf("signing in by the address that the code confirmed: %d", a.Status)
	}
	if a := c.Get("/remittances"); a.Status != http.StatusOK {
		t.Errorf("what the role opens: %d", a.Status)
	}
}

func TestInvitationExpiresAndIsRevoked(t *testing.T) {
	covers.Rows(t, "A11")
	t.Parallel()
	s := webtest.New(t)
	office := mailed(t, s)
	admin := s.SignedIn(t, s.Administrator)
	invite(t, s, admin, "Maria.Q", "biller")
	_, r := told(t, office, "Your invitation to Northwind Exchange")
	s.Clock.Advance(72 * time.Hour)
	admin = s.SignedIn(t, s.Administrator)
	if a := s.Client(t).Post("/invitation", "code", r.Code(t)); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("the code after 72 hours: %d", a.Status)
	}
	list := admin.Get("/people/invitations").Body
	resend := regexp.MustCompile(`/people/usr_[0-9a-z]+/invitation/resend`).FindString(list)
	if !strings.Contains(list, "expired") || resend == "" {
		t.Fatal("the list doesn't say that it expired")
	}
	if a := admin.Post(resend); a.Location != "/people/invitations?done=invitation-sent" {
		t.Fatalf("sending again: %d to %q", a.Status, a.Location)
	}
	_, again := told(t, office, "Your invitation to Northwind Exchange")
	if a := admin.Post(strings.Replace(resend, "resend", "revoke", 1)); a.Location != "/people/invitations?done=invitation-revoked" {
		t.Fatalf("revoking: %d to %q", a.Status, a.Location)
	}
	if a := s.Client(t).Post("/invitation", "code", again.Code(t)); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("the code of a revoked invitation: %d", a.Status)
	}
	admin.Post(resend)
	_, third := told(t, office, "Your invitation to Northwind Exchange")
	c := s.Client(t)
	c.Post("/invitation", "code", third.Code(t))
	admin.Post(strings.Replace(resend, "resend", "revoke", 1))
	if a := c.Post("/recover/new", "password", chosen); a.Location == "/sign-in?done=invitation-accepted" {
		t.Error("an invitation is accepted after it was revoked")
	}
}

// Nobody invites to where he manages nobody, or to more than he may give.
func TestInvitationNeedsTheRight(t *testing.T) {
	covers.Rows(t, "A11")
	t.Parallel()
	s := webtest.New(t)
	owner := s.AddUser(t, "Ann.Owner", "Ann Okonkwo", accounts.Grant{Role: accounts.RoleAccountAdministrator, Account: s.Account})
	c := s.SignedIn(t, owner)
	if a := invite(t, s, c, "Front.Desk", "account_owner"); a.Status == http.StatusSeeOther {
		t.Error("an account's administrator made an owner")
	}
	elsewhere := s.DB.PublicIDs().Format(storage.PublicAccount, int64(s.Other))
	a := c.Post("/people/invite", "name", "M", "login", "Front.Desk", "email", "m@clinic.example", "place", elsewhere, "role", "viewer")
	if a.Status != http.StatusNotFound {
		t.Errorf("inviting to another organization: %d, want 404", a.Status)
	}
	if a := c.Get("/people/invite"); strings.Contains(a.Body, "Harbor Orthopedics") || strings.Contains(a.Body, "Northwind Exchange</option>") {
		t.Error("the form offers places that are not his")
	}
	if a := s.SignedIn(t, s.Biller).Get("/people/invite"); a.Status != http.StatusForbidden {
		t.Errorf("a biller: %d, want 403", a.Status)
	}
	if n := loaded(t, s, `SELECT login FROM app_user WHERE login = 'Front.Desk'`); len(n) != 0 {
		t.Error("the person was added")
	}
}

// person returns the path of a user's page.
func person(t *testing.T, s *webtest.Site, login string) string {
	t.Helper()
	id, err := s.Accounts.UserByLogin(t.Context(), login)
	if err != nil {
		t.Fatal(err)
	}
	return "/people/" + s.DB.PublicIDs().Format(storage.PublicUser, int64(id))
}

// An administrator corrects the address, another one starts a reset; they neither choose the password nor see the code.
func TestAdministratorStartsAReset(t *testing.T) {
	covers.Rows(t, "A12", "S17", "A30", "S16")
	t.Parallel()
	s := webtest.New(t)
	office := mailed(t, s)
	admin := s.SignedIn(t, s.Administrator)
	path := person(t, s, s.Biller)
	if a := admin.Post(path+"/email", "email", "not an address"); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("what is no address: %d", a.Status)
	}
	if a := admin.Post(path+"/email", "email", "bea@clinic.example"); a.Location != path+"?done=email-changed" {
		t.Fatalf("correcting the address: %d to %q", a.Status, a.Location)
	}
	to := map[string]bool{}
	for range 2 {
		m, r := told(t, office, "Your e-mail address was changed")
		to[m.To] = true
		if !strings.Contains(r.Text, "b•••@clinic.example") || strings.Contains(r.Text, "bea@clinic.example") {
			t.Errorf("the notice reads:\n%s", r.Text)
		}
	}
	if !to[s.Biller+"@example.org"] || !to["bea@clinic.example"] {
		t.Errorf("told: %v, want both addresses", to)
	}
	if a := admin.Post(path + "/reset"); a.Status != http.StatusConflict || !strings.Contains(a.Body, "Ask another administrator") {
		t.Errorf("a reset by who has just changed the address: %d", a.Status)
	}
	a := s.SignedIn(t, s.Both).Post(path + "/reset")
	if a.Location != path+"?done=reset-started" {
		t.Fatalf("starting a reset: %d to %q", a.Status, a.Location)
	}
	m, r := told(t, office, "An administrator started a password reset for you")
	if m.To != "bea@clinic.example" {
		t.Errorf("the code went to %s", m.To)
	}
	if a := admin.Get(path); a.Status != http.StatusOK || strings.Contains(a.Body, r.Code(t)) || !strings.Contains(a.Body, "b•••@clinic.example") {
		t.Errorf("the person's page: %d, want what became of the mail, and no code", a.Status)
	}
	c := s.Client(t)
	if a := c.Post("/sign-in", "username", s.Biller, "password", accountstest.Password); a.Status != http.StatusSeeOther {
		t.Errorf("the old password before the code is used: %d", a.Status)
	}
	if a := c.Post("/recover/reset", "code", r.Code(t)); a.Location != "/recover/new" {
		t.Fatalf("the code: %d to %q", a.Status, a.Location)
	}
	if a := c.Post("/recover/new", "password", chosen); a.Location != "/sign-in?done=password-recovered" {
		t.Fatalf("choosing: %d to %q", a.Status, a.Location)
	}
	if a := c.Post("/sign-in", "username", "BEA@clinic.example", "password", chosen); a.Status != http.StatusSeeOther {
		t.Errorf("signing in by the corrected address: %d", a.Status)
	}
	if a := s.SignedIn(t, s.Viewer).Post(path + "/reset"); a.Status != http.StatusForbidden {
		t.Errorf("a viewer starts a reset: %d", a.Status)
	}
}
