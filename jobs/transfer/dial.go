package transfer

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
)

// clientVersion is how we greet. Servers log it.
const clientVersion = "SSH-2.0-ediport"

// A step is a stage of connecting, in order.
type step int

const (
	stepSettings step = iota
	stepRoute         // to the jump host or proxy, if there is one
	stepLookup
	stepTCP
	stepSSH
	stepHostKey
	stepSignIn
	stepSFTP
)

// A dialer makes one Client. It keeps how far it came, for [Test].
type dialer struct {
	endpoint Endpoint // with defaults
	signers  []ssh.Signer
	accepted algorithmSet
	choice   *keyChoice
	jump     bool // it is a jump host that is dialled

	reached step       // the step it is in, or failed in
	remote  string     // what answered
	version string     // how the server greeted
	refused *AuthError // why sign-in ended
}

// Dial connects and signs in. The context bounds the dialing only; the connection lives until
// Close, or until an operation is cancelled or the server goes mute.
//
// The host key is checked before anything is sent to sign in. Its errors: *[HostKeyError] for an
// unknown or changed key; ErrEndpoint, ErrPrivateKey, ErrLookup, ErrAddress, ErrConnect, ErrTimeout,
// ErrNotSSH, ErrAlgorithms, ErrAuth (with an *[AuthError]), ErrNoSFTP, ErrLost, ErrCanceled.
func Dial(ctx context.Context, endpoint Endpoint) (*Client, error) {
	_, client, err := dialEither(ctx, endpoint)
	return client, err
}

func newDialer(endpoint Endpoint) (*dialer, error) {
	if err := endpoint.Validate(); err != nil {
		return nil, err
	}
	signers, err := endpoint.Auth.signers(endpoint.Legacy)
	if err != nil {
		return nil, err
	}
	accepted, err := endpoint.algorithms()
	if err != nil {
		return nil, failed(ErrEndpoint, "reading the outdated algorithms", err)
	}
	choice, err := newKeyChoice(endpoint.HostKeys, accepted.hostKeys)
	if err != nil {
		return nil, failed(ErrEndpoint, "reading the pinned host keys", err)
	}
	return &dialer{endpoint: endpoint.withDefaults(), signers: signers, accepted: accepted, choice: choice}, nil
}

func (d *dialer) dial(ctx context.Context) (*Client, error) {
	return tryKeys(d, func() (*Client, error) { return d.attempt(ctx) })
}

// tryKeys tries once per type of host key, normally only once.
func tryKeys[T any](d *dialer, attempt func() (*T, error)) (*T, error) {
	for {
		client, err := attempt()
		if key, ok := errors.AsType[*HostKeyError](err); ok && key.Changed() && key.Jump == d.jump && d.choice.another() {
			continue
		}
		// The server has no key of the types left to ask for: what it showed so far is all it has.
		if errors.Is(err, ErrAlgorithms) && len(d.choice.offered) > 0 {
			d.reached = stepHostKey
			return nil, d.hostKeyError()
		}
		return client, err
	}
}

func (d *dialer) attempt(ctx context.Context) (*Client, error) {
	connection, err := d.attemptSSH(ctx)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { connection.conn.end(context.Cause(ctx)) })
	defer stop()
	client, err := d.openSFTP(connection)
	if err != nil {
		connection.end()
		return nil, err
	}
	if !stop() { // cancelled in the last moment
		client.Close()
		return nil, canceled("connecting", context.Cause(ctx))
	}
	return client, nil
}

// A signedIn is a connection on which sign-in went well.
type signedIn struct {
	conn   *watchedConn
	client *ssh.Client
}

func (s *signedIn) end() {
	s.conn.end(errClosed)
	_ = s.client.Close() // it is closed below already
}

// dialSSH is dial for a server that is only gone through.
func (d *dialer) dialSSH(ctx context.Context) (*signedIn, error) {
	return tryKeys(d, func() (*signedIn, error) {
		connection, err := d.attemptSSH(ctx)
		if err != nil {
			return nil, err
		}
		if err := connection.conn.handshakeDone(); err != nil {
			connection.end()
			return nil, failed(ErrLost, "signing in", err)
		}
		return connection, nil
	})
}

