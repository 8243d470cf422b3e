package transfer

import (
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"
)

// An AuthError says what was tried when a server refused the sign-in. It has ErrAuth as its kind.
type AuthError struct {
	Credential string // Auth.Name of what was refused; "": it has none

	Tried   []string // methods tried: publickey, password, keyboard-interactive
	Allowed []string // methods the server would accept for this account; none if it ended the connection
}

// Error names the methods tried and allowed.
func (e *AuthError) Error() string {
	tried := "nothing could be tried"
	if len(e.Tried) > 0 {
		tried = "tried " + strings.Join(e.Tried, ", ")
	}
	if e.Credential != "" {
		tried = e.Credential + ": " + tried
	}
	if len(e.Allowed) == 0 {
		return tried + "; the server ended the connection"
	}
	return fmt.Sprintf("%s; the server accepts %s", tried, printable(strings.Join(e.Allowed, ", ")))
}

// signers returns the private key in the ways in which it may sign, to be tried in order; none without
// a key. RSA keys sign with SHA-2, and after that with SHA-1 if legacy has ssh-rsa: servers that want
// it don't always say so. Its errors have ErrPrivateKey or ErrCertificate in them and say nothing of the key.
func (a Auth) signers(legacy []string) ([]ssh.Signer, error) {
	if a.PrivateKey == "" {
		return nil, nil
	}
	key, err := a.key()
	if err != nil {
		return nil, err
	}
	signers, err := byAlgorithm(key, slices.Contains(legacy, ssh.KeyAlgoRSA))
	if err != nil || a.Certificate == "" {
		return signers, err
	}
	for i, signer := range signers {
		if signers[i], err = certified(a.Certificate, signer); err != nil {
			return nil, err
		}
	}
	return signers, nil
}

// key returns the private key.
func (a Auth) key() (ssh.Signer, error) {
	signer, err := a.parseKey()
	if err == nil {
		return signer, nil
	}
	detail := errors.New("it is not a private key in OpenSSH or PEM form")
	if _, missing := errors.AsType[*ssh.PassphraseMissingError](err); missing {
		detail = errors.New("it needs its passphrase")
	} else if errors.Is(err, x509.IncorrectPasswordError) {
		detail = errors.New("the passphrase does not fit")
	}
	return nil, failed(ErrPrivateKey, "reading the private key", detail)
}

func byAlgorithm(key ssh.Signer, legacy bool) ([]ssh.Signer, error) {
	able, ok := key.(ssh.AlgorithmSigner)
	if key.PublicKey().Type() != ssh.KeyAlgoRSA || !ok {
		return []ssh.Signer{key}, nil
	}
	ways := [][]string{{ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256}}
	if legacy {
		ways = append(ways, []string{ssh.KeyAlgoRSA})
	}
	var signers []ssh.Signer
	for _, algorithms := range ways {
		signer, err := ssh.NewSignerWithAlgorithms(able, algorithms)
		if err != nil {
			return nil, failed(ErrPrivateKey, "reading the private key", err)
		}
		signers = append(signers, signer)
	}
	return signers, nil
}

func (a Auth) parseKey() (ssh.Signer, error) {
	pem := []byte(a.PrivateKey)
	signer, err := ssh.ParsePrivateKey(pem)
	if _, encrypted := errors.AsType[*ssh.PassphraseMissingError](err); encrypted && a.Passphrase != "" {
		return ssh.ParsePrivateKeyWithPassphrase(pem, []byte(a.Passphrase))
	}
	return signer, err // a passphrase for a key without one does no harm
}

// signIn chooses the next method after each answer of the server. Each means is used once: a
// rejected password is not offered again by another method, since every refusal counts towards a lockout.
type signIn struct {
	signers  []ssh.Signer
	password Secret
	tried    []string
	refused  *AuthError // set when nothing is left to try
}

// next is an ssh.ClientAuthCallback.
func (s *signIn) next(server *ssh.ClientAuthContext) (ssh.AuthMethod, error) {
	allowed := func(method string) bool { return slices.Contains(server.AllowedMethods, method) }
	switch {
	case len(s.signers) > 0 && allowed("publickey"):
		signers := s.signers
		s.signers = nil
		s.tried = append(s.tried, "publickey")
		return ssh.PublicKeys(signers...), nil
	case s.password != "" && allowed("password"):
		s.tried = append(s.tried, "password")
		return ssh.Password(s.spend()), nil
	case s.password != "" && allowed("keyboard-interactive"):
		s.tried = append(s.tried, "keyboard-interactive")
		return ssh.KeyboardInteractive(s.answer), nil
	default:
		s.refused = &AuthError{Tried: s.tried, Allowed: server.AllowedMethods}
		return nil, s.refused
	}
}

// spend returns the password and forgets it.
func (s *signIn) spend() string {
	password := s.password.Reveal()
	s.password = ""
	return password
}

// answer replies to a server that asks for the password as a question: one hidden question, once.
// A second one would be for something we don't have (a one-time code).
func (s *signIn) answer(_, _ string, questions []string, echo []bool) ([]string, error) {
	if len(questions) == 0 {
		return nil, nil
	}
	if len(questions) > 1 || echo[0] || s.password == "" {
		s.password = ""
		return nil, errors.New("the server asks for more than a password")
	}
	return []string{s.spend()}, nil
}
