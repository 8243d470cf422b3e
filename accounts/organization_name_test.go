package accounts_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/accounts/accountstest"
	"github.com/ediport/ediport/storage"
)

// Of several who give a name at the same time, by page, program or command line, one is the first; the others are told at the field.
func TestOrganizationsHaveNamesOfTheirOwn(t *testing.T) {
	t.Parallel()
	w := accountstest.New(t)
	ctx := t.Context()
	scope := storage.Scope{Operator: w.Operator, Actor: accountstest.Actor}
	add := func(name string) error {
		_, err := w.Accounts.AddOrganization(ctx, scope, accounts.OrganizationInput{Kind: "practice", Name: name})
		return err
	}
	create := func(name string) error {
		_, err := w.Accounts.CreateAccount(ctx, accountstest.Actor, accounts.NewAccount{Operator: w.Operator, Kind: "practice", Name: name})
		return err
	}
	const name = "Twin Lakes Pediatrics"
	said := make(chan error)
	for _, by := range []func(string) error{add, create} {
		for _, as := range []string{name, strings.ToUpper(name), " " + name} {
			go func() { said <- by(as) }()
		}
	}
	added := 0
	refused := func(what string, err error) {
		if input, ok := errors.AsType[*accounts.InputError](err); !ok || input.Field != "name" {
			t.Errorf("%s: %v, want it refused at the name", what, err)
		}
	}
	for range 6 {
		if err := <-said; err == nil {
			added++
		} else {
			refused("another one of the name", err)
		}
	}
	if added != 1 {
		t.Errorf("%d organizations of one name, want 1", added)
	}
	refused("a change to the name", w.Accounts.ChangeOrganization(ctx, scope, w.Account, accounts.OrganizationInput{Kind: "practice", Name: strings.ToLower(name)}))
	if err := w.Accounts.ChangeOrganization(ctx, scope, w.Account, accounts.OrganizationInput{Kind: "practice", Name: "LAKESIDE family practice"}); err != nil {
		t.Errorf("its own name, otherwise capitalized: %v", err)
	}
	var second storage.OperatorID
	err := w.DB.InSystem(ctx, accountstest.Actor, func(tx *storage.Tx) (err error) {
		second, _, err = tx.NewOperator(ctx, "Southwind Exchange", "America/Chicago")
		return err
	})
	if err == nil {
		_, err = w.Accounts.CreateAccount(ctx, accountstest.Actor, accounts.NewAccount{Operator: second, Kind: "practice", Name: name})
	}
	if err != nil {
		t.Errorf("the name at another operator: %v", err)
	}
}
