package edi

import (
	"errors"
	"fmt"
	"time"
)

// ErrDate says that a text is not a date of the calendar.
var ErrDate = errors.New("not a calendar date as CCYYMMDD")

// A Date is a day of the calendar, without time or zone. The zero value is no date.
type Date struct {
	Year       int16
	Month, Day uint8
}

// ParseDate reads CCYYMMDD (X12 type DT, format D8).
func ParseDate(b []byte) (Date, error) {
	if len(b) != 8 {
		return Date{}, ErrDate
	}
	var n [8]int
	for i, c := range b {
		if c < '0' || c > '9' {
			return Date{}, ErrDate
		}
		n[i] = int(c - '0')
	}
	year := n[0]*1000 + n[1]*100 + n[2]*10 + n[3]
	month, day := n[4]*10+n[5], n[6]*10+n[7]
	if year == 0 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) {
		return Date{}, ErrDate
	}
	return Date{Year: int16(year), Month: uint8(month), Day: uint8(day)}, nil
}

func daysIn(year, month int) int {
	return time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// ParseDateRange reads CCYYMMDD-CCYYMMDD (format RD8); the end is not before the begin.
func ParseDateRange(b []byte) (from, to Date, err error) {
	if len(b) != 17 || b[8] != '-' {
		return Date{}, Date{}, ErrDate
	}
	if from, err = ParseDate(b[:8]); err != nil {
		return Date{}, Date{}, err
	}
	if to, err = ParseDate(b[9:]); err != nil {
		return Date{}, Date{}, err
	}
	if to.Before(from) {
		return Date{}, Date{}, ErrDate
	}
	return from, to, nil
}

// IsZero tells whether d is no date.
func (d Date) IsZero() bool { return d == Date{} }

// Before tells whether d is earlier than e.
func (d Date) Before(e Date) bool {
	if d.Year != e.Year {
		return d.Year < e.Year
	}
	if d.Month != e.Month {
		return d.Month < e.Month
	}
	return d.Day < e.Day
}

// String returns d as 2026-11-21, "" for no date.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day)
}

// Append appends d as 2026-11-21 to b, without allocating.
func (d Date) Append(b []byte) []byte {
	y := int(d.Year)
	return append(b, byte('0'+y/1000%10), byte('0'+y/100%10), byte('0'+y/10%10), byte('0'+y%10), '-',
		'0'+d.Month/10, '0'+d.Month%10, '-', '0'+d.Day/10, '0'+d.Day%10)
}

// MarshalText writes d as String does.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }
