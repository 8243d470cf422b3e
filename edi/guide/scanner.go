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

	st      edi.Record  // the ST while the guide is looked for
	ahead   bool        // segment is that ST: the reader is one segment further
	around  headers     // of that ST
	pending edi.Segment // what follows that ST
	waiting bool        // pending is to be given next
	delayed error       // met when reading behind that ST
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
	if sc.waiting {
		sc.waiting = false
		sc.segment = sc.pending
		sc.take()
		return true
	}
	if sc.err = sc.delayed; sc.err != nil {
		sc.delayed = nil
		return false
	}
	if sc.segment, sc.err = sc.reader.Next(); sc.err != nil {
		return false
	}
	if sc.segment.Pos().Segment == 1 { // the ST
		sc.begin()
		return true
	}
	sc.take()
	return true
}

// Segment returns the segment read by Next, lent until the next call.
func (sc *Scanner) Segment() edi.Segment { return sc.segment }

// Pos returns where the segment stands in its file.
func (sc *Scanner) Pos() edi.Position { return sc.segment.Pos() }

// Step returns the place of the segment. Outside of transaction sets it is a place of [Envelope]; in a set whose guide is
// not known it is empty.
func (sc *Scanner) Step() Step { return sc.step }

// Guide returns the guide of the transaction set that the segment belongs to: nil outside of sets, and if none is known.
func (sc *Scanner) Guide() *Guide {
	if sc.walker == nil || sc.segment.Pos().Transaction == 0 {
		return nil
	}
	return sc.walker.guide
}

// Alias tells whether the guide of the set was taken for another id in GS08; see [Select].
func (sc *Scanner) Alias() bool { return sc.alias }

// Interchange returns the header of the interchange that the segment belongs to.
func (sc *Scanner) Interchange() edi.Interchange {
	if sc.ahead {
		return sc.around.interchange
	}
	return sc.reader.Interchange()
}

// Group returns the header of the functional group that the segment belongs to.
func (sc *Scanner) Group() edi.Group {
	if sc.ahead {
		return sc.around.group
	}
	return sc.reader.Group()
}

// Transaction returns the header of the transaction set that the segment belongs to.
func (sc *Scanner) Transaction() edi.Transaction {
	if sc.ahead {
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
	sc.ahead = false
	switch {
	case sc.segment.Pos().Transaction == 0:
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
	if sc.segment.Is("ISA") {
		sc.outside.Reset()
	}
	sc.outside.step(&sc.segment, &sc.step)
}

// begin reads one segment further than the ST, because a BHT may be needed to tell the guide.
func (sc *Scanner) begin() {
	sc.around = headers{sc.reader.Interchange(), sc.reader.Group(), sc.reader.Transaction()}
	sc.st.Reset()
	sc.segment = sc.st.Append(sc.segment)
	hint := Hint{GS08: sc.around.group.Version, ST01: sc.around.transaction.Set, ST03: sc.around.transaction.Convention}
	next, err := sc.reader.Next()
	sc.delayed = err
	if sc.waiting = err == nil; sc.waiting {
		sc.pending = next
		if next.Is("BHT") {
			hint.BHT01, hint.BHT02 = next.Value(1), next.Value(2)
		}
	}
	sc.walker = nil
	var g *Guide
	if g, sc.alias = Select(hint); g != nil {
		sc.walker = sc.walkerOf(g)
	}
	sc.take()
	sc.ahead = true
	if sc.alias {
		sc.reportAlias()
	}
}

func (sc *Scanner) walkerOf(g *Guide) *Walker {
	w := sc.walkers[g]
	if w == nil {
		w = NewWalker(g)
		sc.walkers[g] = w
	}
	w.Reset()
	return w
}

func (sc *Scanner) reportAlias() {
	if sc.reader.Report == nil {
		return
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
