package transfer_test

import (
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/jobs/transfer/sshdtest"
)

// certifiedServer starts sshd with a certificate of the authority's for its host key.
func certifiedServer(t *testing.T, authority ssh.Signer, change func(*ssh.Certificate)) *sshdtest.Server {
	t.Helper()
	now := time.Now()
	return sshdtest.Start(t, sshdtest.Options{Certify: func(key ssh.PublicKey) *ssh.Certificate {
		cert := &ssh.Certificate{
			Key: key, CertType: ssh.HostCert, KeyId: "partner", ValidPrincipals: []string{"127.0.0.1"},
			ValidAfter:  uint64(now.Add(-time.Hour).Unix()), //nolint:gosec // after 1970
			ValidBefore: uint64(now.Add(time.Hour).Unix()),  //nolint:gosec // after 1970
		}
		if change != nil {
			change(cert)
		}
		if err := cert.SignCert(rand.Reader, authority); err != nil {
			t.Error(err)
		}
		return cert
	}})
}

func authorityPin(authority ssh.Signer) string {
	return transfer.CertAuthority + " " + ssh.FingerprintSHA256(authority.PublicKey())
}

// A server is known by the certificate that a pinned authority gave it: for its name, for now, and by nothing less.
func TestHostCertificateAuthority(t *testing.T) {
	t.Parallel()
	authority := newSigner(t)
	for name, c := range map[string]struct {
		change func(*ssh.Certificate)
		says   string // "": accepted
	}{
		"for its name":         {nil, ""},
		"among several names":  {func(c *ssh.Certificate) { c.ValidPrincipals = []string{"sftp.example.org", "127.0.0.1"} }, ""},
		"for another name":     {func(c *ssh.Certificate) { c.ValidPrincipals = []string{"sftp.example.org"} }, "principal"},
		"for no name":          {func(c *ssh.Certificate) { c.ValidPrincipals = nil }, "names no host"},
		"that has ended":       {func(c *ssh.Certificate) { c.ValidBefore = c.ValidAfter + 60 }, "expired"},
		"that has not begun":   {func(c *ssh.Certificate) { c.ValidAfter = c.ValidBefore - 60 }, "not yet valid"},
		"with a strange order": {func(c *ssh.Certificate) { c.CriticalOptions = map[string]string{"strange": "x"} }, "critical option"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := certifiedServer(t, authority, c.change)
			target := endpoint(server)
			target.HostKeys = []string{authorityPin(authority)}
			client, err := transfer.Dial(t.Context(), target)
			if c.says == "" {
				if err != nil {
					t.Fatal(err)
				}
				defer client.Close()
				if got := client.HostKey().Fingerprint; got != server.Fingerprint() {
					t.Errorf("the key shown is %s", got)
				}
				return
			}
			wantCode(t, err, "transfer.host_key_changed", true)
			refused, ok := errors.AsType[*transfer.HostKeyError](err)
			if !ok || !strings.Contains(err.Error(), c.says) || len(refused.Offered) != 1 {
				t.Fatalf("error %v, want one that says %q and offers the key itself", err, c.says)
			}
			target.HostKeys = append(target.HostKeys, refused.Offered[0].String()) // a key approved by itself still counts
			dial(t, target)
		})
	}
}

// The pin of an authority is no pin of a key, nor the other way round, and another authority is none.
func TestAnAuthorityIsNoKey(t *testing.T) {
	t.Parallel()
	authority, other := newSigner(t), newSigner(t)
	server := certifiedServer(t, authority, nil)
	for name, pin := range map[string]string{
		"another authority":           authorityPin(other),
		"the host's key as authority": transfer.CertAuthority + " " + server.Fingerprint(),
		"the authority's key as pin":  ssh.FingerprintSHA256(authority.PublicKey()),
	} {
		target := endpoint(server)
		target.HostKeys = []string{pin}
		if _, err := transfer.Dial(t.Context(), target); transfer.Code(err) != "transfer.host_key_changed" {
			t.Errorf("%s: %v, want transfer.host_key_changed", name, err)
		}
	}
	target := endpoint(server)
	target.HostKeys = []string{authorityPin(other), server.Fingerprint()}
	dial(t, target)
}

// The authority's signature must not be one of SHA-1.
func TestAuthorityThatSignsWithSHA1(t *testing.T) {
	t.Parallel()
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	for algorithm, want := range map[string]string{ssh.KeyAlgoRSASHA256: "", ssh.KeyAlgoRSA: "transfer.host_key_changed"} {
		authority, err := ssh.NewSignerWithAlgorithms(signer.(ssh.AlgorithmSigner), []string{algorithm})
		if err != nil {
			t.Fatal(err)
		}
		server := certifiedServer(t, authority, nil)
		target := endpoint(server)
		target.HostKeys = []string{authorityPin(authority)}
		client, err := transfer.Dial(t.Context(), target)
		if transfer.Code(err) != want {
			t.Errorf("%s: %v, want code %q", algorithm, err, want)
		}
		if err == nil {
			client.Close()
		}
	}
}
