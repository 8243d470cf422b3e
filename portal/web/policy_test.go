package web_test

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/accounts/accountstest"
	"github.com/ediport/ediport/accounts/accountstest/covers"
	"github.com/ediport/ediport/portal/web/webtest"
)

var policyPath = regexp.MustCompile(`/policies/[a-z]+_[0-9a-z]+`)

// owner adds an owner of the operator and signs in.
func owner(t *testing.T, s *webtest.Site, login string) *webtest.Client {
	t.Helper()
	return s.SignedIn(t, s.AddUser(t, login, "Owner "+login, accounts.Grant{Role: accounts.RoleOwner, Operator: s.Operator}))
}

var policySeen = regexp.MustCompile(`name="seen" value="([0-9a-f]+)"`)

// savePolicy fills in the form of a policy as it is now, and sends it.
func savePolicy(t *testing.T, c *webtest.Client, path string, pairs ...string) webtest.Answer {
	t.Helper()
	return c.Post(path, append(pairs, "seen", seenPolicy(t, c, path))...)
}

// seenPolicy opens the form of a policy and returns which one it was made from.
func seenPolicy(t *testing.T, c *webtest.Client, path string) string {
	t.Helper()
	a := c.Get(path)
	seen := policySeen.FindStringSubmatch(a.Body)
	if seen == nil {
		t.Fatalf("the form of the policy: %d, names no version", a.Status)
	}
	return seen[1]
}

func TestPolicyPageNamesEachDeviation(t *testing.T) {
	t.Parallel()
	covers.Rows(t, "C1", "C2", "C5", "C6", "C9", "C11", "A3", "A4")
	s := webtest.New(t)
	if a := s.SignedIn(t, s.Administrator).Get("/policies"); a.Status != http.StatusForbidden {
		t.Errorf("the policy for an administrator without the permission: %d, want 403", a.Status)
	}
	c := owner(t, s, "Odd.Owner")
	path := c.Get("/policies").Location
	if !policyPath.MatchString(path) {
		t.Fatalf("the only policy is at %q", path)
	}
	if a := c.Get(path); !strings.Contains(a.Body, "Nothing departs from current guidance") {
		t.Errorf("the default policy: %d, want a report of no deviation", a.Status)
	}
	setPolicy(t, s, accounts.SecurityPolicy{TwoPerson: accounts.TwoPersonOff})
	form := []string{
		"max_age_days", "90", "history", "5", "classes", "3", "challenge_always", "yes", "detailed_messages", "yes", "lockout_manual", "yes",
		"provider_sign_in", "yes", "two_person", "off", "mfa_roles", "biller",
	}
	if a := savePolicy(t, c, path, append(form, "lockout_minutes", "45")...); a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Body, "from 15 to 30") ||
		!strings.Contains(a.Body, `value="45"`) || !strings.Contains(a.Body, `value="90"`) {
		t.Errorf("a lock of 45 minutes: %d, want 422 with the range and what was typed", a.Status)
	}
	if a := savePolicy(t, c, path, append(form, "lockout_minutes", "30")...); a.Location != path+"?done=policy-changed" {
		t.Fatalf("saving: %d to %q", a.Status, a.Location)
	}
	a := c.Get(path)
	for _, row := range []string{"C1", "C2", "C5", "C6", "C9", "C11", "NIST SP 800-63B-4", "expire after 90 days", "last 5 passwords"} {
		if !strings.Contains(a.Body, row) {
			t.Errorf("the report doesn't name %s", row)
		}
	}
	policy, err := s.Accounts.Policy(t.Context(), accounts.Place{Operator: s.Operator})
	if err != nil || policy.MaxAgeDays != 90 || policy.Lockout.Minutes != 30 || !policy.Lockout.Manual || len(policy.RequireMFA.Roles) != 1 {
		t.Errorf("the policy is %+v, %v", policy, err)
	}
	if a := c.Get("/policies/opr_0000000000000"); a.Status != http.StatusNotFound {
		t.Errorf("a policy of nobody: %d, want 404", a.Status)
	}
}

