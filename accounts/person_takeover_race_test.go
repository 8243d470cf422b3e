package accounts_test

import (
	"errors"
	"testing"

	"github.com/jmoiron/sqlx"
	_ "github.com/lib/pq" // to see who waits

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/accounts/accountstest"
	"github.com/ediport/ediport/accounts/accountstest/covers"
	"github.com/ediport/ediport/storage"
)

// waiting tells whether something in the world's database waits for a lock.
func waiting(t *testing.T, w *accountstest.World) func() bool {
	t.Helper()
	db, err := sqlx.Open("postgres", w.LoaderDSN)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() }) // was only read
	return func() bool {
		var n int
		err := db.GetContext(t.Context(), &n, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`)
		if err != nil {
			t.Fatal(err)
		}
		return n > 0
	}
}

// meanwhile does first in a transaction, then begins second, which has to wait for it, and ends the transaction. It returns what
// becomes of second, and whether it waited.
func meanwhile(t *testing.T, w *accountstest.World, first func(*storage.Tx) error, second func() error) (err error, waited bool) {
	t.Helper()
	ended, isWaiting := make(chan error, 1), waiting(t, w)
	failed := w.DB.InSystem(t.Context(), accountstest.Actor, func(tx *storage.Tx) error {
		if err := first(tx); err != nil {
			return err
		}
		go func() { ended <- second() }()
		for len(ended) == 0 && !waited {
			waited = isWaiting()
		}
		return nil
	})
	if failed != nil {
		t.Fatal(failed)
	}
	return <-ended, waited
}

// A role that is given in the same moment counts: who may change a person's address because the person has little must not do
// so while somebody gives the person more.
func TestTakingOverWaitsForRolesThatAreBeingGiven(t *testing.T) {
	covers.Rows(t, "A45", "A48")
	t.Parallel()
	w := accountstest.New(t)
	people := staff(t, w)
	ctx, ann := t.Context(), userOf(t, w, w.AddUser(t, "Ann.Admin", "Ann Admin", accounts.Grant{Role: accounts.RoleAccountAdministrator, Account: w.Account}))
	invited, err := w.Accounts.Invite(ctx, people["Olga.Owner"], accounts.Invitation{
		Login: "Ina.Invited", Name: "Ina Invited", Email: "ina@clinic.example", Grant: accounts.RoleGrant{Role: accounts.RoleAccountAdministrator, Account: w.Account},
	})
	if err != nil {
		t.Fatal(err)
	}
	biller := func(user storage.UserID) func(*storage.Tx) error {
		return func(tx *storage.Tx) error {
			_, err := tx.AddMembership(ctx, user, storage.NewMembership{AccountID: w.Account, Role: string(accounts.RoleBiller)}, w.Clock.Now())
			return err
		}
	}
	abe := people["Abe.Admin"]
	for rule, c := range map[string]struct {
		user storage.UserID
		act  func(storage.UserID) error
	}{
		"another address": {ann, func(user storage.UserID) error { return w.Accounts.ChangeEmailOf(ctx, abe, user, "ann@clinic.example") }},
		"an invitation":   {invited, func(user storage.UserID) error { return w.Accounts.ResendInvitation(ctx, abe, user) }},
	} {
		err, waited := meanwhile(t, w, biller(c.user), func() error { return c.act(c.user) })
		var more *accounts.SeesMoreError
		if !errors.As(err, &more) || !waited {
			t.Errorf("%s while a biller is made: %v, waited %v; want it to wait and a refusal", rule, err, waited)
		}
	}
}

// The other way round, whoever gives a role waits until the person is let in in another way, or not.
func TestGivingRolesWaitsForTakingOver(t *testing.T) {
	t.Parallel()
	w := accountstest.New(t)
	people := staff(t, w)
	ann := userOf(t, w, w.AddUser(t, "Ann.Admin", "Ann Admin", accounts.Grant{Role: accounts.RoleAccountAdministrator, Account: w.Account}))
	err, waited := meanwhile(t, w, func(tx *storage.Tx) error {
		_, err := tx.LockUser(t.Context(), ann)
		return err
	}, func() error {
		_, err := w.Accounts.GiveRole(t.Context(), people["Olga.Owner"], ann, accounts.RoleGrant{Role: accounts.RoleBiller, Account: w.Account})
		return err
	})
	if err != nil || !waited {
		t.Errorf("giving a role: %v, waited %v; want it to wait, and to be given", err, waited)
	}
}

// A role of the person's that gets more permissions in the same moment counts, too.
func TestTakingOverWaitsForRolesThatAreBeingWidened(t *testing.T) {
	covers.Rows(t, "A48")
	t.Parallel()
	w := newRisers(t)
	help := w.role(t, "Help", false, accounts.ViewAccounts, accounts.ManagePeople)
	desk := w.role(t, "Desk", false, accounts.ViewAccounts)
	w.person(t, "Des.Desk", map[accounts.Role]storage.RowLimit{desk: {}})
	helper := w.person(t, "Hal.Help", map[accounts.Role]storage.RowLimit{help: {}})
	user := userOf(t, w.World, "Des.Desk")
	err, waited := meanwhile(t, w.World, func(tx *storage.Tx) error {
		row, err := tx.LockCustomRole(t.Context(), w.Operator, accounts.RoleDefinition{Role: desk}.ID())
		if err != nil {
			return err
		}
		row.Permissions = append(row.Permissions, string(accounts.ViewRemittances), string(accounts.ViewPatients))
		return tx.ChangeCustomRole(t.Context(), row)
	}, func() error { return w.Accounts.ChangeEmailOf(t.Context(), helper, user, "des@clinic.example") })
	var more *accounts.SeesMoreError
	if !errors.As(err, &more) || !waited {
		t.Errorf("another address while the person's role is widened: %v, waited %v; want it to wait and a refusal", err, waited)
	}
}
