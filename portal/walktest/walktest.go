// Package walktest makes an installation with two operators, whose accounts, files, connections and people are
// strangers to each other, for tests that walk over all routes and look for a leak.
//
//	w := walktest.New(t)
//	for _, person := range w.People { ... w.Foreign(t, storage.PublicClaim) ... }
//
// Operator one is the site's own. Nothing of operator two may show to anybody of operator one, and to the people of
// an account nothing of the account next door.
package walktest

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/accounts/accountstest"
	"github.com/ediport/ediport/fixtures"
	"github.com/ediport/ediport/portal/web/webtest"
	"github.com/ediport/ediport/storage"
)

// A World is two operators in one database.
type World struct {
	*webtest.Site // operator one; its account is Account, the account next door Other
	People        []Person
	All           Person // holds all roles at operator one and at Account: nothing but belonging keeps him out
	Stranger      Person // the same at operator two and at its account
	Second        Side
	neighbours    []string // names of persons in data of Other only
	sampled       map[sampled]string
}

// A Side is an operator with an account that has data.
type Side struct {
	Operator storage.OperatorID
	Account  storage.AccountID
}

// A Person has roles at one side; his password is [accountstest.Password].
type Person struct {
	Login    string
	Roles    []accounts.Role
	Operator bool // the roles are those of an operator, or all
}

// Mark stands in every name of operator two: of its account, people, patients, files, partners and connections.
const Mark = "XQUAY"

// made is what the world that others are copies of has besides its site; written once, by who made it.
var made World

// New returns a world of its own for the test.
func New(t testing.TB) *World {
	t.Helper()
	site := webtest.Copied(t, "walk", func(t testing.TB, s *webtest.Site) {
		t.Helper()
		s.Load(t)
		w := &World{Site: s}
		w.fill(t)
		made = *w
	})
	w := made
	w.Site, w.sampled = site, map[sampled]string{}
	w.People = slices.Clone(made.People)
	return &w
}

// fill makes the two sides.
func (w *World) fill(t testing.TB) {
	t.Helper()
	w.second(t)
	w.people(t)
	w.exchange(t, w.All.Login, Side{w.Operator, w.Account}, "Tamarind")
	w.exchange(t, w.Stranger.Login, w.Second, Mark+" Partner")
	w.export(t, w.Stranger.Login, w.All.Login, w.Second)
	w.neighbours = Texts(t, w.LoaderDSN, `SELECT DISTINCT last_name FROM person_mention WHERE account_id = $1 AND length(last_name) > 4
		AND last_name NOT IN (SELECT last_name FROM person_mention WHERE account_id = $2)`, w.Other, w.Account)
	if len(w.neighbours) == 0 {
		t.Fatal("nobody stands in the data of the account next door only")
	}
}

// persons finds the last names of people in NM1 segments.
var persons = regexp.MustCompile(`NM1\*([0-9A-Z]{2,3})\*1\*`)

// second makes operator two, with an account into which all fixtures came, its patients renamed.
func (w *World) second(t testing.TB) {
	t.Helper()
	ctx := t.Context()
	err := w.DB.InSystem(ctx, accountstest.Actor, func(tx *storage.Tx) (err error) {
		w.Second.Operator, _, err = tx.NewOperator(ctx, Mark+" Clearing", "America/Chicago")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	w.Second.Account, err = w.Accounts.CreateAccount(ctx, accountstest.Actor, accounts.NewAccount{Operator: w.Second.Operator, Kind: "practice", Name: Mark + " Podiatry"})
	if err != nil {
		t.Fatal(err)
	}
	err = w.DB.InSystem(ctx, accountstest.Actor, func(tx *storage.Tx) error { return identify(ctx, tx, w.Second) })
	if err != nil {
		t.Fatal(err)
	}
	there := *w.Site
	world := *w.World
	world.Operator = w.Second.Operator
	there.World = &world
	for _, entry := range fixtures.Catalog() {
		content, err := fixtures.Open(entry.Name)
		if err != nil {
			t.Fatal(err)
		}
		there.Receive(t, Mark+" "+entry.Name, persons.ReplaceAll(content, []byte("NM1*$1*1*"+Mark)))
	}
}

// identify gives the account what both accounts of the fixtures are known by.
func identify(ctx context.Context, tx *storage.Tx, s Side) error {
	for _, from := range []fixtures.Account{fixtures.AccountA, fixtures.AccountB} {
		for kind, value := range map[string]string{"npi": from.NPI, "tin": from.TIN} {
			if err := tx.AddIdentifier(ctx, s.Operator, storage.Identifier{Account: s.Account, Kind: kind, Value: value}); err != nil {
				return err
			}
		}
	}
	return nil
}

// people adds a person for each role there is, and the two who hold all of a side.
func (w *World) people(t testing.TB) {
	t.Helper()
	all := func(login, name string, s Side) Person {
		w.AddUser(t, login, name, accounts.Grant{Role: accounts.RoleOwner, Operator: s.Operator}, accounts.Grant{Role: accounts.RoleAccountOwner, Account: s.Account})
		return Person{Login: login, Roles: []accounts.Role{accounts.RoleOwner, accounts.RoleAccountOwner}, Operator: true}
	}
	w.All = all("All.Here", "Alva Lindqvist", Side{w.Operator, w.Account})
	w.Stranger = all("All.There", Mark+" Owner", w.Second)
	w.People = append(w.People, w.All, Person{Login: w.Nobody})
	for _, role := range accounts.Roles() {
		operator := role.Operator()
		grant := accounts.Grant{Role: role, Account: w.Account}
		if operator {
			grant = accounts.Grant{Role: role, Operator: w.Operator}
		}
		login := "Role." + strings.ReplaceAll(string(role), "_", ".")
		w.AddUser(t, login, "Person of "+string(role), grant)
		w.People = append(w.People, Person{Login: login, Roles: []accounts.Role{role}, Operator: operator})
	}
}

// Leak returns a text in an answer that the person must not see, "" if there is none.
func (w *World) Leak(p Person, body string) string {
	if p.Login == w.Stranger.Login {
		return ""
	}
	if strings.Contains(strings.ToUpper(body), Mark) {
		return Mark
	}
	for _, name := range w.neighbours {
		if strings.Contains(body, name) {
			return name
		}
	}
	return ""
}
