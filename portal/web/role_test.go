package web_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/accounts/accountstest"
	"github.com/ediport/ediport/accounts/accountstest/covers"
	"github.com/ediport/ediport/portal/web/webtest"
	"github.com/ediport/ediport/storage"
)

func personPath(t *testing.T, s *webtest.Site, login string) string {
	t.Helper()
	id, err := s.Accounts.UserByLogin(t.Context(), login)
	if err != nil {
		t.Fatal(err)
	}
	return "/people/" + s.DB.PublicIDs().Format(storage.PublicUser, int64(id))
}

func mustDo(t *testing.T, what string, a webtest.Answer) {
	t.Helper()
	if a.Status != http.StatusSeeOther || !strings.Contains(a.Location, "done=") {
		t.Fatalf("%s: %d to %q", what, a.Status, a.Location)
	}
}

// A role given or taken holds at the person's next click; who is disabled, or signed out by somebody, is out at it.
func TestWhatAPersonMayDoChangesAtTheNextClick(t *testing.T) {
	covers.Rows(t, "S65", "A36", "S41")
	t.Parallel()
	s := webtest.New(t)
	admin, viewer := s.SignedIn(t, s.Administrator), s.SignedIn(t, s.Viewer)
	path := personPath(t, s, s.Viewer)
	account := s.DB.PublicIDs().Format(storage.PublicAccount, int64(s.Account))
	if a := viewer.Get("/people"); a.Status != http.StatusForbidden {
		t.Fatalf("people by a viewer: %d", a.Status)
	}
	mustDo(t, "giving a role", admin.Post(path+"/roles", "role", "account_administrator", "place", account))
	if a := viewer.Get("/people"); a.Status != http.StatusOK || strings.Contains(a.Body, "Olga Brandvold") {
		t.Errorf("people by an account's administrator: %d, or people of another account", a.Status)
	}
	take := regexp.MustCompile(`/people/usr_[0-9a-z]+/roles/mem_[0-9a-z]+/take`).FindAllString(admin.Get(path).Body, -1)
	if len(take) != 2 {
		t.Fatalf("%d roles can be taken, want 2", len(take))
	}
	mustDo(t, "taking a role", admin.Post(take[1]))
	if a := viewer.Get("/people"); a.Status != http.StatusForbidden {
		t.Errorf("after the role was taken: %d", a.Status)
	}
	mustDo(t, "ending sessions", admin.Post(path+"/sessions/end"))
	if a := viewer.Get("/dashboard"); a.Status != http.StatusSeeOther {
		t.Errorf("after the sessions were ended: %d", a.Status)
	}
	viewer = s.SignedIn(t, s.Viewer)
	mustDo(t, "disabling", admin.Post(path+"/disable", "reason", "left the practice"))
	if a := viewer.Get("/dashboard"); a.Status != http.StatusSeeOther {
		t.Errorf("after being disabled: %d", a.Status)
	}
	mustDo(t, "enabling", admin.Post(path+"/enable"))
	if a := s.SignedIn(t, s.Viewer).Get("/dashboard"); a.Status != http.StatusOK {
		t.Errorf("after being enabled: %d", a.Status)
	}
}

// The page about a person says how his access stands, and no secret.
func TestAPersonsPageSaysTheStateAndNoSecret(t *testing.T) {
	covers.Rows(t, "S74")
	t.Parallel()
	s := webtest.New(t)
	path := personPath(t, s, s.Biller)
	s.SignedIn(t, s.Biller)
	a := s.SignedIn(t, s.Administrator).Get(path)
	for _, want := range []string{"Beatrix Lindqvist", "Bea.Biller", "active", "Second factors", "Open sessions", "Lakeside Family Practice", "Biller"} {
		if !strings.Contains(a.Body, want) {
			t.Errorf("the page doesn't say %q", want)
		}
	}
	for _, secret := range []string{"$argon2", "token_hash", accountstest.Password} {
		if strings.Contains(a.Body, secret) {
			t.Errorf("the page holds %q", secret)
		}
	}
	s.AddUser(t, "Abe.Admin", "Abe Admin", accounts.Grant{Role: accounts.RoleAccountAdministrator, Account: s.Other})
	if a := s.SignedIn(t, "Abe.Admin").Get(path); a.Status != http.StatusNotFound {
		t.Errorf("the page by an administrator of another account: %d, want 404", a.Status)
	}
}

