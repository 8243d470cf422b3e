package decodetest

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/edi/internal/decode"
)

// Facts is what is known about one transaction set of the corpus: a row of FACTS_TX.tsv by column.
type Facts map[string]string

// Int returns a count; an empty column is 0.
func (f Facts) Int(t *testing.T, column string) int {
	t.Helper()
	if f[column] == "" {
		return 0
	}
	n, err := strconv.Atoi(f[column])
	if err != nil {
		t.Fatalf("%s: column %s: %v", f["path"], column, err)
	}
	return n
}

// A Set is a transaction set of the corpus that was decoded.
type Set struct {
	Facts    Facts
	Guide    *guide.Guide
	Segments int // ST and SE included
	Ended    bool
}

// Corpus decodes every transaction set of the corpus with the given ST01 whose guide is known: begin is called before the ST and
// returns the decoder, done after the last segment. It skips without EDIPORT_CORPUS and fails if less than atLeast sets were decoded.
func Corpus(t *testing.T, set string, atLeast int, begin func() decode.Sink, done func(*testing.T, Set)) {
	t.Helper()
	dir := os.Getenv("EDIPORT_CORPUS")
	if dir == "" {
		t.Skip("EDIPORT_CORPUS is not set: no corpus to decode")
	}
	n := 0
	for path, rows := range facts(t, dir) {
		if !contains(rows, set) {
			continue
		}
		t.Run(path, func(t *testing.T) { n += file(t, filepath.Join(dir, path), rows, set, begin, done) })
	}
	if n < atLeast {
		t.Errorf("decoded %d transaction sets, want at least %d", n, atLeast)
	}
}

func contains(rows []Facts, set string) bool {
	for _, f := range rows {
		if f["st01"] == set {
			return true
		}
	}
	return false
}

func facts(t *testing.T, dir string) map[string][]Facts {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, "FACTS_TX.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	var columns []string
	byPath := make(map[string][]Facts)
	for line := range strings.Lines(string(raw)) {
		cells := strings.Split(strings.TrimRight(line, "\r\n"), "\t")
		if columns == nil {
			columns = cells
			continue
		}
		f := make(Facts)
		for i, c := range cells {
			f[columns[i]] = c
		}
		byPath[f["path"]] = append(byPath[f["path"]], f)
	}
	return byPath
}

// file decodes the sets of one file and returns their number.
func file(t *testing.T, path string, rows []Facts, set string, begin func() decode.Sink, done func(*testing.T, Set)) (n int) {
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	sc := guide.NewScanner(edi.NewReader(f))
	ordinal := -1
	var now Set
	var sink decode.Sink
	end := func() {
		if sink == nil {
			return
		}
		if err := sink.End(); err != nil {
			t.Fatal(err)
		}
		done(t, now)
		n++
		sink = nil
	}
	for {
		for sc.Next() {
			s := sc.Segment()
			if s.Pos().Transaction == 0 || s.Pos().Segment == 1 {
				end()
			}
			if s.Pos().Segment == 1 {
				ordinal++
				if sc.Transaction().Set == set && sc.Guide() != nil {
					if ordinal >= len(rows) || rows[ordinal]["st02"] != sc.Transaction().ControlNumber {
						t.Fatalf("transaction set %d: no facts in that place", ordinal+1)
					}
					now, sink = Set{Facts: rows[ordinal], Guide: sc.Guide()}, begin()
				}
			}
			if sink == nil {
				continue
			}
			now.Segments++
			now.Ended = s.Is("SE")
			if err := sink.Segment(s, sc.Step()); err != nil {
				t.Fatal(err)
			}
		}
		var syntax *edi.SyntaxError
		err := sc.Err()
		if err == nil {
			end()
			return n
		}
		if !errors.As(err, &syntax) || errors.Is(err, edi.ErrNotX12) || errors.Is(err, edi.ErrTruncated) || errors.Is(err, io.EOF) {
			t.Logf("not read to its end: %v", err)
			end()
			return n
		}
	}
}

// Lost returns the number of segments that no entity has; seen holds the offsets of those that one has. SE belongs to none.
func (s Set) Lost(seen map[int64]bool) int {
	n := s.Segments - len(seen)
	if s.Ended {
		n--
	}
	return n
}

// A Count is a number and what it should be.
type Count struct {
	Name      string
	Got, Want int
}

// Counts fails for each count that is wrong, and for lost segments.
func Counts(t *testing.T, f Facts, lost int, counts ...Count) {
	t.Helper()
	for _, c := range append(counts, Count{Name: "lost segments", Got: lost}) {
		if c.Got != c.Want {
			t.Errorf("ST %s: %d %s, want %d", f["st02"], c.Got, c.Name, c.Want)
		}
	}
}

// ByCode reads a column of codes and their numbers: "1:4,B:2".
func ByCode(t *testing.T, column string) map[string]int {
	t.Helper()
	counts := make(map[string]int)
	if column == "" {
		return counts
	}
	for pair := range strings.SplitSeq(column, ",") {
		code, n, ok := strings.Cut(pair, ":")
		count, err := strconv.Atoi(n)
		if !ok || err != nil {
			t.Fatalf("%q is no code with its number", pair)
		}
		counts[code] = count
	}
	return counts
}
