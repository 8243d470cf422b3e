// Package clustertest gives tests a real Postgres: one private cluster per test process, started at
// the first call, and a fresh database per test.
//
//	func TestMain(m *testing.M) { clustertest.Main(m) }
//
//	func TestLoad(t *testing.T) {
//		dsn := clustertest.Database(t)
//		db, err := sql.Open("postgres", dsn("ediport"))
//		…
//	}
//
// Main is optional: it stops the server and removes its folder at the end. Without it, or when the
// process is killed, the kernel stops the server (Linux), and the next test process sweeps the folder.
// Durability is off.
package clustertest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/lib/pq"

	"github.com/ediport/ediport/storage/cluster"
)

// shared is the cluster of this process.
var shared struct {
	once    sync.Once
	cluster *cluster.Cluster
	err     error
	dir     string
}

var (
	databases atomic.Int64
	templates sync.Map // name → *template
)

// Main runs the tests of a package, then stops the cluster and removes its folder. It does not return.
func Main(m *testing.M) {
	code := m.Run()
	if err := Stop(); err != nil {
		fmt.Fprintln(os.Stderr, "stopping the tests' Postgres:", err)
		code = max(code, 1)
	}
	os.Exit(code)
}

// Stop stops the cluster of this process, if it was started, and removes its folder: for packages
// whose TestMain has more to do than [Main].
func Stop() error {
	if shared.cluster == nil {
		return nil
	}
	return errors.Join(shared.cluster.Stop(context.Background()), os.RemoveAll(shared.dir))
}

// Open returns the cluster of this test process, started at the first call. Without Postgres on the
// machine the test is skipped, and fails under CI=true.
func Open(t testing.TB) *cluster.Cluster {
	t.Helper()
	shared.once.Do(start)
	var missing *cluster.MissingError
	if errors.As(shared.err, &missing) && os.Getenv("CI") != "true" {
		t.Skipf("no Postgres: %v", missing)
	}
	if shared.err != nil {
		t.Fatalf("starting the tests' Postgres: %v", shared.err)
	}
	return shared.cluster
}

func start() {
	sweep()
	if shared.dir, shared.err = Dir(); shared.err != nil {
		return
	}
	shared.cluster, shared.err = cluster.Open(context.Background(), cluster.Options{
		Dir: shared.dir, NoSync: true,
		Settings: map[string]string{"shared_buffers": "64MB", "max_connections": "400"},
	})
	if shared.err != nil {
		_ = os.RemoveAll(shared.dir)
	}
}

const dirPrefix = "ediport-test-"

// Dir makes a new temporary folder that a cluster can live in: one that the server's unprivileged
// user can reach when the tests run as root. The caller removes it; t.TempDir is not fit.
func Dir() (string, error) {
	dir, err := os.MkdirTemp("", fmt.Sprintf("%s%d-", dirPrefix, os.Getpid()))
	if err != nil {
		return "", err
	}
	if os.Geteuid() == 0 {
		return dir, os.Chmod(dir, 0o711)
	}
	return dir, nil
}

// sweep removes the folders of test processes that were killed.
func sweep() {
	dirs, _ := filepath.Glob(filepath.Join(os.TempDir(), dirPrefix+"*"))
	for _, dir := range dirs {
		var pid int
		_, err := fmt.Sscanf(filepath.Base(dir), dirPrefix+"%d-", &pid)
		if err == nil && errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) && cluster.Abandoned(dir) {
			_ = os.RemoveAll(dir)
		}
	}
}

// Database creates a fresh database, dropped when the test ends, and returns the address of it
// for a role ("ediport", "ediport_loader", "ediport_app"), as lib/pq wants it. It is a copy of the
// template, if one is named (see [Template]), else empty.
func Database(t testing.TB, template ...string) (dsn func(user string) string) {
	t.Helper()
	c, name := NewDatabase(t, template...)
	return func(user string) string { return c.DSN(name, user) }
}

// NewDatabase is like [Database] and returns the cluster and the database's name, from which
// addresses in other forms are made.
func NewDatabase(t testing.TB, template ...string) (*cluster.Cluster, string) {
	t.Helper()
	c := Open(t)
	name := fmt.Sprintf("test_%d", databases.Add(1))
	from := "template1"
	if len(template) > 0 {
		from = template[0]
	}
	mustExec(t, c, createCopy(name, from))
	t.Cleanup(func() { mustExec(t, c, "DROP DATABASE "+pq.QuoteIdentifier(name)+" WITH (FORCE)") })
	return c, name
}

// createCopy copies files: with durability off twice as fast as the other strategy, by the log.
func createCopy(name, template string) string {
	return "CREATE DATABASE " + pq.QuoteIdentifier(name) + " TEMPLATE " + pq.QuoteIdentifier(template) + " STRATEGY file_copy"
}

type template struct {
	once sync.Once
	err  error
}

// Template makes a database once per test process, by calling prepare (migrations, say) with its
// addresses, and returns its name for [Database]. prepare must close its connections.
func Template(t testing.TB, name string, prepare func(dsn func(user string) string) error) string {
	t.Helper()
	c := Open(t)
	database := "template_" + name
	v, _ := templates.LoadOrStore(name, new(template))
	tmpl := v.(*template)
	tmpl.once.Do(func() {
		if tmpl.err = c.EnsureDatabase(t.Context(), database); tmpl.err == nil {
			tmpl.err = prepare(func(user string) string { return c.DSN(database, user) })
		}
	})
	if tmpl.err != nil {
		t.Fatalf("preparing the template database %s: %v", name, tmpl.err)
	}
	return database
}

func mustExec(t testing.TB, c *cluster.Cluster, statement string) {
	t.Helper()
	db, err := sql.Open("postgres", c.DSN("postgres", "ediport"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}
