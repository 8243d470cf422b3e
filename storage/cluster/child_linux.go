package cluster

import "syscall"

// childAttr gives a child a process group of its own, so that ^C at a terminal reaches only
// us and we stop the server in order; and has the kernel send it onDeath when we are killed.
// The kernel watches the thread that forked: the caller must keep it locked until the child is gone.
func childAttr(own owner, onDeath syscall.Signal) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: onDeath, Credential: own.credential()}
}
