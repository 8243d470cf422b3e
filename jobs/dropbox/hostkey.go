package dropbox

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"

	"golang.org/x/crypto/ssh"

	"github.com/ediport/ediport/storage"
	"github.com/ediport/ediport/storage/keys"
)

var hostKeyPlace = []byte("dropbox/host_key")

var systemActor = storage.Actor{Kind: storage.ActorSystem}

// HostKey returns the public half of the installation's host key, and makes the key if there is none yet: all nodes share it,
// sealed in the database.
func HostKey(ctx context.Context, db *storage.DB, ring *keys.Ring) (ssh.PublicKey, error) {
	signer, err := hostSigner(ctx, db, ring)
	if err != nil {
		return nil, err
	}
	return signer.PublicKey(), nil
}

func hostSigner(ctx context.Context, db *storage.DB, ring *keys.Ring) (ssh.Signer, error) {
	var kept storage.DropBoxHostKey
	err := db.InSystem(ctx, systemActor, func(tx *storage.Tx) (err error) {
		kept, err = tx.DropBoxHostKey(ctx)
		if !errors.Is(err, storage.ErrNotFound) {
			return err
		}
		made, err := newHostKey(ring)
		if err != nil {
			return err
		}
		if err := tx.KeepDropBoxHostKey(ctx, made); err != nil {
			return err
		}
		kept, err = tx.DropBoxHostKey(ctx) // another node's, if it was first
		return err
	})
	if err != nil {
		return nil, err
	}
	seed, err := ring.Open(keys.Secrets, kept.Sealed, hostKeyPlace)
	if err != nil || len(seed) != ed25519.SeedSize {
		return nil, fmt.Errorf("dropbox: the host key can't be opened: %w", err)
	}
	return ssh.NewSignerFromKey(ed25519.NewKeyFromSeed(seed))
}

func newHostKey(ring *keys.Ring) (storage.DropBoxHostKey, error) {
	var made storage.DropBoxHostKey
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return made, fmt.Errorf("dropbox: host key: %w", err)
	}
	shown, err := ssh.NewPublicKey(public)
	if err != nil {
		return made, fmt.Errorf("dropbox: host key: %w", err)
	}
	made.Public = shown.Type() + " " + base64.StdEncoding.EncodeToString(shown.Marshal())
	made.Sealed, err = ring.Seal(keys.Secrets, private.Seed(), hostKeyPlace)
	return made, err
}
