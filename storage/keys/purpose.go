package keys

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"
)

// A Purpose says what a sub-key is for. Keys of different purposes have nothing in common: what
// one of them sealed, no other opens.
type Purpose string

// The purposes. Their text is part of the derivation and never changes.
const (
	Archive Purpose = "archive" // wraps the data keys of archived files
	Secrets Purpose = "secrets" // partners' passwords and private keys, TOTP seeds, webhook keys
	Pepper  Purpose = "pepper"  // goes into password hashes beside the salt
	Cookies Purpose = "cookies" // sessions and form tokens of the portal
	Cursors Purpose = "cursors" // page cursors of lists, bound to filter and account
	Audit   Purpose = "audit"   // the audit chain
)

var purposes = [...]Purpose{Archive, Secrets, Pepper, Cookies, Cursors, Audit}

// A Subkey is a derived key handed out for use elsewhere (a pepper, say). It prints redacted.
type Subkey struct {
	key func() [32]byte // a function for the reason that Ring.set is one
}

// Bytes returns the 32 bytes of the key; they are the caller's.
func (s Subkey) Bytes() []byte {
	copied := s.key()
	return copied[:]
}

// Subkey returns the sub-key that the purpose has of the master key with this id, always the
// same for the same two. Whoever stores something made with it stores the id too. The error is
// ErrKeyUnknown if the ring doesn't hold the key.
func (r *Ring) Subkey(purpose Purpose, id KeyID) (Subkey, error) {
	derived, err := r.keysFor(purpose, id)
	if err != nil {
		return Subkey{}, err
	}
	return Subkey{func() [32]byte { return derived.subkey }}, nil
}

// derive computes all keys of one purpose. Each use has a key of its own, so that a sub-key
// handed out neither opens nor forges what the ring seals and signs. Source: RFC 5869.
func derive(master *masterKey, purpose Purpose) (derivedKeys, error) {
	var derived derivedKeys
	seal, err := expand(master, string(purpose)+"/seal")
	if err != nil {
		return derived, err
	}
	block, err := aes.NewCipher(seal)
	if err != nil {
		return derived, fmt.Errorf("keys: %w", err)
	}
	if derived.aead, err = cipher.NewGCM(block); err != nil {
		return derived, fmt.Errorf("keys: %w", err)
	}
	mac, err := expand(master, string(purpose)+"/mac")
	if err != nil {
		return derived, err
	}
	subkey, err := expand(master, string(purpose)+"/subkey")
	if err != nil {
		return derived, err
	}
	copy(derived.mac[:], mac)
	copy(derived.subkey[:], subkey)
	return derived, nil
}

func expand(master *masterKey, use string) ([]byte, error) {
	key, err := hkdf.Key(sha256.New, master.secret[:], nil, "ediport/1/"+use, 32)
	if err != nil {
		return nil, fmt.Errorf("keys: deriving a key for %s: %w", use, err)
	}
	return key, nil
}
