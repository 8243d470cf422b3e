package web_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/ediport/ediport/accounts/accountstest"
	"github.com/ediport/ediport/portal/web/webtest"
)

func TestAdministratorSeesAndUnlocksPeople(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	stranger := s.Client(t)
	for range 5 {
		stranger.Post("/sign-in", "username", s.Biller, "password", "wrong")
	}
	admin := s.SignedIn(t, s.Administrator)
	a := admin.Get("/people")
	for _, want := range []string{"Beatrix Lindqvist", "biller · Lakeside Family Practice", "administrator · Northwind Exchange", "has to wait"} {
		if !strings.Contains(a.Body, want) {
			t.Errorf("the page doesn't say %q", want)
		}
	}
	if strings.Contains(a.Body, "Nils Aaltonen") {
		t.Error("the page shows somebody who has no role here")
	}
	unlock := regexp.MustCompile(`/people/usr_[0-9a-z]+/unlock`).FindAllString(a.Body, -1)
	if len(unlock) != 1 {
		t.Fatalf("%d people can be unlocked, want 1", len(unlock))
	}
	if a := s.SignedIn(t, s.Viewer).Post(unlock[0]); a.Status != http.StatusForbidden {
		t.Errorf("unlocking by a viewer: %d, want 403", a.Status)
	}
	if a := admin.Post(unlock[0]); a.Location != "/people?done=unlocked" {
		t.Fatalf("unlocking: %d to %q", a.Status, a.Location)
	}
	if a := stranger.Post("/sign-in", "username", s.Biller, "password", accountstest.Password); a.Status != http.StatusSeeOther {
		t.Errorf("signing in after being unlocked: %d, want 303", a.Status)
	}
}