func TestWeakeningThePolicyTakesTwoPeople(t *testing.T) {
	t.Parallel()
	covers.Rows(t, "C9")
	s := webtest.New(t)
	first, second := owner(t, s, "Odd.Owner"), owner(t, s, "Even.Owner")
	path := first.Get("/policies").Location
	if a := savePolicy(t, first, path, "history", "5"); a.Location != path+"?done=policy-changed" {
		t.Fatalf("a stricter policy: %d to %q, want it changed at once", a.Status, a.Location)
	}
	if a := savePolicy(t, first, path, "lockout_failures", "50"); a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Body, "who decides reads it") {
		t.Errorf("a weaker policy without a reason: %d, want 422", a.Status)
	}
	if a := savePolicy(t, first, path, "lockout_failures", "50", "reason", "The front desk shares one keyboard."); a.Location != path+"?done=policy-waits" {
		t.Fatalf("a weaker policy: %d to %q, want it to wait", a.Status, a.Location)
	}
	failures := func() int {
		policy, err := s.Accounts.Policy(t.Context(), accounts.Place{Operator: s.Operator})
		if err != nil {
			t.Fatal(err)
		}
		return policy.Lockout.Failures
	}
	if failures() != 5 {
		t.Error("the weaker policy holds before it was approved")
	}
	list := second.Get("/approvals")
	if !strings.Contains(list.Body, "rises from 5 to 50") || !strings.Contains(list.Body, "shares one keyboard") {
		t.Errorf("the approvals don't say what is asked for and why: %d", list.Status)
	}
	decide := regexp.MustCompile(`/approvals/[a-z]+_[0-9a-z]+`).FindString(list.Body)
	if a := first.Post(decide + "/approve"); failures() != 5 {
		t.Errorf("one's own request is approved: %d", a.Status)
	}
	if a := second.Post(decide + "/approve"); failures() != 50 {
		t.Errorf("after the approval (%d to %q): %d failures, want 50", a.Status, a.Location, failures())
	}
}

// What was approved is a whole policy: it must not undo what somebody else has changed since.
func TestAnApprovalDoesNotUndoALaterChange(t *testing.T) {
	t.Parallel()
	covers.Rows(t, "A50")
	s := webtest.New(t)
	first, second := owner(t, s, "Odd.Owner"), owner(t, s, "Even.Owner")
	path := first.Get("/policies").Location
	holds := func() accounts.SecurityPolicy {
		policy, err := s.Accounts.Policy(t.Context(), accounts.Place{Operator: s.Operator})
		if err != nil {
			t.Fatal(err)
		}
		return policy
	}
	ask := func() string {
		a := savePolicy(t, first, path, "lockout_failures", "50", "history", strconv.Itoa(holds().History), "reason", "One keyboard for all.")
		if a.Location != path+"?done=policy-waits" {
			t.Fatalf("a weaker policy: %d to %q, want it to wait", a.Status, a.Location)
		}
		return regexp.MustCompile(`/approvals/[a-z]+_[0-9a-z]+/approve`).FindString(second.Get("/approvals").Body)
	}
	approve := ask()
	if a := savePolicy(t, second, path, "history", "5"); a.Location != path+"?done=policy-changed" {
		t.Fatalf("a stricter policy meanwhile: %d to %q", a.Status, a.Location)
	}
	if a := second.Get("/approvals"); !strings.Contains(a.Body, "out of date") || !strings.Contains(a.Body, "reject it") || strings.Contains(a.Body, "Approve and do it") {
		t.Error("the list offers to approve what is out of date")
	}
	if a := first.Get("/approvals"); !strings.Contains(a.Body, "out of date") || !strings.Contains(a.Body, "withdraw it") {
		t.Error("the list doesn't tell who asked that it is out of date")
	}
	if a := second.Post(approve); a.Status != http.StatusConflict || !strings.Contains(a.Body, "changed since") {
		t.Errorf("approving it then: %d, want 409 with the cause", a.Status)
	}
	if p := holds(); p.History != 5 || p.Lockout.Failures != 5 {
		t.Errorf("after it: %d former passwords and %d failures, want 5 and 5", p.History, p.Lockout.Failures)
	}
	if a := second.Post(strings.TrimSuffix(approve, "approve") + "reject"); a.Status != http.StatusSeeOther {
		t.Fatalf("rejecting it: %d", a.Status)
	}
	approve = ask()
	if a := second.Get("/approvals"); strings.Contains(a.Body, "out of date") || !strings.Contains(a.Body, "Approve and do it") {
		t.Error("what was asked for anew counts as out of date")
	}
	if a := second.Post(approve); a.Status != http.StatusSeeOther {
		t.Errorf("approving what was asked for anew: %d", a.Status)
	}
	if p := holds(); p.History != 5 || p.Lockout.Failures != 50 {
		t.Errorf("in the end: %d former passwords and %d failures, want 5 and 50", p.History, p.Lockout.Failures)
	}
}

