package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ediport/ediport/accounts/accountstest"
	"github.com/ediport/ediport/accounts/accountstest/covers"
	"github.com/ediport/ediport/portal/web/webtest"
)

const contactQuestion = "Are your e-mail address and phone number still right?"

func TestContactIsAskedFor(t *testing.T) {
	covers.Rows(t, "S72")
	t.Parallel()
	s := webtest.New(t)
	c := s.SignedIn(t, s.Biller)
	if a := c.Get("/account"); strings.Contains(a.Body, contactQuestion) {
		t.Error("the question comes at once")
	}
	s.Clock.Advance(181 * 24 * time.Hour)
	c = s.SignedIn(t, s.Biller)
	if a := c.Get("/account"); !strings.Contains(a.Body, contactQuestion) {
		t.Error("the question doesn't come after 180 days")
	}
	if a := s.SignedIn(t, s.Administrator).Get("/people/contacts"); a.Status != http.StatusOK || !strings.Contains(a.Body, "Beatrix Lindqvist") {
		t.Errorf("the list of who hasn't confirmed: %d", a.Status)
	}
	c.Post("/account/contact/later")
	if a := c.Get("/account"); strings.Contains(a.Body, contactQuestion) {
		t.Error("the question comes again after “later”")
	}
	s.Clock.Advance(8 * 24 * time.Hour)
	c = s.SignedIn(t, s.Biller)
	if a := c.Get("/account"); !strings.Contains(a.Body, contactQuestion) {
		t.Error("the question doesn't come again after a week")
	}
	if a := c.Post("/account/contact/confirm"); a.Location != "/account/contact?done=contact-confirmed" {
		t.Errorf("confirming: %d to %q", a.Status, a.Location)
	}
	if a := c.Get("/account"); strings.Contains(a.Body, contactQuestion) {
		t.Error("the question comes after the answer")
	}
	if a := s.SignedIn(t, s.Administrator).Get("/people/contacts"); strings.Contains(a.Body, "Beatrix Lindqvist") {
		t.Error("who has confirmed is in the list")
	}
}

func TestOwnAddressIsConfirmedByACode(t *testing.T) {
	covers.Rows(t, "S72", "A30", "A31", "S12")
	t.Parallel()
	s := webtest.New(t)
	office := mailed(t, s)
	c := s.SignedIn(t, s.Biller)
	if a := c.Post("/account/contact/email", "email", "bea@clinic.example"); a.Location != "/account/contact?code=sent" {
		t.Fatalf("a new address: %d to %q", a.Status, a.Location)
	}
	m, r := told(t, office, "Your code to confirm this address")
	if m.To != "bea@clinic.example" {
		t.Errorf("the code went to %s", m.To)
	}
	if a := s.SignedIn(t, s.Viewer).Post("/account/contact/code", "code", r.Code(t)); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("somebody else's code: %d", a.Status)
	}
	if a := c.Post("/account/contact/code", "code", "AAAA-AAAA"); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("a wrong code: %d", a.Status)
	}
	if a := c.Get("/account/contact"); !strings.Contains(a.Body, s.Biller+"@example.org") {
		t.Error("the old address is gone before the new one is confirmed")
	}
	if a := c.Post("/account/contact/code", "code", r.Code(t)); a.Location != "/account/contact?done=contact-confirmed" {
		t.Fatalf("the code: %d to %q", a.Status, a.Location)
	}
	if a := c.Post("/account/contact/code", "code", r.Code(t)); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("the code a second time: %d", a.Status)
	}
	to := map[string]bool{}
	for range 2 {
		m, _ := told(t, office, "Your e-mail address was changed")
		to[m.To] = true
	}
	if !to[s.Biller+"@example.org"] || !to["bea@clinic.example"] {
		t.Errorf("told: %v, want both addresses", to)
	}
	if a := s.Client(t).Post("/sign-in", "username", "bea@clinic.example", "password", accountstest.Password); a.Status != http.StatusSeeOther {
		t.Errorf("signing in by the new address: %d", a.Status)
	}
	c.Post("/account/contact/email", "email", s.Viewer+"@example.org")
	_, r = told(t, office, "Your code to confirm this address")
	if a := c.Post("/account/contact/code", "code", r.Code(t)); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("somebody else's address: %d", a.Status)
	}
	if a := c.Post("/account/contact/phone", "phone", "call me"); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("what is no phone number: %d", a.Status)
	}
	if a := c.Post("/account/contact/phone", "phone", "+1 555 010 0199"); a.Location != "/account/contact?done=phone-changed" {
		t.Errorf("a phone number: %d to %q", a.Status, a.Location)
	}
	if m, _ := told(t, office, "Your phone number was changed"); m.To != "bea@clinic.example" {
		t.Errorf("the notice went to %s", m.To)
	}
}
