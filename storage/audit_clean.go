package storage

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What an event takes of texts that came from outside: a user agent, a reason somebody typed, an address.
const (
	maxAuditText   = 2000     // characters of one text; a host key has some 700
	maxAuditColumn = 200      // of a column
	maxAuditDetail = 32 << 10 // bytes of the detail as JSON
)

// auditDetail returns the detail as JSON that the database takes and nobody regrets: control characters stand
// escaped, long texts are cut.
func auditDetail(fields map[string]any) (string, error) {
	if len(fields) == 0 {
		return "{}", nil
	}
	text, err := json.Marshal(fields)
	if err != nil {
		return "", err
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var plain map[string]any
	if err := d.Decode(&plain); err != nil {
		return "", err
	}
	if text, err = json.Marshal(cleanValue(plain)); err != nil {
		return "", err
	}
	if len(text) > maxAuditDetail {
		return `{"truncated": true}`, nil
	}
	return string(text), nil
}

func cleanValue(value any) any {
	switch v := value.(type) {
	case string:
		return cleanText(v, maxAuditText)
	case []any:
		for i := range v {
			v[i] = cleanValue(v[i])
		}
	case map[string]any:
		for key := range v {
			v[key] = cleanValue(v[key])
		}
	}
	return value
}

// cleanText returns text with control characters, and what reorders or hides text, written as \u001b, cut after so
// many characters.
func cleanText(text string, limit int) string {
	clean := true
	for _, r := range text {
		clean = clean && printable(r)
	}
	if clean && utf8.RuneCountInString(text) <= limit {
		return text
	}
	var b strings.Builder
	n := 0
	for _, r := range text {
		if n++; n > limit {
			b.WriteString("…")
			break
		}
		if printable(r) {
			b.WriteRune(r)
			continue
		}
		fmt.Fprintf(&b, `\u%04x`, r)
	}
	return b.String()
}

func printable(r rune) bool {
	return r == ' ' || unicode.IsGraphic(r) && !unicode.IsControl(r) && r != utf8.RuneError
}
