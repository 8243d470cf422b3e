package transfer

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"
)

// A HostKey names a server's public key.
type HostKey struct {
	Type        string // ssh-ed25519, ssh-rsa, ecdsa-sha2-nistp256, …
	Fingerprint string // SHA256:…
}

// String returns type and fingerprint, in the form Endpoint.HostKeys takes.
func (k HostKey) String() string { return strings.TrimSpace(k.Type + " " + k.Fingerprint) }

// A HostKeyError is a connection stopped before sign-in because of the server's host key. Without
// Expected it is a first meeting, for an administrator to approve one of Offered after comparing it
// with what the partner says; else the server shows another key than before, which is either a
// change that the partner can confirm or somebody in between.
type HostKeyError struct {
	Address  string    // host:port
	Expected []string  // what is pinned
	Offered  []HostKey // what the server showed, each type it has
	Jump     bool      // it is the jump host's key, not the server's

	Certificate error // what is wrong with the certificate it showed; nil: it showed none, or none was asked for
}

// Error names the address and both sides' fingerprints.
func (e *HostKeyError) Error() string {
	var offered []string
	for _, key := range e.Offered {
		offered = append(offered, key.String())
	}
	if len(e.Expected) == 0 {
		return fmt.Sprintf("transfer: checking the host key of %s: %v: it offers %s",
			e.Address, e.kind(), strings.Join(offered, ", "))
	}
	said := fmt.Sprintf("transfer: checking the host key of %s: %v: expected %s, it offers %s",
		e.Address, e.kind(), strings.Join(e.Expected, " or "), strings.Join(offered, ", "))
	if e.Certificate != nil {
		said += ", and " + e.Certificate.Error()
	}
	return said
}

// Changed reports whether another key was expected; false means that none is known yet.
func (e *HostKeyError) Changed() bool { return len(e.Expected) > 0 }

// Code returns transfer.host_key_changed or transfer.host_key_unknown.
func (e *HostKeyError) Code() string { return Code(e.kind()) }

// Permanent is true: a person has to look.
func (e *HostKeyError) Permanent() bool { return true }

// Unwrap returns ErrHostKeyChanged or ErrHostKeyUnknown.
func (e *HostKeyError) Unwrap() error { return e.kind() }

func (e *HostKeyError) kind() error {
	if e.Changed() {
		return ErrHostKeyChanged
	}
	return ErrHostKeyUnknown
}

// CheckHostKey returns what is wrong with the text of a pinned host key, nil if nothing is.
func CheckHostKey(text string) error {
	_, err := parsePin(text)
	return err
}

// parsePin reads "SHA256:…", "TYPE SHA256:…" or "cert-authority SHA256:…".
func parsePin(text string) (HostKey, error) {
	fields := strings.Fields(text)
	if len(fields) == 0 || len(fields) > 2 {
		return HostKey{}, errors.New("not of the form SHA256:… or TYPE SHA256:…")
	}
	pin := HostKey{Fingerprint: fields[len(fields)-1]}
	if len(fields) == 2 {
		pin.Type = fields[0]
	}
	encoded, ok := strings.CutPrefix(pin.Fingerprint, "SHA256:")
	sum, err := base64.RawStdEncoding.DecodeString(encoded)
	if !ok || err != nil || len(sum) != 32 {
		return HostKey{}, errors.New("not a SHA-256 fingerprint as ssh-keygen -l prints it")
	}
	return pin, nil
}

// keyChoice decides which host key algorithms to ask for. A server with several keys shows the one
// whose algorithm stands first in our list, which need not be the pinned one; then that type is
// crossed out and the connection tried again, until the pinned key shows or none is left.
type keyChoice struct {
	pins       []HostKey
	algorithms []string  // still to ask for
	offered    []HostKey // seen so far

	certificate error // what was wrong with the last certificate seen
}

func newKeyChoice(texts, algorithms []string) (*keyChoice, error) {
	choice := &keyChoice{algorithms: slices.Clone(algorithms)}
	for _, text := range texts {
		pin, err := parsePin(text)
		if err != nil {
			return nil, err
		}
		choice.pins = append(choice.pins, pin)
	}
	if choice.authority(nil) {
		choice.algorithms = append(slices.Clone(certAlgorithms), choice.algorithms...)
	}
	slices.SortStableFunc(choice.algorithms, func(a, b string) int {
		return choice.rank(a) - choice.rank(b)
	})
	return choice, nil
}

// rank puts algorithms of a pinned type first.
func (c *keyChoice) rank(algorithm string) int {
	if slices.ContainsFunc(c.pins, func(pin HostKey) bool { return pin.Type == keyType(algorithm) }) || slices.Contains(certAlgorithms, algorithm) {
		return 0
	}
	return 1
}

// accept notes the key that the server at an address shows and reports whether it is pinned, or has a
// certificate of a pinned authority. The fingerprint alone decides: the type of a pin is a hint where to
// look, unless it says that the pin is an authority's.
func (c *keyChoice) accept(address string, key ssh.PublicKey) bool {
	asked := key.Type()
	c.algorithms = slices.DeleteFunc(c.algorithms, func(algorithm string) bool { return keyType(algorithm) == asked })
	cert, isCert := key.(*ssh.Certificate)
	if isCert {
		key = cert.Key
	}
	shown := HostKey{Type: key.Type(), Fingerprint: ssh.FingerprintSHA256(key)}
	// The same key comes twice if its certificate doesn't count; what was shown last stands last.
	c.offered = append(slices.DeleteFunc(c.offered, func(k HostKey) bool { return k == shown }), shown)
	if isCert {
		c.certificate = c.certified(address, cert)
		return c.certificate == nil
	}
	return slices.ContainsFunc(c.pins, func(pin HostKey) bool { return pin.Type != CertAuthority && pin.Fingerprint == shown.Fingerprint })
}

// another reports whether the server may have a key we have not seen. Without a pin the first key is enough.
func (c *keyChoice) another() bool { return len(c.pins) > 0 && len(c.algorithms) > 0 }

// last returns the key shown most recently.
func (c *keyChoice) last() HostKey {
	if len(c.offered) == 0 {
		return HostKey{}
	}
	return c.offered[len(c.offered)-1]
}

// hostKeyAlgorithms returns the sound algorithms, preferred first. Certificates are left out: they are asked
// for only where an authority is pinned.
func hostKeyAlgorithms() []string {
	preferred := []string{
		ssh.KeyAlgoED25519, ssh.KeyAlgoECDSA256, ssh.KeyAlgoECDSA384, ssh.KeyAlgoECDSA521,
		ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256,
	}
	for _, algorithm := range ssh.SupportedAlgorithms().HostKeys {
		if !strings.Contains(algorithm, "-cert-") && !slices.Contains(preferred, algorithm) {
			preferred = append(preferred, algorithm)
		}
	}
	return preferred
}

// keyType returns the type of key an algorithm signs with: RSA keys have several algorithms.
func keyType(algorithm string) string {
	switch algorithm {
	case ssh.KeyAlgoRSASHA256, ssh.KeyAlgoRSASHA512:
		return ssh.KeyAlgoRSA
	case ssh.CertAlgoRSASHA256v01, ssh.CertAlgoRSASHA512v01:
		return ssh.CertAlgoRSAv01
	default:
		return algorithm
	}
}
