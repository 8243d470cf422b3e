package codes

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Replace puts the codes of r in place of a list, until the program ends or [Restore] is called; it also loads the lists that
// are not part of the program, such as [HCPCS]. r is CSV in UTF-8; its first row names the columns code and short and, if they are
// there, start, stop (2026-11-21; stop ? is a day that is not known) and kind. On an error, which wraps [ErrList] unless it is
// that of r, the list stays as it is. Safe while others look codes up.
func Replace(list List, r io.Reader) error {
	t, err := readCSV(list, r)
	if err != nil {
		return fmt.Errorf("codes: replacing list %s: %w", list, err)
	}
	return swap(list, t)
}

// Restore puts the embedded list back; a list that is not part of the program is gone.
func Restore(list List) error { return swap(list, original(list)) }

func readCSV(list List, r io.Reader) (*Table, error) {
	c := csv.NewReader(r)
	c.ReuseRecord = true
	head, err := c.Read()
	if err != nil {
		return nil, csvError(err)
	}
	columns, err := columnsOf(head)
	if err != nil {
		return nil, err
	}
	t := newTable(list)
	for {
		cells, err := c.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, csvError(err)
		}
		if err := t.add(columns.entry(cells)); err != nil {
			line, _ := c.FieldPos(0)
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
	}
	if len(t.entries) == 0 {
		return nil, fmt.Errorf("%w: it has no codes", ErrList)
	}
	return t.seal(), nil
}

func csvError(err error) error {
	var parse *csv.ParseError
	switch {
	case errors.Is(err, io.EOF):
		return fmt.Errorf("%w: it is empty", ErrList)
	case errors.As(err, &parse):
		return fmt.Errorf("%w: %w", ErrList, err)
	default:
		return err
	}
}

// columns are the places of the columns in a row, -1 for those that are not there.
type columns struct{ code, short, start, stop, kind int }

func columnsOf(head []string) (columns, error) {
	head = slices.Clone(head)
	for i := range head {
		head[i] = strings.ToLower(strings.TrimSpace(strings.TrimPrefix(head[i], "\ufeff")))
	}
	at := func(name string) int { return slices.Index(head, name) }
	c := columns{at("code"), at("short"), at("start"), at("stop"), at("kind")}
	if c.code < 0 || c.short < 0 {
		return c, fmt.Errorf("%w: the first row must name the columns code and short", ErrList)
	}
	return c, nil
}

func (c columns) entry(cells []string) Entry {
	cell := func(n int) string {
		if n < 0 {
			return ""
		}
		return strings.TrimSpace(cells[n])
	}
	e := Entry{
		Code: cell(c.code), Short: cell(c.short), Start: Day(cell(c.start)), Stop: Day(cell(c.stop)),
		Retired: cell(c.stop) != "", Kind: cell(c.kind),
	}
	if e.Stop == "?" {
		e.Stop = ""
	}
	return e
}
