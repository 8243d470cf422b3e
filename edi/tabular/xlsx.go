package tabular

import (
	"archive/zip"
	"bufio"
	"compress/flate"
	"fmt"
	"io"
	"strconv"
	"unicode/utf8"

	"github.com/ediport/ediport/edi"
)

// The libraries that write XLSX keep a large sheet in memory, or in a temporary file, and patient data is never put in one.
// What we need is little: text, numbers and dates in one table. So it is written here, a row at a time, as ECMA-376 has it.

// Limits of a sheet, as Excel has them.
const (
	maxSheetRows  = 1 << 20
	maxCellRunes  = 32_767
	maxFullDigits = 15 // a longer number would lose its last digits: it is written as text
)

// Styles of cells, as in the styles part.
const (
	styleAmount = 1
	styleDate   = 2
	styleHeader = 3
)

// An xlsxWriter writes one table. Its first error is kept and returned by each call after it.
type xlsxWriter struct {
	zip    *zip.Writer
	sheet  *bufio.Writer // of the open sheet
	table  *Table
	sheets int
	rows   int // in the open sheet, the header counted
	buf    []byte
	names  []string // of the columns: A, B …
	err    error
	limit  int // rows per sheet
}

// NewXLSX returns a Writer of an Excel workbook: a frozen header row with filters, amounts and numbers as numbers, dates as dates, all else as
// text, so that ids keep their zeros and no text is taken for a formula. After 1,048,576 rows another sheet begins. It takes rows
// of one table; others are ErrTables. Memory does not grow with the rows. The file is complete after End.
func NewXLSX(w io.Writer) Writer {
	z := zip.NewWriter(w)
	z.RegisterCompressor(zip.Deflate, func(out io.Writer) (io.WriteCloser, error) { return flate.NewWriter(out, flate.BestSpeed) })
	return &xlsxWriter{zip: z, limit: maxSheetRows}
}

// Begin begins the first sheet.
func (w *xlsxWriter) Begin(t *Table) error {
	if w.table != nil {
		return ErrTables
	}
	w.table = t
	for i := range t.Columns {
		w.names = append(w.names, columnName(i))
	}
	w.beginSheet()
	return w.err
}

func (w *xlsxWriter) write(text string) {
	if w.err == nil {
		_, w.err = w.sheet.WriteString(text)
	}
}

// part writes a part of the package that is known as a whole.
func (w *xlsxWriter) part(name, content string) {
	if w.err != nil {
		return
	}
	f, err := w.zip.Create(name)
	if err == nil {
		_, err = io.WriteString(f, xmlHead+content)
	}
	w.err = err
}

func (w *xlsxWriter) beginSheet() {
	if w.err != nil {
		return
	}
	w.sheets++
	f, err := w.zip.Create("xl/worksheets/sheet" + strconv.Itoa(w.sheets) + ".xml")
	if err != nil {
		w.err = err
		return
	}
	w.sheet = bufio.NewWriterSize(f, 32<<10)
	w.write(xmlHead + `<worksheet xmlns="` + mainSpace + `"><sheetViews><sheetView workbookViewId="0">` +
		`<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>`)
	for i, c := range w.table.Columns {
		w.write(fmt.Sprintf(`<col min="%d" max="%d" width="%d" customWidth="1"/>`, i+1, i+1, columnWidth(c)))
	}
	w.write(`</cols><sheetData><row r="1">`)
	for i, c := range w.table.Columns {
		w.write(`<c r="` + cellName(i, 1) + `" s="` + strconv.Itoa(styleHeader) + `" t="inlineStr"><is><t>` + c.Name + `</t></is></c>`)
	}
	w.write(`</row>`)
	w.rows = 1
}

// columnWidth is in characters.
func columnWidth(c Column) int {
	least := 12
	switch c.Kind {
	case Text:
		least = 16
	case List:
		least = 28
	}
	return max(least, min(len(c.Name)+4, 32)) // the button of the filter takes its place
}

func (w *xlsxWriter) endSheet() {
	w.write(`</sheetData><autoFilter ref="A1:` + cellName(len(w.table.Columns)-1, w.rows) + `"/></worksheet>`)
	if w.err == nil {
		w.err = w.sheet.Flush()
	}
}

