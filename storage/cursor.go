package storage

import (
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
)

// A Cursor says where a list goes on; "" is its beginning or end. It is sealed: it can hold sort keys
// such as names without showing them, and it fits only the list, filter and accounts it was made for.
type Cursor string

// ErrCursor says that a cursor is not one of ours, or of another list, filter or account.
var ErrCursor = errors.New("this page link does not fit the list, start again at its first page")

// Cursors seals and opens cursors. It is safe for several goroutines.
type Cursors struct {
	aeads []cipher.AEAD
}

// NewCursors returns a codec that seals with the first key and opens with all of them.
func NewCursors(keys ...[32]byte) *Cursors {
	c := &Cursors{}
	for _, key := range keys {
		a, err := cipher.NewGCM(aesFor("cursors", key))
		if err != nil {
			panic(err) // can't be: AES has 16-byte blocks
		}
		c.aeads = append(c.aeads, a)
	}
	return c
}

// Seal returns the cursor of a position (anything JSON can carry) in a list. The filter is whatever
// selects the list's rows, limit excluded.
func (c *Cursors) Seal(list string, scope Scope, filter, position any) (Cursor, error) {
	if len(c.aeads) == 0 {
		return "", errors.New("storage: cursors need a key")
	}
	bound, err := cursorBinding(list, scope, filter)
	if err != nil {
		return "", err
	}
	plain, err := json.Marshal(position)
	if err != nil {
		return "", fmt.Errorf("storage: cursor: %w", err)
	}
	nonce := make([]byte, c.aeads[0].NonceSize(), c.aeads[0].NonceSize()+len(plain)+c.aeads[0].Overhead())
	_, _ = rand.Read(nonce) // never fails
	return Cursor(base64.RawURLEncoding.EncodeToString(c.aeads[0].Seal(nonce, nonce, plain, bound))), nil
}

// Open reads the position back, or returns ErrCursor.
func (c *Cursors) Open(list string, scope Scope, filter any, cursor Cursor, position any) error {
	bound, err := cursorBinding(list, scope, filter)
	if err != nil {
		return err
	}
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(string(cursor))
	if err != nil {
		return ErrCursor
	}
	for _, a := range c.aeads {
		if len(sealed) < a.NonceSize() {
			return ErrCursor
		}
		plain, err := a.Open(nil, sealed[:a.NonceSize()], sealed[a.NonceSize():], bound)
		if err != nil {
			continue
		}
		if json.Unmarshal(plain, position) != nil {
			return ErrCursor
		}
		return nil
	}
	return ErrCursor
}

func cursorBinding(list string, scope Scope, filter any) ([]byte, error) {
	text, err := json.Marshal([]any{list, scope.settings(), filter})
	if err != nil {
		return nil, fmt.Errorf("storage: cursor: %w", err)
	}
	sum := sha256.Sum256(text)
	return sum[:], nil
}
