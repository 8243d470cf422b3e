package clustertest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ediport/ediport/storage/cluster"
)

// The roles of a [Server], and their passwords. The owner may create roles, and is no superuser.
const (
	Administrator         = "administrator"
	AdministratorPassword = "of tests only, a"
	Owner                 = "exchange"
	OwnerPassword         = "of tests only, o"
	OwnerDatabase         = "exchange"
)

// A Server is a Postgres of a test's own, as an operator runs one on another machine: on TCP, with
// passwords, for an owner who is no superuser. It ends with its test.
type Server struct {
	Host string // 127.0.0.1
	Port int

	t       testing.TB
	bin     string
	dir     string
	account *syscall.Credential // whom the server runs as, nil: as we do
	process *os.Process
	ended   chan struct{}
}

// serverPatience is how long a server may take to start on a busy machine.
const serverPatience = time.Minute

// StartServer makes a server with the owner's empty database. Without Postgres on the machine the test
// is skipped, and fails under CI=true.
func StartServer(t testing.TB) *Server {
	t.Helper()
	s := newServer(t, programs(t))
	password := filepath.Join(s.dir, "password")
	s.writeFile(password, AdministratorPassword+"\n")
	s.run("initdb", "-D", s.data(), "-U", Administrator, "--pwfile="+password, "-A", "scram-sha-256", "-E", "UTF8", "--locale=C", "--no-sync")
	s.writeFile(filepath.Join(s.data(), "pg_hba.conf"), "host all all 127.0.0.1/32 scram-sha-256\nhost replication all 127.0.0.1/32 scram-sha-256\n")
	s.Start()
	s.Exec(`CREATE ROLE ` + Owner + ` LOGIN CREATEROLE PASSWORD '` + OwnerPassword + `'`)
	s.Exec(`CREATE DATABASE ` + OwnerDatabase + ` OWNER ` + Owner)
	return s
}

// Replica makes a streaming replica of the server and starts it. It needs pg_basebackup, which not every
// set of Postgres programs has.
func (s *Server) Replica() *Server {
	s.t.Helper()
	if _, err := os.Stat(filepath.Join(s.bin, "pg_basebackup")); err != nil {
		giveUp(s.t, "these Postgres programs have no pg_basebackup")
	}
	r := newServer(s.t, s.bin)
	r.run("pg_basebackup", "-D", r.data(), "-R", "-X", "stream", "-c", "fast", "--no-sync", "-d", s.URL(Administrator, AdministratorPassword, ""))
	r.Start()
	return r
}

func newServer(t testing.TB, bin string) *Server {
	t.Helper()
	dir, err := Dir()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	s := &Server{Host: "127.0.0.1", t: t, bin: bin, dir: dir, account: unprivileged(t)}
	s.give(dir)
	s.Port = FreePort(t)
	t.Cleanup(s.Stop) // before the folder goes
	return s
}

// programs is the folder of the newest Postgres programs.
func programs(t testing.TB) string {
	t.Helper()
	found, err := cluster.Find(t.Context(), cluster.Options{})
	if err != nil || len(found) == 0 {
		giveUp(t, fmt.Sprintf("no Postgres programs on this machine (%v)", err))
	}
	return found[0].Dir
}

// giveUp skips the test, or fails it where a skip must not pass for success.
func giveUp(t testing.TB, why string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(why)
	}
	t.Skip(why)
}

// unprivileged is whom servers run as that refuse to run as root; nil for ourselves.
func unprivileged(t testing.TB) *syscall.Credential {
	t.Helper()
	if os.Geteuid() != 0 {
		return nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		if err := errors.Join(err1, err2); err != nil {
			t.Fatal(err)
		}
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	}
	t.Fatal("there is neither a user postgres nor nobody")
	return nil
}

// FreePort returns a port of this machine that nobody listens on.
func FreePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

func (s *Server) give(path string) {
	if s.account != nil {
		if err := os.Chown(path, int(s.account.Uid), int(s.account.Gid)); err != nil {
			s.t.Fatal(err)
		}
	}
}

func (s *Server) writeFile(path, text string) {
	s.t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
	s.give(path)
}

// run runs one of Postgres's programs to its end, as the server's user.
func (s *Server) run(program string, args ...string) {
	s.t.Helper()
	c := exec.CommandContext(context.Background(), filepath.Join(s.bin, program), args...)
	c.Dir, c.SysProcAttr = "/", &syscall.SysProcAttr{Credential: s.account}
	if out, err := c.CombinedOutput(); err != nil {
		s.t.Fatalf("%s: %v\n%s", program, err, out)
	}
}

