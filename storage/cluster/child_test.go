package cluster_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"github.com/ediport/ediport/storage/cluster"
)

// childEnv makes the test binary a process that opens a cluster, so that it can be killed.
const childEnv = "EDIPORT_TEST_CHILD"

// runChild opens the cluster, says so, and stops it at the end of its input.
func runChild(spec string) error {
	var opts cluster.Options
	if err := json.Unmarshal([]byte(spec), &opts); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	c, err := cluster.Open(ctx, opts)
	if err != nil {
		return err
	}
	fmt.Println("ready", c.PID())
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		return err
	}
	return c.Stop(context.Background())
}

// child is another ediport.
type child struct {
	cmd   *exec.Cmd
	stdin io.Closer
	pid   int // of its server, 0 if it attached
}

// startChild runs Open in a process of its own, as user nobody if asked.
func startChild(t *testing.T, opts cluster.Options, asNobody bool) *child {
	t.Helper()
	opts.Logger = nil
	spec, err := json.Marshal(opts)
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "hold")
	cmd.Env = append(os.Environ(), childEnv+"="+string(spec))
	if asNobody {
		cmd.Path = copyProgram(t, program)
		cmd.Dir = "/"
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: nobody(t)}
	}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	c := &child{cmd: cmd, stdin: stdin}
	t.Cleanup(c.kill)
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if _, scanErr := fmt.Sscanf(line, "ready %d", &c.pid); scanErr != nil {
		t.Fatalf("the other process did not open the cluster: %q %v", line, err)
	}
	return c
}

// kill is SIGKILL; it reaps.
func (c *child) kill() {
	_ = c.cmd.Process.Kill()
	_ = c.cmd.Wait()
}

// stop ends it in order.
func (c *child) stop(t *testing.T) {
	t.Helper()
	c.stdin.Close()
	if err := c.cmd.Wait(); err != nil {
		t.Errorf("the other process: %v", err)
	}
}

// copyProgram puts the test binary where user nobody can run it.
func copyProgram(t *testing.T, program string) string {
	t.Helper()
	b, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(tempFolder(t), "child")
	if err := os.WriteFile(copied, b, 0o755); err != nil {
		t.Fatal(err)
	}
	return copied
}

func nobody(t *testing.T) *syscall.Credential {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can act as another user")
	}
	u, err := user.Lookup("nobody")
	if err != nil {
		t.Fatal(err)
	}
	uid, _ := strconv.ParseUint(u.Uid, 10, 32)
	gid, _ := strconv.ParseUint(u.Gid, 10, 32)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
}
