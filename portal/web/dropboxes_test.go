package web_test

import (
	"crypto/ed25519"
	"html"
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/ediport/ediport/portal/web/webtest"
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

// An administrator adds a drop box, changes its keys while the partner changes them, pauses and deletes it, with forms alone.
func TestDropBoxPages(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	c := s.SignedIn(t, s.Administrator)
	first, firstPrint := publicKeyLine(t, 1)
	second, secondPrint := publicKeyLine(t, 2)
	if a := c.Get("/connections"); !strings.Contains(a.Body, `href="/dropboxes"`) {
		t.Error("nothing leads to the drop boxes")
	}
	for field, pairs := range map[string][]string{
		"name":              {"keys", first},
		"keys":              {"name", "Tamarind", "keys", "ssh-ed25519 nonsense"},
		"sources":           {"name", "Tamarind", "sources", "everywhere"},
		"username":          {"name", "Tamarind", "username", "Has Blanks"},
		"max_waiting_bytes": {"name", "Tamarind", "max_file_bytes", "10", "max_waiting_bytes", "5"},
	} {
		if a := c.Post("/dropboxes", pairs...); a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Body, `id="`+field+`-error"`) {
			t.Errorf("a wrong %s: %d: %s", field, a.Status, errorsOf(a.Body))
		}
	}
	box := path(t, c.Post("/dropboxes", "name", "Tamarind", "keys", first, "sources", "192.0.2.0/24\n2001:db8::1", "max_file_bytes", "64"), "/dropboxes/dbx_")
	body := html.UnescapeString(c.Get(box).Body)
	for _, want := range []string{firstPrint, "tamarind-", "192.0.2.0/24\n2001:db8::1/128", `value="64"`, "never used"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	path(t, c.Post(box+"/keys", "key", second), box)
	for _, wrong := range []string{second, "nonsense"} {
		if a := c.Post(box+"/keys", "key", wrong); a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Body, `id="key-error"`) {
			t.Errorf("a key that can't be added: %d", a.Status)
		}
	}
	path(t, c.Post(box+"/keys/remove", "fingerprint", firstPrint), box)
	if body = html.UnescapeString(c.Get(box).Body); !strings.Contains(body, secondPrint) || strings.Contains(body, firstPrint) {
		t.Error("the keys are not those of now")
	}
	path(t, c.Post(box+"/pause", "reason", "Moving house"), box)
	if a := c.Get("/dropboxes"); !strings.Contains(a.Body, "Moving house") {
		t.Error("the list does not say that it is paused, and why")
	}
	path(t, c.Post(box+"/resume"), box)
	if a := c.Post(box, "name", "Tamarind", "username", "tamarind-drops", "version", "1"); a.Status != http.StatusConflict {
		t.Errorf("changing an older version: %d, want 409", a.Status)
	}
	for _, page := range []string{"/dropboxes", box} {
		if !strings.Contains(c.Get(page).Body, `<a href="/connections" aria-current="page">`) {
			t.Errorf("the menu does not say where %s is", page)
		}
	}
	s.Clock.Advance(11 * time.Minute)
	if a := c.Post(box, "name", "Tamarind", "username", "tamarind-drops", "sources", "", "version", "4"); !strings.HasPrefix(a.Location, "/step/up") {
		t.Errorf("opening it to all addresses eleven minutes after signing in: %d to %q, want the step-up", a.Status, a.Location)
	}
	path(t, c.Post(box+"/delete"), "/dropboxes")
	if a := c.Get(box); a.Status != http.StatusNotFound {
		t.Errorf("a deleted drop box: %d", a.Status)
	}
}
