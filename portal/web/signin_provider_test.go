package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/accounts/accountstest"
	"github.com/ediport/ediport/accounts/accountstest/covers"
	"github.com/ediport/ediport/portal/web/webtest"
	"github.com/ediport/ediport/storage"
)

const (
	billersNPI = "1234567893"
	sharedNPI  = "1245319599"
)

func addNPI(t *testing.T, s *webtest.Site, account storage.AccountID, npi string, until *time.Time) {
	t.Helper()
	err := s.DB.InSystem(t.Context(), accountstest.Actor, func(tx *storage.Tx) error {
		return tx.AddIdentifier(t.Context(), s.Operator, storage.Identifier{Account: account, Kind: "npi", Value: npi, ValidTo: until})
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestSignInByProviderID(t *testing.T) {
	t.Parallel()
	covers.Rows(t, "S23", "C11")
	s := webtest.New(t)
	solo, err := s.Accounts.CreateAccount(t.Context(), accountstest.Actor, accounts.NewAccount{
		Operator: s.Operator, Kind: "practice", Name: "Solo Practice", NPI: []string{billersNPI},
	})
	if err != nil {
		t.Fatal(err)
	}
	s.AddUser(t, "Sol.Owner", "Solveig Haugland", accounts.Grant{Role: accounts.RoleBiller, Account: solo})
	addNPI(t, s, s.Account, sharedNPI, nil)
	if a := s.Client(t).Try(billersNPI, accountstest.Password); a.Status != http.StatusUnauthorized {
		t.Errorf("by NPI without the policy: %d, want 401", a.Status)
	}
	setPolicy(t, s, accounts.SecurityPolicy{ProviderSignIn: true})
	if a := s.Client(t).Try(billersNPI, accountstest.Password); a.Location != "/dashboard" {
		t.Errorf("by NPI with the policy: %d to %q, want the dashboard", a.Status, a.Location)
	}
	if a := s.Client(t).Try("Sol.Owner", accountstest.Password); a.Location != "/dashboard" {
		t.Errorf("by user id: %d, want the dashboard", a.Status)
	}
	ambiguous := s.Client(t).Try(sharedNPI, accountstest.Password)
	unknown := s.Client(t).Try("1000000004", accountstest.Password)
	for what, a := range map[string]webtest.Answer{"an NPI of several people": ambiguous, "an unknown NPI": unknown} {
		if a.Status != http.StatusUnauthorized || !strings.Contains(a.Body, "otherwise use your user ID") {
			t.Errorf("%s: %d, want 401 and to be asked for the user id", what, a.Status)
		}
	}
}

func TestDirectoryMismatch(t *testing.T) {
	t.Parallel()
	covers.Rows(t, "S22")
	s := webtest.New(t)
	c := s.SignedIn(t, s.Biller)
	if a := c.Get("/dashboard"); strings.Contains(a.Body, "NPI") {
		t.Error("a mismatch is shown where there is none")
	}
	yesterday := s.Clock.Now().AddDate(0, 0, -2)
	addNPI(t, s, s.Account, billersNPI, &yesterday)
	c = s.SignedIn(t, s.Biller)
	if a := c.Get("/dashboard"); !strings.Contains(a.Body, "No NPI of Lakeside Family Practice is valid any more") || !strings.Contains(a.Body, "practice information") {
		t.Error("the dashboard doesn't say that the account's NPI is retired, and what to do")
	}
	addNPI(t, s, s.Account, sharedNPI, nil)
	if a := c.Get("/dashboard"); strings.Contains(a.Body, "is valid any more") {
		t.Error("the mismatch is shown after it was mended")
	}
}
