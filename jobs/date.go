package jobs

import "time"

// A date is a day of the calendar, of no zone.
type date struct {
	year  int
	month time.Month
	day   int
}

const dateLayout = "2006-01-02"

// dateOf is the date that clocks in a zone show at a moment.
func dateOf(moment time.Time, zone *time.Location) date {
	year, month, day := moment.In(zone).Date()
	return date{year, month, day}
}

func parseDate(text string) (date, error) {
	at, err := time.Parse(dateLayout, text)
	return dateOf(at, time.UTC), err
}

// utc is the date's midnight in UTC, where every day is one.
func (d date) utc() time.Time { return time.Date(d.year, d.month, d.day, 0, 0, 0, 0, time.UTC) }

func (d date) add(days int) date       { return dateOf(d.utc().AddDate(0, 0, days), time.UTC) }
func (d date) weekday() time.Weekday   { return d.utc().Weekday() }
func (d date) before(other date) bool  { return d.utc().Before(other.utc()) }
func (d date) String() string          { return d.utc().Format(dateLayout) }
func (d date) at(minute int) time.Time { return d.utc().Add(time.Duration(minute) * time.Minute) }
func (d date) long() string            { return d.utc().Format("Mon 2006-01-02") }
func clockText(wall time.Time) string  { return wall.Format("15:04") }

// wallTime returns the moment at which clocks in the zone show what wall (given in UTC) shows: the
// first one if there are two; if there is none, the one by the offset before the gap, which lies as
// far behind the gap's begin as the time that was left out.
func wallTime(wall time.Time, zone *time.Location) time.Time {
	_, before := wall.Add(-36 * time.Hour).In(zone).Zone()
	_, after := wall.Add(36 * time.Hour).In(zone).Zone()
	first, second := wall.Add(-time.Duration(before)*time.Second), wall.Add(-time.Duration(after)*time.Second)
	switch {
	case shows(first, wall, zone):
		return first
	case shows(second, wall, zone):
		return second
	default:
		return first
	}
}

// wallOf is what clocks in a zone show at a moment, as a time in UTC.
func wallOf(moment time.Time, zone *time.Location) time.Time {
	_, offset := moment.In(zone).Zone()
	return moment.Add(time.Duration(offset) * time.Second).UTC()
}

func shows(moment, wall time.Time, zone *time.Location) bool { return wallOf(moment, zone).Equal(wall) }
