package decode

import (
	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/edi/parts"
)

// A Beginning is what a segment begins in a document with levels.
type Beginning uint8

// Beginnings.
const (
	BeginsNothing Beginning = iota
	BeginsHeader            // ST
	BeginsLevel             // an HL, or the name in a level whose HL is missing
	BeginsStray             // an HL without a place
	EndsAll                 // SE
)

// Levels follows the levels of documents: which segment begins what, and the path of levels to it. Ranks gives the rank
// of each kind of loop that a level begins with, from the top, 0, downwards; kinds without one belong to any level.
type Levels struct {
	Resolver
	Ranks Ranks
	// People are the kinds of levels that one person is named in: a second name is another person, whose HL is missing.
	People [MaxKinds]bool
	Chain
	Wrong bool // the last HL names a parent that is not above it
	open  bool // a header was begun
	rank  int  // of the open level; Nowhere for header and stray
	stray bool
	named bool // the open level has its name
}

// MaxKinds is more than the kinds of loops of any decoder.
const MaxKinds = 32

// Ranks are the ranks of kinds of loops, from 1; 0 is none.
type Ranks [MaxKinds]int8

// NewRanks returns the ranks of kinds, from 0.
func NewRanks(byKind map[uint8]int) (r Ranks) {
	for kind, rank := range byKind {
		r[kind] = int8(rank + 1)
	}
	return r
}

// Of returns the rank of a kind, 0 for one that has none.
func (r *Ranks) Of(kind uint8) int { return max(int(r[kind%MaxKinds])-1, 0) }

func (r *Ranks) of(kind uint8) (rank int, ok bool) {
	n := int(r[kind%MaxKinds])
	return n - 1, n > 0
}

// begins has the segments that may begin or end something.
var begins = [Tags]bool{TagNone: true, TagST: true, TagSE: true, TagHL: true, TagNM1: true}

// Continue is Take and Enter for a segment of which it is plain that it begins nothing, as nearly all are: then ok is true. Where the open
// level ends is then to be told by Extend before it is asked for.
func (l *Levels) Continue(s *edi.Segment, at *guide.Step) (kind uint8, tag Tag, ok bool) {
	if !l.open || at.Def == nil || at.Implied || at.Def.Loop.Parent == nil { // outside all loops stands what may change the table
		return 0, TagNone, false
	}
	k := l.table.defs[at.Def.Index]
	if k.begins {
		return 0, TagNone, false
	}
	return k.kind, k.tag, true
}

// Take resolves the next segment and says what it begins. Nothing is changed yet, so that what is being collected can be
// emitted in its place; then comes Enter.
func (l *Levels) Take(s *edi.Segment, at *guide.Step) (kind uint8, tag Tag, b Beginning) {
	kind, tag = l.Resolve(s, at)
	if l.open && at.Def != nil && !at.Implied && !begins[tag] { // nearly all
		return kind, tag, BeginsNothing
	}
	switch {
	case tag == TagST, tag != TagSE && !l.open:
		return kind, tag, BeginsHeader
	case tag == TagSE:
		return kind, tag, EndsAll
	case s.Is("HL"):
		if placed(s, at) {
			return kind, tag, BeginsLevel
		}
		return kind, tag, BeginsStray
	case !l.stray && (at.Implied || at.Opened && s.Is("NM1")): // of other segments it is likelier that their qualifier is wrong
		rank, ok := l.Ranks.of(kind)
		another := l.named && l.People[kind%MaxKinds] && at.Opened && !at.Mismatch
		if ok && (rank != l.rank || another) {
			return kind, tag, BeginsLevel
		}
	}
	return kind, tag, BeginsNothing
}

// Enter goes on to s, with what Take said of it.
func (l *Levels) Enter(s *edi.Segment, at *guide.Step, kind uint8, b Beginning) {
	switch b {
	case BeginsHeader:
		l.Stop()
		l.open = true
	case BeginsLevel:
		l.enterLevel(s, at, kind)
	case BeginsStray:
		l.rank, l.stray = Nowhere, true
	case BeginsNothing:
		if l.rank >= 0 {
			l.Extend(*s)
		}
	}
	if at.Opened && at.Def.Tag == "NM1" {
		if rank, ok := l.Ranks.of(kind); ok && rank == l.rank {
			l.named = true
		}
	}
}

func (l *Levels) enterLevel(s *edi.Segment, at *guide.Step, kind uint8) {
	l.rank, l.stray, l.Wrong, l.named = l.Ranks.Of(kind), false, false, false
	if !s.Is("HL") {
		l.OpenWithout(*s, levelOf(at.Loop), l.rank)
		return
	}
	l.Wrong = !l.Open(*s, at.Loop, l.rank, l.above(at))
}

// above returns the rank of the level that HL02 names.
func (l *Levels) above(at *guide.Step) int {
	if at.HL.Above != nil {
		if r, ok := l.Ranks.of(l.table.loops[at.HL.Above.Index]); ok {
			return r
		}
	}
	return Nowhere
}

// levelOf returns the loop of the level that loop belongs to.
func levelOf(loop *guide.Loop) *guide.Loop {
	for loop != nil && loop.HL == nil {
		loop = loop.Parent
	}
	return loop
}

// Keeps tells whether the level that s is about to begin stands below the open level of that rank.
func (l *Levels) Keeps(s *edi.Segment, at *guide.Step, kind uint8, rank int) bool {
	id := 0
	if s.Is("HL") {
		id = whole(s.Text(2))
	}
	n, _ := l.parent(id, l.Ranks.Of(kind), l.above(at))
	for _, r := range l.ranks[:n] {
		if r == rank {
			return true
		}
	}
	return false
}

// placed tells whether an HL stands at its loop. One whose level code is unknown and whose parent is, too, may be placed at the
// top of the document; it is not believed.
func placed(s *edi.Segment, at *guide.Step) bool {
	if at.Def == nil || at.Loop.HL == nil {
		return false
	}
	return !at.Mismatch || len(at.Loop.HL.Parents) > 0 || len(s.Text(2)) == 0
}

// Level returns the open level and, in list, those above it.
func (l *Levels) Level(list []parts.Level) (parts.Level, []parts.Level) {
	return l.Current(), l.Above(list)
}

// Check notes in the memory of the level that was just begun that HL02 of its HL, s, is wrong.
func (l *Levels) Check(a *Arena, s *edi.Segment) {
	if l.Wrong {
		a.WrongParent(s)
	}
}

// Stop forgets the open transaction set.
func (l *Levels) Stop() {
	l.Chain.Reset()
	l.open, l.rank, l.stray, l.Wrong, l.named = false, Nowhere, false, false, false
}
