package view

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
)

const setLevel = 2

// hold keeps a segment of the open set until the verdict and the findings of the set are known.
func (t *Tree) hold(s edi.Segment, step guide.Step) {
	if len(t.held) == 0 && !t.flushed {
		t.opened = false
	}
	if !t.wanted() || t.Depth < Loops {
		return
	}
	t.held = append(t.held, heldSegment{t.record.Append(s), step})
	if len(t.held) >= maxHeldSegments {
		if !t.flushed {
			t.setHeader(&t.survey.set, false)
			t.loops.Reset()
		}
		t.flushed = true
		t.flushSet()
	}
}

// wanted tells whether the open set is to be shown.
func (t *Tree) wanted() bool { return t.Set == 0 || t.Set == t.survey.set.FileOrdinal }

func (t *Tree) endSet(s *Set) {
	t.sets++
	if !t.wanted() || t.Depth < Sets {
		t.drop()
		return
	}
	if !t.flushed {
		t.setHeader(s, true)
		t.loops.Reset()
	}
	t.flushSet()
	for _, f := range t.found.take(s.Start, s.End) {
		t.finding(setLevel+1, &f, true)
	}
	if t.flushed {
		t.indent(setLevel + 1)
		t.verdict(s)
		t.paint.write("\n")
	}
	if s.Unlisted > 0 {
		t.more += s.Unlisted
	}
	t.left(setLevel + 1)
	t.flushed = false
}

// drop forgets the open set.
func (t *Tree) drop() {
	t.held, t.flushed, t.more = t.held[:0], false, 0
	t.record.Reset()
	t.found.take(0, anywhere)
}

func (t *Tree) flushSet() {
	for _, h := range t.held {
		t.setSegment(h.segment, h.step)
	}
	t.held = t.held[:0]
	t.record.Reset()
}

func (t *Tree) setHeader(s *Set, known bool) {
	t.indent(setLevel)
	name := ""
	if s.Guide != nil {
		name = "  " + s.Guide.Name + "  " + s.Guide.ID
	}
	t.paint.text(heading, "Set "+s.Set+" "+s.ControlNumber)
	t.paint.text(plain, name)
	if !known {
		t.paint.write("\n")
		return
	}
	t.paint.write("  ")
	t.verdict(s)
	t.paint.write("\n")
	if line := SummaryLine(s.Summary); line != "" {
		t.indent(setLevel)
		t.paint.text(plain, "  "+line)
		t.paint.write("\n")
	}
}

func (t *Tree) verdict(s *Set) {
	look := good
	switch s.Verdict {
	case guide.Rejected:
		look = bad
	case guide.AcceptedWithErrors, guide.Unchecked:
		look = warning
	}
	text := strings.ReplaceAll(s.Verdict.String(), "_", " ")
	if s.Guide == nil {
		text += ": no guide is known for it"
	}
	t.paint.text(look, text)
	t.paint.text(plain, "  "+strconv.Itoa(s.Segments)+" segments")
}

// SummaryLine shows a summary's members in their order: "claims 3, charge 120.00".
func SummaryLine(s Summary) string {
	b, err := json.Marshal(s)
	if err != nil {
		return ""
	}
	text := strings.NewReplacer(`"`, "", "{", "", "}", "", "_", " ", ":", " ", ",", ", ").Replace(string(b))
	return strings.TrimSpace(text)
}

func (t *Tree) setSegment(s edi.Segment, step guide.Step) {
	level := setLevel + 1
	if step.Loop != nil {
		level += t.enter(s, step)
	}
	shown := t.found.at(s.Pos().Offset)
	t.findings(level, shown, s, true)
	if t.Depth >= Segments {
		t.segmentLines(level, s, step)
	}
	t.findings(level, shown, s, false)
}

// enter shows the loops that begin with s, and returns how deep s stands below the set.
func (t *Tree) enter(s edi.Segment, step guide.Step) int {
	begun, level := t.loops.Enter(step)
	for i, l := range begun {
		t.indent(setLevel + 1 + level - len(begun) + i)
		t.paint.text(loopTag, l.ID)
		t.paint.text(heading, " "+l.Name)
		if own := i == len(begun)-1; own && step.Opened {
			if title := titleOf(s, step.Def); title != "" {
				t.paint.text(plain, "  "+title)
			}
		} else if own && step.Implied {
			t.paint.text(warning, "  its first segment is missing")
		}
		t.paint.write("\n")
	}
	return level
}

// findings shows those that stand before a segment, because it should not come yet, or those that stand behind it.
func (t *Tree) findings(level int, found []edi.Finding, s edi.Segment, before bool) {
	for i := range found {
		if missing := found[i].Segment != "" && found[i].Segment != s.Tag(); missing == before {
			t.finding(level+1, &found[i], t.Depth < Segments)
		}
	}
}

// finding shows one finding in a line; away from its segment it says where that is.
func (t *Tree) finding(level int, f *edi.Finding, away bool) {
	t.indent(level)
	look, sign := bad, "✗ "
	switch f.Severity {
	case edi.Warning:
		look, sign = warning, "! "
	case edi.Info:
		look, sign = faint, "· "
	}
	t.paint.text(look, sign+FindingLine(NewFinding(*f), away))
	t.paint.write("\n")
	t.advise(level, f)
}

// advise says what to do about a finding, unless that was said before.
func (t *Tree) advise(level int, f *edi.Finding) {
	text := guide.Advise(*f)
	if text == "" || t.advised[text] {
		return
	}
	t.advised[text] = true
	t.indent(level)
	t.paint.text(faint, "  "+text)
	t.paint.write("\n")
}

// FindingLine is a finding in one line: where, what, code. With place it names the line of the file and the loop, too.
func FindingLine(f Finding, place bool) string {
	var b strings.Builder
	if place {
		b.WriteString("line " + strconv.Itoa(f.Line))
		if f.Segment != "" {
			b.WriteString(", ")
		}
	}
	b.WriteString(f.Segment)
	if f.Element > 0 {
		b.WriteString(string([]byte{byte('0' + f.Element/10%10), byte('0' + f.Element%10)}))
	}
	if f.Component > 0 {
		b.WriteString("-" + strconv.Itoa(f.Component))
	}
	if f.Repetition > 1 {
		b.WriteString(" (repetition " + strconv.Itoa(f.Repetition) + ")")
	}
	if place && f.Loop != "" {
		b.WriteString(" in loop " + f.Loop)
	}
	if b.Len() > 0 {
		b.WriteString(": ")
	}
	b.WriteString(f.Message + " (" + strings.TrimSpace(f.Code.Kind+" "+f.Code.Value) + ")")
	return b.String()
}
