package storage

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jmoiron/sqlx"
	_ "github.com/lib/pq" // the driver named "postgres"
)

// A Config says where the database is and what else the store needs. URLs are lib/pq's: a postgres://
// URL or keywords.
type Config struct {
	OwnerURL   string // owns the schema; needed by Setup and Migrate, may be empty elsewhere
	LoaderURL  string // a member of the owner, for COPY
	AppURL     string // bound by row-level security
	ReplicaURL string // a streaming replica, as AppURL's role; "" if there is none, see [PreferReplica]
	DirectURL  string // a URL that goes around a connection pooler; "" if there is none, then the loader's

	MaxConnections int // of each of the two pools, 0: 10

	IDKeys     [][32]byte // of public ids, the current one first
	CursorKeys [][32]byte // of cursors, the current one first

	Clock Clock        // nil: the system's
	Log   *slog.Logger // nil: none
}

// A DB is the store. It is safe for several goroutines.
type DB struct {
	cfg     Config
	owner   *sqlx.DB // nil without OwnerURL
	loader  *sqlx.DB
	app     *sqlx.DB
	replica *replica // nil without ReplicaURL
	ids     *IDs
	public  *PublicIDs
	cursors *Cursors
	clock   Clock
	log     *slog.Logger
	wires   sync.Map // by the place they lead to, see [DB.wiresTo]
	session string   // application_name of all sessions, by which other nodes end them if this process hangs
}

// Open opens the pools without connecting. Call [DB.Check] before serving.
func Open(cfg Config) (*DB, error) {
	if cfg.LoaderURL == "" || cfg.AppURL == "" {
		return nil, errors.New("storage: the loader's and the application's database URL are needed; `ediport db setup` makes both roles")
	}
	if cfg.MaxConnections == 0 {
		cfg.MaxConnections = 10
	}
	db := &DB{
		cfg: cfg, clock: cfg.Clock, log: cfg.Log,
		public: NewPublicIDs(cfg.IDKeys...), cursors: NewCursors(cfg.CursorKeys...),
		session: sessionName(),
	}
	if db.clock == nil {
		db.clock = systemClock{}
	}
	if db.log == nil {
		db.log = slog.New(slog.DiscardHandler)
	}
	pools := []struct {
		url      string
		max      int
		patience time.Duration
		pool     **sqlx.DB
	}{
		{cfg.OwnerURL, 2, noLimit, &db.owner},
		{cfg.LoaderURL, cfg.MaxConnections, loaderPatience, &db.loader},
		{cfg.AppURL, cfg.MaxConnections, appPatience, &db.app},
	}
	for _, p := range pools {
		if p.url == "" {
			continue
		}
		pool, err := db.openPool(p.url, p.max, p.patience)
		if err != nil {
			return nil, errors.Join(err, db.Close())
		}
		*p.pool = pool
	}
	if cfg.ReplicaURL != "" {
		var err error
		if db.replica, err = db.newReplica(); err != nil {
			return nil, errors.Join(err, db.Close())
		}
	}
	// Ids have a pool of their own: a transaction that waits for a block while it holds a connection of
	// a full pool would wait for itself.
	idPool, err := db.openPool(cfg.AppURL, 2, idPatience)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	db.ids = newIDs(idPool)
	return db, nil
}

// Close closes the pools.
func (db *DB) Close() error {
	var errs []error
	for _, p := range []*sqlx.DB{db.owner, db.loader, db.app} {
		if p != nil {
			errs = append(errs, p.Close())
		}
	}
	if db.replica != nil {
		errs = append(errs, db.replica.pool.Close())
	}
	if db.ids != nil {
		errs = append(errs, db.ids.pool.Close())
	}
	return errors.Join(errs...)
}

// IDs returns the allocator of row ids.
func (db *DB) IDs() *IDs { return db.ids }

// PublicIDs returns the codec of the ids that people and programs see.
func (db *DB) PublicIDs() *PublicIDs { return db.public }

// Cursors returns the codec of list positions.
func (db *DB) Cursors() *Cursors { return db.cursors }

// Now returns the clock's time, in UTC.
func (db *DB) Now() time.Time { return db.clock.Now().UTC() }

// DirectURL returns the URL for what needs a session of its own: River, the elector, listeners.
func (db *DB) DirectURL() string {
	if db.cfg.DirectURL != "" {
		return db.cfg.DirectURL
	}
	return db.cfg.LoaderURL
}

// sessionName makes the name that a process's sessions bear.
func sessionName() string {
	var random [6]byte
	_, _ = rand.Read(random[:]) // never fails
	return "ediport-" + hex.EncodeToString(random[:])
}

// Check connects and refuses roles that would undo the tenancy: an application role that is
// superuser, bypasses row-level security or has the rights of the tables' owner, and a loader that
// hasn't them.
func (db *DB) Check(ctx context.Context) error {
	if err := checkBound(ctx, db.app); err != nil {
		return fmt.Errorf("storage: application role: %w", err)
	}
	if db.replica != nil {
		if err := checkBound(ctx, db.replica.pool); err != nil && !lost(err) { // a replica may be away
			return fmt.Errorf("storage: role at the replica: %w", err)
		}
	}
	loader, err := roleFacts(ctx, db.loader)
	if err != nil {
		return fmt.Errorf("storage: loader role: %w", err)
	}
	if loader.Tables && !loader.OwnsTables {
		return fmt.Errorf("storage: the loader's database role %q must be a member of the tables' owner; `ediport db setup` makes it one", loader.Name)
	}
	return nil
}

// checkBound refuses a role that row-level security does not bind.
func checkBound(ctx context.Context, pool *sqlx.DB) error {
	role, err := roleFacts(ctx, pool)
	if err != nil {
		return err
	}
	if role.Superuser || role.BypassRLS || role.OwnsTables {
		return &unboundError{role.Name}
	}
	return nil
}

type unboundError struct{ role string }

func (e *unboundError) Error() string {
	return fmt.Sprintf("the role %q must not be a superuser, bypass row-level security or own the tables; `ediport db setup` makes one", e.role)
}

// lost tells whether an error says nothing about the role.
func lost(err error) bool {
	_, unbound := errors.AsType[*unboundError](err)
	return !unbound
}

type roleFact struct {
	Name       string `db:"name"`
	Superuser  bool   `db:"superuser"`
	BypassRLS  bool   `db:"bypass_rls"`
	Tables     bool   `db:"tables"`
	OwnsTables bool   `db:"owns_tables"`
}

const selectRoleFacts = `
SELECT current_user AS name, r.rolsuper AS superuser, r.rolbypassrls AS bypass_rls,
	EXISTS (SELECT 1 FROM pg_tables t WHERE t.schemaname = current_schema()) AS tables,
	EXISTS (SELECT 1 FROM pg_tables t WHERE t.schemaname = current_schema()
		AND pg_has_role(current_user, t.tableowner, 'USAGE')) AS owns_tables
FROM pg_roles r
WHERE r.rolname = current_user`

func roleFacts(ctx context.Context, pool *sqlx.DB) (roleFact, error) {
	var f roleFact
	err := pool.GetContext(ctx, &f, selectRoleFacts)
	return f, cleanError(err)
}
