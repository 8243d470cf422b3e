package jobs

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/ediport/ediport/jobs/internal/failpoint"
	"github.com/ediport/ediport/storage"
	"github.com/ediport/ediport/storage/archive"
	"github.com/ediport/ediport/storage/keys"
)

// childVariable makes the test binary a node, in a process of its own that can be killed.
const childVariable = "EDIPORT_JOBS_TEST_CHILD"

type childConfig struct {
	LoaderURL, AppURL string
	Dir, KeyFile      string
	DieAt             string // failpoint at which the process kills itself
	StopAt            string // failpoint at which the process stops until it is woken
	ScheduleOnly      bool
}

func childMain() int {
	if err := runChild(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// runChild is a node until its standard input ends.
func runChild() error {
	var c childConfig
	if err := json.Unmarshal([]byte(os.Getenv(childVariable)), &c); err != nil {
		return err
	}
	db, err := storage.Open(storage.Config{LoaderURL: c.LoaderURL, AppURL: c.AppURL, IDKeys: [][32]byte{{1}}, CursorKeys: [][32]byte{{2}}})
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
	if c.DieAt != "" {
		failpoint.Set(c.DieAt, func() {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		})
	}
	if c.StopAt != "" {
		failpoint.Set(c.StopAt, func() { _ = syscall.Kill(os.Getpid(), syscall.SIGSTOP) })
	}
	h := house{db: db, archive: a, ring: ring}
	cfg := h.configOf(slog.New(slog.NewTextHandler(os.Stderr, nil)))
	cfg.Work = !c.ScheduleOnly
	load := cfg.Ingest
	cfg.Ingest = func(ctx context.Context, operator storage.OperatorID, id storage.FileID) error {
		failpoint.Reach("ingest")
		return load(ctx, operator, id)
	}
	node, err := Start(context.Background(), cfg)
	if err != nil {
		return err
	}
	fmt.Println(node.ID())
	_, _ = io.Copy(io.Discard, os.Stdin)
	return node.Stop(context.Background())
}

// A child is a node in a process of its own.
type child struct {
	t      testing.TB
	cmd    *exec.Cmd
	id     string // of the node
	stdin  io.Closer
	exited chan struct{}
}

func (h *house) startChild(change func(*childConfig)) *child {
	h.t.Helper()
	cfg := childConfig{LoaderURL: h.cfg.LoaderURL, AppURL: h.cfg.AppURL, Dir: h.dir, KeyFile: h.keyFile}
	if change != nil {
		change(&cfg)
	}
	text, err := json.Marshal(cfg)
	if err != nil {
		h.t.Fatal(err)
	}
	c := &child{t: h.t, cmd: exec.Command(os.Args[0]), exited: make(chan struct{})}
	c.cmd.Env = append(os.Environ(), childVariable+"="+string(text))
	if testing.Verbose() {
		c.cmd.Stderr = h.t.Output()
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		h.t.Fatal(err)
	}
	if c.stdin, err = c.cmd.StdinPipe(); err != nil { // closed with this process: no child outlives it
		h.t.Fatal(err)
	}
	if err := c.cmd.Start(); err != nil {
		h.t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	if lines.Scan() {
		c.id = lines.Text()
	}
	go func() {
		_ = c.cmd.Wait() // it is killed
		close(c.exited)
	}()
	h.t.Cleanup(c.kill)
	if c.id == "" {
		h.t.Fatal("the node did not start")
	}
	return c
}

// kill ends the process as a power cut would.
func (c *child) kill() {
	_ = c.cmd.Process.Kill() // it may be dead already
	<-c.exited
}
