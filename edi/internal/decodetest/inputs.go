package decodetest

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
)

// Inputs returns the X12 of the golden files, for tests that need documents and seeds of fuzz targets.
func Inputs(tb testing.TB) [][]byte {
	tb.Helper()
	return InputsIn(tb, "testdata")
}

// InputsIn returns the X12 of the golden files of a folder.
func InputsIn(tb testing.TB, dir string) [][]byte {
	tb.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.txtar"))
	if err != nil || len(files) == 0 {
		tb.Fatalf("no golden files in %s: %v", dir, err)
	}
	var all [][]byte
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			tb.Fatal(err)
		}
		_, parts := split(string(raw))
		all = append(all, bytes.ReplaceAll([]byte(parts["in.x12"]), []byte("\n"), nil))
	}
	return all
}

// Replay keeps the segments of the transaction sets of x12 with their places, so that a decoder alone can be driven.
func Replay(tb testing.TB, x12 []byte) (segments []edi.Segment, steps []guide.Step) {
	tb.Helper()
	sc := guide.NewScanner(edi.NewReader(bytes.NewReader(x12)))
	for sc.Next() {
		if sc.Guide() != nil {
			segments = append(segments, sc.Segment().Clone())
			steps = append(steps, sc.Step())
		}
	}
	if err := sc.Err(); err != nil {
		tb.Fatal(err)
	}
	return segments, steps
}

// NothingLost fails if a segment of one of the given sets, SE excepted, is not among those seen, by their offsets.
// Documents that can't be read to their end are not looked at.
func NothingLost(t *testing.T, x12 []byte, seen map[int64]bool, sets ...string) {
	t.Helper()
	var missing []edi.Position
	sc := guide.NewScanner(edi.NewReader(bytes.NewReader(x12)))
	for sc.Next() {
		s := sc.Segment()
		if sc.Guide() != nil && slices.Contains(sets, sc.Transaction().Set) && !s.Is("SE") && !seen[s.Pos().Offset] {
			missing = append(missing, s.Pos())
		}
	}
	if sc.Err() == nil && len(missing) > 0 {
		t.Errorf("lost %d segments, the first at %v", len(missing), missing[0])
	}
}
