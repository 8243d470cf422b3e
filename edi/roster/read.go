package roster

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// An Error says what is wrong with a row, without its values.
type Error struct {
	Row    int    // line of the file that the row begins on, the header is 1
	Column string // "" if it is about the whole row
	Reason string
}

func (e Error) Error() string {
	where := "row " + strconv.Itoa(e.Row)
	if e.Column != "" {
		where += ", " + e.Column
	}
	return where + ": " + e.Reason
}

// Errors is what is wrong with a roster, in file order; at most maxErrors, then a count of the rest.
type Errors struct {
	List []Error
	More int // not listed
}

const maxErrors = 100

func (e *Errors) Error() string {
	var b strings.Builder
	for i, one := range e.List {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(one.Error())
	}
	if e.More > 0 {
		fmt.Fprintf(&b, "\nand %d more", e.More)
	}
	return b.String()
}

func (e *Errors) add(one Error) {
	if len(e.List) >= maxErrors {
		e.More++
		return
	}
	e.List = append(e.List, one)
}

func (e *Errors) orNil() error {
	if len(e.List) == 0 {
		return nil
	}
	return e
}

// An organization asks or is asked.
type organization struct{ id, qualifier, name, first string }

// A person is a subscriber or dependent.
type person struct {
	id, last, first, middle, suffix, gender string
	birth                                   day
}

// A row is one inquiry.
type row struct {
	line         int
	payer        organization
	provider     organization
	subscriber   person
	dependent    person
	relationship string
	trace        string
	account      string // patient account, patient control number
	group        string
	service      struct{ from, to day }
	serviceTypes []string
	serviceType  string
	procedure    string
	modifiers    []string
	payerClaim   string
	billType     string
	charge       number
	category     string
	certification,
	place string
	diagnoses []string
	quantity  number
	message   string
}

func (r *row) isDependent() bool { return r.dependent.last != "" || r.dependent.first != "" }

// ErrEmpty says that a roster has no row.
var ErrEmpty = errors.New("the roster has no row below its header")

// readRows reads and checks all rows.
func readRows(in io.Reader, k Kind, defaults map[string]string) ([]row, error) {
	c, err := newCSV(in)
	if err != nil {
		return nil, err
	}
	header, err := c.Read()
	if errors.Is(err, io.EOF) {
		return nil, ErrEmpty
	} else if err != nil {
		return nil, csvError(err)
	}
	var wrong Errors
	plan := planOf(header, k, &wrong)
	if err := wrong.orNil(); err != nil {
		return nil, err
	}
	var rows []row
	for {
		record, err := c.Read()
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, csvError(err)
		}
		line, _ := c.FieldPos(0)
		if blank(record) {
			continue
		}
		rows = append(rows, plan.read(record, line, defaults, &wrong))
	}
	if err := wrong.orNil(); err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, ErrEmpty
	}
	return rows, nil
}

func blank(record []string) bool {
	return !slices.ContainsFunc(record, func(text string) bool { return strings.TrimSpace(text) != "" })
}

// newCSV tells the separator from the header line: a comma, or what Excel of another country, or a data base, writes.
func newCSV(in io.Reader) (*csv.Reader, error) {
	b := bufio.NewReaderSize(in, 64<<10)
	if mark, _ := b.Peek(3); string(mark) == "\ufeff" {
		_, _ = b.Discard(3)
	}
	head, err := b.Peek(b.Size())
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	line, _, _ := bytes.Cut(head, []byte{'\n'})
	c := csv.NewReader(b)
	for _, comma := range []rune{',', ';', '\t'} {
		if bytes.ContainsRune(line, comma) {
			c.Comma = comma
			break
		}
	}
	return c, nil
}

// csvError says what is wrong with the form of the file.
func csvError(err error) error {
	var parse *csv.ParseError
	if !errors.As(err, &parse) {
		return err
	}
	if errors.Is(err, csv.ErrFieldCount) {
		return &Errors{List: []Error{{Row: parse.StartLine, Reason: "has more or fewer columns than the header"}}}
	}
	return &Errors{List: []Error{{Row: parse.Line, Reason: "is no CSV: " + parse.Err.Error()}}}
}

