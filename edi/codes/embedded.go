package codes

import (
	"embed"
	"fmt"
	"path"
	"strings"
	"sync"
)

// Columns of lists/*.tsv: code, short, start, stop, kind; of lists/elements.tsv: element, code, short. A stop of ? is a day that is
// not known.
//
//go:embed lists/*.tsv
var files embed.FS

const elementsFile = "elements"

// outside are the names of the embedded lists.
var outside = sync.OnceValue(func() map[List]bool {
	names, err := files.ReadDir("lists")
	if err != nil {
		panic(err)
	}
	m := make(map[List]bool)
	for _, n := range names {
		if name := strings.TrimSuffix(n.Name(), ".tsv"); name != elementsFile {
			m[List(name)] = true
		}
	}
	return m
})

// rows calls each with the cells of the rows of an embedded file, n of each row.
func rows(name string, n int, each func(cells []string)) {
	raw, err := files.ReadFile(path.Join("lists", name+".tsv"))
	if err != nil {
		panic(err) // it is part of the program
	}
	head := true
	for line := range strings.Lines(string(raw)) {
		cells := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		for len(cells) < n {
			cells = append(cells, "")
		}
		if !head {
			each(cells)
		}
		head = false
	}
}

// embedded reads an embedded list. A fault in it stops the program: tests read them all.
func embedded(list List) *Table {
	t := newTable(list)
	rows(string(list), 5, func(c []string) {
		e := Entry{Code: c[0], Short: c[1], Start: Day(c[2]), Stop: Day(c[3]), Retired: c[3] != "", Kind: c[4]}
		if c[3] == "?" {
			e.Stop = ""
		}
		mustAdd(t, list, e)
	})
	return t.seal()
}

func mustAdd(t *Table, list List, e Entry) {
	if err := t.add(e); err != nil {
		panic(fmt.Errorf("embedded list %s: %w", list, err))
	}
}

// elements are the values that the guides list, by data element.
var elements = sync.OnceValue(func() map[List]*Table {
	m := make(map[List]*Table)
	rows(elementsFile, 3, func(c []string) {
		list := List(c[0])
		if m[list] == nil {
			m[list] = newTable(list)
		}
		mustAdd(m[list], list, Entry{Code: c[1], Short: c[2]})
	})
	for _, t := range m {
		t.seal()
	}
	return m
})
