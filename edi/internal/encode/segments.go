package encode

import (
	"slices"
	"strings"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/parts"
)

// NM1 writes a name, if there is one.
func (b *Builder) NM1(n *parts.Name) { b.Maybe("NM1").name(n) }

func (b *Builder) name(n *parts.Name) {
	b.Texts(n.Entity, n.Type, n.Last, n.First, n.Middle, n.Prefix, n.Suffix, n.Qualifier, n.ID, n.Relation).Close()
}

// N1 writes a name, if there is one.
func (b *Builder) N1(n *parts.Name) {
	b.Maybe("N1").Texts(n.Entity, n.Last, n.Qualifier, n.ID).Close()
	for _, t := range []edi.Text{n.First, n.Middle, n.Prefix, n.Suffix, n.Relation} {
		if len(t) > 0 {
			b.Nowhere("N1", "the name has parts that an N1 has no element for: all of it goes into Last")
		}
	}
}

// Address writes N3 and N4, as far as there is an address.
func (b *Builder) Address(a *parts.Address) {
	b.Maybe("N3").Texts(a.Line1, a.Line2).Close()
	b.Maybe("N4").Texts(a.City, a.State, a.Zip, a.Country, a.LocationQualifier, a.Location, a.Subdivision).Close()
}

// PRV writes provider information, if there is any.
func (b *Builder) PRV(p *parts.Provider) { b.Maybe("PRV").Texts(p.Code, p.Qualifier, p.ID).Close() }

// PER writes contacts.
func (b *Builder) PER(list []parts.Contact) {
	for i := range list {
		c := &list[i]
		b.Begin("PER").Texts(c.Function, c.Name)
		for _, n := range c.Numbers {
			b.Texts(n.Qualifier, n.Number)
		}
		b.Close()
	}
}

// REF writes references.
func (b *Builder) REF(list []parts.Reference) {
	for i := range list {
		r := &list[i]
		b.Begin("REF").Texts(r.Qualifier, r.ID, r.Description).Components(r.Further...).Close()
	}
}

// DTP writes dates with their formats.
func (b *Builder) DTP(list []parts.Date) {
	for i := range list {
		d := &list[i]
		b.Begin("DTP").Text(d.Qualifier).format(d, d.Format).period(d).Close()
	}
}

// DTM writes dates.
func (b *Builder) DTM(list []parts.Date) {
	for i := range list {
		b.Begin("DTM").Text(list[i].Qualifier).period(&list[i]).Close()
	}
}

// Period adds two elements: the format of d, which is its Qualifier, and d itself.
func (b *Builder) Period(d *parts.Date) *Builder { return b.format(d, d.Qualifier).period(d) }

func (b *Builder) format(d *parts.Date, format edi.Text) *Builder {
	if len(format) > 0 {
		return b.Text(format)
	}
	return b.Code(formatOf(d))
}

func formatOf(d *parts.Date) string {
	switch {
	case !d.To.IsZero():
		return "RD8"
	case !d.From.IsZero():
		return "D8"
	}
	return ""
}

func (b *Builder) period(d *parts.Date) *Builder {
	if d.From.IsZero() {
		return b.Text(d.Sent)
	}
	b.next()
	b.raw = appendPeriod(b.raw, d)
	b.filled()
	return b
}

func appendPeriod(raw []byte, d *parts.Date) []byte {
	raw = appendDay(raw, d.From)
	if !d.To.IsZero() {
		raw = append(raw, '-')
		raw = appendDay(raw, d.To)
	}
	return raw
}

// TRN writes traces.
func (b *Builder) TRN(list []parts.Trace) {
	for i := range list {
		t := &list[i]
		b.Begin("TRN").Texts(t.Type, t.Number, t.Originator, t.Supplemental).Close()
	}
}

// AMT writes amounts.
func (b *Builder) AMT(list []parts.Amount) {
	for i := range list {
		b.Begin("AMT").Text(list[i].Qualifier).Decimal(list[i].Value).Close()
	}
}

// QTY writes quantities.
func (b *Builder) QTY(list []parts.Quantity) {
	for i := range list {
		b.Begin("QTY").Text(list[i].Qualifier).Decimal(list[i].Value).Close()
	}
}

// Names writes a list of names.
func (b *Builder) Names(list []parts.Name) {
	for i := range list {
		b.Begin("NM1").name(&list[i])
	}
}

// AAA writes rejections.
func (b *Builder) AAA(list []parts.Rejection) {
	for i := range list {
		r := &list[i]
		b.Begin("AAA").Text(r.Valid).Skip(1).Texts(r.Reason, r.FollowUp).Close()
	}
}

