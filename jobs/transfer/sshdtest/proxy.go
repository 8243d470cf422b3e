package sshdtest

import (
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// A Proxy passes TCP connections on to a server and can break them. What it counts and breaks is
// what the server sends. It ends with its test.
type Proxy struct {
	Host string // 127.0.0.1
	Port int

	t        testing.TB
	target   string
	listener net.Listener

	mu      sync.Mutex
	wake    *sync.Cond // when a rule changed or the proxy closed
	rule    rule
	passed  int64
	closed  bool
	conns   map[net.Conn]bool
	muted   map[net.Conn]bool // of conns, the server's ends
	reached chan struct{}     // closed when the rule has taken effect
	once    *sync.Once
}

type rule struct {
	cutAfter   int64 // bytes; -1: never
	stallAfter int64 // bytes; -1: never
	slow       time.Duration
	corrupt    bool // behind cutAfter's bytes, instead of closing
}

// StartProxy starts a proxy to host:port, or to a Unix socket's path.
func StartProxy(t testing.TB, target string) *Proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{
		Host: "127.0.0.1", Port: listener.Addr().(*net.TCPAddr).Port,
		t: t, target: target, listener: listener, conns: map[net.Conn]bool{}, muted: map[net.Conn]bool{},
	}
	p.wake = sync.NewCond(&p.mu)
	p.set(rule{cutAfter: -1, stallAfter: -1})
	go p.accept()
	t.Cleanup(p.Close)
	return p
}

// Address returns host:port.
func (p *Proxy) Address() string { return p.listener.Addr().String() }

// CutAfter closes both sides once n more bytes have passed from server to client, and every later
// connection at once. The channel is closed when it happened.
func (p *Proxy) CutAfter(n int64) <-chan struct{} {
	return p.set(rule{cutAfter: n, stallAfter: -1})
}

// StallAfter passes n more bytes from server to client and then nothing, leaving the connections
// open. The channel is closed when it happened.
func (p *Proxy) StallAfter(n int64) <-chan struct{} {
	return p.set(rule{cutAfter: -1, stallAfter: n})
}

// Mute lets nothing pass any more from server to client on the connections that are open now, until the proxy
// is closed. Later ones pass.
func (p *Proxy) Mute() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for conn := range p.conns {
		p.muted[conn] = true
	}
}

// CorruptAfter changes a byte once n more have passed from server to client, in each connection's next
// piece. The channel is closed when it happened.
func (p *Proxy) CorruptAfter(n int64) <-chan struct{} {
	return p.set(rule{cutAfter: n, stallAfter: -1, corrupt: true})
}

// Connections returns how many connections of clients are open.
func (p *Proxy) Connections() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.conns) / 2
}

// Slow delays each piece (at most 32 KiB) from server to client.
func (p *Proxy) Slow(delay time.Duration) { p.set(rule{cutAfter: -1, stallAfter: -1, slow: delay}) }

// Restore passes everything again; what a stall held back follows.
func (p *Proxy) Restore() { p.set(rule{cutAfter: -1, stallAfter: -1}) }

// Passed returns how many bytes went from server to client since the last rule was set.
func (p *Proxy) Passed() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.passed
}

// Close ends the proxy and its connections.
func (p *Proxy) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	_ = p.listener.Close() // a second Close, by test and Cleanup, is fine
	for conn := range p.conns {
		_ = conn.Close()
	}
	p.wake.Broadcast()
}

func (p *Proxy) set(r rule) <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rule, p.passed = r, 0
	p.reached, p.once = make(chan struct{}), &sync.Once{}
	p.wake.Broadcast()
	return p.reached
}

func (p *Proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		network := "tcp"
		if strings.HasPrefix(p.target, "/") {
			network = "unix"
		}
		server, err := net.Dial(network, p.target)
		if err != nil {
			_ = client.Close()
			continue
		}
		if p.track(client, server) {
			go p.pass(server, client, nil)
			go p.pass(client, server, func(n int) (int, bool) { return p.admit(server, n) })
		}
	}
}

func (p *Proxy) track(client, server net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		_, _ = client.Close(), server.Close()
		return false
	}
	p.conns[client], p.conns[server] = true, true
	return true
}

// pass copies from one side to the other. admit, if not nil, is asked before each piece is passed.
func (p *Proxy) pass(to, from net.Conn, admit func(n int) (int, bool)) {
	defer p.forget(to, from)
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		for piece := buf[:n]; len(piece) > 0; {
			allowed, open := len(piece), true
			if admit != nil {
				allowed, open = admit(len(piece))
			}
			if admit != nil && p.corrupts() {
				piece[len(piece)/2] ^= 0x55
			}
			if _, err := to.Write(piece[:allowed]); err != nil || !open {
				return
			}
			piece = piece[allowed:]
		}
		if err != nil {
			return
		}
	}
}

// admit returns how many of n bytes may pass now, waiting while stalled or mute, and whether the connection stays open.
func (p *Proxy) admit(server net.Conn, n int) (int, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if delay := p.rule.slow; delay > 0 {
		p.mu.Unlock()
		<-time.After(delay)
		p.mu.Lock()
	}
	for p.muted[server] && !p.closed {
		p.wake.Wait()
	}
	for p.rule.stallAfter >= 0 && p.passed >= p.rule.stallAfter && !p.closed {
		p.happened()
		p.wake.Wait()
	}
	allowed, open := int64(n), !p.closed
	if limit := p.rule.stallAfter; limit >= 0 {
		allowed = min(allowed, limit-p.passed)
	}
	if limit := p.rule.cutAfter; limit >= 0 && p.passed+allowed >= limit && !p.rule.corrupt {
		allowed, open = max(0, limit-p.passed), false
		p.happened()
	}
	p.passed += allowed
	return int(allowed), open
}

// corrupts tells whether the piece that was admitted last is to be changed.
func (p *Proxy) corrupts() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.rule.corrupt || p.passed < p.rule.cutAfter {
		return false
	}
	p.happened()
	return true
}

// forget closes both sides of a connection.
func (p *Proxy) forget(to, from net.Conn) {
	_, _ = to.Close(), from.Close() // the other direction may have done it
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.conns, to)
	delete(p.conns, from)
	delete(p.muted, to)
	delete(p.muted, from)
}

func (p *Proxy) happened() { p.once.Do(func() { close(p.reached) }) }
