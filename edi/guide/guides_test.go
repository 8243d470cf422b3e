package guide_test

import (
	"testing"

	"github.com/ediport/ediport/edi/guide"
)

func TestDefinitionsLoad(t *testing.T) {
	segments := map[string]int{
		"270": 43, "271": 69, "276": 41, "277": 44, "277CA": 38, "278-request": 85, "278-response": 100, "835": 53, "999": 11,
	}
	for _, key := range guide.Keys() {
		g := guide.Lookup(key)
		if g == nil || g.Key != key || len(g.Segments) != segments[key] {
			t.Errorf("%s has %d segments, want %d", key, len(g.Segments), segments[key])
			continue
		}
		for i, l := range g.Loops {
			if l.Index != i || l.Trigger == nil || l.Name == "" {
				t.Errorf("%s: loop %d is incomplete: %+v", key, i, l)
			}
		}
		for i, d := range g.Segments {
			if d.Index != i || d.Loop == nil || d.Name == "" {
				t.Errorf("%s: segment %d is incomplete: %+v", key, i, d)
			}
			for _, e := range d.Elements {
				if e.Name == "" {
					t.Errorf("%s: %s has no name", key, e.Ref)
				}
			}
		}
	}
	if g := guide.Envelope(); g.Loop("GS_LOOP") == nil {
		t.Error("the envelope has no functional group")
	}
	if guide.Lookup("837") != nil {
		t.Error("an unknown key has a guide")
	}
}

func TestSelect(t *testing.T) {
	tests := []struct {
		name  string
		hint  guide.Hint
		want  string
		alias bool
	}{
		{"by GS08", guide.Hint{GS08: "005010X221A1", ST01: "835"}, "835", false},
		{"270 and 271 share an id", guide.Hint{GS08: "005010X279A1", ST01: "271", ST03: "005010X279A1"}, "271", false},
		{"without the errata letter", guide.Hint{GS08: "005010X279", ST01: "270"}, "270", true},
		{"another errata letter", guide.Hint{GS08: "005010X221A2", ST01: "835"}, "835", true},
		{"an errata letter too many", guide.Hint{GS08: "005010X212E1", ST01: "276"}, "276", true},
		{"another letter in ST03", guide.Hint{GS08: "005010X279A1", ST01: "271", ST03: "005010X279"}, "271", true},
		{"277 is not 277CA", guide.Hint{GS08: "005010X212", ST01: "277", BHT01: "0085"}, "277", false},
		{"277CA", guide.Hint{GS08: "005010X214", ST01: "277"}, "277CA", false},
		{"277 by BHT", guide.Hint{ST01: "277", BHT01: "0010"}, "277", true},
		{"277CA by BHT", guide.Hint{ST01: "277", BHT01: "0085"}, "277CA", true},
		{"empty GS08, ST03 tells", guide.Hint{ST01: "277", ST03: "005010X214"}, "277CA", true},
		{"278 request", guide.Hint{GS08: "005010X217", ST01: "278", BHT02: "13"}, "278-request", false},
		{"278 cancellation", guide.Hint{GS08: "005010X217", ST01: "278", BHT02: "01"}, "278-request", false},
		{"278 response", guide.Hint{GS08: "005010X217", ST01: "278", BHT02: "11"}, "278-response", false},
		{"278 with a bad purpose", guide.Hint{GS08: "005010X217", ST01: "278", BHT02: "99"}, "278-request", false},
		{"278 of another guide", guide.Hint{GS08: "005010X215", ST01: "278", BHT02: "28"}, "", false},
		{"empty GS08, 278 of an unknown purpose", guide.Hint{ST01: "278", BHT02: "28"}, "", false},
		{"835 without GS08", guide.Hint{ST01: "835"}, "835", true},
		{"4010", guide.Hint{GS08: "004010X091A1", ST01: "835"}, "", false},
		{"837", guide.Hint{GS08: "005010X222A1", ST01: "837"}, "", false},
		{"the set of another guide", guide.Hint{GS08: "005010X221A1", ST01: "271"}, "", false},
		{"nothing", guide.Hint{}, "", false},
	}
	for _, tt := range tests {
		g, alias := guide.Select(tt.hint)
		got := ""
		if g != nil {
			got = g.Key
		}
		if got != tt.want || alias != tt.alias {
			t.Errorf("%s: Select() = %q, %v, want %q, %v", tt.name, got, alias, tt.want, tt.alias)
		}
	}
}
