package api_test

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/accounts/accountstest"
	"github.com/ediport/ediport/portal/walktest"
	"github.com/ediport/ediport/storage"
)

// What an operator's policy alone has is no more an account's to set by another spelling; nor are roles of others to be named.
func TestPoliciesTakeNoSmuggledSettings(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	operator, account := policyPaths(s)
	token := s.token(t, s.AddUser(t, "Acc.Owner", "Acc Owner", accounts.Grant{Role: accounts.RoleAccountOwner, Account: s.Account}))
	version := s.send(t, http.MethodGet, account, token, "").value["version"].(string)
	next := s.Principal(t, s.AddUser(t, "Next.Owner", "Nora Door", accounts.Grant{Role: accounts.RoleAccountOwner, Account: s.Other}))
	foreign, err := s.Accounts.CreateRole(t.Context(), next, accounts.RoleForm{Name: "Next door", Account: s.Other, Permissions: []accounts.Permission{accounts.ViewEligibility}})
	if err != nil {
		t.Fatal(err)
	}
	for what, change := range map[string]string{
		"another spelling":     `"TWO_PERSON": "off"`,
		"a role next door":     `"mfa_roles": ["` + s.DB.PublicIDs().Format(storage.PublicRole, foreign) + `"]`,
		"a role's row":         `"mfa_roles": ["custom:1"]`,
		"an operator's role":   `"mfa_roles": ["owner"]`,
		"what is remembered":   `"earlier": []`,
		"a whole policy":       `"require_mfa": {"all": false}`,
		"another's id":         `"id": "` + strings.Split(operator, "/")[4] + `", "history": 5`,
		"a number as a switch": `"mfa_all": 0`,
	} {
		if a := s.send(t, http.MethodPatch, account, token, `{"version": "`+version+`", `+change+`}`); a.status != http.StatusBadRequest {
			t.Errorf("%s: %d %s, want 400", what, a.status, a.body)
		}
	}
	if n := walktest.Texts(t, s.LoaderDSN, `SELECT id::text FROM audit_event WHERE action = 'policy.changed'`); len(n) != 0 {
		t.Errorf("policies were changed %d times", len(n))
	}
}

// Of changes that come at the same time from one policy, one is made, and one request waits; with one key each is told the same.
func TestPoliciesChangeOnceAtATime(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	operator, _ := policyPaths(s)
	token := policyOwner(t, s, "Odd.Owner")
	policyOwner(t, s, "Even.Owner")
	version := s.send(t, http.MethodGet, operator, token, "").value["version"].(string)
	race := func(n int, body string, headers func(i int) []string) (statuses []int) {
		statuses = make([]int, n)
		var sending sync.WaitGroup
		for i := range n {
			sending.Go(func() { statuses[i] = s.send(t, http.MethodPatch, operator, token, body, headers(i)...).status })
		}
		sending.Wait()
		slices.Sort(statuses)
		return statuses
	}
	same := func(int) []string { return []string{"Idempotency-Key", "one"} }
	none := func(int) []string { return nil }
	weaker := `{"version": "` + version + `", "lockout_failures": 50, "reason": "One keyboard for all."}`
	if got := race(4, weaker, same); !slices.Equal(got, []int{202, 202, 202, 202}) {
		t.Errorf("four weaker ones with one key: %v", got)
	}
	if got := race(3, weaker, none); !slices.Equal(got, []int{409, 409, 409}) {
		t.Errorf("three more: %v", got)
	}
	if got := race(4, `{"version": "`+version+`", "history": 5}`, none); !slices.Equal(got, []int{200, 409, 409, 409}) {
		t.Errorf("four stricter ones: %v", got)
	}
	if n := walktest.Texts(t, s.LoaderDSN, `SELECT id::text FROM approval`); len(n) != 1 {
		t.Errorf("%d requests wait", len(n))
	}
}

// A token rejects and withdraws within its scopes and for the exchange at which its owner decides.
func TestRequestsAreDecidedWithinScopes(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	var second storage.OperatorID
	err := s.DB.InSystem(t.Context(), accountstest.Actor, func(tx *storage.Tx) (err error) {
		second, _, err = tx.NewOperator(t.Context(), "Southmoor Exchange", "America/New_York")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	id, err := s.Accounts.RequestAuditExport(t.Context(), s.Principal(t, s.Administrator), accounts.AuditExport{Format: "csv"}, "The auditor comes.")
	if err != nil {
		t.Fatal(err)
	}
	path := "/api/v1/approvals/" + s.DB.PublicIDs().Format(storage.PublicApproval, id)
	both := s.AddUser(t, "Two.Sides", "Twyla Sides", accounts.Grant{Role: accounts.RoleAuditor, Operator: s.Operator}, accounts.Grant{Role: accounts.RoleAdministrator, Operator: second})
	there := s.AddUser(t, "Far.Side", "Farah Side", accounts.Grant{Role: accounts.RoleOwner, Operator: second})
	narrow := s.token(t, s.Administrator, accounts.ExportAudit)
	for _, c := range []struct {
		who, token, act string
		operator        storage.OperatorID
		status          int
	}{
		{"an owner of another exchange", s.token(t, there), "reject", 0, http.StatusNotFound},
		{"an auditor here who decides there", s.token(t, both), "reject", 0, http.StatusNotFound},
		{"the same, of there", s.token(t, both), "reject", second, http.StatusNotFound},
		{"the same, of here", s.token(t, both), "reject", s.Operator, http.StatusForbidden},
		{"a token that only exports", narrow, "reject", 0, http.StatusForbidden},
		{"somebody else", s.token(t, both), "withdraw", 0, http.StatusNotFound},
	} {
		var headers []string
		if c.operator != 0 {
			headers = []string{"Ediport-Operator", s.DB.PublicIDs().Format(storage.PublicOperator, int64(c.operator))}
		}
		if a := s.send(t, http.MethodPost, path+"/"+c.act, c.token, `{}`, headers...); a.status != c.status || strings.Contains(a.body, "auditor comes") {
			t.Errorf("%s by %s: %d %s, want %d", c.act, c.who, a.status, a.body, c.status)
		}
	}
	if n := walktest.Texts(t, s.LoaderDSN, `SELECT id::text FROM approval WHERE decision IS NULL`); len(n) != 1 {
		t.Error("the request waits no longer")
	}
}
