package transfer_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/jobs/transfer/sshdtest"
)

// aWhile is how long a test waits for what must happen; far longer than it takes.
const aWhile = 5 * time.Minute

// shortIdle makes a mute server show soon.
var shortIdle = transfer.Timeouts{Idle: 500 * time.Millisecond, Handshake: aWhile}

// within runs work and fails the test if it does not come back: a hang is the failure looked for.
func within(t *testing.T, work func() error) error {
	t.Helper()
	done := make(chan error, 1)
	go func() { done <- work() }()
	select {
	case err := <-done:
		return err
	case <-time.After(aWhile):
		t.Fatal("it hangs")
		return nil
	}
}

// onFirstByte is a writer that does something when the first bytes arrive.
type onFirstByte struct {
	once sync.Once
	do   func()
}

func (w *onFirstByte) Write(p []byte) (int, error) {
	w.once.Do(w.do)
	return len(p), nil
}

func TestBrokenInMidTransfer(t *testing.T) {
	t.Parallel()
	content := randomBytes(32 << 20)
	for name, c := range map[string]struct {
		breakIt func(*sshdtest.Server, *sshdtest.Proxy, context.CancelFunc)
		code    string
	}{
		"connection cut":      {func(_ *sshdtest.Server, p *sshdtest.Proxy, _ context.CancelFunc) { p.CutAfter(1 << 20) }, "transfer.connection_lost"},
		"connection stalls":   {func(_ *sshdtest.Server, p *sshdtest.Proxy, _ context.CancelFunc) { p.StallAfter(1 << 20) }, "transfer.timeout"},
		"session killed":      {func(s *sshdtest.Server, _ *sshdtest.Proxy, _ context.CancelFunc) { s.KillSessions() }, "transfer.connection_lost"},
		"server killed":       {func(s *sshdtest.Server, _ *sshdtest.Proxy, _ context.CancelFunc) { s.Kill() }, "transfer.connection_lost"},
		"session hangs":       {func(s *sshdtest.Server, _ *sshdtest.Proxy, _ context.CancelFunc) { s.StopSessions() }, "transfer.timeout"},
		"file service hangs":  {func(s *sshdtest.Server, _ *sshdtest.Proxy, _ context.CancelFunc) { s.HangFiles() }, "transfer.timeout"},
		"cancelled by caller": {func(_ *sshdtest.Server, _ *sshdtest.Proxy, cancel context.CancelFunc) { cancel() }, "transfer.canceled"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := sshdtest.Start(t, sshdtest.Options{})
			server.WriteFile("out/file.835", content)
			proxy := sshdtest.StartProxy(t, server.Address())
			target := endpoint(server)
			target.Host, target.Port, target.Timeouts = proxy.Host, proxy.Port, shortIdle
			client := dial(t, target)
			file := only(t, client, server.Path("out"))
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()

			err := within(t, func() error {
				writer := &onFirstByte{do: func() { c.breakIt(server, proxy, cancel) }}
				n, err := client.Download(ctx, file, writer)
				if n >= file.Size {
					t.Errorf("all %d bytes came: nothing was broken", n)
				}
				return err
			})
			wantCode(t, err, c.code, false)

			// The connection is done for, and says so at once; a new one starts over.
			if _, err := client.Stat(t.Context(), file.Path); err == nil {
				t.Error("the broken connection still answers")
			}
		})
	}
}

func TestDownloadStartsOverAfterABreak(t *testing.T) {
	t.Parallel()
	content := randomBytes(8 << 20)
	server := sshdtest.Start(t, sshdtest.Options{})
	server.WriteFile("out/file.835", content)
	client := dial(t, endpoint(server))
	file := only(t, client, server.Path("out"))
	_, err := client.Download(t.Context(), file, &onFirstByte{do: server.KillSessions})
	wantCode(t, err, "transfer.connection_lost", false)

	var got bytes.Buffer
	if _, err := dial(t, endpoint(server)).Download(t.Context(), file, &got); err != nil || !bytes.Equal(got.Bytes(), content) {
		t.Fatalf("second attempt: %d bytes, %v", got.Len(), err)
	}
}

// A slow reader of ours is no fault of the server's, even past the idle limit.
func TestSlowWriterIsNoTimeout(t *testing.T) {
	t.Parallel()
	server := sshdtest.Start(t, sshdtest.Options{})
	server.WriteFile("out/file.835", randomBytes(4<<20))
	target := endpoint(server)
	target.Timeouts = shortIdle
	client := dial(t, target)
	file := only(t, client, server.Path("out"))
	pause := time.NewTimer(3 * shortIdle.Idle)
	if _, err := client.Download(t.Context(), file, &onFirstByte{do: func() { <-pause.C }}); err != nil {
		t.Fatal(err)
	}
}

