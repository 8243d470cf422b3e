package view

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
)

// Columns of an element's line.
const (
	refWidth   = 9  // SVC01-1
	nameWidth  = 34 // the names of most elements
	valueWidth = 14 // before the meaning of a code
)

// segmentLines shows a segment, and its elements if the tree goes so deep.
func (t *Tree) segmentLines(level int, s edi.Segment, step guide.Step) {
	t.indent(level)
	if t.Raw {
		t.rawLine(s, step)
		return
	}
	t.paint.text(segTag, s.Tag())
	if name := step.SegmentName(); name != "" {
		t.paint.text(plain, " "+name)
	}
	if step.Def == nil && step.Loop != nil {
		t.paint.text(warning, "  has no place here")
	}
	if t.Depth < Elements {
		if title := titleOf(s, step.Def); title != "" {
			t.paint.text(faint, "  "+title)
		}
		t.paint.write("\n")
		return
	}
	t.paint.write("\n")
	for n := 1; n <= s.Len(); n++ {
		t.element(level+1, s, step, n)
	}
}

func (t *Tree) rawLine(s edi.Segment, step guide.Step) {
	tag := s.Tag()
	t.paint.text(segTag, tag)
	raw := strings.TrimPrefix(string(s.Raw()), tag)
	t.paint.text(plain, raw+s.Delimiters().Terminator)
	if name := step.SegmentName(); name != "" {
		t.paint.text(faint, "  "+name)
	}
	t.paint.write("\n")
}

func (t *Tree) element(level int, s edi.Segment, step guide.Step, n int) {
	if s.Text(n) == nil {
		return
	}
	def := elementDef(step, n)
	ref := s.Tag() + string([]byte{byte('0' + n/10%10), byte('0' + n%10)})
	if s.Is("ISA") { // its elements hold the separators themselves
		t.elementLine(level, ref, def, s.Value(n), "")
		return
	}
	for c := range s.Repetitions(n) {
		if def == nil && c.Len() > 1 || def != nil && len(def.Components) > 0 {
			t.components(level, ref, def, c)
			continue
		}
		t.elementLine(level, ref, def, strings.TrimSpace(string(c.Raw())), s.Value(1))
	}
}

func (t *Tree) components(level int, ref string, def *guide.ElementDef, c edi.Composite) {
	first := string(c.Component(1))
	for i := 1; i <= c.Len(); i++ {
		if c.Component(i) == nil {
			continue
		}
		var part *guide.ElementDef
		if def != nil && i <= len(def.Components) {
			part = def.Components[i-1]
		}
		t.elementLine(level, ref+"-"+strconv.Itoa(i), part, string(c.Component(i)), first)
	}
}

func elementDef(step guide.Step, n int) *guide.ElementDef {
	if step.Def != nil {
		return step.Def.Element(n)
	}
	return step.Near.Element(n)
}

func (t *Tree) elementLine(level int, ref string, def *guide.ElementDef, value, first string) {
	t.indent(level)
	t.paint.text(faint, pad(ref, refWidth))
	name := ""
	if def != nil {
		name = def.Name
	}
	t.paint.text(plain, pad(name, nameWidth))
	means := codeMeaning(def, value, first)
	if means == "" {
		t.paint.text(heading, readable(def, value))
	} else {
		t.paint.text(heading, pad(readable(def, value), valueWidth))
		t.paint.text(meaning, means)
	}
	t.paint.write("\n")
}

// pad fills text with blanks up to a width, and at least one.
func pad(text string, width int) string {
	return text + strings.Repeat(" ", max(width-utf8.RuneCountInString(text), 1))
}
