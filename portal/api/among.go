package api

import (
	"slices"
	"strings"
)

// words returns a parameter that may name several of some, separated by commas.
func (q *params) words(name string, among []string) []string {
	text := q.text(name)
	if text == "" {
		return nil
	}
	words := strings.Split(text, ",")
	for _, word := range words {
		if !slices.Contains(among, word) {
			q.fields[name] = "is one of " + strings.Join(among, ", ") + ", or several separated by commas"
		}
	}
	return words
}
