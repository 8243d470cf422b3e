package decode

import (
	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/edi/parts"
)

// A StrayBuilder fills a Stray.
type StrayBuilder struct {
	Arena
	stray parts.Stray
}

// Begin makes ready for the next one.
func (b *StrayBuilder) Begin() {
	b.Reset()
	b.stray = parts.Stray{}
}

// Add takes a segment.
func (b *StrayBuilder) Add(raw *edi.Segment, at *guide.Step, tag Tag) {
	s := b.Keep(raw, at)
	if tag == TagAAA {
		b.AAA(&b.stray.Rejections, s, at.Loop)
	}
}

// Finish returns the stray.
func (b *StrayBuilder) Finish(h *parts.Header) *parts.Stray {
	b.stray.Entity, b.stray.Header = b.Entity(), h
	return &b.stray
}
