package jobs

import (
	"errors"
	"strings"
	"testing"

	"github.com/ediport/ediport/storage"
)

// TestKeptPasswordStaysOnItsWay: a password goes only the way for which it was entered. Neither who changes the way first and then the host
// keys, nor the other way round, has it sent elsewhere; host keys alone change where the partner changes them.
func TestKeptPasswordStaysOnItsWay(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	gateKey, _ := newCredential(t)
	way := func(change func(n *Network)) func(c *storage.Connection) {
		return func(c *storage.Connection) {
			n, err := NetworkOf(c)
			if err != nil {
				t.Fatal(err)
			}
			change(&n)
			SetNetwork(c, n)
		}
	}
	jump := func(host string, port int) func(n *Network) {
		return func(n *Network) { n.Jump = &Jump{Host: host, Port: port, User: "u", HostKeys: []string{pinA}} }
	}
	byJump := func(c *storage.Connection) { way(jump("gate.example.com", 22))(c) }
	nothing := func(*storage.Connection) {}
	for name, way := range map[string]struct{ before, change func(*storage.Connection) }{
		"a proxy":             {nothing, way(func(n *Network) { n.Proxy = "socks5://thief.example.com:1080" })},
		"a jump host":         {nothing, way(jump("thief.example.com", 22))},
		"another jump host":   {byJump, way(jump("thief.example.com", 22))},
		"another port of it":  {byJump, way(jump("gate.example.com", 2222))},
		"no jump host":        {byJump, way(func(n *Network) { n.Jump = nil })},
		"another port":        {nothing, func(c *storage.Connection) { c.Port = 2222 }},
		"a host of that name": {nothing, func(c *storage.Connection) { c.Host = "thief.example.com" }},
	} {
		t.Run(name, func(t *testing.T) {
			keys := func(c *storage.Connection) { c.HostKeys = []string{pinB} }
			for order, changes := range map[string][]func(*storage.Connection){
				"first the way": {way.change, keys}, "first the host keys": {keys, way.change}, "both": {func(c *storage.Connection) { way.change(c); keys(c) }},
			} {
				c := aConnection()
				c.Name, c.HostKeys = name+" "+order, []string{pinA}
				way.before(c)
				if err := h.desk.AddConnection(t.Context(), h.scope, c, Secrets{Password: "kept", JumpPrivateKey: gateKey}); err != nil {
					t.Fatal(err)
				}
				refused := 0
				for _, change := range changes {
					changed := h.connection(c.ID)
					change(changed)
					_, tested := h.desk.TestChange(t.Context(), h.scope, changed, Secrets{})
					err := h.desk.ChangeConnection(t.Context(), h.scope, changed, Secrets{})
					if errors.Is(err, ErrConnection) && strings.Contains(err.Error(), "password:") && errors.Is(tested, ErrConnection) {
						refused++
					} else if err != nil {
						t.Fatalf("%s: %v", order, err)
					}
				}
				if refused != 1 {
					t.Errorf("%s: %d changes refused, want the one of the way", order, refused)
				}
				changed := h.connection(c.ID)
				way.change(changed)
				if err := h.desk.ChangeConnection(t.Context(), h.scope, changed, Secrets{Password: "entered again"}); err != nil {
					t.Errorf("%s, with the password: %v", order, err)
				}
			}
		})
	}
}

// TestNextPasswordStaysOnItsWay: a new credential's password was entered for a way, too.
func TestNextPasswordStaysOnItsWay(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := aConnection()
	c.HostKeys = []string{pinA}
	if err := h.desk.AddConnection(t.Context(), h.scope, c, Secrets{Password: "present"}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.desk.SetNextCredential(t.Context(), h.scope, c.ID, c.Version, NextCredential{Auth: AuthPassword, Password: "next"}); err != nil {
		t.Fatal(err)
	}
	moved := h.connection(c.ID)
	SetNetwork(moved, Network{Proxy: "socks5://thief.example.com:1080"})
	err := h.desk.ChangeConnection(t.Context(), h.scope, moved, Secrets{Password: "present"})
	if !errors.Is(err, ErrConnection) || !strings.Contains(err.Error(), "network.proxy:") {
		t.Errorf("a proxy, with a new password that waits: %v, want ErrConnection about the proxy", err)
	}
}

// TestUnreadableSecretsLeaveAnEvent: whoever enters secrets anew at a connection whose own can't be opened, as after a key was lost, loses the
// others and the new credential with them. The audit says so.
func TestUnreadableSecretsLeaveAnEvent(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := aConnection()
	if err := h.desk.AddConnection(t.Context(), h.scope, c, Secrets{Password: "present"}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.desk.SetNextCredential(t.Context(), h.scope, c.ID, c.Version, NextCredential{Auth: AuthPassword, Password: "next"}); err != nil {
		t.Fatal(err)
	}
	replaced := func() int {
		return h.number(`SELECT count(*) FROM audit_event WHERE action = 'connection.secrets_replaced' AND object_id = $1 AND detail->>'key_id' <> ''`, int64(c.ID))
	}
	if err := h.desk.ChangeConnection(t.Context(), h.scope, h.connection(c.ID), Secrets{Password: "another"}); err != nil || replaced() != 0 {
		t.Fatalf("secrets that can be opened: %v, %d events", err, replaced())
	}
	h.exec(`UPDATE connection SET secrets = '\x00'`)
	if err := h.desk.ChangeConnection(t.Context(), h.scope, h.connection(c.ID), Secrets{}); !errors.Is(err, ErrSecrets) || replaced() != 0 {
		t.Errorf("without secrets: %v, %d events, want ErrSecrets and none", err, replaced())
	}
	if err := h.desk.ChangeConnection(t.Context(), h.scope, h.connection(c.ID), Secrets{Password: "entered anew"}); err != nil {
		t.Fatal(err)
	}
	if got := h.connection(c.ID); got.NextAuth != "" || replaced() != 1 {
		t.Errorf("next credential %q, %d events of what was lost, want 1", got.NextAuth, replaced())
	}
	n := h.number(`SELECT count(*) FROM audit_event WHERE action = 'connection.credential_removed' AND object_id = $1 AND detail->>'unreadable' = 'true'`, int64(c.ID))
	if n != 1 {
		t.Errorf("%d events of the new credential's end, want 1", n)
	}
}
