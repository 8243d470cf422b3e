package decodetest

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/edi/internal/decode"
	"github.com/ediport/ediport/fixtures"
)

// A Fresh compares decoders that were used before with those that were not.
type Fresh struct {
	Sets  []string                                      // ST01
	Begin func() (sink decode.Sink, text func() string) // a new decoder, and what it told so far
	Read  func(r *edi.Reader) string                    // what is told if segments are held, not copied; nil if they never are
}

// Test chains the documents of the catalog and of the corpus, if there is one, whole ones and ones from which values, segments and ends of
// segments are left out or added, and fails if a decoder for all of them tells anything else than one that is new for each transaction set:
// nothing of an entity may be met in a later one that lies in the same memory.
func (f *Fresh) Test(t *testing.T) {
	t.Helper()
	random := rand.New(rand.NewPCG(3, 271))
	var chain []byte
	files := f.files(t)
	for range 4 {
		for _, file := range files {
			chain = append(append(chain, file...), thinned(random, file)...)
		}
	}
	used := f.decode(t, chain, false)
	if len(used) < 1000 {
		t.Fatalf("little is told: %q", used)
	}
	Equal(t, used, f.decode(t, chain, true))
	if f.Read != nil {
		Equal(t, f.Read(edi.NewReader(bytes.NewReader(chain))), used)
		Equal(t, f.Read(edi.NewReaderBytes(chain)), used)
	}
}

func (f *Fresh) decode(t *testing.T, x12 []byte, fresh bool) string {
	t.Helper()
	var all strings.Builder
	sink, text := f.Begin()
	open := false
	end := func() {
		if err := sink.End(); open && err != nil {
			t.Fatal(err)
		}
		open = false
	}
	sc := guide.NewScanner(edi.NewReader(bytes.NewReader(x12)))
	for sc.Next() {
		if sc.Segment().Ordinal() <= 1 {
			end()
			open = sc.Guide() != nil && slices.Contains(f.Sets, sc.Transaction().Set)
			if open && fresh {
				all.WriteString(text())
				sink, text = f.Begin()
			}
		}
		if !open {
			continue
		}
		if err := sink.Segment(sc.Segment(), sc.Step()); err != nil {
			t.Fatal(err)
		}
	}
	end()
	if err := sc.Err(); err != nil {
		t.Fatal(err)
	}
	all.WriteString(text())
	return all.String()
}

// files returns whole documents of the sets.
func (f *Fresh) files(t *testing.T) (files [][]byte) {
	t.Helper()
	for _, e := range fixtures.Catalog() {
		if slices.ContainsFunc(f.Sets, func(set string) bool { return strings.HasPrefix(e.Set, set) }) {
			x12, err := fixtures.Open(e.Name)
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, x12)
		}
	}
	dir := os.Getenv("EDIPORT_CORPUS")
	for _, set := range f.Sets {
		more, err := filepath.Glob(filepath.Join(dir, set+"*", "*.edi"))
		if err != nil || dir == "" {
			break
		}
		for _, name := range more {
			x12, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if len(x12) < 20_000 && readable(x12) {
				files = append(files, x12)
			}
		}
	}
	return files
}

// readable tells whether x12 can be read to its end, and whether its delimiters are where an ISA has them.
func readable(x12 []byte) bool {
	const isa = 106
	if len(x12) < isa || !bytes.HasPrefix(x12, []byte("ISA")) {
		return false
	}
	sc := guide.NewScanner(edi.NewReaderBytes(x12))
	for sc.Next() {
		d := sc.Segment().Delimiters()
		if d.Element != string(x12[3:4]) || d.Component != string(x12[104:105]) || d.Terminator != string(x12[105:isa]) {
			return false
		}
	}
	return sc.Err() == nil
}

// thinned leaves out values, segments and ends of segments, and changes some values to what no date and no number is. Envelopes, ST, SE
// and most HL stay.
func thinned(random *rand.Rand, x12 []byte) []byte {
	element, component, terminator := x12[3:4], x12[104:105], x12[105:106]
	list := bytes.SplitAfter(x12, terminator)
	var out [][]byte
	for _, segment := range list {
		body := bytes.TrimLeft(segment, "\r\n ")
		tag, _, _ := bytes.Cut(body, element)
		keep := slices.Contains([]string{"ISA", "GS", "ST", "SE", "GE", "IEA", "TA1"}, string(tag)) || !bytes.HasSuffix(body, terminator)
		if keep || string(tag) == "HL" && random.IntN(30) > 0 {
			out = append(out, segment)
			continue
		}
		if random.IntN(12) == 0 {
			continue
		}
		elements := bytes.Split(bytes.TrimSuffix(body, terminator), element)
		for i := range elements[1:] {
			elements[i+1] = thinnedValue(random, elements[i+1], component)
		}
		switch random.IntN(16) {
		case 0, 1:
			elements = elements[:1+random.IntN(len(elements))]
		case 2:
			elements = filled(random, elements, component)
		}
		out = append(out, append(bytes.Join(elements, element), terminator...))
		if random.IntN(30) == 0 {
			out = append(out, out[len(out)-1])
		}
	}
	return bytes.Join(out, nil)
}

// filled gives a segment values where it has none, so that a later one could show them.
func filled(random *rand.Rand, elements [][]byte, component []byte) [][]byte {
	elements = append(elements, make([][]byte, random.IntN(10))...)
	for i := range elements {
		if len(elements[i]) == 0 {
			elements[i] = bytes.Join([][]byte{[]byte("1"), []byte("X2"), []byte("20260101"), []byte("X4")}[:1+random.IntN(4)], component)
		}
	}
	return elements
}

func thinnedValue(random *rand.Rand, value, component []byte) []byte {
	switch random.IntN(24) {
	case 0, 1:
		return nil
	case 2:
		return []byte("X?")
	case 3:
		return []byte("20260101-20261231")
	case 4:
		return []byte("20261331-20261231")
	case 5:
		return slices.Repeat([]byte{0}, len("20260101-20261231"))
	case 6, 7:
		parts := bytes.Split(value, component)
		parts[random.IntN(len(parts))] = nil
		return bytes.Join(parts, component)
	}
	return value
}
