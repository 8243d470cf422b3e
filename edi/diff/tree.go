package diff

import (
	"encoding/binary"
	"hash/maphash"
	"strings"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/edi/internal/looptree"
)

// A node is a segment, or an instance of a loop with what is in it.
type node struct {
	parent  *node
	loop    *guide.Loop // of a loop; nil: a segment
	segment edi.Segment // of a segment; of a loop its first
	def     *guide.SegmentDef
	at      edi.Position
	items   []*node
	ordered bool // the order of the items counts

	hash uint64 // of what it means, with what is in it
	id   string // what it is about; "" if nothing tells
	near string // what it is probably about, if the other file has nothing with its id
}

// A builder makes the tree of one transaction set.
type builder struct {
	root   *node
	open   []*node
	loops  looptree.Stack
	record edi.Record
}

func newBuilder() *builder {
	return &builder{root: &node{}}
}

func (b *builder) add(s edi.Segment, step guide.Step, at edi.Position) {
	leaf := &node{segment: b.record.Append(s), def: step.Def, at: at}
	leaf.hash = hashSegment(leaf.segment, leaf.def)
	into := b.root
	if step.Loop == nil {
		b.root.ordered = true
	} else if begun, level := b.loops.Enter(step); level > 0 {
		into = b.enter(begun, level, leaf)
	}
	leaf.parent = into
	into.items = append(into.items, leaf)
}

// enter returns the loop instance that a segment belongs to, after those that begin with it have been made.
func (b *builder) enter(begun []*guide.Loop, level int, first *node) *node {
	if len(begun) > 0 {
		b.open = b.open[:level-len(begun)]
	}
	for _, l := range begun {
		parent := b.root
		if len(b.open) > 0 {
			parent = b.open[len(b.open)-1]
		}
		n := &node{parent: parent, loop: l, segment: first.segment, def: first.def, at: first.at}
		parent.items = append(parent.items, n)
		b.open = append(b.open, n)
	}
	return b.open[level-1]
}

// finish fills hashes and ids, from the leaves up.
func (n *node) finish() {
	if n.loop == nil && n.parent != nil {
		n.id = segmentID(n)
		return
	}
	var h maphash.Hash
	h.SetSeed(seed)
	if n.loop != nil {
		h.WriteString(n.loop.ID)
	}
	sum := uint64(0)
	for _, item := range n.items {
		item.finish()
		sum += item.hash // the order does not count
		if n.ordered {
			sum *= 31
		}
	}
	var word [8]byte
	binary.LittleEndian.PutUint64(word[:], sum)
	h.Write(word[:])
	n.hash = h.Sum64()
	if n.loop != nil {
		n.id, n.near = loopID(n), nearID(n)
	}
}

// kind tells what a node may be matched with.
func (n *node) kind() string {
	switch {
	case n.loop != nil:
		return "loop " + n.loop.ID
	case n.def != nil:
		return n.segment.Tag() + " " + n.def.Name
	default:
		return n.segment.Tag()
	}
}

// segmentID is what tells a segment from others of its place: the qualifier in its first element.
func segmentID(n *node) string {
	switch n.segment.Tag() {
	case "REF", "DTP", "DTM", "AMT", "QTY", "PER", "NM1", "N1", "K3":
		return n.segment.Value(1)
	case "PLB":
		return join(n.segment, 1, 2)
	case "CAS":
		return join(n.segment, 1, 2)
	case "LQ":
		return join(n.segment, 1, 2)
	}
	return ""
}

// loopID is what an instance of a loop is about, by its first segment.
func loopID(n *node) string {
	s := n.segment
	if n.def == nil || n.def != n.loop.Trigger {
		return ""
	}
	switch s.Tag() {
	case "CLP":
		return keyOf(s, 1, 7, 2)
	case "SVC":
		return keyOf(s, 1) + "\x00" + valueIn(n, "REF", "6R", 2) + "\x00" + valueIn(n, "DTM", "472", 2)
	case "EB":
		return keyOf(s, 1, 2, 3, 4, 5, 6, 9, 12, 13)
	case "TRN", "AK2":
		return join(s, 1, 2)
	case "IK3", "AK3":
		return join(s, 1, 2)
	case "NM1", "N1":
		return s.Value(1)
	case "HL":
		return levelID(n)
	}
	return ""
}

// nearID tells a service line by the provider's number of it, or else its charge, and a benefit by all but its amounts and further
// service types.
func nearID(n *node) string {
	s := n.segment
	switch {
	case n.def == nil || n.def != n.loop.Trigger:
		return ""
	case s.Is("SVC"):
		if number := valueIn(n, "REF", "6R", 2); number != "" {
			return number
		}
		return keyOf(s, 2)
	case s.Is("EB"):
		return keyOf(s, 1, 2, 6, 12) + string(s.Component(3, 1))
	}
	return ""
}

// keyOf is what elements say, whatever the delimiters are.
func keyOf(s edi.Segment, elements ...int) string {
	var b strings.Builder
	for _, n := range elements {
		b.Write(readElement(s, nil, n).key())
		b.WriteByte(0)
	}
	return b.String()
}

// levelID is the person or organization that a level names, or the trace and procedure of an event or service.
func levelID(n *node) string {
	for _, item := range n.items {
		if item.loop != nil && item.segment.Is("NM1") && n.loop.HL.Level != "EV" && n.loop.HL.Level != "SS" {
			if id := item.segment.Value(9); id != "" {
				return id
			}
			return join(item.segment, 3, 4)
		}
	}
	if trace := valueIn(n, "TRN", "", 2); trace != "" {
		return trace
	}
	for _, tag := range []string{"SV1", "SV2", "SV3"} {
		if code := firstIn(n, tag); code != "" {
			return code
		}
	}
	return ""
}

// firstIn is what the first two elements of the first own segment with that tag say.
func firstIn(n *node, tag string) string {
	for _, item := range n.items {
		if item.loop == nil && item.segment.Is(tag) {
			return keyOf(item.segment, 1, 2)
		}
	}
	return ""
}

// valueIn returns an element of the first own segment of a loop with that tag, and that first element if it is not "".
func valueIn(n *node, tag, first string, element int) string {
	for _, item := range n.items {
		if item.loop == nil && item.segment.Is(tag) && (first == "" || item.segment.Text(1).Is(first)) {
			return item.segment.Value(element)
		}
	}
	return ""
}
