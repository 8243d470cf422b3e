package accounts_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/accounts/accountstest"
	"github.com/ediport/ediport/accounts/accountstest/covers"
	"github.com/ediport/ediport/storage"
)

// Whoever may open a person's account by another address, a reset of the second step or a new invitation could come in as
// that person: he must be able to give all that the person has.
func TestNobodyTakesOverWhoSeesMore(t *testing.T) {
	covers.Rows(t, "A45", "A48")
	t.Parallel()
	w := accountstest.New(t)
	people := staff(t, w)
	w.AddUser(t, "Ann.Admin", "Ann Admin", accounts.Grant{Role: accounts.RoleAccountAdministrator, Account: w.Account})
	w.AddUser(t, "Bob.Biller", "Bob Biller", accounts.Grant{Role: accounts.RoleBiller, Account: w.Account})
	invited, err := w.Accounts.Invite(t.Context(), people["Olga.Owner"], accounts.Invitation{
		Login: "Ina.Invited", Name: "Ina Invited", Email: "ina@clinic.example", Grant: accounts.RoleGrant{Role: accounts.RoleBiller, Account: w.Account},
	})
	if err != nil {
		t.Fatal(err)
	}
	moved := 0
	address := func(by string) func(storage.UserID) error {
		return func(user storage.UserID) error {
			moved++
			return w.Accounts.ChangeEmailOf(t.Context(), people[by], user, string(rune('a'+moved))+"@clinic.example")
		}
	}
	factors := func(by string) func(storage.UserID) error {
		return func(user storage.UserID) error {
			return w.Accounts.ResetPersonFactors(t.Context(), people[by], user, "called back")
		}
	}
	again := func(by string) func(storage.UserID) error {
		return func(user storage.UserID) error { return w.Accounts.ResendInvitation(t.Context(), people[by], user) }
	}
	reset := func(by string) func(storage.UserID) error {
		return func(user storage.UserID) error { return w.Accounts.StartReset(t.Context(), people[by], user) }
	}
	biller, ann := userOf(t, w, w.Biller), userOf(t, w, "Ann.Admin")
	for _, c := range []struct {
		rule string
		act  func(storage.UserID) error
		to   storage.UserID
		can  bool
	}{
		{"an administrator without patients changes a biller's address", address("Abe.Admin"), biller, false},
		{"and resets his second step", factors("Abe.Admin"), biller, false},
		{"and sends an invitation again that is not his to give", again("Abe.Admin"), invited, false},
		{"and changes where it goes", address("Abe.Admin"), invited, false},
		{"he starts a reset, whose code goes to the confirmed address", reset("Abe.Admin"), biller, true},
		{"he helps who may do the same as he", address("Abe.Admin"), ann, true},
		{"he resets the second step of who may do the same as he", factors("Abe.Admin"), userOf(t, w, "Ann.Admin"), false}, // he has just changed the address
		{"the account's owner resets a biller's second step", factors("Olga.Owner"), biller, true},
		{"the account's owner changes a biller's address", address("Olga.Owner"), biller, true},
		{"the account's owner sends the invitation again", again("Olga.Owner"), invited, true},
		{"an operator's administrator changes a biller's address", address("admin"), userOf(t, w, "Bob.Biller"), true},
	} {
		err := c.act(c.to)
		var more *accounts.SeesMoreError
		switch {
		case c.can && err != nil:
			t.Errorf("%s: %v", c.rule, err)
		case !c.can && !errors.As(err, &more) && !errors.Is(err, accounts.ErrOwnAddress):
			t.Errorf("%s: %v, want a refusal", c.rule, err)
		}
	}
	var more *accounts.SeesMoreError
	err = address("Abe.Admin")(biller)
	if !errors.As(err, &more) || more.Permission == "" {
		t.Fatalf("the refusal: %v", err)
	}
	for _, able := range []string{"Olga.Owner", "Ada Marchetti"} {
		if !slices.ContainsFunc(more.Able, func(g accounts.Grantor) bool { return g.Name == able }) {
			t.Errorf("the refusal doesn't name %s: %v", able, more.Able)
		}
	}
	if slices.ContainsFunc(more.Able, func(g accounts.Grantor) bool { return g.Name == "Ann Admin" || g.Name == "Abe.Admin" }) {
		t.Errorf("the refusal names who can't, either: %v", more.Able)
	}
}

