// Package keys holds the master key: reads or makes its file, derives sub-keys from it, and
// seals and signs with them.
//
// To encrypt a password for its database column, and to read it back:
//
//	ring, created, err := keys.LoadOrCreate(path, log)
//	sealed, err := ring.Seal(keys.Secrets, []byte(password), []byte("connection/123/password"))
//	password, err := ring.Open(keys.Secrets, sealed, []byte("connection/123/password"))
//
// The master key stands in one file outside the data folder (see [DefaultPath]), because a
// backup of the data must not carry the key that opens it. The file holds one key or several,
// newest first; the first is the current one, which seals, and all of them open. Each has an id,
// and every ciphertext carries the id of its key, so that keys can be rotated while the program runs.
//
// A master key is never used itself: HKDF-SHA256 derives a key of its own from it for each
// [Purpose] and for each use (sealing, signing, handing out), so that no ciphertext of one place
// means anything in another. What is sealed is also bound to its row and column by the additional
// data the caller gives: moved to another row, it doesn't open.
//
// Nonces are random, 96 bits: one sub-key is good for 2^32 ciphertexts (NIST SP 800-38D, 8.3).
package keys
