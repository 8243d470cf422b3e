package view

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"unicode/utf8"

	"github.com/ediport/ediport/edi"
)

// jsonFormat names the shape; it changes when readers of the old one would go wrong.
const jsonFormat = "ediport-x12/1"

// ErrJSON says that a document is JSON, but not as [WriteJSON] writes it.
var ErrJSON = errors.New("not a document of format " + jsonFormat)

// ErrLost says that there is so much between two segments that it is not kept: more than the longest segment may have.
var ErrLost = errors.New("too many bytes that belong to no segment, JSON would lose them")

// WriteJSON reads X12 from r and writes it to w as lossless JSON; [ReadJSON] makes the same bytes of it again. Memory is
// bounded by the largest segment. Errors are those of the Reader and of w, and ErrLost. The shape:
//
//	{"format": "ediport-x12/1", "segments": [
//	  {"delimiters": {"element": "*", "repetition": "^", "component": ":", "terminator": "~"}, "lead": "\n"},
//	  ["ISA", "00", …], ["CLP", "A1", "1", "100"], …
//	], "trailer": "\n"}
//
// An element is a string as sent, composites and repetitions with their delimiters in it; bytes that are not UTF-8 stand
// as {"base64": "…"}. Delimiters hold until the next ones. "lead" is what stands before each segment; a segment with another
// one is {"lead": "\r\n", "segment": […]}, and a last segment without terminator {"open": true, "segment": […]}.
func WriteJSON(w io.Writer, r io.Reader) error {
	out := bufio.NewWriter(w)
	e := jsonWriter{out: out}
	in := edi.NewReader(r)
	var end int64
	out.WriteString(`{"format": "` + jsonFormat + `", "segments": [`)
	for {
		s, err := in.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		if s.Pos().Offset-int64(len(s.Lead())) != end {
			return fmt.Errorf("%w: before byte %d", ErrLost, s.Pos().Offset)
		}
		end = s.End()
		e.segment(s)
	}
	if in.Offset()-int64(len(in.Trailer())) > end {
		return fmt.Errorf("%w: behind byte %d", ErrLost, end)
	}
	out.WriteString("\n], \"trailer\": ")
	e.text(in.Trailer())
	out.WriteString("}\n")
	return out.Flush()
}

type jsonWriter struct {
	out  *bufio.Writer
	del  edi.Delimiters
	lead string
	some bool
}

func (e *jsonWriter) next() {
	if e.some {
		e.out.WriteByte(',')
	}
	e.some = true
	e.out.WriteString("\n")
}

func (e *jsonWriter) segment(s edi.Segment) {
	if d := s.Delimiters(); d != e.del {
		e.next()
		e.del, e.lead = d, leadBehind(s)
		e.out.WriteString(`{"delimiters": {"element": `)
		e.text([]byte(d.Element))
		e.out.WriteString(`, "repetition": `)
		e.text([]byte(d.Repetition))
		e.out.WriteString(`, "component": `)
		e.text([]byte(d.Component))
		e.out.WriteString(`, "terminator": `)
		e.text([]byte(d.Terminator))
		e.out.WriteString(`}, "lead": `)
		e.text([]byte(e.lead))
		e.out.WriteByte('}')
	}
	e.next()
	plain := string(s.Lead()) == e.lead && s.Terminated()
	if !plain {
		e.out.WriteString(`{"lead": `)
		e.text(s.Lead())
		if !s.Terminated() {
			e.out.WriteString(`, "open": true`)
		}
		e.out.WriteString(`, "segment": `)
	}
	e.out.WriteByte('[')
	for n, element := range elements(s) {
		if n > 0 {
			e.out.WriteString(", ")
		}
		e.text(element)
	}
	e.out.WriteByte(']')
	if !plain {
		e.out.WriteByte('}')
	}
}

// elements yields the tag and the elements of s with the line breaks that may be in them.
func elements(s edi.Segment) iter.Seq2[int, []byte] {
	return func(yield func(int, []byte) bool) {
		sep, rest, more := []byte(s.Delimiters().Element), s.Raw(), true
		for n := 0; more; n++ {
			element := s.Element(n)
			if s.Wrapped() {
				element, rest, more = bytes.Cut(rest, sep)
			} else {
				more = n < s.Len()
			}
			if !yield(n, element) {
				return
			}
		}
	}
}