// A person whose rows are limited elsewhere than the administrator's is not his to take over.
func TestTakingOverGoesByRowsAndMasks(t *testing.T) {
	covers.Rows(t, "A48")
	t.Parallel()
	w := newRisers(t)
	help := w.role(t, "Help", false, accounts.ViewAccounts, accounts.ManagePeople)
	money := w.role(t, "Money", false, accounts.ViewRemittances, accounts.ViewPatients)
	blind := w.role(t, "Blind", false, accounts.ViewRemittances)
	w.person(t, "One.Npi", map[accounts.Role]storage.RowLimit{money: npi(oneNPI)})
	w.person(t, "All.Rows", map[accounts.Role]storage.RowLimit{money: {}})
	w.person(t, "No.Names", map[accounts.Role]storage.RowLimit{blind: {}})
	limited := w.person(t, "Help.Limited", map[accounts.Role]storage.RowLimit{help: {}, money: npi(oneNPI)})
	masked := w.person(t, "Help.Masked", map[accounts.Role]storage.RowLimit{help: {}, blind: {}})
	var more *accounts.SeesMoreError
	for _, c := range []struct {
		rule string
		by   *accounts.Principal
		to   string
		can  bool
	}{
		{"the same rows", limited, "One.Npi", true},
		{"more rows", limited, "All.Rows", false},
		{"rows without names", masked, "No.Names", true},
		{"rows with names", masked, "All.Rows", false},
	} {
		err := w.Accounts.ChangeEmailOf(t.Context(), c.by, userOf(t, w.World, c.to), "new-"+c.to+"@clinic.example")
		if c.can && err != nil || !c.can && !errors.As(err, &more) {
			t.Errorf("%s: %v", c.rule, err)
		}
	}
}

// A role that begins tomorrow counts today: the address could be changed in time.
func TestTakingOverLooksAhead(t *testing.T) {
	t.Parallel()
	w := accountstest.New(t)
	people := staff(t, w)
	w.AddUser(t, "Ann.Admin", "Ann Admin", accounts.Grant{Role: accounts.RoleAccountAdministrator, Account: w.Account})
	tomorrow := accounts.RoleGrant{Role: accounts.RoleBiller, Account: w.Account, Starts: w.Clock.Now().Add(24 * time.Hour)}
	ann := userOf(t, w, "Ann.Admin")
	if _, err := w.Accounts.GiveRole(t.Context(), people["Olga.Owner"], ann, tomorrow); err != nil {
		t.Fatal(err)
	}
	var more *accounts.SeesMoreError
	if err := w.Accounts.ChangeEmailOf(t.Context(), people["Abe.Admin"], ann, "ann@clinic.example"); !errors.As(err, &more) {
		t.Errorf("the address of who will be a biller tomorrow: %v", err)
	}
}

// Whoever changed an address doesn't have a code sent there: for three days that takes a second person.
func TestWhoChangedAnAddressStartsNoReset(t *testing.T) {
	covers.Rows(t, "A30")
	t.Parallel()
	w := newRisers(t)
	ada, bo, biller := w.Principal(t, w.Administrator), w.Principal(t, w.Both), userOf(t, w.World, w.Biller)
	reset := func(p *accounts.Principal) error { return w.Accounts.StartReset(t.Context(), p, biller) }
	if err := reset(ada); err != nil {
		t.Fatal(err)
	}
	if err := w.Accounts.ChangeEmailOf(t.Context(), ada, biller, "bea@clinic.example"); err != nil {
		t.Fatal(err)
	}
	if err := reset(ada); !errors.Is(err, accounts.ErrOwnAddress) {
		t.Errorf("a reset by who has just changed the address: %v, want ErrOwnAddress", err)
	}
	if err := w.Accounts.ResetPersonFactors(t.Context(), ada, biller, "called back"); !errors.Is(err, accounts.ErrOwnAddress) {
		t.Errorf("and of the second step: %v, want ErrOwnAddress", err)
	}
	if err := reset(bo); err != nil {
		t.Errorf("a reset by somebody else: %v", err)
	}
	w.Clock.Advance(72*time.Hour - time.Minute)
	if err := reset(w.Principal(t, w.Administrator)); !errors.Is(err, accounts.ErrOwnAddress) {
		t.Errorf("shortly before three days are over: %v, want ErrOwnAddress", err)
	}
	w.Clock.Advance(2 * time.Minute)
	if err := reset(w.Principal(t, w.Administrator)); err != nil {
		t.Errorf("after three days: %v", err)
	}
}

// Who may not take a person over starts a reset only if its code goes where the person has shown that he reads.
func TestAResetGoesToTheConfirmedAddress(t *testing.T) {
	covers.Rows(t, "A31")
	t.Parallel()
	w := accountstest.New(t)
	people := staff(t, w)
	biller := userOf(t, w, w.Biller)
	if err := w.Accounts.ChangeEmailOf(t.Context(), people["Olga.Owner"], biller, "bea@clinic.example"); err != nil {
		t.Fatal(err)
	}
	var more *accounts.SeesMoreError
	if err := w.Accounts.StartReset(t.Context(), people["Abe.Admin"], biller); !errors.As(err, &more) {
		t.Errorf("a reset to an address that nobody confirmed: %v, want a refusal", err)
	}
	if err := w.Accounts.StartReset(t.Context(), people["admin"], biller); err != nil {
		t.Errorf("by somebody who could give what the person has: %v", err)
	}
}
