package web

import (
	"fmt"
	"html/template"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ediport/ediport/edi/codes"
	"github.com/ediport/ediport/storage"
)

// dataFuncs are what templates of data pages can call besides the general functions.
func dataFuncs() template.FuncMap {
	return template.FuncMap{
		"usage": usageText, "ackText": ackText, "routedBy": routedBy, "took": took, "stepName": stepName, "rest": rest,
		"statusTone": statusTone, "person": personName, "procedure": procedure,
		"clock": clock, "lineDenied": lineDenied,
		"decisionTone": decisionTone, "reason": reasonOf, "state": capital, "entityText": entityText, "detailText": detailText,
		"inWords": inWords, "facts": factsOf, "messages": messages, "details": details, "quantityText": quantityText, "units": units,
		"identityText": identityText, "missedText": missedText, "zoned": zoned, "sinceText": sinceText, "authText": authText, "whenText": whenText, "purposeText": purposeText, "plus": func(a, b int) int { return a + b }, "sentence": sentenceText, "sourceText": sourceText, "shiftText": shiftText, "jobText": jobText, "certaintyText": certaintyText, "has": has, "said": saidOf, "processed": processed, "loopNumber": loopNumber,
	}
}

func withData(m template.FuncMap) template.FuncMap {
	maps.Copy(m, dataFuncs())
	maps.Copy(m, organizationFuncs())
	return m
}

// usageText says ISA15.
func usageText(code string) string {
	switch code {
	case "P":
		return "production"
	case "T":
		return "test"
	case "I":
		return "information"
	}
	return code
}

// ackText says an acknowledgment that we gave.
func ackText(code string) template.HTML {
	switch code {
	case "A":
		return badgeWith("ok", "accepted (A)")
	case "E":
		return badgeWith("warn", "accepted with errors (E)")
	case "P":
		return badgeWith("warn", "partly accepted (P)")
	case "R":
		return badgeWith("bad", "rejected (R)")
	case "unclear":
		return badgeWith("warn", "not clear")
	case "", "none":
		return `<span class="muted">nothing yet</span>`
	}
	return badgeWith("idle", code)
}

var routes = map[string]string{
	"request": "the request it answers", "rule": "a rule", "npi": "NPI", "tin": "tax ID", "payer_assigned": "the payer’s number",
	"hand_in": "who handed it in", "person": "a person", "none": "nothing fits", "ambiguous": "several accounts fit",
}

func routedBy(code string) string {
	if text, ok := routes[code]; ok {
		return text
	}
	return code
}

// took returns how long something went on; "–" if it hasn't begun or ended.
func took(from, to *time.Time) string {
	if from == nil || to == nil {
		return "–"
	}
	d := to.Sub(*from)
	switch {
	case d < time.Second:
		return "under 1 s"
	case d < time.Minute:
		return fmt.Sprintf("%.0f s", d.Seconds())
	}
	return d.Round(time.Second).String()
}

var stepNames = map[string]string{
	"settings": "Settings", "dns": "Name lookup", "tcp": "Reaching the server", "ssh": "SSH", "host_key": "Host key", "sign_in": "Signing in",
	"jump": "Jump host", "proxy": "Proxy", "sftp": "SFTP", "sign_in_second": "Signing in with the new credential", "list": "Reading the folder",
	"write": "Writing a probe file", "rename": "Renaming it", "read_back": "Reading it back", "delete": "Deleting it",
}

func stepName(name string) string {
	if text, ok := stepNames[name]; ok {
		return text
	}
	return name
}

// rest returns a segment behind its tag.
func rest(segment, tag string) string { return strings.TrimPrefix(segment, tag) }

// clock returns a moment in a zone with its weekday, for due times.
func clock(zone *time.Location, v any) template.HTML {
	t, ok := timeOf(v)
	if !ok {
		return none
	}
	t = t.In(zone)
	return template.HTML(`<time class="instant" datetime="` + t.Format(time.RFC3339) + `">` + //nolint:gosec // digits, weekday and zone
		t.Format("Mon 2006-01-02 15:04") + ` <span class="zone">` + template.HTMLEscapeString(t.Format("MST")) + `</span></time>`)
}