// Row writes a row.
func (w *xlsxWriter) Row(r *Row) error {
	if w.rows >= w.limit {
		w.endSheet()
		w.beginSheet()
	}
	if w.err != nil {
		return w.err
	}
	w.rows++
	b := append(w.buf[:0], `<row r="`...)
	b = append(strconv.AppendInt(b, int64(w.rows), 10), `">`...)
	for i, c := range r.Cells {
		if !c.Empty() {
			b = w.appendCell(b, i, r.Table.Columns[i].Kind, c)
		}
	}
	b = append(b, `</row>`...)
	w.buf = b
	_, w.err = w.sheet.Write(b)
	return w.err
}

func (w *xlsxWriter) appendCell(b []byte, i int, k Kind, c Cell) []byte {
	b = append(append(b, `<c r="`...), w.names[i]...)
	b = append(strconv.AppendInt(b, int64(w.rows), 10), '"')
	switch {
	case k == Amount && isShort(c.Text):
		return appendTyped(b, styleAmount, c.Text)
	case k == Number && isShort(c.Text):
		return append(append(append(b, `><v>`...), c.Text...), `</v></c>`...)
	case k == Date:
		if day, ok := serialDay(string(c.Text)); ok {
			return appendTyped(b, styleDate, strconv.AppendInt(nil, int64(day), 10))
		}
	case k == List:
		return appendInline(b, joined(c.Items))
	}
	return appendInline(b, string(c.Text))
}

func appendTyped(b []byte, style int, value []byte) []byte {
	b = strconv.AppendInt(append(b, ` s="`...), int64(style), 10)
	return append(append(append(b, `"><v>`...), value...), `</v></c>`...)
}

func appendInline(b []byte, text string) []byte {
	b = append(b, ` t="inlineStr"><is><t xml:space="preserve">`...)
	return append(appendXML(b, text), `</t></is></c>`...)
}

// appendXML writes text without what XML can't hold, and no more of it than a cell can.
func appendXML(b []byte, text string) []byte {
	n := 0
	for i, r := range text {
		if n++; n > maxCellRunes {
			break
		}
		switch {
		case r == '_' && isEscape(text[i:]):
			b = append(b, "_x005F_"...)
		case r == '&':
			b = append(b, "&amp;"...)
		case r == '<':
			b = append(b, "&lt;"...)
		case r == '>':
			b = append(b, "&gt;"...)
		case r < ' ' && r != '\t' && r != '\n', r == 0xfffe, r == 0xffff:
			b = append(b, "\ufffd"...)
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return b
}

// isEscape tells whether text begins with what a spreadsheet reads as one character: _x0041_ is A.
func isEscape(text string) bool {
	if len(text) < 7 || text[1] != 'x' || text[6] != '_' {
		return false
	}
	_, err := strconv.ParseUint(text[2:6], 16, 16)
	return err == nil
}

// isShort tells whether a double holds all digits of a number.
func isShort(number []byte) bool {
	n := 0
	for _, c := range number {
		if c >= '0' && c <= '9' {
			n++
		}
	}
	return n <= maxFullDigits
}

// serialDay counts the days from the one that spreadsheets call 0, 1899-12-30. They count a February 29 of 1900, so the days
// before March of that year have no number that all agree on.
func serialDay(text string) (int, bool) {
	if len(text) != 10 {
		return 0, false
	}
	d, err := edi.ParseDate([]byte(text[:4] + text[5:7] + text[8:]))
	if err != nil || d.Before(edi.Date{Year: 1900, Month: 3, Day: 1}) {
		return 0, false
	}
	return days(d) - days(edi.Date{Year: 1899, Month: 12, Day: 30}), true
}

// days counts days by the calendar's rule; March is the first month, so that the leap day ends a year.
func days(d edi.Date) int {
	y, m := int(d.Year), int(d.Month)
	if m < 3 {
		y, m = y-1, m+12
	}
	return 365*y + y/4 - y/100 + y/400 + (153*(m-3)+2)/5 + int(d.Day)
}

// columnName is A, B … of column i, from 0.
func columnName(i int) string {
	name := ""
	for i++; i > 0; i = (i - 1) / 26 {
		name = string(rune('A'+(i-1)%26)) + name
	}
	return name
}

func cellName(i, row int) string { return columnName(i) + strconv.Itoa(row) }

// End writes the rest of the workbook. One without a table gets an empty sheet.
func (w *xlsxWriter) End() error {
	if w.table == nil {
		w.table = &Table{Name: "empty", Title: "Empty", Columns: []Column{{Name: "empty"}}}
		w.beginSheet()
	}
	w.endSheet()
	w.parts()
	if w.err != nil {
		return w.err
	}
	return w.zip.Close()
}
