package codes

import (
	"fmt"
	"sync"
	"sync/atomic"
)

// loaded holds the tables in use, by List: the embedded ones that were asked for, and the replaced ones.
var loaded sync.Map // List → *atomic.Pointer[table]

// tableOf returns the table of a list, nil if there is none.
func tableOf(list List) *table {
	if p, ok := loaded.Load(list); ok {
		return p.(*atomic.Pointer[table]).Load()
	}
	t := original(list)
	if t == nil {
		return nil
	}
	p := new(atomic.Pointer[table])
	p.Store(t)
	kept, _ := loaded.LoadOrStore(list, p)
	return kept.(*atomic.Pointer[table]).Load()
}

// original returns the list as it is embedded, nil if it is not.
func original(list List) *table {
	if outside()[list] {
		return embedded(list)
	}
	return elements()[list]
}

// swap puts t in place of the table of a list. Readers see the one or the other, whole.
func swap(list List, t *table) error {
	if tableOf(list) == nil {
		return fmt.Errorf("codes: there is no list %q", string(list))
	}
	p, _ := loaded.Load(list)
	p.(*atomic.Pointer[table]).Store(t)
	return nil
}
