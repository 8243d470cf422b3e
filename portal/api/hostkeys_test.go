package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/ediport/ediport/accounts/accountstest/covers"
	"github.com/ediport/ediport/storage"
)

// A program is no way round the second person: other host keys wait for him, whatever they come with.
func TestHostKeysTakeTwoPeople(t *testing.T) {
	covers.Rows(t, "A50")
	t.Parallel()
	s := newSite(t)
	token := s.token(t, s.Administrator)
	const a, b, c = `"SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"`, `"SHA256:LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ"`, `"SHA256:MPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ"`
	jump := func(keys string) string {
		return `"network": {"jump": {"host": "jump.example", "user": "u", "host_keys": [` + keys + `]}}`
	}
	body := strings.Replace(aConnection, `"push"`, jump(b)+`, "push"`, 1)
	body = strings.Replace(body, `"secrets": {`, `"secrets": {"jump_password": "SECRET-OF-TESTS", `, 1)
	made := s.send(t, http.MethodPost, "/api/v1/connections", token, body)
	id, _ := made.value["id"].(string)
	if made.status != http.StatusCreated {
		t.Fatalf("adding: %d %s", made.status, made.body)
	}
	path := "/api/v1/connections/" + id
	for name, c := range map[string]struct{ change, field string }{
		"a key beside it":      {`"host_keys": [` + a + `, ` + b + `]`, "host_keys"},
		"another key":          {`"host_keys": [` + b + `]`, "host_keys"},
		"none":                 {`"host_keys": []`, "host_keys"},
		"with another host":    {`"host": "other.example", "secrets": {"password": "p"}, "host_keys": [` + b + `]`, "host_keys"},
		"of the jump host":     {jump(c), "network.jump.host_keys"},
		"none of the jump":     {jump(""), "network.jump.host_keys"},
		"no jump host":         {`"network": {}`, "network.jump.host_keys"},
		"the whole, null jump": {`"network": {"jump": null}`, "network.jump.host_keys"},
	} {
		answer := s.send(t, http.MethodPatch, path, token, `{"version": 1, `+c.change+`}`)
		fields, _ := answer.value["fields"].(map[string]any)
		if answer.status != http.StatusConflict || answer.value["code"] != "connection.host_keys_guarded" || fields[c.field] == nil {
			t.Errorf("%s: %d %s, want 409 about %s", name, answer.status, answer.body, c.field)
		}
	}
	if got := s.send(t, http.MethodGet, path, token, ""); got.value["version"] != 1.0 {
		t.Fatalf("refused, but changed: %s", got.body)
	}
	if got := s.send(t, http.MethodPatch, path, token, `{"version": 1, "host": "other.example", "secrets": {"password": "p"}}`); got.status != http.StatusOK {
		t.Errorf("another host with the keys that it has: %d %s", got.status, got.body)
	}
	if got := s.send(t, http.MethodPost, path+"/host-keys", token, `{"host_keys": []}`); got.status != http.StatusBadRequest {
		t.Errorf("without a version: %d", got.status)
	}
	short := s.send(t, http.MethodPost, path+"/host-keys", token, `{"version": 2, "jump_host_keys": ["SHA256:short"]}`)
	if fields, _ := short.value["fields"].(map[string]any); short.status != http.StatusUnprocessableEntity || fields["jump_host_keys"] == nil {
		t.Errorf("a key that is none: %d %s", short.status, short.body)
	}
	asked := s.send(t, http.MethodPost, path+"/host-keys", token, `{"version": 2, "host_keys": [`+b+`], "jump_host_keys": [`+c+`], "reason": "told by telephone"}`)
	if asked.status != http.StatusConflict || asked.value["code"] != "approval.needed" {
		t.Fatalf("asking: %d %s", asked.status, asked.body)
	}
	if again := s.send(t, http.MethodPost, path+"/approve-host-key", token, `{"host_key": `+c+`}`); again.status != http.StatusConflict || again.value["code"] != "approval.waiting" {
		t.Errorf("asking for something else meanwhile: %d %s", again.status, again.body)
	}
	bo := s.Principal(t, s.Both)
	all, err := s.Accounts.Approvals(t.Context(), bo)
	if err != nil || len(all) != 1 || all[0].ObjectKind != "connection" {
		t.Fatalf("%d requests wait (%v), want 1", len(all), err)
	}
	if err := s.Accounts.DecideApproval(t.Context(), bo, all[0].ID, true, ""); err != nil {
		t.Fatal(err)
	}
	got := s.send(t, http.MethodGet, path, token, "")
	if !strings.Contains(got.body, `"host_keys":[`+b+`]`) || !strings.Contains(got.body, `"host_keys":[`+c+`]`) {
		t.Errorf("approved: %s", got.body)
	}
	events := 0
	err = s.DB.InScopeRead(t.Context(), storage.Scope{Operator: s.Operator, Actor: bo.Actor()}, func(tx *storage.Tx) error {
		approvals, err := tx.HostKeyApprovals(t.Context(), storage.ConnectionID(all[0].ObjectID))
		events = len(approvals)
		return err
	})
	if err != nil || events != 2 {
		t.Errorf("%d keys are said to be approved in the audit (%v), want 2", events, err)
	}
}
