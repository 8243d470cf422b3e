package transfer

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// An Endpoint says how to reach and sign in to a server. It can be printed and logged: its secrets
// don't show.
type Endpoint struct {
	Host string // name or address
	Port int    // 22 if zero
	User string

	// HostKeys are the pinned host keys, any of which is accepted (several while a partner changes
	// theirs): "SHA256:…" as ssh-keygen -l prints it, optionally after the key's type, which saves a
	// round trip when the server has several keys ("ssh-ed25519 SHA256:…"), or a certificate authority's
	// for host keys after [CertAuthority]. Without any, Dial
	// refuses with a [HostKeyError] that carries the key to show to an administrator.
	HostKeys []string

	Auth     Auth
	Timeouts Timeouts
	Limits   Limits

	// Second, if set, is what to sign in with if the server refuses Auth: once, over a connection of its
	// own, so that what one refuses is not mixed with what the other offers. Failures that aren't a
	// refusal don't lead to it. Validate does not look at it: one that can't be used is no harm as long as
	// Auth does it.
	Second *Auth

	// Legacy are outdated algorithms to accept beside the sound ones, of those [LegacyAlgorithms] names.
	Legacy []string

	// Jump is a server to go through: it is connected to and signed in to first, and the way on to Host
	// is its own; it resolves the name. Its own Jump and Proxy count too, its Limits don't.
	Jump *Endpoint

	// Proxy is what to connect through: "socks5://user@host:1080" or "http://host:3128" (CONNECT), which
	// resolves the host's name. "": none.
	Proxy         string
	ProxyPassword Secret

	// Source is the address of this machine to connect from, for partners whose firewall knows one of
	// several; with a proxy or a jump host it is these that see it. "": the system chooses.
	Source string

	// Permit, if set, is asked about each address before it is connected to; its error refuses it. With a
	// proxy or a jump host these are asked about: what lies behind is theirs to reach.
	Permit func(netip.AddrPort) error `json:"-"`
}

// Auth holds the means to sign in. With both, the key goes first; servers may ask for one or both.
// The password is sent at most once per connection, so that a wrong one doesn't lock the account.
type Auth struct {
	Name string // tells it from Endpoint.Second in what people read: "the new password"; "" where there is no other

	Password   Secret
	PrivateKey Secret // OpenSSH or PEM
	Passphrase Secret // of PrivateKey

	// Certificate is an OpenSSH certificate for PrivateKey, as in a file id_ed25519-cert.pub; the key is
	// then shown with it only.
	Certificate Secret
}

// Timeouts are the limits to waiting; zero means the default.
type Timeouts struct {
	Connect   time.Duration // name lookup and TCP, 15 s
	Handshake time.Duration // from the TCP connection to the open SFTP session, 30 s
	// Idle is how long a server may be mute, or an operation without progress, 30 s.
	Idle      time.Duration
	KeepAlive time.Duration // between signs of life we ask for, a third of Idle; at most Idle
}

// Limits bound what a server can make us do; zero means the default.
type Limits struct {
	RequestsPerFile int   // read requests in flight per download, 256; 64 for servers that choke
	FileBytes       int64 // largest file to download, 8 GiB
	Files           int   // most files and folders in one listing, 200,000
	BytesPerSecond  int64 // of all the client's files together, in each direction; no limit
	ListingBytes    int64 // what one listing may send, 256 MiB: 500,000 files with long names need half of it
}

// ErrEndpoint is in every error about an endpoint that can't be used as it is.
var ErrEndpoint error = newKind("transfer.endpoint_invalid", true, "the connection's settings are incomplete or wrong")

// Address returns host:port.
func (e Endpoint) Address() string {
	return net.JoinHostPort(e.Host, strconv.Itoa(withDefault(e.Port, 22)))
}

// Validate returns everything that is wrong with the endpoint, in one error with ErrEndpoint in it,
// or ErrPrivateKey if only its key can't be read. It does not connect.
func (e Endpoint) Validate() error {
	var wrong []error
	complain := func(format string, values ...any) { wrong = append(wrong, fmt.Errorf(format, values...)) }
	if e.Host == "" || strings.ContainsFunc(e.Host, isUnprintable) {
		complain("the host is missing or has characters that no host name has")
	}
	if e.Port < 0 || e.Port > 65535 {
		complain("the port is not between 1 and 65535")
	}
	if e.User == "" {
		complain("the user is missing")
	}
	if e.Auth.Password == "" && e.Auth.PrivateKey == "" {
		complain("neither a password nor a private key is given")
	}
	if e.Auth.Certificate != "" && e.Auth.PrivateKey == "" {
		complain("the certificate's private key is missing")
	}
	if _, err := e.algorithms(); err != nil {
		complain("%w", err)
	}
	if _, err := e.proxy(); err != nil {
		complain("%w", err)
	}
	if _, err := e.source(); err != nil {
		complain("%w", err)
	}
	for i, text := range e.HostKeys {
		if _, err := parsePin(text); err != nil {
			complain("host key %d: %w", i+1, err)
		}
	}
	if len(wrong) > 0 {
		return failed(ErrEndpoint, "checking the settings", errors.Join(wrong...))
	}
	if _, err := e.Auth.signers(e.Legacy); err != nil {
		return err
	}
	if e.Jump == nil {
		return nil
	}
	if err := e.Jump.Validate(); err != nil {
		return fmt.Errorf("jump host: %w", err)
	}
	return nil
}

func (e Endpoint) withDefaults() Endpoint {
	e.Port = withDefault(e.Port, 22)
	e.Timeouts.Connect = withDefault(e.Timeouts.Connect, 15*time.Second)
	e.Timeouts.Handshake = withDefault(e.Timeouts.Handshake, 30*time.Second)
	e.Timeouts.Idle = withDefault(e.Timeouts.Idle, 30*time.Second)
	e.Timeouts.KeepAlive = min(withDefault(e.Timeouts.KeepAlive, e.Timeouts.Idle/3), e.Timeouts.Idle)
	e.Limits.RequestsPerFile = withDefault(e.Limits.RequestsPerFile, 256)
	e.Limits.FileBytes = withDefault(e.Limits.FileBytes, 8<<30)
	e.Limits.Files = withDefault(e.Limits.Files, 200_000)
	e.Limits.ListingBytes = withDefault(e.Limits.ListingBytes, 256<<20)
	return e
}

func withDefault[T int | int64 | time.Duration](value, standard T) T {
	if value <= 0 {
		return standard
	}
	return value
}
