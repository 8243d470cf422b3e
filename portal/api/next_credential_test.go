package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/ediport/ediport/accounts"
)

// A program prepares a new key, hands out its public half, and lets it take over; it never reads a secret, and without the
// right it reads and changes nothing.
func TestNextCredentialByProgram(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	token := s.token(t, s.Administrator)
	made := s.send(t, http.MethodPost, "/api/v1/connections", token, aConnection)
	id, _ := made.value["id"].(string)
	path := "/api/v1/connections/" + id
	if made.status != http.StatusCreated || made.value["next_credential"] != nil {
		t.Fatalf("added: %d %s", made.status, made.body)
	}
	for field, body := range map[string]string{
		"version": `{"auth": "password", "password": "SECRET-OF-TESTS-2"}`, "auth": `{"version": 1, "auth": "smile"}`,
		"password": `{"version": 1, "auth": "password"}`, "private_key": `{"version": 1, "auth": "key"}`,
	} {
		a := s.send(t, http.MethodPost, path+"/next-credential", token, body)
		if fields, _ := a.value["fields"].(map[string]any); fields[field] == nil {
			t.Errorf("without a good %s: %d %s", field, a.status, a.body)
		}
	}
	reader := s.token(t, s.Administrator, accounts.ViewConnections)
	set := `{"version": 1, "auth": "password", "password": "SECRET-OF-TESTS-2", "takes_over": true}`
	for _, act := range []string{"", "/promote", "/remove"} {
		if a := s.send(t, http.MethodPost, path+"/next-credential"+act, reader, set); a.status != http.StatusForbidden {
			t.Errorf("%q without the right: %d", act, a.status)
		}
	}
	waits := s.send(t, http.MethodPost, path+"/next-credential", token, set)
	next, _ := waits.value["next_credential"].(map[string]any)
	if waits.status != http.StatusOK || next["auth"] != "password" || next["takes_over"] != true || next["works_since"] != nil || next["added_at"] == nil {
		t.Fatalf("entered: %d %s", waits.status, waits.body)
	}
	for _, read := range []string{path, "/api/v1/connections", path + "/public-keys"} {
		if a := s.send(t, http.MethodGet, read, token, ""); a.status != http.StatusOK || strings.Contains(a.body, "SECRET") {
			t.Errorf("%s: %d %s", read, a.status, a.body)
		}
	}
	key := s.send(t, http.MethodPost, path+"/next-credential", token, `{"version": 2, "auth": "key", "generate_key": true}`)
	keys := s.send(t, http.MethodGet, path+"/public-keys", token, "")
	public, _ := keys.value["next"].(string)
	if key.status != http.StatusOK || !strings.HasPrefix(public, "ssh-ed25519 ") || strings.Contains(keys.body+key.body, "PRIVATE") || keys.value["sign_in"] != nil {
		t.Errorf("a key made here: %d %s", key.status, keys.body)
	}
	if a := s.send(t, http.MethodPost, path+"/next-credential/promote", token, `{"version": 2}`); a.status != http.StatusConflict {
		t.Errorf("promoting what was there before: %d %s", a.status, a.body)
	}
	promoted := s.send(t, http.MethodPost, path+"/next-credential/promote", token, `{"version": 3}`)
	after := s.send(t, http.MethodGet, path+"/public-keys", token, "")
	if promoted.status != http.StatusOK || promoted.value["auth"] != "key" || promoted.value["next_credential"] != nil || after.value["sign_in"] != public {
		t.Errorf("promoted: %d %s, %s", promoted.status, promoted.body, after.body)
	}
	for _, act := range []string{"promote", "remove"} {
		if a := s.send(t, http.MethodPost, path+"/next-credential/"+act, token, `{"version": 4}`); a.status != http.StatusConflict || a.value["code"] != "connection.no_next_credential" {
			t.Errorf("%s where none waits: %d %s", act, a.status, a.body)
		}
	}
	s.send(t, http.MethodPost, path+"/next-credential", token, `{"version": 4, "auth": "password", "password": "SECRET-OF-TESTS-3"}`)
	removed := s.send(t, http.MethodPost, path+"/next-credential/remove", token, `{"version": 5}`)
	if removed.status != http.StatusOK || removed.value["next_credential"] != nil || removed.value["auth"] != "key" {
		t.Errorf("removed: %d %s", removed.status, removed.body)
	}
}
