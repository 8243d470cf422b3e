package jobs

import (
	"bytes"
	"fmt"
	"os"
	"syscall"
)

// sleeps tells whether the process was stopped by a signal.
func (c *child) sleeps() bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", c.cmd.Process.Pid))
	if err != nil {
		c.t.Skipf("there is no /proc to see whether a process is stopped: %v", err)
	}
	_, after, _ := bytes.Cut(stat, []byte(") "))
	return bytes.HasPrefix(after, []byte("T"))
}

// wake lets a stopped process go on.
func (c *child) wake() {
	if err := c.cmd.Process.Signal(syscall.SIGCONT); err != nil {
		c.t.Errorf("waking the node: %v", err)
	}
}

// leave ends the node in order and waits until it is gone.
func (c *child) leave() {
	_ = c.stdin.Close() // it may be closed with the process already
	<-c.exited
}
