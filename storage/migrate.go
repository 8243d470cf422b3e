package storage

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"

	"github.com/jackc/pgx/v5"
	"github.com/jmoiron/sqlx"
	"github.com/pressly/goose/v3"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// migrateLock is the key of the advisory lock under which one process at a time migrates.
const migrateLock = 0x65646970_6f7274 // "ediport"

var errNoOwner = errors.New("storage: the owner's database URL is needed for this")

// Migrate brings the schema to this release: our migrations, then River's, under one advisory lock.
// The roles must be there, see [DB.Setup]. It is safe to call from several processes at once.
func (db *DB) Migrate(ctx context.Context) error {
	return db.withMigrateLock(ctx, func() error {
		if err := db.requireRoles(ctx); err != nil {
			return err
		}
		provider, err := migrations(db.owner)
		if err != nil {
			return err
		}
		results, err := provider.Up(ctx)
		if err != nil {
			return fmt.Errorf("storage: migrate: %w", cleanError(err))
		}
		if len(results) > 0 {
			db.log.Info("database migrated", "steps", len(results))
		}
		return db.migrateRiver(ctx)
	})
}

func migrations(pool *sqlx.DB) (*goose.Provider, error) {
	files, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		return nil, fmt.Errorf("storage: migrations: %w", err)
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, pool.DB, files)
	if err != nil {
		return nil, fmt.Errorf("storage: migrations: %w", err)
	}
	return provider, nil
}

// withMigrateLock holds the lock on a connection of its own while fn works on others.
func (db *DB) withMigrateLock(ctx context.Context, fn func() error) error {
	if db.owner == nil {
		return errNoOwner
	}
	conn, err := db.owner.Connx(ctx)
	if err != nil {
		return fmt.Errorf("storage: connect: %w", cleanError(err))
	}
	defer func() { _ = conn.Close() }()
	if _, err := conn.ExecContext(ctx, `SELECT pg_advisory_lock($1)`, int64(migrateLock)); err != nil {
		return fmt.Errorf("storage: migrate lock: %w", cleanError(err))
	}
	defer func() {
		_, _ = conn.ExecContext(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock($1)`, int64(migrateLock))
	}()
	return fn()
}

func (db *DB) riverMigrator(ctx context.Context, dsn string) (m *rivermigrate.Migrator[pgx.Tx], closePool func(), err error) {
	pool, err := openPgx(ctx, dsn, db.session, 2, noLimit, db.log)
	if err != nil {
		return nil, nil, err
	}
	m, err = rivermigrate.New(riverpgxv5.New(pool), &rivermigrate.Config{Logger: slog.New(warnings{db.log.Handler()})})
	if err != nil {
		pool.Close()
		return nil, nil, fmt.Errorf("storage: queue migrations: %w", err)
	}
	return m, pool.Close, nil
}

func (db *DB) migrateRiver(ctx context.Context) error {
	m, closePool, err := db.riverMigrator(ctx, db.cfg.OwnerURL)
	if err != nil {
		return err
	}
	defer closePool()
	if _, err := m.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("storage: migrate queue: %w", err)
	}
	return nil
}

// A Status says how far the schema is.
type Status struct {
	Version  int64 `json:"version"`   // of our migrations, 0: empty database
	Latest   int64 `json:"latest"`    // that this release knows
	Queue    int   `json:"queue"`     // version of River's migrations
	QueueLag int   `json:"queue_lag"` // of River's migrations to come
}

// Current tells whether the schema is this release's, or newer.
func (s Status) Current() bool { return s.Version >= s.Latest && s.QueueLag == 0 }

// Status reads how far the schema is. The loader may do so too, where the owner's URL is not given.
func (db *DB) Status(ctx context.Context) (Status, error) {
	pool, direct := db.owner, db.cfg.OwnerURL
	if pool == nil {
		pool, direct = db.loader, db.DirectURL()
	}
	provider, err := migrations(pool)
	if err != nil {
		return Status{}, err
	}
	var s Status
	s.Version, s.Latest, err = provider.GetVersions(ctx)
	if err != nil {
		return Status{}, fmt.Errorf("storage: status: %w", cleanError(err))
	}
	m, closePool, err := db.riverMigrator(ctx, direct)
	if err != nil {
		return Status{}, err
	}
	defer closePool()
	done, err := m.ExistingVersions(ctx)
	if err != nil {
		return Status{}, fmt.Errorf("storage: queue status: %w", err)
	}
	for _, v := range done {
		s.Queue = max(s.Queue, v.Version)
	}
	s.QueueLag = len(m.AllVersions()) - len(done)
	return s, nil
}

// warnings passes on a library's warnings and errors: what it does in order is our affair.
type warnings struct{ slog.Handler }

func (w warnings) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && w.Handler.Enabled(ctx, level)
}

func (w warnings) WithAttrs(attrs []slog.Attr) slog.Handler {
	return warnings{w.Handler.WithAttrs(attrs)}
}
func (w warnings) WithGroup(name string) slog.Handler { return warnings{w.Handler.WithGroup(name)} }

// A Sealed says under which master keys the database's secrets and files are.
type Sealed struct {
	InUse  bool     // there is an operator, so something may be sealed
	KeyIDs []string // of the last file of each operator that has one
}

const selectSealed = `
SELECT coalesce((
	SELECT f.key_id
	FROM file f
	WHERE f.operator_id = o.operator_id AND f.key_id IS NOT NULL
	ORDER BY f.id DESC
	LIMIT 1), '')
FROM operator o`

// Sealed tells what a master key must open, so that a start with another one can be refused. An empty database is no error.
func (db *DB) Sealed(ctx context.Context) (Sealed, error) {
	pool := db.owner
	if pool == nil {
		pool = db.loader
	}
	var s Sealed
	var there bool
	if err := pool.GetContext(ctx, &there, `SELECT to_regclass('operator') IS NOT NULL AND to_regclass('file') IS NOT NULL`); err != nil {
		return s, fmt.Errorf("storage: sealed: %w", cleanError(err))
	}
	if !there {
		return s, nil
	}
	var ids []string
	if err := pool.SelectContext(ctx, &ids, selectSealed); err != nil {
		return s, fmt.Errorf("storage: sealed: %w", cleanError(err))
	}
	s.InUse = len(ids) > 0
	for _, id := range ids {
		if id != "" {
			s.KeyIDs = append(s.KeyIDs, id)
		}
	}
	return s, nil
}
