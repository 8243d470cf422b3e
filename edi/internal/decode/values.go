package decode

import (
	"bytes"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/parts"
)

func (a *Arena) problem(s edi.Segment, element, component int) {
	a.problems = append(a.problems, parts.Problem{Pos: s.Pos(), Segment: s.Tag(), Element: element, Component: component})
}

// Decimal reads element n. Nothing sent is 0; what can't be read is 0 and a problem.
func (a *Arena) Decimal(s *Segment, n int) edi.Decimal { return a.Number(s, n).Value }

// Number reads element n.
func (a *Arena) Number(s *Segment, n int) (to parts.Number) {
	a.ReadNumber(&to, s, n)
	return to
}

// ReadNumber reads element n into to.
func (a *Arena) ReadNumber(to *parts.Number, s *Segment, n int) {
	t := s.Text(n)
	if len(t) == 0 {
		*to = parts.Number{}
		return
	}
	d, err := edi.ParseDecimal(t)
	if err != nil {
		a.problem(s.Segment, n, 0)
	}
	to.Value, to.Sent = d, err == nil
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
	case len(t) == len(a.lastRange.text):
		last := &a.lastRange
		if last.from.Month > 0 && string(t) == string(last.text[:]) { // ranges come again and again
			return last.from, last.to
		}
		if from, to, err = edi.ParseDateRange(t); err == nil {
			last.from, last.to = from, to
			copy(last.text[:], t)
		}
	default:
		from, err = edi.ParseDate(t)
	}
	if err != nil {
		a.problem(s.Segment, n, component)
	}
	return from, to
}

// Procedure returns a composite procedure id.
func Procedure(s *Segment, n int) (p parts.Procedure) {
	ReadProcedure(&p, s, n)
	return p
}

// ReadProcedure reads a composite procedure id into to, which is zero.
func ReadProcedure(to *parts.Procedure, s *Segment, n int) {
	c := s.Components(n)
	if len(c) == 0 {
		return
	}
	to.Qualifier, to.Code = c[0], Component(c, 2)
	if len(c) < 3 {
		return
	}
	i := 0
	for _, m := range c[2:min(6, len(c))] {
		if m != nil {
			to.Modifiers[i] = m
			i++
		}
	}
	to.Description, to.EndCode = Component(c, 7), Component(c, 8)
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
	t := s.Text(n)
	if len(t) == 0 {
		return
	}
	repetition, component, ok := s.Separators()
	if !ok || len(*list) > 0 {
		a.firsts(list, s, n)
		return
	}
	items, start, first := a.texts.items, 0, len(a.texts.items)
	for i, c := range t {
		switch c {
		case component:
			a.firsts(list, s, n)
			return
		case repetition:
			if one := trim(t[start:i:i]); len(one) > 0 {
				items = append(items, one)
			}
			start = i + 1
		}
	}
	if last := trim(t[start:]); len(last) > 0 {
		items = append(items, last)
	}
	if a.texts.items = items; len(items) > first {
		*list = items[first:len(items):len(items)]
	}
}

// firsts is Repetitions for any separators, and any list.
func (a *Arena) firsts(list *[]edi.Text, s *Segment, n int) {
	s.components = s.AppendFirsts(s.components[:0], n)
	for _, t := range s.components {
		*a.texts.Append(list) = t
	}
}

// trim returns t without blanks around it.
func trim(t edi.Text) edi.Text {
	if len(t) > 0 && t[0] > ' ' && t[len(t)-1] > ' ' { // nearly all
		return t
	}
	return edi.Text(bytes.Trim(t, " \n\r\t"))
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