// attemptSSH connects and signs in.
func (d *dialer) attemptSSH(ctx context.Context) (*signedIn, error) {
	raw, err := d.connect(ctx)
	if err != nil {
		return nil, err
	}
	conn := watch(raw, d.endpoint.Timeouts)
	stop := context.AfterFunc(ctx, func() { conn.end(context.Cause(ctx)) })
	defer stop()
	client, err := d.handshake(conn)
	if err != nil {
		conn.end(errClosed)
		return nil, err
	}
	if !stop() {
		conn.end(errClosed)
		return nil, canceled("connecting", context.Cause(ctx))
	}
	return &signedIn{conn: conn, client: client}, nil
}

func (d *dialer) permit(address string) error {
	if d.endpoint.Permit == nil {
		return nil
	}
	parsed, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	return d.endpoint.Permit(netip.AddrPortFrom(parsed.Addr().Unmap(), parsed.Port()))
}

func explainConnect(ctx context.Context, op string, err, refused error) error {
	lookup, isLookup := errors.AsType[*net.DNSError](err)
	timeout, isNet := errors.AsType[net.Error](err)
	switch {
	case refused != nil:
		return failed(ErrAddress, op, refused)
	case ctx.Err() != nil && !errors.Is(context.Cause(ctx), os.ErrDeadlineExceeded):
		return canceled(op, context.Cause(ctx))
	case isLookup && !lookup.IsTimeout:
		return failed(ErrLookup, op, err)
	case isNet && timeout.Timeout():
		return failed(ErrTimeout, op, err)
	default:
		return failed(ErrConnect, op, err)
	}
}

// handshake signs in on a connection. The caller closes conn if it fails.
func (d *dialer) handshake(conn *watchedConn) (*ssh.Client, error) {
	d.reached = stepSSH
	signIn := &signIn{signers: d.signers, password: d.endpoint.Auth.Password}
	greeting := &greeting{Conn: conn, heard: func(line string) { d.version = line }}
	raw, channels, requests, err := ssh.NewClientConn(greeting, d.endpoint.Address(), d.config(signIn))
	if err != nil {
		d.refused = signIn.refused
		if d.refused == nil && len(signIn.tried) > 0 && endedSignIn(err) {
			d.refused = &AuthError{Tried: signIn.tried}
		}
		if d.refused != nil {
			d.refused.Credential = d.endpoint.Auth.Name
		}
		return nil, d.explainHandshake(conn, err)
	}
	return ssh.NewClient(raw, channels, requests), nil
}

// openSFTP takes a signed-in connection to an open SFTP session. The caller closes it if that fails.
func (d *dialer) openSFTP(connection *signedIn) (*Client, error) {
	d.reached = stepSFTP
	client := newClient(d, connection.conn, connection.client)
	if err := client.openSFTP(); err != nil {
		return nil, d.explainSFTP(connection.conn, err)
	}
	if err := connection.conn.handshakeDone(); err != nil {
		return nil, failed(ErrLost, "opening SFTP", err)
	}
	client.startWatching()
	return client, nil
}

func (d *dialer) config(signIn *signIn) *ssh.ClientConfig {
	return &ssh.ClientConfig{
		Config: ssh.Config{
			KeyExchanges: d.accepted.keyExchanges, Ciphers: d.accepted.ciphers, MACs: d.accepted.macs,
		},
		ClientVersion:     clientVersion,
		User:              d.endpoint.User,
		HostKeyAlgorithms: d.choice.algorithms,
		HostKeyCallback: func(address string, _ net.Addr, key ssh.PublicKey) error {
			d.reached = stepHostKey
			if !d.choice.accept(address, key) {
				return d.hostKeyError()
			}
			d.reached = stepSignIn
			return nil
		},
		AuthCallback: signIn.next,
	}
}

