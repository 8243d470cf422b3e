package clustertest

import (
	"database/sql"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/ediport/ediport/storage/cluster"
)

// PoolerVariable, if set, sends the databases of [PooledURL] through pgbouncer in transaction mode.
const PoolerVariable = "EDIPORT_TEST_POOLER"

// PooledURL is c.URL, through a pooler of this test process if the environment asks for one.
func PooledURL(t testing.TB, c *cluster.Cluster, database, role string) string {
	t.Helper()
	if os.Getenv(PoolerVariable) == "" {
		return c.URL(database, role)
	}
	pooled.Do(func() { startShared(t, c) })
	if pooledDir == "" {
		t.Fatal("the tests' pgbouncer did not start")
	}
	return sharedURL(pooledDir, database, role)
}

func sharedURL(dir, database, role string) string {
	q := url.Values{"host": {dir}, "port": {socketPort}, "user": {role}, "sslmode": {"disable"}}
	return (&url.URL{Scheme: "postgres", Path: "/" + database, RawQuery: q.Encode()}).String()
}

const socketPort = "6432" // names the socket; no TCP

var (
	pooled    sync.Once
	pooledDir string // where the shared pooler's socket is
)

// startShared runs a pooler in front of the process's cluster. It may do without passwords: only the
// server's own user and root reach its socket. The kernel ends it with this process.
func startShared(t testing.TB, c *cluster.Cluster) {
	t.Helper()
	p := newPooler(t, filepath.Join(shared.dir, "pooler"))
	if err := os.Mkdir(p.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	p.give(p.dir)
	users := map[string]string{}
	for _, role := range cluster.Roles {
		users[role] = ""
	}
	p.start("host="+c.SocketDir()+" port=5432", "unix_socket_dir = "+p.dir+"\nlisten_addr =\nlisten_port = "+socketPort+"\nunix_socket_mode = 0700\nauth_type = trust", users)
	p.await(sharedURL(p.dir, "postgres", cluster.Roles[0]))
	pooledDir = p.dir
}

// StartPooler starts a pgbouncer in transaction mode in front of a server and returns its host:port. It
// knows the passwords of the roles in users and ends with the test.
func StartPooler(t testing.TB, s *Server, users map[string]string) (address string) {
	t.Helper()
	dir, err := Dir()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	p := newPooler(t, dir)
	p.give(dir)
	port := FreePort(t)
	p.start(fmt.Sprintf("host=%s port=%d", s.Host, s.Port), fmt.Sprintf("listen_addr = 127.0.0.1\nlisten_port = %d\nunix_socket_dir =\nauth_type = plain", port), users)
	t.Cleanup(func() {
		_ = p.process.Signal(syscall.SIGQUIT) // it may be gone
		<-p.ended
	})
	address = fmt.Sprintf("127.0.0.1:%d", port)
	for role, password := range users {
		p.await(URL(address, role, password, OwnerDatabase))
	}
	return address
}

// A pooler is a pgbouncer with its files.
type pooler struct {
	*Server // whose user it runs as
	program string
}

func newPooler(t testing.TB, dir string) *pooler {
	t.Helper()
	program := findPooler()
	if program == "" {
		giveUp(t, "no pgbouncer on this machine: run .ci/deps.d/pgbouncer")
	}
	return &pooler{Server: &Server{t: t, dir: dir, account: unprivileged(t)}, program: program}
}

// findPooler returns the unpacked one in the cache, else the system's, "" if there is none.
func findPooler() string {
	unpacked := filepath.Join(cacheFolder(), "pgbouncer", "root", "usr", "sbin", "pgbouncer")
	if _, err := os.Stat(unpacked); err == nil {
		return unpacked
	}
	found, _ := exec.LookPath("pgbouncer")
	return found
}

func cacheFolder() string {
	if folder := os.Getenv("EDIPORT_CACHE"); folder != "" {
		return folder
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return os.DevNull // nothing is found below it
	}
	return filepath.Join(home, ".cache", "ediport")
}

// start runs the program; target is where a database of any name is, access how clients come in.
func (p *pooler) start(target, access string, users map[string]string) {
	p.t.Helper()
	list := ""
	for role, password := range users {
		list += fmt.Sprintf("%q %q\n", role, password)
	}
	p.writeFile(filepath.Join(p.dir, "users"), list)
	config := filepath.Join(p.dir, "pgbouncer.ini")
	p.writeFile(config, "[databases]\n* = "+target+"\n[pgbouncer]\npool_mode = transaction\nauth_file = "+filepath.Join(p.dir, "users")+"\n"+access+
		"\nignore_startup_parameters = extra_float_digits\ndefault_pool_size = 4\nmax_client_conn = 1000\nserver_idle_timeout = 10\n")
	program, libraries := p.copyProgram()
	log, err := os.Create(filepath.Join(p.dir, "log"))
	if err != nil {
		p.t.Fatal(err)
	}
	c := exec.Command(program, config)
	c.Dir, c.Stdout, c.Stderr = "/", log, log
	if libraries != "" {
		c.Env = append(os.Environ(), "LD_LIBRARY_PATH="+libraries)
	}
	p.process, p.ended = startChild(p.t, c, p.account)
	_ = log.Close() // the child has its own
}

// copyProgram copies an unpacked program with its libraries to where its user can reach it, which the
// cache below root's home is not.
func (p *pooler) copyProgram() (program, libraries string) {
	p.t.Helper()
	root, unpacked := strings.CutSuffix(p.program, "/usr/sbin/pgbouncer")
	if !unpacked || root == "" {
		return p.program, ""
	}
	libraries = filepath.Join(p.dir, "lib")
	if err := os.Mkdir(libraries, 0o755); err != nil {
		p.t.Fatal(err)
	}
	program = filepath.Join(libraries, "pgbouncer")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path != p.program && !strings.Contains(d.Name(), ".so") {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(libraries, d.Name()), content, 0o755) //nolint:gosec // a program is there to be run
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return program, libraries
}

func (p *pooler) await(address string) {
	p.t.Helper()
	db, err := sql.Open("postgres", address)
	if err != nil {
		p.t.Fatal(err)
	}
	defer db.Close()
	tick, end := time.NewTicker(20*time.Millisecond), time.NewTimer(serverPatience)
	defer tick.Stop()
	defer end.Stop()
	for err = db.Ping(); err != nil; err = db.Ping() {
		select {
		case <-tick.C:
		case <-p.ended:
			p.t.Fatalf("pgbouncer ended instead of starting:\n%s", p.log())
		case <-end.C:
			p.t.Fatalf("pgbouncer did not answer within %v: %v\n%s", serverPatience, err, p.log())
		}
	}
}
