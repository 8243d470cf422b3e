package ack

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
)

// ErrTooManySets says that a group has more transaction sets than an AK9 can count.
var ErrTooManySets = errors.New("a group of more than 999999 transaction sets can't be acknowledged")

const maxSets = 999_999

// Options say what an Acknowledger writes.
type Options struct {
	To999  io.Writer // receives the interchanges with 999s; nil: none are wanted
	ToTA1  io.Writer // receives the interchanges with TA1s; nil: none are wanted
	Policy Policy    // its zero value accepts everything; see DefaultPolicy
	Time   time.Time // date and time of the envelopes; zero is now

	// ControlNumber is the first number of interchanges (ISA13) and of groups (GS06), which then count up; 0 is 1. TA1s and 999s
	// share the sequence, so that none is used twice between two partners.
	ControlNumber int
	// NextInterchange and NextGroup, if set, give the numbers instead.
	NextInterchange, NextGroup func() (int, error)

	LineBreak  string // behind each segment: "" or "\n"
	MaxSegment int    // see edi.Reader; for Run and Acknowledge
}

// An Acknowledger checks the files that it is shown and answers them: for each interchange one with a 999 per functional group, and one
// with a TA1 if the envelope is at fault or ISA14 asks for it, as its [Policy] says.
//
// Functional groups of acknowledgments (FA), and interchanges that hold nothing but TA1s, are not answered; nothing in an
// interchange that a TA1 rejects is. It drives a [guide.Checker]: what is said of a guide.Checker's calls holds for its own.
//
//	a := ack.NewAcknowledger(ack.Options{To999: out, Policy: ack.DefaultPolicy()})
//	r := edi.NewReader(file)
//	r.Report = a.Finding
//	sc := guide.NewScanner(r)
//	for sc.Next() {
//		a.Segment(sc)
//	}
//	err := a.End()
//
// The answer to an interchange is written when that ends; until then it is in memory. An Acknowledger is not safe for several goroutines.
type Acknowledger struct {
	// Report, if set, receives the findings, as from a guide.Checker.
	Report func(edi.Finding)
	// Set, if set, is told of each transaction set when it ends.
	Set func(SetAnswer)
	// Rejected, if set, is told of each group and each interchange that is rejected as a whole, behind its sets.
	Rejected func(Rejection)
	// Checker is what checks the sets. Its fields may be set before the first segment, but for Set, which is the Acknowledger's.
	Checker *guide.Checker

	opt    Options
	next   [2]int // control numbers: interchange, group
	counts Counts
	err    error

	memory memory
	units  units
	found  []edi.Finding // about the set in hand
	st     edi.Transaction
	last   edi.Segment // in hand, while inSegment
	lastAt guide.Step

	inSegment bool

	outside notes // what TA1 and AK9 tell
	inside  *interchange
	group   *group
}

// A SetAnswer says how a transaction set was answered.
type SetAnswer struct {
	guide.Result
	Group   edi.Group
	Code    string // IK501: A, E or R; "" if the set is in no group that is answered. See Acknowledger.Rejected
	LeftOut int    // errors that the 999 does not tell: there were more than Policy.MaxErrors, or findings were truncated
}

// A Rejection says that a group, or all of an interchange, is rejected whatever was said of its sets: the 999 then names no set that it
// would have accepted, or none is written.
type Rejection struct {
	Interchange edi.Interchange
	Group       edi.Group // its zero value: the interchange
	Code        edi.Code  // AK905 of the group, TA105 of the interchange
}

// Counts says what an Acknowledger wrote, and what it left out.
type Counts struct {
	TA1s         int // TA1 segments written, each in an interchange of its own
	Interchanges int // interchanges with 999s
	Groups       int // 999s: groups that were answered
	Sets         int // transaction sets in them
	Rejected     int // of those
	LeftOut      int // errors that the 999s don't tell
	Unnamed      int // groups whose header does not say enough to answer it with a 999
}

// NewAcknowledger returns an Acknowledger.
func NewAcknowledger(opt Options) *Acknowledger {
	if opt.Time.IsZero() {
		opt.Time = time.Now()
	}
	first := max(opt.ControlNumber, 1)
	a := &Acknowledger{opt: opt, next: [2]int{first, first}}
	a.memory.values = opt.Policy.Values == FullValues
	a.Checker = guide.NewChecker(a.finding)
	a.Checker.Set = a.setEnded
	return a
}

