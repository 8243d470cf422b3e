package codes

import "iter"

// Lookup returns a code of a list. Of ranges it returns the one that holds code, of the taxonomy the group that code begins
// with. It is false for a code that is not in the list and for a list that there is none of. Safe for several goroutines.
func Lookup(list List, code string) (Entry, bool) {
	t := tableOf(list)
	if t == nil {
		return Entry{}, false
	}
	return t.lookup(code)
}

// Describe returns in short what a code means, and [Unknown] if it is in no list.
func Describe(list List, code string) string {
	if e, ok := Lookup(list, code); ok {
		return e.Short
	}
	return Unknown
}

// Element describes a value of a data element by its number: 1390 for EB01. It looks among the values that the guides list, then
// in the outside list of that element, if it has one.
func Element(number, code string) string {
	if e, ok := Lookup(List(number), code); ok {
		return e.Short
	}
	if list, ok := external[number]; ok {
		return Describe(list, code)
	}
	return Unknown
}

// Known tells whether there is such a list.
func Known(list List) bool { return tableOf(list) != nil }

// All yields the codes of a list in its order; none if there is no such list.
func All(list List) iter.Seq[Entry] {
	return func(yield func(Entry) bool) {
		t := tableOf(list)
		if t == nil {
			return
		}
		for _, e := range t.entries {
			if !yield(e) {
				return
			}
		}
	}
}
