package notify

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"mime"
	"net"
	"net/mail"
	"net/netip"
	"net/smtp"
	"net/textproto"
	"strconv"
	"strings"
	"time"

	"github.com/ediport/ediport/storage"
)

// The ways to protect mail on its way to the server.
const (
	TLSImplicit = "tls"      // from the first byte, usually port 465
	TLSStart    = "starttls" // asked for and insisted on, usually port 587
	TLSNone     = "none"     // for a server on this machine
)

// Mail is a server that takes mail, and to whom it goes.
type Mail struct {
	Host     string
	Port     int    // 0: 465 or 587, by TLS
	TLS      string // "": starttls
	Username string // "": no sign-in
	Password string
	From     string   // an address
	To       []string // addresses

	roots *tls.Config // of tests; nil: the system's
}

func (m Mail) check() error {
	switch m.TLS {
	case "", TLSImplicit, TLSStart:
	case TLSNone:
		if m.Username != "" {
			return errors.New("notify: mail without TLS can't sign in: the password would be readable on its way")
		}
	default:
		return errors.New("notify: mail's TLS is tls, starttls or none")
	}
	if len(m.To) == 0 {
		return errors.New("notify: mail needs an address to go to")
	}
	for _, a := range append([]string{m.From}, m.To...) {
		if _, err := mail.ParseAddress(a); err != nil {
			return errors.New("notify: mail: a sender's or receiver's address is malformed")
		}
	}
	return nil
}

func (m Mail) port() int {
	if m.TLS == TLSImplicit {
		return cmp.Or(m.Port, 465)
	}
	return cmp.Or(m.Port, 587)
}

func (m Mail) tlsConfig() *tls.Config {
	c := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: m.Host}
	if m.roots != nil {
		c.RootCAs = m.roots.RootCAs
	}
	return c
}

// A mailer sends mail.
type mailer struct {
	mail  Mail
	allow []netip.Prefix
	name  string
}

func (m *mailer) send(ctx context.Context, _ storage.Notice, e *Event) error {
	client, err := m.connect(ctx)
	if err != nil {
		return mailError(err)
	}
	defer func() { _ = client.Close() }()
	if err := m.hand(client, m.message(e)); err != nil {
		return mailError(err)
	}
	return mailError(client.Quit())
}

// connect dials, and protects the connection before anything is said on it.
func (m *mailer) connect(ctx context.Context) (*smtp.Client, error) {
	address := net.JoinHostPort(m.mail.Host, strconv.Itoa(m.mail.port()))
	conn, err := dialer(m.allow, m.mail.TLS == TLSNone).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	if deadline, ok := ctx.Deadline(); ok {
		_ = conn.SetDeadline(deadline) // a connection that takes none fails at its first use
	}
	if m.mail.TLS == TLSImplicit {
		conn = tls.Client(conn, m.mail.tlsConfig())
	}
	client, err := smtp.NewClient(conn, m.mail.Host)
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	if m.mail.TLS == "" || m.mail.TLS == TLSStart {
		if err := client.StartTLS(m.mail.tlsConfig()); err != nil {
			return nil, errors.Join(err, client.Close())
		}
	}
	return client, nil
}

func (m *mailer) hand(client *smtp.Client, message []byte) error {
	if m.mail.Username != "" {
		if err := client.Auth(smtp.PlainAuth("", m.mail.Username, m.mail.Password, m.mail.Host)); err != nil {
			return err
		}
	}
	from, _ := mail.ParseAddress(m.mail.From) // checked at start
	if err := client.Mail(from.Address); err != nil {
		return err
	}
	var refused error
	taken := 0
	for _, a := range m.mail.To {
		to, _ := mail.ParseAddress(a)
		if err := client.Rcpt(to.Address); err != nil {
			refused = err // who has left must not keep the others from knowing
			continue
		}
		taken++
	}
	if taken == 0 {
		return refused
	}
	body, err := client.Data()
	if err != nil {
		return err
	}
	if _, err := body.Write(message); err != nil {
		return err
	}
	return body.Close()
}

// message writes the mail of an event. The message's id stays the same when it is sent twice.
func (m *mailer) message(e *Event) []byte {
	var b bytes.Buffer
	header := func(name, value string) { fmt.Fprintf(&b, "%s: %s\r\n", name, value) }
	_, domain, _ := strings.Cut(strings.Trim(m.mail.From, "<> "), "@")
	header("From", m.mail.From)
	header("To", strings.Join(m.mail.To, ", "))
	header("Subject", mime.QEncoding.Encode("utf-8", oneLine(subject(e))))
	header("Date", time.Now().UTC().Format(time.RFC1123Z))
	header("Message-ID", "<"+e.ID+"@"+strings.TrimRight(domain, "> ")+">")
	header("Auto-Submitted", "auto-generated") // RFC 3834: no out-of-office notes come back
	header("MIME-Version", "1.0")
	header("Content-Type", "text/plain; charset=utf-8")
	header("Content-Transfer-Encoding", "base64")
	b.WriteString("\r\n")
	encoded := base64.StdEncoding.EncodeToString([]byte(text(e, m.name)))
	for len(encoded) > 76 {
		b.WriteString(encoded[:76] + "\r\n")
		encoded = encoded[76:]
	}
	b.WriteString(encoded + "\r\n")
	return b.Bytes()
}

// oneLine keeps a header to its line.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
}

func mailError(err error) error {
	var own *sendError
	var answer *textproto.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &own):
		return own
	case errors.As(err, &answer):
		return &sendError{code: codeRefused, text: "the mail server answered with " + strconv.Itoa(answer.Code)}
	default:
		return &sendError{code: codeUnreachable, text: "sending mail", err: bare(err)}
	}
}
