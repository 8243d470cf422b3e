package sshdtest_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"

	"github.com/ediport/ediport/jobs/transfer/sshdtest"
)

func signIn(server *sshdtest.Server, address string, method ssh.AuthMethod) (*ssh.Client, error) {
	return ssh.Dial("tcp", address, &ssh.ClientConfig{
		User: server.User, Auth: []ssh.AuthMethod{method},
		HostKeyCallback:   ssh.FixedHostKey(server.HostKeys()[0].PublicKey()),
		HostKeyAlgorithms: []string{server.HostKeys()[0].PublicKey().Type()},
	})
}

func connect(t *testing.T, server *sshdtest.Server, address string) *ssh.Client {
	t.Helper()
	key, err := ssh.ParsePrivateKey(server.ClientKey)
	if err != nil {
		t.Fatal(err)
	}
	client, err := signIn(server, address, ssh.PublicKeys(key))
	if err != nil {
		t.Fatalf("%v\n%s", err, server.Log())
	}
	t.Cleanup(func() { _ = client.Close() }) // the server may have ended it
	return client
}

func TestKillSessionsLeavesTheListener(t *testing.T) {
	t.Parallel()
	server := sshdtest.Start(t, sshdtest.Options{})
	client := connect(t, server, server.Address())
	server.KillSessions()
	if err := client.Wait(); err == nil {
		t.Error("the session ended in peace")
	}
	connect(t, server, server.Address())
}

func TestComesBackAfterKill(t *testing.T) {
	t.Parallel()
	server := sshdtest.Start(t, sshdtest.Options{Password: "right"})
	server.WriteFile("out/a.835", nil)
	client := connect(t, server, server.Address())
	server.Kill()
	if err := client.Wait(); err == nil {
		t.Error("the session ended in peace")
	}
	if _, err := net.Dial("tcp", server.Address()); err == nil {
		t.Error("somebody still listens")
	}
	again := sshdtest.Start(t, sshdtest.Options{
		Root: server.Root, Port: server.Port, HostKeys: server.HostKeys(), Password: "right",
	})
	if again.Fingerprint() != server.Fingerprint() || again.Address() != server.Address() {
		t.Error("it is another server")
	}
	if _, err := signIn(server, server.Address(), ssh.Password("right")); err != nil {
		t.Error(err)
	}
}

func TestPasswordMustBeRight(t *testing.T) {
	t.Parallel()
	server := sshdtest.Start(t, sshdtest.Options{Password: "right"})
	if _, err := signIn(server, server.Address(), ssh.Password("wrong")); err == nil {
		t.Error("any password will do")
	}
}

// chargen is a server that sends a line without end, and what a client of a proxy to it reads from.
func chargen(t *testing.T) (*sshdtest.Proxy, *bufio.Reader) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() }) // it only has to be gone
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				_, _ = io.Copy(conn, endless{}) // until the client is gone
			}()
		}
	}()
	proxy := sshdtest.StartProxy(t, listener.Addr().String())
	conn, err := net.Dial("tcp", proxy.Address())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() }) // likewise
	return proxy, bufio.NewReader(conn)
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return copy(p, strings.Repeat("x", len(p))), nil }

func TestProxyCuts(t *testing.T) {
	t.Parallel()
	proxy, client := chargen(t)
	cut := proxy.CutAfter(100_000)
	if _, err := io.Copy(io.Discard, client); err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !strings.Contains(err.Error(), "reset") {
		t.Fatal(err)
	}
	<-cut
	if passed := proxy.Passed(); passed != 100_000 {
		t.Errorf("%d bytes passed", passed)
	}
}

func TestProxyStallsAndRestores(t *testing.T) {
	t.Parallel()
	proxy, client := chargen(t)
	<-proxy.StallAfter(100_000)
	if passed := proxy.Passed(); passed != 100_000 {
		t.Errorf("%d bytes passed before the stall", passed)
	}
	proxy.Restore()
	if _, err := io.CopyN(io.Discard, client, 10_000_000); err != nil {
		t.Errorf("after the stall: %v", err)
	}
}
