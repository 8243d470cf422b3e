package cluster_test

import (
	"context"
	"errors"
	"testing"

	"github.com/ediport/ediport/storage/cluster"
)

func TestAttachUsesTheRunningServer(t *testing.T) {
	t.Parallel()
	dir := seededFolder(t)
	other := startChild(t, cluster.Options{Dir: dir}, false)
	c := open(t, cluster.Options{Dir: dir, Role: cluster.Attach})
	if c.Supervised() {
		t.Error("attached beside a supervisor, yet supervises")
	}
	wantRows(t, c, 1)
	stop(t, c)
	wantRows(t, open(t, cluster.Options{Dir: dir, Role: cluster.Attach}), 1) // still running
	other.stop(t)
	wantNoProcess(t, dir)
}

func TestAttachRunsTheServerForItsOwnDuration(t *testing.T) {
	t.Parallel()
	dir := seededFolder(t)
	c := open(t, cluster.Options{Dir: dir, Role: cluster.Attach})
	if !c.Supervised() {
		t.Error("attached without a supervisor, yet does not run the server")
	}
	wantRows(t, c, 1)
	stop(t, c)
	wantNoProcess(t, dir)
}

// The server is not taken away from a command that joined another command's server.
func TestTemporarySupervisorOutwaitsVisitors(t *testing.T) {
	t.Parallel()
	dir := seededFolder(t)
	first := open(t, cluster.Options{Dir: dir, Role: cluster.Attach})
	second := open(t, cluster.Options{Dir: dir, Role: cluster.Attach})
	stopped := make(chan error, 1)
	go func() { stopped <- first.Stop(context.Background()) }()
	wantRows(t, second, 1)
	addRow(t, second)
	select {
	case <-first.Done():
		t.Error("the server was stopped under a visitor")
	default:
	}
	stop(t, second)
	if err := <-stopped; err != nil {
		t.Error(err)
	}
	wantNoProcess(t, dir)
}

// serve does not fail because of a command that is about to end.
func TestSupervisorWaitsForATemporaryOne(t *testing.T) {
	t.Parallel()
	dir := seededFolder(t)
	command := startChild(t, cluster.Options{Dir: dir, Role: cluster.Attach}, false)
	opened := make(chan *cluster.Cluster, 1)
	go func() {
		c, err := cluster.Open(context.Background(), cluster.Options{Dir: dir})
		if err != nil {
			t.Error(err)
		}
		opened <- c
	}()
	command.stop(t)
	if c := <-opened; c != nil {
		wantRows(t, c, 1)
		stop(t, c)
	}
}

func TestManyCommandsAtOnce(t *testing.T) {
	t.Parallel()
	dir := seededFolder(t)
	const n = 4
	errs := make(chan error, n)
	for range n {
		go func() {
			c, err := cluster.Open(context.Background(), cluster.Options{Dir: dir, Role: cluster.Attach})
			if err == nil {
				err = errors.Join(c.EnsureDatabase(context.Background(), "together"), c.Stop(context.Background()))
			}
			errs <- err
		}()
	}
	for range n {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	wantNoProcess(t, dir)
}
