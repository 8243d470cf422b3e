package keys

import (
	"crypto/cipher"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"time"
)

// Errors a caller can act on; test by errors.Is.
var (
	// ErrKeyUnknown: sealed by a key that this key file doesn't hold. The file of the time, or a
	// backup of it, is needed.
	ErrKeyUnknown = errors.New("the master key that sealed this is not in the key file")
	// ErrSealed: the bytes are damaged, were sealed for another row, column or purpose, or the key
	// file holds another key under the same id.
	ErrSealed = errors.New("sealed bytes don't open: damaged, or sealed for another place")
)

// A KeyID names a master key: eight lower-case hex digits, random, not secret. It stands in the
// key file and at the head of every ciphertext.
type KeyID string

// keyIDBytes is the length of a key id where it stands as bytes, in a ciphertext's header.
const keyIDBytes = 4

// A masterKey is one key of the file.
type masterKey struct {
	id      KeyID
	created time.Time // UTC, whole seconds
	secret  [32]byte
}

// A Ring holds the keys of a key file and what is derived from them. It doesn't change once
// made and may be used by several goroutines. It prints as "keys.Ring(redacted)".
type Ring struct {
	// set is a function so that no formatting verb reaches the keys: in an unexported field of
	// someone else's struct fmt calls no methods, and it follows a pointer there when the verb doesn't fit.
	set func() *keySet
}

type keySet struct {
	keys    []masterKey // newest first
	derived map[KeyID]map[Purpose]derivedKeys
}

// derivedKeys are what one purpose has of one master key: computed once, since every request
// of the portal verifies something.
type derivedKeys struct {
	aead   cipher.AEAD
	mac    [32]byte
	subkey [32]byte
}

// NewRing returns a ring with one random key that stands in no file: what it seals is lost with
// it. For tests.
func NewRing() *Ring {
	ring, err := newRing([]masterKey{newMasterKey(nil)})
	if err != nil {
		panic(err) // deriving from 32 bytes has no way to fail
	}
	return ring
}

// newMasterKey returns a random key whose id is none of the taken ones.
func newMasterKey(taken []masterKey) masterKey {
	key := masterKey{created: time.Now().UTC().Truncate(time.Second)}
	_, _ = rand.Read(key.secret[:]) // never fails: it ends the process instead
	for key.id == "" || holds(taken, key.id) {
		var id [keyIDBytes]byte
		_, _ = rand.Read(id[:])
		key.id = KeyID(hex.EncodeToString(id[:]))
	}
	return key
}

func holds(keys []masterKey, id KeyID) bool {
	for i := range keys {
		if keys[i].id == id {
			return true
		}
	}
	return false
}

func newRing(masters []masterKey) (*Ring, error) {
	set := &keySet{keys: masters, derived: make(map[KeyID]map[Purpose]derivedKeys, len(masters))}
	for i := range masters {
		byPurpose := make(map[Purpose]derivedKeys, len(purposes))
		for _, purpose := range purposes {
			derived, err := derive(&masters[i], purpose)
			if err != nil {
				return nil, err
			}
			byPurpose[purpose] = derived
		}
		set.derived[masters[i].id] = byPurpose
	}
	return &Ring{func() *keySet { return set }}, nil
}

// Current returns the id of the key that seals: the first of the file.
func (r *Ring) Current() KeyID { return r.set().keys[0].id }

// IDs returns the ids of all keys of the ring, the current one first.
func (r *Ring) IDs() []KeyID {
	keys := r.set().keys
	ids := make([]KeyID, len(keys))
	for i := range keys {
		ids[i] = keys[i].id
	}
	return ids
}

// Has says whether the ring can open what the key sealed.
func (r *Ring) Has(id KeyID) bool {
	_, ok := r.set().derived[id]
	return ok
}

// Created returns when the key was made (UTC), and false if the ring doesn't hold it.
func (r *Ring) Created(id KeyID) (time.Time, bool) {
	for _, key := range r.set().keys {
		if key.id == id {
			return key.created, true
		}
	}
	return time.Time{}, false
}

// keysFor returns what the purpose has of the key.
func (r *Ring) keysFor(purpose Purpose, id KeyID) (derivedKeys, error) {
	byPurpose, ok := r.set().derived[id]
	if !ok {
		return derivedKeys{}, fmt.Errorf("key %q: %w", string(id), ErrKeyUnknown)
	}
	derived, ok := byPurpose[purpose]
	if !ok {
		return derivedKeys{}, fmt.Errorf("keys: unknown purpose %q", string(purpose))
	}
	return derived, nil
}
