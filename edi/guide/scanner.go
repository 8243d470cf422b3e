package guide

import (
	"errors"
	"io"

	"github.com/ediport/ediport/edi"
)

// A Scanner reads the segments of a file together with their places in the guides of their transaction sets. It is not
// safe for several goroutines.
//
//	sc := guide.NewScanner(edi.NewReader(file))
//	for sc.Next() {
//		fmt.Println(sc.Segment().Pos(), sc.Step().Loop.Path(), sc.Segment().Tag())
//	}
//	return sc.Err()
type Scanner struct {
	reader  *edi.Reader
	walkers map[*Guide]*Walker

	walker  *Walker // of the open transaction set; nil outside of sets, and in sets without a known guide
	outside *Walker
	alias   bool

	segment edi.Segment
	step    Step
	err     error

	// What was read ahead: behind an ST, to find its guide, and behind a segment that is not expected, to find whether it is one.
	queue   [maxLook]edi.Segment // to be given next
	waiting int                  // so many
	copies  [maxLook + 1]edi.Record
	next    int     // of copies
	around  headers // of segment and those in the queue, but for what ends their set
	delayed error   // met behind them

	groupAt edi.Position // of the last GS
}

type headers struct {
	interchange edi.Interchange
	group       edi.Group
	transaction edi.Transaction
}

// NewScanner returns a Scanner that reads from r. Its findings about guides go to r.Report, with r's own.
func NewScanner(r *edi.Reader) *Scanner {
	return &Scanner{reader: r, walkers: make(map[*Guide]*Walker)}
}

// Next reads the next segment; false at the end of the file or on an error, see [Scanner.Err].
func (sc *Scanner) Next() bool {
	if sc.waiting > 0 || sc.delayed != nil || sc.err != nil {
		return sc.nextWaiting()
	}
	s, err := sc.reader.Next()
	sc.segment = s
	if err != nil {
		sc.err = err
		return false
	}
	if sc.walker != nil && s.Ordinal() > 1 { // nearly all
		sc.walker.step(&sc.segment, &sc.step)
		return true
	}
	sc.place()
	return true
}

// nextWaiting is Next where something was read ahead, or an error was met.
func (sc *Scanner) nextWaiting() bool {
	if sc.waiting > 0 {
		sc.segment = sc.queue[0]
		sc.waiting = copy(sc.queue[:], sc.queue[1:sc.waiting])
		sc.place()
		return true
	}
	if sc.err = sc.delayed; sc.err != nil {
		sc.delayed = nil
		return false
	}
	return sc.Next()
}

func (sc *Scanner) place() {
	if sc.segment.Ordinal() == 1 { // the ST
		sc.begin()
		return
	}
	sc.take()
}

// Segment returns the segment read by Next, lent until the next call.
func (sc *Scanner) Segment() edi.Segment { return sc.segment }

// Reader returns the Reader that the Scanner reads from.
func (sc *Scanner) Reader() *edi.Reader { return sc.reader }

// Pos returns where the segment stands in its file.
func (sc *Scanner) Pos() edi.Position { return sc.segment.Pos() }

// Step returns the place of the segment. Outside of transaction sets it is a place of [Envelope]; in a set whose guide is
// not known it is empty.
func (sc *Scanner) Step() Step { return sc.step }

// Place is Step without a copy: the next call of Next overwrites it.
func (sc *Scanner) Place() *Step { return &sc.step }

// Guide returns the guide of the transaction set that the segment belongs to: nil outside of sets, and if none is known.
func (sc *Scanner) Guide() *Guide {
	if sc.walker == nil || !sc.segment.InSet() {
		return nil
	}
	return sc.walker.guide
}

// Alias tells whether the guide of the set was taken for another id in GS08; see [Select].
func (sc *Scanner) Alias() bool { return sc.alias }

// Interchange returns the header of the interchange that the segment belongs to.
func (sc *Scanner) Interchange() edi.Interchange {
	if sc.waiting > 0 || sc.delayed != nil {
		return sc.around.interchange
	}
	return sc.reader.Interchange()
}

// Group returns the header of the functional group that the segment belongs to.
func (sc *Scanner) Group() edi.Group {
	if sc.waiting > 0 || sc.delayed != nil {
		return sc.around.group
	}
	return sc.reader.Group()
}

// Transaction returns the header of the transaction set that the segment belongs to.
func (sc *Scanner) Transaction() edi.Transaction {
	if sc.waiting > 0 || sc.delayed != nil {
		return sc.around.transaction
	}
	return sc.reader.Transaction()
}

// Err returns why Next returned false; nil at the end of the file. After a [*edi.SyntaxError] Next may be called again, as with
// [edi.Reader.Next].
func (sc *Scanner) Err() error {
	if errors.Is(sc.err, io.EOF) {
		return nil
	}
	return sc.err
}

