package codes

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
)

// loaded holds the tables in use, by List: the embedded ones that were asked for, and the replaced ones.
var loaded sync.Map // List → *atomic.Pointer[Table]

// changes counts the replacements.
var changes atomic.Uint64

// Changes returns a number that grows with each [Replace] and [Restore]: who keeps tables looks whether they are still those in use.
func Changes() uint64 { return changes.Load() }

// Of returns the table of a list as it is now, nil if there is none. It stays as it is when the list is replaced; see [Changes].
func Of(list List) *Table { return tableOf(list) }

// tableOf returns the table of a list, nil if there is none.
func tableOf(list List) *Table {
	if p, ok := loaded.Load(list); ok {
		return p.(*atomic.Pointer[Table]).Load()
	}
	t := original(list)
	if t == nil {
		return nil
	}
	return pointerOf(list, t).Load()
}

// pointerOf returns where the table of a list is kept, with t in it if it is new.
func pointerOf(list List, t *Table) *atomic.Pointer[Table] {
	p := new(atomic.Pointer[Table])
	p.Store(t)
	kept, _ := loaded.LoadOrStore(list, p)
	return kept.(*atomic.Pointer[Table])
}

// original returns the list as it is embedded, nil if it is not.
func original(list List) *Table {
	if outside()[list] {
		return embedded(list)
	}
	return elements()[list]
}

// swap puts t in place of the table of a list. Readers see the one or the other, whole.
func swap(list List, t *Table) error {
	if tableOf(list) == nil && !slices.Contains(loadable, list) {
		return fmt.Errorf("codes: there is no list %q", string(list))
	}
	pointerOf(list, nil).Store(t)
	changes.Add(1)
	return nil
}
