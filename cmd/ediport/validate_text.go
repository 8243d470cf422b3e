package main

import (
	"fmt"
	"strings"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/ack"
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/edi/view"
)

// A validateText prints findings for people, set by set.
type validateText struct {
	out     *remembering
	color   bool
	summary bool
	held    []edi.Finding // about the set that is being read
	some    bool          // something was printed about the file
	name    string
	answers bool // acknowledgments are written

	counts     map[guide.Verdict]int
	severities map[edi.Severity]int
	left       int
}

func (p *program) newValidateText(o validateOptions, toStderr bool) (*validateText, error) {
	color, err := p.colored(o.color)
	if err != nil {
		return nil, err
	}
	t := &validateText{
		out: &remembering{Writer: p.stdout}, color: color, summary: o.summary, answers: o.to999 != "" || o.toTA1 != "",
		counts: make(map[guide.Verdict]int), severities: make(map[edi.Severity]int),
	}
	if toStderr { // standard output has the acknowledgments
		t.out.Writer, t.color = p.stderr, color && isTerminal(p.stderr)
	}
	return t, nil
}

// Terminal codes of what is printed.
const (
	inkBold   = "1"
	inkDim    = "2"
	inkRed    = "1;31"
	inkGreen  = "32"
	inkYellow = "33"
	inkCyan   = "36"
)

// paint returns text in a style. What the file says goes to a terminal: without what could command it.
func (t *validateText) paint(style, text string) string {
	text = view.Printable(text)
	if !t.color || text == "" {
		return text
	}
	return "\x1b[" + style + "m" + text + "\x1b[0m"
}

func (t *validateText) line(parts ...string) {
	t.some = true
	fmt.Fprintln(t.out, strings.Join(parts, ""))
}

func (t *validateText) begin(name string) {
	t.name, t.some, t.held = name, false, t.held[:0]
	if name == "-" {
		name = "standard input"
	}
	fmt.Fprintln(t.out, t.paint(inkBold, name))
}

// finding takes the next finding: those about a set are printed with it.
func (t *validateText) finding(f edi.Finding) {
	t.severities[f.Severity]++
	if t.summary {
		return
	}
	if f.Pos.Transaction != 0 && len(t.held) < guide.DefaultMaxFindings {
		t.held = append(t.held, f)
		return
	}
	t.print("  ", f, nil)
}

// set prints how a set was judged, and the findings about it.
func (t *validateText) set(s ack.SetAnswer) {
	t.counts[s.Verdict]++
	verdict := map[guide.Verdict]string{guide.Accepted: inkGreen, guide.AcceptedWithErrors: inkYellow, guide.Rejected: inkRed, guide.Unchecked: inkDim}[s.Verdict]
	name := "no guide known"
	if s.Guide != nil {
		name = s.Guide.ID
	}
	of := ""
	if s.Control.GS06 != "" {
		of = fmt.Sprintf(", group %s of interchange %s", s.Control.GS06, s.Control.ISA13)
	}
	answer := ""
	if s.Code != "" && s.Code != "A" { // that it is accepted depends on its group and interchange, see rejected
		answer = ", 999: " + s.Code
	}
	t.line("  ", t.paint(inkBold, strings.TrimSpace(s.Set+" "+s.Control.ST02)), t.paint(inkDim, " ("+name+of+")"), ": ",
		t.paint(verdict, strings.ReplaceAll(s.Verdict.String(), "_", " ")), answer, tally(s))
	for i := range t.held {
		t.print("    ", t.held[i], s.Guide)
	}
	t.held = t.held[:0]
	if s.Truncated > 0 {
		t.line("    and ", plural(s.Truncated, "finding"), " more")
	}
}

// rejected prints that a group or an interchange is rejected as a whole.
func (t *validateText) rejected(r ack.Rejection) {
	if !t.answers {
		return
	}
	what, by := "interchange "+r.Interchange.ControlNumber, "the TA1"
	if r.Group.Ordinal > 0 {
		what, by = "group "+r.Group.ControlNumber+" of "+what, "the 999"
	}
	t.line("  ", t.paint(inkBold, what), ": ", t.paint(inkRed, "rejected"), " with all of its sets by "+by, t.paint(inkDim, " ("+r.Code.Kind+" "+r.Code.Value+")"))
}

func tally(s ack.SetAnswer) string {
	if s.Findings+s.Truncated == 0 {
		return ""
	}
	return ", " + plural(s.Findings+s.Truncated, "finding")
}

// print prints one finding: what is wrong, where, and what to do about it.
func (t *validateText) print(indent string, f edi.Finding, g *guide.Guide) {
	style := map[edi.Severity]string{edi.Error: inkRed, edi.Warning: inkYellow, edi.Info: inkDim}[f.Severity]
	what, message := findingPlace(f)+" ", f.Message
	if rest, ok := strings.CutPrefix(message, what); ok {
		message = rest
	}
	t.line(indent, t.paint(style, f.Severity.String()), " ", t.paint(inkCyan, strings.TrimLeft(what, " ")), view.Printable(message),
		t.paint(inkDim, " ("+strings.TrimSpace(f.Code.Kind+" "+f.Code.Value)+")"))
	t.line(indent, "      ", t.paint(inkDim, findingWhere(f, g)))
	if advice := guide.Advise(f); advice != "" {
		t.line(indent, "      ", view.Printable(advice))
	}
}

// findingPlace names what a finding is about: CLP06, SVC01-2.
func findingPlace(f edi.Finding) string {
	if f.Element == 0 {
		return f.Segment
	}
	s := fmt.Sprintf("%s%02d", f.Segment, f.Element)
	if f.Component > 0 {
		s += fmt.Sprintf("-%d", f.Component)
	}
	if f.Repetition > 1 {
		s += fmt.Sprintf(", repetition %d", f.Repetition)
	}
	return s
}

// findingWhere says where to find it: "segment 12, line 12, byte 640, loop 2100 Claim Payment Information".
func findingWhere(f edi.Finding, g *guide.Guide) string {
	s := f.Pos.String()
	if f.Pos.Segment == 0 && f.Control.ISA13 != "" {
		s += ", interchange " + f.Control.ISA13
		if f.Control.GS06 != "" {
			s += ", group " + f.Control.GS06
		}
	}
	if f.Loop == "" {
		return s
	}
	s += ", loop " + f.Loop
	if g != nil {
		if l := g.Loop(f.Loop); l != nil {
			s += " " + l.Name
		}
	}
	return s
}

// end prints what is left to say about a file.
func (t *validateText) end(truncated int) {
	for _, f := range t.held {
		t.print("  ", f, nil)
	}
	t.held = t.held[:0]
	t.left += truncated
	if !t.some {
		t.line("  no transaction sets, no findings")
	}
}

// total sums up.
func (t *validateText) total() {
	sets := 0
	var parts []string
	for _, v := range []guide.Verdict{guide.Accepted, guide.AcceptedWithErrors, guide.Rejected, guide.Unchecked} {
		if n := t.counts[v]; n > 0 {
			sets += n
			parts = append(parts, fmt.Sprintf("%d %s", n, strings.ReplaceAll(v.String(), "_", " ")))
		}
	}
	text := plural(sets, "transaction set")
	if len(parts) > 0 {
		text += ": " + strings.Join(parts, ", ")
	}
	text += "; " + plural(t.severities[edi.Error], "error") + ", " + plural(t.severities[edi.Warning], "warning")
	if t.left > 0 {
		text += fmt.Sprintf(", %d more findings not listed", t.left)
	}
	fmt.Fprintln(t.out, t.paint(inkBold, text))
}