// A plan says which column stands where.
type plan struct {
	kind    Kind
	columns []*Column // as in the file
	missing []*Column // that the file does not have
}

func planOf(header []string, k Kind, wrong *Errors) plan {
	p := plan{kind: k}
	var seen []string
	for i, text := range header {
		name := headerName(text)
		column := k.column(name)
		switch {
		case column == nil:
			wrong.add(Error{Row: 1, Column: "column " + strconv.Itoa(i+1), Reason: "its name is not known" + k.suggestion(name)})
		case slices.Contains(seen, name):
			wrong.add(Error{Row: 1, Column: name, Reason: "is there twice"})
		}
		seen = append(seen, name)
		p.columns = append(p.columns, column)
	}
	for i := range columns {
		if c := &columns[i]; c.of(k) && !slices.Contains(seen, c.Name) {
			p.missing = append(p.missing, c)
		}
	}
	return p
}

// suggestion names a column whose name is like name.
func (k Kind) suggestion(name string) string {
	best, least := "", 3
	for _, c := range k.Columns() {
		if d := distance(name, c.Name); d < least {
			best, least = c.Name, d
		}
	}
	if best == "" {
		return ""
	}
	return "; is it " + best + "?"
}

// distance is how many letters to change, add or leave out make b of a.
func distance(a, b string) int {
	last := make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		previous := last[0]
		last[0] = i + 1
		for j := range len(b) {
			cost := previous
			if a[i] != b[j] {
				cost++
			}
			previous = last[j+1]
			last[j+1] = min(cost, last[j]+1, last[j+1]+1)
		}
	}
	return last[len(b)]
}

func (p plan) read(record []string, line int, defaults map[string]string, wrong *Errors) row {
	r := row{line: line}
	for i, c := range p.columns {
		p.value(&r, c, cmp.Or(strings.TrimSpace(record[i]), defaults[c.Name]), wrong)
	}
	for _, c := range p.missing {
		p.value(&r, c, defaults[c.Name], wrong)
	}
	p.together(&r, wrong)
	return r
}

func (p plan) value(r *row, c *Column, value string, wrong *Errors) {
	switch {
	case value == "" && c.Required:
		wrong.add(Error{Row: r.line, Column: c.Name, Reason: "is missing"})
	case value == "":
	case !utf8.ValidString(value):
		wrong.add(Error{Row: r.line, Column: c.Name, Reason: "is not in UTF-8"})
	default:
		if problem := c.read(r, value); problem != "" {
			wrong.add(Error{Row: r.line, Column: c.Name, Reason: problem})
		}
	}
}

// together checks what columns need of each other.
func (p plan) together(r *row, wrong *Errors) {
	need := func(ok bool, column, reason string) {
		if !ok {
			wrong.add(Error{Row: r.line, Column: column, Reason: reason})
		}
	}
	d := &r.dependent
	if d.last != "" || d.first != "" || !d.birth.IsZero() || d.gender != "" || d.middle != "" {
		need(d.last != "", "dependent_last_name", "is missing, but other columns of a dependent are filled")
		need(d.first != "", "dependent_first_name", "is missing, but other columns of a dependent are filled")
		need(!d.birth.IsZero(), "dependent_birth_date", "is missing, but other columns of a dependent are filled")
	}
	need(r.service.to.IsZero() || !r.service.from.IsZero() && !r.service.to.Before(r.service.from), "service_date_to", "is before service_date, or that is missing")
	need(len(r.modifiers) == 0 || r.procedure != "", "modifiers", "are there without a procedure")
	need(len(r.modifiers) <= 4, "modifiers", "are more than four")
	need(len(r.diagnoses) <= 12, "diagnoses", "are more than twelve")
	switch p.kind {
	case Status:
		need(!r.service.from.IsZero() || r.payerClaim != "", "service_date", "is missing; a payer needs it unless there is a payer_claim_control_number")
	case Authorization:
		need(!r.service.from.IsZero(), "service_date", "is missing")
	}
}
