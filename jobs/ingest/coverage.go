package ingest

import (
	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/eligibility"
	"github.com/ediport/ediport/edi/parts"
)

// A coverage is what an answer says in short: a help for lists, not a judgement (EXCHANGE 8).
type coverage struct {
	status string
	stated *eligibility.Benefit // that states the coverage; nil: none does
}

// maxStatements bounds the statements on the plan that are compared with each other.
const maxStatements = 32

// coverageOf goes by the statements on the plan as a whole (EB03 30 or none), else by those on single services.
func coverageOf(a *eligibility.Answer) coverage {
	var active, inactive []*eligibility.Benefit
	var someActive, someInactive *eligibility.Benefit
	for i := range a.Benefits {
		b := &a.Benefits[i]
		is, not := isActive(b.Information), isInactive(b.Information)
		switch {
		case !is && !not:
		case is && someActive == nil:
			someActive = b
		case not && someInactive == nil:
			someInactive = b
		}
		switch {
		case !isPlan(b):
		case is && len(active) < maxStatements:
			active = append(active, b)
		case not && len(inactive) < maxStatements:
			inactive = append(inactive, b)
		}
	}
	if len(active) == 0 && len(inactive) == 0 {
		active, inactive = one(someActive), one(someInactive)
	}
	c := coverage{status: "not_stated"}
	switch {
	case len(active) > 0:
		c = coverage{"active", active[0]}
	case len(inactive) > 0:
		c = coverage{"inactive", inactive[0]}
	}
	switch {
	case someActive != nil && contradict(active, inactive):
		c.status = "contradictory"
	case len(a.Rejections) > 0 || len(a.Benefits) == 0:
		c.status = refused(a, c.status)
	}
	return c
}

func one(b *eligibility.Benefit) []*eligibility.Benefit {
	if b == nil {
		return nil
	}
	return []*eligibility.Benefit{b}
}

// isActive tells whether EB01 says that there is coverage.
func isActive(code edi.Text) bool { return len(code) == 1 && code[0] >= '1' && code[0] <= '5' }

// isInactive tells whether EB01 says that there is none.
func isInactive(code edi.Text) bool { return len(code) == 1 && code[0] >= '6' && code[0] <= '8' }

// isPlan tells whether a benefit speaks of the plan as a whole.
func isPlan(b *eligibility.Benefit) bool {
	for _, t := range b.ServiceTypes {
		if t.Is("30") {
			return true
		}
	}
	return len(b.ServiceTypes) == 0 && b.Procedure.Code == nil
}

// contradict tells whether one of each speak of the same plan: another plan, or another kind of insurance, may well have ended.
func contradict(active, inactive []*eligibility.Benefit) bool {
	for _, a := range active {
		for _, i := range inactive {
			if alike(a.Plan, i.Plan) && alike(a.InsuranceType, i.InsuranceType) && alike(a.CoverageLevel, i.CoverageLevel) {
				return true
			}
		}
	}
	return false
}

func alike(a, b edi.Text) bool { return len(a) == 0 || len(b) == 0 || a.Is(string(b)) }

// refused is the status of an answer with rejections, its own or, if it says nothing, those of the levels above.
func refused(a *eligibility.Answer, status string) string {
	if len(a.Benefits) > 0 {
		return "partly_refused"
	}
	for i := range a.Rejections {
		if r := a.Rejections[i].Reason; r.Is("67") || r.Is("75") || r.Is("77") {
			return "not_found"
		}
	}
	above := len(a.Header.Rejections) > 0 || a.Source != nil && len(a.Source.Rejections) > 0 || a.Receiver != nil && len(a.Receiver.Rejections) > 0
	named := a.HasDependents && len(a.Traces) == 0 // only named for the dependents that follow
	if len(a.Rejections) > 0 || above && !named {
		return "refused"
	}
	return status
}

// plan returns the first and last day of the plan: of the person, else of the benefit that states the coverage.
func (c *coverage) plan(a *eligibility.Answer) (begin, end edi.Date) {
	begin, end = planDates(a.Dates)
	if begin.IsZero() && end.IsZero() && c.stated != nil {
		return planDates(c.stated.Dates)
	}
	return begin, end
}

func planDates(dates []parts.Date) (begin, end edi.Date) {
	from, to := date(dates, "291", "307")
	if begin, _ = date(dates, "346"); begin.IsZero() {
		begin = from
	}
	if end, _ = date(dates, "347"); end.IsZero() {
		end = to
	}
	return begin, end
}
