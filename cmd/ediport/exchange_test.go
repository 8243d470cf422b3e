package main

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	_ "github.com/lib/pq"

	"github.com/ediport/ediport/jobs/transfer/sshdtest"
	"github.com/ediport/ediport/storage/cluster/clustertest"
)

// beProgram makes the test binary behave as ediport itself, so that tests can start and kill real processes.
const beProgram = "EDIPORT_TEST_BE_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(beProgram) != "" {
		main()
	}
	code := m.Run()
	if prepared.base != "" {
		_ = os.RemoveAll(prepared.base)
	}
	if err := clustertest.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = max(code, 1)
	}
	os.Exit(code)
}

// eventually is five times what the slowest step of these tests takes on a busy machine.
const eventually = 3 * time.Minute

// An exchange is an ediport with a data folder of its own, run as real processes.
type exchange struct {
	t    *testing.T
	env  []string
	data string
	db   *sql.DB
	last *process
}

// newExchange makes one as it is after `ediport db migrate`: its folder is a copy of one that is made once.
func newExchange(t *testing.T) *exchange {
	t.Helper()
	prepared.once.Do(prepare)
	if prepared.err != nil {
		t.Fatalf("preparing a data folder: %v", prepared.err)
	}
	x := newEmptyExchange(t)
	if out, err := exec.CommandContext(t.Context(), "cp", "-a", filepath.Join(prepared.base, "data"), x.data).CombinedOutput(); err != nil {
		t.Fatalf("copying the data folder: %v\n%s", err, out)
	}
	return x
}

// newEmptyExchange makes one without a data folder and without a key, as on a machine where ediport never ran.
func newEmptyExchange(t *testing.T) *exchange {
	t.Helper()
	base, err := clustertest.Dir()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(base) })
	return &exchange{t: t, data: filepath.Join(base, "data"), env: environmentOf(base)}
}

// environmentOf configures an ediport whose data and key lie below base.
func environmentOf(base string) []string {
	return append(os.Environ(), beProgram+"=1", "EDIPORT_DATA="+filepath.Join(base, "data"), "EDIPORT_KEY_FILE="+filepath.Join(base, "master.key"), "EDIPORT_LISTEN=127.0.0.1:0")
}

// prepared is the data folder of a private Postgres with all tables and not one row of anybody's: no key has sealed
// anything in it, so each copy may have a key of its own.
var prepared struct {
	once sync.Once
	base string
	err  error
}

func prepare() {
	if prepared.base, prepared.err = clustertest.Dir(); prepared.err != nil {
		return
	}
	c := exec.CommandContext(context.Background(), os.Args[0], "db", "migrate")
	c.Env = append(environmentOf(prepared.base), atOnce)
	if out, err := c.CombinedOutput(); err != nil {
		prepared.err = fmt.Errorf("%w\n%s", err, out)
	}
}

// atOnce spares a short command the second that the race detector waits at its end for races of goroutines that are still
// running. `ediport serve` and its like have it.
const atOnce = "GORACE=atexit_sleep_ms=20"

func (x *exchange) command(args ...string) *exec.Cmd {
	c := exec.CommandContext(context.Background(), os.Args[0], args...)
	c.Env = x.env
	if !stays(args) {
		c.Env = append(slices.Clone(x.env), atOnce)
	}
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return c
}

// stays says that a command runs until it is stopped.
func stays(args []string) bool { return args[0] == "serve" || args[0] == "work" || args[0] == "demo" }

// do runs a command to its end and returns what it printed.
func (x *exchange) do(args ...string) string {
	x.t.Helper()
	c := x.command(args...)
	var out, complaint bytes.Buffer
	c.Stdout, c.Stderr = &out, &complaint
	if err := c.Run(); err != nil {
		x.t.Fatalf("ediport %s: %v\n%s", strings.Join(args, " "), err, complaint.String())
	}
	return out.String()
}

// A process is a running `ediport serve`.
type process struct {
	cmd     *exec.Cmd
	address string
	log     *strings.Builder
}

// serve starts the server and waits until it says where it serves.
func (x *exchange) serve() *process {
	x.t.Helper()
	c := x.command("serve")
	p := &process{cmd: c, log: &strings.Builder{}}
	c.Stderr = p.log
	x.last = p
	out, err := c.StdoutPipe()
	if err != nil {
		x.t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		x.t.Fatal(err)
	}
	x.t.Cleanup(p.kill)
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		p.kill()
		x.t.Fatalf("ediport serve: %v\n%s", err, p.log)
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	p.address = strings.TrimSpace(strings.TrimPrefix(line, "ediport serves "))
	x.connect()
	return p
}

// kill ends the process as a power cut would.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}

// stop ends the process as an operator would.
func (p *process) stop(t *testing.T) {
	t.Helper()
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Wait(); err != nil {
		t.Errorf("ediport serve did not end well: %v\n%s", err, p.log)
	}
}

// connect opens the running server's database as its owner, whose view no row-level security narrows.
func (x *exchange) connect() {
	x.t.Helper()
	if x.db != nil {
		_ = x.db.Close()
	}
	db, err := sql.Open("postgres", strings.TrimSpace(x.do("db", "url")))
	if err != nil {
		x.t.Fatal(err)
	}
	x.db = db
	x.t.Cleanup(func() { _ = db.Close() })
}

// text is the only value of a query.
func (x *exchange) text(query string) string {
	x.t.Helper()
	var s sql.NullString
	if err := x.db.QueryRowContext(x.t.Context(), query).Scan(&s); err != nil {
		x.t.Fatalf("%s: %v", query, err)
	}
	return s.String
}

// await waits until a query's only value is want.
func (x *exchange) await(query, want string) {
	x.t.Helper()
	limit := time.NewTimer(eventually)
	defer limit.Stop()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		got := x.text(query)
		if got == want {
			return
		}
		select {
		case <-limit.C:
			found := fmt.Sprintf("runs: %s; log: %s; files: %s",
				x.text(`SELECT string_agg(state || ' ' || coalesce(error_code, '') || ' ' || counts, '; ') FROM run`),
				x.text(`SELECT string_agg(level || ' ' || code || ' ' || detail, '; ' ORDER BY at) FROM run_log`),
				x.text(`SELECT string_agg(DISTINCT state || ' ' || coalesce(state_reason, ''), '; ') FROM file`))
			if x.last != nil {
				x.last.kill() // its log is complete only then
				x.t.Log(x.last.log)
			}
			x.t.Fatalf("%s\nis %s, want %s; %s", query, got, want, found)
		case <-tick.C:
		}
	}
}

// addPartner makes the connection to a real OpenSSH server and a schedule.
func (x *exchange) addPartner(host string, port int, server *sshdtest.Server, password, schedule string) {
	x.t.Helper()
	secret := filepath.Join(x.t.TempDir(), "secret")
	signIn, content := "--private-key", server.ClientKey
	if password != "" {
		signIn, content = "--password-file", []byte(password)
	}
	if err := os.WriteFile(secret, content, 0o600); err != nil {
		x.t.Fatal(err)
	}
	x.do("connection", "add", "partner", "--host", host, "--port", strconv.Itoa(port), "--user", server.User, signIn, secret,
		"--host-key", server.Fingerprint(), "--folder", server.Path("outbound"), "--stable-seconds", "1",
		"--after", "archive", "--archive-folder", server.Path("done"))
	if schedule != "" {
		x.do("schedule", "add", "often", "--connection", "partner", "--at", schedule)
	}
}