func TestARoleIsMadeChangedAndRetired(t *testing.T) {
	covers.Rows(t, "A45", "A49")
	t.Parallel()
	s := webtest.New(t)
	s.AddUser(t, "Olga.Owner", "Olga Owner", accounts.Grant{Role: accounts.RoleAccountOwner, Account: s.Account})
	owner := s.SignedIn(t, "Olga.Owner")
	account := s.DB.PublicIDs().Format(storage.PublicAccount, int64(s.Account))
	form := []string{"name", "Posting", "place", account, "permissions", "remittances.view"}
	mustDo(t, "making a role", owner.Post("/roles", form...))
	if a := owner.Post("/roles", form...); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("the same name twice: %d", a.Status)
	}
	if a := owner.Post("/roles", "name", "Files", "place", account, "permissions", "files.view"); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("a permission of the exchange for an account: %d", a.Status)
	}
	path := regexp.MustCompile(`/roles/rol_[0-9a-z]+`).FindString(owner.Get("/roles").Body)
	if path == "" {
		t.Fatal("the role is not listed")
	}
	if a := owner.Get(path); !strings.Contains(a.Body, `value="remittances.view" checked`) {
		t.Error("the form doesn't say what the role grants")
	}
	if a := s.SignedIn(t, s.Biller).Get(path); a.Status != http.StatusForbidden {
		t.Errorf("the form by a biller: %d", a.Status)
	}
	mustDo(t, "changing it", owner.Post(path, "name", "Posting", "permissions", "claim_status.view", "account_id", "1", "of_operator", "true"))
	mustDo(t, "retiring it", owner.Post(path+"/retire"))
	if a := owner.Get(path); a.Status != http.StatusNotFound {
		t.Errorf("a retired role's page: %d", a.Status)
	}
}

