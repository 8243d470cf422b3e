package storage

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// The names of the two roles that Setup makes.
const (
	LoaderRole = "ediport_loader"
	AppRole    = "ediport_app"
)

// roleSettings are limits that the server keeps itself: a cancelled request is noticed at best, an
// abandoned statement or transaction never. The loader's transactions last as long as their file. A
// machine that was cut off is noticed within half a minute, and its locks are free.
var roleSettings = map[string][]string{
	AppRole:    {"statement_timeout=30s", "lock_timeout=10s", "idle_in_transaction_session_timeout=60s", keepIdle, keepInterval, keepCount},
	LoaderRole: {"statement_timeout=0", "lock_timeout=60s", "idle_in_transaction_session_timeout=15min", keepIdle, keepInterval, keepCount},
}

const (
	keepIdle     = "tcp_keepalives_idle=10"
	keepInterval = "tcp_keepalives_interval=5"
	keepCount    = "tcp_keepalives_count=3"
)

// Setup makes the loader's and the application's role, with the passwords of their URLs if these have
// any, makes the loader a member of the owner, and sets both roles' limits. It needs the owner's URL,
// and there the right to create roles. It can be repeated; what is as it should be is not touched.
func (db *DB) Setup(ctx context.Context) error {
	return db.withMigrateLock(ctx, func() error {
		for _, role := range []struct{ name, url string }{{LoaderRole, db.cfg.LoaderURL}, {AppRole, db.cfg.AppURL}} {
			if err := createRole(ctx, db.owner, role.name, passwordOf(role.url)); err != nil {
				return fmt.Errorf("storage: setup: role %s: %w", role.name, err)
			}
		}
		if err := joinOwner(ctx, db.owner); err != nil {
			return fmt.Errorf("storage: setup: membership of %s: %w", LoaderRole, err)
		}
		return nil
	})
}

// Roles belong to the whole server, the lock to one database: another database's set-up may be first.
const createRoleSQL = `
DO $do$ BEGIN
	IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '%[1]s') THEN
		CREATE ROLE %[1]s LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;
	END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $do$`

func createRole(ctx context.Context, pool *sqlx.DB, name, password string) error {
	if _, err := pool.ExecContext(ctx, fmt.Sprintf(createRoleSQL, name)); err != nil {
		return cleanError(err)
	}
	if password != "" {
		if _, err := pool.ExecContext(ctx, `ALTER ROLE `+name+` PASSWORD `+pq.QuoteLiteral(password)); err != nil {
			return cleanError(err)
		}
	}
	var have pq.StringArray
	if err := pool.GetContext(ctx, &have, `SELECT coalesce(rolconfig, '{}') FROM pg_roles WHERE rolname = $1`, name); err != nil {
		return cleanError(err)
	}
	for _, setting := range roleSettings[name] {
		if containsText(have, setting) {
			continue
		}
		key, value, _ := strings.Cut(setting, "=")
		if err := alterRole(ctx, pool, `ALTER ROLE `+name+` SET `+key+` = `+pq.QuoteLiteral(value)); err != nil {
			return err
		}
	}
	return nil
}

// alterRole repeats a statement that met the same one of another database's set-up.
func alterRole(ctx context.Context, pool *sqlx.DB, statement string) error {
	for {
		_, err := pool.ExecContext(ctx, statement)
		var p *pq.Error
		if errors.As(err, &p) && (p.Code == "XX000" && strings.Contains(p.Message, "concurrently updated") || p.Code == "23505") {
			continue // the second time there is nothing to do, or it goes through
		}
		return cleanError(err)
	}
}

func containsText(all []string, s string) bool {
	for _, a := range all {
		if a == s {
			return true
		}
	}
	return false
}

const selectOwnerFacts = `
SELECT r.rolname AS name, pg_has_role('ediport_loader', r.oid, 'USAGE') AS joined,
	current_setting('server_version_num')::int AS version
FROM pg_roles r
WHERE r.rolname = current_user`

func joinOwner(ctx context.Context, pool *sqlx.DB) error {
	var owner struct {
		Name    string `db:"name"`
		Joined  bool   `db:"joined"`
		Version int    `db:"version"`
	}
	if err := pool.GetContext(ctx, &owner, selectOwnerFacts); err != nil {
		return cleanError(err)
	}
	if owner.Joined {
		return nil
	}
	grant := `GRANT ` + pq.QuoteIdentifier(owner.Name) + ` TO ` + LoaderRole
	if owner.Version >= 160000 {
		grant += ` WITH INHERIT TRUE, SET FALSE` // the owner's rights on tables, not its place
	}
	err := alterRole(ctx, pool, grant)
	var said *Error
	if errors.As(err, &said) && said.Code == "42501" { // since Postgres 16 nobody may give away their own role
		return fmt.Errorf("this needs an administrator of the database server, once: %s; then run `ediport db setup` again", grant)
	}
	return err
}

// requireRoles says what to do when the roles are missing.
func (db *DB) requireRoles(ctx context.Context) error {
	var n int
	err := db.owner.GetContext(ctx, &n, `SELECT count(*) FROM pg_roles WHERE rolname IN ($1, $2)`, LoaderRole, AppRole)
	if err != nil {
		return fmt.Errorf("storage: roles: %w", cleanError(err))
	}
	if n < 2 {
		return errors.New("storage: the database roles ediport_loader and ediport_app are missing: run `ediport db setup` first")
	}
	return nil
}

func passwordOf(dsn string) string {
	u, err := url.Parse(dsn)
	if err != nil || u.User == nil {
		return ""
	}
	password, _ := u.User.Password()
	return password
}
