package api_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/accounts/accountstest"
	"github.com/ediport/ediport/accounts/accountstest/covers"
	"github.com/ediport/ediport/portal/walktest"
	"github.com/ediport/ediport/storage"
)

// policyPaths returns where the policies of the operator and the account are.
func policyPaths(s *site) (operator, account string) {
	ids := s.DB.PublicIDs()
	return "/api/v1/operators/" + ids.Format(storage.PublicOperator, int64(s.Operator)) + "/policy",
		"/api/v1/accounts/" + ids.Format(storage.PublicAccount, int64(s.Account)) + "/policy"
}

// policyOwner adds an owner of the operator and returns a token of his.
func policyOwner(t *testing.T, s *site, login string) string {
	t.Helper()
	return s.token(t, s.AddUser(t, login, "Owner "+login, accounts.Grant{Role: accounts.RoleOwner, Operator: s.Operator}))
}

// Who may not change a policy neither reads nor changes it, and an account's owner doesn't reach his operator's.
func TestPoliciesAreTheirOwnersByAPI(t *testing.T) {
	covers.Rows(t, "A45", "A48")
	t.Parallel()
	s := newSite(t)
	operator, account := policyPaths(s)
	owner := s.AddUser(t, "Odd.Owner", "Odd Owner", accounts.Grant{Role: accounts.RoleOwner, Operator: s.Operator})
	s.AddUser(t, "Acc.Owner", "Acc Owner", accounts.Grant{Role: accounts.RoleAccountOwner, Account: s.Account})
	s.AddUser(t, "Acc.Admin", "Acc Admin", accounts.Grant{Role: accounts.RoleAccountAdministrator, Account: s.Account})
	const change = `{"version": "000000000000000000000000", "history": 5}`
	for _, c := range []struct {
		who, token, path string
		status           int
	}{
		{"an owner's token without the scope", s.token(t, owner, accounts.ViewAudit), operator, http.StatusForbidden},
		{"an administrator", s.token(t, s.Administrator), operator, http.StatusForbidden},
		{"a biller", s.token(t, s.Biller), account, http.StatusForbidden},
		{"an account's administrator", s.token(t, "Acc.Admin"), account, http.StatusForbidden},
		{"an account's administrator, of the operator's", s.token(t, "Acc.Admin"), operator, http.StatusForbidden},
		{"an account's owner, of the operator's", s.token(t, "Acc.Owner"), operator, http.StatusNotFound},
		{"an account's owner, of another account's", s.token(t, "Acc.Owner"), "/api/v1/accounts/" + s.DB.PublicIDs().Format(storage.PublicAccount, int64(s.Other)) + "/policy", http.StatusNotFound},
		{"an operator's owner, of an account's", s.token(t, owner), account, http.StatusNotFound},
	} {
		for _, method := range []string{http.MethodGet, http.MethodPatch} {
			if a := s.send(t, method, c.path, c.token, change); a.status != c.status || strings.Contains(a.body, "lockout_failures") {
				t.Errorf("%s by %s: %d %s, want %d", method, c.who, a.status, a.body, c.status)
			}
		}
	}
	if changed := walktest.Texts(t, s.LoaderDSN, `SELECT id::text FROM audit_event WHERE action = 'policy.changed'`); len(changed) != 0 {
		t.Errorf("%d policies were changed", len(changed))
	}
	list := s.send(t, http.MethodGet, "/api/v1/policies", s.token(t, "Acc.Owner"), "")
	items, _ := list.value["items"].([]any)
	if len(items) != 1 || items[0].(map[string]any)["held_for"] != "account" {
		t.Errorf("the policies of an account's owner: %d %s, want the account's", list.status, list.body)
	}
	before := s.send(t, http.MethodGet, account, s.token(t, "Acc.Owner"), "").value["version"].(string)
	for _, field := range []string{"two_person", "detailed_messages"} {
		value := map[string]string{"two_person": `"off"`, "detailed_messages": `true`}[field]
		a := s.send(t, http.MethodPatch, account, s.token(t, "Acc.Owner"), `{"version": "`+before+`", "`+field+`": `+value+`}`)
		if fields, _ := a.value["fields"].(map[string]any); a.status != http.StatusBadRequest || fields[field] == nil {
			t.Errorf("%s by an account: %d %s, want it refused", field, a.status, a.body)
		}
	}
}

