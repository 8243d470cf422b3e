package encode

import (
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/edi/parts"
)

// flushAt is how many bytes wait before they are written.
const flushAt = 32 << 10

// A Document writes an interchange, entity by entity. An entity is composed with the Builder that Set, Level or Part returns, and
// written by Add, if its guide allows it. The last level waits until the next one shows whether it stands below (HL04), so that
// memory is that of the levels above and the largest person. It is not safe for several goroutines.
type Document struct {
	out io.Writer
	env parts.Envelope
	del edi.Delimiters
	err error // final: the file can't be completed

	envelope envelope
	builder  Builder
	next     entity // what the builder is for
	ordinals map[string]int

	set    *set // open; nil before the first
	frames []frame
	depth  int // frames in use: the header, and the path of levels to the last one
	held   bool
	after  edi.Record // what follows the last level and is held with it

	buf      []byte // to be written
	raw      []byte // of an HL or SE
	trial    guide.Levels
	checkers map[*guide.Guide]*checker
}

// An entity is what is being composed.
type entity struct {
	rank  int
	under int    // the greatest rank that it may stand directly below
	code  string // HL03; "" of an entity without a level of its own
	keeps bool   // it stays on the path, for what is below it
	set   *set   // to begin with it; nil for all but headers
}

// A frame is an entity on the path.
type frame struct {
	entity
	name    string
	ordinal int
	record  edi.Record
	levels  []mark
	number  int // HL01
	parent  int // HL02; 0 is none
	loop    *guide.Loop
	below   map[*guide.Loop]int // levels right below
}

// A set is an open transaction set.
type set struct {
	guide   *guide.Guide
	control string
	hl      int // levels so far
	checker *checker
	live    *run
}

// HeaderRank is the rank of headers; all others are below it.
const HeaderRank = -1

// New returns a Document that is written to w.
func New(w io.Writer, env parts.Envelope) *Document {
	d := &Document{out: w, env: env, del: env.Delimiters, checkers: make(map[*guide.Guide]*checker), ordinals: make(map[string]int)}
	if d.del == (edi.Delimiters{}) {
		d.del = edi.StandardDelimiters
	}
	d.trial = trialLevels(env.Levels)
	d.err = d.envelope.begin(&d.env, d.del)
	return d
}

// Set ends the open transaction set and returns the Builder of the first entity of the next, with its ST. control is ST02, or empty.
// This and the other Builders refuse an entity whose decoder could not read all of it.
func (d *Document) Set(name string, of *parts.Entity, g *guide.Guide, control edi.Text) *Builder {
	d.endSet()
	clear(d.ordinals)
	b := d.builderFor(name, of, entity{rank: HeaderRank, under: HeaderRank, keeps: true})
	if g == nil {
		b.fail("ST", 1, "ST01 and BHT name no transaction set that can be written", parts.ErrOrder)
		return b
	}
	s := &set{guide: g, control: string(control), checker: d.checkerOf(g)}
	if s.control == "" {
		s.control = d.envelope.nextControl(g)
	}
	d.next.set = s
	b.Begin("ST").Code(g.Set).Text(edi.Text(s.control))
	if g.Root.Trigger.Element(3).Usage == guide.Required {
		b.Code(g.ID)
	}
	b.Close()
	return b
}

// Header writes the header of a document with levels; guideOf tells its guide.
func (d *Document) Header(h *parts.Header, guideOf func(*parts.Header) *guide.Guide) error {
	g := guideOf(h)
	b := d.Set("header", &h.Entity, g, h.ControlNumber)
	if len(h.Rejections) > 0 {
		b.Nowhere("AAA", "a header has no place for a rejection")
	}
	if g != nil {
		bht := segmentOf(g.Root, "BHT")
		b.header(h, bht.Element(1).Codes.Values[0], only(bht.Element(2).Codes), &d.env)
	}
	return d.Add()
}

// only returns the code of a list that has just one.
func only(c *guide.CodeSet) string {
	if len(c.Values) == 1 {
		return c.Values[0]
	}
	return ""
}

func segmentOf(l *guide.Loop, tag string) *guide.SegmentDef {
	for _, n := range l.Children {
		if n.Segment != nil && n.Segment.Tag == tag {
			return n.Segment
		}
	}
	return nil
}

// Level returns the Builder of an entity that begins a hierarchical level with that HL03. rank orders the levels from the top, 0,
// downwards; the level stands below the last one of a smaller rank.
func (d *Document) Level(name string, of *parts.Entity, rank int, code string) *Builder {
	return d.builderFor(name, of, entity{rank: rank, under: rank - 1, code: code, keeps: true})
}

// Part returns the Builder of an entity without a level of its own, below the last one of a smaller rank. Of those that stay, others
// can stand below.
func (d *Document) Part(name string, of *parts.Entity, rank int, stays bool) *Builder {
	return d.builderFor(name, of, entity{rank: rank, under: rank - 1, keeps: stays})
}

func (d *Document) builderFor(name string, of *parts.Entity, e entity) *Builder {
	d.ordinals[name]++
	d.next = e
	b := &d.builder
	b.reset(&d.del)
	b.entity, b.ordinal = name, d.ordinals[name]
	if e.rank == HeaderRank {
		b.ordinal = 0
	} else if d.set == nil {
		b.fail("", 0, "it needs the header of a document before it", parts.ErrOrder)
	}
	b.decoded(of)
	return b
}

// Under says that what is being composed belongs to a level of that rank or one above, whatever deeper ones are open.
func (d *Document) Under(rank int) { d.next.under = min(d.next.under, rank) }

// Again takes the ordinal of the last entity of that name back, to compose it once more.
func (d *Document) Again(name string) { d.ordinals[name]-- }

