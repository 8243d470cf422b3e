package jobs

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/storage"
)

// PublicKeys are the public halves of a connection's keys, as lines for authorized_keys, for partners
// to install; "" where there is no key.
type PublicKeys struct {
	SignIn string `json:"sign_in"`
	Next   string `json:"next"` // of the next credential
	Jump   string `json:"jump"`
}

// PublicKeyOf returns the public half of the key that signs in; "" without a key. transfer.ErrPrivateKey:
// it can't be read.
func PublicKeyOf(s Secrets) (string, error) {
	if s.PrivateKey == "" {
		return "", nil
	}
	return transfer.PublicKey(s.PrivateKey, s.Passphrase)
}

// PublicKeys returns the public halves of a connection's keys.
func (d *Desk) PublicKeys(ctx context.Context, scope storage.Scope, id storage.ConnectionID) (PublicKeys, error) {
	var c *storage.Connection
	err := d.DB.InScopeRead(ctx, scope, func(tx *storage.Tx) (err error) {
		c, err = tx.Connection(ctx, id)
		return err
	})
	if err != nil {
		return PublicKeys{}, err
	}
	s, err := openSecrets(d.Keys, c)
	if err != nil {
		return PublicKeys{}, err
	}
	var public PublicKeys
	if public.SignIn, err = PublicKeyOf(s); err != nil {
		return PublicKeys{}, err
	}
	if public.Next, err = PublicKeyOf(s.next.secrets()); err != nil {
		return PublicKeys{}, err
	}
	if s.JumpPrivateKey != "" {
		public.Jump, err = transfer.PublicKey(s.JumpPrivateKey, s.JumpPassphrase)
	}
	return public, err
}

// GenerateKey makes a new key for a connection and returns its public half, which the partner
// installs; the private one never leaves. The key before is gone, as is a certificate for it. A
// connection that signs in by password goes on doing so until its way to sign in is changed.
func (d *Desk) GenerateKey(ctx context.Context, scope storage.Scope, id storage.ConnectionID) (public string, err error) {
	private, public, err := transfer.GenerateKey()
	if err != nil {
		return "", err
	}
	err = d.change(ctx, scope, id, "connection.key_generated", func(c *storage.Connection) error {
		old, err := openSecrets(d.Keys, c)
		if err != nil {
			return err
		}
		if c.Auth == AuthCertificate {
			c.Auth = AuthKey // there is no certificate for the new key yet
		}
		return sealSecrets(d.Keys, c, merge(old, Secrets{PrivateKey: private}))
	})
	if err != nil {
		return "", err
	}
	return public, nil
}

// staysHome complains if a password that was kept would go another way than the one for which it was entered: whoever may
// change a connection could read it there. A change of host keys alone is no other way: it has a guard of its own.
func staysHome(before, after *storage.Connection, kept, given Secrets) error {
	old, err := NetworkOf(before)
	if err != nil {
		return err
	}
	changed, err := NetworkOf(after)
	if err != nil {
		return err
	}
	var wrong []error
	complain := complaint{wrong: &wrong}
	again := "enter it again: it was meant for the server, proxy and jump host before"
	moved := leadsElsewhere(before, after, old, changed)
	complain.about(moved != "" && kept.Password != "" && given.Password == "" && sendsPassword(after.Auth), "password", "%s", again)
	complain.about(moved != "" && kept.next.Password != "", moved, "remove the new credential first: its password was meant for the server, proxy and jump host before")
	complain.about(changed.Jump != nil && (old.Jump == nil || old.Jump.address() != changed.Jump.address()) &&
		kept.JumpPassword != "" && given.JumpPassword == "", "jump_password", "%s", again)
	complain.about(changed.Proxy != "" && changed.Proxy != old.Proxy && kept.ProxyPassword != "" && given.ProxyPassword == "",
		"proxy_password", "%s", again)
	if len(wrong) > 0 {
		return fail(ErrConnection, errors.Join(wrong...))
	}
	return nil
}

// leadsElsewhere returns the field by which a change, from old to changed in the network's settings, may have another server
// answer; "" if none does. Whatever is pinned, the way counts: the host keys could be changed before it, or after.
func leadsElsewhere(before, after *storage.Connection, old, changed Network) string {
	switch {
	case before.Host != after.Host || before.Port != after.Port:
		return "host"
	case old.Proxy != changed.Proxy:
		return "network.proxy"
	case old.Jump.address() != changed.Jump.address():
		return "network.jump.host"
	default:
		return ""
	}
}

