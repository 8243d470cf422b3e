package faults

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
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
	"github.com/ediport/ediport/jobs/ingest"
	"github.com/ediport/ediport/jobs/internal/failpoint"
	"github.com/ediport/ediport/storage"
	"github.com/ediport/ediport/storage/archive"
	"github.com/ediport/ediport/storage/cluster/clustertest"
	"github.com/ediport/ediport/storage/keys"
)

// The variables that make this test binary a node, and arm it: NAME:ACTION:NTH.
const (
	nodeVariable  = "EDIPORT_FAULTS_NODE"
	faultVariable = "EDIPORT_TEST_FAILPOINTS"
)

func TestMain(m *testing.M) {
	if os.Getenv(nodeVariable) != "" {
		if err := nodeMain(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	clustertest.Main(m)
}

// A nodeConfig is what a node's process is told.
type nodeConfig struct {
	LoaderURL, AppURL, DirectURL string
	Dir, KeyFile                 string
}

// Files in a world's folder by which its processes and the suite talk.
const (
	fileReached = "reached" // a byte for each time the point was reached
	fileFired   = "fired"   // number of the process in which the fault happened, and the point
	fileGate    = "gate"    // a pipe: who holds opens it for reading and waits for the other side
	fileBeats   = "beats"   // likewise, for the signs of life
	fileNoRoom  = "no-room" // it is there if who held finds the disk full, where no real one can be
)

// nodeMain is a node until its standard input ends.
func nodeMain() error {
	var c nodeConfig
	if err := json.Unmarshal([]byte(os.Getenv(nodeVariable)), &c); err != nil {
		return err
	}
	clock := &jumpingClock{}
	if err := arm(c.Dir, os.Getenv(faultVariable), clock); err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	db, err := storage.Open(storage.Config{
		LoaderURL: c.LoaderURL, AppURL: c.AppURL, DirectURL: c.DirectURL, IDKeys: [][32]byte{{1}}, CursorKeys: [][32]byte{{2}}, Clock: clock, MaxConnections: 3,
	})
	if err != nil {
		return err
	}
	ring, err := keys.Load(c.KeyFile)
	if err != nil {
		return err
	}
	a, err := archive.Open(filepath.Join(c.Dir, "archive"), ring)
	if err != nil {
		return err
	}
	in := &ingest.Ingester{DB: db, Archive: a, Log: log, Outbox: &jobs.Outbox{Archive: a}}
	node, err := jobs.Start(context.Background(), jobs.Config{
		DB: db, Archive: a, Keys: ring, Ingest: in.Load, Schedule: true, Work: true, Log: log,
		Tick: 200 * time.Millisecond, Heartbeat: 300 * time.Millisecond, FenceSelf: 1500 * time.Millisecond, GiveUp: 2500 * time.Millisecond,
	})
	if err != nil {
		return err
	}
	fmt.Println(node.ID())
	_, _ = io.Copy(io.Discard, os.Stdin)
	return node.Stop(context.Background())
}

// A jumpingClock is the time of day with an offset.
type jumpingClock struct{ offset atomic.Int64 }

// Now returns the time that this process believes in.
func (c *jumpingClock) Now() time.Time { return time.Now().UTC().Add(time.Duration(c.offset.Load())) }

// errFault is what goes wrong where something is told to fail: a full disk.
var errFault = fmt.Errorf("fault suite: %w", syscall.ENOSPC)

// arm sets the fault that a specification names.
func arm(dir, spec string, clock *jumpingClock) error {
	if spec == "" {
		return nil
	}
	parts := strings.Split(spec, ":")
	if len(parts) != 3 {
		return errors.New("a fault is NAME:ACTION:NTH")
	}
	nth, err := strconv.ParseInt(parts[2], 10, 64)
	if err != nil {
		return err
	}
	reached, err := os.OpenFile(filepath.Join(dir, fileReached), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	points := []string{parts[0]}
	if parts[0] == anyPoint {
		points = nil
		for _, p := range failpoint.Points() {
			points = append(points, p.Name)
		}
	}
	for _, point := range points {
		failpoint.SetCheck(point, func() error {
			if ordinal(reached) != nth {
				return nil
			}
			if err := tell(dir, point); err != nil {
				return err
			}
			return act(parts[1], dir, clock)
		})
	}
	return nil
}

// ordinal counts over all processes: after a write that appends, the offset is the end of what was written.
func ordinal(f *os.File) int64 {
	ordinalTurn <- struct{}{}
	defer func() { <-ordinalTurn }()
	if _, err := f.Write([]byte{'.'}); err != nil {
		return -1
	}
	at, err := f.Seek(0, io.SeekCurrent)
	if err != nil {
		return -1
	}
	return at
}

var ordinalTurn = make(chan struct{}, 1)

// tell says that the fault happens now, in this process, at the point.
func tell(dir, point string) error {
	name := filepath.Join(dir, fileFired)
	if err := os.WriteFile(name+".new", fmt.Appendf(nil, "%d %s", os.Getpid(), point), 0o600); err != nil {
		return err
	}
	return os.Rename(name+".new", name)
}

func act(action, dir string, clock *jumpingClock) error {
	switch action {
	case actExit:
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	case actFreeze:
		return syscall.Kill(os.Getpid(), syscall.SIGSTOP)
	case actFail:
		return errFault
	case actPanic:
		panic("fault suite")
	case actJump:
		clock.offset.Store(int64(time.Hour))
	case actBack:
		clock.offset.Store(-int64(time.Hour))
	case actHold:
		if err := waitAt(dir, fileGate); err != nil {
			return err
		}
		if _, err := os.Stat(filepath.Join(dir, fileNoRoom)); err == nil {
			return errFault
		}
		return nil
	case actMute:
		var once sync.Once
		failpoint.SetCheck("node.beat", func() (err error) {
			once.Do(func() { err = waitAt(dir, fileBeats) })
			return err
		})
		return waitAt(dir, fileGate)
	}
	return nil
}

// waitAt returns when the other side of a pipe is opened.
func waitAt(dir, name string) error {
	gate, err := os.OpenFile(filepath.Join(dir, name), os.O_RDONLY, 0)
	if err != nil {
		return err
	}
	return gate.Close()
}

// A node is a process that works.
type node struct {
	t      *testing.T
	cmd    *exec.Cmd
	id     string // "" if it died before it had one
	stdin  io.Closer
	log    *os.File
	exited chan struct{}
}

// startNode starts a process; it returns when that is a node, or has died.
func (w *world) startNode(armed bool) *node {
	w.t.Helper()
	text, err := json.Marshal(nodeConfig{w.cfg.LoaderURL, w.cfg.AppURL, w.cfg.DirectURL, w.dir, w.keyFile})
	if err != nil {
		w.t.Fatal(err)
	}
	n := &node{t: w.t, cmd: exec.Command(os.Args[0]), exited: make(chan struct{})}
	n.cmd.Env = append(os.Environ(), nodeVariable+"="+string(text))
	if armed {
		n.cmd.Env = append(n.cmd.Env, fmt.Sprintf("%s=%s:%s:%d", faultVariable, w.Point, w.Action, w.Nth))
	}
	if n.log, err = os.Create(filepath.Join(w.dir, fmt.Sprintf("node-%d.log", len(w.nodes)+len(w.dead)))); err != nil {
		w.t.Fatal(err)
	}
	n.cmd.Stderr = n.log
	out, err := n.cmd.StdoutPipe()
	if err != nil {
		w.t.Fatal(err)
	}
	if n.stdin, err = n.cmd.StdinPipe(); err != nil { // closed with this process: no node outlives it
		w.t.Fatal(err)
	}
	if err := n.cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	if lines.Scan() {
		n.id = lines.Text()
	}
	go func() {
		_ = n.cmd.Wait() // how it ended is known by who ended it
		close(n.exited)
	}()
	return n
}

// gone tells whether the process has ended.
func (n *node) gone() bool {
	select {
	case <-n.exited:
		return true
	default:
		return false
	}
}

// kill ends the process as a power cut would.
func (n *node) kill() {
	_ = n.cmd.Process.Kill() // it may be dead already
	<-n.exited
}

// signal does nothing to a process that is gone.
func (n *node) signal(s syscall.Signal) {
	_ = n.cmd.Process.Signal(s)
}

// said is the end of what the node logged.
func (n *node) said(most int) string {
	content, err := os.ReadFile(n.log.Name())
	if err != nil {
		return err.Error()
	}
	if bytes.Contains(content, []byte("WARNING: DATA RACE")) {
		n.t.Errorf("a data race in a node:\n%s", content)
	}
	return string(content[max(0, len(content)-most):])
}