// An unused connection outlives the idle limit: keep-alives are sent and answered.
func TestIdleConnectionIsKeptAlive(t *testing.T) {
	t.Parallel()
	server := sshdtest.Start(t, sshdtest.Options{})
	proxy := sshdtest.StartProxy(t, server.Address())
	target := endpoint(server)
	target.Host, target.Port, target.Timeouts = proxy.Host, proxy.Port, shortIdle
	client := dial(t, target)
	<-time.NewTimer(3 * shortIdle.Idle).C
	if _, err := client.List(t.Context(), transfer.ListOptions{}); err != nil {
		t.Fatal(err)
	}
	stalled := proxy.StallAfter(0)
	select { // only a keep-alive's answer can run into the stall
	case <-stalled:
	case <-time.After(aWhile):
		t.Fatal("no keep-alive was answered")
	}
	err := within(t, func() error {
		_, err := client.List(t.Context(), transfer.ListOptions{})
		return err
	})
	wantCode(t, err, "transfer.timeout", false)
}

func TestServersThatAreNone(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		behave func(net.Conn)
		code   string
	}{
		"mute":              {func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }, "transfer.timeout"},
		"closes at once":    {func(net.Conn) {}, "transfer.connection_lost"},
		"speaks HTTP":       {func(conn net.Conn) { speak(conn, "HTTP/1.1 400 Bad Request\r\n\r\n") }, "transfer.not_ssh"},
		"greets, then mute": {func(conn net.Conn) { _, _ = io.WriteString(conn, "SSH-2.0-x\r\n"); _, _ = io.Copy(io.Discard, conn) }, "transfer.timeout"},
		"greets, then junk": {func(conn net.Conn) { speak(conn, "SSH-2.0-x\r\n\xff\xff\xff\xff junk and more junk") }, "transfer.not_ssh"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			host, port := listen(t, c.behave)
			target := transfer.Endpoint{
				Host: host, Port: port, User: "u", Auth: transfer.Auth{Password: "p"},
				Timeouts: transfer.Timeouts{Handshake: 300 * time.Millisecond},
			}
			err := within(t, func() error {
				_, err := transfer.Dial(t.Context(), target)
				return err
			})
			wantCode(t, err, c.code, false)
		})
	}
}

func speak(conn net.Conn, text string) {
	_, _ = io.WriteString(conn, text) // the client may be gone, the test sees it
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.CloseWrite() // so that it does not wait for more
	}
}

// listen answers each connection in some way until the test ends.
func listen(t *testing.T, behave func(net.Conn)) (string, int) {
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
				behave(conn)
			}()
		}
	}()
	return "127.0.0.1", listener.Addr().(*net.TCPAddr).Port
}

func TestCancelledWhileDialing(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	host, port := listen(t, func(conn net.Conn) {
		cancel()
		_, _ = io.Copy(io.Discard, conn)
	})
	target := transfer.Endpoint{Host: host, Port: port, User: "u", Auth: transfer.Auth{Password: "p"}}
	err := within(t, func() error {
		_, err := transfer.Dial(ctx, target)
		return err
	})
	wantCode(t, err, "transfer.canceled", false)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v is not context.Canceled", err)
	}
}

func TestDialFailures(t *testing.T) {
	t.Parallel()
	host, port := listen(t, func(net.Conn) {})
	refusing := errors.New("not that one")
	for name, c := range map[string]struct {
		target transfer.Endpoint
		code   string
		fatal  bool
	}{
		"nobody listens": {transfer.Endpoint{Host: "127.0.0.1", Port: 1}, "transfer.connect_failed", false},
		"no such host":   {transfer.Endpoint{Host: "no-such-host.invalid"}, "transfer.host_not_found", false},
		"refused address": {
			transfer.Endpoint{Host: host, Port: port, Permit: func(netip.AddrPort) error { return refusing }}, "transfer.address_refused", true,
		},
		"no host": {transfer.Endpoint{}, "transfer.endpoint_invalid", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.target.User, c.target.Auth.Password = "u", "p"
			_, err := transfer.Dial(t.Context(), c.target)
			wantCode(t, err, c.code, c.fatal)
		})
	}
}
