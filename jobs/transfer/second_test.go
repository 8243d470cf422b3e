package transfer_test

import (
	"errors"
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/ediport/ediport/fixtures/simulator"
	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/jobs/transfer/sshdtest"
)

// What the server writes at the log level VERBOSE.
var (
	refusedByOpenSSH = regexp.MustCompile(`(?m)^Failed (publickey|password) for `)
	openedAtOpenSSH  = regexp.MustCompile(`(?m)^Connection from `)
	endedAtOpenSSH   = regexp.MustCompile(`(?m)^(Connection (closed|reset) by|Disconnected from|Disconnecting) `)
)

// TestSecondMeansToSignIn rotates keys and passwords at a real server: what the partner takes signs in, and no
// account is locked by trying.
func TestSecondMeansToSignIn(t *testing.T) {
	t.Parallel()
	old, oldPublic := newKey(t, "")
	fresh, freshPublic := newKey(t, "")
	authority := newSigner(t)
	ended := certify(t, authority, old, func(c *ssh.Certificate) { c.ValidBefore = 1000 })
	for name, c := range map[string]struct {
		authorized    string
		first, second transfer.Auth
		signedInBy    string // "": by none
		refused       int
	}{
		"the old key only":              {oldPublic, transfer.Auth{PrivateKey: old}, transfer.Auth{PrivateKey: fresh}, "old", 0},
		"both keys":                     {oldPublic + freshPublic, transfer.Auth{PrivateKey: old}, transfer.Auth{PrivateKey: fresh}, "old", 0},
		"the new key only":              {freshPublic, transfer.Auth{PrivateKey: old}, transfer.Auth{PrivateKey: fresh}, "new", 1},
		"no key":                        {"", transfer.Auth{PrivateKey: old}, transfer.Auth{PrivateKey: fresh}, "", 2},
		"the old password only":         {"", transfer.Auth{Password: "right"}, transfer.Auth{Password: "wrong"}, "old", 0},
		"the new password only":         {"", transfer.Auth{Password: "wrong"}, transfer.Auth{Password: "right"}, "new", 1},
		"no password":                   {"", transfer.Auth{Password: "wrong"}, transfer.Auth{Password: "wrong, too"}, "", 2},
		"a key in place of a password":  {freshPublic, transfer.Auth{Password: "wrong"}, transfer.Auth{PrivateKey: fresh}, "new", 1},
		"a password in place of a key":  {"", transfer.Auth{PrivateKey: old}, transfer.Auth{Password: "right"}, "new", 1},
		"a certificate that has ended":  {freshPublic, transfer.Auth{PrivateKey: old, Certificate: ended}, transfer.Auth{PrivateKey: fresh}, "new", 0},
		"a second one that can't be it": {"", transfer.Auth{PrivateKey: old}, transfer.Auth{PrivateKey: old, Certificate: ended}, "", 1},
		"a second one not needed":       {oldPublic, transfer.Auth{PrivateKey: old}, transfer.Auth{PrivateKey: old, Certificate: ended}, "old", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := sshdtest.Start(t, sshdtest.Options{Password: "right", Config: "LogLevel VERBOSE"})
			server.Authorize(c.authorized)
			target := endpoint(server)
			c.first.Name, c.second.Name = "old", "new"
			target.Auth, target.Second = c.first, &c.second
			client, err := transfer.Dial(t.Context(), target)
			switch {
			case c.signedInBy == "":
				wantCode(t, err, "transfer.auth_failed", true)
				if _, ok := errors.AsType[*transfer.AuthError](err); !ok || !strings.Contains(err.Error(), "old: tried") || !strings.Contains(err.Error(), "new") {
					t.Errorf("error %v does not say what became of both", err)
				}
			case err != nil:
				t.Fatal(err)
			default:
				if client.Credential() != c.signedInBy {
					t.Errorf("signed in by the %s one, want the %s", client.Credential(), c.signedInBy)
				}
				client.Close()
			}
			awaitClosed(t, server)
			if got := len(refusedByOpenSSH.FindAllString(server.Log(), -1)); got != c.refused {
				t.Errorf("the server refused %d times, want %d:\n%s", got, c.refused, server.Log())
			}
		})
	}
}

// awaitClosed waits until the server has written that the connections to it are over.
func awaitClosed(t *testing.T, server *sshdtest.Server) {
	t.Helper()
	tick, end := time.NewTicker(10*time.Millisecond), time.NewTimer(10*time.Second)
	defer tick.Stop()
	defer end.Stop()
	for len(openedAtOpenSSH.FindAllString(server.Log(), -1)) > len(endedAtOpenSSH.FindAllString(server.Log(), -1)) {
		select {
		case <-tick.C:
		case <-end.C:
			t.Fatalf("connections are still open:\n%s", server.Log())
		}
	}
}

