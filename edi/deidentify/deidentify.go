package deidentify

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
)

// Options say how people are taken out.
type Options struct {
	Key Key
	// MaskUnknown masks every value of sets whose guide is not known, amounts as well, instead of refusing them.
	MaskUnknown bool
}

// An UnknownError says that a transaction set was met of which nothing can tell what is personal.
type UnknownError struct {
	Pos edi.Position // of its ST
}

func (e *UnknownError) Error() string {
	return e.Pos.String() + ": the guide of this transaction set is not known, so nothing tells what is personal in it"
}

// A Result counts what was done.
type Result struct {
	Segments int64
	Masked   int64 // segments that a guide does not know: all of their values were masked
}

// Write reads X12 from r and writes it to w without people. Its memory is that of the largest segment and of some values met.
// Errors are those of r and w, *[edi.SyntaxError] for bytes that can't be read, *[UnknownError] and ErrKey; what was written
// until then is not complete.
func Write(w io.Writer, r io.Reader, o Options) (Result, error) {
	if len(o.Key) < MinKey {
		return Result{}, ErrKey
	}
	p := newPRF(o.Key)
	out := bufio.NewWriterSize(w, 64<<10)
	k := worker{prf: p, shift: newShift(p), cache: make(map[string][]byte), coded: make(map[string]bool), options: o}
	reader := edi.NewReader(r)
	sc := guide.NewScanner(reader)
	for sc.Next() {
		k.segment, k.step, k.guide = sc.Segment(), sc.Step(), sc.Guide()
		if k.segment.Pos().Segment == 1 && sc.Guide() == nil && !o.MaskUnknown {
			return k.result, &UnknownError{k.segment.Pos()}
		}
		k.result.Segments++
		if _, err := out.Write(k.write()); err != nil {
			return k.result, fmt.Errorf("writing: %w", err)
		}
	}
	if err := sc.Err(); err != nil {
		return k.result, err
	}
	if _, err := out.Write(k.between(reader.Trailer())); err != nil {
		return k.result, fmt.Errorf("writing: %w", err)
	}
	return k.result, out.Flush()
}

// A worker rewrites one segment after the other.
type worker struct {
	prf     *prf
	shift   shift
	options Options
	segment edi.Segment
	step    guide.Step
	guide   *guide.Guide // of the set; nil: not known, or between sets
	element int
	part    int
	buf     []byte
	cache   map[string][]byte // of values: by data element, what stands before, and value
	coded   map[string]bool   // of guide and segment id: the first value is a code, see isQualified
	result  Result
}

// maxCache bounds the memory for values that may come again.
const maxCache = 1 << 16

// write returns the segment as it is written, with what stands before it. It is lent.
func (w *worker) write() []byte {
	s := w.segment
	b := append(w.buf[:0], w.between(s.Lead())...)
	del := s.Delimiters()
	start := len(b)
	def := w.step.Def
	if def == nil {
		def = w.step.Near
	}
	if def == nil {
		w.result.Masked++
	}
	b = append(b, w.tag(s)...)
	for n := 1; n <= s.Len(); n++ {
		w.element = n
		b = append(b, del.Element...)
		b = w.appendElement(b, def, n, del)
	}
	if s.Wrapped() {
		b = append(b[:start], fold(b[start:], s.Raw())...)
	}
	if s.Terminated() {
		b = append(b, del.Terminator...)
	}
	w.buf = b
	return b
}

// tag keeps a segment id; what can't be one may be anything.
func (w *worker) tag(s edi.Segment) []byte {
	raw := s.Element(0)
	if tag := s.Text(0); w.step.Def != nil || len(tag) >= 2 && len(tag) <= 3 && isCode(tag) {
		return raw
	}
	return w.prf.masked(raw)
}

func (w *worker) appendElement(b []byte, def *guide.SegmentDef, n int, del edi.Delimiters) []byte {
	raw := w.segment.Element(n)
	if len(raw) == 0 {
		return b
	}
	e := def.Element(n)
	if w.segment.Is("ISA") { // its elements hold the separators, and are not made of parts
		return append(b, w.instead(e, raw, del)...)
	}
	for i, repetition := range split(raw, del.Repetition) {
		if i > 0 {
			b = append(b, del.Repetition...)
		}
		for j, part := range split(repetition, del.Component) {
			if j > 0 {
				b = append(b, del.Component...)
			}
			w.part = j
			b = append(b, w.instead(component(e, j), part, del)...)
		}
	}
	return b
}

