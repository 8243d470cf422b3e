// Package original shows a file's X12 segment by segment, with the names that its guide gives them.
//
//	o, err := db.Original(ctx, scope, storage.OriginalTarget{Claim: id})
//	v, err := original.Segments(ctx, arch, o, original.Window{})
//
// It reads the byte ranges of the [storage.Original] and no others: what a person may see is decided
// there.
package original

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/storage"
	"github.com/ediport/ediport/storage/archive"
	"github.com/ediport/ediport/storage/keys"
)

// ErrPurged says that the bytes are gone, or that the file is empty.
var ErrPurged = errors.New("the original is not in the archive any more")

// A Window says which of the segments are wanted.
type Window struct {
	From  int64 // byte offset in the file of the first; segments before it are passed over
	Limit int   // 1 to 2,000; 0: 500
}

const (
	defaultSegments = 500
	maxSegments     = 2000
)

func (w Window) segments() int {
	if w.Limit < 1 {
		return defaultSegments
	}
	return min(w.Limit, maxSegments)
}

// A View is a stretch of segments.
type View struct {
	Segments []Segment
	Next     int64  // where the next window begins; 0 at the end
	Problem  string // a finding's sentence if the bytes could not be read to their end, else ""
}

// A Segment is one segment as it stands in the file.
type Segment struct {
	Offset   int64  // of its first byte in the file: the rows' byte_offset
	Tag      string // CLP
	Name     string // what the guide calls it; "" if it has no place there
	Loop     string // 2100; "" outside loops
	LoopName string
	Text     string    // without terminator
	Elements []Element // the first is element 1
	Context  bool      // around the target, not of it
	Gap      bool      // something that is not shown stands before it
}

// An Element is an element of a segment.
type Element struct {
	Ref   string // CLP02
	Name  string // "" if the guide has none there
	Value string // as in the file, components and repetitions with their separators
	Text  string // what a code means, "" for none
}

// Segments reads a window of the original's segments. The error is ErrPurged, or the archive's.
func Segments(ctx context.Context, arch *archive.Archive, o storage.Original, w Window) (v View, err error) {
	v.Segments = []Segment{}
	if o.Purged {
		return v, ErrPurged
	}
	blob, err := blobOf(o.Blob)
	if err != nil {
		return v, err
	}
	r, err := arch.Open(blob)
	if err != nil {
		return v, fmt.Errorf("portal: original: %w", err)
	}
	defer r.Close() //nolint:errcheck // was only read
	return read(ctx, &ranges{archive: r, left: o.Ranges}, o, w)
}

func blobOf(b storage.StoredBlob) (archive.Blob, error) {
	blob := archive.Blob{Name: b.Name, WrappedKey: b.WrappedKey, KeyID: keys.KeyID(b.KeyID), Size: b.Size, StoredSize: b.StoredSize}
	if copy(blob.SHA256[:], b.SHA256) != len(blob.SHA256) {
		return blob, errors.New("portal: original: hash of another length")
	}
	return blob, nil
}

func read(ctx context.Context, in *ranges, o storage.Original, w Window) (View, error) {
	v := View{Segments: []Segment{}}
	sc := guide.NewScanner(edi.NewReader(in))
	var last int64 = -1 // end of the last segment in the file
	for n := 0; ; n++ {
		if n%1024 == 0 && ctx.Err() != nil {
			return v, fmt.Errorf("portal: original: %w", ctx.Err())
		}
		if !sc.Next() {
			return v.ended(sc.Err(), in)
		}
		at, end := in.place(sc.Segment().Pos().Offset), in.place(sc.Segment().End()-1)+1
		if at >= w.From {
			if len(v.Segments) == w.segments() {
				v.Next = at
				return v, nil
			}
			s := describe(sc)
			s.Offset, s.Context, s.Gap = at, !inside(o.Own, at), last >= 0 && in.between(last, at)
			v.Segments = append(v.Segments, s)
		}
		last = end
	}
}

// ended: what is no X12 further on is said, not shown.
func (v View) ended(err error, in *ranges) (View, error) {
	var syntax *edi.SyntaxError
	switch {
	case in.err != nil && !errors.Is(in.err, io.EOF):
		return v, fmt.Errorf("portal: original: %w", in.err)
	case errors.As(err, &syntax):
		v.Problem = syntax.Error()
		return v, nil
	case err != nil:
		return v, fmt.Errorf("portal: original: %w", err)
	}
	return v, nil
}

func inside(ranges []storage.ByteRange, at int64) bool {
	for _, r := range ranges {
		if at >= r.Start && at < r.End {
			return true
		}
	}
	return false
}
