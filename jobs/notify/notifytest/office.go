// Package notifytest gives tests a mail server on a loopback port that keeps what it takes.
//
//	office := notifytest.Open(t, notifytest.Options{})
//	notify.Start(notify.Config{Mail: office.Mail("exchange@exchange.example"), Allow: notifytest.Loopback, …})
//	mail := office.Next(t)
package notifytest

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"github.com/ediport/ediport/jobs/notify"
)

// Loopback are the networks of this machine, for notify.Config.Allow.
var Loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}

// patience is generous: tests wait for events, not for time.
const patience = 60 * time.Second

// Options say what kind of server it is.
type Options struct {
	TLS      string            // notify.TLSStart ("" too), TLSImplicit or TLSNone
	Login    string            // with Password: who may hand in mail; "": everybody
	Password string            //
	Refuse   func(string) bool // receivers that are refused; nil: none
	Hang     bool              // takes connections and never says a word
}

// An Office is a mail server. Safe for several goroutines.
type Office struct {
	options Options
	address *net.TCPAddr
	roots   *tls.Config
	came    chan struct{} // holds one: something came since somebody looked

	mu       sync.Mutex
	attempts int
	taken    []Taken
	found    map[int]bool // by [Office.Find]
}

// A Taken is a mail that came.
type Taken struct {
	From, To string
	Data     string // header and body
	Secure   bool   // it came over TLS
	Login    string // who handed it in; "": nobody signed in
}

// Open starts a mail server for the test.
func Open(t testing.TB, o Options) *Office {
	t.Helper()
	office := &Office{options: o, came: make(chan struct{}, 1), found: map[int]bool{}}
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // of a test
	if err != nil {
		t.Fatal(err)
	}
	office.address, _ = listener.Addr().(*net.TCPAddr)
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		office.mu.Lock()
		office.attempts++
		office.mu.Unlock()
		return &session{office: office, conn: c}, nil
	}))
	server.Domain, server.ErrorLog = "post.example", log.New(io.Discard, "", 0)
	config, roots := certificate(t)
	office.roots = roots
	switch o.TLS {
	case notify.TLSImplicit:
		server.TLSConfig, listener = config, tls.NewListener(listener, config)
	case "", notify.TLSStart:
		server.TLSConfig = config
	}
	if o.Hang {
		office.hold(t, listener)
		return office
	}
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(listener) })
	t.Cleanup(func() {
		_ = server.Close()
		serving.Wait()
	})
	return office
}

// hold takes connections without a word until the test ends.
func (o *Office) hold(t testing.TB, listener net.Listener) {
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { _ = conn.Close() })
			o.signal()
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		serving.Wait()
	})
}

// certificate returns one for 127.0.0.1 and who trusts it.
func certificate(t testing.TB) (server, client *tls.Config) {
	t.Helper()
	s := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(s.Close)
	pool := x509.NewCertPool()
	pool.AddCert(s.Certificate())
	return &tls.Config{MinVersion: tls.VersionTLS12, Certificates: s.TLS.Certificates}, &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: pool}
}

// Mail returns the configuration of a sender to this server.
func (o *Office) Mail(from string) notify.Mail {
	return notify.Mail{
		Host: "127.0.0.1", Port: o.address.Port, TLS: o.options.TLS, Username: o.options.Login, Password: o.options.Password,
		From: from, Roots: o.roots,
	}
}

// Next waits for the next mail.
func (o *Office) Next(t testing.TB) Taken {
	t.Helper()
	return o.Find(t, func(Taken) bool { return true })
}

// Find waits for a mail that fits and that was not found before. Mails that leave together come in any order.
func (o *Office) Find(t testing.TB, fits func(Taken) bool) Taken {
	t.Helper()
	for timeout := time.After(patience); ; {
		if m, ok := o.find(fits); ok {
			return m
		}
		select {
		case <-o.came:
		case <-timeout:
			t.Fatalf("no such mail came; %d others did", len(o.Taken()))
		}
	}
}

func (o *Office) find(fits func(Taken) bool) (Taken, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for i, m := range o.taken {
		if !o.found[i] && fits(m) {
			o.found[i] = true
			return m, true
		}
	}
	return Taken{}, false
}

// Connected waits for the next connection of an office that says nothing.
func (o *Office) Connected(t testing.TB) {
	t.Helper()
	select {
	case <-o.came:
	case <-time.After(patience):
		t.Fatal("nobody connected")
	}
}

func (o *Office) signal() {
	select {
	case o.came <- struct{}{}:
	default: // somebody will look anyway
	}
}

// Taken returns all mails that have come.
func (o *Office) Taken() []Taken {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]Taken(nil), o.taken...)
}

// Attempts returns how many connections came.
func (o *Office) Attempts() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.attempts
}

// A session is one connection to the server.
type session struct {
	office *Office
	conn   *smtp.Conn
	login  string
	mail   Taken
}

func (s *session) AuthMechanisms() []string {
	if s.office.options.Login == "" {
		return nil
	}
	return []string{sasl.Plain}
}

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, username, password string) error {
		if username != s.office.options.Login || password != s.office.options.Password {
			return smtp.ErrAuthFailed
		}
		s.login = username
		return nil
	}), nil
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if s.office.options.Login != "" && s.login == "" {
		return smtp.ErrAuthRequired
	}
	_, secure := s.conn.TLSConnectionState()
	s.mail = Taken{From: from, Secure: secure, Login: s.login}
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if refuse := s.office.options.Refuse; refuse != nil && refuse(to) {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "nobody of that name"}
	}
	if s.mail.To != "" {
		return errors.New("one receiver at a time")
	}
	s.mail.To = to
	return nil
}

func (s *session) Data(r io.Reader) error {
	var text strings.Builder
	if _, err := io.Copy(&text, r); err != nil {
		return err
	}
	s.mail.Data = text.String()
	s.office.mu.Lock()
	s.office.taken = append(s.office.taken, s.mail)
	s.office.mu.Unlock()
	s.office.signal()
	return nil
}

func (s *session) Reset()        { s.mail = Taken{} }
func (s *session) Logout() error { return nil }
