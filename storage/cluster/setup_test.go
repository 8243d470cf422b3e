package cluster_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/ediport/ediport/storage/cluster"
	"github.com/ediport/ediport/storage/cluster/clustertest"
)

// limit is generous: it only ends what would hang.
const limit = 90 * time.Second

func TestMain(m *testing.M) {
	if spec := os.Getenv(childEnv); spec != "" {
		if err := runChild(spec); err != nil {
			fmt.Println("error:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	code := m.Run()
	if seed.dir != "" {
		os.RemoveAll(seed.dir)
	}
	os.Exit(code)
}

// tempFolder is t.TempDir, but passable for the server's user.
func tempFolder(t testing.TB) string {
	t.Helper()
	dir, err := clustertest.Dir()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

var seed struct {
	once sync.Once
	dir  string
	err  error
}

// seededFolder returns a data folder with a stopped cluster whose database "kept" has one row in
// table kept: a copy of one made once, because initdb takes a second.
func seededFolder(t testing.TB) string {
	t.Helper()
	seed.once.Do(func() {
		if seed.dir, seed.err = clustertest.Dir(); seed.err == nil {
			seed.err = makeSeed(seed.dir)
		}
	})
	var missing *cluster.MissingError
	if errors.As(seed.err, &missing) && os.Getenv("CI") != "true" {
		t.Skipf("no Postgres: %v", missing)
	}
	if seed.err != nil {
		t.Fatal(seed.err)
	}
	dir := tempFolder(t)
	if out, err := exec.Command("cp", "-a", filepath.Join(seed.dir, "postgres"), dir).CombinedOutput(); err != nil {
		t.Fatalf("copying the seed: %v: %s", err, out)
	}
	return dir
}

func makeSeed(dir string) error {
	c, err := cluster.Open(context.Background(), cluster.Options{Dir: dir, NoSync: true})
	if err != nil {
		return err
	}
	if err := c.EnsureDatabase(context.Background(), "kept"); err != nil {
		return err
	}
	db, err := sql.Open("postgres", c.DSN("kept", "ediport"))
	if err != nil {
		return err
	}
	_, err = db.Exec("CREATE TABLE kept AS SELECT 1 AS n")
	return errors.Join(err, db.Close(), c.Stop(context.Background()))
}

// open opens the cluster and stops it when the test ends.
func open(t testing.TB, opts cluster.Options) *cluster.Cluster {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	c, err := cluster.Open(ctx, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, c) })
	return c
}

func stop(t testing.TB, c *cluster.Cluster) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	if err := c.Stop(ctx); err != nil {
		t.Error(err)
	}
}

func connect(t testing.TB, c *cluster.Cluster, database string) *sql.DB {
	t.Helper()
	db, err := sql.Open("postgres", c.DSN(database, "ediport"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// wantRows checks that the committed rows are there.
func wantRows(t testing.TB, c *cluster.Cluster, want int) {
	t.Helper()
	db := connect(t, c, "kept")
	defer db.Close()
	var got int
	if err := db.QueryRow("SELECT count(*) FROM kept").Scan(&got); err != nil || got != want {
		t.Errorf("rows kept: %d (%v), want %d", got, err, want)
	}
}

func addRow(t testing.TB, c *cluster.Cluster) {
	t.Helper()
	db := connect(t, c, "kept")
	defer db.Close()
	if _, err := db.Exec("INSERT INTO kept VALUES (2)"); err != nil {
		t.Fatal(err)
	}
}

// eventually waits for something that another process does.
func eventually(t testing.TB, what string, ask func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	end := time.After(limit)
	for !ask() {
		select {
		case <-tick.C:
		case <-end:
			t.Fatalf("%s did not come about", what)
		}
	}
}

// processesOf returns the living processes whose command line or working folder names dir.
func processesOf(t testing.TB, dir string) []int {
	t.Helper()
	if _, err := os.Stat("/proc/self/cmdline"); err != nil {
		t.Skip("needs /proc")
	}
	entries, err := os.ReadDir("/proc")
	if err != nil {
		t.Fatal(err)
	}
	var pids []int
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil || pid == os.Getpid() {
			continue
		}
		cmdline, _ := os.ReadFile(filepath.Join("/proc", e.Name(), "cmdline"))
		cwd, _ := os.Readlink(filepath.Join("/proc", e.Name(), "cwd"))
		if strings.Contains(string(cmdline), dir) || strings.HasPrefix(cwd, dir) {
			pids = append(pids, pid)
		}
	}
	return pids
}

func wantNoProcess(t testing.TB, dir string) {
	t.Helper()
	if pids := processesOf(t, dir); len(pids) > 0 {
		t.Errorf("processes left running on the folder: %v", pids)
	}
}

func statUID(t testing.TB, path string) uint32 {
	t.Helper()
	st, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return st.Sys().(*syscall.Stat_t).Uid
}
