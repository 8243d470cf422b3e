package sshdtest

import (
	"context"
	"fmt"
	"net"
	"os/exec"
	"testing"
	"time"
)

// StartSOCKS starts the SOCKS proxy of OpenSSH's client, which goes out through a server of this
// package, and returns its address. It skips the test (or fails it if CI=true) where there is no ssh.
func StartSOCKS(t testing.TB, through *Server) string {
	t.Helper()
	program, err := exec.LookPath("ssh")
	if err != nil {
		giveUp(t, "no OpenSSH client on this machine")
	}
	through.write("socks_key", string(through.ClientKey))
	address := net.JoinHostPort("127.0.0.1", fmt.Sprint(freePort(through)))
	log := &logBuffer{}
	command := exec.Command(program, "-F", "none", "-N", "-D", address, "-p", fmt.Sprint(through.Port), "-i", through.file("socks_key"),
		"-o", "IdentitiesOnly=yes", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
		"-o", "ExitOnForwardFailure=yes", through.User+"@"+through.Host)
	command.Stdout, command.Stderr = log, log
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	exited := make(chan struct{})
	go func() {
		defer close(exited)
		_ = command.Wait() // its error is the signal we sent
	}()
	t.Cleanup(func() {
		_ = command.Process.Kill() // it may have ended
		<-exited
	})
	awaitListener(t, address, exited, log)
	return address
}

// awaitListener returns when something accepts connections at the address.
func awaitListener(t testing.TB, address string, exited <-chan struct{}, log *logBuffer) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), startLimit)
	defer cancel()
	retry := time.NewTicker(10 * time.Millisecond)
	defer retry.Stop()
	for {
		if conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address); err == nil {
			conn.Close()
			return
		}
		select {
		case <-retry.C:
		case <-exited:
			t.Fatalf("it ended at once:\n%s", log)
		case <-ctx.Done():
			t.Fatalf("it does not listen after %v:\n%s", startLimit, log)
		}
	}
}