// A policy is changed from the one that was read, within its limits, with an event; the answer reports each deviation.
func TestAPolicyIsReadAndSetByAPI(t *testing.T) {
	covers.Rows(t, "C1", "C9")
	t.Parallel()
	s := newSite(t)
	operator, _ := policyPaths(s)
	token := policyOwner(t, s, "Odd.Owner")
	read := s.send(t, http.MethodGet, operator, token, "")
	version, _ := read.value["version"].(string)
	if holds, _ := read.value["holds"].(map[string]any); read.status != http.StatusOK || version == "" || holds["lockout_failures"] != 5.0 {
		t.Fatalf("reading: %d %s", read.status, read.body)
	}
	for field, change := range map[string]string{
		"lockout_minutes": `"lockout_minutes": 45`, "mfa_roles": `"mfa_roles": ["king"]`, "two_person": `"two_person": "maybe"`, "min_length": `"min_length": -1`, "king": `"king": 1`,
	} {
		a := s.send(t, http.MethodPatch, operator, token, `{"version": "`+version+`", `+change+`}`)
		if fields, _ := a.value["fields"].(map[string]any); fields[field] == nil || a.status != http.StatusBadRequest && a.status != http.StatusUnprocessableEntity {
			t.Errorf("a wrong %s: %d %s", field, a.status, a.body)
		}
	}
	if a := s.send(t, http.MethodPatch, operator, token, `{"history": 3}`); a.status != http.StatusBadRequest {
		t.Errorf("without a version: %d", a.status)
	}
	set := s.send(t, http.MethodPatch, operator, token, `{"version": "`+version+`", "max_age_days": 90, "history": 5, "lockout_manual": true, "mfa_roles": ["biller"]}`)
	if set.status != http.StatusOK || !strings.Contains(set.body, "expire after 90 days") || !strings.Contains(set.body, "NIST SP 800-63B-4") || !strings.Contains(set.body, `"mfa_roles":["biller"]`) {
		t.Fatalf("setting: %d %s", set.status, set.body)
	}
	for _, stale := range []string{version, "none"} {
		if a := s.send(t, http.MethodPatch, operator, token, `{"version": "`+stale+`", "history": 9}`); a.status != http.StatusConflict || a.value["code"] != "policy.changed" {
			t.Errorf("from another policy than is set: %d %s", a.status, a.body)
		}
	}
	policy, err := s.Accounts.Policy(t.Context(), accounts.Place{Operator: s.Operator})
	if err != nil || policy.MaxAgeDays != 90 || policy.History != 5 || !policy.Lockout.Manual || len(policy.RequireMFA.Roles) != 1 {
		t.Errorf("the policy is %+v, %v", policy, err)
	}
	events := walktest.Texts(t, s.LoaderDSN, `SELECT actor_kind FROM audit_event WHERE action = 'policy.changed' AND (detail #>> '{after,history}') = '5'`)
	if len(events) != 1 || events[0] != "token" {
		t.Errorf("the events say %v, want one change by a token", events)
	}
}

