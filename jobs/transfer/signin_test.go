package transfer_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"golang.org/x/crypto/ssh"

	"github.com/ediport/ediport/fixtures/simulator"
	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/jobs/transfer/sshdtest"
)

// newKey returns a private key in OpenSSH form and its public half as authorized_keys has it.
func newKey(t *testing.T, passphrase string) (transfer.Secret, string) {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(private, "")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	public := string(ssh.MarshalAuthorizedKey(signer.PublicKey()))
	if passphrase != "" {
		return lock(t, private, block, passphrase), public
	}
	return transfer.Secret(pem.EncodeToMemory(block)), public
}

// lock encrypts a key as OpenSSH does, with as little work as it lets one choose: with the race detector the usual
// amount takes seconds each time the key is opened.
func lock(t *testing.T, key ed25519.PrivateKey, plain *pem.Block, passphrase string) transfer.Secret {
	t.Helper()
	if _, err := exec.LookPath("ssh-keygen"); err != nil {
		slow, err := ssh.MarshalPrivateKeyWithPassphrase(key, "", []byte(passphrase))
		if err != nil {
			t.Fatal(err)
		}
		return transfer.Secret(pem.EncodeToMemory(slow))
	}
	name := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(name, pem.EncodeToMemory(plain), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), "ssh-keygen", "-q", "-p", "-a", "1", "-N", passphrase, "-f", name).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	locked, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return transfer.Secret(locked)
}

func TestSignsInAtOpenSSH(t *testing.T) {
	t.Parallel()
	key, public := newKey(t, "")
	locked, publicLocked := newKey(t, "open sesame")
	stranger, _ := newKey(t, "")
	server := sshdtest.Start(t, sshdtest.Options{Password: "right", AuthorizedKey: public + publicLocked})
	for name, c := range map[string]struct {
		auth transfer.Auth
		want error
	}{
		"key":                       {transfer.Auth{PrivateKey: key}, nil},
		"key with passphrase":       {transfer.Auth{PrivateKey: locked, Passphrase: "open sesame"}, nil},
		"needless passphrase":       {transfer.Auth{PrivateKey: key, Passphrase: "open sesame"}, nil},
		"password":                  {transfer.Auth{Password: "right"}, nil},
		"refused key, password":     {transfer.Auth{PrivateKey: stranger, Password: "right"}, nil},
		"refused key":               {transfer.Auth{PrivateKey: stranger}, transfer.ErrAuth},
		"wrong password":            {transfer.Auth{Password: "wrong"}, transfer.ErrAuth},
		"wrong passphrase":          {transfer.Auth{PrivateKey: locked, Passphrase: "open"}, transfer.ErrPrivateKey},
		"no passphrase":             {transfer.Auth{PrivateKey: locked}, transfer.ErrPrivateKey},
		"no key at all":             {transfer.Auth{PrivateKey: "ssh-ed25519 AAAA"}, transfer.ErrPrivateKey},
		"neither key nor password":  {transfer.Auth{}, transfer.ErrEndpoint},
		"key of which half is left": {transfer.Auth{PrivateKey: key[:len(key)/2]}, transfer.ErrPrivateKey},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			target := endpoint(server)
			target.Auth = c.auth
			client, err := transfer.Dial(t.Context(), target)
			if !errors.Is(err, c.want) {
				t.Fatalf("Dial = %v, want %v", err, c.want)
			}
			if c.want != nil && !transfer.Permanent(err) {
				t.Errorf("%v is not permanent", err)
			}
			if client != nil {
				client.Close()
			}
		})
	}
}

func TestKeyAndPasswordWhereBothAreAsked(t *testing.T) {
	t.Parallel()
	server := sshdtest.Start(t, sshdtest.Options{Password: "right", Config: "AuthenticationMethods publickey,password"})
	target := endpoint(server)
	target.Auth.Password = "right"
	dial(t, target)

	target.Auth.Password = ""
	_, err := transfer.Dial(t.Context(), target)
	wantCode(t, err, "transfer.auth_failed", true)
	refusal, ok := errors.AsType[*transfer.AuthError](err)
	if !ok || len(refusal.Allowed) != 1 || refusal.Allowed[0] != "password" {
		t.Fatalf("error %v does not say that the password is missing", err)
	}
}

// A server that ends the connection after a failure has refused, not broken down: trying again would
// count towards a lockout.
func TestDisconnectAfterAFailureIsARefusal(t *testing.T) {
	t.Parallel()
	stranger, _ := newKey(t, "")
	server := sshdtest.Start(t, sshdtest.Options{Config: "MaxAuthTries 1"})
	target := endpoint(server)
	target.Auth.PrivateKey = stranger
	_, err := transfer.Dial(t.Context(), target)
	wantCode(t, err, "transfer.auth_failed", true)
	if refusal, ok := errors.AsType[*transfer.AuthError](err); !ok || len(refusal.Allowed) != 0 {
		t.Fatalf("error %v does not say that the server ended the connection", err)
	}
}

// A refused password is not offered again by another method: each refusal counts towards a lockout.
func TestPasswordIsTriedOnce(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		interactive bool
		method      string
	}{"as password": {false, "password"}, "as answer to a question": {true, "keyboard-interactive"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			partner := servePartner(t, simulator.Options{Password: "right", Interactive: c.interactive})
			target := partnerEndpoint(partner, "wrong")
			_, err := transfer.Dial(t.Context(), target)
			wantCode(t, err, "transfer.auth_failed", true)
			tried := partner.Attempts()
			if tried[c.method] != 1 || tried["password"]+tried["keyboard-interactive"] != 1 {
				t.Fatalf("the server saw %v, want %s once", tried, c.method)
			}
			target.Auth.Password = "right"
			dial(t, target)
		})
	}
}
