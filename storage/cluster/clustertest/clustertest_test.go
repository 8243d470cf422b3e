package clustertest

import (
	"bufio"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/ediport/ediport/storage/cluster"
)

// holdEnv makes the test binary a test process that is going to be killed.
const holdEnv = "EDIPORT_TEST_HOLD"

func TestMain(m *testing.M) {
	if os.Getenv(holdEnv) != "" {
		hold()
	}
	Main(m)
}

// hold starts the cluster, says so, and waits to be killed.
func hold() {
	shared.once.Do(start)
	if shared.err != nil {
		fmt.Println(shared.err)
		os.Exit(1)
	}
	fmt.Println("held", shared.dir)
	_, _ = io.Copy(io.Discard, os.Stdin)
	_ = Stop()
	os.Exit(0)
}

func openDB(t testing.TB, address string) *sql.DB {
	t.Helper()
	db, err := sql.Open("postgres", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func makeNumbers(dsn func(user string) string) error {
	db, err := sql.Open("postgres", dsn("ediport"))
	if err != nil {
		return err
	}
	_, err = db.Exec("CREATE TABLE number AS SELECT 1 AS n")
	return errors.Join(err, db.Close())
}

func TestDatabasesAreSeparate(t *testing.T) {
	for range 2 {
		db := openDB(t, Database(t, Template(t, "numbers", makeNumbers))("ediport"))
		var count int
		if err := db.QueryRow("SELECT count(*) FROM number").Scan(&count); err != nil || count != 1 {
			t.Errorf("rows in a fresh copy of the template: %d (%v), want 1", count, err)
		}
		if _, err := db.Exec("INSERT INTO number VALUES (2)"); err != nil {
			t.Error(err)
		}
	}
	if err := openDB(t, Database(t)("ediport")).QueryRow("SELECT FROM number").Scan(); err == nil {
		t.Error("a database without template has the template's table")
	}
}

func TestDatabaseIsDroppedWithTheTest(t *testing.T) {
	var name string
	t.Run("user", func(t *testing.T) {
		c, n := NewDatabase(t)
		name = n
		openDB(t, c.DSN(n, "ediport")) // left open until the cleanup
	})
	var exists bool
	db := openDB(t, Open(t).DSN("postgres", "ediport"))
	if err := db.QueryRow("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name).Scan(&exists); err != nil || exists {
		t.Errorf("database %s exists: %v (%v)", name, exists, err)
	}
}

// A test process that is killed leaves no server, and its folder goes with the next one's start.
func TestKilledProcessLeavesNothing(t *testing.T) {
	Open(t) // skips without Postgres
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), holdEnv+"=1")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer stdin.Close()
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	dir := readHeld(t, stdout)
	sweep()
	if _, err := os.Stat(dir); err != nil {
		t.Errorf("the folder of a living test process was swept: %v", err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	waitAbandoned(t, dir)
	sweep()
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folder after the sweep: %v", err)
	}
}

func readHeld(t *testing.T, stdout io.Reader) (dir string) {
	t.Helper()
	line, err := bufio.NewReader(stdout).ReadString('\n')
	dir, ok := strings.CutPrefix(strings.TrimSpace(line), "held ")
	if !ok {
		t.Fatalf("the other test process did not start its cluster: %q %v", line, err)
	}
	return dir
}

// waitAbandoned waits for the end of a server that is not our child.
func waitAbandoned(t *testing.T, dir string) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	end := time.After(time.Minute)
	for !cluster.Abandoned(dir) {
		select {
		case <-tick.C:
		case <-end:
			t.Fatal("the server outlives its killed test process")
		}
	}
}

// BenchmarkDatabase measures one fresh copy of a small template, dropped again.
//
//	go test -run - -bench Database ./storage/cluster/clustertest
func BenchmarkDatabase(b *testing.B) {
	template := Template(b, "numbers", makeNumbers)
	for b.Loop() {
		c := Open(b)
		mustExec(b, c, createCopy("bench", template))
		mustExec(b, c, "DROP DATABASE bench")
	}
}
