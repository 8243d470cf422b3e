package decode

import (
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/edi/parts"
)

// NM1 returns a name.
func NM1(s *Segment) (n parts.Name) {
	ReadNM1(&n, s)
	return n
}

// ReadNM1 reads a name.
func ReadNM1(to *parts.Name, s *Segment) {
	to.Entity = s.Text(1)
	to.Type = s.Text(2)
	to.Last = s.Text(3)
	to.First = s.Text(4)
	to.Middle = s.Text(5)
	to.Prefix = s.Text(6)
	to.Suffix = s.Text(7)
	to.Qualifier = s.Text(8)
	to.ID = s.Text(9)
	to.Relation = s.Text(10)
	s.PutPos(&to.Pos)
}

// N1 reads a name.
func N1(s *Segment) parts.Name {
	return parts.Name{Entity: s.Text(1), Last: s.Text(2), Qualifier: s.Text(3), ID: s.Text(4), Pos: s.Pos()}
}

// N3 reads the lines of an address.
func N3(to *parts.Address, s *Segment) {
	to.Line1 = s.Text(1)
	to.Line2 = s.Text(2)
}

// N4 reads the place of an address.
func N4(to *parts.Address, s *Segment) {
	to.City = s.Text(1)
	to.State = s.Text(2)
	to.Zip = s.Text(3)
	to.Country = s.Text(4)
	to.LocationQualifier = s.Text(5)
	to.Location = s.Text(6)
	to.Subdivision = s.Text(7)
}

// PRV reads provider information.
func PRV(s *Segment) parts.Provider {
	return parts.Provider{Code: s.Text(1), Qualifier: s.Text(2), ID: s.Text(3)}
}

// PER appends a contact.
func (a *Arena) PER(list *[]parts.Contact, s *Segment) {
	c := a.contacts.Append(list)
	c.Function = s.Text(1)
	c.Name = s.Text(2)
	s.PutPos(&c.Pos)
	i := 0
	for n := 3; n <= 7; n += 2 {
		if number := s.Text(n + 1); number != nil {
			c.Numbers[i].Qualifier = s.Text(n)
			c.Numbers[i].Number = number
			i++
		}
	}
}

// REF appends a reference.
func (a *Arena) REF(list *[]parts.Reference, s *Segment) {
	r := a.references.Append(list)
	r.Qualifier = s.Text(1)
	r.ID = s.Text(2)
	r.Description = s.Text(3)
	s.PutPos(&r.Pos)
	if s.Len() > 3 {
		for _, t := range s.Components(4) {
			*a.texts.Append(&r.Further) = t
		}
	}
}

// DTP appends a date of a DTP.
func (a *Arena) DTP(list *[]parts.Date, s *Segment) {
	d := a.dates.Next(list)
	d.Qualifier = s.Text(1)
	d.Format = s.Text(2)
	d.Sent = s.Text(3)
	s.PutPos(&d.Pos)
	d.From, d.To = a.period(s, 3, 0, d.Sent)
}

// DTM appends a date of a DTM.
func (a *Arena) DTM(list *[]parts.Date, s *Segment) {
	d := a.dates.Next(list)
	d.Qualifier = s.Text(1)
	d.Format = nil
	d.Sent = s.Text(2)
	s.PutPos(&d.Pos)
	d.From, d.To = a.period(s, 2, 0, d.Sent)
}

// TRN appends a trace.
func (a *Arena) TRN(list *[]parts.Trace, s *Segment) { readTRN(a.traces.Next(list), s) }

// Trace reads TRN.
func Trace(s *Segment) (t parts.Trace) {
	readTRN(&t, s)
	return t
}

func readTRN(to *parts.Trace, s *Segment) {
	to.Type = s.Text(1)
	to.Number = s.Text(2)
	to.Originator = s.Text(3)
	to.Supplemental = s.Text(4)
	s.PutPos(&to.Pos)
}