func TestTwoWhoChangeAPolicyDoNotUndoEachOther(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	first, second := owner(t, s, "Odd.Owner"), owner(t, s, "Even.Owner")
	path := first.Get("/policies").Location
	seen := seenPolicy(t, second, path)
	if a := savePolicy(t, first, path, "idle_minutes", "10"); a.Location != path+"?done=policy-changed" {
		t.Fatalf("the first: %d to %q", a.Status, a.Location)
	}
	for _, seen := range []string{seen, ""} {
		if a := second.Post(path, "idle_minutes", "5", "history", "5", "seen", seen); a.Status != http.StatusConflict || !strings.Contains(a.Body, "was changed since") {
			t.Errorf("the second, from the policy before: %d, want 409 with the cause", a.Status)
		}
	}
	if a := savePolicy(t, second, path, "idle_minutes", "10", "history", "5"); a.Location != path+"?done=policy-changed" {
		t.Errorf("the second, from the policy as it is: %d to %q", a.Status, a.Location)
	}
}

func TestExpiredPasswordIsChangedAndSignInGoesOn(t *testing.T) {
	t.Parallel()
	covers.Rows(t, "S19", "C1", "S21", "A7")
	s := webtest.New(t)
	setPolicy(t, s, accounts.SecurityPolicy{MaxAgeDays: 60, WarnDays: 10})
	const warning = "Your password expires in"
	if a := s.SignedIn(t, s.Biller).Get("/dashboard"); strings.Contains(a.Body, warning) {
		t.Error("a fresh password is warned of")
	}
	s.Clock.Advance(55 * 24 * time.Hour)
	if a := s.SignedIn(t, s.Biller).Get("/dashboard"); !strings.Contains(a.Body, warning+" 5 days") {
		t.Error("five days before the password expires the page doesn't warn")
	}
	s.Clock.Advance(6 * 24 * time.Hour)
	c := s.Client(t)
	if a := c.Try(s.Biller, accountstest.Password, "next", "/remittances"); !strings.HasPrefix(a.Location, "/account/password") {
		t.Fatalf("signing in with an expired password: %d to %q, want the page that changes it", a.Status, a.Location)
	}
	if a := c.Get("/remittances"); !strings.HasPrefix(a.Location, "/account/password") {
		t.Errorf("another page: to %q, want the page that changes the password", a.Location)
	}
	a := c.Get("/account/password")
	if !strings.Contains(a.Body, "Your password has expired") || !strings.Contains(a.Body, "every 60 days") {
		t.Error("the page doesn't say that the password has expired")
	}
	if a := c.Post("/account/password", "current", accountstest.Password, "password", accountstest.Password); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("the same password again: %d, want 422", a.Status)
	}
	if a := c.Post("/account/password", "current", accountstest.Password, "password", "velvet canyon marble nine"); a.Status != http.StatusSeeOther {
		t.Fatalf("changing it: %d", a.Status)
	}
	if a := c.Get("/remittances"); a.Status != http.StatusOK {
		t.Errorf("after the change: %d, want to go on", a.Status)
	}
}

func TestPasswordRulesAndLiveFeedback(t *testing.T) {
	t.Parallel()
	covers.Rows(t, "S18", "S20", "A1", "A2", "A5", "A6", "A7", "C2")
	s := webtest.New(t)
	setPolicy(t, s, accounts.SecurityPolicy{Classes: 3})
	c := s.SignedIn(t, s.Biller)
	a := c.Get("/account/password")
	for _, want := range []string{"At least 15 characters", "At least 3 of these", `data-rule="password.classes"`, `data-check="/sign-in/password"`, `autocomplete="new-password"`} {
		if !strings.Contains(a.Body, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	for _, rule := range []struct{ password, broken string }{
		{"short", "password.too_short"},
		{"velvet canyon marble nine", "password.classes"},
		{"Password Password 2026", "password.common"},
		{"Beatrix-Lindqvist-1990", "password.context"},
		{"Lakeside Family Practice 7", "password.context"},
		{"Velvet canyon marble 9", ""},
		{strings.Repeat("Å漢 ", 20) + "velvet 9", ""},
	} {
		answer := c.Post("/sign-in/password", "password", rule.password)
		var opinion struct {
			Broken   []string
			Strength int
		}
		if err := json.Unmarshal([]byte(answer.Body), &opinion); err != nil {
			t.Fatalf("%d: %v", answer.Status, err)
		}
		if got := strings.Join(opinion.Broken, " "); !strings.Contains(got, rule.broken) || rule.broken == "" && (got != "" || opinion.Strength == 0) {
			t.Errorf("%d characters: breaks %q, want %q", len(rule.password), got, rule.broken)
		}
		status := c.Post("/account/password", "current", "wrong", "password", rule.password).Status
		if status != http.StatusUnprocessableEntity && status != http.StatusTooManyRequests {
			t.Errorf("without the current password: %d, want 422", status)
		}
	}
	if a := s.Client(t).Post("/sign-in/password", "password", "Password Password 2026"); !strings.Contains(a.Body, "password.common") {
		t.Errorf("for somebody who isn't signed in: %d, want an opinion, too", a.Status)
	}
}
