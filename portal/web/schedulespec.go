package web

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ediport/ediport/jobs"
)

// specField is the field of the form in which the time of a schedule is typed.
func specField(values url.Values) string {
	switch values.Get("pattern") {
	case patternTimes:
		return "times"
	case patternEvery:
		return "every"
	}
	return "spec"
}

// specOf returns the schedule's time that the form says, or what is wrong with it.
func specOf(values url.Values) (spec, wrong string) {
	switch values.Get("pattern") {
	case patternTimes:
		return timesSpec(values.Get("times"), values.Get("days"))
	case patternEvery:
		n, err := strconv.Atoi(values.Get("every"))
		if err != nil || n < 1 {
			return "", "Enter how many minutes lie between two runs."
		}
		return fmt.Sprintf("@every %dm", n), ""
	}
	return values.Get("spec"), ""
}

var clockTime = regexp.MustCompile(`^([01]?\d|2[0-3]):([0-5]\d)$`)

// timesSpec makes a schedule's time of times of day and days of the week.
func timesSpec(text, days string) (spec, wrong string) {
	var hours, minutes, times []string
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ',' || r == ';' || r == ' ' }) {
		m := clockTime.FindStringSubmatch(part)
		if m == nil {
			return "", "Enter times as 06:30, or several: 06:30, 12:00."
		}
		hours, minutes = append(hours, strings.TrimPrefix(m[1], "0")), append(minutes, strings.TrimPrefix(m[2], "0"))
		times = append(times, fmt.Sprintf("%02s:%s", m[1], m[2]))
	}
	for _, numbers := range [][]string{hours, minutes} {
		for i := range numbers {
			if numbers[i] == "" {
				numbers[i] = "0"
			}
		}
	}
	switch {
	case len(times) == 0:
		return "", "Enter a time, such as 06:30."
	case days == "" || days == "*":
		return "at " + strings.Join(times, ","), ""
	case len(slices.Compact(slices.Clone(minutes))) > 1:
		return "", "On certain days all times need the same minutes, as 06:30, 12:30. Make a second schedule for the others."
	}
	return minutes[0] + " " + strings.Join(hours, ",") + " * * " + days, ""
}

// spreadSpec writes a schedule's time into the fields of the form that fit it.
func spreadSpec(v url.Values, spec string) {
	v.Set("pattern", patternCron)
	v.Set("spec", spec)
	v.Set("days", "*")
	if times, ok := strings.CutPrefix(spec, "at "); ok {
		v.Set("pattern", patternTimes)
		v.Set("times", strings.ReplaceAll(strings.ReplaceAll(times, " ", ""), ",", ", "))
		return
	}
	if interval, ok := strings.CutPrefix(spec, "@every "); ok {
		if d, err := time.ParseDuration(strings.TrimSpace(interval)); err == nil && d%time.Minute == 0 && d > 0 {
			v.Set("pattern", patternEvery)
			v.Set("every", strconv.Itoa(int(d/time.Minute)))
		}
		return
	}
	fields := strings.Fields(spec)
	known := func(o option) bool { return len(fields) == 5 && o.Value == fields[4] }
	words := cronWords(fields)
	_, times, _ := strings.Cut(words, " at ")
	if words == "" || len(fields) != 5 || fields[2] != "*" || !slices.ContainsFunc((scheduleForm{}).DayOptions(), known) {
		return
	}
	v.Set("pattern", patternTimes)
	v.Set("times", times)
	v.Set("days", fields[4])
}

// windowLines writes windows as people type them, one a line.
func windowLines(windows []jobs.Window) string {
	var all []string
	for _, w := range windows {
		var parts []string
		switch {
		case w.Start != "":
			parts = append(parts, strings.Replace(w.Start, "T", " ", 1)+" to "+strings.Replace(w.End, "T", " ", 1))
		case w.First != "" && w.Last != "" && w.First != w.Last:
			parts = append(parts, w.First+" to "+w.Last)
		case w.First != "":
			parts = append(parts, w.First)
		}
		if len(w.Days) > 0 {
			parts = append(parts, strings.Join(w.Days, ","))
		}
		if w.From != "" || w.To != "" {
			parts = append(parts, w.From+"-"+w.To)
		}
		all = append(all, strings.Join(parts, " "))
	}
	return strings.Join(all, "\n")
}

var (
	windowStretch = regexp.MustCompile(`^(\d{4}-\d\d-\d\d)[t ](\d\d:\d\d) to (\d{4}-\d\d-\d\d)[t ](\d\d:\d\d)$`)
	windowDates   = regexp.MustCompile(`^(\d{4}-\d\d-\d\d)(?: to (\d{4}-\d\d-\d\d))?\s*`)
	windowDays    = regexp.MustCompile(`^((?:mon|tue|wed|thu|fri|sat|sun)(?:[,-](?:mon|tue|wed|thu|fri|sat|sun))*)\s*`)
	windowClock   = regexp.MustCompile(`^(\d\d:\d\d)\s*-\s*(\d\d:\d\d)$`)
	weekdays      = []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}
)

// parseWindows reads windows as people type them, one a line: "mon-fri 06:00-18:00", "sat,sun",
// "22:00-04:00", "2026-12-24 to 2026-12-26", "2026-12-24 18:00 to 2026-12-27 06:00".
func parseWindows(text string) (windows []jobs.Window, wrong string) {
	for line := range strings.Lines(text) {
		line = strings.ToLower(strings.TrimSpace(line))
		if line == "" {
			continue
		}
		w, ok := parseWindow(line)
		if !ok {
			return nil, "A line can’t be understood; examples: mon-fri 06:00-18:00, or sat,sun, or 2026-12-24 to 2026-12-26."
		}
		windows = append(windows, w)
	}
	return windows, ""
}

func parseWindow(line string) (w jobs.Window, ok bool) {
	if m := windowStretch.FindStringSubmatch(line); m != nil {
		return jobs.Window{Start: m[1] + "T" + m[2], End: m[3] + "T" + m[4]}, true
	}
	if m := windowDates.FindStringSubmatch(line); m != nil {
		w.First, w.Last = m[1], m[2]
		if w.Last == "" {
			w.Last = w.First
		}
		line = line[len(m[0]):]
	}
	if m := windowDays.FindStringSubmatch(line); m != nil {
		w.Days = daysOf(m[1])
		line = line[len(m[0]):]
	}
	if m := windowClock.FindStringSubmatch(line); m != nil {
		w.From, w.To, line = m[1], m[2], ""
	}
	return w, line == "" && (w.First != "" || len(w.Days) > 0 || w.From != "")
}

// daysOf reads "mon-fri,sun".
func daysOf(text string) []string {
	var days []string
	for part := range strings.SplitSeq(text, ",") {
		from, to, ranged := strings.Cut(part, "-")
		if !ranged {
			days = append(days, part)
			continue
		}
		at, end := slices.Index(weekdays, from), slices.Index(weekdays, to)
		for ; at >= 0 && end >= 0; at = (at + 1) % len(weekdays) {
			days = append(days, weekdays[at])
			if at == end {
				break
			}
		}
	}
	return days
}