// Add writes what was composed, unless it is invalid: then nothing changes. Loops whose triggers are in later may be missing: they
// are entities of their own, which follow.
func (d *Document) Add(later ...string) error {
	prefix, err := d.Check(later...)
	if err != nil {
		return err
	}
	if d.next.set != nil {
		if err := d.beginSet(d.next.set); err != nil {
			return err
		}
	}
	if !d.next.keeps {
		return d.write(d.builder.record.Segments())
	}
	if d.held {
		if err := d.release(prefix == d.depth); err != nil {
			return err
		}
	}
	d.depth = prefix
	return d.push()
}

// Check tells what Add would say, and the number of frames that the entity stands below.
func (d *Document) Check(later ...string) (prefix int, err error) {
	if d.err != nil {
		return 0, d.err
	}
	b := &d.builder
	if b.err != nil {
		return 0, b.err
	}
	s := d.set
	if d.next.set != nil {
		s = d.next.set
	} else {
		prefix = d.depth
		for d.frames[prefix-1].rank > d.next.under {
			prefix--
		}
	}
	if err := d.checkPlace(s, prefix); err != nil {
		return 0, err
	}
	return prefix, s.checker.check(d, s, d.frames[:prefix], later)
}

// checkPlace tells whether the level that the entity begins may stand below the last frame.
func (d *Document) checkPlace(s *set, prefix int) error {
	if d.next.code == "" {
		return nil
	}
	l := levelLoop(s.guide, d.next.code)
	if l == nil {
		d.builder.fail("HL", 3, "its document has no such level", parts.ErrOrder)
		return d.builder.err
	}
	above := &d.frames[prefix-1]
	switch {
	case !slices.Contains(l.HL.Parents, above.loop) && (len(l.HL.Parents) > 0 || above.loop != nil):
		d.builder.fail("HL", 2, "the level that it belongs to is missing: it is to come first", parts.ErrOrder)
	case above.below[l] >= l.Max:
		d.builder.fail("HL", 0, "there are as many of its kind already as the guide allows: "+strconv.Itoa(l.Max), parts.ErrOrder)
	}
	return d.builder.err
}

func levelLoop(g *guide.Guide, code string) *guide.Loop {
	for _, l := range g.Loops {
		if l.HL != nil && l.HL.Level == code {
			return l
		}
	}
	return nil
}

// push puts what was composed on the path.
func (d *Document) push() error {
	if d.depth == len(d.frames) {
		d.frames = append(d.frames, frame{})
	}
	f, b := &d.frames[d.depth], &d.builder
	f.entity, f.name, f.ordinal, f.number, f.parent, f.loop = d.next, b.entity, b.ordinal, 0, 0, nil
	f.record, b.record = b.record, f.record
	if clear(f.below); f.below == nil {
		f.below = make(map[*guide.Loop]int)
	}
	f.levels = append(f.levels[:0], b.levels...)
	if d.depth++; f.code == "" {
		return d.write(f.record.Segments())
	}
	f.loop = levelLoop(d.set.guide, f.code)
	d.frames[d.depth-2].below[f.loop]++
	for i := d.depth - 2; i >= 0 && f.parent == 0; i-- {
		f.parent = d.frames[i].number
	}
	f.number = d.set.hl + 1
	d.set.hl += 1 + len(f.levels)
	d.held = true
	return nil
}

// release writes the held level and what follows it; below tells whether another stands below it.
func (d *Document) release(below bool) error {
	f := &d.frames[d.depth-1]
	if !hasChildren(f.loop, below || len(f.levels) > 0) {
		return d.final(&parts.InvalidError{Entity: f.name, Ordinal: f.ordinal, Err: parts.ErrOrder, Finding: edi.Finding{
			Loop: f.loop.ID, Segment: "HL", Element: 4, SNIP: 2, Message: "nothing follows below it, and its guide requires that",
		}})
	}
	d.held = false
	d.put(d.hl(d.set.live, f.loop, f.number, f.parent, childCode(below || len(f.levels) > 0)))
	segments, first := f.record.Segments(), 0
	for i, l := range f.levels {
		d.emitAll(segments[first:l.index])
		first = l.index
		d.put(d.hl(d.set.live, levelLoop(d.set.guide, l.code), f.number+1+i, f.number, childCode(false)))
	}
	d.emitAll(segments[first:])
	d.emitAll(d.after.Segments())
	d.after.Reset()
	return d.flush(flushAt)
}

// hasChildren tells whether HL04 may say so.
func hasChildren(l *guide.Loop, children bool) bool {
	e := l.Trigger.Element(4)
	return e.Usage == guide.NotUsed || e.Codes == nil || e.Codes.Has([]byte(childCode(children)))
}

func childCode(children bool) string {
	if children {
		return "1"
	}
	return "0"
}

// write writes segments that belong to the last level, or to none.
func (d *Document) write(segments []edi.Segment) error {
	if d.held {
		for _, s := range segments {
			d.after.Append(s)
		}
		return nil
	}
	d.emitAll(segments)
	return d.flush(flushAt)
}

// Close ends the interchange. Without any document, nothing is written.
func (d *Document) Close() error {
	d.endSet()
	if d.err != nil {
		return d.err
	}
	d.err = fmt.Errorf("writing X12: %w", io.ErrClosedPipe)
	d.buf = d.envelope.end(d.buf)
	return d.flushBytes()
}

// final keeps an error after which the file can't be completed.
func (d *Document) final(err error) error {
	if d.err == nil {
		d.err = err
	}
	return d.err
}

// Stray returns the error of what belongs to nobody.
func Stray() error {
	return &parts.InvalidError{Entity: "stray", Err: parts.ErrOrder, Finding: edi.Finding{
		Segment: "HL", Message: "what stands below an HL without a place belongs to nobody",
	}}
}
