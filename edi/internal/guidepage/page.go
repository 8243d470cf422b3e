// Package guidepage writes an implementation guide as a page that people read: docs/guides/*.md.
package guidepage

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/ediport/ediport/edi/codes"
	"github.com/ediport/ediport/edi/guide"
)

// Made is what each page says of itself. The command makes all pages anew.
const Made = "<!-- Made from edi/guide/definitions: go test ./edi/internal/guidepage -update -->"

// Write writes the page of g as Markdown: what it is for, an outline of its loops, then each loop with its segments and
// their elements.
func Write(out io.Writer, g *guide.Guide) error {
	w := bufio.NewWriter(out)
	p := &page{w: w, guide: g}
	p.head()
	p.outline(g.Root, 0)
	p.line("")
	p.loop(g.Root)
	return w.Flush()
}

type page struct {
	w     *bufio.Writer
	guide *guide.Guide
}

func (p *page) line(format string, args ...any) {
	fmt.Fprintf(p.w, format+"\n", args...)
}

func (p *page) head() {
	g := p.guide
	p.line("# %s", Title(g))
	p.line("")
	p.line(Made)
	p.line("")
	if isEnvelope(g) {
		p.line("The segments around transaction sets. ISA, GS, GE and IEA frame them; a TA1 answers an interchange and stands outside of groups.")
	} else {
		p.line("GS08 `%s`, GS01 `%s`, ST01 `%s`.", g.ID, g.FunctionalID, g.Set)
	}
	p.line("")
	p.line("Usage: R required, S situational, N not used. Repeats: how often it may stand there, ∞ without limit. Segments of one loop with equal " +
		"positions may come in any order. Names and meanings are our own short words; where this page and the guide that X12 publishes disagree, the guide wins.")
	p.line("")
	p.line("## Outline")
	p.line("")
}

func isEnvelope(g *guide.Guide) bool { return g == guide.Envelope() }

// Title names the guide: "835 · Health Care Claim Payment/Advice".
func Title(g *guide.Guide) string {
	if isEnvelope(g) {
		return g.Name
	}
	return strings.ToUpper(g.Key[:1]) + g.Key[1:] + " · " + g.Name
}

func (p *page) outline(l *guide.Loop, depth int) {
	indent := strings.Repeat("  ", depth)
	var tags []string
	for _, n := range l.Children {
		if n.Segment != nil {
			if len(tags) == 0 || tags[len(tags)-1] != n.Segment.Tag {
				tags = append(tags, n.Segment.Tag)
			}
		}
	}
	p.line("%s- [%s](#%s) %s ×%s: %s%s", indent, loopTitle(p.guide, l), anchor(loopTitle(p.guide, l)), string(l.Usage), repeats(l.Max), strings.Join(tags, " "), below(l))
	for _, n := range l.Children {
		if n.Loop != nil {
			p.outline(n.Loop, depth+1)
		}
	}
}

func below(l *guide.Loop) string {
	if l.HL == nil {
		return ""
	}
	if len(l.HL.Parents) == 0 {
		return " (HL level " + l.HL.Level + ", at the top)"
	}
	var ids []string
	for _, parent := range l.HL.Parents {
		ids = append(ids, parent.ID)
	}
	return " (HL level " + l.HL.Level + ", below " + strings.Join(ids, " or ") + ")"
}

func loopTitle(g *guide.Guide, l *guide.Loop) string {
	switch {
	case l.Parent != nil:
	case isEnvelope(g):
		return "Interchange"
	default:
		return "Transaction set"
	}
	return "Loop " + l.ID + " " + l.Name
}

// anchor is the name that Markdown gives to a heading.
func anchor(heading string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(heading) {
		switch {
		case r == ' ':
			b.WriteByte('-')
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' || r == '_':
			b.WriteRune(r)
		}
	}
	return b.String()
}

func repeats(most int) string {
	if most >= guide.Unbounded {
		return "∞"
	}
	return fmt.Sprint(most)
}

func (p *page) loop(l *guide.Loop) {
	p.line("## %s", loopTitle(p.guide, l))
	p.line("")
	p.situations(l)
	for _, n := range l.Children {
		if n.Segment != nil {
			p.segment(n.Segment)
		}
	}
	for _, n := range l.Children {
		if n.Loop != nil {
			p.loop(n.Loop)
		}
	}
}

