package ingest

import (
	"bytes"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/parts"
	"github.com/ediport/ediport/storage"
)

// A hierarchy opens and closes the routing units of a document with levels (270 to 278). The loaders of these embed it.
// Entities come when they are complete, in file order, so each one tells where the unit before it ends.
type hierarchy struct {
	set    *set
	header *parts.Header
	payer  storage.PayerID // of the current source
	unit   unit            // the open one, if any
	no     int             // rows of the unit's main list so far: rejections, statuses, decisions
	cut    int64           // where the part of the receiver's level begins that speaks of all its providers; 0: there is none
	last   int64           // where the set's trailer begins, or behind its last segment

	waiting refusal                       // of the source: concerns whoever asked below it
	reject  func([]parts.Rejection) error // writes rejections that concern nobody in particular

	ranges []int64
	extra  extra
	texts  []edi.Text
	name   []byte // of the provider
}

// A refusal is AAA above the persons, kept until it is known who asked.
type refusal struct {
	start, end int64
	list       []parts.Rejection
}

func (h *hierarchy) reset(s *set) {
	h.set, h.header, h.payer, h.unit, h.cut, h.waiting = s, nil, 0, unit{}, 0, refusal{}
}

// see follows the segments, to know where the last unit ends.
func (h *hierarchy) see(s edi.Segment) {
	h.last = s.End()
	if s.Is("SE") {
		h.last = s.Pos().Offset
	}
}

// open closes the open unit and opens one that starts at byte start, below the given levels.
func (h *hierarchy) open(kind string, start int64, above []parts.Level, p provider) error {
	if err := h.close(start); err != nil {
		return err
	}
	h.ranges = h.ranges[:0]
	if h.header != nil && h.header.End > h.set.stEnd {
		h.ranges = append(h.ranges, h.set.stEnd, h.header.End)
	}
	for i := range above {
		from, to := above[i].Start, above[i].End
		if from < h.cut && h.cut < to {
			to = h.cut // no account sees the sums of its neighbours
		}
		h.ranges = append(h.ranges, from, to)
	}
	h.no = 0
	var err error
	h.unit, err = h.set.beginUnit(kind, start, h.ranges, p, h.set.plan.questions.account(start))
	return err
}

// close closes the open unit at byte end.
func (h *hierarchy) close(end int64) error { return h.set.endUnit(&h.unit, end) }

// takeHeader keeps the header of the set. It has no place for rejections, but if there are some, they are kept.
func (h *hierarchy) takeHeader(header *parts.Header) error {
	h.header = header
	if len(header.Rejections) == 0 {
		return nil
	}
	h.waiting = refusal{header.Rejections[0].Pos.Offset, header.End, header.Rejections} // the header is not lent
	return h.refuse()
}

// settle closes what is open in front of byte start.
func (h *hierarchy) settle(start int64) error {
	if err := h.refuse(); err != nil {
		return err
	}
	return h.close(start)
}

// refuse writes the rejections of a source that nobody stands below.
func (h *hierarchy) refuse() error {
	w := h.waiting
	h.waiting.list = nil
	if len(w.list) == 0 {
		return nil
	}
	if err := h.open("provider", w.start, nil, provider{}); err != nil {
		return err
	}
	if err := h.reject(w.list); err != nil {
		return err
	}
	return h.close(w.end)
}

// refuseLater keeps the rejections of a source until its receivers come.
func (h *hierarchy) refuseLater(source *parts.Span, list []parts.Rejection) {
	h.waiting = refusal{start: source.Pos.Offset, end: source.End}
	for _, r := range list {
		r.Valid, r.Reason, r.FollowUp = bytes.Clone(r.Valid), bytes.Clone(r.Reason), bytes.Clone(r.FollowUp) // the source is lent
		h.waiting.list = append(h.waiting.list, r)
	}
}

// refuseReceiver gives the rejections of the source and of the receiver itself to who asked. source is nil if there is none.
func (h *hierarchy) refuseReceiver(receiver, source *parts.Span, p provider, above, own []parts.Rejection) error {
	if source != nil {
		h.waiting.list = nil
	}
	if err := h.settle(receiver.Pos.Offset); err != nil || len(above)+len(own) == 0 {
		return err
	}
	var levels []parts.Level
	if source != nil {
		levels = []parts.Level{{Start: source.Pos.Offset, End: source.End}}
	}
	if err := h.open("provider", receiver.Pos.Offset, levels, p); err != nil {
		return err
	}
	if err := h.reject(above); err != nil {
		return err
	}
	if err := h.reject(own); err != nil {
		return err
	}
	return h.close(receiver.End)
}

