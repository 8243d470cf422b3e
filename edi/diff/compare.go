package diff

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
)

// A Kind says what happened to something between the first file and the second.
type Kind string

// Kinds of changes.
const (
	Changed Kind = "changed"
	Added   Kind = "added"   // only the second file has it
	Removed Kind = "removed" // only the first file has it
)

// A Change is one difference. What it is about goes from the outside in; what does not apply is zero.
type Change struct {
	Kind    Kind     `json:"kind"`
	Set     string   `json:"set"`               // ST01; "" for the envelopes
	A       Place    `json:"a"`                 // in the first file; if it is added, the set's that it was added to
	B       Place    `json:"b"`                 // in the second file; if it is removed, the set's that it was removed from
	Path    []string `json:"path,omitempty"`    // the loops around it: number, name, and what tells them apart
	Loop    string   `json:"loop,omitempty"`    // id of the innermost
	Segment string   `json:"segment,omitempty"` // id; of a loop or set "" if all of it was added or removed
	Name    string   `json:"name,omitempty"`    // what a person calls the element, segment, loop or set
	Element int      `json:"element,omitempty"` // of a changed segment
	Part    int      `json:"component,omitempty"`
	Old     string   `json:"old,omitempty"` // as sent
	New     string   `json:"new,omitempty"`
}

// A Place is where something stands in a file; its zero value is nowhere.
type Place struct {
	Interchange int   `json:"interchange"` // ordinals, from 1; 0 does not apply
	Group       int   `json:"group"`
	Transaction int   `json:"transaction"`
	Position    int   `json:"position"` // of the segment in its transaction set, ST is 1
	Offset      int64 `json:"offset"`
	Line        int   `json:"line"`
}

func placeOf(p edi.Position) Place {
	return Place{p.Interchange, p.Group, p.Transaction, p.Segment, p.Offset, p.Line}
}

// A Result counts what was compared.
type Result struct {
	Sets    int // matched
	Changes int
}

// Equal tells whether the files mean the same.
func (r Result) Equal() bool { return r.Changes == 0 }

// Compare compares two files and reports their differences, set by set in the order of a, then the sets that only b has. Its memory
// is a few words for each set and that of the largest two sets that differ. Errors are those of the files, *[edi.SyntaxError]
// if they can't be read to their end, and of report.
func Compare(a, b File, report func(Change) error) (Result, error) {
	c := comparison{a: a, b: b, report: report}
	setsA, err := index(a)
	if err != nil {
		return c.result, fmt.Errorf("first file: %w", err)
	}
	setsB, err := index(b)
	if err != nil {
		return c.result, fmt.Errorf("second file: %w", err)
	}
	for _, p := range matchSets(setsA, setsB) {
		if err := c.sets(p.a, p.b); err != nil {
			return c.result, err
		}
	}
	return c.result, nil
}

type setPair struct{ a, b *indexedSet }

// matchSets matches sets that say the same, then those that are about the same, then the rest of a kind in its order.
func matchSets(a, b []*indexedSet) []setPair {
	wrapped := func(sets []*indexedSet) []*node {
		nodes := make([]*node, len(sets))
		for i, s := range sets {
			name := s.set
			if s.guide != nil {
				name += " " + s.guide.Key
			}
			nodes[i] = &node{loop: &guide.Loop{ID: name}, hash: s.hash, id: s.key}
		}
		return nodes
	}
	nodesA, nodesB := wrapped(a), wrapped(b)
	of := make(map[*node]*indexedSet)
	for i, n := range nodesA {
		of[n] = a[i]
	}
	for i, n := range nodesB {
		of[n] = b[i]
	}
	// Whatever two sets are about: a document made again has another reference.
	pairs := alignAll(nodesA, nodesB)
	result := make([]setPair, len(pairs))
	for i, p := range pairs {
		result[i] = setPair{of[p.a], of[p.b]}
	}
	return result
}

