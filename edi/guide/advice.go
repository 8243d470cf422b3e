package guide

import (
	_ "embed" // the sentences are part of the program
	"fmt"
	"strings"
	"sync"

	"github.com/ediport/ediport/edi"
)

//go:embed advice.txt
var adviceText string

// advice holds the sentences by the code of a finding and by its place.
type advice struct {
	codes  map[edi.Code]string
	places map[string]string
}

var advices = sync.OnceValue(func() *advice {
	a, err := parseAdvice(adviceText)
	if err != nil {
		panic(err) // a fault in the program itself, which tests show
	}
	return a
})

// Advise says in full sentences for a person who bills what a finding means, what to do about it and whom to ask. Like
// [edi.Finding].Message, which is for an analyst, it holds no value of the file. Every finding has one.
func Advise(f edi.Finding) string {
	a := advices()
	text := a.ofCode(f.Code)
	if f.Element == 0 {
		return join(text, a.places[f.Segment])
	}
	return join(text, a.places[f.Segment+twoDigits(f.Element)])
}

// ofCode returns the sentence of a kind of finding: of the code itself, or of the longest beginning of its kind that has one.
func (a *advice) ofCode(c edi.Code) string {
	if text, ok := a.codes[c]; ok {
		return text
	}
	for kind := c.Kind; kind != ""; {
		if text, ok := a.codes[edi.Code{Kind: kind}]; ok {
			return text
		}
		kind = kind[:max(strings.LastIndexAny(kind, "._"), 0)]
	}
	return "The document departs from its rules. Ask whoever made it to check the place that the message names."
}

func join(text, place string) string {
	if place == "" {
		return text
	}
	return text + " " + place
}

// parseAdvice reads the lines of advice.txt.
func parseAdvice(text string) (*advice, error) {
	a := &advice{codes: make(map[edi.Code]string), places: make(map[string]string)}
	var keys []string
	n := 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimRight(line, "\n")
		switch {
		case line == "" || line[0] == '#':
		case line[0] != ' ':
			keys = strings.Fields(line)
		default:
			if err := a.add(keys, strings.TrimSpace(line)); err != nil {
				return nil, fmt.Errorf("advice.txt, line %d: %w", n, err)
			}
			keys = nil
		}
	}
	return a, nil
}

func (a *advice) add(keys []string, sentence string) error {
	switch {
	case len(keys) == 0:
		return fmt.Errorf("the sentence %q is of nothing", sentence)
	case keys[0] == "at":
		for _, p := range keys[1:] {
			if a.places[p] != "" {
				return fmt.Errorf("%s is there twice", p)
			}
			a.places[p] = sentence
		}
	case len(keys) > 2:
		return fmt.Errorf("%q is no kind and value", keys)
	default:
		c := edi.Code{Kind: keys[0]}
		if len(keys) == 2 {
			c.Value = keys[1]
		}
		if a.codes[c] != "" {
			return fmt.Errorf("%v is there twice", c)
		}
		a.codes[c] = sentence
	}
	return nil
}
