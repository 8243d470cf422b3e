package decode

import (
	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/edi/parts"
)

// A HeaderBuilder fills the Header of a document with levels.
type HeaderBuilder struct {
	Arena
	Header parts.Header
}

// Add takes a segment.
func (b *HeaderBuilder) Add(raw *edi.Segment, at *guide.Step, tag Tag) {
	s := b.Keep(raw, at)
	h := &b.Header
	switch tag {
	case TagST:
		h.Set, h.ControlNumber = s.Text(1), s.Text(2)
	case TagBHT:
		h.Structure, h.Purpose, h.Reference = s.Text(1), s.Text(2), s.Text(3)
		h.Date, h.Time, h.Type = b.Day(s, 4), s.Text(5), s.Text(6)
	case TagAAA:
		b.AAA(&h.Rejections, s, at.Loop)
	}
}

// Finish returns the header.
func (b *HeaderBuilder) Finish() *parts.Header {
	b.Header.Entity = b.Entity()
	return &b.Header
}
