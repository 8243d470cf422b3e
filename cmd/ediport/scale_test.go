package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/ediport/ediport/jobs"
	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/jobs/transfer/sshdtest"
	"github.com/ediport/ediport/storage"
	"github.com/ediport/ediport/storage/cluster"
	"github.com/ediport/ediport/storage/cluster/clustertest"
)

// A fleet is one installation on several machines: each process has its own configuration, data folder
// and key file, and its own way to the database; they share the archive.
type fleet struct {
	t        *testing.T
	base     string
	database *clustertest.Server
	partner  *sshdtest.Server
	*environment
	members []*member
	ending  chan struct{}
	ends    sync.WaitGroup
	kills   atomic.Int32
}

// A member is a process that is started again whenever it ends, as a service manager does.
type member struct {
	fleet   *fleet
	name    string
	command string // work or serve
	config  string
	proxy   *sshdtest.Proxy
	up      chan struct{} // closed when it first said that it runs

	mu      sync.Mutex
	process *os.Process // nil: it does not run just now
}

const masterKeyFile = "master.key"

func newFleet(t *testing.T) *fleet {
	t.Helper()
	base, err := clustertest.Dir()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(base) })
	f := &fleet{t: t, base: base, database: clustertest.StartServer(t), partner: sshdtest.Start(t, sshdtest.Options{}), ending: make(chan struct{})}
	c := config{
		Data: filepath.Join(base, "first"), Archive: filepath.Join(base, "archive"), KeyFile: filepath.Join(base, masterKeyFile), LogFormat: "text",
		DatabaseURL: f.database.URL(clustertest.Owner, clustertest.OwnerPassword, clustertest.OwnerDatabase),
	}
	p := &program{getenv: func(string) string { return "" }, stdout: io.Discard, stderr: io.Discard, config: c}
	f.do(c, "db", "setup")
	f.do(c, "db", "migrate")
	if f.environment, err = p.openEnvironment(t.Context(), cluster.Attach); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.environment.close() })
	return f
}

// do runs a command of one of the machines to its end.
func (f *fleet) do(c config, args ...string) {
	f.t.Helper()
	cmd := exec.CommandContext(f.t.Context(), os.Args[0], args...)
	cmd.Env = append(bareEnvironment(), atOnce, "EDIPORT_DATA="+c.Data, "EDIPORT_KEY_FILE="+c.KeyFile, "EDIPORT_DATABASE_URL="+c.DatabaseURL, "EDIPORT_ARCHIVE="+c.Archive)
	if out, err := cmd.CombinedOutput(); err != nil {
		f.t.Fatalf("ediport %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// bareEnvironment is ours without what would configure ediport.
func bareEnvironment() []string {
	env := []string{beProgram + "=1"}
	for _, e := range os.Environ() {
		if !strings.HasPrefix(e, "EDIPORT_") {
			env = append(env, e)
		}
	}
	return env
}

// add starts a process on a machine of its own, with further lines of configuration.
func (f *fleet) add(command string, further ...string) {
	f.t.Helper()
	m := &member{fleet: f, name: fmt.Sprintf("%s-%d", command, len(f.members)), command: command, up: make(chan struct{})}
	m.proxy = sshdtest.StartProxy(f.t, f.database.Address())
	folder := filepath.Join(f.base, m.name)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		f.t.Fatal(err)
	}
	key, err := os.ReadFile(filepath.Join(f.base, masterKeyFile))
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, masterKeyFile), key, 0o600)
	}
	if err != nil {
		f.t.Fatal(err)
	}
	m.config = filepath.Join(folder, "ediport.yaml")
	text := fmt.Sprintf("version: 1\ndata: %s\narchive: %s\nkey_file: %s\ndatabase_url: %s\nlisten: 127.0.0.1:0\npull_workers: 4\n",
		filepath.Join(folder, "data"), filepath.Join(f.base, "archive"), filepath.Join(folder, masterKeyFile),
		clustertest.URL(m.proxy.Address(), clustertest.Owner, clustertest.OwnerPassword, clustertest.OwnerDatabase))
	text += strings.Join(further, "")
	if err := os.WriteFile(m.config, []byte(text), 0o600); err != nil {
		f.t.Fatal(err)
	}
	f.members = append(f.members, m)
	f.ends.Go(m.keepRunning)
}

