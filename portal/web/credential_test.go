package web_test

import (
	"html"
	"net/http"
	"strings"
	"testing"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/portal/web/webtest"
)

// A new credential waits beside the present one until it takes over or is taken away. Nobody sees it again, and nobody without
// the right comes near it.
func TestNewCredentialOfAConnection(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	ada := s.SignedIn(t, s.Administrator)
	connection := path(t, ada.Post("/connections", connectionForm()...), "/connections/con_")
	page := func() string { return html.UnescapeString(ada.Get(connection).Body) }
	if form := ada.Get(connection + "/credential"); form.Status != http.StatusOK || !strings.Contains(form.Body, `name="takes_over"`) {
		t.Fatalf("the form: %d", form.Status)
	}
	const secret = "SECRET-OF-TESTS"
	wrong := ada.Post(connection+"/credential", "version", "1", "auth", "certificate", "certificate", secret)
	if wrong.Status != http.StatusUnprocessableEntity || !strings.Contains(wrong.Body, `id="private_key-error"`) || strings.Contains(wrong.Body, secret) {
		t.Errorf("a certificate without its key: %d, the field's error shown: %v", wrong.Status, strings.Contains(wrong.Body, `id="private_key-error"`))
	}
	mustDo(t, "a new password", ada.Post(connection+"/credential", "version", "1", "auth", "password", "password", secret))
	if body := page(); !strings.Contains(body, "A new credential (password) waits") || strings.Contains(body, secret) || strings.Contains(ada.Get(connection+"/edit").Body, secret) {
		t.Error("the page says nothing of the new password, or all of it")
	}
	s.AddUser(t, "Ari.Auditor", "Ari Auditor", accounts.Grant{Role: accounts.RoleAuditor, Operator: s.Operator})
	for _, who := range []string{s.Biller, "Ari.Auditor"} {
		client := s.SignedIn(t, who)
		if a := client.Get(connection + "/credential"); a.Status != http.StatusForbidden {
			t.Errorf("the form for %s: %d", who, a.Status)
		}
		for _, act := range []string{"", "/promote", "/remove"} {
			if a := client.Post(connection+"/credential"+act, "version", "2", "auth", "password", "password", "theirs"); a.Status != http.StatusForbidden {
				t.Errorf("%q by %s: %d", act, who, a.Status)
			}
		}
		if body := client.Get(connection).Body; strings.Contains(body, "/credential") {
			t.Errorf("%s is offered what he may not do", who)
		}
	}
	if a := ada.Post(connection+"/credential/promote", "version", "1"); a.Status != http.StatusConflict {
		t.Errorf("promoting what stood there before: %d", a.Status)
	}
	mustDo(t, "a key made here", ada.Post(connection+"/credential", "version", "2", "auth", "key", "key_source", "new", "takes_over", "yes"))
	if body := page(); !strings.Contains(body, "ssh-ed25519 AAAA") || !strings.Contains(body, "takes over by itself") {
		t.Error("the page shows no public half of the new key")
	}
	mustDo(t, "promoting it", ada.Post(connection+"/credential/promote", "version", "3"))
	if body := page(); strings.Contains(body, "Destroy the new one") || !strings.Contains(body, "private key") {
		t.Error("promoted, but it still waits")
	}
	for _, act := range []string{"promote", "remove"} {
		if a := ada.Post(connection+"/credential/"+act, "version", "4"); a.Status != http.StatusConflict {
			t.Errorf("%s where none waits: %d", act, a.Status)
		}
	}
	mustDo(t, "another password", ada.Post(connection+"/credential", "version", "4", "auth", "password", "password", secret))
	mustDo(t, "removing it", ada.Post(connection+"/credential/remove", "version", "5"))
	if strings.Contains(page(), "Destroy the new one") {
		t.Error("removed, but it still waits")
	}
}
