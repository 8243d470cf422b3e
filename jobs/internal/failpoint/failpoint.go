// Package failpoint gives names to the moments between two steps where a process may die, freeze or
// fail, so that tests can make it do so exactly there. Nothing is set outside tests: a point costs one
// atomic load.
package failpoint

import (
	"sync"
	"sync/atomic"
)

var (
	mu  sync.Mutex                              // of those who set
	set atomic.Pointer[map[string]func() error] // nil: nothing is
)

// Reach calls what a test has set for the name.
func Reach(name string) { _ = Check(name) }

// Check is Reach for moments that may fail: it returns the error that the test wants.
func Check(name string) error {
	points := set.Load()
	if points == nil {
		return nil
	}
	if fn := (*points)[name]; fn != nil {
		return fn()
	}
	return nil
}

// Set makes Reach call fn at the name; nil unsets it.
func Set(name string, fn func()) {
	if fn == nil {
		SetCheck(name, nil)
		return
	}
	SetCheck(name, func() error {
		fn()
		return nil
	})
}

// SetCheck is Set for a function that may return an error, which matters to Check only.
func SetCheck(name string, fn func() error) {
	mu.Lock()
	defer mu.Unlock()
	points := map[string]func() error{}
	if before := set.Load(); before != nil {
		for n, f := range *before {
			points[n] = f
		}
	}
	delete(points, name)
	if fn != nil {
		points[name] = fn
	}
	if len(points) == 0 {
		set.Store(nil)
		return
	}
	set.Store(&points)
}
