package web_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/accounts/accountstest/covers"
	"github.com/ediport/ediport/fixtures"
	"github.com/ediport/ediport/portal/web/webtest"
	"github.com/ediport/ediport/storage"
)

// Whoever may not see patients meets none of them on any page he reaches, nor an original.
func TestNoPageShowsPatientsToAuditors(t *testing.T) {
	covers.Rows(t, "A47", "H1")
	t.Parallel()
	s := webtest.Loaded(t)
	s.AddUser(t, "Ari.Auditor", "Ari Auditor", accounts.Grant{Role: accounts.RoleAuditor, Operator: s.Operator})
	s.AddUser(t, "Ace.Auditor", "Ace Auditor", accounts.Grant{Role: accounts.RoleAccountAuditor, Account: s.Account})
	s.AddUser(t, "Abe.Admin", "Abe Admin", accounts.Grant{Role: accounts.RoleAccountAdministrator, Account: s.Account})
	values := s.PatientValues(t, int64(s.Account))
	mine := billersPages(t, s)
	if masked, shown := count(mine, values); shown < 10 || masked > 0 {
		t.Fatalf("a biller's pages show %d values of patients and %d masks: the test looks for the wrong things", shown, masked)
	}
	for login, least := range map[string]int{"Ari.Auditor": 0, "Ace.Auditor": 100, "Abe.Admin": 0} {
		c := s.SignedIn(t, login)
		pages := crawl(t, c, "/dashboard")
		masked, shown := count(pages, values)
		if shown > 0 || masked < least || len(pages) < 3 {
			t.Errorf("%s: %d values of patients and %d masks on %d pages", login, shown, masked, len(pages))
		}
		for path := range mine {
			if strings.Contains(path, "/x12") || strings.Contains(path, "/claims/") || strings.Contains(path, "/eligibility/") {
				if a := c.Get(path); a.Status == http.StatusOK && holdsAny(a.Body, values) != "" || a.Status == http.StatusOK && strings.Contains(path, "/x12") {
					t.Errorf("%s: %s answers %d", login, strings.SplitN(path, "_", 2)[0], a.Status)
				}
			}
		}
	}
	found := s.SignedIn(t, "Ace.Auditor").Post("/claims", "name", fixtures.PersonLastNames()[0][:2])
	if strings.Contains(found.Body, "/claims/clm_") {
		t.Error("an auditor finds claims by the name of a patient")
	}
}

func count(pages map[string]webtest.Answer, values []string) (masked, shown int) {
	for _, a := range pages {
		masked += strings.Count(a.Body, storage.MaskedText)
		if holdsAny(a.Body, values) != "" {
			shown++
		}
	}
	return masked, shown
}

func holdsAny(body string, values []string) string {
	upper := strings.ToUpper(body)
	for _, v := range values {
		if strings.Contains(upper, strings.ToUpper(v)) {
			return v
		}
	}
	return ""
}

// The front desk sees no money: neither pages nor figures of remittances.
func TestTheFrontDeskSeesNoMoney(t *testing.T) {
	covers.Rows(t, "A45")
	t.Parallel()
	s := webtest.Loaded(t)
	s.AddUser(t, "Fay.Frontend", "Fay Frontend", accounts.Grant{Role: accounts.RoleFrontDesk, Account: s.Account})
	c := s.SignedIn(t, "Fay.Frontend")
	pages := crawl(t, c, "/dashboard")
	if reaches(pages, "/remittances") || reaches(pages, "/claims") || strings.Contains(pages["/dashboard"].Body, "Paid") {
		t.Error("the front desk is led to remittances")
	}
	if !reaches(pages, "/eligibility/elg_") || !reaches(pages, "/authorizations/aut_") || !reaches(pages, "/claim-status/sts_") {
		t.Error("the front desk misses its own pages")
	}
	for path := range billersPages(t, s) {
		if strings.HasPrefix(path, "/remittances") || strings.HasPrefix(path, "/claims") || strings.Contains(path, "/x12") {
			if a := c.Get(path); a.Status != http.StatusForbidden {
				t.Errorf("%s answers the front desk %d, want 403", strings.SplitN(path, "_", 2)[0], a.Status)
			}
		}
	}
}

// Whoever is limited to a provider reaches nothing of the others, by pages or their addresses.
func TestNoPageShowsRowsOfOtherProviders(t *testing.T) {
	covers.Rows(t, "A46", "A48")
	t.Parallel()
	s := webtest.Loaded(t)
	s.AddUser(t, "Olga.Owner", "Olga Owner", accounts.Grant{Role: accounts.RoleAccountOwner, Account: s.Account})
	s.AddUser(t, "Lim.Limited", "Lim Limited", accounts.Grant{Role: accounts.RoleAuthorizationCoordinator, Account: s.Account})
	ctx := t.Context()
	user, err := s.Accounts.UserByLogin(ctx, "Lim.Limited")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Accounts.Revoke(ctx, storage.Actor{Kind: storage.ActorCLI}, user, accounts.Grant{Account: s.Account}); err != nil {
		t.Fatal(err)
	}
	grant := accounts.RoleGrant{Role: accounts.RoleBiller, Account: s.Account, Limit: storage.RowLimit{NPIs: []string{"1234567893"}}}
	if _, err := s.Accounts.GiveRole(ctx, s.Principal(t, "Olga.Owner"), user, grant); err == nil {
		t.Fatal("a person without any role here was given one")
	}
	s.AddUser(t, "Lia.Limited", "Lia Limited", accounts.Grant{Role: accounts.RoleAccountAdministrator, Account: s.Account})
	if user, err = s.Accounts.UserByLogin(ctx, "Lia.Limited"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Accounts.GiveRole(ctx, s.Principal(t, "Olga.Owner"), user, grant); err != nil {
		t.Fatal(err)
	}
	c := s.SignedIn(t, "Lia.Limited")
	own := crawl(t, c, "/dashboard")
	asked := 0
	for path, a := range billersPages(t, s) {
		if !strings.Contains(path, "_") || a.Status != http.StatusOK {
			continue
		}
		asked++
		if _, led := own[path]; led {
			t.Errorf("a page leads to %s", strings.SplitN(path, "_", 2)[0])
		}
		if got := c.Get(path); got.Status != http.StatusNotFound {
			t.Errorf("%s answers %d, want 404", strings.SplitN(path, "_", 2)[0], got.Status)
		}
	}
	if asked < 30 {
		t.Errorf("only %d pages were asked for", asked)
	}
}
