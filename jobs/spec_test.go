package jobs

import (
	"errors"
	"testing"
	"time"
)

const stamp = "2006-01-02 15:04 -0700"

// at reads a moment with its offset.
func at(t *testing.T, text string) time.Time {
	t.Helper()
	moment, err := time.Parse(stamp, text)
	if err != nil {
		t.Fatal(err)
	}
	return moment
}

func mustSpec(t *testing.T, spec, zone string) Spec {
	t.Helper()
	s, err := ParseSpec(spec, zone)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestNextTimes(t *testing.T) {
	t.Parallel()
	const newYork, berlin, lordHowe = "America/New_York", "Europe/Berlin", "Australia/Lord_Howe"
	for _, c := range []struct {
		name, spec, zone, after string
		want                    []string
	}{
		{
			"weekdays skip the weekend", "30 6 * * 1-5", newYork, "2026-11-20 12:00 -0500",
			[]string{"2026-11-23 06:30 -0500", "2026-11-24 06:30 -0500"},
		},
		{
			"a due time is not its own successor", "30 6 * * *", newYork, "2026-11-20 06:30 -0500",
			[]string{"2026-11-21 06:30 -0500"},
		},
		{
			"a time in the spring gap runs after the transition", "30 2 * * *", newYork, "2026-03-07 12:00 -0500",
			[]string{"2026-03-08 03:30 -0400", "2026-03-09 02:30 -0400"},
		},
		{
			"a time moved out of the gap does not run twice", "30 2,3 * * *", newYork, "2026-03-07 12:00 -0500",
			[]string{"2026-03-08 03:30 -0400", "2026-03-09 02:30 -0400", "2026-03-09 03:30 -0400"},
		},
		{
			"hourly in spring has no hour that does not exist", "30 * * * *", newYork, "2026-03-08 00:45 -0500",
			[]string{"2026-03-08 01:30 -0500", "2026-03-08 03:30 -0400", "2026-03-08 04:30 -0400"},
		},
		{
			"a daily time in the autumn hour runs once, the first time", "30 1 * * *", newYork, "2026-10-31 12:00 -0400",
			[]string{"2026-11-01 01:30 -0400", "2026-11-02 01:30 -0500"},
		},
		{
			"between the two autumn hours the daily time has passed", "30 1 * * *", newYork, "2026-11-01 01:15 -0500",
			[]string{"2026-11-02 01:30 -0500"},
		},
		{
			"hourly in autumn runs each real hour", "0 * * * *", newYork, "2026-11-01 00:30 -0400",
			[]string{"2026-11-01 01:00 -0400", "2026-11-01 01:00 -0500", "2026-11-01 02:00 -0500"},
		},
		{
			"quarters in autumn run each real quarter", "*/30 * * * *", newYork, "2026-11-01 01:15 -0400",
			[]string{"2026-11-01 01:30 -0400", "2026-11-01 01:00 -0500", "2026-11-01 01:30 -0500", "2026-11-01 02:00 -0500"},
		},
		{
			"some hours are times of day: once", "0 1,2 * * *", newYork, "2026-11-01 00:30 -0400",
			[]string{"2026-11-01 01:00 -0400", "2026-11-01 02:00 -0500", "2026-11-02 01:00 -0500"},
		},
		{
			"another zone changes on another day", "30 2 * * *", berlin, "2026-03-28 12:00 +0100",
			[]string{"2026-03-29 03:30 +0200", "2026-03-30 02:30 +0200"},
		},
		{
			"a gap of half an hour", "15 2 * * *", lordHowe, "2026-10-03 12:00 +1030",
			[]string{"2026-10-04 02:45 +1100", "2026-10-05 02:15 +1100"},
		},
		{
			"a midnight that does not exist", "0 0 * * *", "Africa/Cairo", "2026-04-23 12:00 +0200",
			[]string{"2026-04-24 01:00 +0300", "2026-04-25 00:00 +0300"},
		},
		{
			"either day field is enough if both are given", "0 12 13 * 5", "UTC", "2026-11-10 00:00 +0000",
			[]string{"2026-11-13 12:00 +0000", "2026-11-20 12:00 +0000", "2026-11-27 12:00 +0000", "2026-12-04 12:00 +0000"},
		},
		{
			"the 29th of February", "0 0 29 2 *", "UTC", "2026-11-10 00:00 +0000",
			[]string{"2028-02-29 00:00 +0000"},
		},
		{"a date that never comes", "0 0 30 2 *", "UTC", "2026-11-10 00:00 +0000", nil},
		{"a word", "@daily", newYork, "2026-11-10 00:00 -0500", []string{"2026-11-11 00:00 -0500"}},
		{
			"fixed times, in their order, each once", "at 12:00, 6:30,12:00", newYork, "2026-11-20 06:30 -0500",
			[]string{"2026-11-20 12:00 -0500", "2026-11-21 06:30 -0500"},
		},
		{
			"fixed times in the spring gap", "at 02:15,02:45,03:15", newYork, "2026-03-08 00:00 -0500",
			[]string{"2026-03-08 03:15 -0400", "2026-03-08 03:45 -0400", "2026-03-09 02:15 -0400"},
		},
		{
			"a gap before midnight moves into the next day, in order", "at 00:15,23:30", "America/Scoresbysund", "2026-03-28 01:00 -0200",
			[]string{"2026-03-29 00:15 -0100", "2026-03-29 00:30 -0100", "2026-03-29 23:30 -0100", "2026-03-30 00:15 -0100"},
		},
		{
			"asked after the midnight over which it moves", "30 23 * * *", "America/Scoresbysund", "2026-03-29 00:15 -0100",
			[]string{"2026-03-29 00:30 -0100", "2026-03-29 23:30 -0100"},
		},
		{
			"a day that does not exist", "30 6 * * *", "Pacific/Apia", "2011-12-29 06:30 -1000",
			[]string{"2011-12-31 06:30 +1400", "2012-01-01 06:30 +1400"},
		},
		{
			"an interval counts real time through the change", "@every 30m", newYork, "2026-11-01 01:30 -0400",
			[]string{"2026-11-01 01:00 -0500", "2026-11-01 01:30 -0500"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := mustSpec(t, c.spec, c.zone).NextTimes(at(t, c.after), max(len(c.want), 1))
			if len(got) != len(c.want) {
				t.Fatalf("NextTimes = %v, want %v", got, c.want)
			}
			for i, want := range c.want {
				if !got[i].Equal(at(t, want)) {
					t.Errorf("due time %d is %s, want %s", i+1, got[i].Format(stamp), want)
				}
			}
		})
	}
}

// TestNextIgnoresLocalZone: the machine's own zone plays no part.
func TestNextIgnoresLocalZone(t *testing.T) {
	t.Parallel()
	spec := mustSpec(t, "30 6 * * *", "America/New_York")
	tokyo, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		t.Fatal(err)
	}
	after := at(t, "2026-11-20 12:00 -0500")
	if got, want := spec.Next(after.In(tokyo)), spec.Next(after.UTC()); !got.Equal(want) || got.Location() != time.UTC {
		t.Errorf("Next from Tokyo = %v, want %v in UTC", got, want)
	}
}

func TestParseSpecRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ spec, zone string }{
		"nothing":                {"", "UTC"},
		"six fields":             {"0 30 6 * * *", "UTC"},
		"an hour of 25":          {"0 25 * * *", "UTC"},
		"an unknown zone":        {"@daily", "Mars/Olympus"},
		"the machine's own zone": {"@daily", "Local"},
		"a zone inside":          {"CRON_TZ=UTC 0 0 * * *", "UTC"},
		"an interval of nothing": {"@every 0s", "UTC"},
		"no fixed times":         {"at ", "UTC"},
		"a fixed time of 24:00":  {"at 06:30,24:00", "UTC"},
		"a fixed time in words":  {"at noon", "UTC"},
		"a sign in a fixed time": {"at +6:30", "UTC"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := ParseSpec(c.spec, c.zone); !errors.Is(err, ErrSpec) {
				t.Errorf("ParseSpec(%q, %q) error = %v, want ErrSpec", c.spec, c.zone, err)
			}
		})
	}
}

func TestNextPlan(t *testing.T) {
	t.Parallel()
	const due = "2026-11-20 06:00 +0000"
	for _, c := range []struct {
		name    string
		spec    string
		missed  Missed
		now     string
		run     string
		skipped string
		n       int
		next    string
	}{
		{"not due yet", "0 * * * *", MissedOnce, "2026-11-20 05:59 +0000", "", "", 0, due},
		{"on time", "0 * * * *", MissedOnce, "2026-11-20 06:00 +0000", due, "", 0, "2026-11-20 07:00 +0000"},
		{"a little late is not missed", "0 * * * *", MissedSkip, "2026-11-20 06:04 +0000", due, "", 0, "2026-11-20 07:00 +0000"},
		{"once: one run for all", "0 * * * *", MissedOnce, "2026-11-20 09:30 +0000", "2026-11-20 09:00 +0000", due, 3, "2026-11-20 10:00 +0000"},
		{"once: the only one missed runs late", "0 6 * * *", MissedOnce, "2026-11-20 09:30 +0000", due, "", 0, "2026-11-21 06:00 +0000"},
		{"skip: none for all", "0 * * * *", MissedSkip, "2026-11-20 09:30 +0000", "", "2026-11-20 09:00 +0000", 4, "2026-11-20 10:00 +0000"},
		{"skip: the one due now runs", "0 * * * *", MissedSkip, "2026-11-20 09:01 +0000", "2026-11-20 09:00 +0000", due, 3, "2026-11-20 10:00 +0000"},
		{"all: the oldest first, the next is due already", "0 * * * *", MissedAll, "2026-11-20 09:30 +0000", due, "", 0, "2026-11-20 07:00 +0000"},
		{"all: no more than the limit", "0 * * * *", MissedAll, "2026-11-20 18:30 +0000", "2026-11-20 09:00 +0000", due, 3, "2026-11-20 10:00 +0000"},
		{"all: no more intervals than the limit", "@every 1h", MissedAll, "2026-11-20 18:30 +0000", "2026-11-20 09:00 +0000", due, 3, "2026-11-20 10:00 +0000"},
		{"all: years of minutes", "* * * * *", MissedAll, "2028-11-20 06:30 +0000", "2028-11-20 06:30 +0000", due, -1, "2028-11-20 06:31 +0000"},
		{"once: the last one ever", "0 6 20 11 *", MissedOnce, "2027-11-20 06:30 +0000", "2027-11-20 06:00 +0000", due, 1, "2028-11-20 06:00 +0000"},
		{"an interval keeps its beat", "@every 15m", MissedOnce, "2026-11-20 06:20 +0000", "2026-11-20 06:15 +0000", due, 1, "2026-11-20 06:30 +0000"},
		{"years of minutes", "* * * * *", MissedOnce, "2028-11-20 06:30 +0000", "2028-11-20 06:30 +0000", due, -1, "2028-11-20 06:31 +0000"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			plan := Next(Rule{Spec: mustSpec(t, c.spec, "UTC"), Missed: c.missed}, at(t, due), at(t, c.now))
			same := func(what string, got time.Time, want string) {
				if (want == "" && !got.IsZero()) || (want != "" && !got.Equal(at(t, want))) {
					t.Errorf("%s = %v, want %s", what, got, want)
				}
			}
			same("Run", plan.Run, c.run)
			same("Next", plan.Next, c.next)
			var skipped time.Time
			if len(plan.Skipped) == 1 {
				skipped = plan.Skipped[0]
			}
			same("Skipped", skipped, c.skipped)
			if c.n >= 0 && plan.Missed != c.n {
				t.Errorf("Missed = %d, want %d", plan.Missed, c.n)
			}
		})
	}
}
