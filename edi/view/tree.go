package view

import (
	"bufio"
	"io"
	"strconv"
	"strings"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/edi/internal/looptree"
)

// A Depth says how far down a [Tree] goes.
type Depth int

// Depths, from the outside.
const (
	Interchanges Depth = iota + 1
	Groups
	Sets
	Loops
	Segments
	Elements
)

// DepthNames are the names of the depths, the outermost first.
var DepthNames = []string{"interchange", "group", "set", "loop", "segment", "element"}

// A Tree shows a file to a person: interchanges, groups, sets, loops, segments and elements, each by its name in the guide, with
// what its codes mean, and each finding where it belongs. It needs memory for one transaction set, up to a limit; of a larger
// set the findings follow after it.
type Tree struct {
	Depth Depth // 0 is Elements
	Set   int   // show this transaction set only: its ordinal in the file, from 1; 0 is all
	Raw   bool  // segments as sent, instead of their elements
	Color bool  // with the codes of a terminal

	paint   painter
	survey  Survey
	held    []heldSegment // of the open set
	record  edi.Record    // their bytes
	found   waiting       // findings not shown yet
	more    int           // findings beyond maxHeldFindings
	flushed bool          // a part of the open set was shown before its end
	opened  bool          // the header of the open set was shown
	loops   looptree.Stack
	failed  bool // an error was found
	sets    int
	advised map[string]bool // what was said to do about findings
}

type heldSegment struct {
	segment edi.Segment
	step    guide.Step
}

// maxHeldSegments is how many segments of a set are kept until its verdict is known.
const maxHeldSegments = 50_000

// A Shown says what was in a file that a Tree showed.
type Shown struct {
	Failed   bool // a finding of severity error
	Segments int64
	Sets     int
}

// Write shows r on w. Errors are those of r and w, and edi.ErrNotX12; what could be read has been shown.
func (t *Tree) Write(w io.Writer, r io.Reader) (Shown, error) {
	if t.Depth == 0 {
		t.Depth = Elements
	}
	t.paint = painter{out: bufio.NewWriterSize(w, 64<<10), color: t.Color}
	t.advised = make(map[string]bool)
	t.survey = Survey{
		Report:      t.find,
		Segment:     t.segment,
		Set:         t.endSet,
		Interchange: t.endInterchange,
	}
	err := t.survey.Run(&pausingReader{r: r, paint: &t.paint})
	t.between()
	if t.paint.err != nil {
		return t.shown(), t.paint.err
	}
	if flushed := t.paint.out.Flush(); flushed != nil && err == nil {
		err = flushed
	}
	return t.shown(), err
}

func (t *Tree) shown() Shown {
	return Shown{Failed: t.failed, Segments: t.survey.Segments(), Sets: t.sets}
}

// A pausingReader ends the survey once nobody reads what is shown.
type pausingReader struct {
	r     io.Reader
	paint *painter
}

func (p *pausingReader) Read(b []byte) (int, error) {
	if p.paint.err != nil {
		return 0, p.paint.err
	}
	return p.r.Read(b)
}

func (t *Tree) find(f edi.Finding) {
	if f.Severity == edi.Error {
		t.failed = true
	}
	if !t.found.add(f) {
		t.more++
	}
}

func (t *Tree) segment(sc *guide.Scanner) {
	s := sc.Segment()
	p := s.Pos()
	switch {
	case p.Transaction != 0:
		t.hold(s, sc.Step())
		return
	case s.Is("ISA"):
		t.between()
		t.interchange(sc.Interchange())
	case s.Is("GS"):
		t.group(sc.Group())
	}
	t.outside(s, sc.Step())
}

// outside shows a segment that is in no transaction set.
func (t *Tree) outside(s edi.Segment, step guide.Step) {
	if t.Set != 0 {
		t.found.take(0, anywhere)
		return
	}
	level, least := 1, Segments
	switch {
	case s.Is("GS"), s.Is("GE"):
		level = 2
	case s.Is("TA1"):
		least = Interchanges + 1
	}
	shown := t.found.at(s.Pos().Offset)
	t.findings(level, shown, s, true)
	if t.Depth >= least {
		t.segmentLines(level, s, step)
	}
	t.findings(level, shown, s, false)
}

// between shows the findings that belong to no segment: junk between interchanges, what could not be read.
func (t *Tree) between() {
	for _, f := range t.found.take(0, anywhere) {
		if t.Set == 0 {
			t.finding(0, &f, true)
		}
	}
	t.left(0)
}

func (t *Tree) left(level int) {
	if t.more > 0 {
		t.indent(level)
		t.paint.text(warning, strconv.Itoa(t.more)+" more findings")
		t.paint.write("\n")
		t.more = 0
	}
}

func (t *Tree) endInterchange(*Interchange) { t.between() }

func (t *Tree) interchange(i edi.Interchange) {
	if t.Set != 0 {
		return
	}
	usage := i.Usage
	switch usage {
	case "P":
		usage = "production"
	case "T":
		usage = "test"
	}
	t.paint.text(heading, "Interchange "+i.ControlNumber)
	t.paint.text(plain, "  "+i.SenderID+" ("+i.SenderQualifier+") → "+i.ReceiverID+" ("+i.ReceiverQualifier+")  "+
		readableDate(i.Date)+" "+clock(i.Time)+"  "+usage)
	t.paint.write("\n")
}

func clock(text string) string {
	if len(text) >= 4 && digits(text) {
		return readableTime(text)
	}
	return text
}

func (t *Tree) group(g edi.Group) {
	if t.Set != 0 || t.Depth < Groups {
		return
	}
	t.indent(1)
	t.paint.text(heading, "Group "+g.ControlNumber)
	t.paint.text(plain, "  "+g.FunctionalID+"  "+g.Sender+" → "+g.Receiver+"  "+readableDate(g.Date)+" "+clock(g.Time)+"  "+g.Version)
	t.paint.write("\n")
}

// indent begins a line of a level.
func (t *Tree) indent(level int) {
	t.paint.text(faint, strings.Repeat("│ ", level))
}
