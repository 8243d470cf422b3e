package guide

import (
	"fmt"
	"strings"
)

// parseLists reads the shared code lists: "codes NAME", and indented lines of codes.
func parseLists(file, text string) (map[string]*CodeSet, error) {
	lists := make(map[string]*CodeSet)
	var name string
	var values []string
	line := 0
	closeList := func() {
		if name != "" {
			lists[name] = newCodeSet(name, values)
		}
	}
	for text := range strings.Lines(text) {
		line++
		body := strings.TrimSpace(text)
		switch {
		case body == "" || body[0] == '#':
		case text[0] != ' ':
			word, rest := field(body)
			if word != "codes" || rest == "" || rest == name || lists[rest] != nil {
				return nil, fmt.Errorf("%w %s, line %d: not a new list: codes NAME", errDefinition, file, line)
			}
			closeList()
			name, values = rest, nil
		default:
			codes, err := splitCodes(body)
			if err != nil {
				return nil, fmt.Errorf("%w %s, line %d: %w", errDefinition, file, line, err)
			}
			values = append(values, codes...)
		}
	}
	closeList()
	return lists, nil
}

// A dictionary holds what is the same for a data element in all guides.
type dictionary struct {
	names map[string]string   // by data element number
	known map[string]*CodeSet // codes that any guide knows
	notes map[string][]Note   // of composites
}

// parseDictionary reads lines "NUMBER NAME", for a composite perhaps with "  notes P0304" behind, each followed by indented lines of codes, the first with = before them.
func parseDictionary(file, text string) (dictionary, error) {
	d := dictionary{names: make(map[string]string), known: make(map[string]*CodeSet), notes: make(map[string][]Note)}
	var number string
	line := 0
	for text := range strings.Lines(text) {
		line++
		body := strings.TrimSpace(text)
		switch {
		case body == "" || body[0] == '#':
		case text[0] != ' ':
			var name string
			number, name = field(body)
			if name == "" || d.names[number] != "" {
				return d, fmt.Errorf("%w %s, line %d: not a new data element: NUMBER NAME", errDefinition, file, line)
			}
			clauses := splitClauses(name)
			d.names[number] = clauses[0]
			if len(clauses) > 1 {
				word, rest := field(clauses[1])
				notes, err := parseNotes(rest)
				if word != "notes" || err != nil {
					return d, fmt.Errorf("%w %s, line %d: %q is not notes of a composite", errDefinition, file, line, clauses[1])
				}
				d.notes[number] = notes
			}
		default:
			codes, err := splitCodes(strings.TrimPrefix(body, "= "))
			if err != nil || number == "" {
				return d, fmt.Errorf("%w %s, line %d: codes of no data element", errDefinition, file, line)
			}
			if old := d.known[number]; old != nil {
				codes = append(old.Values, codes...)
			}
			d.known[number] = newCodeSet("", codes)
		}
	}
	return d, nil
}
