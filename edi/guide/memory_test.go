package guide

import (
	"testing"

	"github.com/ediport/ediport/edi"
)

// remembered returns a memory that is made, and the guide and loop for tests of it.
func remembered(t *testing.T) (*memory, *Guide, *Loop) {
	t.Helper()
	g := Lookup("271")
	if g == nil {
		t.Fatal("no guide")
	}
	m := &memory{seen: rememberAfter}
	m.use(edi.StandardDelimiters)
	if m.slot(g.Root, nil) != nil || m.slots == nil {
		t.Fatal("the memory was not made when it was needed")
	}
	return m, g, g.Root
}

func TestMemory(t *testing.T) {
	m, g, l := remembered(t)
	text := []byte("DTP*292*D8*20260101")
	k := m.slot(l, text)
	if k == nil || k.is(text) {
		t.Fatal("an empty memory holds a segment, or none can be put into it")
	}
	p, _ := twoPlaces(t, g)
	m.keep(k, false, g, l, 3, p, text)
	if k = m.slot(l, text); !k.is(text) || !k.follows(&frame{loop: l, rank: 3}) {
		t.Error("the segment is not remembered")
	}
	if k.clean {
		t.Error("it is clean before it was checked")
	}
	if k.follows(&frame{loop: l, rank: 4}) || k.follows(&frame{loop: g.Loops[1], rank: 3}) {
		t.Error("it is known to follow what it did not follow")
	}
	for _, other := range []string{"DTP*292*D8*20260102", "DTP*292*D8*202601010", "DTP*292*D8*2026010"} {
		if k.is([]byte(other)) {
			t.Errorf("%s is taken for %s", other, text)
		}
	}
	m.use(edi.StandardDelimiters)
	if !k.is(text) {
		t.Error("it is forgotten although the delimiters are the same")
	}
	others := edi.StandardDelimiters
	others.Component = ">"
	m.use(others)
	if k.is(text) {
		t.Error("it is remembered with other delimiters")
	}
	for _, n := range []int{0, shortest - 1, len(known{}.text) + 1, 1000} {
		if m.slot(l, make([]byte, n)) != nil {
			t.Errorf("a segment of %d bytes has a slot", n)
		}
	}
}

// TestMemoryKeepsClean: a segment that follows something else stays clean, unless it has another definition there.
func TestMemoryKeepsClean(t *testing.T) {
	m, g, l := remembered(t)
	text := []byte("DTP*292*D8*20260101")
	k := m.slot(l, text)
	here, there := twoPlaces(t, g)
	m.keep(k, false, g, l, 3, here, text)
	k.clean = true
	if m.keep(k, true, g, l, 4, here, text); !k.clean || !k.follows(&frame{loop: l, rank: 4}) {
		t.Error("it is no longer clean, or does not follow what it followed last")
	}
	if m.keep(k, true, g, l, 4, there, text); k.clean {
		t.Error("it is clean as another segment of the guide")
	}
	k.clean = true
	if m.keep(k, false, g, l, 4, there, []byte("DTP*292*D8*20260199")); k.clean {
		t.Error("it is clean because the one was that it takes the place of")
	}
}

// twoPlaces returns places of two segments of the guide.
func twoPlaces(t *testing.T, g *Guide) (one, other *place) {
	t.Helper()
	for i := range g.places {
		switch p := &g.places[i]; {
		case p.candidate == nil: // the end of a list
		case one == nil:
			one = p
		case p.candidate.def != one.candidate.def:
			return one, p
		}
	}
	t.Fatal("all places are for one segment")
	return nil, nil
}

// TestMemoryIsForLongFiles: a file of few segments needs no memory.
func TestMemoryIsForLongFiles(t *testing.T) {
	var m memory
	for range rememberAfter {
		if m.slot(&Loop{}, []byte("N4*MILLBROOK FALLS*OH*43998")) != nil || m.slots != nil {
			t.Fatal("the memory was made too early")
		}
	}
	m.slot(&Loop{}, nil)
	if m.slots == nil {
		t.Error("it was not made")
	}
}

// TestMemoryDefends: a segment that was met again stays when another one comes that would take its place, but only once.
func TestMemoryDefends(t *testing.T) {
	m, g, l := remembered(t)
	text := []byte("DTP*292*D8*20260101")
	k := m.slot(l, text)
	p, _ := twoPlaces(t, g)
	m.keep(k, false, g, l, 3, p, text)
	if k.defends() {
		t.Error("a segment that came once keeps others out")
	}
	k.again = true // as when it is recalled
	if !k.defends() {
		t.Error("a segment that came again gives way at once")
	}
	if k.defends() {
		t.Error("a segment that did not come again since stays for ever")
	}
}

// TestTextHash: texts that differ in any one byte, up to 48, rarely share a slot.
func TestTextHash(t *testing.T) {
	for _, n := range []int{shortest, 7, 8, 9, 16, 17, 28, 32, 33, 48} {
		text := []byte("EB*C*IND*30***23*2250*****Y*HC:99213:25*1:2~DTP*292*")[:n]
		slots, same := make(map[uint64]bool), 0
		slots[textHash(1, text)>>(64-memoryBits)] = true
		for i := range text {
			was := text[i]
			for _, c := range []byte("0123456789ABCDEF") {
				if c == was {
					continue
				}
				text[i] = c
				h := textHash(1, text) >> (64 - memoryBits)
				if slots[h] {
					same++
				}
				slots[h] = true
			}
			text[i] = was
		}
		if total := 15 * n; same > total/4+2 {
			t.Errorf("of %d texts of %d bytes %d share a slot with one before", total, n, same)
		}
	}
}
