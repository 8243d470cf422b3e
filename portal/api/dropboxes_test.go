package api_test

import (
	"crypto/ed25519"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/accounts/accountstest"
	"github.com/ediport/ediport/storage"
)

// publicKeyLine is a line of authorized_keys, the same for the same number.
func publicKeyLine(t *testing.T, n byte) (line, fingerprint string) {
	t.Helper()
	seed := make([]byte, ed25519.SeedSize)
	seed[0] = n
	key, err := ssh.NewPublicKey(ed25519.NewKeyFromSeed(seed).Public())
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key))) + " partner", ssh.FingerprintSHA256(key)
}

// A program keeps drop boxes as the page does: adds one, changes it and its keys, pauses and deletes it, and each act stands in the audit.
func TestDropBoxesByProgram(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	token := s.token(t, s.Administrator)
	first, firstPrint := publicKeyLine(t, 1)
	second, secondPrint := publicKeyLine(t, 2)
	post := func(path, body string, want int, headers ...string) answer {
		t.Helper()
		a := s.send(t, http.MethodPost, path, token, body, headers...)
		if a.status != want {
			t.Fatalf("POST %s: %d %s, want %d", path, a.status, a.body, want)
		}
		return a
	}
	for field, body := range map[string]string{
		"name": `{}`, "keys": `{"name": "Tamarind", "keys": ["nonsense"]}`, "sources": `{"name": "Tamarind", "sources": ["everywhere"]}`,
		"username": `{"name": "Tamarind", "username": "Has Blanks"}`, "max_waiting_bytes": `{"name": "Tamarind", "max_file_bytes": 10, "max_waiting_bytes": 5}`,
	} {
		a := post("/api/v1/dropboxes", body, http.StatusUnprocessableEntity)
		if fields, _ := a.value["fields"].(map[string]any); fields[field] == nil || a.value["code"] != "dropbox.invalid" {
			t.Errorf("a wrong %s: %s", field, a.body)
		}
	}
	made := post("/api/v1/dropboxes", `{"name": "Tamarind", "keys": ["`+first+`"], "sources": ["192.0.2.7"], "max_file_bytes": 1048576}`, http.StatusCreated, "Idempotency-Key", "box-1")
	again := post("/api/v1/dropboxes", `{"name": "Tamarind", "keys": ["`+first+`"], "sources": ["192.0.2.7"], "max_file_bytes": 1048576}`, http.StatusCreated, "Idempotency-Key", "box-1")
	if made.value["id"] != again.value["id"] || again.header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("the same request twice made %v and %v", made.value["id"], again.value["id"])
	}
	path := "/api/v1/dropboxes/" + made.value["id"].(string)
	for _, want := range []string{firstPrint, `"192.0.2.7/32"`, `"username":"tamarind-`, `"max_file_bytes":1048576`, `"host_key":null`} {
		if !strings.Contains(made.body, want) {
			t.Errorf("the drop box lacks %s: %s", want, made.body)
		}
	}
	post("/api/v1/dropboxes", `{"name": "Tamarind"}`, http.StatusConflict)

	post(path+"/keys", `{"key": "`+second+`"}`, http.StatusOK)
	post(path+"/keys", `{"key": "`+second+`"}`, http.StatusConflict)
	post(path+"/keys/remove", `{"fingerprint": "SHA256:none"}`, http.StatusNotFound)
	if a := post(path+"/keys/remove", `{"fingerprint": "`+firstPrint+`"}`, http.StatusOK); strings.Contains(a.body, firstPrint) || !strings.Contains(a.body, secondPrint) {
		t.Errorf("the keys are not those of now: %s", a.body)
	}
	if a := post(path+"/pause", `{"reason": "Moving house"}`, http.StatusOK); a.value["paused"] != true || a.value["paused_reason"] != "Moving house" {
		t.Errorf("paused: %s", a.body)
	}
	version := post(path+"/resume", "", http.StatusOK).value["version"]
	patch := func(body string, want int) answer {
		t.Helper()
		a := s.send(t, http.MethodPatch, path, token, body)
		if a.status != want {
			t.Fatalf("PATCH %s: %d %s, want %d", body, a.status, a.body, want)
		}
		return a
	}
	patch(`{"repeat_names": true}`, http.StatusBadRequest)
	patch(`{"repeat_names": true, "version": 1}`, http.StatusConflict)
	patch(fmt.Sprintf(`{"keys": ["%s"], "version": %v}`, first, version), http.StatusBadRequest)
	changed := patch(fmt.Sprintf(`{"repeat_names": true, "temporary_suffixes": [".busy"], "version": %v}`, version), http.StatusOK)
	if changed.value["repeat_names"] != true || !strings.Contains(changed.body, `"192.0.2.7/32"`) || !strings.Contains(changed.body, `".busy"`) {
		t.Errorf("changed: %s", changed.body)
	}
	if a := s.send(t, http.MethodGet, "/api/v1/dropboxes", token, ""); !strings.Contains(a.body, made.value["id"].(string)) {
		t.Errorf("the list: %s", a.body)
	}
	if a := s.send(t, http.MethodDelete, path, token, ""); a.status != http.StatusNoContent {
		t.Errorf("deleting: %d %s", a.status, a.body)
	}
	if a := s.send(t, http.MethodGet, path, token, ""); a.status != http.StatusNotFound {
		t.Errorf("a deleted one: %d", a.status)
	}
	audit := s.send(t, http.MethodGet, "/api/v1/audit?limit=100", token, "").body
	for _, action := range []string{"added", "changed", "key_added", "key_removed", "paused", "resumed", "deleted"} {
		if n := strings.Count(audit, `"action":"dropbox.`+action+`"`); n != 1 {
			t.Errorf("%d events dropbox.%s in the audit, want 1", n, action)
		}
	}
}