// AMT appends an amount.
func (a *Arena) AMT(list *[]parts.Amount, s *Segment) {
	to := a.amounts.Next(list)
	to.Qualifier = s.Text(1)
	to.Value = a.Decimal(s, 2)
	s.PutPos(&to.Pos)
}

// QTY appends a quantity.
func (a *Arena) QTY(list *[]parts.Quantity, s *Segment) {
	to := a.quantities.Next(list)
	to.Qualifier = s.Text(1)
	to.Value = a.Decimal(s, 2)
	s.PutPos(&to.Pos)
}

// AAA appends a rejection.
func (a *Arena) AAA(list *[]parts.Rejection, s *Segment, loop *guide.Loop) {
	r := a.rejections.Append(list)
	r.Valid = s.Text(1)
	r.Reason = s.Text(3)
	r.FollowUp = s.Text(4)
	s.PutPos(&r.Pos)
	if loop != nil {
		r.Loop = loop.ID
	}
}

// HSD appends a delivery.
func (a *Arena) HSD(list *[]parts.Delivery, s *Segment) {
	d := a.deliveries.Next(list)
	d.QuantityQualifier = s.Text(1)
	d.Quantity = a.Number(s, 2)
	d.Unit = s.Text(3)
	d.Frequency = a.Number(s, 4)
	d.PeriodQualifier = s.Text(5)
	d.Periods = a.Number(s, 6)
	d.Pattern = s.Text(7)
	d.PatternTime = s.Text(8)
	s.PutPos(&d.Pos)
}

// HI appends the codes of an HI.
func (a *Arena) HI(list *[]parts.HealthCode, s *Segment) {
	for n := 1; n <= s.Len(); n++ {
		for c := range s.Repetitions(n) {
			if len(c) == 0 {
				continue
			}
			h := a.codes.Append(list)
			h.Qualifier = c[0]
			h.Code = Component(c, 2)
			s.PutPos(&h.Pos)
			if d := Component(c, 4); d != nil {
				h.Date.Qualifier, h.Date.Sent = c[2], d
				h.Date.From, h.Date.To = a.period(s, n, 4, d)
			}
		}
	}
}

// MSG appends a note.
func (a *Arena) MSG(list *[]parts.Note, s *Segment) {
	n := a.notes.Next(list)
	n.Text = s.Text(1)
	s.PutPos(&n.Pos)
}

// DMG reads demographics.
func (a *Arena) DMG(to *parts.Demographics, s *Segment) {
	to.BirthDate, to.Gender = a.Day(s, 2), s.Text(3)
}

// INS reads a relationship.
func INS(s *Segment) parts.Relationship {
	return parts.Relationship{
		Insured: s.Text(1), Code: s.Text(2), MaintenanceType: s.Text(3), MaintenanceReason: s.Text(4), Employment: s.Text(8),
		BirthSequence: s.Text(17),
	}
}

// MPI reads military service.
func (a *Arena) MPI(to *parts.Military, s *Segment) {
	to.Status, to.Employment, to.Affiliation, to.Description, to.Rank = s.Text(1), s.Text(2), s.Text(3), s.Text(4), s.Text(5)
	to.Period.Qualifier, to.Period.Sent = s.Text(6), s.Text(7)
	to.Period.From, to.Period.To = a.period(s, 7, 0, to.Period.Sent)
}

// Party reads a segment of a party's loop and tells whether it is one of those that a party has.
func (a *Arena) Party(to *parts.Party, s *Segment, tag Tag) bool {
	switch tag {
	case TagNM1:
		ReadNM1(&to.Name, s)
	case TagN1:
		to.Name = N1(s)
	case TagN3:
		N3(&to.Address, s)
	case TagN4:
		N4(&to.Address, s)
	case TagREF:
		a.REF(&to.References, s)
	case TagPER:
		a.PER(&to.Contacts, s)
	case TagPRV:
		to.Provider = PRV(s)
	default:
		return false
	}
	return true
}

// AppendParty appends a party without anything.
func (a *Arena) AppendParty(list *[]parts.Party) *parts.Party { return a.parties.Append(list) }
