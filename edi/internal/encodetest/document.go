package encodetest

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"

	"github.com/ediport/ediport/edi/guide"
)

// Options say what documents are made.
type Options struct {
	Seed uint64
	// All makes every situational loop, segment and element, as far as they don't exclude each other; else some of them.
	All bool
	// Values replaces what is made at random for an element, by its ref, such as CLP03; "" leaves the element out.
	Values map[string]string
}

// A writer makes one document.
type writer struct {
	Options
	*rand.Rand
	guide    *guide.Guide
	segments []string
	hl       int
	loops    map[*guide.Loop]int // how many were decided on already, for LS
}

// Document returns an interchange with one transaction set that fits g: the same one for the same options.
func Document(g *guide.Guide, o Options) []byte {
	w := &writer{Options: o, Rand: rand.New(rand.NewPCG(o.Seed, 7)), guide: g, loops: make(map[*guide.Loop]int)}
	w.children(g.Root)
	w.segments[len(w.segments)-1] = fmt.Sprintf("SE*%d*0001", len(w.segments))
	return []byte("ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260105*0800*^*00501*000000001*0*T*:~" +
		"GS*" + g.FunctionalID + "*SENDER*RECEIVER*20260105*0800*1*X*" + g.ID + "~" +
		strings.Join(w.segments, "~") + "~GE*1*1~IEA*1*000000001~")
}

func (w *writer) chance() bool { return w.All || w.IntN(100) < 40 }

// times returns how often something is to be there.
func (w *writer) times(usage guide.Usage, most int) int {
	if usage == guide.NotUsed || usage == guide.Situational && !w.chance() {
		return 0
	}
	return 1 + w.IntN(min(most, 3))
}

// children makes the segments and loops of an instance of l, without levels below it.
func (w *writer) children(l *guide.Loop) {
	clear(w.loops)
	service := fmt.Sprintf("SV%d", 1+w.IntN(3)) // a service is professional, institutional or dental
	for _, n := range l.Children {
		switch {
		case n.Segment != nil && strings.HasPrefix(n.Segment.Tag, "SV") && n.Segment.Tag != service && n.Segment.Tag != "SVC":
		case n.Segment == nil:
			w.loop(n.Loop)
		case n.Segment == l.Trigger:
			w.segment(n.Segment)
		case n.Segment.With != "":
			if w.decide(childLoop(l, n.Segment.With)) > 0 {
				w.segments = append(w.segments, n.Segment.Tag+"*2120")
			}
		default:
			for range w.times(n.Segment.Usage, n.Segment.Max) {
				w.segment(n.Segment)
			}
		}
	}
}

func childLoop(l *guide.Loop, id string) *guide.Loop {
	for _, n := range l.Children {
		if n.Loop != nil && n.Loop.ID == id {
			return n.Loop
		}
	}
	return nil
}

// decide decides once how many instances of l there are.
func (w *writer) decide(l *guide.Loop) int {
	n, ok := w.loops[l]
	if !ok {
		n = w.times(l.Usage, l.Max)
		w.loops[l] = n
	}
	return n
}

func (w *writer) loop(l *guide.Loop) {
	if l.HL != nil {
		if len(l.HL.Parents) == 0 {
			for range w.times(guide.Required, min(l.Max, 2)) {
				w.level(l, 0)
			}
		}
		return
	}
	decided := w.loops
	for range w.decide(l) {
		w.loops = make(map[*guide.Loop]int)
		w.children(l)
	}
	w.loops = decided
}

// level makes a hierarchical level and those below it.
func (w *writer) level(l *guide.Loop, parent int) {
	w.hl++
	id, at := w.hl, len(w.segments)
	w.children(l)
	below := 0
	for _, c := range w.guide.Loops {
		if c.HL == nil || !contains(c.HL.Parents, l) {
			continue
		}
		usage := c.Usage
		if !mayEnd(l) && below == 0 {
			usage = guide.Required
		}
		if !mayHaveChildren(l) {
			usage = guide.NotUsed
		}
		for range w.times(usage, min(c.Max, 2)) {
			below++
			w.level(c, id)
		}
	}
	hl := fmt.Sprintf("HL*%d**%s", id, l.HL.Level)
	if parent > 0 {
		hl = fmt.Sprintf("HL*%d*%d*%s", id, parent, l.HL.Level)
	}
	if l.Trigger.Element(4).Usage != guide.NotUsed {
		hl += "*" + strconv.Itoa(min(below, 1))
	}
	w.segments[at] = hl
}

func contains(ls []*guide.Loop, l *guide.Loop) bool {
	for _, x := range ls {
		if x == l {
			return true
		}
	}
	return false
}

// mayEnd tells whether nothing need follow below a level.
func mayEnd(l *guide.Loop) bool {
	e := l.Trigger.Element(4)
	return e.Usage == guide.NotUsed || e.Codes.Has([]byte("0"))
}

func mayHaveChildren(l *guide.Loop) bool {
	e := l.Trigger.Element(4)
	return e.Usage != guide.NotUsed && e.Codes.Has([]byte("1"))
}
