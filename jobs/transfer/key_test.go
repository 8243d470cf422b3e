package transfer_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"encoding/pem"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/jobs/transfer/sshdtest"
)

func TestGeneratedKeySignsIn(t *testing.T) {
	t.Parallel()
	private, public, err := transfer.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	server := sshdtest.Start(t, sshdtest.Options{AuthorizedKey: public})
	target := endpoint(server)
	target.Auth = transfer.Auth{PrivateKey: private}
	dial(t, target)
	if again, err := transfer.PublicKey(private, ""); err != nil || again != public || !strings.HasPrefix(public, "ssh-ed25519 ") {
		t.Errorf("the public half again: %v", err)
	}
	if other, _, _ := transfer.GenerateKey(); other == private {
		t.Error("two generated keys are the same")
	}
}

func TestPublicKeyNeedsThePassphrase(t *testing.T) {
	t.Parallel()
	locked, public := newKey(t, "open sesame")
	if got, err := transfer.PublicKey(locked, "open sesame"); err != nil || got != strings.TrimSpace(public) {
		t.Errorf("got %q, %v", got, err)
	}
	for passphrase, want := range map[transfer.Secret]string{"": "it needs its passphrase", "wrong": "the passphrase does not fit"} {
		_, err := transfer.PublicKey(locked, passphrase)
		wantCode(t, err, "transfer.private_key_unreadable", true)
		if got := transfer.Detail(err).Error(); got != want {
			t.Errorf("detail %q, want %q", got, want)
		}
	}
}

// certify makes an OpenSSH certificate for a key, as an authority of a partner does.
func certify(t *testing.T, authority ssh.Signer, private transfer.Secret, change func(*ssh.Certificate)) transfer.Secret {
	t.Helper()
	key, err := ssh.ParsePrivateKey([]byte(private))
	if err != nil {
		t.Fatal(err)
	}
	cert := &ssh.Certificate{
		Key: key.PublicKey(), CertType: ssh.UserCert, KeyId: "ediport", ValidPrincipals: []string{"partner"},
		ValidBefore: uint64(time.Now().Add(time.Hour).Unix()), //nolint:gosec // after 1970
	}
	if change != nil {
		change(cert)
	}
	if err := cert.SignCert(rand.Reader, authority); err != nil {
		t.Fatal(err)
	}
	return transfer.Secret(ssh.MarshalAuthorizedKey(cert))
}

func newSigner(t *testing.T) ssh.Signer {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return signer
}

func TestSignsInByCertificate(t *testing.T) {
	t.Parallel()
	authority, stranger := newSigner(t), newSigner(t)
	trusted := filepath.Join(t.TempDir(), "authority.pub")
	if err := os.WriteFile(trusted, ssh.MarshalAuthorizedKey(authority.PublicKey()), 0o600); err != nil {
		t.Fatal(err)
	}
	server := sshdtest.Start(t, sshdtest.Options{Config: "TrustedUserCAKeys " + trusted})
	key, _ := newKey(t, "")
	other, otherPublic := newKey(t, "")
	rsaKey := newRSAKey(t)
	for name, c := range map[string]struct {
		key, certificate transfer.Secret
		code             string
	}{
		"good":                 {key, certify(t, authority, key, nil), ""},
		"good, RSA":            {rsaKey, certify(t, authority, rsaKey, nil), ""},
		"of another authority": {key, certify(t, stranger, key, nil), "transfer.auth_failed"},
		"for another user":     {key, certify(t, authority, key, func(c *ssh.Certificate) { c.ValidPrincipals = []string{"root"} }), "transfer.auth_failed"},
		"that has ended":       {key, certify(t, authority, key, func(c *ssh.Certificate) { c.ValidBefore = 1000 }), "transfer.certificate_unusable"},
		"for another key":      {other, certify(t, authority, key, nil), "transfer.certificate_unusable"},
		"of a server":          {key, certify(t, authority, key, func(c *ssh.Certificate) { c.CertType = ssh.HostCert }), "transfer.certificate_unusable"},
		"a public key instead": {other, transfer.Secret(otherPublic), "transfer.certificate_unusable"},
		"nonsense":             {key, "certificate", "transfer.certificate_unusable"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			target := endpoint(server)
			target.User = "partner"
			target.Auth = transfer.Auth{PrivateKey: c.key, Certificate: c.certificate}
			client, err := transfer.Dial(t.Context(), target)
			if err == nil {
				client.Close()
			}
			if transfer.Code(err) != c.code {
				t.Errorf("error %v, want %q", err, c.code)
			}
		})
	}
}