// Address returns host:port.
func (s *Server) Address() string { return net.JoinHostPort(s.Host, strconv.Itoa(s.Port)) }

// URL returns the address of a database for a role. TLS is off: all is on this machine.
func (s *Server) URL(role, password, database string) string {
	return URL(s.Address(), role, password, database)
}

// URL is the address of a database on host:port for a role, without TLS.
func URL(address, role, password, database string) string {
	u := url.URL{Scheme: "postgres", User: url.UserPassword(role, password), Host: address, Path: "/" + database, RawQuery: "sslmode=disable"}
	return u.String()
}

// Exec runs a statement as the administrator, in the owner's database if there is one.
func (s *Server) Exec(statement string) {
	s.t.Helper()
	database := "postgres"
	if strings.Contains(s.text(`SELECT string_agg(datname, ' ') FROM pg_database`, "postgres"), OwnerDatabase) {
		database = OwnerDatabase
	}
	db := s.open(database)
	defer db.Close()
	if _, err := db.Exec(statement); err != nil {
		s.t.Fatalf("%s: %v", statement, err)
	}
}

// Text returns the single value of a query as the administrator, in the owner's database.
func (s *Server) Text(query string) string {
	s.t.Helper()
	return s.text(query, OwnerDatabase)
}

func (s *Server) text(query, database string) string {
	s.t.Helper()
	db := s.open(database)
	defer db.Close()
	var value sql.NullString
	if err := db.QueryRow(query).Scan(&value); err != nil {
		s.t.Fatalf("%s: %v", query, err)
	}
	return value.String
}

func (s *Server) open(database string) *sql.DB {
	s.t.Helper()
	db, err := sql.Open("postgres", s.URL(Administrator, AdministratorPassword, database))
	if err != nil {
		s.t.Fatal(err)
	}
	return db
}

// Start starts the server, or starts it again, and waits until it answers.
func (s *Server) Start() {
	s.t.Helper()
	log, err := os.OpenFile(filepath.Join(s.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		s.t.Fatal(err)
	}
	c := exec.CommandContext(context.Background(), filepath.Join(s.bin, "postgres"), "-D", s.data(),
		"-c", "listen_addresses="+s.Host, "-c", "port="+strconv.Itoa(s.Port), "-c", "unix_socket_directories=", "-c", "max_connections=400",
		"-c", "fsync=off", "-c", "shared_buffers=64MB", "-c", "wal_receiver_status_interval=1s")
	c.Dir, c.Stdout, c.Stderr = "/", log, log
	s.process, s.ended = startChild(s.t, c, s.account)
	_ = log.Close() // the child has its own
	s.awaitAnswer()
}

func (s *Server) awaitAnswer() {
	s.t.Helper()
	db := s.open("postgres")
	defer db.Close()
	tick, end := time.NewTicker(20*time.Millisecond), time.NewTimer(serverPatience)
	defer tick.Stop()
	defer end.Stop()
	for db.Ping() != nil {
		select {
		case <-tick.C:
		case <-s.ended:
			s.t.Fatalf("Postgres ended instead of starting:\n%s", s.log())
		case <-end.C:
			s.t.Fatalf("Postgres did not answer within %v:\n%s", serverPatience, s.log())
		}
	}
}

func (s *Server) log() string {
	text, _ := os.ReadFile(filepath.Join(s.dir, "log"))
	return string(text)
}

// Stop ends the server at once, without asking its clients, as a crash would; Start starts it again.
// A server that does not run is fine.
func (s *Server) Stop() {
	if s.process == nil {
		return
	}
	_ = s.process.Signal(syscall.SIGQUIT) // it may be gone
	<-s.ended
	s.process = nil
}

// startChild starts a program that ends when this process does, however that ends. The channel is
// closed when it has ended.
func startChild(t testing.TB, c *exec.Cmd, account *syscall.Credential) (*os.Process, chan struct{}) {
	t.Helper()
	c.SysProcAttr = childAttributes(account)
	started, ended := make(chan error), make(chan struct{})
	go func() {
		runtime.LockOSThread() // the kernel watches the thread that forked
		defer runtime.UnlockOSThread()
		err := c.Start()
		started <- err
		if err == nil {
			_ = c.Wait() // how it ended says its log
		}
		close(ended)
	}()
	if err := <-started; err != nil {
		t.Fatal(err)
	}
	return c.Process, ended
}