func (d *dialer) hostKeyError() *HostKeyError {
	return &HostKeyError{Address: d.endpoint.Address(), Expected: d.endpoint.HostKeys, Offered: d.choice.offered, Jump: d.jump, Certificate: d.choice.certificate}
}

func (d *dialer) explainHandshake(conn *watchedConn, err error) error {
	op := "signing in to " + d.endpoint.Address()
	if d.reached < stepSignIn {
		op = "starting SSH with " + d.endpoint.Address()
	}
	hostKey, isHostKey := errors.AsType[*HostKeyError](err)
	algorithms, isAlgorithms := errors.AsType[*ssh.AlgorithmNegotiationError](err)
	switch {
	case conn.reason() != nil:
		return ended(op, conn.reason())
	case isHostKey:
		return hostKey
	case d.refused != nil:
		return failed(ErrAuth, op, d.refused)
	case isAlgorithms:
		return failed(ErrAlgorithms, op, fmt.Errorf("%s: the server has %s%s",
			algorithms.What, printable(strings.Join(algorithms.RequestedAlgorithms, ", ")), hint(algorithms.RequestedAlgorithms)))
	case d.version != "" && !strings.HasPrefix(d.version, "SSH-"):
		return failed(ErrNotSSH, op, fmt.Errorf("it says %q", d.version))
	case conn.lost():
		return failed(ErrLost, op, nil)
	case errors.Is(err, net.ErrClosed): // by the SSH library, which understood nothing
		return failed(ErrNotSSH, op, nil)
	default:
		return failed(ErrNotSSH, op, errors.New(printable(err.Error())))
	}
}

func (d *dialer) explainSFTP(conn *watchedConn, err error) error {
	op := "opening SFTP at " + d.endpoint.Address()
	switch {
	case conn.reason() != nil:
		return ended(op, conn.reason())
	case conn.lost():
		return failed(ErrLost, op, nil)
	default:
		return failed(ErrNoSFTP, op, errors.New(printable(err.Error())))
	}
}

// endedSignIn tells a server that ends the connection instead of letting us try more, after too many
// failures or for a locked account, by the reasons of RFC 4253, section 11.1: protocol error (what
// OpenSSH gives), no more methods, illegal user. The library has the reason in its text only.
func endedSignIn(err error) bool {
	for _, reason := range []string{"reason 2:", "reason 14:", "reason 15:"} {
		if strings.Contains(err.Error(), "ssh: disconnect, "+reason) {
			return true
		}
	}
	return false
}

// ended returns the failure for a connection that we closed, by its reason.
func ended(op string, reason error) *Error {
	switch {
	case errors.Is(reason, errMute), errors.Is(reason, errSlow):
		return failed(ErrTimeout, op, reason)
	case errors.Is(reason, errClosed):
		return failed(ErrLost, op, reason)
	case errors.Is(reason, errEndlessListing):
		return failed(ErrTooMany, op, reason)
	default: // the cause of a context
		return canceled(op, reason)
	}
}

// printable returns text that a server had a hand in, fit for a log line.
func printable(text string) string {
	const limit = 300
	text = strings.Map(func(r rune) rune {
		if isUnprintable(r) {
			return '?'
		}
		return r
	}, strings.ToValidUTF8(text, "?"))
	if len(text) > limit {
		text = strings.ToValidUTF8(text[:limit], "") + "…"
	}
	return text
}

// greeting listens to the first line a server sends, its SSH version, for [Test] to show.
type greeting struct {
	net.Conn
	line  []byte
	done  bool
	heard func(string)
}

const maxGreeting = 255 // RFC 4253, section 4.2

func (g *greeting) Read(p []byte) (int, error) {
	n, err := g.Conn.Read(p)
	if g.done {
		return n, err
	}
	for _, b := range p[:n] {
		if b == '\n' || len(g.line) == maxGreeting {
			g.done = true
			g.heard(printable(strings.TrimRight(string(g.line), "\r")))
			break
		}
		g.line = append(g.line, b)
	}
	return n, err
}

// elapsed is for steps that tell how long they took.
func elapsed(since time.Time) time.Duration { return time.Since(since).Round(time.Millisecond) }
