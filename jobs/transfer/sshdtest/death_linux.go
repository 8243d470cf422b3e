package sshdtest

import "syscall"

// diesWithUs makes the kernel end sshd when the test process ends without having stopped it.
func diesWithUs() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
