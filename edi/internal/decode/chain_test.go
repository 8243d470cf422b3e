package decode

import (
	"bytes"
	"testing"

	"github.com/ediport/ediport/edi"
)

// isa begins the documents of tests of single segments.
const isa = "ISA*00*          *00*          *ZZ*S              *ZZ*R              *260101*0000*^*00501*000000001*0*P*:~"

// segments returns the segments of text.
func segments(t *testing.T, text string) []edi.Segment {
	t.Helper()
	r := edi.NewReader(bytes.NewReader([]byte(isa + text)))
	var list []edi.Segment
	for {
		s, err := r.Next()
		if err != nil {
			return list[1:]
		}
		list = append(list, s.Clone())
	}
}

func TestChain(t *testing.T) {
	t.Parallel()
	ranks := map[string]int{"20": 0, "21": 1, "22": 2, "23": 3}
	for _, c := range []struct {
		name, hls string
		path      []int // HL01 of the path in the end
		ok        bool  // of the last HL
	}{
		{"a dependent under its subscriber", "HL*1**20~HL*2*1*21~HL*3*2*22~HL*4*3*23~", []int{1, 2, 3, 4}, true},
		{"a second subscriber", "HL*1**20~HL*2*1*21~HL*3*2*22~HL*4*3*23~HL*5*2*22~", []int{1, 2, 5}, true},
		{"a second source", "HL*1**20~HL*2*1*21~HL*3*2*22~HL*4**20~", []int{4}, true},
		{"HL02 names nobody on the path", "HL*1**20~HL*2*1*21~HL*3*2*22~HL*4*9*23~", []int{1, 2, 3, 4}, false},
		{"HL02 names a level of the past", "HL*1**20~HL*2*1*21~HL*3*2*22~HL*4*2*22~HL*5*3*23~", []int{1, 2, 5}, false},
		{"a level without a parent above it", "HL*1*7*22~", []int{1}, false},
		{"a level is left out", "HL*1**20~HL*2*1*22~", []int{1, 2}, true},
	} {
		var chain Chain
		ok := false
		seen := map[string]int{}
		for _, s := range segments(t, c.hls) {
			above, known := seen[s.Value(2)]
			if !known {
				above = Nowhere
			}
			seen[s.Value(1)] = ranks[s.Value(3)]
			ok = chain.Open(s, nil, ranks[s.Value(3)], above)
		}
		var path []int
		for _, l := range append(chain.Above(nil), chain.Current()) {
			path = append(path, l.ID)
		}
		if len(path) != len(c.path) || ok != c.ok {
			t.Errorf("%s: path %v, ok %t, want %v, %t", c.name, path, ok, c.path, c.ok)
			continue
		}
		for i := range path {
			if path[i] != c.path[i] {
				t.Errorf("%s: path %v, want %v", c.name, path, c.path)
			}
		}
	}
}