// take places the current segment.
func (sc *Scanner) take() {
	switch {
	case !sc.segment.InSet():
		sc.stepOutside()
	case sc.walker != nil:
		sc.walker.step(&sc.segment, &sc.step)
	default:
		sc.step = Step{}
	}
}

func (sc *Scanner) stepOutside() {
	sc.walker = nil
	if sc.outside == nil {
		sc.outside = NewWalker(Envelope())
	}
	switch {
	case sc.segment.Is("ISA"):
		sc.outside.Reset()
	case sc.segment.Is("GS"):
		sc.groupAt = sc.segment.Pos()
	}
	sc.outside.step(&sc.segment, &sc.step)
}

// begin reads further than the ST, because a BHT may be needed to tell the guide.
func (sc *Scanner) begin() {
	sc.walker = nil
	next := sc.look(1)
	tx := sc.Transaction()
	hint := Hint{GS08: sc.Group().Version, ST01: tx.Set, ST03: tx.Convention}
	if tx.Set == "278" && next != nil && !next.Is("BHT") { // its direction is told by the BHT alone, which something stands before
		next = sc.look(2)
	}
	if next != nil && next.Is("BHT") {
		hint.BHT01, hint.BHT02, hint.BHT06 = next.Value(1), next.Component(2, 1).String(), next.Value(6)
	}
	var g *Guide
	if g, sc.alias = Select(hint); g != nil {
		sc.walker = sc.walkerOf(g)
	} else if tx.Ordinal == 1 {
		sc.compareGuides(hint)
	}
	sc.take()
	if sc.alias {
		sc.reportAlias()
	}
}

// look returns the segment n behind the one in hand; nil if the set ends before.
func (sc *Scanner) look(n int) *edi.Segment {
	for sc.waiting < n {
		if sc.waiting > 0 && !sc.inSet(&sc.queue[sc.waiting-1]) || !sc.read() {
			return nil
		}
	}
	if s := &sc.queue[n-1]; sc.inSet(s) {
		return s
	}
	return nil
}

// inSet tells whether a segment is of the same set as the one in hand.
func (sc *Scanner) inSet(s *edi.Segment) bool {
	return s.InSet() && s.Ordinal() > sc.segment.Ordinal()
}

// read puts the next segment into the queue.
func (sc *Scanner) read() bool {
	if sc.delayed != nil {
		return false
	}
	last := &sc.segment
	if sc.waiting == 0 {
		sc.around = headers{sc.reader.Interchange(), sc.reader.Group(), sc.reader.Transaction()}
	} else {
		last = &sc.queue[sc.waiting-1]
	}
	c := &sc.copies[sc.next] // the Reader is about to take the last one back
	sc.next = (sc.next + 1) % len(sc.copies)
	c.Reset()
	*last = c.Append(*last)
	s, err := sc.reader.Next()
	if err != nil {
		sc.delayed = err
		return false
	}
	sc.queue[sc.waiting] = s
	sc.waiting++
	return true
}

func (sc *Scanner) walkerOf(g *Guide) *Walker {
	w := sc.walkers[g]
	if w == nil {
		w = NewWalker(g)
		w.look = sc.look
		sc.walkers[g] = w
	}
	w.Reset()
	return w
}

// compareGuides reports a group of an unknown guide whose first set names another one, that is known.
func (sc *Scanner) compareGuides(hint Hint) {
	if sc.reader.Report == nil || hint.ST03 == "" || len(hint.GS08) < 6 || sc.groupAt.Offset != sc.Group().Offset {
		return
	}
	hint.GS08 = ""
	if g, _ := Select(hint); g == nil || base(g.ID) != base(hint.ST03) {
		return
	}
	sc.reader.Report(edi.Finding{
		Pos: sc.groupAt, Control: edi.NewControl(sc.Interchange().ControlNumber, sc.Group().ControlNumber, ""), Segment: "GS", Element: 8,
		Severity: edi.Error, SNIP: 1, Code: edi.Code{Kind: "AK905", Value: "2"},
		Message: "GS08 is not the guide that the group's transaction sets name (ST03)",
	})
}

func (sc *Scanner) reportAlias() {
	if n := len(sc.Group().Version); sc.reader.Report == nil || n == 0 || n > 12 {
		return // the Reader reports a GS08 that is missing or too long
	}
	sc.reader.Report(edi.Finding{
		Pos: sc.segment.Pos(), Control: sc.control(), Segment: "ST", Severity: edi.Warning, SNIP: 2,
		Code:    edi.Code{Kind: "guide.alias"},
		Message: "GS08 and ST03 do not both name " + sc.walker.guide.ID + ", by which the set was checked",
	})
}

func (sc *Scanner) control() edi.Control {
	return edi.NewControl(sc.Interchange().ControlNumber, sc.Group().ControlNumber, sc.Transaction().ControlNumber)
}
