package view

import (
	"errors"
	"io"
	"strconv"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
)

// A File is what [Inspect] finds in a file; its JSON is the contract of `ediport inspect --json`.
type File struct {
	Path         string                 `json:"path"`
	Bytes        int64                  `json:"bytes"`
	Segments     int64                  `json:"segments"`
	Errors       []Finding              `json:"errors"` // of envelopes and framing; the last says how many more there were
	Interchanges []InspectedInterchange `json:"interchanges"`

	unlisted int // findings beyond maxErrors
	worst    edi.Severity
}

// An InspectedInterchange is one ISA…IEA.
type InspectedInterchange struct {
	ControlNumber string           `json:"control_number"`
	Sender        Identity         `json:"sender"`
	Receiver      Identity         `json:"receiver"`
	Version       string           `json:"version"`
	Usage         string           `json:"usage"`
	TA1           []TA1            `json:"ta1"`
	Groups        []InspectedGroup `json:"groups"`
}

// An Identity is a qualifier with the id that it explains.
type Identity struct {
	Qualifier string `json:"qualifier"`
	ID        string `json:"id"`
}

// An InspectedGroup is one GS…GE.
type InspectedGroup struct {
	FunctionalID  string         `json:"functional_id"`
	ControlNumber string         `json:"control_number"`
	Version       string         `json:"version"`
	Transactions  []InspectedSet `json:"transactions"`
}

// An InspectedSet is one ST…SE.
type InspectedSet struct {
	Set           string  `json:"set"`
	ControlNumber string  `json:"control_number"`
	Guide         string  `json:"guide"`
	Segments      int     `json:"segments"`
	Status        string  `json:"status"`
	Summary       Summary `json:"summary"`
}

// A Finding is an edi.Finding as JSON shows it.
type Finding struct {
	Interchange int          `json:"interchange"`
	Group       int          `json:"group"`
	Transaction int          `json:"transaction"`
	ISA13       string       `json:"isa13"`
	GS06        string       `json:"gs06"`
	ST02        string       `json:"st02"`
	Segment     string       `json:"segment"`
	Position    int          `json:"position"`
	Loop        string       `json:"loop"`
	Element     int          `json:"element"`
	Component   int          `json:"component"`
	Repetition  int          `json:"repetition"`
	Severity    edi.Severity `json:"severity"`
	SNIP        int          `json:"snip"`
	Code        edi.Code     `json:"code"`
	Message     string       `json:"message"`
	Offset      int64        `json:"offset"`
	Line        int          `json:"line"`
}

// NewFinding returns f as JSON shows it.
func NewFinding(f edi.Finding) Finding {
	return Finding{
		Interchange: f.Pos.Interchange, Group: f.Pos.Group, Transaction: f.Pos.Transaction,
		ISA13: f.Control.ISA13, GS06: f.Control.GS06, ST02: f.Control.ST02,
		Segment: f.Segment, Position: f.Pos.Segment, Loop: f.Loop, Element: f.Element, Component: f.Component, Repetition: f.Repetition,
		Severity: f.Severity, SNIP: f.SNIP, Code: f.Code, Message: f.Message, Offset: f.Pos.Offset, Line: f.Pos.Line,
	}
}

// Inspect reads a file and reports what it could read of it; bad envelopes are among the Errors. The error is the source's,
// or edi.ErrNotX12 if there is no interchange at all: the File is filled as far as it goes all the same.
func Inspect(path string, r io.Reader) (File, error) {
	f := File{Path: path, Errors: []Finding{}, Interchanges: []InspectedInterchange{}}
	counted := &countingReader{r: r}
	groups, sets := []InspectedGroup{}, []InspectedSet{}
	loose := false // sets stand in no group
	closeLoose := func() {
		if loose {
			groups, sets, loose = append(groups, InspectedGroup{Transactions: sets}), []InspectedSet{}, false
		}
	}
	survey := Survey{
		Segment: func(sc *guide.Scanner) {
			if sc.Segment().Is("GS") {
				closeLoose()
			}
		},
		Report: func(found edi.Finding) {
			if isEnvelope(found) {
				f.find(found)
			}
		},
		Set: func(s *Set) {
			sets = append(sets, inspectedSet(s))
			loose = s.Group.Ordinal == 0
		},
		Group: func(g *Group) {
			groups = append(groups, InspectedGroup{FunctionalID: g.FunctionalID, ControlNumber: g.ControlNumber, Version: g.Version, Transactions: sets})
			sets = []InspectedSet{}
		},
		Interchange: func(i *Interchange) {
			closeLoose()
			ta1 := append([]TA1{}, i.TA1...)
			f.Interchanges = append(f.Interchanges, InspectedInterchange{
				ControlNumber: i.ControlNumber, Version: i.Version, Usage: i.Usage, TA1: ta1, Groups: groups,
				Sender:   Identity{i.SenderQualifier, i.SenderID},
				Receiver: Identity{i.ReceiverQualifier, i.ReceiverID},
			})
			groups = []InspectedGroup{}
		},
	}
	err := survey.Run(counted)
	f.Bytes, f.Segments = counted.n, survey.Segments()
	if errors.Is(err, edi.ErrNotX12) {
		var syntax *edi.SyntaxError
		errors.As(err, &syntax)
		f.find(syntaxFinding(syntax))
	}
	if f.unlisted > 0 {
		f.Errors = append(f.Errors, NewFinding(edi.Finding{
			Severity: f.worst, SNIP: 1, Code: edi.Code{Kind: "envelope.more"},
			Message: strconv.Itoa(f.unlisted) + " more findings of this kind were left out",
		}))
	}
	return f, err
}

// maxErrors bounds the envelope findings that are listed of a file: the bytes that make one are fewer than the finding has.
const maxErrors = 10_000

func (f *File) find(found edi.Finding) {
	if len(f.Errors) < maxErrors {
		f.Errors = append(f.Errors, NewFinding(found))
		return
	}
	if f.unlisted++; f.unlisted == 1 || found.Severity < f.worst {
		f.worst = found.Severity
	}
}

// isEnvelope tells whether a finding is about framing and envelopes rather than about what a guide says.
func isEnvelope(f edi.Finding) bool {
	return f.SNIP == 1 && f.Code.Kind != "IK304" && f.Code.Kind != "IK403"
}

func inspectedSet(s *Set) InspectedSet {
	i := InspectedSet{
		Set: s.Set, ControlNumber: s.ControlNumber, Segments: s.Segments, Status: s.Verdict.String(), Summary: s.Summary,
	}
	if s.Guide != nil {
		i.Guide = s.Guide.ID
	}
	return i
}

type countingReader struct {
	r io.Reader
	n int64
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}
