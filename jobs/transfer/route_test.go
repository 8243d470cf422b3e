package transfer_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/jobs/transfer/sshdtest"
)

// fetched downloads the only file of a folder over a new connection.
func fetched(t *testing.T, target transfer.Endpoint, folder string) []byte {
	t.Helper()
	client := dial(t, target)
	var got bytes.Buffer
	if _, err := client.Download(t.Context(), only(t, client, folder), &got); err != nil {
		t.Fatal(err)
	}
	return got.Bytes()
}

func TestThroughJumpHost(t *testing.T) {
	t.Parallel()
	content := randomBytes(3 << 20)
	server, jump := sshdtest.Start(t, sshdtest.Options{}), sshdtest.Start(t, sshdtest.Options{})
	server.WriteFile("out/a.835", content)
	target, way := endpoint(server), endpoint(jump)
	target.Jump = &way
	if got := fetched(t, target, server.Path("out")); !bytes.Equal(got, content) {
		t.Error("what came through is something else")
	}
	steps := transfer.Test(t.Context(), target, server.Path("out"))
	if len(steps) != 8 || steps[1].Name != transfer.StepRoute || steps[7].State != transfer.StateOK {
		t.Errorf("steps: %+v", steps)
	}
	for name, c := range map[string]struct {
		change func(target, jump *transfer.Endpoint)
		code   string
		step   string
	}{
		"other key at the jump host": {func(_, j *transfer.Endpoint) { j.HostKeys = []string{someFingerprint} }, "transfer.host_key_changed", "route"},
		"jump host refuses":          {func(_, j *transfer.Endpoint) { j.Auth = transfer.Auth{Password: "x"} }, "transfer.auth_failed", "route"},
		"nobody at the jump host":    {func(_, j *transfer.Endpoint) { j.Port = 1 }, "transfer.connect_failed", "route"},
		"nobody behind it":           {func(e, _ *transfer.Endpoint) { e.Port = 1 }, "transfer.connect_failed", "tcp"},
		"other key behind it":        {func(e, _ *transfer.Endpoint) { e.HostKeys = []string{someFingerprint} }, "transfer.host_key_changed", "host_key"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			broken, through := target, way
			broken.Jump = &through
			c.change(&broken, &through)
			_, err := transfer.Dial(t.Context(), broken)
			if transfer.Code(err) != c.code {
				t.Fatalf("error %v, want %s", err, c.code)
			}
			if key, ok := errors.AsType[*transfer.HostKeyError](err); ok && key.Jump != (c.step == "route") {
				t.Errorf("the key is said to be the jump host's: %v", key.Jump)
			}
			for _, step := range transfer.Test(t.Context(), broken, ".") {
				if (step.State == transfer.StateFailed) != (step.Name == c.step) {
					t.Errorf("step %+v, want %s to fail", step, c.step)
				}
			}
		})
	}
}

// TestJumpHostForbids: a jump host that lets us in but not through.
func TestJumpHostForbids(t *testing.T) {
	t.Parallel()
	server, jump := sshdtest.Start(t, sshdtest.Options{}), sshdtest.Start(t, sshdtest.Options{Config: "AllowTcpForwarding no"})
	target, way := endpoint(server), endpoint(jump)
	target.Jump = &way
	_, err := transfer.Dial(t.Context(), target)
	wantCode(t, err, "transfer.proxy_refused", false)
}

// TestServerBehindJumpHostGoesMute: the limits hold through a jump host, too.
func TestServerBehindJumpHostGoesMute(t *testing.T) {
	t.Parallel()
	for name, mute := range map[string]func(server, jump *sshdtest.Server){
		"server":    func(server, _ *sshdtest.Server) { server.StopSessions() },
		"jump host": func(_, jump *sshdtest.Server) { jump.StopSessions() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, jump := sshdtest.Start(t, sshdtest.Options{}), sshdtest.Start(t, sshdtest.Options{})
			server.WriteFile("out/a.835", randomBytes(8<<20))
			target, way := endpoint(server), endpoint(jump)
			target.Jump, target.Timeouts, way.Timeouts = &way, shortIdle, shortIdle
			client := dial(t, target)
			file := only(t, client, server.Path("out"))
			err := within(t, func() error {
				_, err := client.Download(t.Context(), file, &onFirstByte{do: func() { mute(server, jump) }})
				return err
			})
			if !errors.Is(err, transfer.ErrTimeout) && !errors.Is(err, transfer.ErrLost) {
				t.Errorf("error %v, want ErrTimeout or ErrLost", err)
			}
		})
	}
}

