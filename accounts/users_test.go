package accounts_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/accounts/accountstest"
	"github.com/ediport/ediport/storage"
)

func TestAddUserChecksItsInput(t *testing.T) {
	t.Parallel()
	w := accountstest.New(t)
	good := accounts.NewUser{Login: "new.user", Name: "New User", Email: "new@example.org", Password: accountstest.Password}
	for rule, c := range map[string]struct {
		field  string
		change func(*accounts.NewUser)
	}{
		"user id with @":       {"login", func(u *accounts.NewUser) { u.Login = "a@b" }},
		"user id with a blank": {"login", func(u *accounts.NewUser) { u.Login = "a b" }},
		"user id too short":    {"login", func(u *accounts.NewUser) { u.Login = "a" }},
		"no name":              {"name", func(u *accounts.NewUser) { u.Name = " " }},
		"no e-mail address":    {"email", func(u *accounts.NewUser) { u.Email = "nobody" }},
		"address with a name":  {"email", func(u *accounts.NewUser) { u.Email = "N <n@example.org>" }},
		"unknown role":         {"role", func(u *accounts.NewUser) { u.Grants = []accounts.Grant{{Role: "king", Account: w.Account}} }},
		"administrator of accounts": {"role", func(u *accounts.NewUser) {
			u.Grants = []accounts.Grant{{Role: accounts.RoleAdministrator, Account: w.Account}}
		}},
		"biller of an operator": {"role", func(u *accounts.NewUser) {
			u.Grants = []accounts.Grant{{Role: accounts.RoleBiller, Operator: w.Operator}}
		}},
	} {
		u := good
		c.change(&u)
		_, err := w.Accounts.AddUser(t.Context(), accountstest.Actor, u)
		var input *accounts.InputError
		if !errors.As(err, &input) || input.Field != c.field || input.Reason == "" {
			t.Errorf("%s: %v, want an error of field %s", rule, err, c.field)
		}
	}
	if _, err := w.Accounts.AddUser(t.Context(), accountstest.Actor, good); err != nil {
		t.Fatal(err)
	}
	for rule, change := range map[string]func(*accounts.NewUser){
		"the same user id":             func(u *accounts.NewUser) { u.Email = "" },
		"the same address in capitals": func(u *accounts.NewUser) { u.Login, u.Email = "other", "NEW@example.org" },
	} {
		u := good
		change(&u)
		if _, err := w.Accounts.AddUser(t.Context(), accountstest.Actor, u); !errors.Is(err, storage.ErrConflict) {
			t.Errorf("%s: %v, want ErrConflict", rule, err)
		}
	}
	other := good
	other.Login, other.Email = "NEW.user", ""
	if _, err := w.Accounts.AddUser(t.Context(), accountstest.Actor, other); err != nil {
		t.Errorf("a user id that differs in case: %v", err)
	}
}

func TestCreateAccount(t *testing.T) {
	t.Parallel()
	w := accountstest.New(t)
	good := accounts.NewAccount{Operator: w.Operator, Kind: "practice", Name: "New Practice", NPI: []string{"1234567893"}, TaxID: []string{"12-3456789"}}
	id, err := w.Accounts.CreateAccount(t.Context(), accountstest.Actor, good)
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Join(rows(t, w, `SELECT kind || ' ' || value FROM account_identifier WHERE account_id = $1 ORDER BY kind`, int64(id)), ", ")
	if got != "npi 1234567893, tin 123456789" {
		t.Errorf("identifiers %q", got)
	}
	for field, change := range map[string]func(*accounts.NewAccount){
		"operator": func(a *accounts.NewAccount) { a.Operator = 0 }, "kind": func(a *accounts.NewAccount) { a.Kind = "bakery" },
		"name": func(a *accounts.NewAccount) { a.Name = "" }, "npi": func(a *accounts.NewAccount) { a.NPI = []string{"1234567890"} },
		"tax_id": func(a *accounts.NewAccount) { a.TaxID = []string{"1"} },
	} {
		a := good
		change(&a)
		var input *accounts.InputError
		if _, err := w.Accounts.CreateAccount(t.Context(), accountstest.Actor, a); !errors.As(err, &input) || input.Field != field {
			t.Errorf("a wrong %s: %v", field, err)
		}
	}
}

func TestUnlockForgetsFailures(t *testing.T) {
	t.Parallel()
	w := accountstest.New(t)
	fail(t, w, w.Biller, 5, here)
	right := accounts.Credentials{Name: w.Biller, Password: accountstest.Password}
	lockCause(t, second(w.Try(t, right, here)))
	if err := w.Accounts.Unlock(t.Context(), accountstest.Actor, userID(t, w, w.Biller)); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Accounts.SignIn(t.Context(), right, here); err != nil {
		t.Errorf("after unlocking: %v", err)
	}
}