// address is where a jump host is; "": there is none.
func (j *Jump) address() string {
	if j == nil {
		return ""
	}
	return net.JoinHostPort(j.Host, strconv.Itoa(j.Port))
}

func sendsPassword(auth string) bool { return auth == AuthPassword || auth == AuthKeyPassword }

// leaveBehind takes out of a connection's secrets a password that was kept without use, if the connection is led another
// way: a later change of how it signs in would send it there.
func leaveBehind(before, after *storage.Connection, merged *Secrets, given Secrets) error {
	old, err := NetworkOf(before)
	if err != nil {
		return err
	}
	changed, err := NetworkOf(after)
	if err != nil {
		return err
	}
	if leadsElsewhere(before, after, old, changed) != "" && given.Password == "" && !sendsPassword(after.Auth) {
		merged.Password = ""
	}
	return nil
}

// TestConnection walks through what a pull and a push need and says step by step what works, and what
// to do about what doesn't. In the folders to push to it writes and deletes a small file. It may take
// as long as the connection's time-outs.
func (d *Desk) TestConnection(ctx context.Context, scope storage.Scope, id storage.ConnectionID) ([]transfer.Step, error) {
	c, secrets, err := d.tested(ctx, scope, id)
	if err != nil {
		return nil, err
	}
	steps := d.TestSettings(ctx, c, secrets)
	return steps, d.noteTest(ctx, scope, c, steps)
}

// TestChange is TestConnection for changes of a connection that are not stored yet, with the secrets
// that it has where none are given. ErrConnection and *SecondPersonError as of [Desk.ChangeConnection].
func (d *Desk) TestChange(ctx context.Context, scope storage.Scope, c *storage.Connection, given Secrets) ([]transfer.Step, error) {
	before, kept, err := d.tested(ctx, scope, c.ID)
	if err != nil {
		return nil, err
	}
	fillDefaults(c)
	keepNext(c, before)
	if err := staysHome(before, c, kept, given); err != nil {
		return nil, err
	}
	// A test sends the password, too, to whoever shows the key.
	keys, err := hostKeyChange(before, c)
	if err != nil {
		return nil, err
	}
	if _, err := d.secondPerson(ctx, scope, before.Name, keys); err != nil {
		return nil, err
	}
	return d.TestSettings(ctx, c, merge(kept, given)), nil
}

// tested loads a connection for a test, of which the audit tells.
func (d *Desk) tested(ctx context.Context, scope storage.Scope, id storage.ConnectionID) (*storage.Connection, Secrets, error) {
	var c *storage.Connection
	err := d.audited(ctx, scope, "connection.tested", "connection", func(tx *storage.Tx) (_ int64, err error) {
		c, err = tx.Connection(ctx, id)
		return int64(id), err
	})
	if err != nil {
		return nil, Secrets{}, err
	}
	secrets, err := openSecrets(d.Keys, c)
	return c, secrets, err
}

// TestSettings is TestConnection for settings that are not stored yet.
func (d *Desk) TestSettings(ctx context.Context, c *storage.Connection, secrets Secrets) []transfer.Step {
	settings, err := settingsOf(c)
	if err != nil {
		return []transfer.Step{unusable(err)}
	}
	target, err := endpointOf(c, secrets, d.Permit)
	if err != nil {
		return []transfer.Step{unusable(err)}
	}
	settings.Both = c.NextWorksSince == nil // of a present one that was replaced nobody asks
	return transfer.TestAll(ctx, target, settings)
}

func settingsOf(c *storage.Connection) (transfer.TestFolders, error) {
	var folders transfer.TestFolders
	pull, err := FoldersOf(c)
	if err != nil {
		return folders, err
	}
	for _, f := range pull {
		if len(f.Names) > 0 {
			folders.Named = append(folders.Named, transfer.ListOptions{Folder: f.Path, Names: f.knownNames(time.Now())})
		} else {
			folders.Pull = append(folders.Pull, f.Path)
		}
	}
	push, err := PushOf(c)
	folders.Push, folders.Make, folders.Mode = push.folders(), push.MakeFolders, modeOf(push.FolderMode)
	return folders, err
}

// unusable is the only step of a test of settings that can't be read.
func unusable(err error) transfer.Step {
	p, _ := Explain(Code(err))
	detail := err
	if own, ok := errors.AsType[*Error](err); ok && own.Err != nil {
		detail = own.Err
	}
	return transfer.Step{
		Name: transfer.StepSettings, State: transfer.StateFailed, Code: Code(err), Err: err,
		Sentence: fmt.Sprintf("%s %v.", p.Sentence, detail), Remedy: p.Next,
	}
}
