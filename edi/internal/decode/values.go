package decode

import (
	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/parts"
)

func (a *Arena) problem(s edi.Segment, element, component int) {
	a.problems = append(a.problems, parts.Problem{Pos: s.Pos(), Segment: s.Tag(), Element: element, Component: component})
}

// Decimal reads element n. Nothing sent is 0; what can't be read is 0 and a problem.
func (a *Arena) Decimal(s edi.Segment, n int) edi.Decimal { return a.Number(s, n).Value }

// Number reads element n.
func (a *Arena) Number(s edi.Segment, n int) parts.Number {
	t := s.Text(n)
	if len(t) == 0 {
		return parts.Number{}
	}
	d, err := edi.ParseDecimal(t)
	if err != nil {
		a.problem(s, n, 0)
		return parts.Number{}
	}
	return parts.Number{Value: d, Sent: true}
}

// Day reads element n as CCYYMMDD.
func (a *Arena) Day(s edi.Segment, n int) edi.Date {
	t := s.Text(n)
	if len(t) == 0 {
		return edi.Date{}
	}
	d, err := edi.ParseDate(t)
	if err != nil {
		a.problem(s, n, 0)
	}
	return d
}

// period reads t as a date or a range of dates; its shape decides, since payers write D8 before a range and the reverse.
func (a *Arena) period(s edi.Segment, n, component int, t edi.Text) (from, to edi.Date) {
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
		a.problem(s, n, component)
	}
	return from, to
}

// Procedure reads a composite procedure id.
func Procedure(s edi.Segment, n int) parts.Procedure {
	c := s.Composite(n)
	if len(c.Raw()) == 0 {
		return parts.Procedure{}
	}
	p := parts.Procedure{Qualifier: c.Component(1), Code: c.Component(2)}
	if c.Len() < 3 {
		return p
	}
	i := 0
	for k := 3; k <= 6; k++ {
		if m := c.Component(k); len(m) > 0 {
			p.Modifiers[i] = m
			i++
		}
	}
	p.Description, p.EndCode = c.Component(7), c.Component(8)
	return p
}

// Texts appends the elements first to last that were sent.
func (a *Arena) Texts(list *[]edi.Text, s edi.Segment, first, last int) {
	for n := first; n <= last; n++ {
		if t := s.Text(n); len(t) > 0 {
			*a.texts.Append(list) = t
		}
	}
}

// Repetitions appends each repetition of element n, by its first component.
func (a *Arena) Repetitions(list *[]edi.Text, s edi.Segment, n int) {
	for c := range s.Repetitions(n) {
		if t := c.Component(1); len(t) > 0 {
			*a.texts.Append(list) = t
		}
	}
}

// Components appends the components of element n that were sent.
func (a *Arena) Components(list *[]edi.Text, s edi.Segment, n int) {
	c := s.Composite(n)
	for k := 1; k <= c.Len(); k++ {
		if t := c.Component(k); len(t) > 0 {
			*a.texts.Append(list) = t
		}
	}
}
