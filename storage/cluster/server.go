package cluster

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"time"
)

// server is a running postgres, our child.
type server struct {
	pid    int
	exited chan struct{} // closed when the process is gone
	err    error         // how it ended; valid once exited is closed
	log    string
	offset int64 // where its own lines begin in the log
}

// startServer starts postgres itself, not through pg_ctl, so that it is our child and its end
// is known at once.
func startServer(l layout, bin Binaries, own owner, settings []string) (*server, error) {
	log, err := openLog(l.log())
	if err != nil {
		return nil, fmt.Errorf("log of Postgres: %w", err)
	}
	defer log.Close()
	s := &server{exited: make(chan struct{}), log: l.log()}
	if st, err := log.Stat(); err == nil {
		s.offset = st.Size()
	}
	//nolint:noctx // the server outlives the call that starts it; Stop and Pdeathsig end it
	cmd := exec.Command(filepath.Join(bin.Dir, "postgres"), append([]string{"-D", l.data()}, settings...)...)
	cmd.Env, cmd.Dir, cmd.Stdout, cmd.Stderr = cleanEnv(), l.home, log, log
	cmd.SysProcAttr = childAttr(own, syscall.SIGINT) // when we are killed: a fast, clean stop
	started := make(chan error)
	go func() {
		runtime.LockOSThread() // see childAttr; the thread ends with the goroutine
		err := cmd.Start()
		started <- err
		if err != nil {
			return
		}
		s.err = cmd.Wait()
		close(s.exited)
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("starting Postgres: %w", err)
	}
	s.pid = cmd.Process.Pid
	return s, nil
}

// waitReady returns when the server accepts connections, or why it never will.
func (s *server) waitReady(ctx context.Context, l layout) error {
	return poll(ctx, 2*time.Millisecond, func() (bool, error) {
		select {
		case <-s.exited:
			return false, s.reason()
		default:
		}
		pf, err := readPidFile(l.pidFile())
		return pf.pid == s.pid && pf.ready, err
	})
}

// reason says how the server ended.
func (s *server) reason() error {
	how := "exit status 0"
	if s.err != nil {
		how = s.err.Error()
	}
	if words := lastWords(s.log, s.offset, s.pid); words != "" {
		return fmt.Errorf("the Postgres server ended (%s): %s; its log is %s", how, words, s.log)
	}
	return fmt.Errorf("the Postgres server ended (%s); its log is %s", how, s.log)
}

// stop ends the server in order; at once, so that the next start recovers, when that takes longer than
// fastStop or ctx allow. A server with nothing much to write gets its moment even if ctx has ended.
func (s *server) stop(ctx context.Context) error {
	_ = s.signal(syscall.SIGINT)
	if s.gone(ctx.Done(), fastStop) || s.gone(nil, stopMoment) {
		return nil
	}
	for _, sig := range []syscall.Signal{syscall.SIGQUIT, syscall.SIGKILL} {
		_ = s.signal(sig)
		if s.gone(nil, immediateStop) {
			return nil
		}
	}
	return fmt.Errorf("the Postgres server (process %d) does not stop", s.pid)
}

// gone waits for the process's end and tells whether it came in time.
func (s *server) gone(cut <-chan struct{}, limit time.Duration) bool {
	late := time.NewTimer(limit)
	defer late.Stop()
	select {
	case <-s.exited:
		return true
	case <-cut:
	case <-late.C:
	}
	return false
}

// signal reaches the process only while it is our unreaped child: its pid cannot have been
// given to another one.
func (s *server) signal(sig syscall.Signal) error {
	select {
	case <-s.exited:
		return os.ErrProcessDone
	default:
		return syscall.Kill(s.pid, sig)
	}
}
