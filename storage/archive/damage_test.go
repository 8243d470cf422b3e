package archive

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/ediport/ediport/storage/keys"
)

func blobPath(dir string, b Blob) string {
	return filepath.Join(dir, b.Name[:2], b.Name[2:4], b.Name)
}

// readEverything opens the blob and reads it in each way; it returns the first error.
func readEverything(a *Archive, b Blob) error {
	r, err := a.Open(b)
	if err != nil {
		return err
	}
	defer r.Close()
	_, whole := io.Copy(io.Discard, r)
	_, ranged := io.Copy(io.Discard, r.Range(1, b.Size))
	_, at := io.Copy(io.Discard, struct{ io.Reader }{io.NewSectionReader(r, 0, b.Size)})
	if (whole == nil) != (at == nil) || (whole == nil) != (ranged == nil) {
		return errors.New("one way of reading notices the damage, another doesn't: " + errors.Join(whole, ranged, at).Error())
	}
	return whole
}

func TestDamagedBlobs(t *testing.T) {
	t.Parallel()
	a, dir := newArchive(t)
	content := randomBytes(1, 3*payloadBytes+100)
	blob := put(t, a, content)
	other := put(t, a, randomBytes(2, len(content)))
	good, err := os.ReadFile(blobPath(dir, blob))
	if err != nil {
		t.Fatal(err)
	}
	otherBytes, err := os.ReadFile(blobPath(dir, other))
	if err != nil {
		t.Fatal(err)
	}
	flipped := func(at int) []byte {
		b := bytes.Clone(good)
		b[at] ^= 0x10
		return b
	}
	swapped := bytes.Clone(good)
	copy(swapped, good[packageBytes:2*packageBytes])
	copy(swapped[packageBytes:], good[:packageBytes])
	for name, bytes := range map[string][]byte{
		"empty":                                      {},
		"cut inside the first header":                good[:7],
		"cut inside a package":                       good[:packageBytes+1000],
		"cut between two packages":                   good[:2*packageBytes],
		"one byte short":                             good[:len(good)-1],
		"one byte more":                              append(bytes.Clone(good), 0),
		"the other blob's bytes":                     otherBytes,
		"other blob's bytes from the 2nd package on": append(bytes.Clone(good[:packageBytes]), otherBytes[packageBytes:]...),
		"two packages swapped":                       swapped,
		"version byte changed":                       flipped(0),
		"cipher byte changed":                        flipped(1),
		"length changed":                             flipped(2),
		"nonce changed":                              flipped(9),
		"first byte flipped":                         flipped(16),
		"byte inside flipped":                        flipped(2*packageBytes + 777),
		"tag flipped":                                flipped(packageBytes - 1),
		"last byte flipped":                          flipped(len(good) - 1),
		"final mark taken off":                       flipped(3*packageBytes + 4),
		"zeros":                                      make([]byte, len(good)),
	} {
		if err := os.WriteFile(blobPath(dir, blob), bytes, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := readEverything(a, blob); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v, want ErrDamaged", name, err)
		}
		if err := a.Verify(t.Context(), blob); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: Verify: %v, want ErrDamaged", name, err)
		}
	}
	if err := os.WriteFile(blobPath(dir, blob), good, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := readEverything(a, blob); err != nil {
		t.Errorf("restored: %v", err)
	}
}

