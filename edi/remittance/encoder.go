package remittance

import (
	"io"

	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/edi/internal/encode"
	"github.com/ediport/ediport/edi/parts"
)

// An Encoder writes 835 documents. It is a Handler: what it is told, in the order of a document, it writes, so that a [Decoder] can
// be followed by an Encoder directly. It goes by the fields only, not by Segments, Places, Ordinal and the like; what is not set
// is not sent. It makes envelopes, counts and control numbers, and the LX of claims without a [Summary]. What an entity may hold is
// decided by the guide: one that breaks it is refused with a [*parts.InvalidError] and leaves no trace, so that the others can go
// on; an error of Close, and one of the underlying writer, means that the file is not complete. It is not safe for several goroutines.
type Encoder struct {
	doc *encode.Document
	plb []ProviderAdjustment // of the PLB in hand

	groups   int  // summaries so far
	loose    bool // there was a claim
	adjusted bool // a PLB was written, or is in hand: no claim can follow
}

var _ Handler = (*Encoder)(nil)

// NewEncoder returns an Encoder to w. It writes in pieces of some 32 KB; w is the caller's to close.
func NewEncoder(w io.Writer, env parts.Envelope) *Encoder {
	return &Encoder{doc: encode.New(w, env)}
}

// ranks of what stands below the payment.
const (
	summaryRank = iota
	claimRank
)

// Payment begins a document.
func (e *Encoder) Payment(p *Payment) error {
	if err := e.finish(); err != nil {
		return err
	}
	e.groups, e.loose, e.adjusted = 0, false, false
	writePayment(e.doc.Set("payment", &p.Entity, guide.Lookup(Set), p.ControlNumber), p)
	return e.doc.Add()
}

// Summary begins a group of claims.
func (e *Encoder) Summary(s *Summary) error {
	if err := e.finish(); err != nil {
		return err
	}
	b := e.doc.Part("summary", &s.Entity, summaryRank, true)
	e.inOrder(b)
	writeSummary(b, s, e.groups+1)
	if err := e.doc.Add("CLP"); err != nil {
		return err
	}
	e.groups++
	return nil
}

// Claim writes a claim payment with its lines.
func (e *Encoder) Claim(c *Claim) error {
	rank, later := claimRank, ""
	if e.groups == 0 {
		rank, later = summaryRank, "LX" // of all claims, or written with the first
	}
	b := e.doc.Part("claim", &c.Entity, rank, false)
	e.inOrder(b)
	if e.groups == 0 && !e.loose {
		writeSummary(b, &Summary{}, 1)
	}
	writeClaim(b, c)
	err := e.doc.Add(later)
	e.loose = e.loose || err == nil
	return err
}

// ProviderAdjustment writes one reason and amount of a PLB. Those of one provider and period share a PLB, as far as Element allows.
func (e *Encoder) ProviderAdjustment(p *ProviderAdjustment) error {
	if !e.continues(p) {
		if err := e.finish(); err != nil {
			return err
		}
	}
	writePLB(e.doc.Part("provider adjustment", &p.Entity, summaryRank, false), append(e.plb, *p))
	if _, err := e.doc.Check(); err != nil {
		return err
	}
	e.plb, e.adjusted = append(e.plb, keep(p)), true
	return nil
}

// Close writes what is in hand and ends the file.
func (e *Encoder) Close() error {
	if err := e.finish(); err != nil {
		return err
	}
	return e.doc.Close()
}

// inOrder refuses what would stand behind a PLB.
func (e *Encoder) inOrder(b *encode.Builder) {
	if e.adjusted {
		b.Late("it is to come before the provider adjustments")
	}
}

// finish writes the PLB in hand.
func (e *Encoder) finish() error {
	if len(e.plb) == 0 {
		return nil
	}
	e.doc.Again("provider adjustment")
	writePLB(e.doc.Part("provider adjustment", &e.plb[0].Entity, summaryRank, false), e.plb)
	e.plb = e.plb[:0]
	return e.doc.Add()
}

const (
	firstPair = 3  // element of the reason of the first pair of a PLB
	lastPair  = 13 // and of the last
)

// continues tells whether p goes into the PLB in hand.
func (e *Encoder) continues(p *ProviderAdjustment) bool {
	n := len(e.plb)
	if n == 0 || p.FiscalPeriod != e.plb[0].FiscalPeriod || string(p.Provider) != string(e.plb[0].Provider) {
		return false
	}
	last := pairElement(e.plb, n-1)
	return last < lastPair && (p.Element == 0 || p.Element > last)
}

// pairElement returns the element of the reason of pair i: its own, or the one behind the last.
func pairElement(pairs []ProviderAdjustment, i int) int {
	at := firstPair
	for j := range pairs[:i+1] {
		if p := &pairs[j]; p.Element > at && p.Element <= lastPair && p.Element%2 == 1 {
			at = p.Element
		}
		if j < i {
			at += 2
		}
	}
	return at
}
