package guide

import (
	"embed"
	"strings"
	"sync"
)

//go:embed definitions/*.guide
var definitions embed.FS

// shared are the code lists and the dictionary that the definitions refer to.
var shared = sync.OnceValue(func() (s struct {
	lists map[string]*CodeSet
	dictionary
},
) {
	var err error
	if s.lists, err = parseLists("lists.guide", definitionText("lists.guide")); err != nil {
		panic(err)
	}
	if s.dictionary, err = parseDictionary("elements.guide", definitionText("elements.guide")); err != nil {
		panic(err)
	}
	return s
})

func definitionText(file string) string {
	b, err := definitions.ReadFile("definitions/" + file)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// An entry is a guide of this package; it is compiled when it is first asked for. The definitions are part of the program and
// read in its tests, so that one that can't be read is a panic.
type entry struct {
	key, id, set string
	load         func() *Guide
}

func define(key, id, set string) entry {
	return entry{key, id, set, sync.OnceValue(func() *Guide {
		file := key + ".guide"
		g, err := parseDefinition(file, definitionText(file), shared().lists, shared().names)
		if err != nil {
			panic(err)
		}
		return g
	})}
}

var entries = []entry{
	define("270", "005010X279A1", "270"),
	define("271", "005010X279A1", "271"),
	define("276", "005010X212", "276"),
	define("277", "005010X212", "277"),
	define("277CA", "005010X214", "277"),
	define("278-request", "005010X217", "278"),
	define("278-response", "005010X217", "278"),
	define("835", "005010X221A1", "835"),
	define("999", "005010X231A1", "999"),
}

var envelopeEntry = define("envelope", "00501", "envelope")

// Keys returns the keys of all guides of transaction sets, in their order: 270, 271, 276, 277, 277CA, 278-request,
// 278-response, 835, 999.
func Keys() []string {
	keys := make([]string, len(entries))
	for i, e := range entries {
		keys[i] = e.key
	}
	return keys
}

// Lookup returns the guide with the given key, such as "835", "271", "277CA" or "278-response"; nil if there is none.
func Lookup(key string) *Guide {
	for i := range entries {
		if entries[i].key == key {
			return entries[i].load()
		}
	}
	return nil
}

// Envelope returns the definition of ISA, TA1, GS, GE and IEA.
func Envelope() *Guide { return envelopeEntry.load() }

// A Hint is what a transaction set says about its guide.
type Hint struct {
	GS08, ST01, ST03, BHT01, BHT02 string
	BHT06                          string // tells a 278 whose BHT02 does not
}

// Select returns the guide of a transaction set, nil if none is known. The guide is told by GS08, by ST03 if GS08 names none,
// and by ST01 and BHT if neither does. A guide of which GS08 gives no or another errata letter is that
// guide, and alias is true: 005010X221 is checked as 005010X221A1. So is an empty GS08, and another letter in ST03.
func Select(h Hint) (g *Guide, alias bool) {
	id := h.GS08
	if id == "" || id == "005010" {
		id = h.ST03
	}
	var found *entry
	for i := range entries {
		e := &entries[i]
		if e.set == h.ST01 && (id == "" || base(e.id) == base(id)) && e.fits(h, id == "") {
			found = e
			break
		}
	}
	if found == nil || id == "" && h.GS08 != "" {
		return nil, false
	}
	return found.load(), h.GS08 != found.id || h.ST03 != "" && h.ST03 != found.id && base(h.ST03) == base(found.id)
}

// base returns a guide's id without its errata letter and number: 005010X221 of 005010X221A1.
func base(id string) string {
	x := strings.IndexByte(id, 'X')
	if x < 0 {
		return id
	}
	end := x + 1
	for end < len(id) && id[end] >= '0' && id[end] <= '9' {
		end++
	}
	if errata := id[end:]; len(errata) > 1 && errata[0] >= 'A' && errata[0] <= 'Z' && strings.Trim(errata[1:], "0123456789") == "" {
		return id[:end]
	}
	return id
}

// fits decides by BHT between guides that share an id or, if blind, whose id was not sent.
func (e *entry) fits(h Hint, blind bool) bool {
	switch e.key {
	case "278-response":
		return h.BHT02 == "11" || !blind && !isRequest(h.BHT02) && isResponse(h.BHT06)
	case "278-request":
		request := isRequest(h.BHT02)
		if !request && isResponse(h.BHT06) {
			return false
		}
		// A code that is neither is an error of the request, which the guide then tells; without an id it may be another guide's.
		return request || !blind && h.BHT02 != "11"
	case "277CA":
		return !blind || h.BHT01 == "0085"
	case "277":
		return !blind || h.BHT01 != "0085"
	default:
		return true
	}
}

// isRequest tells whether a 278 with this BHT02 asks.
func isRequest(bht02 string) bool { return bht02 == "01" || bht02 == "13" || bht02 == "36" }

// isResponse tells whether the BHT06 of a 278 is one that only answers have: an error in BHT02 is then one of the answer.
func isResponse(bht06 string) bool { return bht06 == "18" || bht06 == "19" || bht06 == "AT" }
