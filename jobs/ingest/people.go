package ingest

import (
	"slices"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/parts"
	"github.com/ediport/ediport/storage"
)

// A mention is where a person occurs, for search by name and member id.
type mention struct {
	unit      *unit
	kind      string // claim, eligibility, status, authorization, inquiry
	row       int64
	role      string // patient, insured
	name      *parts.Name
	member    edi.Text
	birthDate edi.Date
	on        edi.Date
}

// mention makes a person findable.
func (s *set) mention(m mention) error {
	if m.name.Last == nil && m.member == nil {
		return nil
	}
	s.folded = storage.FoldName(s.folded[:0], m.name.Last)
	n := len(s.folded)
	s.folded = storage.FoldName(s.folded, m.name.First)
	return s.rows.PersonMention(s.ctx, &storage.PersonMentionRow{
		AccountID: m.unit.account, LastName: s.folded[:n], FirstName: s.folded[n:], Kind: m.kind, RowID: m.row, Role: m.role,
		MemberID: m.member, BirthDate: m.birthDate, OnDate: m.on, Usage: s.usage(), UnitID: m.unit.id,
	})
}

// npiOf returns the NPI of a name that has one.
func npiOf(n *parts.Name) edi.Text {
	if n.Qualifier.Is("XX") {
		return n.ID
	}
	return nil
}

// fullName joins first and last name.
func fullName(buf []byte, n *parts.Name) edi.Text {
	buf = append(buf[:0], n.Last...)
	if len(n.First) > 0 {
		buf = append(append(buf, ", "...), n.First...)
	}
	if len(buf) == 0 {
		return nil
	}
	return buf
}

// reference returns the id of the first reference with the qualifier.
func reference(refs []parts.Reference, qualifier string) edi.Text {
	for i := range refs {
		if refs[i].Qualifier.Is(qualifier) {
			return refs[i].ID
		}
	}
	return nil
}

// date returns the first date with one of the qualifiers, tried in their order.
func date(dates []parts.Date, qualifiers ...string) (from, to edi.Date) {
	for _, q := range qualifiers {
		for i := range dates {
			if dates[i].Qualifier.Is(q) {
				return dates[i].From, dates[i].To
			}
		}
	}
	return edi.Date{}, edi.Date{}
}

// period is date, with the one day twice for a single date.
func period(dates []parts.Date, qualifiers ...string) (from, to edi.Date) {
	from, to = date(dates, qualifiers...)
	if to.IsZero() {
		to = from
	}
	return from, to
}

// number is an optional number as its column wants it.
func number(n parts.Number) storage.NullDecimal {
	return storage.NullDecimal{Decimal: n.Value, Valid: n.Sent}
}

// modifiers appends the procedure modifiers that are there.
func modifiers(buf []edi.Text, p *parts.Procedure) []edi.Text {
	buf = buf[:0]
	for _, m := range p.Modifiers {
		if len(m) > 0 {
			buf = append(buf, m)
		}
	}
	return buf
}

// payer returns our payer that has one of the ids, and adds one that is new. ids come most telling first; those without a value
// don't count. It is asked once for each payer and file.
func (l *load) payer(name edi.Text, ids ...storage.PayerIdentifier) (storage.PayerID, error) {
	ids = slices.DeleteFunc(ids, func(id storage.PayerIdentifier) bool { return id.Value == "" })
	if len(ids) == 0 {
		return 0, nil
	}
	key := ids[0].Kind + " " + ids[0].Value
	if id, ok := l.payers[key]; ok {
		return id, nil
	}
	id, err := l.ensurePayer(string(name), ids)
	if err != nil {
		return 0, err
	}
	if l.payers == nil {
		l.payers = map[string]storage.PayerID{}
	}
	l.payers[key] = id
	return id, nil
}
