package archive

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/ediport/ediport/storage/keys"
)

// Errors a caller can act on; test by errors.Is. The message names the blob.
var (
	// ErrMissing: the archive has no such blob.
	ErrMissing = errors.New("blob is missing from the archive")
	// ErrDamaged: the blob, or its row, is not what was committed: cut, changed, swapped with
	// another, or the key file holds another key under the same id. Restore it from a backup.
	ErrDamaged = errors.New("blob is damaged")
	// ErrKeyUnknown: the master key that sealed the blob's data key is not in the key file.
	ErrKeyUnknown = keys.ErrKeyUnknown
	// ErrClosed: the Writer was committed or aborted already.
	ErrClosed = errors.New("already committed or aborted")
)

// A Blob is what a row stores of one archived file; all of it is needed to open the file again.
type Blob struct {
	Name       string     // 32 hex digits, random: the blob's name in the archive
	WrappedKey []byte     // the data key, sealed by the master key for this name, size and hash
	KeyID      keys.KeyID // the master key that sealed it
	Size       int64      // plaintext bytes
	SHA256     [32]byte   // of the plaintext
	StoredSize int64      // bytes in the archive, encrypted
}

// An Archive is a store of blobs. It may be used by several goroutines, and its folder by several processes.
type Archive struct {
	store store
	ring  *keys.Ring
	names namer
}

// Open returns the archive in the folder dir, which is made, for its owner alone, if it doesn't
// exist. ring wraps the data keys.
func Open(dir string, ring *keys.Ring) (*Archive, error) {
	folder, err := openFolder(dir)
	if err != nil {
		return nil, err
	}
	return &Archive{store: folder, ring: ring}, nil
}

// Delete removes the blob with this name for good. The error is ErrMissing if there is none.
// Whoever deletes by a row deletes the blob first: a row without a blob says so when it is
// opened, a blob without a row is only found by Sweep.
func (a *Archive) Delete(name string) error {
	if err := checkName(name); err != nil {
		return err
	}
	return a.store.remove(name)
}

// A store keeps named objects of bytes. The folder is the only one so far; what an S3-compatible
// store can't do (append, rename, durable folders) stays behind it.
type store interface {
	// create starts an object that nobody sees before it is committed.
	create(ctx context.Context, name string) (pending, error)
	// open returns the object for reading; ErrMissing if there is none.
	open(name string) (object, error)
	// remove removes the object durably; ErrMissing if there is none.
	remove(name string) error
	// list calls visit for every object, committed and pending, in no order, until visit fails.
	list(ctx context.Context, visit func(entry) error) error
	// removePending removes what create left behind when its process died, if it was last
	// written before the given time.
	removePending(name string, before time.Time) (removed bool, err error)
}

// A pending object is being written. Either commit or abort ends it; abort after either does nothing.
type pending interface {
	io.Writer
	commit() error // durable and visible, or gone
	abort() error
}

// An object is open for reading.
type object interface {
	io.ReaderAt
	io.Closer
	size() int64
}

// An entry is one object of a list.
type entry struct {
	name     string
	pending  bool // not committed: being written, or left behind
	foreign  bool // not the archive's; name is empty
	size     int64
	modified time.Time
}

const nameBytes = 16 // random, 112 bits of them for each name alone: names never meet and can't be guessed

func newName() string {
	var random [nameBytes]byte
	_, _ = rand.Read(random[:]) // never fails: it ends the process instead
	return hex.EncodeToString(random[:])
}

// leafBlobs is how many blobs that follow one another stand in one leaf folder: what the disk takes for a
// folder is then shared by many, and no folder grows big.
const leafBlobs = 256

// leafBytes are the first of a name, which say in which leaf folder a blob stands.
const leafBytes = 2

// A namer gives names to new blobs. It is safe for several goroutines.
type namer struct {
	mu   sync.Mutex
	leaf string // the first characters of the next names
	left int    // names with them
}

func (n *namer) next() string {
	name := newName()
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.left == 0 {
		n.leaf, n.left = name[:2*leafBytes], leafBlobs
	}
	n.left--
	return n.leaf + name[2*leafBytes:]
}

// isName keeps anything but our own names away from the file system.
func isName(name string) bool {
	if len(name) != 2*nameBytes {
		return false
	}
	for _, c := range []byte(name) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

func checkName(name string) error {
	if !isName(name) {
		return fmt.Errorf("archive: %w: malformed name", ErrMissing)
	}
	return nil
}
