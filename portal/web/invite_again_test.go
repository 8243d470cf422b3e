package web_test

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/ediport/ediport/accounts/accountstest/covers"
	"github.com/ediport/ediport/portal/web/webtest"
	"github.com/ediport/ediport/storage"
)

// invitedPath returns the path of the page of somebody who may have no password yet.
func invitedPath(t *testing.T, s *webtest.Site, login string) string {
	t.Helper()
	ids := loaded(t, s, `SELECT id::text FROM app_user WHERE login = '`+login+`'`)
	if len(ids) != 1 {
		t.Fatalf("%d people have the user id %s", len(ids), login)
	}
	id, err := strconv.ParseInt(ids[0], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return "/people/" + s.DB.PublicIDs().Format(storage.PublicUser, id)
}

const invitationSubject = "Your invitation to Northwind Exchange"

// accept takes the invitation with the code, and says where that led.
func accept(c *webtest.Client, code string) string {
	if a := c.Post("/invitation", "code", code); a.Location != "/recover/new" {
		return a.Location
	}
	return c.Post("/recover/new", "password", chosen).Location
}

// A typing error in the address is mended before the person has joined: the invitation goes to the right one.
func TestAnInvitationFollowsTheCorrectedAddress(t *testing.T) {
	covers.Rows(t, "A11", "S17")
	t.Parallel()
	s := webtest.New(t)
	office := mailed(t, s)
	admin := s.SignedIn(t, s.Administrator)
	invite(t, s, admin, "Maria.Q", "biller")
	_, wrong := told(t, office, invitationSubject)
	path := invitedPath(t, s, "Maria.Q")
	if a := admin.Post(path+"/email", "email", "maria@clinic.example"); a.Location != path+"?done=email-changed" {
		t.Fatalf("correcting the address: %d to %q", a.Status, a.Location)
	}
	m, r := told(t, office, invitationSubject)
	if m.To != "maria@clinic.example" {
		t.Fatalf("the invitation went to %s", m.To)
	}
	if to := accept(s.Client(t), wrong.Code(t)); to != "" {
		t.Errorf("the code that went to the wrong address leads to %q", to)
	}
	if list := admin.Get("/people/invitations").Body; !strings.Contains(list, "waiting") || !strings.Contains(list, "maria@clinic.example") {
		t.Error("the list doesn't show the invitation as waiting at the new address")
	}
	if to := accept(s.Client(t), r.Code(t)); to != "/sign-in?done=invitation-accepted" {
		t.Errorf("the code at the right address leads to %q", to)
	}
	if a := admin.Post(path+"/email", "email", "quill@clinic.example"); a.Location != path+"?done=email-changed" {
		t.Fatalf("correcting the address of who has joined: %d to %q", a.Status, a.Location)
	}
	if n := loaded(t, s, `SELECT id::text FROM sign_in_code WHERE purpose = 'invitation' AND used_at IS NULL`); len(n) != 0 {
		t.Error("who has joined is invited once more")
	}
}

// "Send again" is for those who have not joined: it must not open what an administrator has closed.
func TestSendingAnInvitationAgainRevivesNobody(t *testing.T) {
	covers.Rows(t, "A11")
	t.Parallel()
	s := webtest.New(t)
	office := mailed(t, s)
	admin := s.SignedIn(t, s.Administrator)
	join := func(login string) {
		invite(t, s, admin, login, "biller")
		_, r := told(t, office, invitationSubject)
		if to := accept(s.Client(t), r.Code(t)); to != "/sign-in?done=invitation-accepted" {
			t.Fatalf("accepting leads to %q", to)
		}
	}
	state := func(login string) string {
		return strings.Join(loaded(t, s, `SELECT state FROM app_user WHERE login = '`+login+`'`), " ")
	}
	join("Left.Us") // joined, got another address, then was disabled
	left := invitedPath(t, s, "Left.Us")
	admin.Post(left+"/email", "email", "left@clinic.example")
	admin.Post(left+"/disable", "reason", "left the practice")
	invite(t, s, admin, "Kept.Out", "biller") // was disabled before joining
	out := invitedPath(t, s, "Kept.Out")
	admin.Post(out+"/disable", "reason", "was not hired")
	if state("Left.Us") != "disabled" || state("Kept.Out") != "disabled" {
		t.Fatal("they are not disabled")
	}
	list := admin.Get("/people/invitations").Body
	if strings.Contains(list, "Left.Us") || regexp.MustCompile(regexp.QuoteMeta(out)+`/invitation/resend`).MatchString(list) {
		t.Error("the list offers to invite who was disabled")
	}
	if a := admin.Post(left + "/invitation/resend"); a.Status != http.StatusNotFound || state("Left.Us") != "disabled" {
		t.Errorf("inviting who has joined and was disabled: %d, the person is %s", a.Status, state("Left.Us"))
	}
	if a := admin.Post(out + "/invitation/resend"); a.Status != http.StatusConflict || state("Kept.Out") != "disabled" {
		t.Errorf("inviting who was disabled before he joined: %d, the person is %s", a.Status, state("Kept.Out"))
	}
}
