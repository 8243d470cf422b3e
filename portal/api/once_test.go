package api_test

import (
	"net/http"
	"testing"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/portal/walktest"
)

// A change of a policy, what waits for a second person, and what becomes of it, are carried out once by their key, as all other acts are.
func TestPoliciesAndRequestsAreDoneOnceByTheirKey(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	operator, _ := policyPaths(s)
	first, second := policyOwner(t, s, "Odd.Owner"), policyOwner(t, s, "Even.Owner")
	version := func() string { return s.send(t, http.MethodGet, operator, first, "").value["version"].(string) }
	twice := func(what, method, path, token, body, key string, status int) answer {
		t.Helper()
		one := s.send(t, method, path, token, body, "Idempotency-Key", key)
		two := s.send(t, method, path, token, body, "Idempotency-Key", key)
		if one.status != status || two.status != status || one.body != two.body || one.header.Get("Idempotency-Replayed") != "" || two.header.Get("Idempotency-Replayed") != "true" {
			t.Errorf("%s: %d %s\nand again %d %s, want %d, and the same again", what, one.status, one.body, two.status, two.body, status)
		}
		other := s.send(t, method, path, token, `{"version": "000000000000000000000000", "reason": "Another.", "note": "Another."}`, "Idempotency-Key", key)
		if other.status != http.StatusConflict || other.value["code"] != "conflict" {
			t.Errorf("%s, with the key for another request: %d %s, want it refused", what, other.status, other.body)
		}
		return one
	}
	twice("a stricter policy", http.MethodPatch, operator, first, `{"version": "`+version()+`", "history": 5}`, "p1", http.StatusOK)
	if n := walktest.Texts(t, s.LoaderDSN, `SELECT id::text FROM audit_event WHERE action = 'policy.changed'`); len(n) != 1 {
		t.Errorf("the policy was changed %d times", len(n))
	}
	if a := s.send(t, http.MethodPatch, operator, second, `{"version": "`+version()+`", "history": 6}`, "Idempotency-Key", "p1"); a.status != http.StatusOK {
		t.Errorf("somebody else's key of the same name: %d %s", a.status, a.body)
	}
	weaker := `{"version": "` + version() + `", "lockout_failures": 50, "reason": "One keyboard for all."}`
	asked := twice("a weaker policy", http.MethodPatch, operator, first, weaker, "p2", http.StatusAccepted)
	if asked.value["kind"] != "policy.weaken" {
		t.Fatalf("a weaker policy: %s", asked.body)
	}
	twice("rejecting", http.MethodPost, "/api/v1/approvals/"+asked.value["id"].(string)+"/reject", second, `{"note": "No."}`, "p3", http.StatusOK)
	again := s.send(t, http.MethodPatch, operator, first, weaker, "Idempotency-Key", "p4").value["id"].(string)
	twice("withdrawing", http.MethodPost, "/api/v1/approvals/"+again+"/withdraw", first, ``, "p5", http.StatusOK)
	if a := s.send(t, http.MethodPatch, operator, first, weaker, "Idempotency-Key", "p4"); a.value["id"] != again || a.value["decision"] != "withdrawn" {
		t.Errorf("what was asked for once, after it was withdrawn: %d %s, want how it stands", a.status, a.body)
	}
	if n := walktest.Texts(t, s.LoaderDSN, `SELECT id::text FROM approval`); len(n) != 2 {
		t.Errorf("there are %d requests, want two", len(n))
	}
	twice("an export", http.MethodPost, "/api/v1/audit/exports", first, `{"format": "csv", "reason": "The auditor comes."}`, "p6", http.StatusAccepted)
	if a := s.send(t, http.MethodPost, "/api/v1/purges", first, `{"kinds": ["835"], "before": "2020-01-31", "dry_run": true}`, "Idempotency-Key", "p7"); a.status != http.StatusOK || a.value["counts"] == nil {
		t.Errorf("counting under a key: %d %s", a.status, a.body)
	}
}

// What was done once is not told to a token that lost the right to it.
func TestARepeatedChangeOfAPolicyAsksForTheRight(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	_, account := policyPaths(s)
	owner := s.AddUser(t, "Acc.Owner", "Acc Owner", accounts.Grant{Role: accounts.RoleAccountOwner, Account: s.Account})
	s.AddUser(t, "Acc.Second", "Acc Second", accounts.Grant{Role: accounts.RoleAccountOwner, Account: s.Account})
	token := s.token(t, owner)
	body := `{"version": "` + s.send(t, http.MethodGet, account, token, "").value["version"].(string) + `", "history": 5}`
	if a := s.send(t, http.MethodPatch, account, token, body, "Idempotency-Key", "k"); a.status != http.StatusOK {
		t.Fatalf("changing: %d %s", a.status, a.body)
	}
	user, err := s.Accounts.UserByLogin(t.Context(), owner)
	if err != nil {
		t.Fatal(err)
	}
	walktest.Texts(t, s.LoaderDSN, `UPDATE membership SET role = 'biller' WHERE user_id = $1 RETURNING role`, int64(user))
	if a := s.send(t, http.MethodPatch, account, token, body, "Idempotency-Key", "k"); a.status != http.StatusForbidden {
		t.Errorf("repeating as a biller: %d %s", a.status, a.body)
	}
}
