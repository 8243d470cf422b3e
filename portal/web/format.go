package web

import (
	"errors"
	"fmt"
	"html/template"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// none stands where there is no value.
const none = template.HTML(`<span class="none" title="none">–</span>`)

// funcs are what templates can call besides html/template's own.
func funcs(a *assets) template.FuncMap {
	return withData(template.FuncMap{
		"asset": a.url,
		"icon":  icon, "badge": badge, "tone": badgeWith,
		"money": money, "amount": amount, "number": number, "bytes": bytesText, "percent": percent,
		"date": date, "dates": dates, "instant": instant, "ago": ago,
		"dash": dash, "plural": plural, "dict": dict, "list": list, "join": strings.Join, "browser": browserName,
		"initials": initials, "lockCause": lockCause,
	})
}

// money returns dollars: "$1,234.50", "−$20.00" marked as negative. It takes edi.Decimal, text,
// and pointers to these; nil and "" are none.
func money(v any) template.HTML {
	text := textOf(v)
	if text == "" {
		return none
	}
	negative := strings.HasPrefix(text, "-")
	digits := withSeparators(strings.TrimPrefix(text, "-"), 2)
	class, sign := "money", ""
	if negative && strings.ContainsAny(text, "123456789") {
		class, sign = "money negative", "−"
	}
	return template.HTML(fmt.Sprintf(`<span class="%s">%s$%s</span>`, class, sign, template.HTMLEscapeString(digits))) //nolint:gosec // escaped
}

// amount returns an exact number with separators: "1,234.5".
func amount(v any) template.HTML {
	text := textOf(v)
	if text == "" {
		return none
	}
	sign := ""
	if rest, ok := strings.CutPrefix(text, "-"); ok {
		sign, text = "−", rest
	}
	return template.HTML(`<span class="number">` + sign + template.HTMLEscapeString(withSeparators(text, 0)) + `</span>`) //nolint:gosec // escaped
}

// percent returns a fraction of one as X12 has it (0.2) in percent: "20 %".
func percent(v any) template.HTML {
	text := textOf(v)
	f, err := strconv.ParseFloat(text, 64)
	if text == "" || err != nil {
		return none
	}
	return template.HTML(`<span class="number">` + strconv.FormatFloat(f*100, 'f', -1, 64) + ` %</span>`) //nolint:gosec // digits
}

// textOf returns v as text; "" for nil and nil pointers.
func textOf(v any) string {
	for {
		rv := reflect.ValueOf(v)
		switch {
		case !rv.IsValid():
			return ""
		case rv.Kind() == reflect.Pointer && rv.IsNil():
			return ""
		}
		if s, ok := v.(fmt.Stringer); ok {
			return s.String()
		}
		if rv.Kind() != reflect.Pointer {
			return strings.TrimSpace(fmt.Sprint(v))
		}
		v = rv.Elem().Interface()
	}
}

// withSeparators puts commas into the whole part and fills the fraction up to so many places.
func withSeparators(digits string, places int) string {
	whole, fraction, _ := strings.Cut(digits, ".")
	var b strings.Builder
	for i, r := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(r)
	}
	for len(fraction) > places && strings.HasSuffix(fraction, "0") {
		fraction = fraction[:len(fraction)-1]
	}
	for len(fraction) < places {
		fraction += "0"
	}
	if fraction != "" {
		b.WriteString("." + fraction)
	}
	return b.String()
}

// number returns a count: "12,345".
func number(v any) string {
	text := textOf(v)
	if rest, ok := strings.CutPrefix(text, "-"); ok {
		return "−" + withSeparators(rest, 0)
	}
	return withSeparators(text, 0)
}

// bytesText returns a length for people: "1.2 MB".
func bytesText(v any) string {
	n, err := strconv.ParseFloat(textOf(v), 64)
	if err != nil {
		return "–"
	}
	units := []string{"B", "kB", "MB", "GB", "TB"}
	i := 0
	for n >= 1000 && i < len(units)-1 {
		n, i = n/1000, i+1
	}
	if i == 0 {
		return fmt.Sprintf("%.0f B", n)
	}
	return fmt.Sprintf("%.1f %s", n, units[i])
}

