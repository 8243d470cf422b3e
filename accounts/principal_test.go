package accounts_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/accounts/accountstest"
	"github.com/ediport/ediport/storage"
)

func TestEveryPermissionHasATitleAndAPlane(t *testing.T) {
	t.Parallel()
	seen := map[accounts.Permission]bool{}
	for _, p := range accounts.Permissions() {
		if p.Title() == "" || seen[p] {
			t.Errorf("permission %s has no title, or is listed twice", p)
		}
		seen[p] = true
	}
	for _, role := range accounts.Roles() {
		for _, p := range role.Permissions() {
			if !seen[p] {
				t.Errorf("role %s grants %s, which is not listed", role, p)
			}
			if !p.HeldAt(role.Operator()) {
				t.Errorf("role %s grants %s of the other plane", role, p)
			}
			for _, needed := range p.Needs() {
				if !slices.Contains(role.Permissions(), needed) {
					t.Errorf("role %s grants %s without %s, which it needs", role, p, needed)
				}
			}
		}
	}
	if unknown := accounts.Role("owner of everything"); len(unknown.Permissions()) != 0 || unknown.Known() {
		t.Error("an unknown role grants something")
	}
}

func TestScope(t *testing.T) {
	t.Parallel()
	w := accountstest.New(t)
	own, both := []storage.AccountID{w.Account}, []storage.AccountID{w.Account, w.Other}
	for _, c := range []struct {
		rule, login string
		permissions []accounts.Permission
		operator    storage.OperatorID
		accounts    []storage.AccountID
	}{
		{"biller sees his account", w.Biller, []accounts.Permission{accounts.ViewRemittances}, 0, own},
		{"biller sees no exchange plane", w.Biller, []accounts.Permission{accounts.ViewFiles}, 0, nil},
		{"biller of all permissions", w.Biller, accounts.Permissions(), 0, own},
		{"viewer doesn't work items", w.Viewer, []accounts.Permission{accounts.WorkItems}, 0, nil},
		{"administrator sees the exchange plane and what is unrouted", w.Administrator, []accounts.Permission{accounts.ViewFiles}, w.Operator, []storage.AccountID{w.Unrouted}},
		{"administrator sees no account's remittances", w.Administrator, []accounts.Permission{accounts.ViewRemittances}, 0, nil},
		{"schedules need no account", w.Administrator, []accounts.Permission{accounts.ManageSchedules}, w.Operator, nil},
		{"both: viewing, in two accounts", w.Both, []accounts.Permission{accounts.ViewRemittances}, 0, both},
		{"both: working, in one", w.Both, []accounts.Permission{accounts.WorkItems}, 0, own},
		{"nobody", w.Nobody, accounts.Permissions(), 0, nil},
	} {
		got := w.Principal(t, c.login).Scope(c.permissions...)
		slices.Sort(got.Accounts)
		if got.Operator != c.operator || !slices.Equal(got.Accounts, c.accounts) {
			t.Errorf("%s: operator %d, accounts %v; want %d, %v", c.rule, got.Operator, got.Accounts, c.operator, c.accounts)
		}
		if named := got.Operator != 0 || len(got.Accounts) > 0; named && got.Home != w.Operator {
			t.Errorf("%s: home %d, want %d", c.rule, got.Home, w.Operator)
		}
		if got.Actor.Kind != storage.ActorUser || got.Actor.ID == 0 || got.Actor.Address != "192.0.2.7" {
			t.Errorf("%s: actor %+v is not the user", c.rule, got.Actor)
		}
	}
}

func TestScopeOfNobodyOpensNothing(t *testing.T) {
	t.Parallel()
	w := accountstest.New(t)
	err := w.DB.InScope(t.Context(), w.Principal(t, w.Nobody).ScopeOfAll(), func(*storage.Tx) error { return nil })
	if !errors.Is(err, storage.ErrNoScope) {
		t.Errorf("InScope of nobody = %v, want ErrNoScope", err)
	}
}

func TestNarrowing(t *testing.T) {
	t.Parallel()
	w := accountstest.New(t)
	token := w.SignIn(t, w.Both).Token
	authenticate := func() *accounts.Principal {
		p, err := w.Accounts.Authenticate(t.Context(), token, here)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	p := authenticate()
	if err := w.Accounts.Narrow(t.Context(), p, w.Other); err != nil {
		t.Fatal(err)
	}
	if got := authenticate().AccountsFor(accounts.ViewRemittances); !slices.Equal(got, []storage.AccountID{w.Other}) {
		t.Errorf("narrowed: accounts %v, want %v", got, w.Other)
	}
	if authenticate().Can(accounts.WorkItems) {
		t.Error("narrowed to the account of which he is viewer, he may still work items")
	}
	if err := w.Accounts.Narrow(t.Context(), w.Principal(t, w.Biller), w.Other); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("narrowing to a foreign account: %v, want ErrNotFound", err)
	}
	// A membership that ends takes the narrowing along.
	revoked := accounts.Grant{Role: accounts.RoleViewer, Account: w.Other}
	if err := w.Accounts.Revoke(t.Context(), accountstest.Actor, p.UserID, revoked); err != nil {
		t.Fatal(err)
	}
	if got := authenticate(); got.Narrowed != 0 || len(got.Accounts) != 1 {
		t.Errorf("after the membership's end: narrowed to %d, %d accounts", got.Narrowed, len(got.Accounts))
	}
}