// alignAll is align for sets, which may always be matched with others of their kind.
func alignAll(a, b []*node) []pair {
	pairs := align(a, b)
	var restA, restB []*node
	for _, p := range pairs {
		switch {
		case p.b == nil:
			restA = append(restA, p.a)
		case p.a == nil:
			restB = append(restB, p.b)
		}
	}
	if len(restA) == 0 || len(restB) == 0 {
		return pairs
	}
	for _, n := range append(append([]*node{}, restA...), restB...) {
		n.id, n.hash = "", 0
	}
	return align(a, b)
}

type comparison struct {
	a, b   File
	report func(Change) error
	result Result
	set    *indexedSet // of a; of b if a has none
	other  *indexedSet
}

func (c *comparison) sets(a, b *indexedSet) error {
	switch {
	case b == nil:
		c.set, c.other = a, a
		return c.tell(Change{Kind: Removed, Name: setName(a), A: placeOf(a.at), Old: a.control})
	case a == nil:
		c.set, c.other = b, b
		return c.tell(Change{Kind: Added, Name: setName(b), B: placeOf(b.at), New: b.control})
	}
	c.set, c.other = a, b
	c.result.Sets++
	if err := c.envelopes(a.around, b.around); err != nil || a.hash == b.hash {
		return err
	}
	rootA, err := c.a.load(a)
	if err != nil {
		return fmt.Errorf("first file: %w", err)
	}
	rootB, err := c.b.load(b)
	if err != nil {
		return fmt.Errorf("second file: %w", err)
	}
	rootA.finish()
	rootB.finish()
	return c.nodes(rootA, rootB)
}

func setName(s *indexedSet) string {
	if s.guide != nil {
		return s.guide.Name
	}
	return s.set
}

func (c *comparison) tell(change Change) error {
	c.result.Changes++
	change.Set = c.set.set
	return c.report(change)
}

// envelopes compares what an envelope says about who speaks to whom, once for each.
func (c *comparison) envelopes(a, b *around) error {
	if a == nil || b == nil || a.compared {
		return nil
	}
	a.compared = true
	if err := c.elements(&node{segment: a.isaSeg, def: a.isaDef, at: a.isaAt}, &node{segment: b.isaSeg, def: b.isaDef, at: b.isaAt}); err != nil {
		return err
	}
	if !a.inGroup || !b.inGroup {
		return nil
	}
	return c.elements(&node{segment: a.gsSeg, def: a.gsDef, at: a.gsAt}, &node{segment: b.gsSeg, def: b.gsDef, at: b.gsAt})
}

// nodes compares two loops, or sets, whose hashes differ.
func (c *comparison) nodes(a, b *node) error {
	pairs := align
	if a.ordered || b.ordered {
		pairs = alignInOrder
	}
	for _, p := range pairs(a.items, b.items) {
		if err := c.pair(p); err != nil {
			return err
		}
	}
	return nil
}

func (c *comparison) pair(p pair) error {
	switch {
	case p.b == nil:
		return c.only(p.a, Removed)
	case p.a == nil:
		return c.only(p.b, Added)
	case p.a.hash == p.b.hash:
		return nil
	case p.a.loop != nil:
		return c.nodes(p.a, p.b)
	default:
		return c.elements(p.a, p.b)
	}
}

// only tells what one file alone has: a segment, or all of a loop.
func (c *comparison) only(n *node, kind Kind) error {
	change := Change{Kind: kind, Path: pathOf(n.parent), Loop: loopOf(n.parent)}
	if n.loop != nil {
		change.Loop, change.Name = n.loop.ID, n.loop.Name
		change.Path = pathOf(n)
	} else {
		change.Segment, change.Name = n.segment.Tag(), segmentName(n)
	}
	text := string(n.segment.Raw())
	if kind == Removed {
		change.A, change.B, change.Old = placeOf(n.at), placeOf(c.other.at), text
	} else {
		change.A, change.B, change.New = placeOf(c.set.at), placeOf(n.at), text
	}
	return c.tell(change)
}