// Every flipped bit of a small blob is noticed.
func TestEveryBitCounts(t *testing.T) {
	t.Parallel()
	a, dir := newArchive(t)
	blob := put(t, a, []byte("ISA*00*"))
	good, err := os.ReadFile(blobPath(dir, blob))
	if err != nil {
		t.Fatal(err)
	}
	for bit := range len(good) * 8 {
		damaged := bytes.Clone(good)
		damaged[bit/8] ^= 1 << (bit % 8)
		if err := os.WriteFile(blobPath(dir, blob), damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := readEverything(a, blob); !errors.Is(err, ErrDamaged) {
			t.Errorf("bit %d of byte %d: %v, want ErrDamaged", bit%8, bit/8, err)
		}
	}
}

// Range reads stay right beside damage: they say so when they meet it, and only then.
func TestDamageElsewhereDoesntMatter(t *testing.T) {
	t.Parallel()
	a, dir := newArchive(t)
	content := randomBytes(3, 8*payloadBytes)
	blob := put(t, a, content)
	stored, err := os.ReadFile(blobPath(dir, blob))
	if err != nil {
		t.Fatal(err)
	}
	stored[5*packageBytes+100] ^= 1
	if err := os.WriteFile(blobPath(dir, blob), stored, 0o600); err != nil {
		t.Fatal(err)
	}
	r := openBlob(t, a, blob)
	got, err := io.ReadAll(r.Range(2*payloadBytes+5, payloadBytes))
	if err != nil || !bytes.Equal(got, content[2*payloadBytes+5:3*payloadBytes+5]) {
		t.Errorf("before the damage: %v", err)
	}
	stream := r.Range(0, blob.Size)
	got, err = io.ReadAll(stream)
	if !errors.Is(err, ErrDamaged) || !bytes.Equal(got, content[:5*payloadBytes]) {
		t.Errorf("up to the damage: %d bytes, %v; want %d and ErrDamaged", len(got), err, 5*payloadBytes)
	}
	if n, err := stream.Read(make([]byte, 10)); n != 0 || !errors.Is(err, ErrDamaged) {
		t.Errorf("reading on behind the damage: %d, %v", n, err)
	}
}

// A row is bound to its blob: nothing in it can be changed or exchanged.
func TestChangedRows(t *testing.T) {
	t.Parallel()
	a, dir := newArchive(t)
	blob, other, empty := put(t, a, []byte("one content")), put(t, a, []byte("two content")), put(t, a, nil)
	change := func(f func(*Blob)) Blob {
		b := blob
		b.WrappedKey = bytes.Clone(b.WrappedKey)
		f(&b)
		return b
	}
	for name, row := range map[string]Blob{
		"another blob's name":  change(func(b *Blob) { b.Name = other.Name }),
		"another blob's key":   change(func(b *Blob) { b.WrappedKey = other.WrappedKey }),
		"changed key":          change(func(b *Blob) { b.WrappedKey[40] ^= 1 }),
		"cut key":              change(func(b *Blob) { b.WrappedKey = b.WrappedKey[:20] }),
		"no key":               change(func(b *Blob) { b.WrappedKey = nil }),
		"another hash":         change(func(b *Blob) { b.SHA256[0] ^= 1 }),
		"smaller size":         change(func(b *Blob) { b.Size-- }),
		"size 0":               change(func(b *Blob) { b.Size = 0 }),
		"negative size":        change(func(b *Blob) { b.Size = -1 }),
		"key of an empty blob": change(func(b *Blob) { b.Size, b.SHA256, b.WrappedKey = 0, empty.SHA256, empty.WrappedKey }),
	} {
		if _, err := a.Open(row); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v, want ErrDamaged", name, err)
		}
	}
	// An empty blob has no bytes that could be authenticated; its row is.
	if err := os.WriteFile(blobPath(dir, blob), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Open(blob); !errors.Is(err, ErrDamaged) {
		t.Errorf("file emptied: %v, want ErrDamaged", err)
	}
}

func TestMissingAndUnknown(t *testing.T) {
	t.Parallel()
	a, dir := newArchive(t)
	blob := put(t, a, []byte("content"))
	stranger, err := Open(dir, keys.NewRing())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stranger.Open(blob); !errors.Is(err, ErrKeyUnknown) || errors.Is(err, ErrDamaged) {
		t.Errorf("another key file: %v, want ErrKeyUnknown", err)
	}
	if err := os.Remove(blobPath(dir, blob)); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Open(blob); !errors.Is(err, ErrMissing) || errors.Is(err, ErrDamaged) {
		t.Errorf("file gone: %v, want ErrMissing", err)
	}
}

// Whatever stands in the file: an error, never a panic and never other bytes.
func FuzzOpenDamaged(f *testing.F) {
	a, dir := newArchive(f)
	content := randomBytes(4, payloadBytes+50)
	blob := put(f, a, content)
	good, err := os.ReadFile(blobPath(dir, blob))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(uint32(0), []byte{0x20, 1})
	f.Add(uint32(packageBytes), []byte{0x20, 0, 0xff, 0xff, 0})
	f.Add(uint32(len(good)-1), []byte("0123456789"))
	f.Fuzz(func(t *testing.T, at uint32, patch []byte) {
		damaged := bytes.Clone(good)
		n := copy(damaged[int(at)%len(good):], patch) // the length stays, else Open ends it at once
		r := &Reader{object: &bytesObject{bytes.NewReader(damaged)}, name: blob.Name, size: blob.Size}
		if r.key, err = a.unwrap(&blob); err != nil {
			t.Fatal(err)
		}
		if err := r.prepare(); err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(r)
		if !bytes.HasPrefix(content, got) {
			t.Fatal("other bytes came out")
		}
		if changed := !bytes.Equal(damaged, good); changed != (err != nil) || (err != nil && !errors.Is(err, ErrDamaged)) {
			t.Fatalf("%d bytes patched, changed %v: %v", n, changed, err)
		}
		p := make([]byte, 100)
		off := int64(at) % blob.Size
		if m, _ := r.ReadAt(p, off); !bytes.HasPrefix(content[off:], p[:m]) {
			t.Fatal("other bytes came out of ReadAt")
		}
	})
}

// bytesObject is an object in memory.
type bytesObject struct{ *bytes.Reader }

func (*bytesObject) Close() error  { return nil }
func (o *bytesObject) size() int64 { return o.Size() }
