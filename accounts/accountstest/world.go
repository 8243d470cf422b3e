// Package accountstest gives tests a database with an operator, two accounts and their people, and
// an accounts.Service on it whose clock the test sets.
//
//	world := accountstest.New(t)
//	signedIn := world.SignIn(t, world.Biller)
package accountstest

import (
	"context"
	"io"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/storage"
	"github.com/ediport/ediport/storage/cluster/clustertest"
	"github.com/ediport/ediport/storage/keys"
)

// Password is everybody's.
const Password = "quartz-lantern-otter-78"

// A World is a database with people. All of them have the password [Password].
type World struct {
	DB        *storage.DB
	Ring      *keys.Ring
	Accounts  *accounts.Service
	Clock     *Clock
	LoaderDSN string // sees everything: for what a test wants to check

	Operator       storage.OperatorID
	Unrouted       storage.AccountID
	Account, Other storage.AccountID // Lakeside Family Practice, Harbor Orthopedics
	Administrator  string            // of the operator
	Biller, Viewer string            // of Account
	OtherBiller    string            // of Other
	Both           string            // administrator, biller of Account, viewer of Other
	Nobody         string            // without any role
}

// A Clock is a clock that tests set. Safe for several goroutines.
type Clock struct {
	mu    sync.Mutex
	now   time.Time
	since time.Time // when it was let run; zero: it stands still
}

// Now returns the clock's time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.since.IsZero() {
		return c.now
	}
	return c.now.Add(time.Since(c.since).Truncate(time.Microsecond))
}

// Run lets the clock go on by itself, for worlds in which something works.
func (c *Clock) Run() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.since = time.Now()
}

// Advance sets the clock forward.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// CheapHash keeps tests fast; its costs are no example.
var CheapHash = accounts.HashParameters{MemoryKiB: 64, Passes: 1, Threads: 1}

// New returns a world of its own for the test.
func New(t testing.TB) *World {
	t.Helper()
	w := &World{Ring: keys.NewRing(), Clock: &Clock{now: time.Now().UTC().Truncate(time.Second)}}
	w.open(t, clustertest.Database(t, clustertest.Template(t, "accounts", migrate)))
	w.populate(t)
	return w
}

// migrate makes roles and schema in a database.
func migrate(dsn func(string) string) error {
	db, err := open(dsn, nil)
	if err != nil {
		return err
	}
	defer db.Close() //nolint:errcheck // nothing was written that could be lost
	if err := db.Setup(context.Background()); err != nil {
		return err
	}
	return db.Migrate(context.Background())
}

func open(dsn func(string) string, clock storage.Clock) (*storage.DB, error) {
	var key [32]byte
	copy(key[:], "a key for tests, known to all ...")
	return storage.Open(storage.Config{
		OwnerURL: dsn("ediport"), LoaderURL: dsn(storage.LoaderRole), AppURL: dsn(storage.AppRole),
		MaxConnections: 5, IDKeys: [][32]byte{key}, CursorKeys: [][32]byte{key}, Clock: clock,
	})
}

// Service returns another service on the world's database, with other costs of a hash.
func (w *World) Service(t testing.TB, hash accounts.HashParameters) *accounts.Service {
	t.Helper()
	return w.service(t, hash, true)
}

// Strict makes the world's service ask for second factors where roles and policies do, as in earnest. The
// people of a new world have none, and their tests are about other things.
func (w *World) Strict(t testing.TB) *World {
	t.Helper()
	w.Accounts = w.service(t, CheapHash, false)
	return w
}

// With changes the options of the world's service.
func (w *World) With(t testing.TB, change func(*accounts.Options)) *World {
	t.Helper()
	w.Accounts = w.service(t, CheapHash, true, change)
	return w
}

func (w *World) service(t testing.TB, hash accounts.HashParameters, factorsOptional bool, change ...func(*accounts.Options)) *accounts.Service {
	t.Helper()
	o := accounts.Options{
		FactorsOptional: factorsOptional,
		DB:              w.DB, Ring: w.Ring, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Hash: hash, Now: w.Clock.Now, WorkBits: workBits,
	}
	for _, c := range change {
		c(&o)
	}
	s, err := accounts.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Actor is who the tests act as when nobody signed in does it.
var Actor = storage.Actor{Kind: storage.ActorCLI}

func (w *World) populate(t testing.TB) {
	t.Helper()
	ctx := t.Context()
	err := w.DB.InSystem(ctx, Actor, func(tx *storage.Tx) error {
		var err error
		w.Operator, w.Unrouted, err = tx.NewOperator(ctx, "Northwind Exchange", "America/New_York")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	w.Account = w.addAccount(t, "Lakeside Family Practice")
	w.Other = w.addAccount(t, "Harbor Orthopedics")
	admin := accounts.Grant{Role: accounts.RoleAdministrator, Operator: w.Operator}
	w.Administrator = w.AddUser(t, "Ada.Admin", "Ada Marchetti", admin)
	w.Biller = w.AddUser(t, "Bea.Biller", "Beatrix Lindqvist", accounts.Grant{Role: accounts.RoleBiller, Account: w.Account})
	w.Viewer = w.AddUser(t, "Vic.Viewer", "Victor Okafor", accounts.Grant{Role: accounts.RoleViewer, Account: w.Account})
	w.OtherBiller = w.AddUser(t, "Olga.Other", "Olga Brandvold", accounts.Grant{Role: accounts.RoleBiller, Account: w.Other})
	w.Both = w.AddUser(t, "Bo.Both", "Bo Castellano", admin,
		accounts.Grant{Role: accounts.RoleBiller, Account: w.Account}, accounts.Grant{Role: accounts.RoleViewer, Account: w.Other})
	w.Nobody = w.AddUser(t, "Nils.Nobody", "Nils Aaltonen")
}

func (w *World) addAccount(t testing.TB, name string) storage.AccountID {
	t.Helper()
	id, err := w.Accounts.CreateAccount(t.Context(), Actor, accounts.NewAccount{Operator: w.Operator, Kind: "practice", Name: name})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// AddUser adds a user with the password [Password] and returns the user id.
func (w *World) AddUser(t testing.TB, login, name string, grants ...accounts.Grant) string {
	t.Helper()
	_, err := w.Accounts.AddUser(t.Context(), Actor, accounts.NewUser{
		Login: login, Name: name, Email: login + "@example.org", Password: Password, Grants: grants,
	})
	if err != nil {
		t.Fatal(err)
	}
	return login
}

// SignIn signs a user in and returns the session.
func (w *World) SignIn(t testing.TB, login string) accounts.SignedIn {
	t.Helper()
	signedIn, err := w.Accounts.SignIn(t.Context(), accounts.Credentials{Name: login, Password: Password}, accounts.Origin{Address: "192.0.2.7"})
	if err != nil {
		t.Fatal(err)
	}
	return signedIn
}

// Principal signs a user in and returns who asks then.
func (w *World) Principal(t testing.TB, login string) *accounts.Principal {
	t.Helper()
	p, err := w.Accounts.Authenticate(t.Context(), w.SignIn(t, login).Token, accounts.Origin{Address: "192.0.2.7"})
	if err != nil {
		t.Fatal(err)
	}
	return p
}
