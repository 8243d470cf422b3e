package archive

import (
	"fmt"
	"io"
	"testing"

	"github.com/ediport/ediport/storage/keys"
)

// Compare two versions by: go test -run '^$' -bench . -count 6 ./storage/archive, and benchstat.

// BenchmarkWrite writes and commits a blob, fsyncs included.
func BenchmarkWrite(b *testing.B) {
	for _, mb := range []int{1, 64} {
		b.Run(fmt.Sprintf("size=%dMB", mb), func(b *testing.B) {
			a, _ := newArchive(b)
			chunk := randomBytes(1, 256<<10)
			b.SetBytes(int64(mb) << 20)
			b.ReportAllocs()
			for b.Loop() {
				w, err := a.Create(b.Context())
				if err != nil {
					b.Fatal(err)
				}
				for range mb << 20 / len(chunk) {
					if _, err := w.Write(chunk); err != nil {
						b.Fatal(err)
					}
				}
				blob, err := w.Commit()
				if err != nil {
					b.Fatal(err)
				}
				if err := a.Delete(blob.Name); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkEncrypt is the write path without the disk.
func BenchmarkEncrypt(b *testing.B) {
	a := &Archive{store: discardStore{}, ring: keys.NewRing()}
	chunk := randomBytes(1, 256<<10)
	b.SetBytes(64 << 20)
	b.ReportAllocs()
	for b.Loop() {
		w, err := a.Create(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		for range 64 << 20 / len(chunk) {
			if _, err := w.Write(chunk); err != nil {
				b.Fatal(err)
			}
		}
		if _, err := w.Commit(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRead reads a blob of 64 MB from its first byte to its last, by buffers of several sizes.
func BenchmarkRead(b *testing.B) {
	a, _ := newArchive(b)
	blob := put(b, a, randomBytes(1, 64<<20))
	for _, kb := range []int{4, 64, 1024} {
		b.Run(fmt.Sprintf("buffer=%dKB", kb), func(b *testing.B) {
			buffer := make([]byte, kb<<10)
			b.SetBytes(blob.Size)
			b.ReportAllocs()
			for b.Loop() {
				r, err := a.Open(blob)
				if err != nil {
					b.Fatal(err)
				}
				var n int64
				for err == nil {
					var m int
					m, err = r.Read(buffer)
					n += int64(m)
				}
				if err != io.EOF || n != blob.Size {
					b.Fatal(n, err)
				}
				_ = r.Close()
			}
		})
	}
}

// BenchmarkReadAt reads 300 bytes anywhere: a segment shown to a person.
func BenchmarkReadAt(b *testing.B) {
	a, _ := newArchive(b)
	blob := put(b, a, randomBytes(1, 16<<20))
	r := openBlob(b, a, blob)
	p := make([]byte, 300)
	off := int64(0)
	b.ReportAllocs()
	for b.Loop() {
		off = (off + 7_654_321) % (blob.Size - 300)
		if _, err := r.ReadAt(p, off); err != nil {
			b.Fatal(err)
		}
	}
}
