//go:build !linux

package clustertest

import "syscall"

// childAttributes can't promise that a child ends with its parent here; the test's cleanup ends it.
func childAttributes(account *syscall.Credential) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Credential: account}
}
