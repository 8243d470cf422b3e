package storage_test

import (
	"context"
	"testing"

	"github.com/jmoiron/sqlx"
)

// ownerStrings reads as the owner, past row-level security.
func ownerStrings(ctx context.Context, t *testing.T, url, query string) []string {
	t.Helper()
	db, err := sqlx.ConnectContext(ctx, "postgres", url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // was only read
	var out []string
	if err := db.SelectContext(ctx, &out, query); err != nil {
		t.Fatal(err)
	}
	return out
}