// allUp waits until every process has said that it runs.
func (f *fleet) allUp() {
	f.t.Helper()
	for _, m := range f.members {
		select {
		case <-m.up:
		case <-time.After(eventually):
			f.t.Fatalf("%s did not start\n%s", m.name, m.log())
		}
	}
}

// end stops everything.
func (f *fleet) end() {
	close(f.ending)
	for _, m := range f.members {
		m.signal(syscall.SIGCONT)
		m.signal(syscall.SIGKILL)
	}
	f.ends.Wait()
}

// keepRunning starts the process again and again, until the end.
func (m *member) keepRunning() {
	log, err := os.Create(filepath.Join(m.fleet.base, m.name, "log"))
	if err != nil {
		m.fleet.t.Error(err)
		return
	}
	defer log.Close()
	first := true
	for {
		select {
		case <-m.fleet.ending:
			return
		default:
		}
		if err := m.runOnce(log, first); err != nil {
			m.fleet.t.Error(err)
			return
		}
		first = false
		select {
		case <-m.fleet.ending:
		case <-time.After(500 * time.Millisecond): // as a service manager waits
		}
	}
}

func (m *member) runOnce(log io.Writer, first bool) error {
	cmd := exec.CommandContext(context.Background(), os.Args[0], m.command, "--config", m.config)
	cmd.Env, cmd.Stderr = bareEnvironment(), log
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	m.mu.Lock()
	m.process = cmd.Process
	m.mu.Unlock()
	select {
	case <-m.fleet.ending: // it began while the others were being ended
		m.signal(syscall.SIGKILL)
	default:
	}
	line, _ := bufio.NewReader(out).ReadString('\n')
	if first && line != "" {
		close(m.up)
	}
	_, _ = io.Copy(io.Discard, out)
	_ = cmd.Wait() // it is killed, or could not reach the database
	m.mu.Lock()
	m.process = nil
	m.mu.Unlock()
	return nil
}

func (m *member) signal(s os.Signal) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.process != nil {
		_ = m.process.Signal(s) // it may have ended
	}
}

func (m *member) log() string {
	text, _ := os.ReadFile(filepath.Join(m.fleet.base, m.name, "log"))
	return string(text)
}

// schedules adds connections, each with a folder of files of its own and a schedule with due times that
// have passed, all of which are to be made up for.
func (f *fleet) schedules(connections, due int) (files int) {
	f.t.Helper()
	ctx := f.t.Context()
	first := time.Now().UTC().Truncate(time.Hour).Add(-time.Duration(due-1) * time.Hour)
	for i := range connections {
		folder := fmt.Sprintf("partner-%02d", i)
		for n := range due {
			f.partner.WriteFile(fmt.Sprintf("%s/%02d.txt", folder, n), fmt.Appendf(nil, "file %d of partner %d, nothing that X12 would know", n, i))
			files++
		}
		c := &storage.Connection{
			Name: folder, Host: f.partner.Host, Port: f.partner.Port, Username: f.partner.User, Auth: jobs.AuthKey, HostKeys: []string{f.partner.Fingerprint()},
		}
		jobs.SetFolders(c, jobs.PullFolder{
			Path: f.partner.Path(folder), StableSeconds: jobs.AtOnce, MaxFiles: 1, After: "archive", ArchiveFolder: f.partner.Path(folder, "done"),
		})
		if err := f.desk().AddConnection(ctx, f.scope(), c, jobs.Secrets{PrivateKey: transfer.Secret(f.partner.ClientKey)}); err != nil {
			f.t.Fatal(err)
		}
		s := &storage.Schedule{Name: folder, Connection: c.ID, Spec: "@every 1h", Zone: "UTC", Missed: "all", MissedLimit: 1000}
		if err := f.desk().AddSchedule(ctx, f.scope(), s); err != nil {
			f.t.Fatal(err)
		}
	}
	f.database.Exec(`UPDATE schedule SET delay_seconds = 0, next_due_at = '` + first.Format(time.RFC3339) + `'`)
	return files
}