// Who may only look changes nothing, who has no part in connections sees nothing, and another operator's people neither; nor can a drop box
// be given another operator's partner or account.
func TestDropBoxesOfOthers(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	var second storage.OperatorID
	var partner storage.PartnerID
	var account storage.AccountID
	err := s.DB.InSystem(t.Context(), accountstest.Actor, func(tx *storage.Tx) (err error) {
		if second, _, err = tx.NewOperator(t.Context(), "Southmoor Exchange", "America/New_York"); err != nil {
			return err
		}
		if partner, err = tx.NewPartner(t.Context(), second, "Juniper"); err != nil {
			return err
		}
		account, err = tx.NewAccount(t.Context(), second, "practice", "Southmoor Practice")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	administrator := s.token(t, s.Administrator)
	made := s.send(t, http.MethodPost, "/api/v1/dropboxes", administrator, `{"name": "Tamarind"}`)
	if made.status != http.StatusCreated {
		t.Fatalf("adding: %d %s", made.status, made.body)
	}
	path := "/api/v1/dropboxes/" + made.value["id"].(string)
	key, _ := publicKeyLine(t, 1)
	routes := []struct{ method, path, body string }{
		{http.MethodGet, path, ""},
		{http.MethodPatch, path, `{"name": "Taken", "version": 1}`},
		{http.MethodPost, path + "/keys", `{"key": "` + key + `"}`},
		{http.MethodPost, path + "/keys/remove", `{"fingerprint": "SHA256:x"}`},
		{http.MethodPost, path + "/pause", `{}`},
		{http.MethodPost, path + "/resume", ``},
		{http.MethodDelete, path, ""},
	}
	looker := s.token(t, s.Administrator, accounts.ViewConnections)
	biller := s.token(t, s.Biller)
	stranger := s.token(t, s.AddUser(t, "Other.Side", "Olga Side", accounts.Grant{Role: accounts.RoleOperator, Operator: second}))
	for _, r := range routes {
		for who, c := range map[string]struct {
			token  string
			status int
		}{"who may look": {looker, http.StatusForbidden}, "a biller": {biller, http.StatusForbidden}, "another operator": {stranger, http.StatusNotFound}} {
			if who == "who may look" && r.method == http.MethodGet {
				c.status = http.StatusOK
			}
			if a := s.send(t, r.method, r.path, c.token, r.body); a.status != c.status || c.status == http.StatusNotFound && strings.Contains(a.body, "Tamarind") {
				t.Errorf("%s %s by %s: %d %s, want %d", r.method, r.path, who, a.status, a.body, c.status)
			}
		}
	}
	if a := s.send(t, http.MethodGet, "/api/v1/dropboxes", stranger, ""); strings.Contains(a.body, "Tamarind") {
		t.Errorf("another operator lists %s", a.body)
	}
	ids := s.DB.PublicIDs()
	for field, id := range map[string]string{
		"partner_id": ids.Format(storage.PublicPartner, int64(partner)), "account_id": ids.Format(storage.PublicAccount, int64(account)),
	} {
		for _, a := range []answer{
			s.send(t, http.MethodPost, "/api/v1/dropboxes", administrator, `{"name": "With `+field+`", "`+field+`": "`+id+`"}`),
			s.send(t, http.MethodPatch, path, administrator, `{"version": 1, "`+field+`": "`+id+`"}`),
		} {
			if fields, _ := a.value["fields"].(map[string]any); a.status != http.StatusUnprocessableEntity || fields[field] == nil {
				t.Errorf("another operator's %s: %d %s", field, a.status, a.body)
			}
		}
	}
	if a := s.send(t, http.MethodGet, path, administrator, ""); a.value["version"] != 1.0 || a.value["name"] != "Tamarind" {
		t.Errorf("refused, but changed: %s", a.body)
	}
}
