package transfer

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
)

// GenerateKey makes an Ed25519 key pair: the private key in OpenSSH form, without passphrase, and the
// public one as a line for authorized_keys, which the partner installs.
func GenerateKey() (private Secret, public string, err error) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return "", "", fmt.Errorf("transfer: making a key: %w", err)
	}
	block, err := ssh.MarshalPrivateKey(key, "ediport")
	if err != nil {
		return "", "", fmt.Errorf("transfer: making a key: %w", err)
	}
	private = Secret(pem.EncodeToMemory(block))
	public, err = PublicKey(private, "")
	return private, public, err
}

// PublicKey returns the public half of a private key as a line for authorized_keys, without comment.
// ErrPrivateKey: the key can't be read; its [Detail] says whether the passphrase is why.
func PublicKey(private, passphrase Secret) (string, error) {
	signer, err := Auth{PrivateKey: private, Passphrase: passphrase}.key()
	if err != nil {
		return "", err
	}
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(signer.PublicKey()))), nil
}

// CheckCertificate returns what keeps a certificate from being used with a private key, as an
// ErrCertificate or ErrPrivateKey; nil if nothing does.
func CheckCertificate(certificate, private, passphrase Secret) error {
	signer, err := Auth{PrivateKey: private, Passphrase: passphrase}.key()
	if err != nil {
		return err
	}
	_, err = certified(certificate, signer)
	return err
}

// certified joins a key with a certificate for it.
func certified(certificate Secret, signer ssh.Signer) (ssh.Signer, error) {
	const op = "reading the certificate"
	key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(certificate))
	if err != nil {
		return nil, failed(ErrCertificate, op, errors.New("it is not an OpenSSH certificate"))
	}
	cert, ok := key.(*ssh.Certificate)
	switch {
	case !ok:
		return nil, failed(ErrCertificate, op, errors.New("it is a public key, not a certificate"))
	case cert.CertType != ssh.UserCert:
		return nil, failed(ErrCertificate, op, errors.New("it is a server's certificate, not a user's"))
	case cert.ValidBefore != ssh.CertTimeInfinity && time.Now().After(unixTime(cert.ValidBefore)):
		return nil, failed(ErrCertificate, op, fmt.Errorf("it ended on %s", unixTime(cert.ValidBefore).Format(time.DateOnly)))
	}
	joined, err := ssh.NewCertSigner(cert, signer)
	if err != nil {
		return nil, failed(ErrCertificate, op, errors.New("it is for another key"))
	}
	return joined, nil
}

// unixTime turns a certificate's seconds into an instant.
func unixTime(seconds uint64) time.Time { return time.Unix(int64(min(seconds, 1<<62)), 0).UTC() } //nolint:gosec // bounded