// leadBehind guesses what will stand before the segments behind s: what stands before s itself, or after it a line feed.
func leadBehind(s edi.Segment) string {
	if s.Pos().Offset == 0 {
		return "\n"
	}
	return string(s.Lead())
}

func (e *jsonWriter) text(b []byte) {
	if !utf8.Valid(b) {
		e.out.WriteString(`{"base64": "` + base64.StdEncoding.EncodeToString(b) + `"}`)
		return
	}
	j, _ := json.Marshal(string(b)) // a string always can be marshalled
	e.out.Write(j)
}

// ReadJSON reads what [WriteJSON] wrote and writes the X12 to w, byte for byte as it was. A document of another
// shape is ErrJSON. Memory is bounded by the largest segment.
func ReadJSON(w io.Writer, r io.Reader) error {
	d := jsonReader{in: json.NewDecoder(bufio.NewReader(r)), out: bufio.NewWriter(w)}
	if err := d.document(); err != nil {
		return err
	}
	return d.out.Flush()
}

type jsonReader struct {
	in   *json.Decoder
	out  *bufio.Writer
	head jsonHead
}

type jsonHead struct {
	Delimiters *struct{ Element, Repetition, Component, Terminator jsonText }
	Lead       *jsonText
	Open       bool
	Segment    []jsonText
}

type jsonText []byte

func (t *jsonText) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err == nil {
		*t = jsonText(s)
		return nil
	}
	var raw struct {
		Base64 []byte `json:"base64"`
	}
	if err := json.Unmarshal(b, &raw); err != nil {
		return ErrJSON
	}
	*t = raw.Base64
	return nil
}

func (d *jsonReader) document() error {
	if err := d.expect(json.Delim('{'), "format", jsonFormat, "segments", json.Delim('[')); err != nil {
		return err
	}
	for d.in.More() {
		var raw json.RawMessage
		if err := d.in.Decode(&raw); err != nil {
			return fmt.Errorf("%w: %w", ErrJSON, err)
		}
		if err := d.item(raw); err != nil {
			return err
		}
	}
	if err := d.expect(json.Delim(']'), "trailer"); err != nil {
		return err
	}
	var trailer jsonText
	if err := d.in.Decode(&trailer); err != nil {
		return fmt.Errorf("%w: %w", ErrJSON, err)
	}
	d.out.Write(trailer)
	return d.expect(json.Delim('}'))
}

func (d *jsonReader) expect(tokens ...json.Token) error {
	for _, want := range tokens {
		if got, err := d.in.Token(); err != nil {
			return fmt.Errorf("%w: %w", ErrJSON, err)
		} else if got != want {
			return fmt.Errorf("%w: %v is missing at byte %d", ErrJSON, want, d.in.InputOffset())
		}
	}
	return nil
}

func (d *jsonReader) item(raw json.RawMessage) error {
	var item jsonHead
	if raw[0] == '[' {
		if err := json.Unmarshal(raw, &item.Segment); err != nil {
			return fmt.Errorf("%w: %w", ErrJSON, err)
		}
	} else if err := json.Unmarshal(raw, &item); err != nil {
		return fmt.Errorf("%w: %w", ErrJSON, err)
	}
	if item.Delimiters != nil {
		d.head = item
		return nil
	}
	if d.head.Delimiters == nil || len(item.Segment) == 0 {
		return fmt.Errorf("%w: a segment before any delimiters, or without an id", ErrJSON)
	}
	lead := item.Lead
	if lead == nil {
		lead = d.head.Lead
	}
	if lead != nil {
		d.out.Write(*lead)
	}
	for n, element := range item.Segment {
		if n > 0 {
			d.out.Write(d.head.Delimiters.Element)
		}
		d.out.Write(element)
	}
	if !item.Open {
		d.out.Write(d.head.Delimiters.Terminator)
	}
	return nil
}
