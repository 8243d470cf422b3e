package notify

import (
	"bufio"
	"crypto/tls"
	"net"
	"strings"
	"sync"
	"testing"
)

// A postOffice is a mail server on a loopback port that keeps what it takes.
type postOffice struct {
	listener net.Listener
	tls      *tls.Config
	implicit bool

	mu       sync.Mutex
	mails    []string
	signedIn int
	secure   int // mails that came over TLS
	refuse   map[string]bool
	came     chan struct{}
}

func newPostOffice(t *testing.T, config *tls.Config, implicit bool) *postOffice {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &postOffice{listener: l, tls: config, implicit: implicit, refuse: map[string]bool{}, came: make(chan struct{}, 100)}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			serving.Go(func() { p.serve(conn) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		serving.Wait()
	})
	return p
}

func (p *postOffice) port() int { return p.listener.Addr().(*net.TCPAddr).Port }

func (p *postOffice) serve(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	secure := p.implicit
	if secure {
		conn = tls.Server(conn, p.tls)
	}
	r := bufio.NewReader(conn)
	say := func(line string) { _, _ = conn.Write([]byte(line + "\r\n")) }
	say("220 post.example ready")
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		switch verb := strings.ToUpper(strings.Fields(line + " x")[0]); verb {
		case "EHLO":
			say("250-post.example")
			if p.tls != nil && !secure {
				say("250-STARTTLS")
			}
			say("250 AUTH PLAIN")
		case "STARTTLS":
			if p.tls == nil {
				say("502 not here")
				continue
			}
			say("220 go on")
			conn, secure = tls.Server(conn, p.tls), true
			r = bufio.NewReader(conn)
		case "AUTH":
			p.mu.Lock()
			p.signedIn++
			p.mu.Unlock()
			say("235 welcome")
		case "RCPT":
			p.mu.Lock()
			refused := p.refuse[strings.TrimSpace(line[len("RCPT TO:"):])]
			p.mu.Unlock()
			if refused {
				say("550 nobody of that name")
				continue
			}
			say("250 ok")
		case "DATA":
			say("354 go on")
			p.take(r, secure)
			say("250 taken")
		case "QUIT":
			say("221 bye")
			return
		default:
			say("250 ok")
		}
	}
}

func (p *postOffice) take(r *bufio.Reader, secure bool) {
	var b strings.Builder
	for {
		line, err := r.ReadString('\n')
		if err != nil || line == ".\r\n" {
			break
		}
		b.WriteString(line)
	}
	p.mu.Lock()
	p.mails = append(p.mails, b.String())
	if secure {
		p.secure++
	}
	p.mu.Unlock()
	p.came <- struct{}{}
}