func loopOf(n *node) string {
	if n == nil || n.loop == nil {
		return ""
	}
	return n.loop.ID
}

// pathOf names the loops around a node, with what tells them apart.
func pathOf(n *node) []string {
	if n == nil || n.loop == nil {
		return nil
	}
	name := n.loop.ID + " " + n.loop.Name
	if title := titleOf(n); title != "" {
		name += " " + title
	}
	return append(pathOf(n.parent), name)
}

// titleOf is what a person knows a loop by.
func titleOf(n *node) string {
	s := n.segment
	switch s.Tag() {
	case "CLP":
		return s.Value(1)
	case "SVC":
		return string(s.Component(1, 2))
	case "LX":
		return s.Value(1)
	case "EB":
		return strings.TrimSpace(s.Value(1) + " " + s.Value(3))
	case "TRN", "AK2":
		return s.Value(2)
	case "NM1":
		return strings.TrimSpace(s.Value(3) + " " + s.Value(4))
	case "N1":
		return s.Value(2)
	case "HL":
		return strings.ReplaceAll(levelID(n), "\x00", " ")
	}
	return ""
}

func segmentName(n *node) string {
	if n.def == nil {
		return ""
	}
	return n.def.Name
}

// elements compares two segments element by element.
func (c *comparison) elements(a, b *node) error {
	tag := a.segment.Tag()
	for n := 1; n <= max(a.segment.Len(), b.segment.Len()); n++ {
		if ignores(tag, n) {
			continue
		}
		left, right := readElement(a.segment, a.def.Element(n), n), readElement(b.segment, b.def.Element(n), n)
		if tag == "ISA" { // its elements hold the separators
			left.repetitions, right.repetitions = whole(a.segment, n), whole(b.segment, n)
		}
		if bytes.Equal(left.key(), right.key()) {
			continue
		}
		change := Change{
			Kind: Changed, A: placeOf(a.at), B: placeOf(b.at), Path: pathOf(a.parent), Loop: loopOf(a.parent), Segment: tag, Element: n, Name: elementName(a.def, n, 0),
		}
		if err := c.element(change, a.def, left, right); err != nil {
			return err
		}
	}
	return nil
}

func whole(s edi.Segment, n int) []composite {
	text := bytes.TrimSpace(s.Element(n))
	return []composite{{values: [][]byte{text}, sent: text}}
}

// element tells a changed element, component by component if it has no repetitions.
func (c *comparison) element(change Change, def *guide.SegmentDef, a, b element) error {
	if len(a.repetitions) > 1 || len(b.repetitions) > 1 {
		change.Old, change.New = a.sent(), b.sent()
		return c.tell(change)
	}
	left, right := a.values(), b.values()
	if max(len(left), len(right)) <= 1 {
		change.Old, change.New = a.sent(), b.sent()
		return c.tell(change)
	}
	for i := range max(len(left), len(right)) {
		one := change
		one.Part, one.Name = i+1, elementName(def, change.Element, i+1)
		one.Old, one.New = at(left, i), at(right, i)
		if one.Old == one.New {
			continue
		}
		if err := c.tell(one); err != nil {
			return err
		}
	}
	return nil
}

func (e element) values() [][]byte {
	if len(e.repetitions) == 0 {
		return nil
	}
	return e.repetitions[0].values
}

func (e element) sent() string {
	var texts []string
	for _, r := range e.repetitions {
		texts = append(texts, string(r.sent))
	}
	return strings.Join(texts, ", ")
}

func at(values [][]byte, i int) string {
	if i >= len(values) {
		return ""
	}
	return string(values[i])
}

func elementName(def *guide.SegmentDef, n, component int) string {
	return guide.Step{Def: def}.ElementName(n, component)
}
