package cluster

import (
	"context"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// cleanEnv is what our children see: a fixed locale and time zone, and nothing of the PG
// variables that could point them elsewhere.
func cleanEnv() []string {
	env := []string{"LC_ALL=C", "LANG=C", "TZ=UTC", "PATH=" + os.Getenv("PATH")}
	for _, name := range []string{"LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"} {
		if v := os.Getenv(name); v != "" {
			env = append(env, name+"="+v)
		}
	}
	return env
}

// runAs runs one of Postgres's tools to its end as the owner and returns what it printed.
// It does not outlive us.
func runAs(ctx context.Context, own owner, dir, name string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env, cmd.Dir = cleanEnv(), dir
	cmd.SysProcAttr = childAttr(own, syscall.SIGKILL)
	type result struct {
		out []byte
		err error
	}
	done := make(chan result, 1)
	go func() {
		runtime.LockOSThread() // see childAttr; the thread ends with the goroutine
		out, err := cmd.CombinedOutput()
		done <- result{out, err}
	}()
	r := <-done
	return r.out, r.err
}

// poll asks until the answer is yes, an error, or ctx ends.
func poll(ctx context.Context, every time.Duration, ask func() (bool, error)) error {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		if yes, err := ask(); yes || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
	}
}
