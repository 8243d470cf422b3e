package web_test

import (
	"testing"

	"github.com/ediport/ediport/accounts/accountstest"
	"github.com/ediport/ediport/accounts/accountstest/covers"
	"github.com/ediport/ediport/portal/web/browsertest"
	"github.com/ediport/ediport/portal/web/webtest"
)

// An administrator gives a role, takes it and ends the sessions of another: it holds at the other's next click.
func TestARoleChangeInARealBrowser(t *testing.T) {
	covers.Rows(t, "S65", "S41")
	t.Parallel()
	s := webtest.New(t)
	viewer := s.SignedIn(t, s.Viewer)
	b := browsertest.Open(t)
	b.Do(browsertest.Navigate(s.URL + "/sign-in?next=/people"))
	signInWith(b, s.Administrator, accountstest.Password)
	b.Press("Victor Okafor")
	b.Sees("Open sessions")
	look(b, "person")
	b.Press("Give a role")
	b.Choose("Role", "Account administrator")
	b.Choose("Where", "Lakeside Family Practice")
	b.Press("Give role")
	b.Sees("The role is given")
	if a := viewer.Get("/people"); a.Status != 200 {
		t.Errorf("the next click after the role was given: %d", a.Status)
	}
	b.Press("Sign out everywhere")
	b.Press("End all sessions")
	b.Sees("All sessions of the person are ended")
	if a := viewer.Get("/people"); a.Status != 303 {
		t.Errorf("the next click after the sessions were ended: %d", a.Status)
	}
	for _, page := range []string{"/people", "/roles", "/roles/new", "/approvals", "/emergency"} {
		b.Do(browsertest.Navigate(s.URL + page))
		look(b, "roles"+page[1:2]+page[len(page)-3:])
	}
}
