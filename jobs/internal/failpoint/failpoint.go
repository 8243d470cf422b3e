// Package failpoint gives names to the moments between two steps where a process may die, so that
// tests can stop it exactly there. Nothing is set outside tests.
package failpoint

import "sync"

var (
	mu  sync.RWMutex
	set map[string]func()
)

// Reach calls what a test has set for the name.
func Reach(name string) {
	mu.RLock()
	fn := set[name]
	mu.RUnlock()
	if fn != nil {
		fn()
	}
}

// Set makes Reach call fn at the name; nil unsets it.
func Set(name string, fn func()) {
	mu.Lock()
	defer mu.Unlock()
	if set == nil {
		set = map[string]func(){}
	}
	set[name] = fn
}
