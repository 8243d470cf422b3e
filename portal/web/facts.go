package web

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/ediport/ediport/storage"
)

// A fact is a name with its value, of what has no column of its own.
type fact struct{ Name, Value string }

// factsOf returns the single values of a JSON object by name, those of nested objects and lists with the
// names before theirs; nothing if it is none.
func factsOf(text storage.JSON) []fact {
	var root any
	if text == "" || json.Unmarshal([]byte(text), &root) != nil {
		return nil
	}
	var facts []fact
	collect(&facts, "", root)
	return facts
}

func collect(facts *[]fact, name string, v any) {
	switch v := v.(type) {
	case map[string]any:
		names := make([]string, 0, len(v))
		for n := range v {
			names = append(names, n)
		}
		slices.Sort(names)
		for _, n := range names {
			collect(facts, strings.TrimPrefix(name+" · "+inWords(n), " · "), v[n])
		}
	case []any:
		for _, member := range v {
			collect(facts, name, member)
		}
	case string:
		if v != "" {
			*facts = append(*facts, fact{name, v})
		}
	case bool:
		*facts = append(*facts, fact{name, map[bool]string{true: "yes", false: "no"}[v]})
	case nil:
	default:
		b, err := json.Marshal(v)
		if err == nil {
			*facts = append(*facts, fact{name, string(b)})
		}
	}
}

// inWords turns a column's name into words: "payment_amount" is "payment amount".
func inWords(name string) string { return strings.ReplaceAll(name, "_", " ") }
