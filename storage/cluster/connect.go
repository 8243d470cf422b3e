package cluster

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/lib/pq"
)

// DSN returns what lib/pq needs to reach a database as one of [Roles]: the Unix socket, no password,
// parameters in the same message as their statement (what a pooler between transactions needs).
func (c *Cluster) DSN(database, user string) string {
	return fmt.Sprintf("host=%s port=%s dbname=%s user=%s sslmode=disable binary_parameters=yes",
		quoteDSN(c.socket), port, quoteDSN(database), quoteDSN(user))
}

// URL returns the same place as a URL that pgx, lib/pq and psql understand.
func (c *Cluster) URL(database, user string) string {
	q := url.Values{"host": {c.socket}, "port": {port}, "user": {user}, "sslmode": {"disable"}}
	return (&url.URL{Scheme: "postgres", Path: "/" + database, RawQuery: q.Encode()}).String()
}

func quoteDSN(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}

// EnsureDatabase creates the database if it does not exist, owned by the cluster's owner. Two
// processes may do so at once.
func (c *Cluster) EnsureDatabase(ctx context.Context, name string) error {
	db, err := sql.Open("postgres", c.DSN("postgres", superuser))
	if err != nil {
		return fmt.Errorf("database %s: %w", name, err)
	}
	defer db.Close()
	var exists bool
	if err := db.QueryRowContext(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name).Scan(&exists); err != nil {
		return fmt.Errorf("database %s: %w", name, err)
	}
	if exists {
		return nil
	}
	if _, err := db.ExecContext(ctx, "CREATE DATABASE "+pq.QuoteIdentifier(name)); err != nil && !alreadyThere(err) {
		return fmt.Errorf("creating database %s: %w", name, err)
	}
	return nil
}

// alreadyThere tells whether somebody else created the database in the same moment.
func alreadyThere(err error) bool {
	var e *pq.Error
	return errors.As(err, &e) && (e.Code == "42P04" || e.Code == "23505")
}
