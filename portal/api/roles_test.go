package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/accounts/accountstest/covers"
	"github.com/ediport/ediport/storage"
)

// everything asks for each list of results and each row in it, and returns the answers by path.
func (s *site) everything(t *testing.T, token string) map[string]answer {
	t.Helper()
	all := map[string]answer{}
	for _, kind := range []string{"remittances", "claims", "eligibility", "claim-statuses", "authorizations", "files", "unrouted", "outbound", "acknowledgments"} {
		path := "/api/v1/" + kind
		list := s.ask(t, http.MethodGet, path, "Bearer "+token)
		all[path] = list
		items, _ := list.value["items"].([]any)
		for _, item := range items {
			id := item.(map[string]any)["id"]
			for _, more := range []string{"", "/raw", "/claims", "/findings"} {
				one := fmt.Sprintf("%s/%s%s", path, id, more)
				if a := s.ask(t, http.MethodGet, one, "Bearer "+token); a.status != http.StatusNotFound || more == "" {
					all[one] = a
				}
			}
		}
	}
	return all
}

// Whoever may not see patients gets none of them from the API: by his role, or by what his token may do.
func TestNoAnswerShowsPatientsToAuditors(t *testing.T) {
	covers.Rows(t, "A47", "H1")
	t.Parallel()
	s := newLoadedSite(t)
	s.AddUser(t, "Ari.Auditor", "Ari Auditor", accounts.Grant{Role: accounts.RoleAuditor, Operator: s.Operator})
	s.AddUser(t, "Ace.Auditor", "Ace Auditor", accounts.Grant{Role: accounts.RoleAccountAuditor, Account: s.Account})
	values := s.PatientValues(t, int64(s.Account))
	masks, shown := leaks(s.everything(t, s.token(t, s.Biller)), values)
	if shown < 10 || masks > 0 {
		t.Fatalf("a biller gets %d answers with patients and %d masks: the test looks for the wrong things", shown, masks)
	}
	for who, c := range map[string]struct {
		token string
		masks int
	}{
		"the operator's auditor":         {s.token(t, "Ari.Auditor"), 0},
		"the account's auditor":          {s.token(t, "Ace.Auditor"), 100},
		"a biller's token without right": {s.token(t, s.Biller, accounts.ViewRemittances, accounts.ViewEligibility, accounts.ViewOriginals), 100},
	} {
		answers := s.everything(t, c.token)
		if masks, shown := leaks(answers, values); shown > 0 || masks < c.masks {
			t.Errorf("%s: %d answers with patients, %d masks", who, shown, masks)
		}
		for path, a := range answers {
			if strings.HasSuffix(path, "/raw") && a.status != http.StatusForbidden {
				t.Errorf("%s: an original answers %d, want 403", who, a.status)
			}
		}
	}
	token := s.token(t, "Ace.Auditor")
	for path, body := range map[string]string{"claims": `{"patient_control_number": "%s"}`, "eligibility": `{"member_id": "%s"}`} {
		for _, v := range values {
			a := s.send(t, http.MethodPost, "/api/v1/"+path+"/search", token, fmt.Sprintf(body, v))
			if items, _ := a.value["items"].([]any); len(items) > 0 || a.status != http.StatusOK {
				t.Fatalf("an auditor's search of %s finds %d rows, %d", path, len(items), a.status)
			}
		}
	}
}

func leaks(answers map[string]answer, values []string) (masks, shown int) {
	for _, a := range answers {
		masks += strings.Count(a.body, storage.MaskedText)
		upper := strings.ToUpper(a.body)
		for _, v := range values {
			if strings.Contains(upper, strings.ToUpper(v)) {
				shown++
				break
			}
		}
	}
	return masks, shown
}

// Who is limited to a provider gets nothing of the others.
func TestNoAnswerShowsRowsOfOtherProviders(t *testing.T) {
	covers.Rows(t, "A46", "A48")
	t.Parallel()
	s := newLoadedSite(t)
	s.AddUser(t, "Olga.Owner", "Olga Owner", accounts.Grant{Role: accounts.RoleAccountOwner, Account: s.Account})
	s.AddUser(t, "Lia.Limited", "Lia Limited", accounts.Grant{Role: accounts.RoleAccountAdministrator, Account: s.Account})
	user, err := s.Accounts.UserByLogin(t.Context(), "Lia.Limited")
	if err != nil {
		t.Fatal(err)
	}
	grant := accounts.RoleGrant{Role: accounts.RoleBiller, Account: s.Account, Limit: storage.RowLimit{NPIs: []string{"1234567893"}}}
	if _, err := s.Accounts.GiveRole(t.Context(), s.Principal(t, "Olga.Owner"), user, grant); err != nil {
		t.Fatal(err)
	}
	token := s.token(t, "Lia.Limited")
	for path, a := range s.everything(t, token) {
		if items, _ := a.value["items"].([]any); len(items) > 0 {
			t.Errorf("%s lists %d rows", path, len(items))
		}
	}
	asked := 0
	for path := range s.everything(t, s.token(t, s.Biller)) {
		if !strings.Contains(path, "_") {
			continue
		}
		asked++
		if a := s.ask(t, http.MethodGet, path, "Bearer "+token); a.status != http.StatusNotFound {
			t.Errorf("%s answers %d, want 404", strings.SplitN(path, "_", 2)[0], a.status)
		}
	}
	if asked < 30 {
		t.Errorf("only %d answers were asked for", asked)
	}
}

func TestPeopleAndRolesByAPI(t *testing.T) {
	covers.Rows(t, "S74")
	t.Parallel()
	s := newSite(t)
	s.AddUser(t, "Abe.Admin", "Abe Admin", accounts.Grant{Role: accounts.RoleAccountAdministrator, Account: s.Account})
	token := s.token(t, "Abe.Admin")
	a := s.ask(t, http.MethodGet, "/api/v1/people", "Bearer "+token)
	if !strings.Contains(a.body, "Bea.Biller") || !strings.Contains(a.body, `"title":"Biller"`) || strings.Contains(a.body, "Olga.Other") || strings.Contains(a.body, "Harbor") {
		t.Errorf("an account's administrator sees the people of his account, and no others: %s", a.body)
	}
	for _, secret := range []string{"hash", "password", "secret", "argon2"} {
		if strings.Contains(strings.ToLower(a.body), secret) {
			t.Errorf("the list says %q", secret)
		}
	}
	if a := s.ask(t, http.MethodGet, "/api/v1/roles", "Bearer "+token); !strings.Contains(a.body, `"front_desk"`) || !strings.Contains(a.body, `"patients.view"`) {
		t.Errorf("roles: %s", a.body)
	}
	if a := s.ask(t, http.MethodGet, "/api/v1/people", "Bearer "+s.token(t, s.Biller)); a.status != http.StatusForbidden {
		t.Errorf("people by a biller: %d, want 403", a.status)
	}
	if a := s.ask(t, http.MethodGet, "/api/v1/approvals", "Bearer "+s.token(t, s.Administrator)); a.status != http.StatusOK {
		t.Errorf("approvals: %d", a.status)
	}
}
