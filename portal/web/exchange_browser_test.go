package web_test

import (
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/accounts/accountstest"
	"github.com/ediport/ediport/accounts/accountstest/covers"
	"github.com/ediport/ediport/portal/web/browsertest"
	"github.com/ediport/ediport/portal/web/webtest"
	"github.com/ediport/ediport/storage"
)

// Who works for two exchanges chooses between them on pages that everybody can read and use, and sees which one is in view.
func TestTheExchangeIsChosenInABrowser(t *testing.T) {
	covers.Rows(t, "S3", "S6", "S52")
	t.Parallel()
	s := webtest.New(t)
	var second storage.OperatorID
	err := s.DB.InSystem(t.Context(), accountstest.Actor, func(tx *storage.Tx) (err error) {
		second, _, err = tx.NewOperator(t.Context(), "Southmoor Exchange of the Southern Moors and Lakes", "America/New_York")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	c := s.SignedIn(t, s.AddUser(t, "Two.Sides", "Twyla Sides",
		accounts.Grant{Role: accounts.RoleOperator, Operator: s.Operator}, accounts.Grant{Role: accounts.RoleOperator, Operator: second},
		accounts.Grant{Role: accounts.RoleBiller, Account: s.Account}, accounts.Grant{Role: accounts.RoleBiller, Account: s.Other}))
	b := browsertest.Open(t)
	b.Take(s.URL, c.Cookies())
	for _, path := range []string{"/dashboard", "/connections"} {
		b.Size(browsertest.Desktop)
		b.Do(browsertest.Navigate(s.URL+path), chromedp.WaitVisible(css("#exchange-switcher")))
		examine(b, "with two exchanges: "+path)
	}
	b.Size(browsertest.Desktop)
	b.Do(browsertest.Navigate(s.URL+"/dashboard"), chromedp.WaitVisible(css("#exchange-switcher")))
	b.Choose("Exchange", "Southmoor Exchange of the Southern Moors and Lakes")
	b.Click(`form[action^="/session/exchange"] button`)
	b.Await("the second exchange", `document.querySelector("#exchange-switcher option[selected]")?.textContent.startsWith("Southmoor")`)
}
