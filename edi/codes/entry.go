package codes

import "time"

// Unknown is what Describe says of a code that is in no list.
const Unknown = "no description on file"

// A Day is a day of the calendar as 2026-11-21. "" is a day that is not known.
type Day string

// DayOf returns the day of t, in the zone of t.
func DayOf(t time.Time) Day { return Day(t.Format(time.DateOnly)) }

func (d Day) valid() bool {
	_, err := time.Parse(time.DateOnly, string(d))
	return d == "" || err == nil
}

// An Entry is a code of a list.
type Entry struct {
	Code    string // of a range its first and last code: 0110-0119
	Short   string // what it means, in our words
	Start   Day    // first day of use; "" if not known
	Stop    Day    // last day of use; "" if there is none, or it is not known. Reversals may carry a code longer
	Retired bool   // it may not be used any more, also if Stop is not known
	Kind    string // CARC: its category for worklists; RARC: alert, if it says something without adjusting; claim status: entity, if it needs one; taxonomy: individual or not
}

// Active tells whether the code may be used on a day, as far as its days are known.
func (e Entry) Active(day Day) bool {
	switch {
	case e.Start != "" && day < e.Start:
		return false
	case e.Stop != "":
		return day <= e.Stop
	default:
		return !e.Retired
	}
}
