package tabular

import (
	"bufio"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"unicode/utf8"
)

// ErrTables says that rows of several tables were written to a format that holds one.
var ErrTables = errors.New("this format holds one table")

// A csvWriter writes one table.
type csvWriter struct {
	out   *bufio.Writer
	csv   *csv.Writer
	bom   bool
	begun bool
	cells []string
}

// NewCSV returns a Writer of CSV as RFC 4180 has it, in UTF-8: a header line, then the rows, each line ended by a line feed. With
// bom the file begins with a byte order mark, by which Excel knows UTF-8. Items of lists are separated by "; ". Texts that a
// spreadsheet would take for a formula, because they begin with = + - @ in normal or full width, a tab or a line break, get an
// apostrophe before them; numbers and amounts stay as they are. Bytes that are not UTF-8 become U+FFFD. It takes rows of one table;
// others are ErrTables.
func NewCSV(w io.Writer, bom bool) Writer {
	out := bufio.NewWriterSize(w, 64<<10)
	return &csvWriter{out: out, csv: csv.NewWriter(out), bom: bom}
}

// Begin writes the header line.
func (w *csvWriter) Begin(t *Table) error {
	if w.begun {
		return ErrTables
	}
	w.begun = true
	if w.bom {
		w.out.WriteString("\ufeff") // an error of out comes back with what is written next
	}
	w.cells = w.cells[:0]
	for _, c := range t.Columns {
		w.cells = append(w.cells, c.Name)
	}
	return w.csv.Write(w.cells)
}

// Row writes a line.
func (w *csvWriter) Row(r *Row) error {
	w.cells = w.cells[:0]
	for i, c := range r.Cells {
		w.cells = append(w.cells, csvText(r.Table.Columns[i].Kind, c))
	}
	return w.csv.Write(w.cells)
}

// End writes what is buffered.
func (w *csvWriter) End() error {
	w.csv.Flush()
	if err := w.csv.Error(); err != nil {
		return err
	}
	return w.out.Flush()
}

func csvText(k Kind, c Cell) string {
	switch k {
	case Text:
		return harmless(string(c.Text))
	case List:
		return harmless(joined(c.Items))
	default:
		return string(c.Text)
	}
}

func joined(items [][]byte) string {
	var b strings.Builder
	for i, item := range items {
		if i > 0 {
			b.WriteString("; ")
		}
		b.Write(item)
	}
	return b.String()
}

// harmless returns text that no spreadsheet takes for a formula, in UTF-8.
func harmless(text string) string {
	text = strings.ToValidUTF8(text, "\ufffd")
	if first, _ := utf8.DecodeRuneInString(text); text != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", first) {
		return "'" + text
	}
	return text
}