// Acknowledge reads a file to its end and answers it; see [Acknowledger.Run].
func Acknowledge(r io.Reader, opt Options) (Counts, error) {
	a := NewAcknowledger(opt)
	err := a.Run(r)
	return a.Counts(), err
}

// Run answers all of a file. Bytes that can't be read as X12 are reported as findings, and reading goes on at the next ISA. An
// interchange that breaks off is rejected by a TA1, one without a readable ISA can't be answered. It returns edi.ErrNotX12
// for a file without any X12, and the errors of the file and of the writers.
func (a *Acknowledger) Run(file io.Reader) error {
	r := edi.NewReader(file)
	r.MaxSegment = a.opt.MaxSegment
	r.Report = a.Finding
	sc := guide.NewScanner(r)
	for {
		for sc.Next() {
			a.Segment(sc)
		}
		err := sc.Err()
		var syntax *edi.SyntaxError
		switch {
		case err == nil || errors.Is(err, edi.ErrNotX12):
			return errors.Join(err, a.End())
		case !errors.As(err, &syntax):
			a.inside, a.group = nil, nil // what is wrong is not the partner's file
			return errors.Join(err, a.End())
		}
		if a.Report != nil {
			a.Report(unreadable(syntax))
		}
	}
}

// unreadable is the finding about bytes that are not X12. It is reported, but answers nothing: what it breaks off lacks its IEA, and
// that is what the TA1 says.
func unreadable(e *edi.SyntaxError) edi.Finding {
	return e.Finding()
}

// Counts returns what was written so far.
func (a *Acknowledger) Counts() Counts { return a.counts }

// Finding takes a finding of the Reader: it is to be the Reader's Report.
func (a *Acknowledger) Finding(f edi.Finding) { a.Checker.Report(f) }

// finding takes a finding from the Checker.
func (a *Acknowledger) finding(f edi.Finding) {
	if f.Pos.Transaction != 0 {
		a.found = append(a.found, f)
	} else if f.Pos.Interchange != 0 {
		a.outside.add(f.Pos, a.opt.Policy.telling(&f))
	}
	if a.Report != nil {
		a.Report(f)
	}
}

// Segment checks the segment that the Scanner holds.
func (a *Acknowledger) Segment(sc *guide.Scanner) {
	a.last, a.lastAt = sc.Segment(), sc.Step()
	s := &a.last
	a.inSegment = true
	a.Checker.Segment(sc) // ends the set, perhaps, or the one before
	a.inSegment = false
	switch p := s.Pos(); {
	case a.opt.To999 == nil && p.Segment > 0: // what follows is for 999s
	case p.Segment == 1:
		a.st = sc.Transaction()
		a.units.begin(a.st.Set)
		a.memory.segment(s, &a.lastAt, a.Checker.Pending())
	case p.Segment > 1:
		a.units.segment(s)
		a.memory.segment(s, &a.lastAt, a.Checker.Pending())
	default:
		a.envelope(sc, s)
	}
}

// envelope follows the interchanges and groups.
func (a *Acknowledger) envelope(sc *guide.Scanner, s *edi.Segment) {
	switch tag := s.Text(0); {
	case tag.Is("ISA"):
		a.closeInterchange()
		a.inside = &interchange{header: sc.Interchange()}
	case a.inside == nil:
	case tag.Is("GS"):
		a.closeGroup()
		a.inside.groups++
		a.openGroup(sc.Group())
	case tag.Is("GE") && a.group != nil:
		a.group.included = string(s.Text(1))
		a.closeGroup()
	case tag.Is("TA1"):
		a.inside.acknowledged = true
	case tag.Is("IEA"):
		a.closeInterchange()
	}
}

// End ends what is open when the file ends; it is not to be called when reading failed, or what was read would be answered as all there
// is. It returns the first error in writing. The Acknowledger may then be used for another
// file, and goes on counting.
func (a *Acknowledger) End() error {
	a.Checker.End()
	a.closeInterchange()
	a.outside, a.found = nil, a.found[:0]
	return a.err
}

func (a *Acknowledger) fail(err error) {
	if a.err == nil && err != nil {
		a.err = err
	}
}

// number returns the next control number: which is 0 for interchanges, 1 for groups.
func (a *Acknowledger) number(which int) int {
	if from := [2]func() (int, error){a.opt.NextInterchange, a.opt.NextGroup}[which]; from != nil {
		n, err := from()
		if err != nil {
			a.fail(fmt.Errorf("ack: the next control number: %w", err))
		}
		return n
	}
	n := a.next[which]
	if a.next[which]++; n == maxNumber {
		a.next[which] = 1
	}
	return n
}
