package guide

import "github.com/ediport/ediport/edi"

// A Checker validates the transaction sets of a file, each by its guide. It follows a [Scanner]:
//
//	r := edi.NewReader(file)
//	c := guide.NewChecker(func(f edi.Finding) { … })
//	r.Report = c.Report
//	sc := guide.NewScanner(r)
//	for sc.Next() {
//		c.Segment(sc)
//	}
//	c.End()
//
// Findings about a set are reported when it ends, in file order; those about envelopes as they are found. A Checker is not safe
// for several goroutines.
type Checker struct {
	// Set, if set, is called at the end of each transaction set, also of those without a known guide.
	Set func(Result)
	// MaxFindings limits the findings per set; 0 is DefaultMaxFindings.
	MaxFindings int
	// Levels are the SNIP types that are checked; the zero value is all.
	Levels Levels
	// Partner are rules of a trading partner, compiled; nil for none.
	Partner *PartnerRules

	report     func(edi.Finding)
	validators map[*Guide]*Validator
	open       bool
	current    *Validator // nil: the guide of the open set is not known
	result     Result
	early      []edi.Finding // about the set that begins next
	behind     []edi.Finding // about what stands behind the open set, which breaks off
	slow       bool          // for tests: check every value the long way
	warm       int           // for tests: as if so many segments had been checked, see memory
}

// A Result says how a transaction set was judged.
type Result struct {
	Pos       edi.Position // of the ST
	Control   edi.Control
	Set       string  // ST01
	Guide     *Guide  // nil if none is known
	Verdict   Verdict // all errors counted, also those of the envelope about this set
	Findings  int     // reported
	Truncated int     // left out
}

// NewChecker returns a Checker that passes findings on to report.
func NewChecker(report func(edi.Finding)) *Checker {
	return &Checker{report: report, validators: make(map[*Guide]*Validator)}
}

// Report takes a finding of the Reader: it is to be the Reader's Report.
func (c *Checker) Report(f edi.Finding) {
	switch {
	case !c.Levels.Has(f.SNIP):
	case f.Pos.Transaction == 0 && c.open:
		c.behind = append(c.behind, f)
	case f.Pos.Transaction == 0:
		c.report(f)
	case c.open && sameSet(f.Pos, c.result.Pos):
		c.add(f)
	default:
		c.early = append(c.early, f) // the Scanner reads ahead of an ST
	}
}

func sameSet(a, b edi.Position) bool {
	return a.Transaction == b.Transaction && a.Group == b.Group && a.Interchange == b.Interchange
}

func (c *Checker) add(f edi.Finding) {
	if c.current != nil {
		c.current.Add(f)
		return
	}
	c.result.Findings++
	c.report(f)
}

// Segment checks the segment that the Scanner holds.
func (c *Checker) Segment(sc *Scanner) {
	s := &sc.segment
	// ST is 1 in its set; segments outside of sets are 0.
	if n := s.Ordinal(); n <= 1 {
		if c.open {
			c.endSet()
		}
		if n == 0 {
			return
		}
		c.beginSet(sc)
	}
	if !c.open || !s.Terminated() { // what the file's end tears is not judged
		return
	}
	if c.current != nil {
		c.current.check(s, &sc.step)
		if c.current.ended {
			c.endSet()
		}
	} else if s.Is("SE") {
		c.endSet()
	}
}

func (c *Checker) beginSet(sc *Scanner) {
	c.open = true
	c.result = Result{Pos: sc.Segment().Pos(), Control: sc.control(), Set: sc.Transaction().Set, Guide: sc.Guide()}
	c.current = nil
	if g := sc.Guide(); g != nil {
		if c.current = c.validators[g]; c.current == nil {
			c.current = NewValidator(g, func(f edi.Finding) {
				c.result.Findings++
				c.report(f)
			})
			c.validators[g] = c.current
		}
		c.current.MaxFindings, c.current.Levels, c.current.Partner = c.MaxFindings, c.Levels, c.Partner
		c.current.scan.slow = c.slow
		if c.warm != 0 {
			sc.walker.memory.seen = c.warm
		}
		c.current.Begin(c.result.Control)
	}
	early := c.early
	c.early = c.early[:0]
	for _, f := range early {
		if sameSet(f.Pos, c.result.Pos) {
			c.add(f)
		} else {
			c.report(f)
		}
	}
}

func (c *Checker) endSet() {
	c.open = false
	if c.current != nil {
		c.result.Verdict = c.current.End()
		c.result.Truncated = c.current.Truncated()
	}
	if c.Set != nil {
		c.Set(c.result)
	}
	behind := c.behind
	c.behind = c.behind[:0]
	for _, f := range behind {
		c.report(f)
	}
}

// End ends the set that is open when the file ends, if any.
func (c *Checker) End() {
	if c.open {
		c.endSet()
	}
	for _, f := range c.early {
		c.report(f)
	}
	c.early = nil
}
