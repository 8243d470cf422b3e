package jobs

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rickar/cal/v2"

	"github.com/ediport/ediport/storage"
)

const newYork = "America/New_York"

// aSchedule is one with windows given as JSON.
func aSchedule(spec, zone, windows string) *storage.Schedule {
	return &storage.Schedule{ID: 7, Name: "s", Kind: KindPull, Connection: 1, Spec: spec, Zone: zone, Missed: "once", Windows: json.RawMessage(windows)}
}

// testCalendars are an office that opens on Veterans Day and the last Saturday of November and closes
// on the Friday after Thanksgiving; and a calendar without built-in holidays.
var testCalendars = []storage.Calendar{
	{ID: 1, Name: "office", Holidays: HolidaysFederal, Days: json.RawMessage(`[
		{"date": "2026-11-11", "closed": false}, {"date": "2026-11-28", "closed": false},
		{"date": "2026-11-27", "closed": true, "name": "Bridge day"}]`)},
	{ID: 2, Name: "plant", Days: json.RawMessage(`[{"date": "2026-11-11", "closed": true}]`)},
}

func mustRule(t testing.TB, s *storage.Schedule) Rule {
	t.Helper()
	rule, err := RuleOf(s, testCalendars)
	if err != nil {
		t.Fatal(err)
	}
	return rule
}

