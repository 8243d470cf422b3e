package faults

import (
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// What is done to the world while a process holds still at a point.
const (
	deedCut      = "cut"      // the line to the partner is cut
	deedStall    = "stall"    // nothing comes over it any more
	deedSlow     = "slow"     // little does
	deedCorrupt  = "corrupt"  // bytes change on the way
	deedSSH      = "sshd"     // the partner's server is killed, and comes back
	deedPostgres = "postgres" // the database is killed, and comes back
	deedPower    = "power"    // all nodes are killed
	deedSilence  = "silence"  // the point is held until the others give the node up
	deedClock    = "clock"    // the node's clock is an hour ahead
)

type deedPlan struct {
	deed, point string
	nth         int
}

var deedPlans = []deedPlan{
	{deedCut, "pull.writing", 5},
	{deedCut, "push.reading", 5},
	{deedCut, "pull.finishing", 2},
	{deedCut, "push.uploaded", 2},
	{deedStall, "pull.writing", 4},
	{deedStall, "push.reading", 3},
	{deedSlow, "pull.writing", 2},
	{deedCorrupt, "pull.writing", 5},
	{deedCorrupt, "push.reading", 4},
	{deedSSH, "pull.listed", 1},
	{deedSSH, "pull.writing", 6},
	{deedSSH, "push.uploaded", 3},
	{deedPostgres, "pull.inserting", 1},
	{deedPostgres, "ingest.loading", 2},
	{deedPostgres, "push.recording", 3},
	{deedPostgres, "push.uploaded", 2},
	{deedPower, "ingest.loaded", 3},
	{deedPower, "push.uploaded", 1},
	{deedSilence, "node.beat", 5},
	{deedClock, "pull.begun", 1},
}

// awaitFault waits until the fault has happened and returns the process in which it did.
func (w *world) awaitFault() *node {
	w.t.Helper()
	var pid int
	w.eventually("the fault happens: "+w.plan.String(), func() bool {
		text, err := os.ReadFile(filepath.Join(w.dir, fileFired))
		if err != nil {
			w.drive() // not so that the fault comes about, but so that the work does
			return false
		}
		pid, err = strconv.Atoi(string(text))
		return err == nil
	})
	for _, n := range append(w.dead, w.nodes...) {
		if n.cmd.Process.Pid == pid {
			return n
		}
	}
	w.t.Fatalf("the fault happened in a process that is not known: %d", pid)
	return nil
}

// follow does what belongs to the fault beside what happened in the process.
func (w *world) follow(hit *node) {
	w.t.Helper()
	switch w.Action {
	case actExit:
		<-hit.exited
	case actFreeze:
		w.frozen = hit
	case actHold:
		w.deed(hit)
	}
}

func (w *world) deed(hit *node) {
	w.t.Helper()
	switch w.Deed {
	case deedCut:
		done := w.proxy.CutAfter(0)
		w.release()
		<-done
		w.proxy.Restore()
	case deedStall:
		done := w.proxy.StallAfter(0)
		w.release()
		<-done
		w.eventually("the node gives the line up", func() bool { return w.proxy.Connections() == 0 })
		w.proxy.Restore()
	case deedSlow:
		w.proxy.Slow(slowness)
		w.release()
	case deedCorrupt:
		done := w.proxy.CorruptAfter(0)
		w.release()
		<-done
		w.proxy.Restore()
	case deedSSH:
		w.server.Kill()
		w.release()
		w.server.Restart()
	case deedPostgres:
		w.postgres.Stop()
		w.release()
		w.postgres.Start()
	case deedPower:
		for _, n := range w.nodes {
			n.kill()
		}
	case deedSilence:
		w.eventually("the node is given up", func() bool {
			return w.number(`SELECT count(*) FROM node WHERE id = $1`, hit.id) == 0
		})
		w.release()
	}
}

// release lets the process that holds go on.
func (w *world) release() {
	w.t.Helper()
	gate, err := os.OpenFile(filepath.Join(w.dir, fileGate), os.O_WRONLY, 0) // returns when the other side is open
	if err != nil {
		w.t.Fatal(err)
	}
	_ = gate.Close() // nothing is written
}

// thaw lets a frozen process go on.
func (w *world) thaw() {
	w.frozen.signal(syscall.SIGCONT)
}
