package notify

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/mail"
	"net/netip"
	"net/textproto"
	"strconv"
	"strings"

	gomail "github.com/wneessen/go-mail"
)

// The ways to protect mail on its way to the server.
const (
	TLSImplicit = "tls"      // from the first byte, usually port 465
	TLSStart    = "starttls" // asked for and insisted on, usually port 587
	TLSNone     = "none"     // for a server on this machine
)

// Mail is a server that takes mail, and to whom notices of incidents go. Mail to persons has its own
// addresses.
type Mail struct {
	Host     string
	Port     int    // 0: 465 or 587, by TLS
	TLS      string // "": starttls
	Username string // "": no sign-in
	Password string
	From     string   // an address
	To       []string // addresses that are told of incidents; none: nobody is, by mail

	// Roots are the authorities that the server's certificate is checked by; nil: the system's.
	Roots *tls.Config
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

// tlsConfig always checks the server's certificate. Source: RFC 8314, 3 and 5.
func (m Mail) tlsConfig() *tls.Config {
	c := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: m.Host}
	if m.Roots != nil {
		c.RootCAs = m.Roots.RootCAs
	}
	return c
}

// domain is that of the sender's address.
func (m Mail) domain() string {
	_, domain, _ := strings.Cut(strings.Trim(m.From, "<> "), "@")
	return strings.TrimRight(domain, "> ")
}

// An outgoing is a mail to send.
type outgoing struct {
	id      string // of the message in the outbox: the same when it is sent twice
	to      []string
	subject string
	text    string
	html    string // "": text only
}

// A mailer sends mail.
type mailer struct {
	mail  Mail
	allow []netip.Prefix
}

// send hands the mail to the server, once for each of those it goes to: who has left must not keep the others
// from knowing. It has failed if nobody's was taken.
func (m *mailer) send(ctx context.Context, o outgoing) error {
	client, err := m.connect(ctx)
	if err != nil {
		return mailError(ctx, err)
	}
	defer func() { _ = client.Close() }()
	var refused error
	taken := 0
	for _, to := range o.to {
		message, err := m.message(o, to)
		if err == nil {
			err = client.Send(message)
		}
		if err != nil && (message == nil || !message.IsDelivered()) {
			refused = err
			continue
		}
		taken++
	}
	if taken == 0 {
		return mailError(ctx, refused)
	}
	return nil
}

// connect dials only where notices may go, and protects the connection before anything is said on it.
// The connection ends with the context, however slowly the server answers.
func (m *mailer) connect(ctx context.Context) (*gomail.Client, error) {
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dialer(m.allow, m.mail.TLS == TLSNone).DialContext(ctx, network, address)
		if err != nil || m.mail.TLS != TLSImplicit {
			return conn, err
		}
		secure := tls.Client(conn, m.mail.tlsConfig())
		if err := secure.HandshakeContext(ctx); err != nil {
			return nil, errors.Join(err, conn.Close())
		}
		return secure, nil
	}
	options := []gomail.Option{
		gomail.WithPort(m.mail.port()), gomail.WithTimeout(sendLimit), gomail.WithTLSConfig(m.mail.tlsConfig()), gomail.WithTLSPolicy(m.policy()),
		gomail.WithHELO(cmp.Or(m.mail.domain(), "localhost")), gomail.WithoutNoop(),
		gomail.WithDialContextFunc(func(dialing context.Context, network, address string) (net.Conn, error) {
			conn, err := dial(dialing, network, address)
			if err == nil {
				context.AfterFunc(ctx, func() { _ = conn.Close() })
			}
			return conn, err
		}),
	}
	if m.mail.Username != "" {
		options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover),
			gomail.WithUsername(m.mail.Username), gomail.WithPassword(m.mail.Password))
	}
	client, err := gomail.NewClient(m.mail.Host, options...)
	if err != nil {
		return nil, err
	}
	return client, client.DialWithContext(ctx)
}

// policy says whether TLS is still to be asked for: with implicit TLS the connection has it already, and the
// client only has to see that.
func (m *mailer) policy() gomail.TLSPolicy {
	switch m.mail.TLS {
	case TLSImplicit:
		return gomail.TLSOpportunistic
	case TLSNone:
		return gomail.NoTLS
	default:
		return gomail.TLSMandatory
	}
}

// message writes the mail to one of those it goes to. Its id stays the same when it is sent twice.
func (m *mailer) message(o outgoing, to string) (*gomail.Msg, error) {
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	if err := msg.From(m.mail.From); err != nil {
		return nil, errors.New("notify: mail: the sender's address is malformed")
	}
	if err := msg.To(to); err != nil {
		return nil, &sendError{code: codeRefused, text: "the receiver's address is malformed"}
	}
	msg.Subject(oneLine(o.subject))
	msg.SetDate()
	msg.SetMessageIDWithValue(o.id + "@" + m.mail.domain())
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no out-of-office notes come back
	msg.SetBodyString(gomail.TypeTextPlain, o.text)
	if o.html != "" {
		msg.AddAlternativeString(gomail.TypeTextHTML, o.html)
	}
	return msg, nil
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

// mailError keeps of a failure what is fit for a log: never an address.
func mailError(ctx context.Context, err error) error {
	var own *sendError
	var answer *textproto.Error
	var sending *gomail.SendError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &own):
		return own
	case ctx.Err() != nil:
		return &sendError{code: codeTimeout, text: "the mail server did not answer in time"}
	case errors.As(err, &answer):
		return &sendError{code: codeRefused, text: "the mail server answered with " + strconv.Itoa(answer.Code)}
	case errors.As(err, &sending) && sending.ErrorCode() != 0:
		return &sendError{code: codeRefused, text: "the mail server answered with " + strconv.Itoa(sending.ErrorCode())}
	case errors.As(err, &sending):
		return &sendError{code: codeUnreachable, text: "sending mail: " + sending.Reason.String()}
	default:
		return &sendError{code: codeUnreachable, text: "sending mail", err: bare(err)}
	}
}
