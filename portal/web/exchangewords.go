package web

import (
	"fmt"
	"html/template"
	"strconv"
	"strings"
	"time"

	"github.com/ediport/ediport/jobs"
	"github.com/ediport/ediport/storage"
)

// sinceText says how long ago something was or how soon it will be; "–" if never.
func sinceText(now time.Time, v any) string {
	if _, ok := timeOf(v); !ok {
		return "–"
	}
	return ago(now, v)
}

// authText says how a connection signs in.
func authText(auth string) string {
	for _, o := range (connectionForm{}).AuthOptions() {
		if o.Value == auth {
			return strings.ToLower(o.Label[:1]) + o.Label[1:]
		}
	}
	return auth
}

var purposes = map[string]string{
	storage.PurposeAcknowledgment: "acknowledgment", storage.PurposeRequest: "request", storage.PurposeHandIn: "handed in",
}

// purposeText says why a file is sent.
func purposeText(purpose string) string {
	if text, ok := purposes[purpose]; ok {
		return text
	}
	return inWords(purpose)
}

var everyWords = map[string]string{
	"@hourly": "every full hour", "@daily": "each day at 00:00", "@midnight": "each day at 00:00", "@weekly": "Sundays at 00:00",
	"@monthly": "on the first of each month at 00:00", "@yearly": "on January 1 at 00:00", "@annually": "on January 1 at 00:00",
}

// whenText says a schedule's time in words, where that is simple; else as it was entered.
func whenText(spec string) template.HTML {
	if words := whenWords(spec); words != "" {
		return template.HTML(template.HTMLEscapeString(words)) //nolint:gosec // escaped
	}
	return template.HTML("<code>" + template.HTMLEscapeString(spec) + "</code>") //nolint:gosec // escaped
}

// whenWords says a schedule's time in words; "" if there are none for it.
func whenWords(spec string) string {
	if words, ok := everyWords[spec]; ok {
		return words
	}
	if interval, ok := strings.CutPrefix(spec, "@every "); ok {
		if d, err := time.ParseDuration(strings.TrimSpace(interval)); err == nil {
			return "every " + span(d)
		}
		return ""
	}
	if times, ok := strings.CutPrefix(spec, "at "); ok {
		return "each day at " + strings.ReplaceAll(times, ",", ", ")
	}
	return cronWords(strings.Fields(spec))
}

var cronDays = map[string]string{
	"*": "each day", "1-5": "Monday to Friday", "mon-fri": "Monday to Friday", "0,6": "Saturdays and Sundays", "6,0": "Saturdays and Sundays",
	"0": "Sundays", "1": "Mondays", "2": "Tuesdays", "3": "Wednesdays", "4": "Thursdays", "5": "Fridays", "6": "Saturdays", "7": "Sundays",
}

// cronWords says the five fields of cron if they mean one or several times of day.
func cronWords(fields []string) string {
	if len(fields) != 5 || fields[3] != "*" {
		return ""
	}
	days := cronDays[strings.ToLower(fields[4])]
	if fields[2] != "*" {
		n, err := strconv.Atoi(fields[2])
		if err != nil || fields[4] != "*" {
			return ""
		}
		days = fmt.Sprintf("on day %d of each month", n)
	}
	minute, err := strconv.Atoi(fields[0])
	if err != nil || days == "" || minute > 59 {
		return ""
	}
	var times []string
	for hour := range strings.SplitSeq(fields[1], ",") {
		h, err := strconv.Atoi(hour)
		if err != nil || h > 23 {
			return ""
		}
		times = append(times, fmt.Sprintf("%02d:%02d", h, minute))
	}
	return days + " at " + strings.Join(times, ", ")
}

// shiftText says what becomes of a due time that falls on no business day.
func shiftText(shift string) string {
	switch shift {
	case jobs.ShiftNext:
		return "moved to the next business day"
	case jobs.ShiftPrevious:
		return "moved to the business day before"
	}
	return "left out"
}

// jobText says what a kind of job does.
func jobText(kind string) string {
	switch kind {
	case jobs.KindPull:
		return "pulling"
	case jobs.KindPush:
		return "sending"
	case jobs.KindIngest:
		return "loading"
	case jobs.KindPurge:
		return "purging"
	}
	return inWords(kind)
}

// certaintyText says how we know that a file was delivered.
func certaintyText(certainty string) string {
	switch certainty {
	case "confirmed":
		return "the server has it under its final name, at our size"
	case "found":
		return "found at the server later, at our size"
	case "person":
		return "a person says so"
	case "acknowledged":
		return "the receiver acknowledged it"
	}
	return inWords(certainty)
}

// sentenceText begins a text with a capital letter and ends it with a full stop.
func sentenceText(text string) string {
	if text == "" {
		return ""
	}
	text = capitalized(text)
	if !strings.HasSuffix(text, ".") {
		text += "."
	}
	return text
}
