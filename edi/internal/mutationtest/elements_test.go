package mutationtest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/ediport/ediport/edi/internal/mutate"
)

// An elementTrial is about element n of segment i of the document, or its component c; r is 1 if the element is repeated.
type elementTrial struct {
	*facts
	i, n, c, r int
	def        *elementFacts
	value      string
}

// elementTrials breaks each element of each kind of segment once; ST and SE, which belong to the envelope, are left out.
func (f *facts) elementTrials() (trials []trial) {
	type key struct {
		def  *elementFacts
		sent bool
	}
	seen := make(map[key]bool)
	ended := make(map[*segmentFacts]bool)
	for i, s := range f.segments {
		if s.id == "ST" || s.id == "SE" {
			continue
		}
		if !ended[s.segmentFacts] {
			ended[s.segmentFacts] = true
			trials = append(trials, f.surplus(i))
		}
		for n, e := range s.elements {
			for c := range len(e.components) + 1 {
				et := f.element(i, n+1, c)
				if k := (key{et.def, et.value != ""}); !seen[k] {
					seen[k] = true
					trials = append(trials, et.trials()...)
				}
			}
		}
	}
	return trials
}

func (f *facts) element(i, n, c int) *elementTrial {
	et := &elementTrial{facts: f, i: i, n: n, c: c, def: f.segments[i].component(n, c)}
	if c > 0 {
		et.value = f.document.Component(f.first+i, n, c)
	} else {
		et.value = f.document.Repetition(f.first+i, n, 1)
		if et.value != f.document.Element(f.first+i, n) {
			et.r = 1
		}
	}
	return et
}

// surplus sends an element more than the segment has.
func (f *facts) surplus(i int) trial {
	s := &f.segments[i]
	d := f.changed(func(d *mutate.Document, at int) { d.Set(at, len(s.elements)+1, "1") }, i)
	return f.trial(i, "extra element", d, fmt.Sprintf("%d %s %s IK403 3", i+1, place(s.id, len(s.elements)+1, 0, 0), s.loop.id))
}

func (et *elementTrial) trials() (trials []trial) {
	add := func(op, value string, codes ...string) {
		if value != "" {
			trials = append(trials, et.set(op, value, codes...))
		}
	}
	e := et.def
	switch {
	case e.usage == "N" && et.value == "" && (et.c == 0 || et.document.Element(et.first+et.i, et.n) != ""):
		add("unused", "1", "I10")
	case e.usage == "N" || et.value == "":
	case e.kind == "composite":
		trials = append(trials, et.empty(), et.components(), et.repetitions(), et.far())
	default:
		trials = append(trials, et.empty())
		add("too long", et.long(), et.codes("5")...)
		add("too short", et.short(), et.codes("4")...)
		value, code := et.bad()
		add("bad", value, code)
		if et.c == 0 {
			trials = append(trials, et.components(), et.repetitions(), et.far())
		}
	}
	return trials
}

// codes adds what is right to say of a date or a qualifier of a wrong length, too.
func (et *elementTrial) codes(code string) []string {
	switch {
	case et.def.kind == "DT":
		return []string{code, "8"}
	case et.def.kind == "TM":
		return []string{code, "9"}
	case et.isQualifier():
		return []string{code, "7"}
	}
	return []string{code}
}

func (et *elementTrial) isQualifier() bool {
	return et.n == et.segments[et.i].qualifier() && et.c <= 1 && et.def.codes != nil
}

func (et *elementTrial) set(op, value string, codes ...string) trial {
	d := et.changed(func(d *mutate.Document, at int) {
		if et.c > 0 {
			d.SetComponent(at, et.n, 1, et.c, value)
		} else {
			d.SetRepetition(at, et.n, 1, value)
		}
	}, et.i)
	return et.told(op, d, et.c, et.r, codes...)
}

// told is a trial that is to be answered by a finding at the element, with one of the codes. Which loop a segment without its
// qualifier is in, can't be told for certain.
func (et *elementTrial) told(op string, d *mutate.Document, component, repetition int, codes ...string) trial {
	s := &et.segments[et.i]
	tr := et.trial(et.i, op, d)
	tr.name += fmt.Sprintf(" element %d-%d", et.n, et.c)
	loops := []string{s.loop.id}
	if et.isQualifier() {
		loops = append(loops, et.segments[et.i-1].loop.id)
		for l := s.loop.parent; l != nil; l = l.parent {
			loops = append(loops, l.id)
		}
		for _, l := range et.siblings(s.segmentFacts) {
			loops = append(loops, l.id)
		}
	}
	for _, code := range codes {
		for _, loop := range loops {
			tr.allowed = append(tr.allowed, fmt.Sprintf("%d %s %s IK403 %s", et.i+1, place(s.id, et.n, component, repetition), loop, code))
		}
	}
	return tr
}

