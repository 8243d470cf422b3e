package cluster_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/ediport/ediport/storage/cluster"
)

// Each of our roles signs in by who the process is, through lib/pq and pgx; another role does not.
func TestRolesSignInWithoutPassword(t *testing.T) {
	t.Parallel()
	dir := seededFolder(t)
	c := open(t, cluster.Options{Dir: dir})
	owner := connect(t, c, "kept")
	for _, role := range []string{"ediport_loader", "ediport_app", "stranger"} {
		if _, err := owner.Exec("CREATE ROLE " + role + " LOGIN"); err != nil {
			t.Fatal(err)
		}
	}
	for _, role := range cluster.Roles {
		if err := signIn(t.Context(), c, role); err != nil {
			t.Errorf("role %s: %v", role, err)
		}
	}
	if err := signIn(t.Context(), c, "stranger"); err == nil {
		t.Error("a role that is not ours signed in")
	}
	var passwords int
	if err := owner.QueryRow("SELECT count(*) FROM pg_authid WHERE rolpassword IS NOT NULL").Scan(&passwords); err != nil || passwords != 0 {
		t.Errorf("%d passwords (%v)", passwords, err)
	}
	for _, file := range []string{"pg_hba.conf", "pg_ident.conf"} {
		b, err := os.ReadFile(filepath.Join(dir, "postgres", file))
		if err != nil {
			t.Fatal(err)
		}
		if m := regexp.MustCompile(`(?i)password|trust|md5|scram|host`).Find(b); m != nil {
			t.Errorf("%s says %q", file, m)
		}
	}
}

// signIn signs in with both drivers.
func signIn(ctx context.Context, c *cluster.Cluster, role string) error {
	for _, address := range []string{c.DSN("kept", role), c.URL("kept", role)} {
		db, err := sql.Open("postgres", address)
		if err != nil {
			return err
		}
		err = db.PingContext(ctx)
		db.Close()
		if err != nil {
			return fmt.Errorf("lib/pq: %w", err)
		}
	}
	conn, err := pgx.Connect(ctx, c.URL("kept", role))
	if err != nil {
		return fmt.Errorf("pgx: %w", err)
	}
	defer conn.Close(ctx)
	var user string
	if err := conn.QueryRow(ctx, "SELECT current_user").Scan(&user); err != nil || user != role {
		return fmt.Errorf("pgx: signed in as %q, want %q (%w)", user, role, err)
	}
	return nil
}

// socketInodes returns the inodes of the sockets that the processes hold.
func socketInodes(pids []int) map[string]bool {
	inodes := map[string]bool{}
	for _, pid := range pids {
		fds, _ := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
		for _, fd := range fds {
			target, _ := os.Readlink(fd)
			if inode, ok := strings.CutPrefix(target, "socket:["); ok {
				inodes[strings.TrimSuffix(inode, "]")] = true
			}
		}
	}
	return inodes
}

// The server listens on its Unix socket and nowhere else.
func TestNoNetworkListener(t *testing.T) {
	t.Parallel()
	dir := seededFolder(t)
	c := open(t, cluster.Options{Dir: dir})
	wantRows(t, c, 1)
	inodes := socketInodes(processesOf(t, filepath.Join(dir, "postgres")))
	found := map[string]bool{}
	for _, table := range []string{"tcp", "tcp6", "udp", "udp6", "unix"} {
		b, err := os.ReadFile("/proc/net/" + table)
		if err != nil {
			continue // no such protocol here
		}
		for line := range strings.Lines(string(b)) {
			for _, field := range strings.Fields(line) {
				found[table] = found[table] || inodes[field]
			}
		}
	}
	if !found["unix"] {
		t.Error("the server's Unix socket was not seen, so this test shows nothing")
	}
	for table := range found {
		if table != "unix" && found[table] {
			t.Errorf("the server has a %s socket", table)
		}
	}
	if mode := mustStat(t, c.SocketDir()).Mode().Perm(); mode != 0o700 {
		t.Errorf("mode of the socket's folder: %o", mode)
	}
}

func mustStat(t *testing.T, path string) fs.FileInfo {
	t.Helper()
	st, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return st
}

// Whatever goes wrong with a statement, its values do not reach the server's log.
func TestServerLogHoldsNoValues(t *testing.T) {
	t.Parallel()
	const marker = "QUINCY-MARKER"
	dir := seededFolder(t)
	c := open(t, cluster.Options{Dir: dir})
	db := connect(t, c, "kept")
	if _, err := db.Exec("CREATE TABLE person (name text PRIMARY KEY CHECK (name <> 'x')); INSERT INTO person VALUES ('" + marker + "')"); err != nil {
		t.Fatal(err)
	}
	for name, statement := range map[string]string{
		"wrong type":      "SELECT '" + marker + "'::numeric",
		"duplicate key":   "INSERT INTO person VALUES ('" + marker + "')",
		"syntax":          "SELEKT '" + marker + "'",
		"raised error":    "DO $$ BEGIN RAISE EXCEPTION '" + marker + "'; END $$",
		"raised warning":  "DO $$ BEGIN RAISE WARNING '" + marker + "'; RAISE EXCEPTION 'stop'; END $$",
		"divided by zero": "SELECT length('" + marker + "') / 0",
	} {
		if _, err := db.Exec(statement); err == nil {
			t.Errorf("%s: the statement did not fail", name)
		}
	}
	if _, err := db.Exec("SELECT $1::numeric", marker); err == nil {
		t.Error("parameter: the statement did not fail")
	}
	crashSession(t, c, marker)
	log := serverLog(t, dir)
	if strings.Contains(log, marker) {
		t.Errorf("the server's log holds a value:\n%s", log)
	}
	if !strings.Contains(log, "was terminated by signal 9") {
		t.Errorf("the server's log does not tell of the crash, so this test shows nothing:\n%s", log)
	}
}

func TestNoCoreDumps(t *testing.T) {
	t.Parallel()
	c := open(t, cluster.Options{Dir: seededFolder(t)})
	limits, err := os.ReadFile(fmt.Sprintf("/proc/%d/limits", c.PID()))
	if err != nil {
		t.Skip("needs /proc")
	}
	for line := range bytes.Lines(limits) {
		if bytes.HasPrefix(line, []byte("Max core file size")) {
			if f := bytes.Fields(line); string(f[4]) != "0" {
				t.Errorf("core dumps are on: %s", line)
			}
			return
		}
	}
	t.Error("no limit for core files is listed")
}

func TestSettingsOfTheServer(t *testing.T) {
	t.Parallel()
	c := open(t, cluster.Options{Dir: seededFolder(t), Settings: map[string]string{"work_mem": "5MB"}})
	db := connect(t, c, "postgres")
	for name, want := range map[string]string{
		"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on", "listen_addresses": "",
		"log_statement": "none", "log_error_verbosity": "terse", "log_min_error_statement": "panic",
		"log_parameter_max_length": "0", "log_parameter_max_length_on_error": "0",
		"max_connections": "60", "data_checksums": "on", "TimeZone": "UTC", "server_encoding": "UTF8",
		"lc_ctype": "C", "work_mem": "5MB",
	} {
		var got string
		if err := db.QueryRow("SELECT setting || CASE WHEN unit = 'kB' THEN 'kB' ELSE '' END FROM pg_settings WHERE name = $1", name).Scan(&got); err != nil {
			got = err.Error()
		}
		if got == "5120kB" {
			got = "5MB"
		}
		if name == "lc_ctype" && strings.Contains(got, "no rows") {
			continue // no longer a setting in newer versions
		}
		if got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
}
