package guide

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/ediport/ediport/edi"
)

// LoadAll parses and compiles all definitions anew.
func LoadAll(tb testing.TB) {
	lists, err := parseLists("lists.guide", definitionText("lists.guide"))
	if err != nil {
		tb.Fatal(err)
	}
	for _, e := range append(entries, envelopeEntry) {
		file := e.key + ".guide"
		if _, err := parseDefinition(file, definitionText(file), lists, shared().names); err != nil {
			tb.Fatal(err)
		}
	}
}

// LoadWith parses a definition anew, with a line put behind the first that begins with the given words.
func LoadWith(key, behind, line string) error {
	lists, err := parseLists("lists.guide", definitionText("lists.guide"))
	if err != nil {
		return err
	}
	var b strings.Builder
	done := false
	for text := range strings.Lines(definitionText(key + ".guide")) {
		b.WriteString(text)
		if !done && strings.HasPrefix(strings.TrimLeft(text, " "), behind) {
			done = true
			b.WriteString(line + "\n")
		}
	}
	_, err = parseDefinition(key+".guide", b.String(), lists, shared().names)
	return err
}

// RememberAtOnce makes c remember clean segments from the first one on.
func RememberAtOnce(c *Checker) { c.warm = rememberAfter }

// RememberNothing makes c check each segment as if it came for the first time.
func RememberNothing(c *Checker) { c.warm = math.MinInt }

// CheckSlowly makes c check every value the long way, without plans.
func CheckSlowly(c *Checker) { c.slow = true }

// InOrder tells whether the ranks of the open loops are those that the lists of places rest on; what is wrong if they are not.
func InOrder(sc *Scanner) string {
	w := sc.walker
	if w == nil {
		return ""
	}
	for i := range w.top {
		if f, next := &w.stack[i], w.stack[i+1].loop; f.rank != next.order || next.Parent != f.loop {
			return "loop " + next.ID + " is open, and loop " + f.loop.ID + " around it stands at another rank"
		}
	}
	if f := &w.stack[w.top]; (f.rank+1)*w.guide.tags.n > len(f.loop.ahead) {
		return "loop " + f.loop.ID + " stands behind its end"
	}
	return ""
}

// ComparePlaces looks for the place of the next segment in the lists that the walker uses, and in all candidates of the open loops. It
// tells what differs.
func ComparePlaces(w *Walker, s edi.Segment) string {
	var exact qualifier
	exact.begin(&s)
	exact.loose = false
	tag := w.guide.tags.number(exact.tag())
	if tag == 0 {
		return ""
	}
	f := &w.stack[w.top]
	var want *candidate
	for i := range f.loop.chain[tag] {
		if c := &f.loop.chain[tag][i]; c.rank >= w.stack[c.level].rank && exact.in(c.def) {
			want = c
			break
		}
	}
	before := w.q
	w.q.begin(&s)
	places := w.guide.places[f.loop.ahead[f.rank*w.guide.tags.n+tag]:]
	got := w.next(places)
	if got == nil && w.q.tighten() {
		got = w.next(places)
	}
	w.q = before
	if (got == nil) != (want == nil) || got != nil && got.candidate != want {
		return fmt.Sprintf("the list of places gives %+v, the candidates give %+v", got, want)
	}
	return ""
}

// PlaceOnly returns the step of the segment that sc holds without what the Walker remembers of it, and whether it was clean before.
func PlaceOnly(sc *Scanner) (step Step, known bool) {
	step = sc.step
	known = step.known != nil && step.known.clean
	step.memory, step.known = nil, nil
	return step, known
}
