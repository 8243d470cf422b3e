package faults

import (
	"fmt"
	"os"
	"path/filepath"
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
	deedBack     = "back"     // the node's clock is an hour behind
	deedKill     = "kill"     // the process is killed, wherever it is
	deedFull     = "full"     // the archive's file system is full, until somebody makes room
	deedMute     = "mute"     // the node gives no sign of life, and the line to the partner stands still
	deedGrow     = "grow"     // the partner goes on writing the file that is taken
	deedAgain    = "again"    // the due time that ran is due again, as after a clock that went back
	deedCollect  = "collect"  // the node sleeps, and the partner takes away what it was sent
)

// actionOfDeed is what happens in the process, if it doesn't hold.
var actionOfDeed = map[string]string{
	deedClock: actJump, deedBack: actBack, deedKill: actExit, deedMute: actMute, deedCollect: actFreeze,
}

// anyMoments is how many points a run reaches at least, by and large.
const anyMoments = 120

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
	{deedClock, "schedule.due", 1},
	{deedClock, "push.begun", 1},
	{deedBack, "pull.begun", 1},
	{deedBack, "schedule.due", 1},
	{deedBack, "push.begun", 1},
	{deedBack, "node.beat", 3},
	{deedFull, "pull.writing", 5},
	{deedFull, "pull.written", 1},
	{deedMute, "pull.writing", 5},
	{deedGrow, "pull.saved", 1},
	{deedAgain, "schedule.committed", 1},
	{deedCollect, "push.sending", 1},
	{deedKill, anyPoint, 0},
	{deedKill, anyPoint, 0},
	{deedKill, anyPoint, 0},
	{deedKill, anyPoint, 0},
	{deedKill, anyPoint, 0},
	{deedKill, anyPoint, 0},
	{deedKill, anyPoint, 0},
	{deedKill, anyPoint, 0},
}

// awaitFault waits until the fault has happened and returns the process in which it did, and the point.
func (w *world) awaitFault() (_ *node, point string) {
	w.t.Helper()
	var pid int
	w.eventually("the fault happens: "+w.plan.String(), func() bool {
		text, err := os.ReadFile(filepath.Join(w.dir, fileFired))
		if err != nil {
			w.drive() // not so that the fault comes about, but so that the work does
			return false
		}
		_, err = fmt.Sscan(string(text), &pid, &point)
		return err == nil
	})
	for _, n := range append(w.dead, w.nodes...) {
		if n.cmd.Process.Pid == pid {
			return n, point
		}
	}
	w.t.Fatalf("the fault happened in a process that is not known: %d", pid)
	return nil, ""
}

// follow does what belongs to the fault beside what happened in the process.
func (w *world) follow(hit *node) {
	w.t.Helper()
	switch w.Action {
	case actExit:
		<-hit.exited
	case actFreeze:
		w.frozen = hit
	case actHold, actMute:
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
	case deedMute:
		w.mute(hit)
	case deedFull:
		w.fill()
	case deedGrow:
		w.grow()
		w.release()
	case deedAgain:
		if _, err := w.owner.Exec(`UPDATE schedule SET next_due_at = last_due_at`); err != nil {
			w.t.Fatal(err)
		}
		w.release()
	}
}

// release lets the process that holds go on.
func (w *world) release() { w.open(fileGate) }

// open opens a gate at which a process waits.
func (w *world) open(name string) {
	w.t.Helper()
	gate, err := os.OpenFile(filepath.Join(w.dir, name), os.O_WRONLY, 0) // returns when the other side is open
	if err != nil {
		w.t.Fatal(err)
	}
	_ = gate.Close() // nothing is written
}

// thaw lets a frozen process go on.
func (w *world) thaw() {
	w.frozen.signal(syscall.SIGCONT)
}
