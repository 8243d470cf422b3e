package encode

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/edi/parts"
)

// An envelope writes the segments around transaction sets and gives them their numbers.
type envelope struct {
	env    *parts.Envelope
	del    edi.Delimiters
	open   bool
	guide  *guide.Guide // of the open group
	groups int
	sets   int             // in the open group
	used   map[string]bool // control numbers of the open group
	last   int             // number of the last set
}

const maxControl = 999_999_999

// begin takes the envelope, checked.
func (e *envelope) begin(env *parts.Envelope, del edi.Delimiters) error {
	e.env, e.del = env, del
	for _, n := range []*int{&env.Interchange, &env.Group, &env.Transaction} {
		if *n == 0 {
			*n = 1
		}
	}
	if env.GroupSender == "" {
		env.GroupSender = env.SenderID
	}
	if env.GroupReceiver == "" {
		env.GroupReceiver = env.ReceiverID
	}
	e.last = env.Transaction - 1
	if err := e.checkDelimiters(); err != nil {
		return err
	}
	return e.checkElements()
}

func (e *envelope) checkDelimiters() error {
	all := e.del.Element + e.del.Component + e.del.Repetition + e.del.Terminator
	for i, c := range []byte(all) {
		if c <= ' ' || c >= 0x7f || isAlphanumeric(c) || strings.IndexByte(all, c) != i {
			return invalidEnvelope("ISA", 0, "the delimiters are to be four different characters of ASCII, none a letter, digit or blank")
		}
	}
	if len(all) != 4 || len(e.del.Element) != 1 || len(e.del.Component) != 1 || len(e.del.Repetition) != 1 {
		return invalidEnvelope("ISA", 0, "the delimiters are to be of one character each")
	}
	if lb := e.env.LineBreak; strings.Trim(lb, "\r\n") != "" {
		return invalidEnvelope("ISA", 0, "the line break is to be of line feeds and carriage returns")
	}
	return nil
}

func isAlphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
}

func invalidEnvelope(segment string, element int, message string) error {
	return &parts.InvalidError{Entity: "interchange", Finding: edi.Finding{Segment: segment, Element: element, SNIP: 1, Message: message}}
}

func (e *envelope) checkElements() error {
	env := e.env
	g := guide.Envelope()
	isa, gs := segmentOf(g.Root, "ISA"), g.Loop("GS_LOOP").Trigger
	for _, c := range []struct {
		def     *guide.SegmentDef
		element int
		value   string
		least   int
	}{
		{isa, 5, env.SenderQualifier, 2},
		{isa, 6, env.SenderID, 1},
		{isa, 7, env.ReceiverQualifier, 2},
		{isa, 8, env.ReceiverID, 1},
		{isa, 15, env.Usage, 1},
		{gs, 2, env.GroupSender, 2},
		{gs, 3, env.GroupReceiver, 2},
	} {
		if fault := e.fault(c.def.Element(c.element), c.value, c.least); fault != "" {
			d := c.def.Element(c.element)
			return invalidEnvelope(c.def.Tag, c.element, d.Ref+" ("+d.Name+") "+fault)
		}
	}
	if env.Time.IsZero() {
		return invalidEnvelope("ISA", 9, "the time of the interchange is not set")
	}
	for i, n := range []int{env.Interchange, env.Group, env.Transaction} {
		if n < 1 || n > maxControl {
			return invalidEnvelope([]string{"ISA", "GS", "ST"}[i], []int{13, 6, 2}[i], "a control number is to be 1 to 999999999")
		}
	}
	return nil
}

func (e *envelope) fault(d *guide.ElementDef, value string, least int) string {
	switch {
	case value == "":
		return "is missing"
	case len(value) < least:
		return "is too short"
	case len(value) > d.Max:
		return "is longer than " + strconv.Itoa(d.Max) + " characters"
	case strings.TrimSpace(value) != value:
		return "has blanks around it"
	case d.Codes != nil && !d.Codes.Has([]byte(value)):
		return "holds a code that its list does not have"
	case strings.ContainsAny(value, e.del.Element+e.del.Component+e.del.Repetition+e.del.Terminator):
		return "contains a delimiter"
	}
	for _, c := range []byte(value) {
		if c < ' ' || c >= 0x7f {
			return "holds a character other than printable ASCII"
		}
	}
	return ""
}

// nextControl returns the next ST02 that a set of g may have.
func (e *envelope) nextControl(g *guide.Guide) string {
	next := wrapped(e.last + 1)
	if g != e.guide {
		next = e.env.Transaction
	}
	for ; ; next = wrapped(next + 1) {
		if control := fmt.Sprintf("%04d", next); g != e.guide || !e.used[control] {
			return control
		}
	}
}

// wrapped returns n as a control number of at most nine digits: behind the last one comes 1.
func wrapped(n int) int { return (n-1)%maxControl + 1 }

// beginSet appends what stands before the ST of a set: a set of another guide, and one whose number the group had, begin a group.
func (e *envelope) beginSet(b []byte, g *guide.Guide, control string) []byte {
	if !e.open {
		b = e.isa(b)
		e.open = true
	}
	if g != e.guide || e.used[control] {
		b = e.endGroup(b)
		e.guide, e.groups = g, e.groups+1
		e.sets, e.used = 0, make(map[string]bool)
		b = e.gs(b)
	}
	e.sets++
	e.used[control] = true
	if n, err := strconv.Atoi(control); err == nil && n > 0 {
		e.last = n
	}
	return b
}

func (e *envelope) isa(b []byte) []byte {
	env, ack := e.env, "0"
	if env.AckRequested {
		ack = "1"
	}
	return e.segment(b, "ISA", "00", strings.Repeat(" ", 10), "00", strings.Repeat(" ", 10), env.SenderQualifier,
		fmt.Sprintf("%-15s", env.SenderID), env.ReceiverQualifier, fmt.Sprintf("%-15s", env.ReceiverID), env.Time.Format("060102"),
		env.Time.Format("1504"), e.del.Repetition, "00501", fmt.Sprintf("%09d", env.Interchange), ack, env.Usage, e.del.Component)
}

func (e *envelope) gs(b []byte) []byte {
	env := e.env
	return e.segment(b, "GS", e.guide.FunctionalID, env.GroupSender, env.GroupReceiver, env.Time.Format("20060102"),
		env.Time.Format("1504"), strconv.Itoa(e.groupControl()), "X", e.guide.ID)
}

func (e *envelope) groupControl() int { return wrapped(e.env.Group + e.groups - 1) }

func (e *envelope) endGroup(b []byte) []byte {
	if e.guide == nil {
		return b
	}
	return e.segment(b, "GE", strconv.Itoa(e.sets), strconv.Itoa(e.groupControl()))
}

// end appends the trailers.
func (e *envelope) end(b []byte) []byte {
	if !e.open {
		return b
	}
	b = e.endGroup(b)
	return e.segment(b, "IEA", strconv.Itoa(e.groups), fmt.Sprintf("%09d", e.env.Interchange))
}

func (e *envelope) segment(b []byte, tag string, elements ...string) []byte {
	b = append(b, tag...)
	for _, v := range elements {
		b = append(b, e.del.Element...)
		b = append(b, v...)
	}
	b = append(b, e.del.Terminator...)
	return append(b, e.env.LineBreak...)
}
