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
	// round trip when the server has several keys ("ssh-ed25519 SHA256:…"). Without any, Dial
	// refuses with a [HostKeyError] that carries the key to show to an administrator.
	HostKeys []string

	Auth     Auth
	Timeouts Timeouts
	Limits   Limits

	// Permit, if set, is asked about each address before it is connected to; its error refuses it.
	Permit func(netip.AddrPort) error `json:"-"`
}

// Auth holds the means to sign in. With both, the key goes first; servers may ask for one or both.
// The password is sent at most once per connection, so that a wrong one doesn't lock the account.
type Auth struct {
	Password   Secret
	PrivateKey Secret // OpenSSH or PEM
	Passphrase Secret // of PrivateKey
}

// Timeouts are the limits to waiting; zero means the default.
type Timeouts struct {
	Connect   time.Duration // name lookup and TCP, 15 s
	Handshake time.Duration // from the TCP connection to the open SFTP session, 30 s
	// Idle is how long a server may be mute, or an operation without progress, 30 s.
	// Keep-alives go out three times as often.
	Idle time.Duration
}

// Limits bound what a server can make us do; zero means the default.
type Limits struct {
	RequestsPerFile int   // read requests in flight per download, 256; 64 for servers that choke
	FileBytes       int64 // largest file to download, 8 GiB
	Files           int   // most files and folders in one listing, 200,000
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
	for i, text := range e.HostKeys {
		if _, err := parsePin(text); err != nil {
			complain("host key %d: %w", i+1, err)
		}
	}
	if len(wrong) > 0 {
		return failed(ErrEndpoint, "checking the settings", errors.Join(wrong...))
	}
	_, err := e.Auth.signer()
	return err
}

func (e Endpoint) withDefaults() Endpoint {
	e.Port = withDefault(e.Port, 22)
	e.Timeouts.Connect = withDefault(e.Timeouts.Connect, 15*time.Second)
	e.Timeouts.Handshake = withDefault(e.Timeouts.Handshake, 30*time.Second)
	e.Timeouts.Idle = withDefault(e.Timeouts.Idle, 30*time.Second)
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
