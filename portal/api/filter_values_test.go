package api_test

import (
	"net/http"
	"testing"

	"github.com/ediport/ediport/accounts"
)

// A list that is asked for something that there isn't says so, in place of an empty list.
func TestListsRefuseWhatThereIsNot(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	token := s.token(t, s.AddUser(t, "Eve.Erything", "Eve Erything", accounts.Grant{Role: accounts.RoleOwner, Operator: s.Operator},
		accounts.Grant{Role: accounts.RoleAccountOwner, Account: s.Account}))
	for path, names := range map[string][]string{
		"/files":           {"state", "direction", "connection_id", "partner_id", "run_id", "received_from", "sha256"},
		"/acknowledgments": {"kind", "code", "usage", "file_id"},
		"/unrouted":        {"usage"},
		"/remittances":     {"account_id", "from", "to", "payer_id", "amount", "balanced", "duplicate", "usage"},
		"/claims":          {"account_id", "from", "to", "denied", "usage"},
		"/eligibility":     {"account_id", "from", "to", "status", "payer_id", "usage"},
		"/claim-statuses":  {"account_id", "from", "to", "category_code", "kind", "payer_id", "usage"},
		"/authorizations":  {"account_id", "from", "to", "outcome", "kind", "payer_id", "usage"},
		"/outbound":        {"connection_id", "partner_id", "state", "purpose", "acknowledgment", "open"},
		"/runs":            {"connection_id", "schedule_id", "kind", "state"},
		"/jobs":            {"kind", "state", "dead"},
		"/incidents":       {"connection_id", "open", "unacknowledged"},
		"/audit":           {"user_id", "account_id", "object_id", "action", "result", "from", "to", "limit"},
	} {
		for _, name := range names {
			a := s.send(t, http.MethodGet, "/api/v1"+path+"?"+name+"=sleepy", token, "")
			if fields, _ := a.value["fields"].(map[string]any); a.status != http.StatusBadRequest || fields[name] == nil || fields[name] == "is not known here" {
				t.Errorf("%s by a %s that there isn't: %d %s", path, name, a.status, a.body)
			}
		}
	}
	for _, path := range []string{"/audit?action=signin.", "/audit?action=signin.succeeded", "/claim-statuses?category_code=F", "/files?sha256=0a"} {
		if a := s.send(t, http.MethodGet, "/api/v1"+path, token, ""); a.status != http.StatusOK {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
}
