package dropbox

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/ssh"

	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/storage"
)

// serverVersion is what everybody is told before signing in: the product, and no more.
const serverVersion = "SSH-2.0-ediport"

// maxAuthTries is how many keys a client may offer in one connection.
const maxAuthTries = 6

// errRefused is the one answer to an unknown user, a wrong key, a wrong address and a paused drop box.
var errRefused = errors.New("dropbox: sign-in refused")

// A signedIn is the drop box that a connection has signed in to.
type signedIn struct {
	*storage.DropBox
	key string // fingerprint
}

type boxKey struct{}

// An attempt is one connection that tries to sign in.
type attempt struct {
	server  *Server
	from    netip.Addr
	user    string
	known   bool // a key was offered that may sign in
	refused bool // something was offered, and not accepted
	ours    bool // the database could not be asked
}

// config is that of one connection: public keys only, and sound algorithms only.
func (a *attempt) config() *ssh.ServerConfig {
	sound := transfer.SoundAlgorithms()
	c := &ssh.ServerConfig{
		Config:                  ssh.Config{KeyExchanges: sound.KeyExchanges, Ciphers: sound.Ciphers, MACs: sound.MACs},
		PublicKeyAuthAlgorithms: sound.PublicKeyAuths,
		PublicKeyCallback:       a.publicKey,
		MaxAuthTries:            maxAuthTries,
		ServerVersion:           serverVersion,
		AuthLogCallback: func(_ ssh.ConnMetadata, method string, err error) {
			// A client shows several keys until one fits; and "none" only asks which ways there are.
			a.refused = a.refused || err != nil && method != "none"
		},
	}
	c.AddHostKey(a.server.host)
	return c
}

func (a *attempt) publicKey(meta ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
	a.user = plausible(meta.User())
	box, err := a.server.signInOf(a.user, ssh.FingerprintSHA256(key), a.from)
	if err != nil {
		if !errors.Is(err, errRefused) {
			a.ours = true
			a.server.log.Error("a sign-in to a drop box could not be checked", "error", err)
		}
		return nil, errRefused
	}
	a.known = true // not yet that it is the client's
	return &ssh.Permissions{ExtraData: map[any]any{boxKey{}: &signedIn{box, ssh.FingerprintSHA256(key)}}}, nil
}

// cut tells a connection that merely ended: the line broke, or the client went.
func cut(err error) bool {
	var network net.Error
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &network) || strings.Contains(err.Error(), "ssh: disconnect")
}

// plausible returns a name that the database can be asked for; what can be nobody's name is asked for all the same, as "".
func plausible(user string) string {
	if len(user) > 64 || !utf8.ValidString(user) || strings.ContainsRune(user, 0) {
		return ""
	}
	return user
}

// signInOf returns the drop box of user and key, if it may be used from an address now; else errRefused. Whether the user, the
// key or both are unknown takes the same one question to the database.
func (s *Server) signInOf(user, key string, from netip.Addr) (box *storage.DropBox, err error) {
	err = s.inSystem(systemActor, func(ctx context.Context, tx *storage.Tx) error {
		box, err = tx.DropBoxBySignIn(ctx, user, key)
		return err
	})
	switch {
	case errors.Is(err, storage.ErrNotFound):
		return nil, errRefused
	case err != nil:
		return nil, err
	case box.Paused || !allowed(box.Sources, from):
		return nil, errRefused
	}
	return box, nil
}

// allowed tells whether an address is in one of the networks; if there are none, all are allowed.
func allowed(networks []string, at netip.Addr) bool {
	for _, text := range networks {
		if network, err := netip.ParsePrefix(text); err == nil && network.Contains(at) {
			return true
		}
	}
	return len(networks) == 0
}

// end counts a connection that did not sign in, and leaves its event: known users by their drop box, others without a name, which
// may be a password that was typed in the wrong place.
func (a *attempt) end(why error) {
	s := a.server
	a.refused = a.refused || a.known && !cut(why) // who shows a key of somebody else can't sign with it
	if !a.refused || a.ours {
		s.cfg.Metrics.connection(outcomeBroken)
		return
	}
	s.cfg.Metrics.connection(outcomeRefused)
	banned := s.guard.failed(neighbourhood(a.from))
	actor := storage.Actor{Kind: storage.ActorAnonymous, Address: a.from.String()}
	err := s.inSystem(actor, func(ctx context.Context, tx *storage.Tx) error {
		event := storage.AuditEvent{Action: "dropbox.refused", Result: "denied"}
		recorded := true
		box, err := tx.DropBoxByUsername(ctx, a.user)
		switch {
		case err == nil:
			event.Operator, event.ObjectKind, event.ObjectID = box.Operator, "dropbox", int64(box.ID)
		case errors.Is(err, storage.ErrNotFound):
			var omitted int
			if recorded, omitted = s.guard.stranger(); omitted > 0 {
				event.Detail = map[string]any{"omitted": omitted}
			}
		default:
			return err
		}
		if recorded {
			if err := tx.Audit(ctx, event); err != nil {
				return err
			}
		}
		if !banned {
			return nil
		}
		event.Action = "dropbox.banned"
		event.Detail = map[string]any{"minutes": int(s.limits.Ban.Minutes())}
		return tx.Audit(ctx, event)
	})
	if err != nil {
		s.log.Error("a refused sign-in to a drop box was not recorded", "error", err)
	}
}