func TestRightsChangeAtTheNextRequest(t *testing.T) {
	t.Parallel()
	w := accountstest.New(t)
	token := w.SignIn(t, w.Viewer).Token
	p, err := w.Accounts.Authenticate(t.Context(), token, here)
	if err != nil || p.Can(accounts.WorkItems) {
		t.Fatalf("a viewer: %v", err)
	}
	secret, _, err := w.Accounts.CreateToken(t.Context(), p, accounts.NewToken{Name: "x", Scopes: []accounts.Permission{accounts.ViewRemittances}, Life: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Accounts.Grant(t.Context(), accountstest.Actor, p.UserID, accounts.Grant{Role: accounts.RoleBiller, Account: w.Account}); err != nil {
		t.Fatal(err)
	}
	if p, err = w.Accounts.Authenticate(t.Context(), token, here); err != nil || !p.Can(accounts.WorkItems) {
		t.Errorf("after becoming biller: %v, can't work items", err)
	}
	if err := w.Accounts.Disable(t.Context(), accountstest.Actor, p.UserID); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Accounts.Authenticate(t.Context(), token, here); !errors.Is(err, accounts.ErrNoSession) {
		t.Errorf("the session of a disabled user: %v, want ErrNoSession", err)
	}
	if _, err := w.Accounts.AuthenticateToken(t.Context(), secret, here); !errors.Is(err, accounts.ErrNoSession) {
		t.Errorf("the token of a disabled user: %v, want ErrNoSession", err)
	}
	if err := w.Accounts.Enable(t.Context(), accountstest.Actor, p.UserID); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Accounts.Authenticate(t.Context(), token, here); !errors.Is(err, accounts.ErrNoSession) {
		t.Errorf("the old session of a user who is enabled again: %v, want it to stay ended", err)
	}
}

func TestToken(t *testing.T) {
	t.Parallel()
	w := accountstest.New(t)
	p := w.Principal(t, w.Both)
	scopes := []accounts.Permission{accounts.ViewRemittances, accounts.ViewFiles}
	secret, id, err := w.Accounts.CreateToken(t.Context(), p, accounts.NewToken{Name: " nightly ", Scopes: scopes, Life: 24 * time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	q, err := w.Accounts.AuthenticateToken(t.Context(), secret, here)
	if err != nil {
		t.Fatal(err)
	}
	if !q.Can(accounts.ViewRemittances) || !q.Can(accounts.ViewFiles) || q.Can(accounts.ManageSchedules) || q.Can(accounts.WorkItems) {
		t.Error("the token's permissions are not its scopes")
	}
	if got := q.Scope(accounts.ManageSchedules); got.Operator != 0 || len(got.Accounts) != 0 {
		t.Errorf("scope beyond the token's scopes: %+v", got)
	}
	if actor := q.Actor(); actor.Kind != storage.ActorToken || actor.ID != id {
		t.Errorf("the token acts as %+v", actor)
	}
	tokens, err := w.Accounts.Tokens(t.Context(), p)
	want := []accounts.Token{{ID: id, Name: "nightly", Scopes: scopes, Created: w.Clock.Now(), Expires: w.Clock.Now().Add(24 * time.Hour), LastUsed: w.Clock.Now(), Networks: []string{}}}
	if diff := cmp.Diff(want, tokens, cmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) })); err != nil || diff != "" {
		t.Errorf("tokens: %v %s", err, diff)
	}
	for rule, bad := range map[string]string{
		"one letter else": secret[:len(secret)-1] + "!", "without prefix": secret[4:], "longer": secret + "x", "empty": "",
		"a session's token": w.SignIn(t, w.Both).Token,
	} {
		if _, err := w.Accounts.AuthenticateToken(t.Context(), bad, here); !errors.Is(err, accounts.ErrNoSession) {
			t.Errorf("%s: %v, want ErrNoSession", rule, err)
		}
	}
	if dump := dumpSignIn(t, w); len(dump) < 100 || strings.Contains(dump, secret[4:]) {
		t.Error("the database holds the token's secret")
	}
	w.Clock.Advance(24 * time.Hour)
	if _, err := w.Accounts.AuthenticateToken(t.Context(), secret, here); !errors.Is(err, accounts.ErrNoSession) {
		t.Errorf("an expired token: %v, want ErrNoSession", err)
	}
}

func TestTokenUseIsAuditedNowAndThen(t *testing.T) {
	t.Parallel()
	w := accountstest.New(t)
	secret, _, err := w.Accounts.CreateToken(t.Context(), w.Principal(t, w.Biller), accounts.NewToken{Name: "x", Scopes: []accounts.Permission{accounts.ViewRemittances}, Life: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	used := func() (n int) {
		for _, e := range auditEvents(t, w) {
			if e == "token.used ok token 192.0.2.1 TEST1-TEST2" {
				n++
			}
		}
		return n
	}
	for i, want := range []int{1, 1, 2} {
		if i == 2 {
			w.Clock.Advance(10 * time.Minute)
		}
		if _, err := w.Accounts.AuthenticateToken(t.Context(), secret, here); err != nil {
			t.Fatal(err)
		}
		if got := used(); got != want {
			t.Errorf("after use %d: %d events, want %d", i+1, got, want)
		}
	}
}
