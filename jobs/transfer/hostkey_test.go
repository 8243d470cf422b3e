package transfer_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/ediport/ediport/fixtures/simulator"
	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/jobs/transfer/sshdtest"
)

// someFingerprint is well formed and nobody's.
const someFingerprint = "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

func TestChangedHostKeyStopsBeforeSignIn(t *testing.T) {
	t.Parallel()
	partner := servePartner(t, simulator.Options{Password: "right"})
	target := partnerEndpoint(partner, "right")
	target.HostKeys = []string{someFingerprint}

	_, err := transfer.Dial(t.Context(), target)
	wantCode(t, err, "transfer.host_key_changed", true)
	if tried := partner.Attempts(); len(tried) != 0 {
		t.Fatalf("the server saw sign-in attempts: %v", tried)
	}
	for _, want := range []string{someFingerprint, partner.Fingerprint(), partner.Address()} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error %q does not name %s", err, want)
		}
	}

	target.HostKeys = []string{someFingerprint, partner.Fingerprint()} // the partner announced a new key
	dial(t, target)
	if tried := partner.Attempts(); tried["password"] != 1 {
		t.Fatalf("the count of attempts does not work: %v", tried)
	}
}

func TestUnknownHostKeyIsOfferedForApproval(t *testing.T) {
	t.Parallel()
	partner := servePartner(t, simulator.Options{Password: "right"})
	target := partnerEndpoint(partner, "right")
	target.HostKeys = nil
	_, err := transfer.Dial(t.Context(), target)
	wantCode(t, err, "transfer.host_key_unknown", true)
	unknown, ok := errors.AsType[*transfer.HostKeyError](err)
	if !ok || unknown.Changed() || len(unknown.Offered) != 1 || len(partner.Attempts()) != 0 {
		t.Fatalf("error %v, attempts %v", err, partner.Attempts())
	}
	target.HostKeys = []string{unknown.Offered[0].String()}
	if client := dial(t, target); client.HostKey() != unknown.Offered[0] {
		t.Fatalf("connected with %v, approved %v", client.HostKey(), unknown.Offered[0])
	}
}

func TestServerWithSeveralHostKeys(t *testing.T) {
	t.Parallel()
	server := sshdtest.Start(t, sshdtest.Options{HostKeyTypes: []string{"ed25519", "ecdsa", "rsa"}})
	for i, fingerprint := range server.Fingerprints() {
		target := endpoint(server)
		target.HostKeys = []string{fingerprint}
		if client := dial(t, target); client.HostKey().Fingerprint != fingerprint {
			t.Errorf("key %d: connected with %v", i, client.HostKey())
		}
		target.HostKeys = []string{"ssh-rsa " + fingerprint} // the type is but a hint
		if client := dial(t, target); client.HostKey().Fingerprint != fingerprint {
			t.Errorf("key %d with a hint: connected with %v", i, client.HostKey())
		}
	}

	target := endpoint(server)
	target.HostKeys = []string{someFingerprint}
	_, err := transfer.Dial(t.Context(), target)
	wantCode(t, err, "transfer.host_key_changed", true)
	changed, ok := errors.AsType[*transfer.HostKeyError](err)
	if !ok || len(changed.Offered) != 3 {
		t.Fatalf("error %v does not show all three keys", err)
	}
	if log := server.Log(); strings.Contains(log, "Failed") {
		t.Fatalf("sshd saw a sign-in:\n%s", log)
	}
}

func TestMalformedPinsAreRefused(t *testing.T) {
	t.Parallel()
	for _, pin := range []string{
		"", "SHA256:", "MD5:aa:bb", "SHA256:short", someFingerprint + "=", "ssh-rsa x " + someFingerprint,
		strings.ToLower(someFingerprint[:7]) + someFingerprint[7:],
	} {
		target := transfer.Endpoint{Host: "127.0.0.1", User: "u", Auth: transfer.Auth{Password: "p"}, HostKeys: []string{pin}}
		if err := target.Validate(); !errors.Is(err, transfer.ErrEndpoint) {
			t.Errorf("pin %q: Validate = %v", pin, err)
		}
	}
}
