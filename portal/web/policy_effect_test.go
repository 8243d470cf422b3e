package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/accounts/accountstest"
	"github.com/ediport/ediport/accounts/accountstest/covers"
	"github.com/ediport/ediport/portal/web/webtest"
	"github.com/ediport/ediport/storage"
)

// Each number of the policy decides, not only the default.
func TestSessionsFollowThePolicy(t *testing.T) {
	t.Parallel()
	covers.Rows(t, "A33", "A39", "S72")
	s := webtest.New(t)
	setPolicy(t, s, accounts.SecurityPolicy{IdleMinutes: 5, SessionHours: 1, Sessions: 2, ContactConfirmDays: 30})
	in := func(c *webtest.Client) bool { return c.Get("/account").Status == http.StatusOK }
	first, second := s.SignedIn(t, s.Viewer), s.SignedIn(t, s.Viewer)
	s.Clock.Advance(time.Minute)
	if !in(second) || !in(s.SignedIn(t, s.Viewer)) || in(first) {
		t.Error("of three sessions where two are allowed, not the one ended that was used longest ago")
	}
	s.Clock.Advance(5 * time.Minute)
	if in(second) {
		t.Error("a session lasts longer than five minutes without use")
	}
	busy := s.SignedIn(t, s.Biller)
	for range 14 {
		s.Clock.Advance(4 * time.Minute)
		if !in(busy) {
			t.Fatal("a session in use ends before its hour")
		}
	}
	s.Clock.Advance(4 * time.Minute)
	if in(busy) {
		t.Error("a session lasts longer than an hour")
	}
	const prompt = "phone number still right?"
	if strings.Contains(s.SignedIn(t, s.Biller).Get("/dashboard").Body, prompt) {
		t.Error("a person is asked for the contact data on the first day")
	}
	s.Clock.Advance(31 * 24 * time.Hour)
	if !strings.Contains(s.SignedIn(t, s.Biller).Get("/dashboard").Body, prompt) {
		t.Error("a person isn't asked for the contact data after 31 days, where 30 are the policy")
	}
}

func TestPasswordsAndLocksFollowThePolicy(t *testing.T) {
	t.Parallel()
	covers.Rows(t, "C6", "A1", "S24", "S25")
	s := webtest.New(t)
	setPolicy(t, s, accounts.SecurityPolicy{MinLength: 24, Lockout: accounts.Lockout{Failures: 3, Minutes: 30}, DetailedMessages: true})
	c := s.SignedIn(t, s.Biller)
	for password, short := range map[string]bool{"velvet tundra piano 921": true, "velvet tundra piano 9217": false} {
		if a := c.Post("/sign-in/password", "password", password); strings.Contains(a.Body, "password.too_short") != short {
			t.Errorf("%d characters where 24 are the policy: too short is not %v", len(password), short)
		}
	}
	stranger := s.Client(t)
	stranger.Fail(s.Viewer, 2)
	if a := stranger.Try(s.Viewer, "wrong wrong wrong"); !strings.Contains(a.Body, "locked until") {
		t.Errorf("the third failure, with detailed messages: %d, want to hear of the lock", a.Status)
	}
	s.Clock.Advance(30*time.Minute - time.Second)
	if a := stranger.Try(s.Viewer, accountstest.Password); a.Status != http.StatusForbidden {
		t.Errorf("a second before the half hour is over: %d, want 403", a.Status)
	}
	s.Clock.Advance(time.Second)
	if a := stranger.Try(s.Viewer, accountstest.Password); a.Location != "/dashboard" {
		t.Errorf("after half an hour: %d to %q", a.Status, a.Location)
	}
}

// An account may ask for more proofs than its operator, and let codes be good for a shorter time. Outwardly nothing
// shows it.
func TestRecoveryFollowsThePolicy(t *testing.T) {
	t.Parallel()
	covers.Rows(t, "C4", "C10", "S14")
	s := webtest.New(t)
	office := mailed(t, s)
	setPolicy(t, s, accounts.SecurityPolicy{RecoveryCodeMinutes: 60, TwoPerson: accounts.TwoPersonOff})
	c := s.Client(t)
	code := recoverWith(t, c, office, s.Biller)
	s.Clock.Advance(59 * time.Minute)
	recoverBy(t, c, code)
	o := owner(t, s, "Odd.Owner")
	if a := o.Get(o.Get("/policies").Location); !strings.Contains(a.Body, "(C10)") || !strings.Contains(a.Body, "good for 60 minutes") {
		t.Error("the report doesn't name codes of 60 minutes")
	}

	narrow := accounts.SecurityPolicy{IdentityProofs: 2, RecoveryCodeMinutes: 10}
	if err := s.Accounts.WritePolicy(t.Context(), accountstest.Actor, accounts.Place{Account: s.Account}, narrow); err != nil {
		t.Fatal(err)
	}
	if a := s.Client(t).Post("/recover/password", "name", s.Viewer, "identifier", clinicNPI); a.Location != "/recover/code" {
		t.Errorf("one proof where two are asked for: %d to %q, want the same as always", a.Status, a.Location)
	}
	if got := loaded(t, s, `SELECT detail->>'reason' FROM audit_event WHERE action = 'recovery.refused'`); strings.Join(got, " ") != "too_few_proofs" {
		t.Errorf("refused: %v, want one for too few proofs", got)
	}
	if a := c.Post("/recover/password", "name", s.Viewer, "identifier", clinicNPI, "tax_id", clinicTaxID); a.Location != "/recover/code" {
		t.Fatalf("two proofs: %d to %q", a.Status, a.Location)
	}
	m, r := told(t, office, "Your code to set a new password")
	if m.To != s.Viewer+"@example.org" {
		t.Errorf("the code went to %s", m.To)
	}
	s.Clock.Advance(10 * time.Minute)
	if a := c.Post("/recover/code", "code", r.Code(t)); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("a code of ten minutes after ten minutes: %d, want it to be wrong", a.Status)
	}
}

