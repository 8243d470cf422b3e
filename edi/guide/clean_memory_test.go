package guide

import (
	"testing"

	"github.com/ediport/ediport/edi"
)

func TestCleanMemory(t *testing.T) {
	var m cleanMemory
	m.checked = cleanAfter
	m.use(edi.StandardDelimiters)
	here, there := &SegmentDef{Index: 0}, &SegmentDef{Index: 1}
	text := []byte("DTP*292*D8*20260101")
	if m.slot(here, text) != nil {
		t.Fatal("the memory was made before it was needed")
	}
	c := m.slot(here, text)
	if c == nil || c.holds(here, text) || c.holds(there, text) {
		t.Fatal("an empty memory holds a segment, or none can be put into it")
	}
	m.keep(c, here, text)
	if !m.slot(here, text).holds(here, text) {
		t.Error("the segment is not remembered")
	}
	if c.holds(there, text) {
		t.Error("it is remembered at another place of the guide")
	}
	for _, other := range []string{"DTP*292*D8*20260102", "DTP*292*D8*202601010", "DTP*292*D8*2026010"} {
		if c.holds(here, []byte(other)) {
			t.Errorf("%s is taken for %s", other, text)
		}
	}
	m.use(edi.StandardDelimiters)
	if !c.holds(here, text) {
		t.Error("it is forgotten although the delimiters are the same")
	}
	others := edi.StandardDelimiters
	others.Component = ">"
	m.use(others)
	if c.holds(here, text) {
		t.Error("it is remembered with other delimiters")
	}
	for _, n := range []int{0, 7, len(cleanSegment{}.text) + 1, 1000} {
		if m.slot(here, make([]byte, n)) != nil {
			t.Errorf("a segment of %d bytes has a slot", n)
		}
	}
}

// TestCleanMemoryIsForLongFiles: a file of few segments needs no memory.
func TestCleanMemoryIsForLongFiles(t *testing.T) {
	var m cleanMemory
	for range cleanAfter {
		if m.slot(&SegmentDef{}, []byte("N4*MILLBROOK FALLS*OH*43998")) != nil || m.slots != nil {
			t.Fatal("the memory was made too early")
		}
	}
	m.slot(&SegmentDef{}, nil)
	if m.slots == nil {
		t.Error("it was not made")
	}
}