// Another host key takes two people: it is pinned by the second one's word, once.
func TestAnotherHostKeyTakesTwoPeople(t *testing.T) {
	covers.Rows(t, "A50")
	t.Parallel()
	s := webtest.New(t)
	const first, second = "ssh-ed25519 SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU", "ssh-ed25519 SHA256:LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ"
	scope := storage.Scope{Operator: s.Operator, Actor: accountstest.Actor}
	c := storage.Connection{Name: "Tamarind Health", Protocol: "sftp", Auth: "password", Host: "sftp.example.org", Port: 22, Username: "lakeside", HostKeys: []string{first}}
	err := s.DB.InScope(t.Context(), scope, func(tx *storage.Tx) error {
		id, err := tx.NewID(t.Context(), storage.IDConnection)
		if err != nil {
			return err
		}
		c.ID = storage.ConnectionID(id)
		return tx.AddConnection(t.Context(), &c)
	})
	if err != nil {
		t.Fatal(err)
	}
	keys := func() int {
		var got *storage.Connection
		err := s.DB.InScopeRead(t.Context(), scope, func(tx *storage.Tx) (err error) {
			got, err = tx.Connection(t.Context(), c.ID)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return len(got.HostKeys)
	}
	path := "/connections/" + s.DB.PublicIDs().Format(storage.PublicConnection, int64(c.ID))
	ada, bo := s.SignedIn(t, s.Administrator), s.SignedIn(t, s.Both)
	if a := ada.Post(path+"/approve", "key", second); !strings.Contains(a.Location, "approval-requested") || keys() != 1 {
		t.Fatalf("approving alone: %d to %q, %d keys", a.Status, a.Location, keys())
	}
	waiting := regexp.MustCompile(`/approvals/apv_[0-9a-z]+`).FindString(ada.Get("/approvals").Body)
	if a := ada.Post(waiting + "/approve"); a.Status != http.StatusConflict || keys() != 1 {
		t.Errorf("deciding on one's own request: %d", a.Status)
	}
	if a := s.SignedIn(t, s.Biller).Post(waiting + "/approve"); a.Status != http.StatusForbidden {
		t.Errorf("deciding by a biller: %d", a.Status)
	}
	mustDo(t, "approving", bo.Post(waiting+"/approve", "note", "called them"))
	if keys() != 2 {
		t.Error("approved, but not done")
	}
	if a := bo.Post(waiting + "/approve"); a.Status != http.StatusConflict {
		t.Errorf("approving twice: %d", a.Status)
	}
	mustDo(t, "asking for a third key", ada.Post(path+"/approve", "key", strings.Replace(second, "LPJ", "MPJ", 1)))
	waiting = regexp.MustCompile(`/approvals/apv_[0-9a-z]+/approve`).FindString(bo.Get("/approvals").Body)
	s.Clock.Advance(8 * 24 * time.Hour)
	if a := s.SignedIn(t, s.Both).Post(waiting); a.Status != http.StatusConflict || keys() != 2 {
		t.Errorf("approving what has expired: %d, %d keys", a.Status, keys())
	}
}

// In an emergency one person's word is enough, for a while, with an alarm; others look at it.
func TestEmergencyAccess(t *testing.T) {
	covers.Rows(t, "H3")
	t.Parallel()
	s := webtest.Loaded(t)
	s.AddUser(t, "Olga.Owner", "Olga Owner", accounts.Grant{Role: accounts.RoleAccountOwner, Account: s.Account})
	ada, olga := s.SignedIn(t, s.Administrator), s.SignedIn(t, "Olga.Owner")
	account := s.DB.PublicIDs().Format(storage.PublicAccount, int64(s.Account))
	if a := ada.Get("/claims"); a.Status != http.StatusForbidden {
		t.Fatalf("claims before: %d", a.Status)
	}
	for rule, form := range map[string][]string{
		"without a reason": {"account", account, "role", "viewer", "minutes", "30", "reason", ""},
		"for two hours":    {"account", account, "role", "viewer", "minutes", "120", "reason", "the practice burns down"},
		"as its owner":     {"account", account, "role", "account_owner", "minutes", "30", "reason", "the practice burns down"},
	} {
		if a := ada.Post("/emergency", form...); a.Status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d, want 422", rule, a.Status)
		}
	}
	if a := olga.Post("/emergency", "account", account, "role", "viewer", "minutes", "30", "reason", "the practice burns down"); a.Status != http.StatusForbidden {
		t.Errorf("by somebody without the right: %d", a.Status)
	}
	mustDo(t, "taking access", ada.Post("/emergency", "account", account, "role", "viewer", "minutes", "30", "reason", "the practice burns down"))
	claim := regexp.MustCompile(`/claims/clm_[0-9a-z]+`).FindString(ada.Get("/claims").Body)
	if a := ada.Get(claim); a.Status != http.StatusOK || claim == "" {
		t.Fatalf("a claim in an emergency: %d", a.Status)
	}
	if a := ada.Get("/incidents"); !strings.Contains(a.Body, "emergency access") {
		t.Error("no incident tells of it")
	}
	page := olga.Get("/emergency").Body
	if !strings.Contains(page, "the practice burns down") || !strings.Contains(page, "Ada Marchetti") || strings.Contains(page, "0 in the audit") {
		t.Error("the owner does not see who did what, and why")
	}
	review := regexp.MustCompile(`/emergency/brk_[0-9a-z]+/review`).FindString(page)
	if strings.Contains(ada.Get("/emergency").Body, review) {
		t.Error("who took access may review it himself")
	}
	s.Clock.Advance(12 * time.Minute)
	ada.Get("/dashboard")
	s.Clock.Advance(12 * time.Minute)
	ada.Get("/dashboard")
	s.Clock.Advance(12 * time.Minute)
	if a := ada.Get("/claims"); a.Status != http.StatusForbidden {
		t.Errorf("claims after its end: %d", a.Status)
	}
	mustDo(t, "reviewing", s.SignedIn(t, "Olga.Owner").Post(review, "review", "looked up two claims, as agreed"))
	if a := ada.Get("/emergency"); !strings.Contains(a.Body, "looked up two claims") {
		t.Error("the review is not shown")
	}
}
