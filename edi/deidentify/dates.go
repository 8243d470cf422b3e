package deidentify

import (
	"bytes"
	"fmt"
	"time"

	"github.com/ediport/ediport/edi"
)

// Dates move back by 5 to 51 weeks: the day of the week stays, and nothing comes to lie in the future.
const (
	leastWeeks = 5
	mostWeeks  = 51
)

// A shift moves dates.
type shift struct{ days int }

func newShift(p *prf) shift {
	return shift{-7 * (leastWeeks + p.number("dates", nil, mostWeeks-leastWeeks+1))}
}

// date moves a date, or both ends of a range; a time behind a date stays. What is no date keeps being none.
func (s shift) date(value []byte) []byte {
	switch {
	case len(value) == 17 && value[8] == '-':
		return append(append(s.day(value[:8]), '-'), s.day(value[9:])...)
	case len(value) > 8 && edi.IsTime(value[8:]):
		return append(s.day(value[:8]), value[8:]...)
	case len(value) == 6 && isDigits(value):
		if day := s.day(append([]byte("20"), value...)); !bytes.HasPrefix(day, []byte("99")) {
			return day[2:]
		}
	}
	return s.day(value)
}

func (s shift) day(value []byte) []byte {
	d, err := edi.ParseDate(value)
	if err == nil {
		t := time.Date(int(d.Year), time.Month(d.Month), int(d.Day), 0, 0, 0, 0, time.UTC).AddDate(0, 0, s.days)
		if t.Year() >= 1 {
			return fmt.Appendf(nil, "%04d%02d%02d", t.Year(), t.Month(), t.Day())
		}
	}
	return noDate(value)
}

// noDate is what stands for a value that should be a date and is none: nines where digits were, which are no day of any month.
func noDate(value []byte) []byte {
	b := bytes.Clone(value)
	for i, c := range b {
		switch k := classOf(c); {
		case k.first == '0' && k.size > 0:
			b[i] = '9'
		case k.size > 0:
			b[i] = k.first + 'X' - 'A'
		}
	}
	return b
}
