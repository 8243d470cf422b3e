package transfer

import (
	"errors"
	"net"
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"
)

// CertAuthority stands in place of a key's type in a pin that names a certificate authority by the
// fingerprint of its key: "cert-authority SHA256:…". Each host key is accepted then for which the server
// shows a certificate of that authority's that is good for its name, and good now.
const CertAuthority = "cert-authority"

// certAlgorithms are the algorithms by which certificates for host keys are shown, preferred first. RSA with
// SHA-1 is not among them, nor would a certificate be accepted that is signed with it.
var certAlgorithms = []string{
	ssh.CertAlgoED25519v01, ssh.CertAlgoECDSA256v01, ssh.CertAlgoECDSA384v01, ssh.CertAlgoECDSA521v01,
	ssh.CertAlgoRSASHA512v01, ssh.CertAlgoRSASHA256v01,
}

// authority reports whether the pins name a certificate authority, this one if a key is given.
func (c *keyChoice) authority(key ssh.PublicKey) bool {
	return slices.ContainsFunc(c.pins, func(pin HostKey) bool {
		return pin.Type == CertAuthority && (key == nil || pin.Fingerprint == ssh.FingerprintSHA256(key))
	})
}

// certified returns what is wrong with the certificate that a server shows for its key, nil if nothing is.
func (c *keyChoice) certified(address string, cert *ssh.Certificate) error {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return err
	}
	switch {
	case !c.authority(cert.SignatureKey):
		return errors.New("its certificate is of an authority that is not approved")
	case len(cert.ValidPrincipals) == 0: // good for every host, says the library
		return errors.New("its certificate names no host")
	case cert.Signature.Format == ssh.KeyAlgoRSA:
		return errors.New("its certificate is signed with SHA-1")
	}
	checker := ssh.CertChecker{IsHostAuthority: func(key ssh.PublicKey, _ string) bool { return c.authority(key) }}
	if err := checker.CheckHostKey(net.JoinHostPort(strings.ToLower(host), port), nil, cert); err != nil {
		return errors.New("its certificate does not count: " + printable(strings.TrimPrefix(err.Error(), "ssh: ")))
	}
	return nil
}
