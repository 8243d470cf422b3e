package guide

import "testing"

// LoadAll parses and compiles all definitions anew.
func LoadAll(tb testing.TB) {
	lists, err := parseLists("lists.guide", definitionText("lists.guide"))
	if err != nil {
		tb.Fatal(err)
	}
	for _, e := range append(entries, envelopeEntry) {
		file := e.key + ".guide"
		if _, err := parseDefinition(file, definitionText(file), lists, shared().names); err != nil {
			tb.Fatal(err)
		}
	}
}