// stray closes the open unit in front of levels that belong to nobody, and makes them a unit of their own: it waits for a
// person, as nobody can say whose it is.
func (h *hierarchy) stray(s *parts.Stray, kind string) error {
	if err := h.refuse(); err != nil {
		return err
	}
	if err := h.open(kind, s.Pos.Offset, nil, provider{}); err != nil || len(s.Rejections) == 0 {
		return err
	}
	return h.reject(s.Rejections)
}

// source takes the payer of a new source.
func (h *hierarchy) source(n *parts.Name) error {
	h.payer = 0
	switch {
	case n.Entity.Is("AY"), n.Entity.Is("GP"): // a clearinghouse, a gateway
		return nil
	case n.Qualifier.Is("PI"), n.Qualifier.Is("XV"), n.Qualifier.Is("FI"), n.Qualifier.Is("XX"):
	default:
		return nil // an id that is not unique beyond its sender
	}
	var err error
	h.payer, err = h.set.payer(n.Last, storage.PayerIdentifier{Kind: n.Qualifier.String(), Value: n.ID.String()})
	return err
}

// inquiry returns the question of ours that a trace answers; 0 if it is none, or the question of another account.
func (h *hierarchy) inquiry(kind string, trace edi.Text) int64 {
	return h.set.plan.questions.inquiry(kind, h.set.usage(), trace, h.unit.account)
}

// providerOf returns what a name and its references say of a provider (EXCHANGE 2).
func providerOf(n *parts.Name, refs []parts.Reference) provider {
	p := provider{npi: npiOf(n), tin: reference(refs, "TJ"), payerAssigned: reference(refs, "PQ")}
	switch {
	case n.Qualifier.Is("FI"), n.Qualifier.Is("24"):
		p.tin = n.ID
	case n.Qualifier.Is("SV"), n.Qualifier.Is("46"):
		p.payerAssigned = n.ID
	}
	if p.tin == nil {
		p.tin = reference(refs, "EI")
	}
	return p
}

// fill takes from another name what is still missing.
func (p *provider) fill(of provider) {
	if p.npi == nil {
		p.npi = of.npi
	}
	if p.tin == nil {
		p.tin = of.tin
	}
	if p.payerAssigned == nil {
		p.payerAssigned = of.payerAssigned
	}
}

// traceOf returns the trace of the question that is answered, or else the first.
func traceOf(traces []parts.Trace) (number, originator edi.Text) {
	for i := range traces {
		if traces[i].Type.Is("2") {
			return traces[i].Number, traces[i].Originator
		}
	}
	if len(traces) > 0 {
		return traces[0].Number, traces[0].Originator
	}
	return nil, nil
}

// hlOf returns HL01 of a level as it was sent.
func hlOf(s *parts.Span) edi.Text {
	if len(s.Segments) > 0 && s.Segments[0].Is("HL") {
		return s.Segments[0].Text(1)
	}
	return nil
}

// memberOf returns the member id of a name that has one.
func memberOf(n *parts.Name) edi.Text {
	if n.Qualifier.Is("MI") || n.Qualifier.Is("II") {
		return n.ID
	}
	return nil
}

// linked tells whether each level names the next one above as its parent (HL02), up to that of the provider, whose HL03 is
// given. Where one doesn't, a level is missing or misnumbered, and the nearest provider may be a neighbour.
func linked(l *parts.Level, above []parts.Level, provider string) bool {
	for i := len(above) - 1; i >= 0 && hangsBelow(l, above[:i+1]); i-- {
		if l = &above[i]; l.Code == provider {
			return true
		}
	}
	return false
}

// hangsBelow tells whether a level names the last one of those above as its parent.
func hangsBelow(l *parts.Level, above []parts.Level) bool {
	return len(above) > 0 && l.Parent != 0 && l.Parent == above[len(above)-1].ID
}

// loopStart returns where the first segment of the loop stands; 0 if there is none.
func loopStart(s *parts.Span, loop string) int64 {
	for i := range s.Places {
		if l := s.Places[i].Loop; l != nil && l.ID == loop {
			return s.Segments[i].Pos().Offset
		}
	}
	return 0
}

// personKind names the level that a person stands at.
func personKind(dependent bool) string {
	if dependent {
		return "dependent"
	}
	return "subscriber"
}