// text is the single value of a query, past row-level security.
func (f *fleet) text(query string) string {
	f.t.Helper()
	return f.database.Text(query)
}

func (f *fleet) number(query string) int {
	f.t.Helper()
	n, err := strconv.Atoi(f.text(query))
	if err != nil {
		f.t.Fatalf("%s: %v", query, err)
	}
	return n
}

// within waits until something is so.
func (f *fleet) within(limit time.Duration, what string, so func() bool) {
	f.t.Helper()
	tick, end := time.NewTicker(100*time.Millisecond), time.NewTimer(limit)
	defer tick.Stop()
	defer end.Stop()
	for !so() {
		select {
		case <-tick.C:
		case <-end.C:
			f.t.Fatalf("waited %v in vain: %s\n%s", limit, what, f.state())
		}
	}
}

// state is what to know when something hangs.
func (f *fleet) state() string {
	var b bytes.Buffer
	fmt.Fprintln(&b, "runs:", f.text(`SELECT string_agg(state || ' ' || coalesce(error_code, '') || ' ' || n, ', ') FROM (SELECT state, error_code, count(*) n FROM run GROUP BY 1, 2) x`))
	fmt.Fprintln(&b, "jobs:", f.text(`SELECT string_agg(kind || ' ' || state || ' ' || n, ', ') FROM (SELECT kind, state, count(*) n FROM river_job GROUP BY 1, 2) x`))
	fmt.Fprintln(&b, "files:", f.text(`SELECT string_agg(state || ' ' || n, ', ') FROM (SELECT state, count(*) n FROM file GROUP BY 1) x`))
	fmt.Fprintln(&b, "nodes:", f.text(`SELECT count(*) FROM node`), "next due:", f.text(`SELECT count(*) FROM schedule WHERE next_due_at <= now()`))
	for _, m := range f.members {
		log := m.log()
		fmt.Fprintf(&b, "--- %s\n%s\n", m.name, log[max(0, len(log)-1500):])
	}
	return b.String()
}

// disturb does one bad thing to one machine and returns what mends it.
func (f *fleet) disturb(kind int, m *member) (what string, mend func()) {
	switch kind {
	case 0:
		m.proxy.CutAfter(0)
		return "cut off " + m.name, m.proxy.Restore
	case 1:
		m.proxy.StallAfter(0)
		return "hears nothing: " + m.name, m.proxy.Restore
	case 2:
		m.signal(syscall.SIGSTOP)
		return "frozen " + m.name, func() { m.signal(syscall.SIGCONT) }
	default:
		f.kills.Add(1)
		m.signal(syscall.SIGKILL)
		return "killed " + m.name, func() {}
	}
}

// torment disturbs the fleet until stop is closed, then mends everything. At any time at most two
// machines are away for long.
func (f *fleet) torment(seed uint64, stop <-chan struct{}) (done []string) {
	random := rand.New(rand.NewPCG(seed, 0))
	var mends []func()
	mendOldest := func(left int) {
		for len(mends) > left {
			mends[0]()
			mends = mends[1:]
		}
	}
	defer mendOldest(0)
	for i := random.IntN(4); ; i++ {
		what, mend := f.disturb(i%4, f.members[random.IntN(len(f.members))])
		done = append(done, what)
		mends = append(mends, mend)
		mendOldest(2)
		select {
		case <-stop:
			return done
		case <-time.After(time.Duration(500+random.IntN(3000)) * time.Millisecond):
		}
	}
}