func component(e *guide.ElementDef, j int) *guide.ElementDef {
	switch {
	case e == nil:
		return nil
	case len(e.Components) > 0 && j < len(e.Components):
		return e.Components[j]
	case len(e.Components) == 0 && j == 0:
		return e
	}
	return nil
}

func split(b []byte, sep string) [][]byte {
	if sep == "" {
		return [][]byte{b}
	}
	return bytes.Split(b, []byte(sep))
}

// instead returns what stands for a value; blanks around it stay.
func (w *worker) instead(def *guide.ElementDef, raw []byte, del edi.Delimiters) []byte {
	value := bytes.TrimSpace(raw)
	if len(value) == 0 {
		return raw
	}
	made := w.made(def, value)
	if len(made) != len(value) && (w.segment.Wrapped() || w.segment.Is("ISA")) || holds(made, value, del) {
		made = w.prf.masked(value)
	}
	if bytes.Equal(made, value) {
		return raw
	}
	start := bytes.Index(raw, value)
	return append(append(bytes.Clone(raw[:start]), made...), raw[start+len(value):]...)
}

// made returns what stands for a value, or had stood for it before.
func (w *worker) made(def *guide.ElementDef, value []byte) []byte {
	if def == nil {
		if w.element == 1 && w.part == 0 && len(value) <= 3 && isCode(value) && w.isQualified() {
			return value // whether the segment has a place may hang on it
		}
		return w.prf.masked(value)
	}
	if def.Codes != nil || def.Type != guide.TypeAN {
		return w.value(def, value)
	}
	key := def.Ref + "\x00" + string(w.segment.Text(w.element-1)) + "\x00" + string(value)
	if made, ok := w.cache[key]; ok {
		return made
	}
	if len(w.cache) >= maxCache {
		clear(w.cache)
	}
	made := bytes.Clone(w.value(def, value))
	w.cache[key] = made
	return made
}

// isQualified tells whether segments of this id begin with a code, by the guide of the set. Without one only ST does.
func (w *worker) isQualified() bool {
	if w.guide == nil {
		return w.segment.Is("ST")
	}
	key := w.guide.ID + " " + string(w.segment.Text(0))
	coded, known := w.coded[key]
	if !known {
		for _, def := range w.guide.Segments {
			if first := component(def.Element(1), 0); w.segment.Is(def.Tag) && first != nil && first.Codes != nil {
				coded = true
			}
		}
		if len(w.coded) < maxCache {
			w.coded[key] = coded
		}
	}
	return coded
}

// holds tells whether what was made has a delimiter that the value did not have.
func holds(made, value []byte, del edi.Delimiters) bool {
	for _, d := range []string{del.Element, del.Component, del.Repetition, del.Terminator} {
		if d != "" && bytes.Contains(made, []byte(d)) && !bytes.Contains(value, []byte(d)) {
			return true
		}
	}
	return false
}

// fold puts the line breaks of a folded segment where they were.
func fold(b, raw []byte) []byte {
	folded := make([]byte, 0, len(raw))
	for _, c := range raw {
		if c == '\r' || c == '\n' {
			folded = append(folded, c)
		} else if len(b) > 0 {
			folded, b = append(folded, b[0]), b[1:]
		}
	}
	return append(folded, b...)
}

// between keeps line breaks between segments, and masks all else that stands there.
func (w *worker) between(lead []byte) []byte {
	if len(bytes.TrimLeft(lead, "\r\n\t \x1a")) == 0 {
		return lead
	}
	return w.prf.masked(lead)
}

// IsUnknown returns the position of the set that was refused, if err says that one was.
func IsUnknown(err error) (edi.Position, bool) {
	var unknown *UnknownError
	if errors.As(err, &unknown) {
		return unknown.Pos, true
	}
	return edi.Position{}, false
}
