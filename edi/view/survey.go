package view

import (
	"errors"
	"io"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
)

// A Survey reads a file once, from end to end, and tells what it holds, each envelope when it closes. Its memory does not
// grow with the file. Callbacks that are nil are left out; what they are given is lent.
type Survey struct {
	Report      func(edi.Finding)    // findings of framing, envelopes and guides, in file order but for ties
	Segment     func(*guide.Scanner) // each segment, before the envelope that it closes
	Set         func(*Set)
	Group       func(*Group)
	Interchange func(*Interchange)
	Rules       func() *guide.PartnerRules // asked when a set begins: the compiled rules of its partner; nil: none
	MaxSegment  int                        // see edi.Reader

	scanner    *guide.Scanner
	validators map[*guide.Guide]*guide.Validator
	validator  *guide.Validator
	summary    Summarizer

	set         Set
	group       Group
	interchange Interchange
	inSet       bool
	inGroup     bool
	inside      bool
	found       map[setKey]tally // by the envelope checks, for sets that are not closed yet
	fileSets    int
	segments    int64
	end         int64 // behind the last segment
}

type setKey struct{ interchange, group, transaction int }

type tally struct{ errors, warnings, rejecting int }

// A Set is one transaction set of a surveyed file.
type Set struct {
	edi.Transaction
	Group       *Group
	FileOrdinal int          // in the file, from 1
	Start, End  int64        // bytes: from its ST, to behind its last segment
	Guide       *guide.Guide // the guide applied; nil: none known
	Alias       bool         // GS08 names the guide by another id
	Complete    bool         // its SE was there
	Verdict     guide.Verdict
	Errors      int // findings in it
	Warnings    int
	Unlisted    int // findings that were not reported: there were more than guide.DefaultMaxFindings
	Summary     Summary
	Hint        guide.Hint // what the guide was selected by
}

// A Group is one functional group of a surveyed file.
type Group struct {
	edi.Group
	Interchange *Interchange
	Start, End  int64
	Sets        int
	Complete    bool // its GE was there
}

// An Interchange is one interchange of a surveyed file.
type Interchange struct {
	edi.Interchange
	Start, End int64
	Groups     int
	Segments   int64
	TA1        []TA1 // at most maxTA1
	Complete   bool  // its IEA was there
}

// TA1 is an interchange acknowledgment in the file.
type TA1 struct {
	ControlNumber string `json:"control_number"` // TA101
	Date          string `json:"date"`           // TA102
	Time          string `json:"time"`           // TA103
	Code          string `json:"code"`           // TA104
	Note          string `json:"note"`           // TA105
	Offset        int64  `json:"-"`
}

const maxTA1 = 10_000

// Run surveys r. Bytes that can't be read as X12 are findings, and reading goes on at the next ISA; a file without any is
// edi.ErrNotX12. Other errors are the source's.
func (v *Survey) Run(r io.Reader) error {
	reader := edi.NewReader(r)
	reader.MaxSegment = v.MaxSegment
	reader.Report = v.envelopeFinding
	v.scanner = guide.NewScanner(reader)
	v.validators = make(map[*guide.Guide]*guide.Validator)
	v.found = make(map[setKey]tally)
	for {
		for v.scanner.Next() {
			v.next(v.scanner.Segment())
		}
		err := v.scanner.Err()
		var syntax *edi.SyntaxError
		if !errors.As(err, &syntax) || errors.Is(err, edi.ErrNotX12) {
			v.closeInterchange()
			return err
		}
		v.report(syntaxFinding(syntax))
	}
}

// Segments returns the number of segments of the whole file.
func (v *Survey) Segments() int64 { return v.segments }

func syntaxFinding(e *edi.SyntaxError) edi.Finding {
	return e.Finding()
}

func (v *Survey) report(f edi.Finding) {
	if v.Report != nil {
		v.Report(f)
	}
}

// envelopeFinding takes a finding of the Reader or Scanner, which may be one segment ahead of us.
func (v *Survey) envelopeFinding(f edi.Finding) {
	if f.Pos.Transaction != 0 {
		k := setKey{f.Pos.Interchange, f.Pos.Group, f.Pos.Transaction}
		v.found[k] = v.found[k].with(f)
	}
	v.report(f)
}

func (t tally) with(f edi.Finding) tally {
	switch f.Severity {
	case edi.Error:
		t.errors++
		if f.SNIP <= 2 {
			t.rejecting++
		}
	case edi.Warning:
		t.warnings++
	}
	return t
}