// "On" asks for a second person in any case, "off" in none.
func TestOnePersonAloneByPolicy(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	setPolicy(t, s, accounts.SecurityPolicy{TwoPerson: accounts.TwoPersonOff})
	first := owner(t, s, "Odd.Owner")
	owner(t, s, "Even.Owner")
	path := first.Get("/policies").Location
	if a := savePolicy(t, first, path, "lockout_failures", "50", "two_person", "off"); a.Location != path+"?done=policy-changed" {
		t.Errorf("a weaker policy where one person alone may: %d to %q", a.Status, a.Location)
	}
	if a := first.Get(path); !strings.Contains(a.Body, "One person alone can weaken protection") {
		t.Error("the report doesn't name it")
	}
	if a := savePolicy(t, first, path, "lockout_failures", "50", "two_person", "on"); a.Location != path+"?done=policy-changed" {
		t.Fatalf("a stricter one: %d to %q", a.Status, a.Location)
	}
	if a := savePolicy(t, first, path, "lockout_failures", "60", "two_person", "on", "reason", "One keyboard."); a.Location != path+"?done=policy-waits" {
		t.Errorf("a weaker one afterwards: %d to %q, want it to wait", a.Status, a.Location)
	}
}

// Roles of an organization's own need a second factor like others: by what they grant in the exchange, and by the policy.
func TestCustomRolesNeedASecondFactor(t *testing.T) {
	t.Parallel()
	covers.Rows(t, "A19", "S32", "H8")
	s := webtest.In(t, accountstest.New(t).Strict(t))
	first := owner(t, s, "Odd.Owner")
	enrolApp(t, s, first)
	customRole(t, s, true, "Partner desk", accounts.ViewConnections, accounts.ManageConnections)
	customRole(t, s, true, "Lookout", accounts.ViewConnections, accounts.ViewFiles)
	desk := customRole(t, s, false, "Desk", accounts.ViewEligibility)
	needs := func(login string) bool {
		return strings.HasPrefix(s.SignedIn(t, login).Get("/account").Location, "/step/enrol")
	}
	if !needs("Partner.desk") || needs("Lookout") || needs("Desk") {
		t.Error("not just the role that administers the exchange needs a second factor")
	}
	path := first.Get("/policies").Location
	if page := first.Get(path); !strings.Contains(page.Body, `value="`+desk+`"><span>Desk</span>`) {
		t.Error("the policy doesn't offer the role")
	}
	if a := savePolicy(t, first, path, "mfa_roles", desk); a.Location != path+"?done=policy-changed" {
		t.Fatalf("asking the role for a second factor: %d to %q", a.Status, a.Location)
	}
	if page := first.Get(path); !strings.Contains(page.Body, `value="`+desk+`" checked`) {
		t.Error("the policy's form forgets the role")
	}
	if !needs("Desk") || needs("Lookout") {
		t.Error("the policy doesn't hold for just the role it names")
	}
}

// customRole adds a role of the site's own and somebody of that name who has it, and returns it as forms name it.
func customRole(t *testing.T, s *webtest.Site, ofOperator bool, name string, permissions ...accounts.Permission) string {
	t.Helper()
	login := strings.ReplaceAll(name, " ", ".")
	s.AddUser(t, login, "Person "+name)
	user, err := s.Accounts.UserByLogin(t.Context(), login)
	if err != nil {
		t.Fatal(err)
	}
	row := storage.CustomRole{OperatorID: s.Operator, OfOperator: ofOperator, Name: name, CreatedAt: s.Clock.Now()}
	for _, p := range permissions {
		row.Permissions = append(row.Permissions, string(p))
	}
	var id int64
	err = s.DB.InSystem(t.Context(), accountstest.Actor, func(tx *storage.Tx) error {
		if id, err = tx.AddCustomRole(t.Context(), row); err != nil {
			return err
		}
		m := storage.NewMembership{AccountID: s.Account, Role: string(accounts.CustomRole(id))}
		if ofOperator {
			m.AccountID, m.OperatorID = 0, s.Operator
		}
		_, err = tx.AddMembership(t.Context(), user, m, s.Clock.Now())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return s.DB.PublicIDs().Format(storage.PublicRole, id)
}
