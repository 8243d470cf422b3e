package accounts_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/accounts/accountstest"
	"github.com/ediport/ediport/storage"
)

// What a person holds is read on the connection that the question has already: with a second one each, a few people who look at
// once would wait for one another for ever.
func TestRolesAreReadOnOneConnection(t *testing.T) {
	t.Parallel()
	w := newRisers(t)
	people := w.role(t, "People", false, accounts.ViewAccounts, accounts.ManagePeople, accounts.ManageRoles, accounts.EndSessions)
	helper := w.person(t, "Help.Desk", map[accounts.Role]storage.RowLimit{people: {}})
	w.person(t, "Help.Other", map[accounts.Role]storage.RowLimit{people: {}})
	w.AddUser(t, "Ona.Owner", "Ona Owner", accounts.Grant{Role: accounts.RoleAccountOwner, Account: w.Account})
	other, owner := userOf(t, w.World, "Help.Other"), userOf(t, w.World, "Ona.Owner")

	ctx := busy(t, func(ctx context.Context, held, free chan struct{}) {
		_ = w.DB.InSystem(ctx, storage.Actor{Kind: storage.ActorSystem}, holding(held, free))
	})
	for _, c := range []struct {
		what string
		act  func() error
		want bool
	}{
		{"a person's page", func() error { _, err := w.Accounts.PersonDetail(ctx, helper, other); return err }, true},
		{"what somebody may do about him", func() error { return w.Accounts.MayTakeOver(ctx, helper, other) }, true},
		{"who else may do it", func() error { return w.Accounts.MayTakeOver(ctx, helper, owner) }, false},
		{"who can give a permission", func() error { _, err := w.Accounts.Grantors(ctx, helper, accounts.ViewPatients); return err }, true},
	} {
		if err := c.act(); ctx.Err() != nil || c.want != (err == nil) {
			t.Fatalf("%s: %v", c.what, err)
		}
	}
}

// The same for those who prove at once who they are, as in the morning.
func TestAProofTakesOneConnection(t *testing.T) {
	t.Parallel()
	w := newRisers(t)
	p, err := w.Accounts.Authenticate(t.Context(), w.SignIn(t, w.Biller).Token, accounts.Origin{})
	if err != nil {
		t.Fatal(err)
	}
	ctx := busy(t, func(ctx context.Context, held, free chan struct{}) {
		_ = w.DB.InSignIn(ctx, storage.Actor{Kind: storage.ActorSystem}, holding(held, free))
	})
	if _, err := w.Accounts.ProvePassword(ctx, p, accountstest.Password); err != nil {
		t.Errorf("with one connection: %v", err)
	}
}

// busy keeps four of the five connections that a test has until it ends, and returns a context for asking with the fifth.
func busy(t *testing.T, hold func(ctx context.Context, held, free chan struct{})) context.Context {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 20*time.Second) // far more than it takes
	held, free := make(chan struct{}), make(chan struct{})
	var all sync.WaitGroup
	t.Cleanup(func() { close(free); all.Wait(); stop() })
	for range 4 {
		all.Go(func() { hold(ctx, held, free) })
		select {
		case <-held:
		case <-ctx.Done():
			t.Fatal("no connection to hold")
		}
	}
	return ctx
}

func holding(held, free chan struct{}) func(*storage.Tx) error {
	return func(*storage.Tx) error {
		held <- struct{}{}
		<-free
		return nil
	}
}
