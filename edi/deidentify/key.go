package deidentify

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"hash"
)

// MinKey is the least length of a key in bytes.
const MinKey = 16

// ErrKey says that a key is too short to be secret.
var ErrKey = errors.New("the key is shorter than 16 bytes")

// A Key decides which made-up value stands for which. It is to be kept secret, and thrown away when no further file has to fit
// to those made.
type Key []byte

// NewKey returns a random key.
func NewKey() Key {
	k := make(Key, 32)
	_, _ = rand.Read(k) // never fails, or ends the program
	return k
}

// A prf makes numbers of texts that nobody can foresee without the key.
type prf struct {
	mac hash.Hash
	sum [sha256.Size]byte
}

func newPRF(k Key) *prf { return &prf{mac: hmac.New(sha256.New, k)} }

// block returns 32 bytes for a purpose, a text and a count. They are lent.
func (p *prf) block(purpose string, text []byte, count int) []byte {
	var head [12]byte
	binary.BigEndian.PutUint32(head[:], uint32(len(purpose)))
	binary.BigEndian.PutUint64(head[4:], uint64(count))
	p.mac.Reset()
	p.mac.Write(head[:])
	p.mac.Write([]byte(purpose))
	p.mac.Write(text)
	return p.mac.Sum(p.sum[:0])
}

// number returns a number below limit.
func (p *prf) number(purpose string, text []byte, limit int) int {
	return int(binary.BigEndian.Uint64(p.block(purpose, text, 0)) % uint64(limit))
}
