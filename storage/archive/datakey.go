package archive

import (
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/ediport/ediport/storage/keys"
	"github.com/minio/sio"
)

// dataKey encrypts one blob and nothing else.
type dataKey [32]byte

func newDataKey() *dataKey {
	key := new(dataKey)
	_, _ = rand.Read(key[:]) // never fails: it ends the process instead
	return key
}

// config returns how blobs are encrypted; firstPackage is the number of the package to begin with.
// Only one version and cipher are allowed, so that no header can ask for another.
func (k *dataKey) config(firstPackage uint32) sio.Config {
	return sio.Config{
		MinVersion:     sio.Version20,
		MaxVersion:     sio.Version20,
		CipherSuites:   []byte{sio.AES_256_GCM},
		Key:            k[:],
		SequenceNumber: firstPackage,
	}
}

// place names what the wrapped key belongs to. Size and hash are in it, so that a row whose
// figures were changed doesn't open.
func (b *Blob) place() []byte {
	return fmt.Appendf(nil, "blob/%s/%d/%x", b.Name, b.Size, b.SHA256)
}

func (a *Archive) wrap(key *dataKey, b *Blob) error {
	wrapped, err := a.ring.Seal(keys.Archive, key[:], b.place())
	if err != nil {
		return fmt.Errorf("wrapping the data key: %w", err)
	}
	b.WrappedKey = wrapped
	b.KeyID, err = keys.KeyOf(wrapped)
	return err
}

func (a *Archive) unwrap(b *Blob) (*dataKey, error) {
	plain, err := a.ring.Open(keys.Archive, b.WrappedKey, b.place())
	switch {
	case errors.Is(err, keys.ErrKeyUnknown):
		return nil, fmt.Errorf("archive: blob %s: %w", b.Name, err)
	case err != nil || len(plain) != len(dataKey{}):
		return nil, fmt.Errorf("archive: %w: blob %s: its row doesn't open its data key", ErrDamaged, b.Name)
	}
	return (*dataKey)(plain), nil
}

// Rewrap returns b with its data key sealed by the current master key, and whether that changed
// anything; the stored bytes stay as they are. Errors: ErrKeyUnknown, ErrDamaged.
func (a *Archive) Rewrap(b Blob) (rewrapped Blob, changed bool, err error) {
	key, err := a.unwrap(&b)
	if err != nil {
		return Blob{}, false, err
	}
	if b.KeyID == a.ring.Current() {
		return b, false, nil
	}
	if err := a.wrap(key, &b); err != nil {
		return Blob{}, false, fmt.Errorf("archive: blob %s: %w", b.Name, err)
	}
	return b, true, nil
}
