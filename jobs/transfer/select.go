package transfer

import (
	"errors"
	"path"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// A Rule takes or leaves files by a pattern: * matches within a name, ** any folders, ? one
// character, [a-z] a class, {a,b} either. A pattern without slash is held against the file's name,
// one with a slash against the path below the listed folder. Case counts.
type Rule struct {
	Exclude bool
	Pattern string
}

// ParseRules reads rules from patterns, "!" before one that excludes. Its error has ErrPattern in it
// and names the pattern by its number.
func ParseRules(patterns ...string) ([]Rule, error) {
	var rules []Rule
	for i, text := range patterns {
		pattern, exclude := strings.CutPrefix(text, "!")
		rule := Rule{Exclude: exclude, Pattern: pattern}
		if !rule.valid() {
			return nil, patternError(i)
		}
		rules = append(rules, rule)
	}
	return rules, nil
}

func (r Rule) valid() bool { return r.Pattern != "" && doublestar.ValidatePattern(r.Pattern) }

func patternError(index int) error {
	return failed(ErrPattern, "reading pattern "+ordinal(index), errors.New("see which brackets or braces don't match"))
}

// matches holds a rule against a path below the listed folder.
func (r Rule) matches(relative string) bool {
	if !strings.Contains(r.Pattern, "/") {
		relative = path.Base(relative)
	}
	return doublestar.MatchUnvalidated(strings.TrimPrefix(r.Pattern, "/"), relative)
}

// selected applies rules in order: the first that matches decides. A file that none matches is taken
// if there are only excluding rules, or none at all.
func selected(rules []Rule, relative string) bool {
	taken := true
	for _, rule := range rules {
		if rule.matches(relative) {
			return !rule.Exclude
		}
		taken = taken && rule.Exclude
	}
	return taken
}

// temporarySuffixes are what clients and partners append to a file while they write it.
var temporarySuffixes = []string{
	".tmp", ".temp", ".part", ".partial", ".filepart", ".writing", ".inprogress", ".crdownload", ".swp", "~",
}

// isTemporary tells a name that says of itself not to be ready: a leading dot, or a suffix as above or from extra.
func isTemporary(name string, extra []string) bool {
	if strings.HasPrefix(name, ".") {
		return true
	}
	lower := strings.ToLower(name)
	for _, suffixes := range [][]string{temporarySuffixes, extra} {
		for _, suffix := range suffixes {
			if suffix != "" && strings.HasSuffix(lower, strings.ToLower(suffix)) {
				return true
			}
		}
	}
	return false
}