// TestFleet: three workers and two servers do each due run exactly once while they are killed, frozen and
// cut off.
func TestFleet(t *testing.T) {
	connections, due := 25, 8
	if testing.Short() {
		connections = 5
	}
	f := newFleet(t)
	files := f.schedules(connections, due)
	for _, command := range []string{"work", "work", "work", "serve", "serve"} {
		f.add(command)
	}
	defer f.end()
	f.allUp()
	started := time.Now()
	stop, tormented := make(chan struct{}), make(chan []string, 1)
	seed := uint64(time.Now().UnixNano())
	go func() { tormented <- f.torment(seed, stop) }()
	var once sync.Once
	mend := func() { once.Do(func() { close(stop) }) }
	defer mend()

	runs := connections * due
	ended := func() int {
		return f.number(`SELECT count(*) FROM run WHERE NOT manual AND state NOT IN ('queued', 'running')`)
	}
	f.within(eventually, "nearly all runs have ended", func() bool { return ended() >= runs*9/10 })
	mend()
	t.Logf("seed %d, %v: %s", seed, time.Since(started).Round(time.Second), strings.Join(<-tormented, ", "))
	if f.kills.Load() == 0 {
		t.Error("no process was killed")
	}
	mended := time.Now()
	f.within(eventually, "all due times have run", func() bool {
		return ended() == runs && f.number(`SELECT count(*) FROM schedule WHERE next_due_at <= now()`) == 0
	})
	f.within(eventually, "all files are loaded", func() bool {
		return f.number(`SELECT count(*) FROM file WHERE direction = 'in' AND state <> 'downloaded'`) == files
	})
	f.within(eventually, "nothing is left in the queue", func() bool {
		return f.number(`SELECT count(*) FROM river_job WHERE finalized_at IS NULL`) == 0
	})
	t.Logf("%d runs in %v, %v of them after the last disturbance; %d processes killed, %s runs taken over", runs, time.Since(started).Round(time.Second),
		time.Since(mended).Round(time.Second), f.kills.Load(), f.text(`SELECT count(*) FROM run WHERE epoch > 1`))
	f.checkOnce(connections, due, files)
	f.within(eventually, "all five machines are there", func() bool {
		return f.number(`SELECT count(*) FROM node WHERE heartbeat_at > now() - interval '15 seconds'`) == len(f.members)
	})
}

// checkOnce checks that each due time ran once, and each file came in once.
func (f *fleet) checkOnce(connections, due, files int) {
	f.t.Helper()
	for _, c := range []struct {
		what, query string
		want        int
	}{
		{"runs that did not succeed", `SELECT count(*) FROM run WHERE state <> 'succeeded'`, 0},
		{"runs that ended well other than once", `SELECT count(*) FROM run r WHERE (SELECT count(*) FROM run_log l WHERE l.run_id = r.id AND code = 'run.succeeded') <> 1`, 0},
		{"runs of other due times than the hours", `SELECT count(*) FROM run WHERE due_at <> date_trunc('hour', due_at)`, 0},
		{"schedules with all their due times", fmt.Sprintf(`SELECT count(*) FROM (SELECT schedule_id FROM run GROUP BY 1
			HAVING count(*) = %d AND count(DISTINCT due_at) = %[1]d AND max(due_at) - min(due_at) = interval '%[2]d hours') x`, due, due-1), connections},
		{"files", `SELECT count(*) FROM file WHERE direction = 'in'`, files},
		{"different files", `SELECT count(DISTINCT sha256) FROM file WHERE direction = 'in'`, files},
		{"files taken, by the runs' counts", `SELECT coalesce(sum((counts->>'downloaded')::int), 0) FROM run`, files},
		{"files that failed", `SELECT count(*) FROM file WHERE direction = 'in' AND state = 'failed'`, 0},
	} {
		if got := f.number(c.query); got != c.want {
			f.t.Errorf("%s: %d, want %d", c.what, got, c.want)
		}
	}
	for i := range connections {
		left, err := filepath.Glob(f.partner.Path(fmt.Sprintf("partner-%02d", i), "*.txt"))
		archived, err2 := filepath.Glob(f.partner.Path(fmt.Sprintf("partner-%02d", i), "done", "*.txt"))
		if err != nil || err2 != nil || len(left) != 0 || len(archived) != due {
			f.t.Errorf("partner %d has %d files left and %d archived, want 0 and %d", i, len(left), len(archived), due)
		}
	}
}
