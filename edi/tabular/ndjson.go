package tabular

import (
	"bufio"
	"encoding/json"
	"io"
	"strings"
	"unicode/utf8"
)

// A jsonWriter writes rows as JSON objects.
type jsonWriter struct {
	out  *bufio.Writer
	keys map[*Table][]string // `"name": `
	buf  []byte
}

// NewNDJSON returns a Writer of one JSON object a line, of any tables: its member "table" names the table, the others are
// the columns. Numbers and amounts are JSON numbers with the digits that were sent, dates and texts strings, lists arrays of strings;
// a column without a value is left out. Bytes that are not UTF-8 become U+FFFD.
func NewNDJSON(w io.Writer) Writer {
	return &jsonWriter{out: bufio.NewWriterSize(w, 64<<10), keys: make(map[*Table][]string)}
}

// Begin takes note of a table.
func (w *jsonWriter) Begin(t *Table) error {
	keys := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		keys[i] = `,"` + c.Name + `":`
	}
	w.keys[t] = keys
	return nil
}

// Row writes an object.
func (w *jsonWriter) Row(r *Row) error {
	b := append(append(append(w.buf[:0], `{"table":"`...), r.Table.Name...), '"')
	for i, c := range r.Cells {
		if c.Empty() {
			continue
		}
		b = append(b, w.keys[r.Table][i]...)
		b = appendValue(b, r.Table.Columns[i].Kind, c)
	}
	b = append(b, "}\n"...)
	w.buf = b
	_, err := w.out.Write(b)
	return err
}

// End writes what is buffered.
func (w *jsonWriter) End() error { return w.out.Flush() }

func appendValue(b []byte, k Kind, c Cell) []byte {
	switch k {
	case Amount, Number:
		return appendNumber(b, c.Text)
	case List:
		b = append(b, '[')
		for i, item := range c.Items {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendString(b, item)
		}
		return append(b, ']')
	default:
		return appendString(b, c.Text)
	}
}

// appendNumber writes a decimal as JSON wants it: with a digit before the point, and no zeros before others. Our decimals
// have both.
func appendNumber(b, text []byte) []byte { return append(b, text...) }

// appendString writes a JSON string. Most texts need no escapes.
func appendString(b, text []byte) []byte {
	for _, c := range text {
		if c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			return appendEscaped(b, text)
		}
	}
	return append(append(append(b, '"'), text...), '"')
}

func appendEscaped(b, text []byte) []byte {
	var out strings.Builder
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	_ = e.Encode(string(text)) // a string always can be
	return append(b, strings.TrimSuffix(out.String(), "\n")...)
}
