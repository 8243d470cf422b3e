package web

import (
	"net/url"
	"reflect"
	"testing"

	"github.com/ediport/ediport/jobs"
)

func TestTimesOfDayBecomeASpecAndComeBack(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, times, days string
		spec              string
	}{
		{"one time each day", "6:30", "*", "at 06:30"},
		{"several times each day", "06:30, 12:15", "*", "at 06:30,12:15"},
		{"one time on weekdays", "06:30", "1-5", "30 6 * * 1-5"},
		{"midnight on Sundays", "00:00", "0", "0 0 * * 0"},
		{"several times at the same minute", "06:05 18:05", "1", "5 6,18 * * 1"},
	} {
		spec, wrong := specOf(url.Values{"pattern": {patternTimes}, "times": {tc.times}, "days": {tc.days}})
		if spec != tc.spec || wrong != "" {
			t.Errorf("%s: %q (%s), want %q", tc.name, spec, wrong, tc.spec)
		}
		back := url.Values{}
		spreadSpec(back, spec)
		if again, _ := specOf(back); again != spec || back.Get("pattern") != patternTimes {
			t.Errorf("%s: comes back as %q by %s", tc.name, again, back.Get("pattern"))
		}
	}
	for _, times := range []string{"", "25:00", "six", "06:30,"[:0]} {
		if _, wrong := timesSpec(times, "*"); wrong == "" {
			t.Errorf("%q is taken for times of day", times)
		}
	}
	if _, wrong := timesSpec("06:30, 12:00", "1-5"); wrong == "" {
		t.Error("times that no cron expression can say are taken")
	}
}

func TestOtherSpecsComeBackAsTheyAre(t *testing.T) {
	t.Parallel()
	for spec, pattern := range map[string]string{
		"@every 15m": patternEvery, "@every 90s": patternCron, "@daily": patternCron, "0 5 1 * *": patternCron, "*/5 * * * *": patternCron, "0 6 * * 2,4": patternCron,
	} {
		v := url.Values{}
		spreadSpec(v, spec)
		if again, _ := specOf(v); again != spec || v.Get("pattern") != pattern {
			t.Errorf("%s comes back as %s by %s, want %s", spec, again, v.Get("pattern"), pattern)
		}
	}
}

func TestWindowsAsPeopleTypeThem(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]jobs.Window{
		"mon-fri 06:00-18:00":                  {Days: []string{"mon", "tue", "wed", "thu", "fri"}, From: "06:00", To: "18:00"},
		"sat,sun":                              {Days: []string{"sat", "sun"}},
		"fri-mon":                              {Days: []string{"fri", "sat", "sun", "mon"}},
		"22:00-04:00":                          {From: "22:00", To: "04:00"},
		"2026-12-24 to 2026-12-26":             {First: "2026-12-24", Last: "2026-12-26"},
		"2026-12-24":                           {First: "2026-12-24", Last: "2026-12-24"},
		"2026-12-24 18:00 to 2026-12-27 06:00": {Start: "2026-12-24T18:00", End: "2026-12-27T06:00"},
		"2026-12-01 to 2026-12-31 mon 01:00-02:00": {First: "2026-12-01", Last: "2026-12-31", Days: []string{"mon"}, From: "01:00", To: "02:00"},
	} {
		got, wrong := parseWindows(line)
		if wrong != "" || len(got) != 1 || !reflect.DeepEqual(got[0], want) {
			t.Errorf("%s: %+v (%s), want %+v", line, got, wrong, want)
			continue
		}
		again, wrong := parseWindows(windowLines(got))
		if wrong != "" || !reflect.DeepEqual(again, got) {
			t.Errorf("%s: comes back as %q", line, windowLines(got))
		}
	}
	for _, line := range []string{"funday", "06:00", "2026-12-24 until 2026-12-26", "mon-fri 6-18"} {
		if got, wrong := parseWindows(line); wrong == "" {
			t.Errorf("%q is read as %+v", line, got)
		}
	}
}
