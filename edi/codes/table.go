package codes

import (
	"errors"
	"fmt"
	"strings"
)

// ErrList says that a text is not a list of codes.
var ErrList = errors.New("not a list of codes")

// how codes of a list are found.
type shape uint8

const (
	exact    shape = iota
	prefixed       // by themselves, or by their first two characters
	ranged         // four digits, or first-last
)

func shapeOf(list List) shape {
	switch list {
	case TaxonomyGroup:
		return prefixed
	case RevenueRange:
		return ranged
	default:
		return exact
	}
}

// taxonomyLength is the length of a taxonomy code.
const taxonomyLength = len("207Q00000X")

// A Table is a list in memory. It does not change.
type Table struct {
	shape   shape
	entries []Entry // in the order of the list
	byCode  map[string]int
	ranges  []int // entries that are ranges
	whole   bool  // it has codes, not only what they begin with
	index   index
}

func newTable(list List) *Table { return &Table{shape: shapeOf(list), byCode: map[string]int{}} }

func (t *Table) add(e Entry) error {
	_, twice := t.byCode[e.Code]
	switch {
	case e.Code == "" || e.Short == "":
		return fmt.Errorf("%w: a row lacks its code or its text", ErrList)
	case twice:
		return fmt.Errorf("%w: code %s is there twice", ErrList, e.Code)
	case !e.Start.valid() || !e.Stop.valid():
		return fmt.Errorf("%w: code %s has a day that is not of the form 2026-11-21", ErrList, e.Code)
	case e.Start != "" && e.Stop != "" && e.Stop < e.Start:
		return fmt.Errorf("%w: code %s stops before it starts", ErrList, e.Code)
	case t.shape == ranged && !isRange(e.Code) && (len(e.Code) != 4 || !isDigits(e.Code)):
		return fmt.Errorf("%w: %s is neither four digits nor a range of them, such as 0110-0119", ErrList, e.Code)
	case t.shape == prefixed && len(e.Code) != 2 && len(e.Code) != taxonomyLength:
		return fmt.Errorf("%w: %s is neither a code of ten characters nor the first two of one", ErrList, e.Code)
	}
	if t.shape == ranged && isRange(e.Code) {
		t.ranges = append(t.ranges, len(t.entries))
	}
	t.whole = t.whole || t.shape == prefixed && len(e.Code) == taxonomyLength
	t.byCode[e.Code] = len(t.entries)
	t.entries = append(t.entries, e)
	return nil
}

func isRange(code string) bool {
	first, last, ok := strings.Cut(code, "-")
	return ok && len(first) == 4 && len(last) == 4 && isDigits(first) && isDigits(last) && first <= last
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

func (t *Table) lookup(code string) (Entry, bool) {
	if i, ok := t.byCode[code]; ok {
		return t.entries[i], true
	}
	switch {
	case t.shape == prefixed && len(code) == taxonomyLength && !t.whole:
		if i, ok := t.byCode[code[:2]]; ok {
			return t.entries[i], true
		}
	case t.shape == ranged:
		return t.inRange(code)
	}
	return Entry{}, false
}

// inRange finds a revenue code, with or without its leading zero.
func (t *Table) inRange(code string) (Entry, bool) {
	if len(code) == 3 {
		code = "0" + code
	}
	if len(code) != 4 || !isDigits(code) {
		return Entry{}, false
	}
	if i, ok := t.byCode[code]; ok {
		return t.entries[i], true
	}
	for _, i := range t.ranges { // fewer than a hundred
		if c := t.entries[i].Code; c[:4] <= code && code <= c[5:] {
			return t.entries[i], true
		}
	}
	return Entry{}, false
}
