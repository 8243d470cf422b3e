package guide

import "testing"

func TestDefinitionsLoad(t *testing.T) {
	for _, key := range Keys() {
		g := Lookup(key)
		if g == nil || len(g.Segments) < 10 {
			t.Errorf("%s did not load", key)
		}
	}
	if g := Envelope(); len(g.Segments) < 5 {
		t.Error("the envelope did not load")
	}
}
