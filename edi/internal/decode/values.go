package decode

import (
	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/parts"
)

func (a *Arena) problem(s *edi.Segment, element, component int) {
	a.problems = append(a.problems, parts.Problem{Pos: s.Pos(), Segment: s.Tag(), Element: element, Component: component})
}

// Decimal reads element n. Nothing sent is 0; what can't be read is 0 and a problem.
func (a *Arena) Decimal(s *Segment, n int) edi.Decimal { return a.Number(s, n).Value }

// Number reads element n.
func (a *Arena) Number(s *Segment, n int) parts.Number {
	t := s.Text(n)
	if len(t) == 0 {
		return parts.Number{}
	}
	d, err := edi.ParseDecimal(t)
	if err != nil {
		a.problem(s.Segment, n, 0)
		return parts.Number{}
	}
	return parts.Number{Value: d, Sent: true}
}

// Day reads element n as CCYYMMDD.
func (a *Arena) Day(s *Segment, n int) edi.Date {
	t := s.Text(n)
	if len(t) == 0 {
		return edi.Date{}
	}
	d, err := edi.ParseDate(t)
	if err != nil {
		a.problem(s.Segment, n, 0)
	}
	return d
}

// period reads t as a date or a range of dates; its shape decides, since payers write D8 before a range and the reverse.
func (a *Arena) period(s *Segment, n, component int, t edi.Text) (from, to edi.Date) {
	var err error
	switch {
	case len(t) == 0:
		return from, to
	case len(t) == len("CCYYMMDD-CCYYMMDD"):
		from, to, err = edi.ParseDateRange(t)
	default:
		from, err = edi.ParseDate(t)
	}
	if err != nil {
		a.problem(s.Segment, n, component)
	}
	return from, to
}

// Procedure reads a composite procedure id.
func Procedure(s *Segment, n int) parts.Procedure {
	c := s.Components(n)
	if len(c) == 0 {
		return parts.Procedure{}
	}
	p := parts.Procedure{Qualifier: c[0], Code: Component(c, 2), Description: Component(c, 7), EndCode: Component(c, 8)}
	i := 0
	for k := 3; k <= min(6, len(c)); k++ {
		if m := c[k-1]; m != nil {
			p.Modifiers[i] = m
			i++
		}
	}
	return p
}

// Texts appends the elements first to last that were sent.
func (a *Arena) Texts(list *[]edi.Text, s *Segment, first, last int) {
	for n := first; n <= last; n++ {
		if t := s.Text(n); len(t) > 0 {
			*a.texts.Append(list) = t
		}
	}
}

// Repetitions appends each repetition of element n, by its first component.
func (a *Arena) Repetitions(list *[]edi.Text, s *Segment, n int) {
	for c := range s.Repetitions(n) {
		a.AppendText(list, Component(c, 1))
	}
}

// Components appends the components of element n that were sent.
func (a *Arena) Components(list *[]edi.Text, s *Segment, n int) {
	for _, t := range s.Components(n) {
		a.AppendText(list, t)
	}
}

// AppendText appends t, if it is not empty.
func (a *Arena) AppendText(list *[]edi.Text, t edi.Text) {
	if len(t) > 0 {
		*a.texts.Append(list) = t
	}
}

// Period reads elements n and n+1 as format and period.
func (a *Arena) Period(s *Segment, n int) parts.Date {
	d := parts.Date{Qualifier: s.Text(n), Sent: s.Text(n + 1), Pos: s.Pos()}
	if d.Sent == nil {
		return parts.Date{}
	}
	d.From, d.To = a.period(s, n+1, 0, d.Sent)
	return d
}