func TestRules(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, spec, zone, windows, after string
		want                             []string
	}{
		{
			"business days leave Thanksgiving and the weekend out", "30 6 * * *", newYork, `{"business_days": true}`, "2026-11-25 07:00 -0500",
			[]string{"2026-11-27 06:30 -0500", "2026-11-30 06:30 -0500"},
		},
		{
			"an own calendar closes and opens", "30 6 * * *", newYork, `{"business_days": true, "calendars": [1]}`, "2026-11-25 07:00 -0500",
			[]string{"2026-11-28 06:30 -0500", "2026-11-30 06:30 -0500"},
		},
		{
			"open although it is a holiday", "30 6 * * *", newYork, `{"business_days": true, "calendars": [1]}`, "2026-11-10 07:00 -0500",
			[]string{"2026-11-11 06:30 -0500", "2026-11-12 06:30 -0500"},
		},
		{
			"one of two calendars closes it", "30 6 * * *", newYork, `{"business_days": true, "calendars": [1, 2]}`, "2026-11-10 07:00 -0500",
			[]string{"2026-11-12 06:30 -0500"},
		},
		{
			"a calendar without built-in holidays works at Thanksgiving", "30 6 * * *", newYork, `{"business_days": true, "calendars": [2]}`, "2026-11-25 07:00 -0500",
			[]string{"2026-11-26 06:30 -0500"},
		},
		{
			"the day is the zone's, not UTC's", "30 23 * * *", "America/Los_Angeles", `{"business_days": true}`, "2026-11-20 12:00 -0800",
			[]string{"2026-11-20 23:30 -0800", "2026-11-23 23:30 -0800"},
		},
		{
			"the first of the month moves to the next business day", "0 5 1 * *", newYork, `{"business_days": true, "shift": "next"}`, "2026-07-15 00:00 -0400",
			[]string{"2026-08-03 05:00 -0400", "2026-09-01 05:00 -0400", "2026-10-01 05:00 -0400", "2026-11-02 05:00 -0500"},
		},
		{
			"the last days of the month move to the business day before", "0 5 31 * *", newYork, `{"business_days": true, "shift": "previous"}`, "2026-10-15 00:00 -0400",
			[]string{"2026-10-30 05:00 -0400", "2026-12-31 05:00 -0500", "2027-01-29 05:00 -0500"},
		},
		{
			"what moves onto a due time is one run with it", "0 5 * * *", newYork, `{"business_days": true, "shift": "next"}`, "2026-11-20 05:00 -0500",
			[]string{"2026-11-23 05:00 -0500", "2026-11-24 05:00 -0500"},
		},
		{
			"Friday gets what the weekend has, and only once", "at 05:00,09:00", newYork, `{"business_days": true, "shift": "previous"}`, "2026-11-20 04:00 -0500",
			[]string{"2026-11-20 05:00 -0500", "2026-11-20 09:00 -0500", "2026-11-23 05:00 -0500"},
		},
		{
			"open hours", "0 * * * *", newYork, `{"open": [{"days": ["mon", "fri"], "from": "06:00", "to": "08:00"}]}`, "2026-11-20 05:30 -0500",
			[]string{"2026-11-20 06:00 -0500", "2026-11-20 07:00 -0500", "2026-11-23 06:00 -0500"},
		},
		{
			"an open window over midnight belongs to the day on which it begins", "0 * * * *", newYork, `{"open": [{"days": ["fri"], "from": "23:00", "to": "02:00"}]}`, "2026-11-20 05:30 -0500",
			[]string{"2026-11-20 23:00 -0500", "2026-11-21 00:00 -0500", "2026-11-21 01:00 -0500", "2026-11-27 23:00 -0500"},
		},
		{
			"a blackout wins over an open window", "0 * * * *", newYork, `{"open": [{"from": "06:00", "to": "09:00"}], "blackout": [{"from": "07:00", "to": "08:00"}]}`, "2026-11-20 05:30 -0500",
			[]string{"2026-11-20 06:00 -0500", "2026-11-20 08:00 -0500", "2026-11-21 06:00 -0500"},
		},
		{
			"a stretch of maintenance", "0 6 * * *", newYork, `{"blackout": [{"start": "2026-12-24T06:00", "end": "2026-12-27T06:00"}]}`, "2026-12-22 12:00 -0500",
			[]string{"2026-12-23 06:00 -0500", "2026-12-27 06:00 -0500"},
		},
		{
			"a window between two dates", "0 6 * * *", newYork, `{"open": [{"first": "2026-12-01", "last": "2026-12-02"}]}`, "2026-11-20 12:00 -0500",
			[]string{"2026-12-01 06:00 -0500", "2026-12-02 06:00 -0500"},
		},
		{
			"an interval keeps its beat through closed hours", "@every 25m", newYork, `{"open": [{"from": "08:00", "to": "09:00"}]}`, "2026-11-20 05:30 -0500",
			[]string{"2026-11-20 08:00 -0500", "2026-11-20 08:25 -0500", "2026-11-20 08:50 -0500", "2026-11-21 08:10 -0500"},
		},
		{
			"an interval on business days", "@every 10h", newYork, `{"business_days": true}`, "2026-11-20 12:00 -0500",
			[]string{"2026-11-20 22:00 -0500", "2026-11-23 00:00 -0500", "2026-11-23 10:00 -0500"},
		},
		{
			"open hours that begin in the spring gap", "@every 20m", newYork, `{"open": [{"from": "02:30", "to": "03:30"}]}`, "2026-03-08 00:00 -0500",
			[]string{"2026-03-08 03:00 -0400", "2026-03-08 03:20 -0400", "2026-03-09 02:40 -0400"},
		},
		{
			"open hours in autumn's doubled hour hold both times", "*/30 * * * *", newYork, `{"open": [{"from": "01:30", "to": "02:00"}]}`, "2026-11-01 00:00 -0400",
			[]string{"2026-11-01 01:30 -0400", "2026-11-01 01:30 -0500", "2026-11-02 01:30 -0500"},
		},
		{
			"moved to the day of the change", "30 2 7 3 *", newYork, `{"business_days": true, "shift": "next", "calendars": [3]}`, "2026-03-01 00:00 -0500",
			[]string{"2026-03-08 03:30 -0400"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := aSchedule(c.spec, c.zone, c.windows)
			sundays := storage.Calendar{ID: 3, Days: json.RawMessage(`[{"date": "2026-03-08", "closed": false}]`)}
			rule, err := RuleOf(s, append(slices.Clone(testCalendars), sundays))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range rule.preview(at(t, c.after), at(t, c.after), len(c.want)) {
				got = append(got, f.Due.In(rule.Spec.zone).Format(stamp))
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("due times\n%s, want\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
		})
	}
}

func TestPreviewTellsWhatIsSpecial(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, spec, windows, after string
		local                      string
		notes                      []string
	}{
		{"nothing", "30 6 * * *", `{}`, "2026-11-20 07:00 -0500", "Sat 2026-11-21 06:30 EST", nil},
		{"a weekend is no news", "30 6 * * *", `{"business_days": true}`, "2026-11-20 07:00 -0500", "Mon 2026-11-23 06:30 EST", nil},
		{
			"a holiday", "30 6 * * *", `{"business_days": true}`, "2026-11-25 07:00 -0500", "Fri 2026-11-27 06:30 EST",
			[]string{"left out before: Thu 2026-11-26 (Thanksgiving Day)"},
		},
		{
			"a holiday on which the schedule does not run", "30 6 * * 5", `{"business_days": true}`, "2026-11-25 07:00 -0500", "Fri 2026-11-27 06:30 EST",
			nil,
		},
		{
			"moved from a weekend", "0 5 1 * *", `{"business_days": true, "shift": "next"}`, "2026-07-15 00:00 -0400", "Mon 2026-08-03 05:00 EDT",
			[]string{"moved from Sat 2026-08-01 (weekend)"},
		},
		{
			"a blackout", "0 6 * * *", `{"blackout": [{"first": "2026-12-24", "last": "2026-12-24"}]}`, "2026-12-23 12:00 -0500", "Fri 2026-12-25 06:00 EST",
			[]string{"left out before: Thu 2026-12-24 (06:00, blackout)"},
		},
		{
			"spring", "30 2 * * *", `{}`, "2026-03-07 12:00 -0500", "Sun 2026-03-08 03:30 EDT",
			[]string{"clocks go forward: 02:30 does not exist, runs at 03:30"},
		},
		{
			"autumn, once", "30 1 * * *", `{}`, "2026-10-31 12:00 -0400", "Sun 2026-11-01 01:30 EDT",
			[]string{"clocks go back: 01:30 comes twice, runs the first time"},
		},
		{
			"autumn, each hour", "30 * * * *", `{}`, "2026-11-01 01:45 -0400", "Sun 2026-11-01 01:30 EST",
			[]string{"clocks go back: 01:30 comes twice, runs both times"},
		},
		{"autumn, the hour after", "30 2 * * *", `{}`, "2026-10-31 12:00 -0400", "Sun 2026-11-01 02:30 EST", nil},
		{"autumn, the hour before", "30 0 * * *", `{}`, "2026-10-31 12:00 -0400", "Sun 2026-11-01 00:30 EDT", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			rule := mustRule(t, aSchedule(c.spec, newYork, c.windows))
			got := rule.preview(at(t, c.after), at(t, c.after), 1)
			if len(got) != 1 || got[0].Local != c.local || !slices.Equal(got[0].Notes, c.notes) {
				t.Errorf("preview = %q, want %s %q", got, c.local, c.notes)
			}
		})
	}
}

func TestRuleRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ windows, says string }{
		"an unknown field":         {`{"holidays": true}`, "windows"},
		"no weekday":               {`{"open": [{"days": ["someday"]}]}`, "windows.open[0].days"},
		"no time of day":           {`{"blackout": [{"from": "25:00"}]}`, "windows.blackout[0].from"},
		"no date":                  {`{"open": [{"first": "tomorrow"}]}`, "windows.open[0].first"},
		"dates the wrong way":      {`{"open": [{"first": "2026-12-02", "last": "2026-12-01"}]}`, "windows.open[0].last"},
		"a stretch without an end": {`{"blackout": [{"start": "2026-12-24T18:00"}]}`, "windows.blackout[0].end"},
		"both kinds of window":     {`{"blackout": [{"start": "2026-12-24T18:00", "end": "2026-12-25T18:00", "from": "06:00"}]}`, "windows.blackout[0].start"},
		"an unknown calendar":      {`{"business_days": true, "calendars": [9]}`, "windows.calendars"},
		"an unknown shift":         {`{"business_days": true, "shift": "sideways"}`, "windows.shift"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := RuleOf(aSchedule("@daily", newYork, c.windows), testCalendars)
			if !errors.Is(err, ErrSpec) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("error = %v, want ErrSpec that says %q", err, c.says)
			}
		})
	}
}

// TestNeverDue: a rule that has no due time says so soon, whatever its shape.
func TestNeverDue(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ spec, windows string }{
		{"@every 1s", `{"open": [{"last": "2020-01-01"}]}`},
		{"* * * * *", `{"open": [{"last": "2020-01-01"}]}`},
		{"@every 1s", `{"blackout": [{}]}`},
		{"0 6 * * 6", `{"business_days": true}`},
	} {
		if next := mustRule(t, aSchedule(c.spec, newYork, c.windows)).Next(at(t, "2026-11-20 12:00 -0500")); !next.IsZero() {
			t.Errorf("%s with %s is due at %v, want never", c.spec, c.windows, next)
		}
	}
}

// TestFederalHolidays compares with the dates that the Office of Personnel Management publishes,
// whatever zone the machine is in.
func TestFederalHolidays(t *testing.T) {
	for _, zone := range []string{"UTC", "Asia/Tokyo", "Pacific/Honolulu"} {
		location, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(zone, func(t *testing.T) {
			before := cal.DefaultLoc
			cal.DefaultLoc = location
			defer func() { cal.DefaultLoc = before }()
			federalYears.Clear()
			for year, want := range map[int]string{
				2020: "01-01 01-20 02-17 05-25 07-03 09-07 10-12 11-11 11-26 12-25",
				2021: "01-01 01-18 02-15 05-31 06-18 07-05 09-06 10-11 11-11 11-25 12-24 12-31",
				2026: "01-01 01-19 02-16 05-25 06-19 07-03 09-07 10-12 11-11 11-26 12-25",
				2027: "01-01 01-18 02-15 05-31 06-18 07-05 09-06 10-11 11-11 11-25 12-24 12-31",
				2028: "01-17 02-21 05-29 06-19 07-04 09-04 10-09 11-10 11-23 12-25",
			} {
				var got []string
				for _, day := range FederalHolidays(year) {
					got = append(got, strings.TrimPrefix(day.Date, day.Date[:5]))
				}
				if strings.Join(got, " ") != want {
					t.Errorf("%d: %s, want %s", year, strings.Join(got, " "), want)
				}
			}
		})
	}
}
