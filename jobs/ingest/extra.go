package ingest

import (
	"bytes"
	"encoding/json"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/parts"
)

// An extra builds the JSON of a row's long tail: what no column holds. It is used for one row after the other; its bytes are
// lent until the next reset. Empty members are left out, and an extra without members is NULL.
type extra struct {
	buf  []byte
	some bool
}

func (x *extra) reset() { x.buf, x.some = append(x.buf[:0], '{'), false }

// bytes closes the object; nil if it is empty.
func (x *extra) bytes() []byte {
	if !x.some {
		return nil
	}
	x.buf = append(x.buf, '}')
	return x.buf
}

func (x *extra) name(name string) {
	if x.some {
		x.buf = append(x.buf, ',')
	}
	x.some = true
	x.buf = append(append(append(x.buf, '"'), name...), '"', ':') // names are ours: nothing in them needs care
}

func (x *extra) text(name string, v edi.Text) {
	if len(v) > 0 {
		x.name(name)
		x.buf = appendJSON(x.buf, v)
	}
}

func (x *extra) number(name string, v parts.Number) {
	if v.Sent {
		x.name(name)
		x.buf = append(v.Value.Append(append(x.buf, '"')), '"')
	}
}

func (x *extra) decimal(name string, v edi.Decimal) {
	x.name(name)
	x.buf = append(v.Append(append(x.buf, '"')), '"')
}

func (x *extra) date(name string, v edi.Date) {
	if !v.IsZero() {
		x.name(name)
		x.buf = append(v.Append(append(x.buf, '"')), '"')
	}
}

// object adds a member that is an object; fill adds its members.
func (x *extra) object(name string, fill func(*extra)) {
	start, some := len(x.buf), x.some
	x.name(name)
	x.buf, x.some = append(x.buf, '{'), false
	fill(x)
	if !x.some {
		x.buf, x.some = x.buf[:start], some
		return
	}
	x.buf, x.some = append(x.buf, '}'), true
}

// list adds a member that is an array of n objects; fill adds the members of the i-th, which is left out if it adds none.
func (x *extra) list(name string, n int, fill func(x *extra, i int)) {
	if n == 0 {
		return
	}
	start, some := len(x.buf), x.some
	x.name(name)
	x.buf = append(x.buf, '[')
	any := false
	for i := range n {
		mark := len(x.buf)
		if any {
			x.buf = append(x.buf, ',')
		}
		x.buf, x.some = append(x.buf, '{'), false
		fill(x, i)
		if !x.some {
			x.buf = x.buf[:mark]
			continue
		}
		any = true
		x.buf = append(x.buf, '}')
	}
	if !any {
		x.buf, x.some = x.buf[:start], some
		return
	}
	x.buf, x.some = append(x.buf, ']'), true
}

func (x *extra) person(name string, n *parts.Name) {
	if n.IsZero() {
		return
	}
	x.object(name, func(x *extra) { x.nameParts(n) })
}

func (x *extra) nameParts(n *parts.Name) {
	x.text("entity", n.Entity)
	x.text("last_name", n.Last)
	x.text("first_name", n.First)
	x.text("middle_name", n.Middle)
	x.text("suffix", n.Suffix)
	x.text("id_qualifier", n.Qualifier)
	x.text("id", n.ID)
}

func (x *extra) references(refs []parts.Reference) {
	x.list("references", len(refs), func(x *extra, i int) {
		x.text("qualifier", refs[i].Qualifier)
		x.text("id", refs[i].ID)
		x.text("description", refs[i].Description)
	})
}

func (x *extra) dates(dates []parts.Date) {
	x.list("dates", len(dates), func(x *extra, i int) {
		x.text("qualifier", dates[i].Qualifier)
		x.date("from", dates[i].From)
		x.date("to", dates[i].To)
		if dates[i].From.IsZero() {
			x.text("sent", dates[i].Sent)
		}
	})
}

func (x *extra) contacts(contacts []parts.Contact) {
	x.list("contacts", len(contacts), func(x *extra, i int) {
		c := &contacts[i]
		x.text("function", c.Function)
		x.text("name", c.Name)
		x.list("numbers", len(c.Numbers), func(x *extra, j int) {
			x.text("qualifier", c.Numbers[j].Qualifier)
			x.text("number", c.Numbers[j].Number)
		})
	})
}

func (x *extra) amounts(amounts []parts.Amount) {
	x.list("amounts", len(amounts), func(x *extra, i int) {
		x.text("qualifier", amounts[i].Qualifier)
		x.decimal("amount", amounts[i].Value)
	})
}

func (x *extra) quantities(quantities []parts.Quantity) {
	x.list("quantities", len(quantities), func(x *extra, i int) {
		x.text("qualifier", quantities[i].Qualifier)
		x.decimal("quantity", quantities[i].Value)
	})
}

func (x *extra) address(a *parts.Address) {
	x.object("address", func(x *extra) {
		x.text("line_1", a.Line1)
		x.text("line_2", a.Line2)
		x.text("city", a.City)
		x.text("state", a.State)
		x.text("zip", a.Zip)
		x.text("country", a.Country)
	})
}

// party adds what a party has beside its name.
func (x *extra) party(name string, p *parts.Party) {
	x.object(name, func(x *extra) {
		x.address(&p.Address)
		x.references(p.References)
		x.contacts(p.Contacts)
		x.text("provider_code", p.Provider.Code)
		x.text("taxonomy", p.Provider.ID)
	})
}

// appendJSON appends v as a JSON string. Nearly all of X12 is plain ASCII, which needs no care.
func appendJSON(b []byte, v edi.Text) []byte {
	for _, c := range v {
		if c < ' ' || c > '~' || c == '"' || c == '\\' {
			j, _ := json.Marshal(string(v)) // replaces what is not UTF-8; the original is in the archive
			return append(b, withoutNUL(j)...)
		}
	}
	return append(append(append(b, '"'), v...), '"')
}

// withoutNUL replaces the only character of JSON that Postgres refuses.
func withoutNUL(j []byte) []byte {
	return bytes.ReplaceAll(j, []byte(`\u0000`), []byte(`\ufffd`))
}
