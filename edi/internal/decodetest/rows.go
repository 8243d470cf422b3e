package decodetest

import (
	"maps"
	"testing"
)

// Rows counts rows by the NPI that they are routed by and by kind.
type Rows map[string]map[string]int

// Add counts n rows.
func (r Rows) Add(npi, kind string, n int) {
	if n == 0 {
		return
	}
	if r[npi] == nil {
		r[npi] = make(map[string]int)
	}
	r[npi][kind] += n
}

// Equal fails unless the rows are those wanted; a kind of which there are none may be left out.
func (r Rows) Equal(t *testing.T, file string, want map[string]map[string]int) {
	t.Helper()
	wanted := make(Rows)
	for npi, kinds := range want {
		for kind, n := range kinds {
			wanted.Add(npi, kind, n)
		}
	}
	for npi := range maps.Keys(wanted) {
		if !maps.Equal(r[npi], wanted[npi]) {
			t.Errorf("%s, NPI %q: rows %v, want %v", file, npi, r[npi], wanted[npi])
		}
	}
	if len(r) != len(wanted) {
		t.Errorf("%s: rows of %d providers, want %d", file, len(r), len(wanted))
	}
}
