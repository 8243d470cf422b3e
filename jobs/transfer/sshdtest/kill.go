package sshdtest

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// KillSessions kills every session with SIGKILL, the listener lives on: clients see their
// connection end, the next one succeeds.
func (s *Server) KillSessions() {
	s.t.Helper()
	s.killSessions()
}

// StopSessions freezes every session (SIGSTOP): the connections stay open and mute, as with a hung server.
func (s *Server) StopSessions() {
	s.t.Helper()
	s.freeze(descendants(s.command.Process.Pid))
}

// HangFiles freezes what serves the files, not what speaks SSH: keep-alives are answered, requests are not.
func (s *Server) HangFiles() {
	s.t.Helper()
	var last []process
	for _, session := range descendants(s.command.Process.Pid) {
		if len(descendants(session.pid)) == 0 {
			last = append(last, session)
		}
	}
	s.freeze(last)
}

// freeze stops processes and remembers them: one whose parent ends is no longer found below the listener.
func (s *Server) freeze(processes []process) {
	for _, p := range processes {
		s.frozen = append(s.frozen, p)
		p.signal(syscall.SIGSTOP)
	}
}

// Kill kills listener and sessions with SIGKILL and returns when the listener is gone.
func (s *Server) Kill() {
	s.t.Helper()
	if s.ended() {
		s.killFrozen() // below a listener that is gone nothing can be found: its number may be another's
		return
	}
	// Freeze the listener first, so that it starts no session between the list and its death.
	_ = s.command.Process.Signal(syscall.SIGSTOP) // it may have ended by itself
	s.killSessions()
	_ = s.command.Process.Kill() // likewise
	<-s.exited
}

// Restart kills the server and starts it again, at the same address, with the same keys.
func (s *Server) Restart() {
	s.t.Helper()
	s.Kill()
	s.start(require(s.t))
}

// Stop ends the server as Kill does: nothing of a test's sshd is worth keeping. It may be called again.
func (s *Server) Stop() { s.Kill() }

func (s *Server) ended() bool {
	select {
	case <-s.exited:
		return true
	default:
		return false
	}
}

func (s *Server) killSessions() {
	for _, p := range descendants(s.command.Process.Pid) {
		p.signal(syscall.SIGKILL)
	}
	s.killFrozen()
}

func (s *Server) killFrozen() {
	for _, p := range s.frozen {
		p.signal(syscall.SIGKILL)
	}
	s.frozen = nil
}

// A process is known by its number and start time: numbers are used again.
type process struct {
	pid, parent int
	started     string
}

// signal does nothing if the process is gone.
func (p process) signal(signal syscall.Signal) {
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.pid))
	if err != nil {
		return
	}
	if now, ok := parseStat(content); ok && now.started == p.started {
		_ = syscall.Kill(p.pid, signal) // it may have ended this moment
	}
}

// descendants returns the processes below pid, grandchildren included: a session may have a
// monitor, an unprivileged child and an SFTP process.
func descendants(pid int) []process {
	children := map[int][]process{}
	stats, _ := filepath.Glob("/proc/[0-9]*/stat") // the pattern is well formed
	for _, path := range stats {
		content, err := os.ReadFile(path) //nolint:gosec // from the glob above
		if err != nil {
			continue // ended meanwhile
		}
		if child, ok := parseStat(content); ok {
			children[child.parent] = append(children[child.parent], child)
		}
	}
	var found []process
	for queue := children[pid]; len(queue) > 0; queue = queue[1:] {
		found = append(found, queue[0])
		queue = append(queue, children[queue[0].pid]...)
	}
	return found
}

// parseStat reads /proc/PID/stat: "12 (name, may hold blanks) S 1 …"; the start time is field 22.
func parseStat(content []byte) (process, bool) {
	open, end := bytes.IndexByte(content, '('), bytes.LastIndexByte(content, ')')
	if open < 1 || end < open {
		return process{}, false
	}
	fields := strings.Fields(string(content[end+1:])) // from field 3 on
	if len(fields) < 20 {
		return process{}, false
	}
	pid, errPid := strconv.Atoi(string(bytes.TrimSpace(content[:open])))
	parent, errParent := strconv.Atoi(fields[1])
	return process{pid: pid, parent: parent, started: fields[19]}, errPid == nil && errParent == nil
}
