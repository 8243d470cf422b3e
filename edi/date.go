package edi

import (
	"encoding/binary"
	"errors"
	"fmt"
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
	const zeros, sixes, high = '0' * lowBits, 6 * lowBits, 0xf0 * lowBits
	x := binary.LittleEndian.Uint64(b)
	if x&high != zeros || (x+sixes)&high != zeros { // not all digits
		return Date{}, ErrDate
	}
	x -= zeros
	x = (x*10 + x>>8) & 0x00ff00ff00ff00ff // each pair of digits as a number
	year, month, day := int(x&0xff)*100+int(x>>16&0xff), uint8(x>>32), uint8(x>>48)
	if year == 0 || month < 1 || month > 12 || day < 1 || day > 28 && day > daysIn(year, month) {
		return Date{}, ErrDate
	}
	return Date{Year: int16(year), Month: month, Day: day}, nil
}

var monthDays = [16]uint8{1: 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}

func daysIn(year int, month uint8) uint8 {
	if month == 2 && year%4 == 0 && (year%100 != 0 || year%400 == 0) {
		return 29
	}
	return monthDays[month&15]
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
