package storage

import (
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// A RowLimit opens only those rows of an account that belong to some of its providers: by the provider of the
// routing unit, a payment's payee, or the rendering provider of a claim. The zero value limits nothing.
type RowLimit struct {
	NPIs   []string `json:"npis,omitempty"`    // ten digits each
	TaxIDs []string `json:"tax_ids,omitempty"` // nine digits each
}

// None says that nothing is limited.
func (l RowLimit) None() bool { return len(l.NPIs) == 0 && len(l.TaxIDs) == 0 }

// Union returns the limit that opens what one of the two opens.
func (l RowLimit) Union(other RowLimit) RowLimit {
	both := func(a, b []string) []string { return slices.Compact(slices.Sorted(slices.Values(slices.Concat(a, b)))) }
	return RowLimit{both(l.NPIs, other.NPIs), both(l.TaxIDs, other.TaxIDs)}
}

// NoRows opens nothing: what is limited to it is to no provider's rows.
func NoRows() RowLimit { return RowLimit{NPIs: []string{"none"}} }

// Intersect returns the limit that opens what both open, by the numbers that both name; [NoRows] if there are none.
func (l RowLimit) Intersect(other RowLimit) RowLimit {
	if l.None() {
		return other
	}
	if other.None() {
		return l
	}
	shared := func(a, b []string) []string {
		return slices.DeleteFunc(slices.Clone(a), func(v string) bool { return !slices.Contains(b, v) })
	}
	both := RowLimit{shared(l.NPIs, other.NPIs), shared(l.TaxIDs, other.TaxIDs)}
	if both.None() {
		return NoRows()
	}
	return both
}

// Within says whether the limit opens nothing that the other one doesn't.
func (l RowLimit) Within(other RowLimit) bool {
	if other.None() {
		return true
	}
	inside := func(a, b []string) bool {
		return !slices.ContainsFunc(a, func(v string) bool { return !slices.Contains(b, v) })
	}
	return !l.None() && inside(l.NPIs, other.NPIs) && inside(l.TaxIDs, other.TaxIDs)
}

// ErrRowLimit says that a limit holds something else than NPIs of ten and tax ids of nine digits.
var ErrRowLimit = errors.New("a row limit lists NPIs of ten and tax ids of nine digits")

// Check returns ErrRowLimit for a limit that can't be used.
func (l RowLimit) Check() error {
	for _, list := range []struct {
		values []string
		digits int
	}{{l.NPIs, 10}, {l.TaxIDs, 9}} {
		for _, v := range list.values {
			if len(v) != list.digits || strings.Trim(v, "0123456789") != "" {
				return ErrRowLimit
			}
		}
	}
	return nil
}

// Scan reads a jsonb column; NULL limits nothing. What can't be read is an error, never a missing limit.
func (l *RowLimit) Scan(src any) error {
	*l = RowLimit{}
	var text []byte
	switch v := src.(type) {
	case nil:
		return nil
	case []byte:
		text = v
	case string:
		text = []byte(v)
	default:
		return fmt.Errorf("storage: a row limit came as %T", src)
	}
	if err := json.Unmarshal(text, l); err != nil {
		return fmt.Errorf("storage: row limit: %w", err)
	}
	if l.None() {
		return ErrRowLimit
	}
	return l.Check()
}

// Value returns the column's text, NULL for no limit.
func (l RowLimit) Value() (driver.Value, error) {
	if l.None() {
		return nil, nil //nolint:nilnil // NULL
	}
	if err := l.Check(); err != nil {
		return nil, err
	}
	text, err := json.Marshal(l)
	return string(text), err
}

// limits returns the limited accounts and what is open of them, as the database's settings have it. A
// number that could be read as something else opens nothing.
func (s Scope) limits() (accounts []AccountID, providers string) {
	var open []string
	for _, account := range slices.Sorted(maps.Keys(s.Limits)) {
		limit := s.Limits[account]
		if limit.None() {
			continue
		}
		accounts = append(accounts, account)
		if limit.Check() != nil {
			continue
		}
		for _, number := range slices.Concat(limit.NPIs, limit.TaxIDs) {
			open = append(open, strconv.FormatInt(int64(account), 10)+":"+number)
		}
	}
	return accounts, strings.Join(open, ",")
}