// lineDenied tells whether a line or claim counts as denied.
func lineDenied(denied bool) template.HTML {
	if denied {
		return badge("denied")
	}
	return ""
}

// decisionTone is the colour of HCR01.
func decisionTone(code string) string {
	switch code {
	case "A1", "NA":
		return "ok"
	case "A2", "A6", "CT", "C":
		return "warn"
	case "A3":
		return "bad"
	case "A4":
		return "info"
	}
	return "idle"
}

// capital returns a state in words with a capital letter.
func capital(state string) string {
	if state == "" {
		return ""
	}
	words := inWords(state)
	return strings.ToUpper(words[:1]) + words[1:]
}

// entityText says NM101.
func entityText(code string) string {
	if text := meaning(codes.EntityIdentifier, code); text != "" {
		return text
	}
	return code
}

// detailText says what kind of thing hangs below a benefit.
func detailText(kind, qualifier string) string {
	switch kind {
	case "entity":
		return entityText(qualifier)
	case "date":
		if text := meaning("374", qualifier); text != "" {
			return text
		}
		return "date " + qualifier
	case "reference":
		if text := meaning("128", qualifier); text != "" {
			return text
		}
		return "reference " + qualifier
	}
	return kind
}

// messages returns the lines of a benefit's message.
func messages(text string) []string {
	var all []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			all = append(all, line)
		}
	}
	return all
}

// details returns what hangs below a benefit, without what its own columns say already: messages, and the
// first date.
func details(b storage.BenefitItem) []storage.BenefitDetailItem {
	var rest []storage.BenefitDetailItem
	dated := false
	for _, d := range b.Details {
		switch {
		case d.Kind == "message":
		case d.Kind == "date" && !dated:
			dated = true
		default:
			rest = append(rest, d)
		}
	}
	return rest
}

// quantityText says EB09.
func quantityText(code string) string {
	if text := meaning("673", code); text != "" {
		return strings.ToLower(text)
	}
	return code
}

// unitText says one unit of measure.
func unitText(code string) string {
	if text := meaning("355", code); text != "" {
		return strings.TrimSuffix(strings.ToLower(text), "s")
	}
	return code
}

// units says the unit of a quantity.
func units(quantity storage.Quantity, code string) string {
	text := unitText(code)
	if quantity == "1" || text == code {
		return text
	}
	return text + "s"
}

// identityText says the kind of an identifier.
func identityText(kind string) string {
	switch kind {
	case "npi":
		return "NPI"
	case "tin":
		return "tax ID"
	case "payer_assigned":
		return "payer’s number"
	}
	return inWords(kind)
}

// missedText says what becomes of missed runs.
func missedText(policy string) string {
	switch policy {
	case "once":
		return "run once for all of them"
	case "skip":
		return "are skipped"
	case "all":
		return "run each of them"
	}
	return policy
}

// zoned returns a moment by the clock of a named zone.
func zoned(zone string, v any) template.HTML {
	location, err := time.LoadLocation(zone)
	if err != nil {
		location = time.UTC
	}
	return clock(location, v)
}

// has tells whether a list holds a text.
func has(list []string, text string) bool { return slices.Contains(list, text) }

// processed says CLP02 as a sentence: "primary" alone reads like praise.
func processed(code, text string) string {
	switch code {
	case "1", "2", "3":
		return "processed as " + text
	case "":
		return ""
	}
	if text == "" {
		return code
	}
	return text
}

// loopNumber returns a loop's number; "" for loops that have a name only, as those of envelopes.
func loopNumber(loop string) string {
	if loop == "" || loop[0] < '0' || loop[0] > '9' {
		return ""
	}
	return loop
}