func (et *elementTrial) empty() trial {
	d := et.changed(func(d *mutate.Document, at int) {
		if et.c > 0 {
			d.ClearComponent(at, et.n, et.c)
		} else {
			d.Clear(at, et.n)
		}
	}, et.i)
	if d.Element(et.first+et.i, et.n) != "" {
		if et.def.usage == "R" {
			return et.told("empty", d, et.c, 0, "1")
		}
		notes := et.segments[et.i].elements[et.n-1].notes
		there := func(c int) bool { return d.Component(et.first+et.i, et.n, c) != "" }
		return et.without(d, broken(notes, there), func(c int) string { return place(et.segments[et.i].id, et.n, c, 0) })
	}
	if et.segments[et.i].elements[et.n-1].usage == "R" {
		return et.told("empty", d, 0, 0, "1")
	}
	there := func(n int) bool { return d.Element(et.first+et.i, n) != "" }
	return et.without(d, broken(et.segments[et.i].notes, there), func(n int) string { return place(et.segments[et.i].id, n, 0, 0) })
}

// without is a trial that takes away what may be missing, unless the syntax notes want it.
func (et *elementTrial) without(d *mutate.Document, absent []int, where func(int) string) trial {
	tr := et.told("empty", d, et.c, 0)
	switch len(absent) {
	case 0:
		tr.allowed = []string{et.balance(d)}
	case 1:
		tr.allowed = []string{fmt.Sprintf("%d %s %s IK403 2", et.i+1, where(absent[0]), et.segments[et.i].loop.id)}
	}
	return tr
}

// broken returns what the syntax notes miss, each element or component once.
func broken(notes []string, there func(int) bool) (absent []int) {
	for _, note := range notes {
		var group, gone []int
		for k := 1; k < len(note); k += 2 {
			n, err := strconv.Atoi(note[k : k+2])
			if err != nil {
				panic(err)
			}
			if group = append(group, n); !there(n) {
				gone = append(gone, n)
			}
		}
		var broken bool
		switch note[0] {
		case 'P':
			broken = len(gone) > 0 && len(gone) < len(group)
		case 'R':
			broken = len(gone) == len(group)
		case 'C':
			broken = there(group[0]) && len(gone) > 0
		case 'L':
			broken = there(group[0]) && len(gone) == len(group)-1
		}
		if broken && !slices.Contains(absent, gone[0]) {
			absent = append(absent, gone[0])
		}
	}
	return absent
}

// components sends a component more than there may be.
func (et *elementTrial) components() trial {
	n := max(1, len(et.def.components)) + 1
	d := et.changed(func(d *mutate.Document, at int) { d.SetComponent(at, et.n, 1, n, "1") }, et.i)
	return et.told("extra component", d, n, et.r, "13")
}

// far sends a component behind many empty ones; which of them is told is open.
func (et *elementTrial) far() trial {
	d := et.changed(func(d *mutate.Document, at int) { d.SetComponent(at, et.n, 1, 20, "1") }, et.i)
	tr := et.trial(et.i, "far component", d)
	tr.name += fmt.Sprintf(" element %d", et.n)
	return tr
}

// repetitions sends a repetition more than there may be.
func (et *elementTrial) repetitions() trial {
	d := et.changed(func(d *mutate.Document, at int) {
		for r := range et.def.repeat {
			d.SetRepetition(at, et.n, r+2, d.Repetition(at, et.n, 1))
		}
	}, et.i)
	return et.told("extra repetition", d, 0, et.def.repeat+1, "12")
}

// long returns the value with as many characters as are one too many, the same number if it is one.
func (et *elementTrial) long() string {
	value, surplus := et.value, et.def.max+1
	switch et.def.kind {
	case "N0":
		return strings.Repeat("0", surplus-len(value)) + value
	case "R":
		if !strings.Contains(value, ".") {
			value += "."
		}
		return value + strings.Repeat("0", surplus-digits(value))
	default:
		return value + strings.Repeat("0", surplus-len(value))
	}
}

func digits(value string) (n int) {
	for _, c := range value {
		if c >= '0' && c <= '9' {
			n++
		}
	}
	return n
}

func (et *elementTrial) short() string { return et.value[:min(max(et.def.min-1, 0), len(et.value))] }

// bad returns a value that is none of the element, and the code to expect.
func (et *elementTrial) bad() (value, code string) {
	e := et.def
	switch {
	case e.kind == "R" || e.kind == "N0":
		return et.value[:len(et.value)-1] + "A", "6"
	case e.kind == "DT":
		return et.value[:4] + "1301", "8"
	case e.kind == "TM":
		return "2460", "9"
	case e.format && strings.Contains(et.value, "-"):
		return "20260230-20260301", "8"
	case e.format:
		return "20260230", "8"
	case e.codes != nil:
		return strings.Repeat("?", min(max(e.min, 2), e.max)), "7"
	case len(et.value) < e.max:
		return et.value + "\x01", "6"
	default:
		return et.value[:e.max-1] + "\x01", "6"
	}
}