func (v *Survey) next(s edi.Segment) {
	p := s.Pos()
	if v.inSet && (p.Transaction != v.set.Ordinal || p.Group != v.set.Group.Ordinal || p.Interchange != v.interchange.Ordinal) {
		v.closeSet()
	}
	switch string(s.Text(0)) {
	case "ISA":
		v.closeInterchange()
		v.openInterchange(s)
	case "GS":
		v.closeGroup()
		v.openGroup(s)
	case "ST":
		v.openSet(s)
	case "TA1":
		if len(v.interchange.TA1) < maxTA1 {
			v.interchange.TA1 = append(v.interchange.TA1, TA1{s.Value(1), s.Value(2), s.Value(3), s.Value(4), s.Value(5), p.Offset})
		}
	}
	v.segments++
	v.interchange.Segments++
	v.end = s.End()
	if v.inSet {
		v.set.Segments++
		v.summary.Segment(s)
		if v.validator != nil {
			v.validator.Segment(s, v.scanner.Step())
		}
	}
	if v.Segment != nil {
		v.Segment(v.scanner)
	}
	switch string(s.Text(0)) {
	case "SE":
		if v.inSet {
			v.set.Complete = true
			v.closeSet()
		}
	case "GE":
		v.group.Complete = v.inGroup
		v.closeGroup()
	case "IEA":
		v.interchange.Complete = true
		v.closeInterchange()
	}
}

func (v *Survey) openInterchange(s edi.Segment) {
	v.interchange = Interchange{Interchange: v.scanner.Interchange(), Start: s.Pos().Offset}
	v.inside = true
}

func (v *Survey) openGroup(s edi.Segment) {
	v.group = Group{Group: v.scanner.Group(), Interchange: &v.interchange, Start: s.Pos().Offset}
	v.interchange.Groups++
	v.inGroup = true
}

func (v *Survey) openSet(s edi.Segment) {
	if !v.inGroup { // an ST without GS stands in a group without a header
		v.group = Group{Interchange: &v.interchange, Start: s.Pos().Offset}
	}
	v.fileSets++
	v.group.Sets++
	v.set = Set{
		Transaction: v.scanner.Transaction(), Group: &v.group, FileOrdinal: v.fileSets, Start: s.Pos().Offset,
		Guide: v.scanner.Guide(), Alias: v.scanner.Alias(),
	}
	v.set.Transaction.Segments = 0
	v.inSet = true
	v.summary.Begin(v.set.Set)
	v.validator = v.validatorOf(v.set.Guide)
	if v.validator != nil {
		if v.Rules != nil {
			v.validator.Partner = v.Rules()
		}
		v.validator.Begin(edi.NewControl(v.interchange.ControlNumber, v.group.ControlNumber, v.set.ControlNumber))
	}
}

func (v *Survey) validatorOf(g *guide.Guide) *guide.Validator {
	if g == nil {
		return nil
	}
	validator := v.validators[g]
	if validator == nil {
		validator = guide.NewValidator(g, func(f edi.Finding) {
			switch f.Severity {
			case edi.Error:
				v.set.Errors++
			case edi.Warning:
				v.set.Warnings++
			}
			v.report(f)
		})
		v.validators[g] = validator
	}
	return validator
}

func (v *Survey) closeSet() {
	if !v.inSet {
		return
	}
	v.inSet = false
	v.set.End = v.end
	v.set.Summary = v.summary.Summary()
	v.set.Verdict = guide.Unchecked
	if v.validator != nil {
		v.set.Verdict = v.validator.End()
		v.set.Unlisted = v.validator.Truncated()
	}
	key := setKey{v.interchange.Ordinal, v.group.Ordinal, v.set.Ordinal}
	envelope := v.found[key]
	delete(v.found, key)
	v.set.Errors += envelope.errors
	v.set.Warnings += envelope.warnings
	if envelope.rejecting > 0 && v.validator != nil {
		v.set.Verdict = guide.Rejected
	}
	if v.Set != nil {
		v.Set(&v.set)
	}
}

func (v *Survey) closeGroup() {
	v.closeSet()
	if !v.inGroup {
		return
	}
	v.inGroup = false
	v.group.End = v.end
	if v.Group != nil {
		v.Group(&v.group)
	}
}

func (v *Survey) closeInterchange() {
	v.closeGroup()
	if !v.inside {
		return
	}
	v.inside = false
	v.interchange.End = v.end
	clear(v.found)
	if v.Interchange != nil {
		v.Interchange(&v.interchange)
	}
}
