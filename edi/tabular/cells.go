package tabular

import (
	"strconv"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/codes"
	"github.com/ediport/ediport/edi/parts"
)

// A column of rows that are made of an R.
type column[R any] struct {
	Column
	cell func(r *R, c *cells)
}

// define makes a table of its columns, those about the place of the row first.
func define[R any](t Table, columns []column[R]) *Table {
	t.Columns = append(t.Columns, placeColumns...)
	for _, c := range columns {
		t.Columns = append(t.Columns, c.Column)
	}
	return &t
}

var placeColumns = []Column{
	{"interchange_control_number", Text, "ISA13 of the interchange"},
	{"group_control_number", Text, "GS06 of the functional group"},
	{"set_control_number", Text, "ST02 of the transaction set"},
	{"position", Number, "position in its transaction set of the first segment that the row is made of; ST is 1"},
}

// cells fills the cells of a row, one column after the other.
type cells struct {
	row   Row
	buf   []byte
	items [][]byte
	now   Cell
}

func (c *cells) reset(t *Table) {
	c.row.Table, c.row.Cells = t, c.row.Cells[:0]
	c.buf, c.items = c.buf[:0], c.items[:0]
}

func (c *cells) text(t edi.Text) { c.now.Text = t }

func (c *cells) str(s string) { c.made(func(b []byte) []byte { return append(b, s...) }) }

func (c *cells) count(n int) {
	c.made(func(b []byte) []byte { return strconv.AppendInt(b, int64(n), 10) })
}

func (c *cells) decimal(d edi.Decimal) { c.made(d.Append) }

func (c *cells) number(n parts.Number) {
	if n.Sent {
		c.made(n.Value.Append)
	}
}

func (c *cells) date(d edi.Date) {
	if !d.IsZero() {
		c.made(d.Append)
	}
}

func (c *cells) sum(s *edi.Sum) { c.str(s.String()) }

// meaning fills the cell with what a code means; with nothing if no list has it.
func (c *cells) meaning(list codes.List, code edi.Text) {
	if len(code) == 0 {
		return
	}
	if e, ok := codes.Lookup(list, string(code)); ok {
		c.str(e.Short)
	}
}

// made fills the cell with text that add appends.
func (c *cells) made(add func([]byte) []byte) {
	start := len(c.buf)
	c.buf = add(c.buf)
	c.now.Text = c.buf[start:len(c.buf):len(c.buf)]
}

// item adds to a list.
func (c *cells) item(t edi.Text) {
	if len(t) > 0 {
		c.items = append(c.items, t)
		c.now.Items = c.items[len(c.items)-len(c.now.Items)-1:]
	}
}

// itemOf adds a made text to a list.
func (c *cells) itemOf(add func([]byte) []byte) {
	start := len(c.buf)
	c.buf = add(c.buf)
	c.item(c.buf[start:len(c.buf):len(c.buf)])
}

func (c *cells) texts(list []edi.Text) {
	for _, t := range list {
		c.item(t)
	}
}

func (c *cells) next() {
	c.row.Cells = append(c.row.Cells, c.now)
	c.now = Cell{}
}

// fill makes the cells of r behind those of its place.
func fill[R any](c *cells, columns []column[R], r *R) {
	for i := range columns {
		columns[i].cell(r, c)
		c.next()
	}
}

// dated returns the first date of a list whose qualifier is one of those wanted, the earlier in the list of those first.
func dated(list []parts.Date, qualifiers ...string) *parts.Date {
	for _, q := range qualifiers {
		for i := range list {
			if list[i].Qualifier.Is(q) {
				return &list[i]
			}
		}
	}
	return &parts.Date{}
}

// lastDay is the end of a range, or the day itself.
func lastDay(d *parts.Date) edi.Date {
	if d.To.IsZero() {
		return d.From
	}
	return d.To
}

// reference returns the first reference of a list whose qualifier is one of those wanted.
func reference(list []parts.Reference, qualifiers ...string) edi.Text {
	for _, q := range qualifiers {
		for i := range list {
			if list[i].Qualifier.Is(q) {
				return list[i].ID
			}
		}
	}
	return nil
}

func amountOf(list []parts.Amount, qualifier string) parts.Number {
	for i := range list {
		if list[i].Qualifier.Is(qualifier) {
			return parts.Number{Value: list[i].Value, Sent: true}
		}
	}
	return parts.Number{}
}

// fullName fills the cell with last, first middle.
func (c *cells) fullName(n *parts.Name) {
	c.made(func(b []byte) []byte {
		b = append(b, n.Last...)
		for i, t := range []edi.Text{n.First, n.Middle, n.Suffix} {
			if len(t) == 0 {
				continue
			}
			if i == 0 && len(n.Last) > 0 {
				b = append(b, ',')
			}
			if len(b) > 0 {
				b = append(b, ' ')
			}
			b = append(b, t...)
		}
		return b
	})
}

func (c *cells) modifiers(p *parts.Procedure) {
	for _, m := range p.Modifiers {
		c.item(m)
	}
}

// coded adds a code with what it means: "29: Time limit for filing has passed".
func (c *cells) coded(list codes.List, code edi.Text) {
	if len(code) == 0 {
		return
	}
	c.itemOf(func(b []byte) []byte {
		b = append(b, code...)
		if e, ok := codes.Lookup(list, string(code)); ok {
			b = append(append(b, ": "...), e.Short...)
		}
		return b
	})
}
