package tabular

import (
	"errors"
	"io"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/ack"
	"github.com/ediport/ediport/edi/authorization"
	"github.com/ediport/ediport/edi/claimstatus"
	"github.com/ediport/ediport/edi/eligibility"
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/edi/parts"
	"github.com/ediport/ediport/edi/remittance"
)

// Options say which rows are made.
type Options struct {
	Tables []*Table // those wanted; none: the table of the first set that has one
	All    bool     // rows of every set, each in its own table; Tables is not used
}

// A Report counts what Read met.
type Report struct {
	Rows    int64
	Table   *Table         // the last that has rows or could have; nil: none
	Left    map[string]int // sets by ST01 that are in no table asked for
	NoGuide int            // sets that a table would take, if their guide was known
	Faults  int            // errors in the envelopes: the file may break off, or lack something
	Strays  int            // segments that the guide has no place for, and levels (HL): what they say may be in no row
}

// Read makes rows of what r holds and gives them to w. A file without any row still gets the header of its table. Sets that are
// not wanted, and sets whose guide is not known, are counted in the Report. Bytes that can't be read as X12 are left out, and
// the first [*edi.SyntaxError] is returned after all rows have been written; other errors are those of r and w.
func Read(r io.Reader, o Options, w Writer) (Report, error) {
	m := &maker{options: o, w: w, begun: make(map[*Table]bool), report: Report{Left: make(map[string]int)}}
	m.sinks = map[string]sink{
		"835": remittance.NewDecoder((*remittanceRows)(m)),
		"271": eligibility.NewDecoder((*eligibilityRows)(m)),
		"277": claimstatus.NewDecoder((*statusRows)(m)),
		"278": authorization.NewDecoder((*authorizationRows)(m)),
		"999": ack.NewDecoder((*acknowledgmentRows)(m)),
	}
	m.sinks["270"], m.sinks["276"], m.sinks["997"] = m.sinks["271"], m.sinks["277"], m.sinks["999"]
	err := m.read(r)
	if err == nil || errors.As(err, new(*edi.SyntaxError)) {
		err = errors.Join(err, m.end())
	}
	return m.report, err
}

// A sink is a decoder.
type sink interface {
	Segment(edi.Segment, guide.Step) error
	End() error
	Reset()
}

// A maker makes rows of the open transaction set.
type maker struct {
	options Options
	w       Writer
	begun   map[*Table]bool
	report  Report
	sinks   map[string]sink
	open    sink // of the current set; nil: it is left out
	set     string
	tables  []*Table // that the current set fills
	control edi.Control
	cells   cells
}

func (m *maker) read(r io.Reader) error {
	reader := edi.NewReader(r)
	reader.Report = func(f edi.Finding) {
		if f.Severity == edi.Error {
			m.report.Faults++
		}
	}
	sc := guide.NewScanner(reader)
	var first error
	for {
		for sc.Next() {
			if err := m.segment(sc); err != nil {
				return err
			}
		}
		err := sc.Err()
		if closed := m.closeSet(); closed != nil {
			return closed
		}
		if err == nil {
			return first
		}
		if !errors.As(err, new(*edi.SyntaxError)) || errors.Is(err, edi.ErrNotX12) {
			return err
		}
		if first == nil {
			first = err
		}
	}
}

func (m *maker) segment(sc *guide.Scanner) error {
	s := sc.Segment()
	p := s.Pos()
	if p.Segment <= 1 {
		if err := m.closeSet(); err != nil {
			return err
		}
		switch {
		case p.Segment == 1:
			m.beginSet(sc)
		case s.Is("TA1"):
			return m.ta1(sc)
		}
	}
	if m.open == nil || p.Segment == 0 {
		return nil
	}
	step := sc.Step()
	if step.Def == nil && m.set != "997" {
		m.report.Strays++
	}
	return m.open.Segment(s, step)
}

// Stray counts a level that has no place.
func (m *maker) Stray(*parts.Stray) error {
	m.report.Strays++
	return nil
}

// beginSet decides which tables the set that begins fills.
func (m *maker) beginSet(sc *guide.Scanner) {
	m.set = sc.Transaction().Set
	m.control = edi.Control{ISA13: sc.Interchange().ControlNumber, GS06: sc.Group().ControlNumber, ST02: sc.Transaction().ControlNumber}
	m.choose(m.set)
	switch {
	case len(m.tables) == 0:
		m.report.Left[m.set]++
	case sc.Guide() == nil && m.set != "997":
		m.report.NoGuide++
	default:
		m.open = m.sinks[m.set]
	}
}

// choose sets the tables that sets of ST01 set fill.
func (m *maker) choose(set string) {
	m.tables = m.tables[:0]
	if m.options.All {
		if t := TableOf(set); t != nil {
			m.tables = append(m.tables, t)
		}
		return
	}
	if len(m.options.Tables) == 0 {
		if t := TableOf(set); t != nil {
			m.options.Tables = []*Table{t}
		}
	}
	for _, t := range m.options.Tables {
		for _, s := range t.Sets {
			if s == set {
				m.tables = append(m.tables, t)
			}
		}
	}
}

func (m *maker) closeSet() error {
	open := m.open
	m.open = nil
	if open == nil {
		return nil
	}
	err := open.End()
	open.Reset()
	return err
}

// wants tells whether the current set fills t.
func (m *maker) wants(t *Table) bool {
	for _, w := range m.tables {
		if w == t {
			return true
		}
	}
	return false
}

// add writes a row of t, if the current set fills t.
func add[R any](m *maker, t *Table, columns []column[R], at edi.Position, r *R) error {
	if !m.wants(t) {
		return nil
	}
	if err := m.begin(t); err != nil {
		return err
	}
	c := &m.cells
	c.reset(t)
	for _, control := range []string{m.control.ISA13, m.control.GS06, m.control.ST02} {
		c.str(control)
		c.next()
	}
	c.count(at.Segment)
	c.next()
	fill(c, columns, r)
	m.report.Rows++
	return m.w.Row(&c.row)
}

func (m *maker) begin(t *Table) error {
	m.report.Table = t
	if m.begun[t] {
		return nil
	}
	m.begun[t] = true
	return m.w.Begin(t)
}

// end gives a table without rows its header, and ends the output.
func (m *maker) end() error {
	for _, t := range m.options.Tables {
		if !m.options.All {
			if err := m.begin(t); err != nil {
				return err
			}
		}
	}
	return m.w.End()
}
