package wrap

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"

	"golang.org/x/text/encoding/charmap"
)

// openZip opens a zip; one that is a stream is put aside first, since its directory stands at its end.
func (o *opener) openZip(l layer) error {
	if l.at == nil {
		return o.putAside(l, o.openZip)
	}
	limited := &directoryReader{from: l.at, left: o.directoryBytes()}
	z, err := zip.NewReader(limited, l.size)
	switch {
	case limited.left < 0:
		return fail(ErrTooMany, errors.New("its directory is too large"))
	case err != nil:
		return o.damaged(err)
	}
	limited.free = true
	if err := o.checkDirectory(z.File, l.size); err != nil {
		return err
	}
	for _, f := range z.File {
		if !f.FileInfo().Mode().IsRegular() {
			continue // folders and links hold nothing
		}
		if err := o.openZipEntry(l, f); err != nil {
			return err
		}
	}
	return nil
}

func (o *opener) openZipEntry(l layer, f *zip.File) error {
	r, err := f.Open()
	if err != nil {
		return o.damaged(err)
	}
	defer r.Close()
	inner := l.inside(KindZip, entryName(f), &metered{from: r, budget: o.budget, damage: o.damaged})
	if !f.Modified.IsZero() {
		inner.modTime = f.Modified.UTC()
	}
	return o.open(inner)
}

// entryName is an entry's name as text: without the mark for UTF-8 it is in the letters of the first PCs.
func entryName(f *zip.File) string {
	if !f.NonUTF8 {
		return f.Name
	}
	name, err := charmap.CodePage437.NewDecoder().String(f.Name)
	if err != nil {
		return f.Name
	}
	return name
}

// directoryBytes is how much of a file may be read to learn what is in it.
func (o *opener) directoryBytes() int64 { return 1<<20 + 1<<10*int64(o.budget.limits.Entries) }

// A directoryReader ends the reading of a directory that is too large to be meant.
type directoryReader struct {
	from io.ReaderAt
	left int64
	free bool // the directory has been read
}

var errDirectory = errors.New("the directory is too large")

func (d *directoryReader) ReadAt(p []byte, offset int64) (int, error) {
	if !d.free {
		if d.left -= int64(len(p)); d.left < 0 {
			return 0, errDirectory
		}
	}
	return d.from.ReadAt(p, offset)
}

// checkDirectory refuses what can't be meant well before any entry is read.
func (o *opener) checkDirectory(files []*zip.File, size int64) error {
	if len(files) > o.budget.limits.Entries {
		return fail(ErrTooMany, fmt.Errorf("the limit is %d", o.budget.limits.Entries))
	}
	type stretch struct{ begin, end int64 }
	stretches := make([]stretch, 0, len(files))
	var promised uint64
	for _, f := range files {
		if f.Flags&1 != 0 {
			return fail(ErrPassword, nil)
		}
		if f.Method != zip.Store && f.Method != zip.Deflate {
			return fail(ErrUnsupported, fmt.Errorf("compression method %d", f.Method))
		}
		begin, err := f.DataOffset()
		if err != nil {
			return o.damaged(err)
		}
		if f.CompressedSize64 > uint64(size) || begin > size-int64(f.CompressedSize64) {
			return fail(ErrDamaged, errors.New("an entry goes beyond the end"))
		}
		stretches = append(stretches, stretch{begin, begin + int64(f.CompressedSize64)})
		if promised += f.UncompressedSize64; f.UncompressedSize64 > uint64(o.budget.limits.TotalBytes) || promised > uint64(o.budget.limits.TotalBytes) {
			return fail(ErrTooLarge, fmt.Errorf("the limit is %d bytes", o.budget.limits.TotalBytes))
		}
	}
	slices.SortFunc(stretches, func(a, b stretch) int { return int(min(max(a.begin-b.begin, -1), 1)) })
	for i := 1; i < len(stretches); i++ {
		if stretches[i].begin < stretches[i-1].end {
			return fail(ErrOverlap, nil)
		}
	}
	return nil
}

// putAside keeps a stream where it can be read at random: a small one in memory, a large one in the spool.
func (o *opener) putAside(l layer, then func(layer) error) error {
	var memory bytes.Buffer
	n, err := io.Copy(&memory, io.LimitReader(l.stream, o.budget.limits.MemoryBytes+1))
	if err != nil {
		return err
	}
	if n <= o.budget.limits.MemoryBytes {
		l.at, l.size = bytes.NewReader(memory.Bytes()), n
		return then(l)
	}
	if o.source.Spool == nil {
		return fail(ErrTooLarge, errors.New("a zip inside another layer is too large for memory"))
	}
	spool, err := o.source.Spool()
	if err != nil {
		return err
	}
	defer spool.Close()
	if l.size, err = io.Copy(spool, io.MultiReader(&memory, l.stream)); err != nil {
		return err
	}
	content, err := spool.Content()
	if err != nil {
		return err
	}
	l.at = o.readable(content, l.size)
	return then(l)
}
