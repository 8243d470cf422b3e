//go:build unix && !linux

package cluster

import "syscall"

// childAttr gives a child a process group of its own. Where the kernel cannot tie a child's life
// to ours, an orphaned server is stopped by the next start.
func childAttr(own owner, _ syscall.Signal) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Credential: own.credential()}
}
