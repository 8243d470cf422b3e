package storage

import (
	"fmt"
	"strings"
	"time"

	"github.com/ediport/ediport/edi"
)

// Money is an amount in dollars as exact text with at least two decimals ("100.00", "-3.125"); "" is
// NULL.
type Money string

// Scan reads a numeric column.
func (m *Money) Scan(src any) error {
	text, err := numericText(src, 2)
	*m = Money(text)
	return err
}

// Decimal returns the amount as a number; false if there is none.
func (m Money) Decimal() (edi.Decimal, bool) {
	d, err := edi.ParseDecimal([]byte(m))
	return d, err == nil
}

// Sign returns -1, 0 or 1; 0 also if there is no amount.
func (m Money) Sign() int {
	d, _ := m.Decimal()
	return d.Sign()
}

// A Quantity is a percent or quantity as exact text without zeros at its end ("0.2"); "" is NULL.
type Quantity string

// Scan reads a numeric column.
func (q *Quantity) Scan(src any) error {
	text, err := numericText(src, 0)
	*q = Quantity(text)
	return err
}

// numericText drops the zeros that the column's scale put behind a number, down to so many decimals.
func numericText(src any, decimals int) (string, error) {
	var text string
	switch v := src.(type) {
	case nil:
		return "", nil
	case []byte:
		text = string(v)
	case string:
		text = v
	default:
		return "", fmt.Errorf("storage: a number came as %T", src)
	}
	whole, fraction, _ := strings.Cut(text, ".")
	for len(fraction) > decimals && fraction[len(fraction)-1] == '0' {
		fraction = fraction[:len(fraction)-1]
	}
	for len(fraction) < decimals {
		fraction += "0"
	}
	if fraction == "" {
		return whole, nil
	}
	return whole + "." + fraction, nil
}

// A Day is a calendar day without zone, "2026-01-31"; "" is NULL.
type Day string

// Scan reads a date column.
func (d *Day) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*d = ""
	case time.Time:
		*d = DayOf(v)
	case []byte:
		*d = Day(v)
	case string:
		*d = Day(v)
	default:
		return fmt.Errorf("storage: a day came as %T", src)
	}
	return nil
}

// DayOf returns the day of an instant in its zone.
func DayOf(at time.Time) Day { return Day(at.Format(time.DateOnly)) }

// Valid tells whether d is a day of the calendar.
func (d Day) Valid() bool {
	_, err := time.Parse(time.DateOnly, string(d))
	return err == nil
}

// JSON is the text of a jsonb column; "" is NULL.
type JSON string

// Scan reads a jsonb column.
func (j *JSON) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*j = ""
	case []byte:
		*j = JSON(v)
	case string:
		*j = JSON(v)
	default:
		return fmt.Errorf("storage: JSON came as %T", src)
	}
	return nil
}

// MarshalJSON gives the value itself, null if there is none.
func (j JSON) MarshalJSON() ([]byte, error) {
	if j == "" {
		return []byte("null"), nil
	}
	return []byte(j), nil
}
