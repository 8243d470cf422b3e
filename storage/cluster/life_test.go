package cluster_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/ediport/ediport/storage/cluster"
)

// A new folder becomes a cluster; a stop leaves nothing running; the next start finds the rows. What an
// interrupted first start left does no harm, nor does what the environment says about locale
// and Postgres.
func TestFirstStart(t *testing.T) {
	for name, value := range map[string]string{
		"LANG": "xx_YY", "LC_ALL": "xx_YY.bogus", "TZ": "Nowhere/Atall",
		"PGPORT": "1", "PGHOST": "nowhere.invalid", "PGDATA": "/nowhere",
	} {
		t.Setenv(name, value)
	}
	dir := tempFolder(t)
	half := filepath.Join(dir, "postgres", "data.tmp-1234", "base")
	if err := os.MkdirAll(half, 0o755); err != nil {
		t.Fatal(err)
	}
	c := open(t, cluster.Options{Dir: dir})
	if !c.Supervised() || c.PID() == 0 || c.Binaries().Major < cluster.OldestMajor {
		t.Errorf("supervised %v, pid %d, binaries %+v", c.Supervised(), c.PID(), c.Binaries())
	}
	for range 2 {
		if err := c.EnsureDatabase(t.Context(), "kept"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := connect(t, c, "kept").Exec("CREATE TABLE kept AS SELECT 1 AS n"); err != nil {
		t.Fatal(err)
	}
	stop(t, c)
	<-c.Done()
	if err := c.Err(); err != nil {
		t.Errorf("after a stop that was asked for: Err() = %v", err)
	}
	wantNoProcess(t, dir)
	wantRows(t, open(t, cluster.Options{Dir: dir}), 1)
}

func TestServerDoesNotRunAsRoot(t *testing.T) {
	t.Parallel()
	dir := seededFolder(t)
	c := open(t, cluster.Options{Dir: dir})
	data, err := os.Stat(filepath.Join(dir, "postgres", "data"))
	if err != nil {
		t.Fatal(err)
	}
	if uid := data.Sys().(*syscall.Stat_t).Uid; uid == 0 {
		t.Error("the cluster belongs to root")
	}
	if mode := data.Mode().Perm(); mode != 0o700 {
		t.Errorf("mode of the cluster's folder: %o", mode)
	}
	for _, pid := range processesOf(t, filepath.Join(dir, "postgres")) {
		st, err := os.Stat(filepath.Join("/proc", itoa(pid)))
		if err == nil && st.Sys().(*syscall.Stat_t).Uid == 0 {
			t.Errorf("process %d of the server (main process %d) runs as root", pid, c.PID())
		}
	}
}

func TestSecondSupervisorIsToldWhoHoldsTheFolder(t *testing.T) {
	t.Parallel()
	dir := seededFolder(t)
	other := startChild(t, cluster.Options{Dir: dir}, false)
	_, err := cluster.Open(t.Context(), cluster.Options{Dir: dir})
	held, ok := errors.AsType[*cluster.HeldError](err)
	if !ok {
		t.Fatalf("second supervisor: %v, want a HeldError", err)
	}
	if held.PID != other.cmd.Process.Pid || !strings.HasSuffix(held.Command, " hold") || held.Since.IsZero() {
		t.Errorf("holder: %+v, want process %d, command … hold", held, other.cmd.Process.Pid)
	}
	for _, want := range []string{itoa(held.PID), "hold", dir} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("message %q does not name %q", err, want)
		}
	}
	wantRows(t, open(t, cluster.Options{Dir: dir, Role: cluster.Attach}), 1) // the first is unharmed
	other.stop(t)
}

func TestOneOfManySupervisorsWins(t *testing.T) {
	t.Parallel()
	dir := seededFolder(t)
	const n = 4
	type result struct {
		c   *cluster.Cluster
		err error
	}
	results := make(chan result, n)
	for range n {
		go func() {
			c, err := cluster.Open(t.Context(), cluster.Options{Dir: dir})
			results <- result{c, err}
		}()
	}
	winners := 0
	for range n {
		r := <-results
		if r.err == nil {
			winners++
			t.Cleanup(func() { stop(t, r.c) })
		} else if _, ok := errors.AsType[*cluster.HeldError](r.err); !ok {
			t.Errorf("a loser got: %v", r.err)
		}
	}
	if winners != 1 {
		t.Errorf("%d supervisors on one folder", winners)
	}
}

// cancelOn is a log handler that calls off the start at a message.
type cancelOn struct {
	slog.Handler
	message string
	cancel  context.CancelFunc
}

func (h cancelOn) Handle(_ context.Context, r slog.Record) error {
	if r.Message == h.message {
		h.cancel()
	}
	return nil
}

func TestCancelledStartLeavesNothing(t *testing.T) {
	t.Parallel()
	dir := tempFolder(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	log := slog.New(cancelOn{slog.NewTextHandler(io.Discard, nil), "creating the private Postgres cluster", cancel})
	if _, err := cluster.Open(ctx, cluster.Options{Dir: dir, Logger: log}); !errors.Is(err, context.Canceled) {
		t.Errorf("Open = %v, want context.Canceled", err)
	}
	wantNoProcess(t, dir)
	if left, err := os.ReadDir(filepath.Join(dir, "postgres")); err != nil || len(left) != 1 {
		t.Errorf("left of a start that was called off: %v (%v), want the lock file alone", left, err)
	}
	open(t, cluster.Options{Dir: dir})
}