// date returns a calendar day as in ISO 8601; it has no zone and is not shifted.
func date(v any) template.HTML {
	t, ok := timeOf(v)
	if !ok {
		if text := textOf(v); text != "" && !isTime(v) {
			return template.HTML(`<span class="date">` + template.HTMLEscapeString(text) + `</span>`) //nolint:gosec // escaped
		}
		return none
	}
	day := t.Format(time.DateOnly)
	return template.HTML(`<time class="date" datetime="` + day + `">` + day + `</time>`) //nolint:gosec // digits
}

// dates returns one day or a range.
func dates(from, to any) template.HTML {
	first, last := date(from), date(to)
	switch {
	case last == none || first == last:
		return first
	case first == none:
		return "until " + last
	}
	return first + " – " + last
}

// instant returns a moment in the zone of the person, and names the zone.
func instant(zone *time.Location, v any) template.HTML {
	t, ok := timeOf(v)
	if !ok {
		return none
	}
	t = t.In(zone)
	return template.HTML(`<time class="instant" datetime="` + t.Format(time.RFC3339) + `">` + //nolint:gosec // digits and zone
		t.Format("2006-01-02 15:04:05") + ` <span class="zone">` + template.HTMLEscapeString(t.Format("MST")) + `</span></time>`)
}

// ago returns how long ago v was: "3 minutes ago"; in the future "in 3 minutes".
func ago(now time.Time, v any) string {
	t, ok := timeOf(v)
	if !ok {
		return "never"
	}
	d := now.Sub(t)
	if d < -5*time.Second {
		return "in " + span(-d)
	}
	if d < 5*time.Second {
		return "just now"
	}
	return span(d) + " ago"
}

func span(d time.Duration) string {
	switch {
	case d < 90*time.Second:
		return plural(int(d.Seconds()), "second", "seconds")
	case d < 90*time.Minute:
		return plural(int(d.Minutes()+0.5), "minute", "minutes")
	case d < 36*time.Hour:
		return plural(int(d.Hours()+0.5), "hour", "hours")
	}
	return plural(int(d.Hours()/24+0.5), "day", "days")
}

func timeOf(v any) (time.Time, bool) {
	switch t := v.(type) {
	case time.Time:
		return t, !t.IsZero()
	case *time.Time:
		if t != nil {
			return *t, !t.IsZero()
		}
	}
	return time.Time{}, false
}

func isTime(v any) bool {
	switch v.(type) {
	case time.Time, *time.Time:
		return true
	}
	return false
}

// dash returns the text of v, or the sign for none.
func dash(v any) template.HTML {
	if text := textOf(v); text != "" {
		return template.HTML(template.HTMLEscapeString(text)) //nolint:gosec // escaped
	}
	return none
}

// plural returns the count with the word that fits: "1 file", "2,000 files".
func plural(v any, one, many string) string {
	n := number(v)
	if n == "1" {
		return n + " " + one
	}
	return n + " " + many
}

// dict makes a map of keys and values, to give a partial more than one thing.
func dict(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, errors.New("dict: a key without value")
	}
	m := map[string]any{}
	for i := 0; i < len(pairs); i += 2 {
		key, ok := pairs[i].(string)
		if !ok {
			return nil, errors.New("dict: a key that is no text")
		}
		m[key] = pairs[i+1]
	}
	return m, nil
}

func list(values ...any) []any { return values }

func initials(name string) string {
	var out []rune
	for word := range strings.FieldsSeq(name) {
		out = append(out, []rune(word)[0])
	}
	if len(out) > 2 {
		out = []rune{out[0], out[len(out)-1]}
	}
	return strings.ToUpper(string(out))
}

// browserName says a user agent as people know it.
func browserName(agent string) string {
	browser, system := "Unknown browser", ""
	for _, b := range [][2]string{
		{"Edg/", "Edge"}, {"OPR/", "Opera"}, {"Firefox/", "Firefox"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"}, {"curl/", "curl"},
	} {
		if strings.Contains(agent, b[0]) {
			browser = b[1]
			break
		}
	}
	for _, s := range [][2]string{
		{"Windows", "Windows"}, {"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"Mac OS X", "Mac"}, {"CrOS", "ChromeOS"}, {"Linux", "Linux"},
	} {
		if strings.Contains(agent, s[0]) {
			system = " on " + s[1]
			break
		}
	}
	return browser + system
}
