package web_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/ediport/ediport/accounts/accountstest/covers"
	"github.com/ediport/ediport/portal/web/webtest"
)

// Whoever was disabled before he joined is invited again when he is enabled, and what an administrator has disabled stays so,
// also where the invitation was revoked before.
func TestEnablingWhoHasNotJoined(t *testing.T) {
	covers.Rows(t, "A11")
	t.Parallel()
	s := webtest.New(t)
	office := mailed(t, s)
	admin := s.SignedIn(t, s.Administrator)
	state := func(login string) string {
		return strings.Join(loaded(t, s, `SELECT state FROM app_user WHERE login = '`+login+`'`), " ")
	}
	invite(t, s, admin, "Maria.Q", "biller")
	_, r := told(t, office, invitationSubject)
	path := invitedPath(t, s, "Maria.Q")
	admin.Post(path+"/disable", "reason", "begins later")
	if to := accept(s.Client(t), r.Code(t)); to != "/recover/password?why=gone" || state("Maria.Q") != "disabled" {
		t.Fatalf("while disabled the code leads to %q, the person is %s", to, state("Maria.Q"))
	}
	if a := admin.Post(path + "/enable"); a.Location != path+"?done=person-enabled" || state("Maria.Q") != "invited" {
		t.Fatalf("enabling: %d to %q, the person is %s", a.Status, a.Location, state("Maria.Q"))
	}
	if a := admin.Post(path + "/invitation/resend"); a.Location != "/people/invitations?done=invitation-sent" {
		t.Fatalf("sending the invitation again: %d to %q", a.Status, a.Location)
	}
	_, r = told(t, office, invitationSubject)
	if to := accept(s.Client(t), r.Code(t)); to != "/sign-in?done=invitation-accepted" {
		t.Errorf("the code leads to %q", to)
	}

	invite(t, s, admin, "Ned.Q", "biller")
	path = invitedPath(t, s, "Ned.Q")
	admin.Post(path + "/invitation/revoke")
	admin.Post(path+"/disable", "reason", "was not hired")
	if a := admin.Post(path + "/invitation/resend"); a.Status != http.StatusConflict || state("Ned.Q") != "disabled" {
		t.Errorf("inviting who was revoked and then disabled: %d, the person is %s", a.Status, state("Ned.Q"))
	}
}

// A code that was on its way while the address was corrected went to the old one: it opens nothing.
func TestACodeOpensOnlyAtTheAddressOfNow(t *testing.T) {
	covers.Rows(t, "A30")
	t.Parallel()
	s := webtest.New(t)
	office := mailed(t, s)
	c := s.Client(t)
	code := recoverWith(t, c, office, s.Biller)
	// As a correction that was stored between the reading of the address and the writing of the code.
	loaded(t, s, `UPDATE app_user SET email = 'new@clinic.example', email_key = 'new@clinic.example' WHERE login = '`+s.Biller+`'`)
	if a := c.Post("/recover/code", "code", code); a.Location != "" {
		t.Errorf("the code that went to the address before: %d to %q", a.Status, a.Location)
	}
}