// A program is no way round the second person: a weaker policy waits for him, and what he is asked tells when it is out of date.
func TestWeakeningAPolicyByAPITakesTwoPeople(t *testing.T) {
	covers.Rows(t, "A50", "C9")
	t.Parallel()
	s := newSite(t)
	operator, _ := policyPaths(s)
	first, second := policyOwner(t, s, "Odd.Owner"), policyOwner(t, s, "Even.Owner")
	version := func() string { return s.send(t, http.MethodGet, operator, first, "").value["version"].(string) }
	failures := func() int {
		policy, err := s.Accounts.Policy(t.Context(), accounts.Place{Operator: s.Operator})
		if err != nil {
			t.Fatal(err)
		}
		return policy.Lockout.Failures
	}
	if a := s.send(t, http.MethodPatch, operator, first, `{"version": "`+version()+`", "lockout_failures": 50}`); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `"reason"`) {
		t.Errorf("without a reason: %d %s", a.status, a.body)
	}
	weaker := func() answer {
		return s.send(t, http.MethodPatch, operator, first, `{"version": "`+version()+`", "lockout_failures": 50, "reason": "One keyboard for all."}`)
	}
	asked := weaker()
	id, _ := asked.value["id"].(string)
	if asked.status != http.StatusAccepted || asked.value["kind"] != "policy.weaken" || !strings.Contains(asked.body, "rises from 5 to 50") || failures() != 5 {
		t.Fatalf("a weaker policy: %d %s, and %d failures hold", asked.status, asked.body, failures())
	}
	if a := weaker(); a.status != http.StatusConflict || a.value["code"] != "approval.waiting" {
		t.Errorf("asking twice: %d %s", a.status, a.body)
	}
	path := "/api/v1/approvals/" + id
	if a := s.send(t, http.MethodPost, path+"/reject", first, `{}`); a.status != http.StatusConflict || a.value["code"] != "approval.own" {
		t.Errorf("rejecting one's own: %d %s", a.status, a.body)
	}
	if a := s.send(t, http.MethodPost, path+"/approve", second, `{}`); a.status != http.StatusNotFound || failures() != 5 {
		t.Errorf("approving by a program: %d, want that there is no such thing", a.status)
	}
	if a := s.send(t, http.MethodGet, path, second, ""); a.status != http.StatusOK || a.value["out_of_date"] != false {
		t.Errorf("what waits: %d %s", a.status, a.body)
	}
	if a := s.send(t, http.MethodPatch, operator, second, `{"version": "`+version()+`", "history": 5}`); a.status != http.StatusOK {
		t.Fatalf("a stricter policy meanwhile: %d %s", a.status, a.body)
	}
	for _, token := range []string{first, second} {
		if a := s.send(t, http.MethodGet, path, token, ""); a.value["out_of_date"] != true {
			t.Errorf("after the policy was changed: %s", a.body)
		}
		if a := s.send(t, http.MethodGet, "/api/v1/approvals", token, ""); !strings.Contains(a.body, `"out_of_date":true`) {
			t.Errorf("the list after the policy was changed: %s", a.body)
		}
	}
	row, err := s.DB.PublicIDs().Parse(storage.PublicApproval, id)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Accounts.DecideApproval(t.Context(), s.Principal(t, "Even.Owner"), row, true, ""); err == nil || failures() != 5 {
		t.Errorf("approving what is out of date: %v", err)
	}
	if a := s.send(t, http.MethodPost, path+"/withdraw", second, ""); a.status != http.StatusNotFound {
		t.Errorf("withdrawing another's: %d", a.status)
	}
	if a := s.send(t, http.MethodPost, path+"/reject", second, `{"note": "it was changed since"}`); a.status != http.StatusOK || a.value["decision"] != "rejected" || a.value["out_of_date"] != false {
		t.Errorf("rejecting: %d %s", a.status, a.body)
	}
	if a := s.send(t, http.MethodPost, path+"/withdraw", first, ""); a.status != http.StatusConflict || a.value["code"] != "approval.decided" {
		t.Errorf("withdrawing what is rejected: %d %s", a.status, a.body)
	}
	again := weaker().value["id"].(string)
	if a := s.send(t, http.MethodPost, "/api/v1/approvals/"+again+"/withdraw", first, ""); a.status != http.StatusOK || a.value["decision"] != "withdrawn" {
		t.Errorf("withdrawing one's own: %d %s", a.status, a.body)
	}
}

