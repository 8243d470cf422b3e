package web_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/ediport/ediport/accounts/accountstest"
	"github.com/ediport/ediport/accounts/accountstest/covers"
	"github.com/ediport/ediport/portal/web/webtest"
)

func TestAdministratorSeesAndUnlocksPeople(t *testing.T) {
	t.Parallel()
	covers.Rows(t, "S66", "S74")
	s := webtest.New(t)
	stranger := s.Client(t)
	stranger.Fail(s.Biller, 5)
	admin := s.SignedIn(t, s.Administrator)
	a := admin.Get("/people")
	for _, want := range []string{"Beatrix Lindqvist", "Biller · Lakeside Family Practice", "Administrator · Northwind Exchange", "has to wait", `href="/people/locked"`} {
		if !strings.Contains(a.Body, want) {
			t.Errorf("the page doesn't say %q", want)
		}
	}
	if strings.Contains(a.Body, "Nils Aaltonen") {
		t.Error("the page shows somebody who has no role here")
	}
	a = admin.Get("/people/locked")
	if !strings.Contains(a.Body, "Beatrix Lindqvist") || !strings.Contains(a.Body, "Too many failed attempts in a row") || strings.Contains(a.Body, "Victor Okafor") {
		t.Error("the page of locked people doesn't name the biller with the cause, or names others")
	}
	unlock := regexp.MustCompile(`/people/usr_[0-9a-z]+/unlock`).FindAllString(a.Body, -1)
	if len(unlock) != 1 {
		t.Fatalf("%d people can be unlocked, want 1", len(unlock))
	}
	if a := s.SignedIn(t, s.Viewer).Post(unlock[0], "reason", "x"); a.Status != http.StatusForbidden {
		t.Errorf("unlocking by a viewer: %d, want 403", a.Status)
	}
	if a := admin.Post(unlock[0], "reason", ""); a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Body, "Say in a few words why") {
		t.Errorf("unlocking without a reason: %d, want 422 with what is missing", a.Status)
	}
	if a := admin.Post(unlock[0], "reason", "called back at the practice"); a.Location != "/people/locked?done=unlocked" {
		t.Fatalf("unlocking: %d to %q", a.Status, a.Location)
	}
	if a := admin.Get("/people/locked"); !strings.Contains(a.Body, "Nobody is locked") {
		t.Error("somebody is locked still")
	}
	if a := stranger.Try(s.Biller, accountstest.Password); a.Status != http.StatusSeeOther {
		t.Errorf("signing in after being unlocked: %d, want 303", a.Status)
	}
}
