package cluster_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/ediport/ediport/storage/cluster"
)

func itoa(n int) string { return strconv.Itoa(n) }

func alive(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && !bytes.Contains(stat, []byte(") Z "))
}

func serverLog(t testing.TB, dir string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, "postgres", "server.log"))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestKilledSupervisorLeavesNoOrphan(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("only Linux ties a child's life to its parent")
	}
	dir := seededFolder(t)
	other := startChild(t, cluster.Options{Dir: dir}, false)
	addRow(t, open(t, cluster.Options{Dir: dir, Role: cluster.Attach}))
	other.kill()
	eventually(t, "the end of the killed supervisor's server", func() bool { return !alive(other.pid) })
	wantRows(t, open(t, cluster.Options{Dir: dir}), 2)
	if strings.Contains(serverLog(t, dir), "automatic recovery") {
		t.Error("the server was not shut down cleanly when its supervisor was killed")
	}
}

// No pause between the kill and the next start: the server is still on its way down.
func TestStartRightAfterTheSupervisorWasKilled(t *testing.T) {
	t.Parallel()
	dir := seededFolder(t)
	for want := 2; want < 5; want++ {
		other := startChild(t, cluster.Options{Dir: dir}, false)
		addRow(t, open(t, cluster.Options{Dir: dir, Role: cluster.Attach}))
		other.kill()
		c := open(t, cluster.Options{Dir: dir})
		wantRows(t, c, want)
		stop(t, c)
	}
}

func TestKilledSupervisorAndServerRecover(t *testing.T) {
	t.Parallel()
	dir := seededFolder(t)
	other := startChild(t, cluster.Options{Dir: dir}, false)
	addRow(t, open(t, cluster.Options{Dir: dir, Role: cluster.Attach}))
	if err := syscall.Kill(other.pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	other.kill()
	wantRows(t, open(t, cluster.Options{Dir: dir}), 2)
	if !strings.Contains(serverLog(t, dir), "automatic recovery in progress") {
		t.Error("the server did not recover, so this test shows nothing")
	}
}

// The caller learns that its server is gone, and a new one starts although a child of the old one is
// still at work on a statement.
func TestServerThatDiesOnItsOwn(t *testing.T) {
	t.Parallel()
	dir := seededFolder(t)
	c := open(t, cluster.Options{Dir: dir})
	addRow(t, c)
	busy := make(chan error, 1)
	db := connect(t, c, "kept")
	go func() {
		_, err := db.Exec("SELECT count(*) FROM generate_series(1, 3000000) a, generate_series(1, 3) b")
		busy <- err
	}()
	watcher := connect(t, c, "postgres")
	eventually(t, "a busy session", func() bool {
		var n int
		err := watcher.QueryRow("SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND datname = 'kept'").Scan(&n)
		return err == nil && n > 0
	})
	if err := syscall.Kill(c.PID(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-c.Done()
	if err := c.Err(); err == nil || !strings.Contains(err.Error(), "killed") {
		t.Errorf("Err() = %v, want how the server ended", err)
	}
	wantRows(t, open(t, cluster.Options{Dir: dir}), 2)
	<-busy
}

// One session's crash is mended by the server itself.
func TestCrashOfOneSessionIsMended(t *testing.T) {
	t.Parallel()
	dir := seededFolder(t)
	c := open(t, cluster.Options{Dir: dir})
	addRow(t, c)
	crashSession(t, c, "")
	wantRows(t, c, 2)
	select {
	case <-c.Done():
		t.Errorf("the whole server ended: %v", c.Err())
	default:
	}
}

// crashSession kills a session in the middle of a statement and waits until the server is back.
func crashSession(t *testing.T, c *cluster.Cluster, marker string) {
	t.Helper()
	db := connect(t, c, "kept")
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	var pid int
	if err := conn.QueryRowContext(t.Context(), "SELECT pg_backend_pid()").Scan(&pid); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		_, err := conn.ExecContext(t.Context(), "SELECT pg_sleep(600), '"+marker+"'")
		ended <- err
	}()
	watcher := connect(t, c, "postgres")
	eventually(t, "the session's statement", func() bool {
		var state string
		err := watcher.QueryRow("SELECT state FROM pg_stat_activity WHERE pid = $1 AND query LIKE '%pg_sleep%'", pid).Scan(&state)
		return err == nil && state == "active"
	})
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err == nil {
		t.Fatal("the killed session's statement succeeded")
	}
	eventually(t, "the server's return", func() bool { return connect(t, c, "kept").Ping() == nil })
}

// orphan starts a server on the folder as a supervisor without parent-death signal would leave it.
func orphan(t *testing.T, dir string) *exec.Cmd {
	t.Helper()
	found, err := cluster.Find(t.Context(), cluster.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	home := filepath.Join(dir, "postgres")
	st, err := os.Stat(filepath.Join(home, "data"))
	if err != nil {
		t.Fatal(err)
	}
	sys := st.Sys().(*syscall.Stat_t)
	cmd := exec.Command(filepath.Join(found[0].Dir, "postgres"), "-D", filepath.Join(home, "data"),
		"-c", "listen_addresses=", "-c", "unix_socket_directories="+filepath.Join(home, "run"))
	cmd.Dir = "/"
	if os.Geteuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: sys.Uid, Gid: sys.Gid}}
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	eventually(t, "the orphaned server", func() bool {
		b, _ := os.ReadFile(filepath.Join(home, "data", "postmaster.pid"))
		return strings.Contains(string(b), "ready")
	})
	return cmd
}

// The stopped orphan stays a zombie, as under a container's init that does not reap.
func TestOrphanedServerIsReplaced(t *testing.T) {
	t.Parallel()
	dir := seededFolder(t)
	lost := orphan(t, dir)
	c := open(t, cluster.Options{Dir: dir})
	if c.PID() == lost.Process.Pid {
		t.Error("the orphan was taken for our own server")
	}
	wantRows(t, c, 1)
	if strings.Contains(serverLog(t, dir), "automatic recovery") {
		t.Error("the orphan was not stopped cleanly")
	}
}

// A pid file and a socket lock that name a living process of the server's own user, which has
// nothing to do with Postgres: it stays unharmed, and the server starts.
func TestRecycledPid(t *testing.T) {
	t.Parallel()
	dir := seededFolder(t)
	lost := orphan(t, dir)
	home := filepath.Join(dir, "postgres")
	pidFile := filepath.Join(home, "data", "postmaster.pid")
	lockFile := filepath.Join(home, "run", ".s.PGSQL.5432.lock")
	stale := map[string]string{}
	for _, path := range []string{pidFile, lockFile} {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		stale[path] = string(b)
	}
	attr := lost.SysProcAttr
	_ = lost.Process.Kill()
	_ = lost.Wait()

	bystander := exec.Command("sleep", "600")
	bystander.SysProcAttr = attr // the same user as the server
	if err := bystander.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = bystander.Process.Kill(); _ = bystander.Wait() })
	for path, content := range stale {
		_, rest, _ := strings.Cut(content, "\n")
		if err := os.WriteFile(path, []byte(itoa(bystander.Process.Pid)+"\n"+rest), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	wantRows(t, open(t, cluster.Options{Dir: dir}), 1)
	if !alive(bystander.Process.Pid) {
		t.Error("the process that was given the pid was killed")
	}
}
