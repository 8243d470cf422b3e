package edi

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// Reasons why a value can't be written.
var (
	// ErrDelimiterInData says that a value holds a character that is a delimiter of this interchange. X12 has no escape.
	ErrDelimiterInData = errors.New("the value contains a delimiter of the interchange")
	// ErrCharacter says that a value holds a control character.
	ErrCharacter = errors.New("the value contains a control character")
)

// A Writer writes segments. Copy passes on what a Reader read, byte for byte; Segment composes new ones. It
// buffers nothing but the segment in hand: give it a [bufio.Writer]. It is not safe for several goroutines.
type Writer struct {
	// LineBreak follows each terminator of composed segments: "" or "\n" or "\r\n".
	LineBreak string

	dst io.Writer
	del Delimiters
	buf []byte
}

// NewWriter returns a Writer to w that composes with d.
func NewWriter(w io.Writer, d Delimiters) *Writer { return &Writer{dst: w, del: d} }

// Copy writes a segment as it was read, with what stood before it and with its own delimiters.
func (w *Writer) Copy(s Segment) error {
	b := append(w.buf[:0], s.Lead()...)
	b = append(b, s.Raw()...)
	if !s.open {
		b = append(b, s.del.Terminator...)
	}
	return w.flush(b)
}

// Bytes writes b as it is: what [Reader.Trailer] returned.
func (w *Writer) Bytes(b []byte) error {
	_, err := w.dst.Write(b)
	return err
}

// Segment composes a segment from its id and elements; empty elements at the end are left out, as X12 wants it. A value
// with a delimiter in it is ErrDelimiterInData, one with a control character ErrCharacter; composites and repetitions are
// composed with [Writer.Components] and [Writer.Repeat].
func (w *Writer) Segment(tag string, elements ...Value) error {
	b := append(w.buf[:0], tag...)
	end := len(b)
	for n, v := range elements {
		b = append(b, w.del.Element...)
		var err error
		if b, err = v.append(b, w.del); err != nil {
			return fmt.Errorf("edi: writing %s%02d: %w", tag, n+1, err)
		}
		if v.text != "" || len(v.parts) > 0 {
			end = len(b)
		}
	}
	b = append(b[:end], w.del.Terminator...)
	b = append(b, w.LineBreak...)
	return w.flush(b)
}

func (w *Writer) flush(b []byte) error {
	w.buf = b[:0]
	if _, err := w.dst.Write(b); err != nil {
		return fmt.Errorf("edi: writing: %w", err)
	}
	return nil
}

// A Value is what stands in one element.
type Value struct {
	text     string
	parts    []Value
	repeated bool
}

// Str is an element that is one text.
func Str(text string) Value { return Value{text: text} }

// Components is a composite element.
func Components(parts ...string) Value {
	v := Value{parts: make([]Value, len(parts))}
	for i, p := range parts {
		v.parts[i].text = p
	}
	return v
}

// Repeat is an element with several repetitions.
func Repeat(values ...Value) Value { return Value{parts: values, repeated: true} }

func (v Value) append(b []byte, d Delimiters) ([]byte, error) {
	if v.parts == nil {
		return appendText(b, v.text, d)
	}
	sep := d.Component
	if v.repeated {
		sep = d.Repetition
	}
	if sep == "" && len(v.parts) > 1 {
		return nil, fmt.Errorf("%w: this interchange has no repetition separator", ErrDelimiter)
	}
	end := len(b)
	for i, p := range v.parts {
		if i > 0 {
			b = append(b, sep...)
		}
		var err error
		start := len(b)
		if b, err = p.append(b, d); err != nil {
			return nil, err
		}
		if len(b) > start {
			end = len(b)
		}
	}
	return b[:end], nil
}

func appendText(b []byte, text string, d Delimiters) ([]byte, error) {
	for i := range len(text) {
		if text[i] < ' ' || text[i] == 0x7f {
			return nil, ErrCharacter
		}
	}
	for _, sep := range []string{d.Element, d.Component, d.Repetition, d.Terminator} {
		if sep != "" && bytes.Contains([]byte(text), []byte(sep)) {
			return nil, ErrDelimiterInData
		}
	}
	return append(b, text...), nil
}
