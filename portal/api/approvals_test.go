package api_test

import (
	"net/http"
	"testing"

	"github.com/ediport/ediport/accounts/accountstest/covers"
	"github.com/ediport/ediport/storage"
)

// A program that waits for other host keys learns that the connection was changed meanwhile, and that nobody can approve them any more.
func TestARequestForHostKeysTellsThatItIsOutOfDate(t *testing.T) {
	covers.Rows(t, "A50")
	t.Parallel()
	s := newSite(t)
	token := s.token(t, s.Administrator)
	made := s.send(t, http.MethodPost, "/api/v1/connections", token, aConnection)
	id, _ := made.value["id"].(string)
	path := "/api/v1/connections/" + id
	asked := s.send(t, http.MethodPost, path+"/host-keys", token,
		`{"version": 1, "host_keys": ["SHA256:LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ"], "reason": "told by telephone"}`)
	if asked.status != http.StatusConflict || asked.value["code"] != "approval.needed" {
		t.Fatalf("asking: %d %s", asked.status, asked.body)
	}
	request := func() map[string]any {
		a := s.send(t, http.MethodGet, "/api/v1/approvals", token, "")
		items, _ := a.value["items"].([]any)
		if len(items) != 1 {
			t.Fatalf("the requests: %d %s", a.status, a.body)
		}
		return items[0].(map[string]any)
	}
	if request()["out_of_date"] != false {
		t.Error("it is out of date from the beginning")
	}
	if a := s.send(t, http.MethodPatch, path, token, `{"version": 1, "host": "other.example", "secrets": {"password": "p"}}`); a.status != http.StatusOK {
		t.Fatalf("another host: %d %s", a.status, a.body)
	}
	waits := request()
	if waits["out_of_date"] != true {
		t.Errorf("after the host was changed: %v", waits)
	}
	row, err := s.DB.PublicIDs().Parse(storage.PublicApproval, waits["id"].(string))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Accounts.DecideApproval(t.Context(), s.Principal(t, s.Both), row, true, ""); err == nil {
		t.Error("it was approved all the same")
	}
	if a := s.send(t, http.MethodPost, "/api/v1/approvals/"+waits["id"].(string)+"/withdraw", token, ""); a.status != http.StatusOK || a.value["decision"] != "withdrawn" {
		t.Errorf("withdrawing it: %d %s", a.status, a.body)
	}
}
