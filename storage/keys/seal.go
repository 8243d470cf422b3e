package keys

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
)

// What Seal and MAC return starts with one version byte and the key id; it is authenticated.
//
//	sealed: version 1, key id 4, nonce 12, ciphertext, tag 16
//	mac:    version 1, key id 4, HMAC-SHA256 32
const (
	versionSealed = 0x01
	versionMAC    = 0x81
	headerBytes   = 1 + keyIDBytes
	nonceBytes    = 12
	tagBytes      = 16

	// Overhead is how many bytes longer than the plaintext Seal's result is.
	Overhead = headerBytes + nonceBytes + tagBytes
)

// Seal encrypts plaintext with the current key (AES-256-GCM, random nonce) and returns it with
// version, key id and nonce in front, [Overhead] bytes longer than plaintext. The result opens
// only with the same purpose and additional data, which names the place it is for:
// "connection/123/password". plaintext and aad may be empty.
func (r *Ring) Seal(purpose Purpose, plaintext, aad []byte) ([]byte, error) {
	id := r.Current()
	derived, err := r.keysFor(purpose, id)
	if err != nil {
		return nil, err
	}
	out := make([]byte, headerBytes+nonceBytes, len(plaintext)+Overhead)
	putHeader(out, versionSealed, id)
	nonce := out[headerBytes:]
	_, _ = rand.Read(nonce) // never fails: it ends the process instead
	return derived.aead.Seal(out, nonce, plaintext, withHeader(out, aad)), nil
}

// Open returns the plaintext of what Seal returned for the same purpose and additional data.
// The error is ErrKeyUnknown if the ring doesn't hold the key, else ErrSealed.
func (r *Ring) Open(purpose Purpose, sealed, aad []byte) ([]byte, error) {
	if len(sealed) < Overhead || sealed[0] != versionSealed {
		return nil, ErrSealed
	}
	derived, err := r.keysFor(purpose, headerID(sealed))
	if err != nil {
		return nil, err
	}
	nonce, ciphertext := sealed[headerBytes:headerBytes+nonceBytes], sealed[headerBytes+nonceBytes:]
	plaintext, err := derived.aead.Open(nil, nonce, ciphertext, withHeader(sealed, aad))
	if err != nil {
		return nil, ErrSealed // the cipher's own error says less
	}
	return plaintext, nil
}

// Rewrap returns sealed as the current key would have sealed it, and whether that changed
// anything. For rotation. Errors as of [Ring.Open].
func (r *Ring) Rewrap(purpose Purpose, sealed, aad []byte) (out []byte, changed bool, err error) {
	plaintext, err := r.Open(purpose, sealed, aad)
	if err != nil {
		return nil, false, err
	}
	if headerID(sealed) == r.Current() {
		return sealed, false, nil
	}
	out, err = r.Seal(purpose, plaintext, aad)
	return out, err == nil, err
}

// MAC returns a proof by the current key that message and additional data came from here:
// version, key id and HMAC-SHA256, 37 bytes. For what a browser or client carries for us and may read.
func (r *Ring) MAC(purpose Purpose, message, aad []byte) ([]byte, error) {
	id := r.Current()
	derived, err := r.keysFor(purpose, id)
	if err != nil {
		return nil, err
	}
	out := make([]byte, headerBytes, headerBytes+sha256.Size)
	putHeader(out, versionMAC, id)
	return appendMAC(out, &derived, message, aad), nil
}

// Verify returns nil if mac is what MAC returned for the same purpose, message and additional
// data; it takes the same time wherever they differ. The error is ErrKeyUnknown if the ring doesn't hold
// the key, else ErrSealed.
func (r *Ring) Verify(purpose Purpose, mac, message, aad []byte) error {
	if len(mac) != headerBytes+sha256.Size || mac[0] != versionMAC {
		return ErrSealed
	}
	derived, err := r.keysFor(purpose, headerID(mac))
	if err != nil {
		return err
	}
	want := appendMAC(append([]byte(nil), mac[:headerBytes]...), &derived, message, aad)
	if !hmac.Equal(mac, want) {
		return ErrSealed
	}
	return nil
}

// appendMAC appends the HMAC of header, length of aad, aad and message. The length keeps a byte
// from moving between aad and message.
func appendMAC(header []byte, derived *derivedKeys, message, aad []byte) []byte {
	h := hmac.New(sha256.New, derived.mac[:])
	h.Write(header)
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(aad))))
	h.Write(aad)
	h.Write(message)
	return h.Sum(header)
}

// KeyOf returns the id of the key that made sealed, a result of Seal or MAC. The error is
// ErrSealed if it is neither.
func KeyOf(sealed []byte) (KeyID, error) {
	if len(sealed) < headerBytes || (sealed[0] != versionSealed && sealed[0] != versionMAC) {
		return "", ErrSealed
	}
	return headerID(sealed), nil
}

func putHeader(out []byte, version byte, id KeyID) {
	out[0] = version
	if n, err := hex.Decode(out[1:headerBytes], []byte(id)); err != nil || n != keyIDBytes {
		panic(fmt.Sprintf("keys: malformed key id %q in the ring", string(id))) // ids are checked where they are made and read
	}
}

func headerID(sealed []byte) KeyID { return KeyID(hex.EncodeToString(sealed[1:headerBytes])) }

// withHeader returns the additional data with the header in front, so that it is authenticated.
func withHeader(sealed, aad []byte) []byte {
	return append(append(make([]byte, 0, headerBytes+len(aad)), sealed[:headerBytes]...), aad...)
}
