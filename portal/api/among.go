package api

import (
	"regexp"
	"slices"
	"strings"

	"github.com/ediport/ediport/edi"
)

// matching returns a parameter that has a form; what is wrong with others is said by rule.
func (q *params) matching(name string, fits func(string) bool, rule string) string {
	text := q.text(name)
	if text != "" && !fits(text) {
		q.fields[name] = rule
	}
	return text
}

var (
	isHash     = regexp.MustCompile(`^[0-9a-fA-F]{1,64}$`).MatchString
	isCategory = regexp.MustCompile(`^[A-Za-z][0-9A-Za-z]{0,2}$`).MatchString // an STC01-1, or its beginning
)

func isAmount(text string) bool {
	_, err := edi.ParseDecimal([]byte(text))
	return err == nil
}

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