// What an account gives up counts as it holds: where the account sets nothing, its operator's weaker policy does.
func TestAnAccountGivesUpItsStricterPolicyByTwo(t *testing.T) {
	covers.Rows(t, "A50")
	t.Parallel()
	s := newSite(t)
	_, account := policyPaths(s)
	for place, policy := range map[accounts.Place]accounts.SecurityPolicy{
		{Operator: s.Operator}: {IdleMinutes: 60, SessionHours: 24, Lockout: accounts.Lockout{Failures: 50}},
		{Account: s.Account}:   {IdleMinutes: 15, SessionHours: 12, Lockout: accounts.Lockout{Failures: 5}},
	} {
		if err := s.Accounts.WritePolicy(t.Context(), accountstest.Actor, place, policy); err != nil {
			t.Fatal(err)
		}
	}
	token := ""
	for _, login := range []string{"Acc.One", "Acc.Two"} {
		token = s.token(t, s.AddUser(t, login, "Owner "+login, accounts.Grant{Role: accounts.RoleAccountOwner, Account: s.Account}))
	}
	version := s.send(t, http.MethodGet, account, token, "").value["version"].(string)
	for _, field := range []string{"idle_minutes", "session_hours", "lockout_failures"} {
		a := s.send(t, http.MethodPatch, account, token, `{"version": "`+version+`", "`+field+`": 0}`)
		if fields, _ := a.value["fields"].(map[string]any); a.status != http.StatusUnprocessableEntity || fields["reason"] == nil {
			t.Errorf("%s goes back to the operator's: %d %s, want a second person asked", field, a.status, a.body)
		}
	}
	if a := s.send(t, http.MethodPatch, account, token, `{"version": "`+version+`", "session_hours": 8}`); a.status != http.StatusOK {
		t.Errorf("a stricter policy: %d %s", a.status, a.body)
	}
}

// What an account asks for beside its operator isn't dropped by one person while the operator asks for more.
func TestAnAccountKeepsItsOwnBesideAStricterOperator(t *testing.T) {
	covers.Rows(t, "A50")
	t.Parallel()
	s := newSite(t)
	for place, policy := range map[accounts.Place]accounts.SecurityPolicy{
		{Operator: s.Operator}: {IdleMinutes: 5, RequireMFA: accounts.RequiredMFA{All: true}, MaxAgeDays: 30},
		{Account: s.Account}:   {IdleMinutes: 15, RequireMFA: accounts.RequiredMFA{Roles: []accounts.Role{accounts.RoleBiller}}, MaxAgeDays: 90, Lockout: accounts.Lockout{Manual: true}},
	} {
		if err := s.Accounts.WritePolicy(t.Context(), accountstest.Actor, place, policy); err != nil {
			t.Fatal(err)
		}
	}
	user := s.AddUser(t, "Acc.One", "Owner One", accounts.Grant{Role: accounts.RoleAccountOwner, Account: s.Account})
	s.AddUser(t, "Acc.Two", "Owner Two", accounts.Grant{Role: accounts.RoleAccountOwner, Account: s.Account})
	place := accounts.Place{Account: s.Account}
	stored, err := s.Accounts.StoredPolicy(t.Context(), place)
	if err != nil {
		t.Fatal(err)
	}
	for name, drop := range map[string]func(*accounts.SecurityPolicy){
		"the idle minutes":  func(p *accounts.SecurityPolicy) { p.IdleMinutes = 0 },
		"the second factor": func(p *accounts.SecurityPolicy) { p.RequireMFA = accounts.RequiredMFA{} },
		"the age":           func(p *accounts.SecurityPolicy) { p.MaxAgeDays = 0 },
	} {
		policy := stored
		drop(&policy)
		_, err := s.Accounts.SetPolicy(t.Context(), s.Principal(t, user), place, accounts.PolicyChange{Policy: policy, Seen: stored.Version()})
		if input, ok := errors.AsType[*accounts.InputError](err); !ok || input.Field != "reason" {
			t.Errorf("%s: %v, want a second person asked", name, err)
		}
	}
	policy := stored
	policy.IdleMinutes = 10
	if id, err := s.Accounts.SetPolicy(t.Context(), s.Principal(t, user), place, accounts.PolicyChange{Policy: policy, Seen: stored.Version()}); err != nil || id != 0 {
		t.Errorf("a stricter one: %d, %v", id, err)
	}
}
