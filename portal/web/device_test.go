package web_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/jmoiron/sqlx"

	"github.com/ediport/ediport/accounts/accountstest"
	"github.com/ediport/ediport/portal/web/webtest"
	"github.com/ediport/ediport/storage"
)

// asOwner changes the site's database as its owner.
func asOwner(t *testing.T, s *webtest.Site, statement string) {
	t.Helper()
	db, err := sqlx.ConnectContext(t.Context(), "postgres", strings.Replace(s.LoaderDSN, storage.LoaderRole, "ediport", 1))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // of a test
	if _, err := db.ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

// A session goes on under a new token when something was proved. What comes after that may fail without keeping the
// person out of it.
func TestADeviceThatCannotBeRememberedKeepsNobodyOut(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	key, _ := enrolApp(t, s, s.SignedIn(t, s.Biller))
	asOwner(t, s, "REVOKE INSERT, UPDATE ON known_device FROM ediport_app")
	c := s.SignedIn(t, s.Biller)
	if a := c.Post("/step/factor", "method", "totp", "code", totpCode(t, s, key), "next", "/claims"); a.Location != "/claims" {
		t.Errorf("the second step: %d to %q, want /claims", a.Status, a.Location)
	}
	if a := c.Get("/claims"); a.Status != http.StatusOK {
		t.Errorf("afterwards: %d to %q", a.Status, a.Location)
	}
	viewer := s.Client(t)
	if a := viewer.Post("/sign-in", "username", s.Viewer, "password", accountstest.Password); a.Location != "/dashboard" {
		t.Errorf("a sign-in with the password alone: %d to %q", a.Status, a.Location)
	}
	if !strings.Contains(s.Log.String(), "a known device is not remembered") {
		t.Error("the log doesn't say so")
	}
}
