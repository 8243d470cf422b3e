package web_test

import (
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/accounts/accountstest"
	"github.com/ediport/ediport/accounts/accountstest/covers"
	"github.com/ediport/ediport/portal/walktest"
	"github.com/ediport/ediport/portal/web/webtest"
	"github.com/ediport/ediport/storage"
	"github.com/ediport/ediport/storage/keys"
)

// TestNoHintsAndNoQuestions looks at everything that somebody who can't sign in is asked.
func TestNoHintsAndNoQuestions(t *testing.T) {
	t.Parallel()
	covers.Rows(t, "A13")
	s := webtest.New(t)
	c := s.Client(t)
	asked := regexp.MustCompile(`(?i)name="[^"]*(question|hint|maiden|birth|pet)[^"]*"|security question|password hint`)
	for _, path := range []string{"/sign-in", "/sign-in/help", "/recover", "/recover/password", "/recover/user-id", "/invitation"} {
		a := c.Get(path)
		if a.Status != http.StatusOK {
			t.Errorf("%s: %d", path, a.Status)
		}
		if found := asked.FindString(a.Body); found != "" {
			t.Errorf("%s asks for %q", path, found)
		}
	}
	if accounts.DefaultPolicy().SecurityQuestions {
		t.Error("security questions are on by default")
	}
}

// TestLockoutIsAsItIsWrittenDown compares docs/security.md with what happens.
func TestLockoutIsAsItIsWrittenDown(t *testing.T) {
	t.Parallel()
	covers.Rows(t, "A14")
	text, err := os.ReadFile("../../docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	lock := accounts.DefaultPolicy().Lockout
	for _, want := range []string{
		"### How a malicious lockout is prevented", fmt.Sprintf("%d in a row", lock.Failures), fmt.Sprintf("locked for %d minutes", lock.Minutes), "100 in a row",
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("docs/security.md lacks %q", want)
		}
	}
	help := webtest.New(t)
	a := help.Client(t).Get("/sign-in/help")
	if a.Status != http.StatusOK || !strings.Contains(a.Body, "five failed attempts") || !strings.Contains(a.Body, fmt.Sprintf("for %d minutes", lock.Minutes)) {
		t.Errorf("the help about signing in (%d) doesn't say when a lock comes and how long it lasts", a.Status)
	}
}

// TestOneSwitchRequiresASecondFactorOfAll turns the policy on, and signs in as everybody.
func TestOneSwitchRequiresASecondFactorOfAll(t *testing.T) {
	t.Parallel()
	covers.Rows(t, "H10")
	s := webtest.In(t, accountstest.New(t).Strict(t))
	err := s.DB.InSystem(t.Context(), accountstest.Actor, func(tx *storage.Tx) error {
		return tx.SetSecurityPolicy(t.Context(), s.Operator, 0, `{"require_mfa": {"all": true}}`)
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, login := range []string{s.Administrator, s.Biller, s.Viewer, s.OtherBiller, s.Both} {
		c := s.SignedIn(t, login)
		for _, path := range []string{"/dashboard", "/account/tokens/new"} {
			if a := c.Get(path); !strings.HasPrefix(a.Location, "/step/enrol") {
				t.Errorf("%s without a second factor at %s: %d to %q, want to set one up first", login, path, a.Status, a.Location)
			}
		}
	}
}

// TestHashesAreUpgradedAndWorthlessWithoutThePepper signs in at a server whose hashes cost more, and at one that has the
// database but another key file.
func TestHashesAreUpgradedAndWorthlessWithoutThePepper(t *testing.T) {
	t.Parallel()
	covers.Rows(t, "A9")
	s := webtest.New(t)
	hash := func() string {
		return strings.Join(walktest.Texts(t, s.LoaderDSN, `SELECT hash FROM credential WHERE kind = 'password' AND revoked_at IS NULL
			AND user_id = (SELECT id FROM app_user WHERE login = $1)`, s.Biller), "\n")
	}
	before := hash()
	dearer := webtest.In(t, s.With(t, func(o *accounts.Options) { o.Hash = accounts.HashParameters{MemoryKiB: 128, Passes: 2, Threads: 1} }))
	dearer.SignedIn(t, s.Biller)
	after := hash()
	if !strings.HasPrefix(before, "$argon2id$") || !strings.Contains(before, "m=64,t=1") || !strings.Contains(after, "m=128,t=2") {
		t.Error("the stored hash doesn't say its costs, or kept them when the costs rose")
	}
	stolen := webtest.In(t, s.With(t, func(o *accounts.Options) { o.Ring = keys.NewRing() }))
	if a := stolen.Client(t).Post("/sign-in", "username", s.Biller, "password", accountstest.Password); a.Status == http.StatusSeeOther {
		t.Error("with another pepper the password still fits")
	}
}