// TestSecondOnlyAfterARefusal: what is no refusal of the server's does not lead to the second means, and a refusal
// stays one if it can't be found out whether the second are any better.
func TestSecondOnlyAfterARefusal(t *testing.T) {
	t.Parallel()
	partner := servePartner(t, simulator.Options{Password: "right"})
	other := servePartner(t, simulator.Options{Password: "right"})
	closed := sshdtest.StartProxy(t, partnerEndpoint(partner, "").Address())
	closed.Close()
	for name, c := range map[string]struct {
		change func(*transfer.Endpoint)
		code   string
	}{
		"another host key": {func(e *transfer.Endpoint) { e.HostKeys = []string{other.Fingerprint()} }, "transfer.host_key_changed"},
		"nobody answers":   {func(e *transfer.Endpoint) { e.Port = closed.Port }, "transfer.connect_failed"},
	} {
		target := partnerEndpoint(partner, "right")
		target.Second = &transfer.Auth{Name: "new", Password: "right"}
		c.change(&target)
		_, err := transfer.Dial(t.Context(), target)
		if transfer.Code(err) != c.code {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
	}
	if n := partner.Attempts()["password"]; n != 0 {
		t.Errorf("%d passwords were sent, want none", n)
	}
	// The jump host refuses: the server behind it has said nothing.
	target := partnerEndpoint(other, "right")
	jump := partnerEndpoint(partner, "wrong")
	target.Jump, target.Second = &jump, &transfer.Auth{Name: "new", Password: "right"}
	_, err := transfer.Dial(t.Context(), target)
	wantCode(t, err, "transfer.auth_failed", true)
	if n := partner.Attempts()["password"]; n != 1 {
		t.Errorf("the jump host was sent %d passwords, want 1", n)
	}
}

// TestRefusalStaysOneIfTheSecondIsCutOff: trying again would have the first refused each time.
func TestRefusalStaysOneIfTheSecondIsCutOff(t *testing.T) {
	t.Parallel()
	partner := servePartner(t, simulator.Options{Password: "right"})
	proxy := sshdtest.StartProxy(t, partnerEndpoint(partner, "").Address())
	target := partnerEndpoint(partner, "wrong")
	target.Host, target.Port = proxy.Host, proxy.Port
	calls := 0
	target.Permit = func(addr netip.AddrPort) error {
		if calls++; calls == 2 {
			proxy.CutAfter(1)
		}
		return nil
	}
	target.Second = &transfer.Auth{Name: "new", Password: "right"}
	_, err := transfer.Dial(t.Context(), target)
	wantCode(t, err, "transfer.auth_failed", true)
	if calls != 2 || !strings.Contains(err.Error(), "new could not be tried") {
		t.Errorf("%d connections, error %v", calls, err)
	}
}

// TestEndedCertificateIsNotHidden: who is told that the second was refused is told, too, why the first was of no use.
func TestEndedCertificateIsNotHidden(t *testing.T) {
	t.Parallel()
	partner := servePartner(t, simulator.Options{Password: "right"})
	key, _ := newKey(t, "")
	target := partnerEndpoint(partner, "")
	ended := certify(t, newSigner(t), key, func(c *ssh.Certificate) { c.ValidBefore = 1000 })
	target.Auth, target.Second = transfer.Auth{Name: "old", PrivateKey: key, Certificate: ended}, &transfer.Auth{Name: "new", Password: "wrong"}
	_, err := transfer.Dial(t.Context(), target)
	wantCode(t, err, "transfer.auth_failed", true)
	if !strings.Contains(err.Error(), "old: it ended on 1970-01-01") || !strings.Contains(err.Error(), "new: tried password") {
		t.Errorf("error %v, want both to be told of", err)
	}
}

// TestStepsTellOfBoth: a test says which of two means to sign in the server takes.
func TestStepsTellOfBoth(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		first, second transfer.Secret
		accepted      string // the last one, at the step of its name
		step          string
		says          string
		state         string
	}{
		"the old one only": {"right", "wrong", "old", transfer.StepSecond, "refused", transfer.StateNotYet},
		"both":             {"right", "right", "new", transfer.StepSecond, "accepts new, too", transfer.StateOK},
		"the new one only": {"wrong", "right", "new", transfer.StepSignIn, "accepts new, not old", transfer.StateOK},
		"none":             {"wrong", "wrong", "", transfer.StepSignIn, "refused", transfer.StateFailed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			partner := servePartner(t, simulator.Options{Password: "right"})
			target := partnerEndpoint(partner, c.first)
			target.Auth.Name = "old"
			target.Second = &transfer.Auth{Name: "new", Password: c.second}
			accepted, found := "", false
			for _, s := range transfer.TestAll(t.Context(), target, transfer.TestFolders{Both: true}) {
				if s.Credential != "" {
					accepted = s.Credential
				}
				if s.Name == c.step {
					found = true
					if s.State != c.state || !strings.Contains(s.Sentence, c.says) {
						t.Errorf("step %s: %s, %q, want %s and %q", s.Name, s.State, s.Sentence, c.state, c.says)
					}
				}
			}
			if !found || accepted != c.accepted {
				t.Errorf("step found: %v; accepted at last: %q, want %q", found, accepted, c.accepted)
			}
			if n := partner.Attempts()["password"]; n != 2 {
				t.Errorf("%d attempts, want one of each", n)
			}
		})
	}
}
