package clustertest

import "syscall"

// childAttributes has the kernel end a child with its parent.
func childAttributes(account *syscall.Credential) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGQUIT, Credential: account}
}
