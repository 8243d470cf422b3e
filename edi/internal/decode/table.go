package decode

import (
	"sync"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/edi/parts"
)

// A Tag is a segment id as a number, for dense switches.
type Tag uint8

// Ids of the segments that have fields.
const (
	TagNone Tag = iota
	TagAAA
	TagAMT
	TagBHT
	TagBPR
	TagCAS
	TagCL1
	TagCLP
	TagCR1
	TagCR2
	TagCR5
	TagCR6
	TagCRC
	TagCUR
	TagDMG
	TagDTM
	TagDTP
	TagEB
	TagEQ
	TagHCR
	TagHI
	TagHL
	TagHSD
	TagIII
	TagINS
	TagLQ
	TagLX
	TagMIA
	TagMOA
	TagMPI
	TagMSG
	TagN1
	TagN3
	TagN4
	TagNM1
	TagPER
	TagPLB
	TagPRV
	TagPWK
	TagQTY
	TagRDM
	TagREF
	TagSE
	TagST
	TagSTC
	TagSV1
	TagSV2
	TagSV3
	TagSVC
	TagTOO
	TagTRN
	TagTS2
	TagTS3
	TagUM

	Tags // how many there are
)

var tags = map[string]Tag{
	"AAA": TagAAA, "AMT": TagAMT, "BHT": TagBHT, "BPR": TagBPR, "CAS": TagCAS, "CL1": TagCL1, "CLP": TagCLP, "CR1": TagCR1,
	"CR2": TagCR2, "CR5": TagCR5, "CR6": TagCR6, "CRC": TagCRC, "CUR": TagCUR, "DMG": TagDMG, "DTM": TagDTM, "DTP": TagDTP,
	"EB": TagEB, "EQ": TagEQ, "HCR": TagHCR, "HI": TagHI, "HL": TagHL, "HSD": TagHSD, "III": TagIII, "INS": TagINS, "LQ": TagLQ,
	"LX": TagLX, "MIA": TagMIA, "MOA": TagMOA, "MPI": TagMPI, "MSG": TagMSG, "N1": TagN1, "N3": TagN3, "N4": TagN4, "NM1": TagNM1,
	"PER": TagPER, "PLB": TagPLB, "PRV": TagPRV, "PWK": TagPWK, "QTY": TagQTY, "RDM": TagRDM, "REF": TagREF, "SE": TagSE,
	"ST": TagST, "STC": TagSTC, "SV1": TagSV1, "SV2": TagSV2, "SV3": TagSV3, "SVC": TagSVC, "TOO": TagTOO, "TRN": TagTRN,
	"TS2": TagTS2, "TS3": TagTS3, "UM": TagUM,
}

// A table says, for each loop and segment of one guide, what a decoder makes of it, so that a step needs two indexings and no
// comparison of names. Kinds of loops are numbers of the decoder's own, from 1.
type table struct {
	loops []uint8 // by Loop.Index
	defs  []known // by SegmentDef.Index
}

// known is what a segment at its place is.
type known struct {
	kind   uint8 // of its loop
	tag    Tag
	begins bool // in a document with levels it may begin or end something
}

// Kinds names the kinds of loops of a decoder by the loops' ids, and keeps the table of each guide it meets. It is made once,
// as a package variable, and safe for several goroutines.
type Kinds struct {
	byID   map[string]uint8
	others uint8
	tables sync.Map // root *guide.Loop → *table
}

// NewKinds returns the Kinds of a decoder; loops that byID does not name, and the place outside all loops, are of kind others.
func NewKinds(byID map[string]uint8, others uint8) *Kinds { return &Kinds{byID: byID, others: others} }

func (k *Kinds) table(root *guide.Loop) *table {
	if t, ok := k.tables.Load(root); ok {
		return t.(*table)
	}
	t := new(table)
	k.resolve(t, root)
	k.tables.Store(root, t)
	return t
}

func (k *Kinds) resolve(t *table, l *guide.Loop) {
	kind, ok := k.byID[l.ID]
	if !ok {
		kind = k.others
	}
	put(&t.loops, l.Index, kind)
	for _, n := range l.Children {
		switch {
		case n.Segment != nil:
			tag := tags[n.Segment.Tag]
			put(&t.defs, n.Segment.Index, known{kind, tag, tag != TagNone && begins[tag]})
		case n.Loop != nil:
			k.resolve(t, n.Loop)
		}
	}
}

func put[T any](list *[]T, i int, v T) {
	for len(*list) <= i {
		var zero T
		*list = append(*list, zero)
	}
	(*list)[i] = v
}

// A Resolver tells kind and tag of steps, for one decoder.
type Resolver struct {
	Kinds *Kinds
	root  *guide.Loop
	table *table
}

// Resolve returns the kind of the loop of a segment's step and the id of the segment; TagNone for a segment that the guide does not
// know here. AAA and HCR are always known: a rejection or decision must reach the person who waits for it, wherever it stands.
func (r *Resolver) Resolve(s *edi.Segment, at *guide.Step) (kind uint8, tag Tag) {
	if def := at.Def; def != nil && def.Loop.Parent != nil && r.table != nil {
		k := r.table.defs[def.Index]
		return k.kind, k.tag
	}
	kind, tag = r.resolve(at)
	if at.Def == nil && tag == TagNone {
		switch {
		case s.Is("AAA"):
			tag = TagAAA
		case s.Is("HCR"):
			tag = TagHCR
		}
	}
	return kind, tag
}

func (r *Resolver) resolve(at *guide.Step) (kind uint8, tag Tag) {
	l, def := at.Loop, at.Def
	if def != nil {
		l = def.Loop
	} else {
		def = at.Near // it belongs to the open loop, and reads like its neighbour
	}
	if l == nil {
		return r.Kinds.others, TagNone
	}
	if r.table == nil || l.Parent == nil && l != r.root {
		r.root = rootOf(l)
		r.table = r.Kinds.table(r.root)
	}
	if def != nil {
		tag = r.table.defs[def.Index].tag
	}
	return r.table.loops[l.Index], tag
}

func rootOf(l *guide.Loop) *guide.Loop {
	for l.Parent != nil {
		l = l.Parent
	}
	return l
}

// Replay gives the segments of a span to add, each as it was decoded first: that is how entities are cloned.
func Replay(k *Kinds, span parts.Span, add func(s *edi.Segment, at *guide.Step, kind uint8, tag Tag)) {
	r := Resolver{Kinds: k}
	for i := range span.Segments {
		s, p := &span.Segments[i], span.Places[i]
		at := &guide.Step{Loop: p.Loop, Def: p.Def, Near: p.Near, Opened: p.Opened}
		kind, tag := r.Resolve(s, at)
		add(s, at, kind, tag)
	}
}
