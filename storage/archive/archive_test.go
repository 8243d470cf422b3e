package archive

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/ediport/ediport/storage/keys"
)

func newArchive(t testing.TB) (a *Archive, dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "archive")
	a, err := Open(dir, keys.NewRing())
	if err != nil {
		t.Fatal(err)
	}
	return a, dir
}

func put(t testing.TB, a *Archive, content []byte) Blob {
	t.Helper()
	w, err := a.Create(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
	blob, err := w.Commit()
	if err != nil {
		t.Fatal(err)
	}
	return blob
}

func openBlob(t testing.TB, a *Archive, b Blob) *Reader {
	t.Helper()
	r, err := a.Open(b)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r
}

// files returns the paths of all files below dir, relative to it.
func files(t testing.TB, dir string) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			path, err = filepath.Rel(dir, path)
			found = append(found, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func randomBytes(seed uint64, n int) []byte {
	content := make([]byte, n)
	var chacha [32]byte
	chacha[0], chacha[1] = byte(seed), byte(seed>>8)
	_, _ = rand.NewChaCha8(chacha).Read(content)
	return content
}

// Sizes around the borders of packages, written and read in pieces of every kind, come back as they were.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	a, dir := newArchive(t)
	const k64 = payloadBytes
	sizes := []int{0, 1, 2, 700, k64 - 1, k64, k64 + 1, 2*k64 - 1, 2 * k64, 2*k64 + 1, 5*k64 + 17, 3<<20 + 5}
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 10 {
		sizes = append(sizes, rnd.IntN(4<<20))
	}
	for i, size := range sizes {
		content := randomBytes(uint64(i), size)
		w, err := a.Create(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for rest := content; len(rest) > 0; {
			n := min(len(rest), 1+rnd.IntN(3*k64))
			if m, err := w.Write(rest[:n]); m != n || err != nil {
				t.Fatalf("size %d: Write(%d bytes) = %d, %v", size, n, m, err)
			}
			rest = rest[n:]
		}
		if w.Size() != int64(size) {
			t.Errorf("size %d: Writer.Size() = %d", size, w.Size())
		}
		blob, err := w.Commit()
		if err != nil {
			t.Fatal(err)
		}
		assertBlob(t, dir, blob, content)
		r := openBlob(t, a, blob)
		if size < 1000 { // it calls ReadAt for each byte
			if err := iotest.TestReader(io.NewSectionReader(r, 0, r.Size()), content); err != nil {
				t.Errorf("size %d: ReadAt: %v", size, err)
			}
		}
		if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, content) {
			t.Errorf("size %d: read %d other bytes, %v", size, len(got), err)
		}
		assertRanges(t, r, content, rnd)
		if err := a.Verify(t.Context(), blob); err != nil {
			t.Errorf("size %d: Verify: %v", size, err)
		}
	}
}

func assertBlob(t *testing.T, dir string, b Blob, content []byte) {
	t.Helper()
	info, err := os.Stat(filepath.Join(dir, b.Name[:2], b.Name[2:4], b.Name))
	if err != nil {
		t.Fatal(err)
	}
	if b.Size != int64(len(content)) || b.SHA256 != sha256.Sum256(content) || b.StoredSize != info.Size() {
		t.Errorf("size %d: blob says size %d, stored size %d (on disk %d), or another hash", len(content), b.Size, b.StoredSize, info.Size())
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("blob has mode %04o, want 0600", info.Mode().Perm())
	}
}

// assertRanges compares random ranges, beyond the end too, by ReadAt and by Range.
func assertRanges(t *testing.T, r *Reader, content []byte, rnd *rand.Rand) {
	t.Helper()
	size := len(content)
	for i := range 60 {
		off, n := rnd.IntN(size+2), rnd.IntN(2*payloadBytes+2)
		if i%3 == 0 { // borders of packages
			off = min(size, rnd.IntN(size/payloadBytes+1)*payloadBytes)
		}
		want := content[min(off, size):min(off+n, size)]
		p := make([]byte, n)
		m, err := r.ReadAt(p, int64(off))
		if !bytes.Equal(p[:m], want) || (m < n && err != io.EOF) || (m == n && err != nil && off+n < size) {
			t.Fatalf("size %d: ReadAt(%d, %d) = %d bytes, %v; want %d", size, off, n, m, err, len(want))
		}
		got, err := io.ReadAll(iotest.OneByteReader(r.Range(int64(off), int64(min(n, 300)))))
		if err != nil || !bytes.Equal(got, want[:min(len(want), 300)]) {
			t.Fatalf("size %d: Range(%d, %d) byte by byte: %d bytes, %v", size, off, n, len(got), err)
		}
		var out bytes.Buffer
		copied, err := io.Copy(&out, r.Range(int64(off), int64(n)))
		if err != nil || copied != int64(len(want)) || !bytes.Equal(out.Bytes(), want) {
			t.Fatalf("size %d: Range(%d, %d) = %d bytes, %v; want %d", size, off, n, copied, err, len(want))
		}
	}
}

func TestReadsRefuseNegatives(t *testing.T) {
	t.Parallel()
	a, _ := newArchive(t)
	r := openBlob(t, a, put(t, a, []byte("content")))
	if _, err := r.ReadAt(make([]byte, 1), -1); err == nil || err == io.EOF {
		t.Errorf("ReadAt(-1): %v", err)
	}
	for _, test := range [][2]int64{{-1, 1}, {0, -1}} {
		if _, err := io.ReadAll(r.Range(test[0], test[1])); err == nil {
			t.Errorf("Range%v: no error", test)
		}
	}
}

// Nothing recognizable of a file stands on the disk: not when committed, not while it is
// written, not after it was aborted.
func TestNoPlaintextOnDisk(t *testing.T) {
	t.Parallel()
	a, dir := newArchive(t)
	marker := []byte("NM1*IL*1*NOBODY*NONE****MI*MARKER0815~")
	check := func(when string) {
		t.Helper()
		searched := 0
		for _, file := range files(t, dir) {
			content, err := os.ReadFile(filepath.Join(dir, file))
			if err != nil {
				t.Fatal(err)
			}
			searched += len(content)
			for _, piece := range [][]byte{marker, marker[:8], marker[len(marker)-8:]} {
				if bytes.Contains(content, piece) {
					t.Errorf("%s: %q stands in %s", when, piece, file)
				}
			}
		}
		if searched < 1<<20 {
			t.Fatalf("%s: only %d bytes searched", when, searched)
		}
	}
	w, err := a.Create(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for range 3 << 20 / len(marker) {
		if _, err := w.Write(marker); err != nil {
			t.Fatal(err)
		}
	}
	check("while writing")
	blob, err := w.Commit()
	if err != nil {
		t.Fatal(err)
	}
	check("committed")
	if got, err := io.ReadAll(openBlob(t, a, blob)); err != nil || !bytes.Contains(got, marker) {
		t.Errorf("the marker is not in the blob at all: %v", err)
	}
	if got := files(t, dir); len(got) != 1 {
		t.Errorf("files: %v, want the blob alone", got)
	}
}

func TestBlobsDontShareKeys(t *testing.T) {
	t.Parallel()
	a, dir := newArchive(t)
	content := make([]byte, 4*payloadBytes)
	first, second := put(t, a, content), put(t, a, content)
	one, _ := os.ReadFile(filepath.Join(dir, first.Name[:2], first.Name[2:4], first.Name))
	two, _ := os.ReadFile(filepath.Join(dir, second.Name[:2], second.Name[2:4], second.Name))
	if len(one) == 0 || bytes.Equal(one, two) || bytes.Equal(one[16:48], two[16:48]) {
		t.Error("two blobs of the same content look alike on disk")
	}
}

func TestDelete(t *testing.T) {
	t.Parallel()
	a, dir := newArchive(t)
	blob := put(t, a, []byte("content"))
	if err := a.Delete(blob.Name); err != nil {
		t.Fatal(err)
	}
	if got := files(t, dir); len(got) != 0 {
		t.Errorf("left: %v", got)
	}
	if err := a.Delete(blob.Name); !errors.Is(err, ErrMissing) {
		t.Errorf("second time: %v, want ErrMissing", err)
	}
	if _, err := a.Open(blob); !errors.Is(err, ErrMissing) {
		t.Errorf("Open: %v, want ErrMissing", err)
	}
}

// A name from a row that was tampered with reaches no file outside.
func TestNamesAreChecked(t *testing.T) {
	t.Parallel()
	a, dir := newArchive(t)
	outside := filepath.Join(filepath.Dir(dir), "outside")
	if err := os.WriteFile(outside, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{
		"", "a", "../outside", "../../outside", outside, strings.Repeat("A", 32), strings.Repeat("g", 32),
		strings.Repeat("a", 31), strings.Repeat("a", 33), "../" + strings.Repeat("a", 29), strings.Repeat("a", 32) + pendingSuffix,
	} {
		if err := a.Delete(name); !errors.Is(err, ErrMissing) {
			t.Errorf("Delete(%q): %v, want ErrMissing", name, err)
		}
		if _, err := a.Open(Blob{Name: name}); !errors.Is(err, ErrMissing) {
			t.Errorf("Open(%q): %v, want ErrMissing", name, err)
		}
	}
	if _, err := os.Stat(outside); err != nil {
		t.Error("a file outside the archive was deleted")
	}
}

func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	a, dir := newArchive(t)
	shared := randomBytes(99, 5*payloadBytes+3)
	r := openBlob(t, a, put(t, a, shared))
	const workers, each = 8, 12
	failures := make(chan error, workers)
	for i := range workers {
		go func() { failures <- writeAndRead(t.Context(), a, r, shared, i, each) }()
	}
	for range workers {
		if err := <-failures; err != nil {
			t.Error(err)
		}
	}
	if got, want := len(files(t, dir)), workers*each+1; got != want {
		t.Errorf("%d files, want %d", got, want)
	}
}

func writeAndRead(ctx context.Context, a *Archive, shared *Reader, sharedContent []byte, worker, times int) error {
	for i := range times {
		content := randomBytes(uint64(worker*times+i), worker*20_000+i)
		w, err := a.Create(ctx)
		if err != nil {
			return err
		}
		if _, err := w.Write(content); err != nil {
			return err
		}
		blob, err := w.Commit()
		if err != nil {
			return err
		}
		r, err := a.Open(blob)
		if err != nil {
			return err
		}
		got, err := io.ReadAll(r)
		if err = errors.Join(err, r.Close()); err != nil || !bytes.Equal(got, content) {
			return fmt.Errorf("worker %d: other bytes, %v", worker, err)
		}
		p := make([]byte, 1000)
		off := (worker*times + i) * 3001 % (len(sharedContent) - len(p))
		if _, err := shared.ReadAt(p, int64(off)); err != nil || !bytes.Equal(p, sharedContent[off:off+len(p)]) {
			return fmt.Errorf("worker %d: shared reader: other bytes at %d, %v", worker, off, err)
		}
		got, err = io.ReadAll(shared.Range(int64(off), 1000))
		if err != nil || !bytes.Equal(got, p) {
			return fmt.Errorf("worker %d: shared range: other bytes at %d, %v", worker, off, err)
		}
	}
	return nil
}

func TestOpenMakesItsFolder(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "a", "b")
	if _, err := Open(dir, keys.NewRing()); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(dir)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("folder: %v, %v; want mode 0700", info, err)
	}
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(file, keys.NewRing()); err == nil {
		t.Error("a file was accepted as the archive's folder")
	}
}
