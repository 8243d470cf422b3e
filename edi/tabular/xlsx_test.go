package tabular

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"io"
	"slices"
	"strings"
	"testing"
	"time"
)

// A sheet as a reader of XLSX takes it.
type sheet struct {
	Rows []struct {
		Cells []struct {
			Ref   string `xml:"r,attr"`
			Style string `xml:"s,attr"`
			Type  string `xml:"t,attr"`
			Value string `xml:"v"`
			Text  string `xml:"is>t"`
		} `xml:"c"`
	} `xml:"sheetData>row"`
}

func openSheets(t *testing.T, b []byte) (sheets []sheet, names []string) {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range z.File {
		names = append(names, f.Name)
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if err := wellFormed(content); err != nil {
			t.Errorf("%s: %v", f.Name, err)
		}
		if strings.HasPrefix(f.Name, "xl/worksheets/") {
			var s sheet
			if err := xml.Unmarshal(content, &s); err != nil {
				t.Errorf("%s: %v", f.Name, err)
			}
			sheets = append(sheets, s)
		}
	}
	return sheets, names
}

func wellFormed(content []byte) error {
	for d := xml.NewDecoder(bytes.NewReader(content)); ; {
		if _, err := d.Token(); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}

var oneOfEach = &Table{Name: "each", Title: "Each", Columns: []Column{
	{Name: "text", Kind: Text}, {Name: "amount", Kind: Amount}, {Name: "number", Kind: Number}, {Name: "date", Kind: Date}, {Name: "list", Kind: List},
}}

func rowOfEach(values ...string) *Row {
	r := &Row{Table: oneOfEach}
	for i, v := range values {
		c := Cell{Text: []byte(v)}
		if oneOfEach.Columns[i].Kind == List && v != "" {
			c = Cell{Items: bytes.Split([]byte(v), []byte("|"))}
		}
		r.Cells = append(r.Cells, c)
	}
	return r
}

func TestXLSXCells(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	w := NewXLSX(&out)
	if err := w.Begin(oneOfEach); err != nil {
		t.Fatal(err)
	}
	for _, r := range []*Row{
		rowOfEach("=1+1 <&>\x01", "-12.50", "3", "2026-11-21", "a|b"),
		rowOfEach("007", "1234567890123456.78", "", "1899-12-31", ""),
		rowOfEach("_x0041_\xff_xB_", "", "", "", ""), // an escape of spreadsheets, a byte that is not UTF-8
	} {
		if err := w.Row(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.End(); err != nil {
		t.Fatal(err)
	}
	sheets, names := openSheets(t, out.Bytes())
	for _, want := range []string{"[Content_Types].xml", "_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml"} {
		if !slices.Contains(names, want) {
			t.Errorf("part %s is missing", want)
		}
	}
	var got []string
	for _, row := range sheets[0].Rows {
		for _, c := range row.Cells {
			got = append(got, c.Ref+" "+c.Type+c.Style+" "+c.Value+c.Text)
		}
	}
	want := []string{
		"A1 inlineStr3 text", "B1 inlineStr3 amount", "C1 inlineStr3 number", "D1 inlineStr3 date", "E1 inlineStr3 list",
		"A2 inlineStr =1+1 <&>\ufffd", "B2 1 -12.50", "C2  3", "D2 2 46347", "E2 inlineStr a; b",
		"A3 inlineStr 007", "B3 inlineStr 1234567890123456.78", "D3 inlineStr 1899-12-31",
		"A4 inlineStr _x005F_x0041_\ufffd_xB_",
	}
	if !slices.Equal(got, want) {
		t.Errorf("cells\n%q, want\n%q", got, want)
	}
}

func TestXLSXBeginsAnotherSheet(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	w := &xlsxWriter{zip: zip.NewWriter(&out), limit: 3}
	if err := w.Begin(oneOfEach); err != nil {
		t.Fatal(err)
	}
	for range 5 {
		if err := w.Row(rowOfEach("x")); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.End(); err != nil {
		t.Fatal(err)
	}
	sheets, _ := openSheets(t, out.Bytes())
	var rows []int
	for _, s := range sheets {
		rows = append(rows, len(s.Rows))
	}
	if !slices.Equal(rows, []int{3, 3, 2}) { // two of each, and a header each
		t.Errorf("rows per sheet %v, want [3 3 2]", rows)
	}
}

func TestSerialDay(t *testing.T) {
	t.Parallel()
	zero := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	for day := time.Date(1900, 3, 1, 0, 0, 0, 0, time.UTC); day.Year() < 2101; day = day.AddDate(0, 0, 13) {
		want := int(day.Sub(zero).Hours() / 24)
		if got, ok := serialDay(day.Format(time.DateOnly)); !ok || got != want {
			t.Fatalf("serialDay(%s) = %d, %v, want %d", day.Format(time.DateOnly), got, ok, want)
		}
	}
}

func TestCellName(t *testing.T) {
	t.Parallel()
	for i, want := range map[int]string{0: "A1", 25: "Z1", 26: "AA1", 51: "AZ1", 52: "BA1", 701: "ZZ1", 702: "AAA1"} {
		if got := cellName(i, 1); got != want {
			t.Errorf("cellName(%d, 1) = %s, want %s", i, got, want)
		}
	}
}

// A table's columns have names of their own, and say what they hold.
func TestTables(t *testing.T) {
	t.Parallel()
	for _, table := range Tables {
		seen := map[string]bool{}
		for _, c := range table.Columns {
			if c.Name == "" || c.Doc == "" || seen[c.Name] {
				t.Errorf("%s: column %q is without a name or a sentence, or is there twice", table.Name, c.Name)
			}
			seen[c.Name] = true
		}
		if Lookup(table.Name) != table || table.Grain == "" || len(table.Sets) == 0 {
			t.Errorf("table %s is not complete", table.Name)
		}
	}
}