// situations lists the rules between segments that hold in the instances of a loop.
func (p *page) situations(l *guide.Loop) {
	some := false
	for _, s := range p.guide.Situations {
		if s.Loop == l {
			p.line("- Rule `%s` (%s): `%s`, because %s.", s.Name, s.Severity, strings.Join(strings.Fields(s.Text), " "), s.Because)
			some = true
		}
	}
	if some {
		p.line("")
	}
}

func (p *page) segment(d *guide.SegmentDef) {
	p.line("### %s %s", d.Tag, d.Name)
	p.line("")
	about := fmt.Sprintf("Position %04d, %s, ×%s.", d.Position, string(d.Usage), repeats(d.Max))
	if d.With != "" {
		about += " It is there exactly if loop " + d.With + " is."
	}
	for _, n := range d.Notes {
		about += " " + relation(d.Tag, n)
	}
	p.line("%s", about)
	p.line("")
	p.line("| element | name | usage | type | length | values |")
	p.line("|---|---|---|---|---|---|")
	var unused []string
	for _, e := range d.Elements {
		unused = p.element(e, "", unused)
		for _, c := range e.Components {
			unused = p.element(c, "&nbsp;&nbsp;", unused)
		}
	}
	p.line("")
	if len(unused) > 0 {
		p.line("Not used: %s.", strings.Join(unused, ", "))
		p.line("")
	}
}

// relation says a syntax note in words.
func relation(tag string, n guide.Note) string {
	var refs []string
	for _, e := range n.Elements {
		refs = append(refs, fmt.Sprintf("%s%02d", tag, e))
	}
	first, rest := refs[0], strings.Join(refs[1:], ", ")
	all := strings.Join(refs, ", ")
	switch n.Kind {
	case 'P':
		return fmt.Sprintf("All or none of %s (%s).", all, n)
	case 'R':
		return fmt.Sprintf("At least one of %s (%s).", all, n)
	case 'E':
		return fmt.Sprintf("At most one of %s (%s).", all, n)
	case 'C':
		return fmt.Sprintf("%s needs %s (%s).", first, rest, n)
	case 'L':
		return fmt.Sprintf("%s needs at least one of %s (%s).", first, rest, n)
	}
	return ""
}

// element writes the row of an element; one that must not be sent joins the unused ones instead.
func (p *page) element(e *guide.ElementDef, indent string, unused []string) []string {
	if e.Usage == guide.NotUsed {
		if e.Tolerated {
			return append(unused, e.Ref+" (common all the same: a warning)")
		}
		return append(unused, e.Ref)
	}
	length := ""
	if e.Type != guide.TypeComposite {
		length = fmt.Sprintf("%d–%d", e.Min, e.Max)
		if e.Min == e.Max {
			length = fmt.Sprint(e.Min)
		}
		if e.Digits > 0 {
			length += fmt.Sprintf(", at most %d digits", e.Digits)
		}
	}
	name := e.Name
	if e.Repeat > 1 {
		name += " (×" + repeats(e.Repeat) + ")"
	}
	p.line("| %s%s | %s | %s | %s | %s | %s |", indent, e.Ref, name, string(e.Usage), e.Type, length, values(e))
	return unused
}

// maxShown bounds the values of a list that are shown with their meanings.
const maxShown = 40

func values(e *guide.ElementDef) string {
	var b strings.Builder
	if e.Codes != nil {
		list := e.Codes.Values
		if len(list) > maxShown {
			fmt.Fprintf(&b, "%d codes: %s", len(list), strings.Join(list, " "))
		} else {
			for i, code := range list {
				if i > 0 {
					b.WriteString(" · ")
				}
				b.WriteString("`" + code + "`")
				if meaning := codes.Element(e.DE, code); meaning != codes.Unknown {
					b.WriteString(" " + strings.ReplaceAll(meaning, "|", "/"))
				}
			}
		}
	}
	if e.List != "" {
		if b.Len() > 0 {
			b.WriteString("; ")
		}
		b.WriteString("list " + e.List)
	}
	return b.String()
}