// RejectionsOf returns the rejections of a loop: those that name it and, with others, those that name none.
func RejectionsOf(list []parts.Rejection, loop string, others bool) (of []parts.Rejection) {
	for i := range list {
		if l := list[i].Loop; l == loop || others && l == "" {
			of = append(of, list[i])
		}
	}
	return of
}

// Rejected refuses rejections of other loops than those of the entity, whose ids begin so: nothing would write them.
func (b *Builder) Rejected(list []parts.Rejection, loops ...string) {
	for i := range list {
		of := list[i].Loop
		if of != "" && !slices.ContainsFunc(loops, func(begin string) bool { return strings.HasPrefix(of, begin) }) {
			b.Nowhere("AAA", "a rejection names a loop that what it belongs to does not have")
		}
	}
}

// LevelParty writes the party that a level is about, with its rejections: those of the loop of the level, unless it has none, and
// those of the loop of the party.
func (b *Builder) LevelParty(p *parts.Party, rejections []parts.Rejection, level, loop string) {
	own := []string{loop}
	if level != "" {
		own = append(own, level)
		b.AAA(RejectionsOf(rejections, level, false))
	}
	b.Rejected(rejections, own...)
	b.Party(p, RejectionsOf(rejections, loop, true))
}

// HSD writes deliveries.
func (b *Builder) HSD(list []parts.Delivery) {
	for i := range list {
		d := &list[i]
		b.Begin("HSD").Text(d.QuantityQualifier).Number(d.Quantity).Text(d.Unit).Number(d.Frequency).Text(d.PeriodQualifier)
		b.Number(d.Periods).Texts(d.Pattern, d.PatternTime).Close()
	}
}

// HI writes codes, all in one segment.
func (b *Builder) HI(list []parts.HealthCode) {
	b.Maybe("HI")
	for i := range list {
		c := &list[i]
		format, date := c.Date.Qualifier, c.Date.Sent
		if len(format) == 0 {
			format = edi.Text(formatOf(&c.Date))
		}
		if !c.Date.From.IsZero() {
			date = appendPeriod(nil, &c.Date)
		}
		b.Components(c.Qualifier, c.Code, format, date)
	}
	b.Close()
}

// MSG writes notes.
func (b *Builder) MSG(list []parts.Note) {
	for i := range list {
		b.Begin("MSG").Text(list[i].Text).Close()
	}
}

// DMG writes demographics, if there are any.
func (b *Builder) DMG(d *parts.Demographics) {
	b.Maybe("DMG")
	if d.BirthDate.IsZero() {
		b.Skip(2)
	} else {
		b.Code("D8").Day(d.BirthDate)
	}
	b.Text(d.Gender).Close()
}

// INS writes a relationship, if there is one.
func (b *Builder) INS(r *parts.Relationship) {
	b.Maybe("INS").Texts(r.Insured, r.Code, r.MaintenanceType, r.MaintenanceReason).Skip(3).Text(r.Employment).Skip(8)
	b.Text(r.BirthSequence).Close()
}

// MPI writes military service, if there is any.
func (b *Builder) MPI(m *parts.Military) {
	b.Maybe("MPI").Texts(m.Status, m.Employment, m.Affiliation, m.Description, m.Rank).Period(&m.Period).Close()
}

// Procedure adds a composite procedure id.
func (b *Builder) Procedure(p *parts.Procedure) *Builder {
	m := &p.Modifiers
	return b.Components(p.Qualifier, p.Code, m[0], m[1], m[2], m[3], p.Description, p.EndCode)
}

// Header writes BHT. What h does not say of date and time is the time of the envelope.
func (b *Builder) header(h *parts.Header, structure, purpose string, env *parts.Envelope) {
	b.Begin("BHT").either(h.Structure, structure).either(h.Purpose, purpose).Text(h.Reference)
	if h.Date.IsZero() {
		b.Code(env.Time.Format("20060102"))
	} else {
		b.Day(h.Date)
	}
	b.either(h.Time, env.Time.Format("1504")).Text(h.Type).Close()
}

func (b *Builder) either(t edi.Text, other string) *Builder {
	if len(t) > 0 {
		return b.Text(t)
	}
	return b.Code(other)
}

// Party writes a party with the rejections of its loop, in the order that the guides with levels have: name, references, address,
// contacts, rejections, provider.
func (b *Builder) Party(p *parts.Party, rejections []parts.Rejection) {
	b.Begin("NM1").name(&p.Name)
	b.REF(p.References)
	b.Address(&p.Address)
	b.PER(p.Contacts)
	b.AAA(rejections)
	b.PRV(&p.Provider)
}