func newRSAKey(t *testing.T) transfer.Secret {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(key, "")
	if err != nil {
		t.Fatal(err)
	}
	return transfer.Secret(pem.EncodeToMemory(block))
}

// TestServerWantsBoth: key and password, one after the other.
func TestServerWantsBoth(t *testing.T) {
	t.Parallel()
	server := sshdtest.Start(t, sshdtest.Options{Password: "right", Config: "AuthenticationMethods publickey,password"})
	target := endpoint(server)
	_, err := transfer.Dial(t.Context(), target)
	wantCode(t, err, "transfer.auth_failed", true)
	target.Auth.Password = "right"
	dial(t, target)
}

// TestLegacyAlgorithms: what is outdated is accepted only where it was chosen.
func TestLegacyAlgorithms(t *testing.T) {
	t.Parallel()
	rsaKey := newRSAKey(t)
	public, err := transfer.PublicKey(rsaKey, "")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		config string
		choose []string
		code   string // without the choice
	}{
		"key exchange": {"KexAlgorithms diffie-hellman-group14-sha1", []string{"diffie-hellman-group14-sha1"}, "transfer.no_common_algorithm"},
		"cipher":       {"Ciphers aes128-cbc", []string{"aes128-cbc"}, "transfer.no_common_algorithm"},
		"MAC":          {"Ciphers aes128-ctr\nMACs hmac-sha1", []string{"hmac-sha1"}, "transfer.no_common_algorithm"},
		"host key":     {"HostKeyAlgorithms ssh-rsa", []string{"ssh-rsa"}, "transfer.no_common_algorithm"},
		"our key":      {"PubkeyAcceptedAlgorithms ssh-rsa", []string{"ssh-rsa"}, "transfer.auth_failed"},
		"all at once": {
			"KexAlgorithms diffie-hellman-group1-sha1\nCiphers 3des-cbc\nMACs hmac-sha1-96\nHostKeyAlgorithms ssh-rsa",
			[]string{"ssh-rsa", "hmac-sha1-96", "3des-cbc", "diffie-hellman-group1-sha1"},
			"transfer.no_common_algorithm",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := sshdtest.Start(t, sshdtest.Options{Config: c.config, HostKeyTypes: []string{"rsa"}, AuthorizedKey: public})
			target := endpoint(server)
			target.Auth.PrivateKey = rsaKey
			_, err := transfer.Dial(t.Context(), target)
			wantCode(t, err, c.code, true)
			if c.code == "transfer.no_common_algorithm" && !strings.Contains(err.Error(), "could be chosen") {
				t.Errorf("the error does not say what could be chosen: %v", err)
			}
			target.Legacy = c.choose
			dial(t, target)
		})
	}
	if known := transfer.LegacyAlgorithms(); slices.Contains(known, "arcfour") || slices.Contains(known, "ssh-dss") {
		t.Errorf("what protects nothing can be chosen: %v", known)
	}
	_, err = transfer.Dial(t.Context(), transfer.Endpoint{Host: "h", User: "u", Auth: transfer.Auth{Password: "p"}, Legacy: []string{"rot13"}})
	wantCode(t, err, "transfer.endpoint_invalid", true)
}
