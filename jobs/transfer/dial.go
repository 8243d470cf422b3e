package transfer

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"
	"syscall"
	"time"

	"golang.org/x/crypto/ssh"
)

// clientVersion is how we greet. Servers log it.
const clientVersion = "SSH-2.0-ediport"

// A step is a stage of connecting, in order.
type step int

const (
	stepSettings step = iota
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
	signer   ssh.Signer
	choice   *keyChoice

	reached step       // the step it is in, or failed in
	remote  net.Addr   // what answered
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
	d, err := newDialer(endpoint)
	if err != nil {
		return nil, err
	}
	return d.dial(ctx)
}

func newDialer(endpoint Endpoint) (*dialer, error) {
	if err := endpoint.Validate(); err != nil {
		return nil, err
	}
	signer, err := endpoint.Auth.signer()
	if err != nil {
		return nil, err
	}
	choice, err := newKeyChoice(endpoint.HostKeys)
	if err != nil {
		return nil, failed(ErrEndpoint, "reading the pinned host keys", err)
	}
	return &dialer{endpoint: endpoint.withDefaults(), signer: signer, choice: choice}, nil
}

// dial tries once per type of host key, normally only once.
func (d *dialer) dial(ctx context.Context) (*Client, error) {
	for {
		client, err := d.attempt(ctx)
		if errors.Is(err, ErrHostKeyChanged) && d.choice.another() {
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
	tcp, err := d.connect(ctx)
	if err != nil {
		return nil, err
	}
	conn := watch(tcp, d.endpoint.Timeouts)
	stop := context.AfterFunc(ctx, func() { conn.end(context.Cause(ctx)) })
	defer stop()
	client, err := d.handshake(conn)
	if err != nil {
		conn.end(errClosed)
		return nil, err
	}
	if !stop() { // cancelled in the last moment
		client.Close()
		return nil, canceled("connecting", context.Cause(ctx))
	}
	return client, nil
}

func (d *dialer) connect(ctx context.Context) (net.Conn, error) {
	d.reached = stepLookup
	ctx, cancel := context.WithTimeoutCause(ctx, d.endpoint.Timeouts.Connect, os.ErrDeadlineExceeded)
	defer cancel()
	var refused error
	// Keep-alives of TCP are off: ours are answered by the server itself, and counted.
	network := net.Dialer{KeepAlive: -1, ControlContext: func(_ context.Context, _, address string, _ syscall.RawConn) error {
		d.reached = stepTCP
		refused = d.permit(address)
		return refused
	}}
	conn, err := network.DialContext(ctx, "tcp", d.endpoint.Address())
	if err == nil {
		d.remote = conn.RemoteAddr()
		return conn, nil
	}
	return nil, d.explainConnect(ctx, err, refused)
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

func (d *dialer) explainConnect(ctx context.Context, err, refused error) error {
	op := "connecting to " + d.endpoint.Address()
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

// handshake takes a connection to an open SFTP session. The caller closes conn if it fails.
func (d *dialer) handshake(conn *watchedConn) (*Client, error) {
	d.reached = stepSSH
	signIn := &signIn{signer: d.signer, password: d.endpoint.Auth.Password}
	greeting := &greeting{Conn: conn, heard: func(line string) { d.version = line }}
	raw, channels, requests, err := ssh.NewClientConn(greeting, d.endpoint.Address(), d.config(signIn))
	if err != nil {
		d.refused = signIn.refused
		if d.refused == nil && len(signIn.tried) > 0 && endedSignIn(err) {
			d.refused = &AuthError{Tried: signIn.tried}
		}
		return nil, d.explainHandshake(conn, err)
	}
	d.reached = stepSFTP
	client := newClient(d, conn, ssh.NewClient(raw, channels, requests))
	if err := client.openSFTP(); err != nil {
		return nil, d.explainSFTP(conn, err)
	}
	if err := conn.handshakeDone(); err != nil {
		return nil, failed(ErrLost, "opening SFTP", err)
	}
	client.startWatching()
	return client, nil
}

func (d *dialer) config(signIn *signIn) *ssh.ClientConfig {
	sound := ssh.SupportedAlgorithms() // x/crypto's defaults still have SHA-1 key exchanges
	return &ssh.ClientConfig{
		Config:            ssh.Config{KeyExchanges: sound.KeyExchanges, Ciphers: sound.Ciphers, MACs: sound.MACs},
		ClientVersion:     clientVersion,
		User:              d.endpoint.User,
		HostKeyAlgorithms: d.choice.algorithms,
		HostKeyCallback: func(_ string, _ net.Addr, key ssh.PublicKey) error {
			d.reached = stepHostKey
			if !d.choice.accept(key) {
				return d.hostKeyError()
			}
			d.reached = stepSignIn
			return nil
		},
		AuthCallback: signIn.next,
	}
}

func (d *dialer) hostKeyError() *HostKeyError {
	return &HostKeyError{Address: d.endpoint.Address(), Expected: d.endpoint.HostKeys, Offered: d.choice.offered}
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
		return failed(ErrAlgorithms, op, fmt.Errorf("%s: the server has %s",
			algorithms.What, printable(strings.Join(algorithms.RequestedAlgorithms, ", "))))
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
