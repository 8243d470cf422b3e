package mutationtest

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/ediport/ediport/edi/internal/mutate"
)

// facts say what a guide wants of the segments of one document.
type facts struct {
	name     string
	document *mutate.Document
	segments []placed // ST to SE
	first    int      // index of the ST in the document
}

type loopFacts struct {
	id     string // - is the set itself
	parent *loopFacts
	usage  string
	max    int
	hl     bool
}

type segmentFacts struct {
	id       string
	loop     *loopFacts
	usage    string
	max      int
	order    int  // of segments and loops in the loop
	trigger  bool // opens its loop
	bracket  bool // LS or LE
	notes    []string
	elements []*elementFacts // element n at n-1
}

type elementFacts struct {
	usage      string // R, S, N
	kind       string // ID, AN, N0, R, DT, TM, composite
	min, max   int
	repeat     int
	format     bool // its format is told by the element before
	codes      []string
	notes      []string // of a composite: they count components
	components []*elementFacts
}

// placed is a segment of the document, with the instance of the loop that it stands in.
type placed struct {
	*segmentFacts
	instance *instance
}

type instance struct {
	loop     *loopFacts
	parent   *instance
	segments []int // indices in facts.segments
	loops    []*instance
}

func loadFacts(t testing.TB, name string) *facts {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name+".facts"))
	if err != nil {
		t.Fatal(err)
	}
	f := &facts{name: name, document: load(t, name)}
	f.first = f.document.Find("ST")
	loops := map[string]*loopFacts{"-": {id: "-", usage: "R", max: 1}}
	var defs []*segmentFacts
	for line := range strings.Lines(string(b)) {
		w := strings.Fields(line)
		switch w[0] {
		case "#":
		case "loop":
			loops[w[1]] = &loopFacts{id: w[1], parent: loops[w[2]], usage: w[3], max: count(w[4]), hl: len(w) > 5}
		case "segment":
			defs = append(defs, readSegment(w[2:], loops))
		case "document":
			for _, n := range w[1:] {
				f.segments = append(f.segments, placed{segmentFacts: defs[count(n)-1]})
			}
		default:
			defs[len(defs)-1].add(w)
		}
	}
	f.build(loops["-"])
	return f
}

func count(s string) int {
	if s == ">1" {
		return math.MaxInt32
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		panic(err)
	}
	return n
}

func readSegment(w []string, loops map[string]*loopFacts) *segmentFacts {
	s := &segmentFacts{id: w[0], loop: loops[w[1]], usage: w[2], max: count(w[3]), order: count(w[4])}
	for i, word := range w[5:] {
		switch word {
		case "first":
			s.trigger = true
		case "with":
			s.bracket = true
		case "notes":
			s.notes = w[5+i+1:]
			return s
		}
	}
	return s
}

func (s *segmentFacts) add(w []string) {
	e := &elementFacts{usage: w[1], repeat: 1, kind: "N"}
	rest := w[2:]
	switch {
	case e.usage == "N":
	case rest[0] == "composite":
		e.kind, rest = rest[0], rest[1:]
	default:
		e.kind, e.min, e.max, rest = rest[0], count(rest[1]), count(rest[2]), rest[3:]
	}
	for len(rest) > 0 {
		switch rest[0] {
		case "repeat":
			e.repeat, rest = count(rest[1]), rest[2:]
		case "format":
			e.format, rest = true, rest[1:]
		case "notes":
			e.notes, rest = rest[1:], nil
		case "=":
			e.codes, rest = rest[1:], nil
		}
	}
	if strings.Contains(w[0], "-") {
		last := s.elements[len(s.elements)-1]
		last.components = append(last.components, e)
		return
	}
	s.elements = append(s.elements, e)
}

// build finds the instances of the loops.
func (f *facts) build(root *loopFacts) {
	open := []*instance{{loop: root}}
	for i := range f.segments {
		s := &f.segments[i]
		outer := s.loop
		if s.trigger {
			outer = s.loop.parent
		}
		for open[len(open)-1].loop != outer {
			open = open[:len(open)-1]
		}
		in := open[len(open)-1]
		if s.trigger {
			child := &instance{loop: s.loop, parent: in}
			in.loops = append(in.loops, child)
			open = append(open, child)
			in = child
		}
		in.segments = append(in.segments, i)
		s.instance = in
	}
}

// same counts the segments of the same definition in the instance of segment i.
func (f *facts) same(i int) (n int) {
	for _, j := range f.segments[i].instance.segments {
		if f.segments[j].segmentFacts == f.segments[i].segmentFacts {
			n++
		}
	}
	return n
}

// earlier tells how many instances of the loop of segment i stand before this one in their parent, and how many there are.
func (f *facts) earlier(i int) (before, all int) {
	in := f.segments[i].instance
	for _, other := range in.parent.loops {
		if other.loop == in.loop {
			all++
		}
	}
	before = slices.IndexFunc(slices.DeleteFunc(slices.Clone(in.parent.loops), func(x *instance) bool { return x.loop != in.loop }), func(x *instance) bool { return x == in })
	return before, all
}

// required lists the segments that each instance of a loop must have behind its first, and the first segments of its required loops.
func (f *facts) required(l *loopFacts) (ds []*segmentFacts) {
	for i := range f.segments {
		d := f.segments[i].segmentFacts
		mine := d.loop == l && !d.trigger && d.usage == "R"
		below := d.trigger && d.loop.parent == l && d.loop.usage == "R" && !d.loop.hl
		if (mine || below) && !slices.Contains(ds, d) {
			ds = append(ds, d)
		}
	}
	return ds
}

func (s *segmentFacts) component(n, c int) *elementFacts {
	e := s.elements[n-1]
	if c > 0 {
		return e.components[c-1]
	}
	return e
}

// qualifier is the element whose codes tell the segment from others of its id.
func (s *segmentFacts) qualifier() int {
	if s.id == "HL" {
		return 3
	}
	return 1
}