// TestThroughSOCKS goes through the SOCKS proxy that OpenSSH's client has.
func TestThroughSOCKS(t *testing.T) {
	t.Parallel()
	server, way := sshdtest.Start(t, sshdtest.Options{}), sshdtest.Start(t, sshdtest.Options{})
	server.WriteFile("out/a.835", []byte("a"))
	target := endpoint(server)
	target.Proxy = "socks5://" + sshdtest.StartSOCKS(t, way)
	if got := fetched(t, target, server.Path("out")); string(got) != "a" {
		t.Errorf("got %q", got)
	}
	target.Port = 1
	_, err := transfer.Dial(t.Context(), target)
	wantCode(t, err, "transfer.proxy_refused", false)
	// A proxy that wants no sign-in is not given one.
	target.Port, target.Proxy = server.Port, strings.Replace(target.Proxy, "//", "//user@", 1)
	_, err = transfer.Dial(t.Context(), target)
	wantCode(t, err, "transfer.proxy_refused", false)
}

// connectProxy is an HTTP proxy for CONNECT that wants a user and password.
func connectProxy(t *testing.T) string {
	t.Helper()
	server := &http.Server{ReadHeaderTimeout: aWhile, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// net/http knows BasicAuth of the other header only.
		r.Header.Set("Authorization", r.Header.Get("Proxy-Authorization"))
		if user, password, _ := r.BasicAuth(); user != "us" || password != "open" || r.Method != http.MethodConnect {
			w.WriteHeader(http.StatusProxyAuthRequired)
			return
		}
		onward, err := (&net.Dialer{}).DialContext(r.Context(), "tcp", r.Host)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		inward, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = inward.Write([]byte("HTTP/1.1 200 go on\r\n\r\n"))
		go func() { _, _ = io.Copy(inward, onward); inward.Close() }()
		_, _ = io.Copy(onward, inward)
		onward.Close()
	})}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = server.Serve(listener) }() // it ends by Close
	t.Cleanup(func() { _ = server.Close() })
	return listener.Addr().String()
}

func TestThroughHTTPProxy(t *testing.T) {
	t.Parallel()
	server := sshdtest.Start(t, sshdtest.Options{})
	server.WriteFile("out/a.835", []byte("a"))
	target := endpoint(server)
	target.Proxy, target.ProxyPassword = "http://us@"+connectProxy(t), "open"
	if got := fetched(t, target, server.Path("out")); string(got) != "a" {
		t.Errorf("got %q", got)
	}
	target.ProxyPassword = "wrong"
	_, err := transfer.Dial(t.Context(), target)
	wantCode(t, err, "transfer.proxy_refused", false)
	if strings.Contains(err.Error(), "wrong") {
		t.Errorf("the error tells the password: %v", err)
	}
	target.Proxy = "http://" + server.Address() // which is no proxy
	_, err = transfer.Dial(t.Context(), target)
	wantCode(t, err, "transfer.proxy_refused", false)
}

// TestMuteProxy: a proxy that never answers does not hold us.
func TestMuteProxy(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	for _, kind := range []string{"socks5", "http"} {
		target := transfer.Endpoint{
			Host: "server.invalid", User: "us", Auth: transfer.Auth{Password: "p"}, Proxy: kind + "://" + listener.Addr().String(),
			Timeouts: transfer.Timeouts{Connect: 200 * time.Millisecond},
		}
		err := within(t, func() error { _, err := transfer.Dial(t.Context(), target); return err })
		wantCode(t, err, "transfer.timeout", false)
	}
}
