package jobs

import (
	"context"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"

	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/storage"
)

// minRSABits is what a partner's RSA key has at least.
const minRSABits = 2048

// parseDropBoxKey reads a public key, as a line of authorized_keys or of a file id_….pub. Its error never holds the line: it may
// be a private key that somebody pasted.
func parseDropBoxKey(line string) (storage.DropBoxKey, error) {
	line = strings.TrimSpace(line)
	if strings.Contains(line, "PRIVATE KEY") {
		return storage.DropBoxKey{}, errors.New("that is a private key, which stays with the partner: ask for the public one (a file ending in .pub)")
	}
	if strings.ContainsAny(line, "\r\n") {
		return storage.DropBoxKey{}, errors.New("one key on one line")
	}
	key, comment, options, _, err := ssh.ParseAuthorizedKey([]byte(line))
	if err != nil {
		return storage.DropBoxKey{}, errors.New("it can't be read: expected is a line such as ssh-ed25519 AAAA… comment")
	}
	if len(options) > 0 {
		return storage.DropBoxKey{}, errors.New("options before the key are not obeyed here: leave them out, and name addresses as allowed networks")
	}
	if err := soundKey(key); err != nil {
		return storage.DropBoxKey{}, err
	}
	return storage.DropBoxKey{
		Fingerprint: ssh.FingerprintSHA256(key), PublicKey: key.Type() + " " + base64.StdEncoding.EncodeToString(key.Marshal()),
		Comment: safeComment(comment),
	}, nil
}

// soundKey refuses keys that protect nothing any more, and those that sign in by what somebody else signed.
func soundKey(key ssh.PublicKey) error {
	if _, certificate := key.(*ssh.Certificate); certificate {
		return errors.New("certificates are not accepted: give the key itself")
	}
	wrapped, ok := key.(ssh.CryptoPublicKey)
	if !ok {
		return errors.New("keys of this type are not accepted")
	}
	if public, isRSA := wrapped.CryptoPublicKey().(*rsa.PublicKey); isRSA {
		if public.N.BitLen() < minRSABits {
			return fmt.Errorf("an RSA key has at least %d bits", minRSABits)
		}
		return nil
	}
	if !slices.Contains(transfer.SoundAlgorithms().PublicKeyAuths, key.Type()) {
		return errors.New("keys of this type are not accepted")
	}
	return nil
}

// safeComment makes a key's comment fit to be shown.
func safeComment(comment string) string {
	if strings.TrimSpace(comment) == "" {
		return ""
	}
	return transfer.SafeName(comment)
}

// DropBoxHostKey returns the fingerprint of the host key of our own SFTP server; "" if none was made yet.
func (d *Desk) DropBoxHostKey(ctx context.Context, scope storage.Scope) (string, error) {
	var kept storage.DropBoxHostKey
	err := d.DB.InScopeRead(ctx, scope, func(tx *storage.Tx) (err error) {
		kept, err = tx.DropBoxHostKey(ctx)
		return err
	})
	if errors.Is(err, storage.ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(kept.Public))
	if err != nil {
		return "", fmt.Errorf("jobs: host key: %w", err)
	}
	return ssh.FingerprintSHA256(key), nil
}
