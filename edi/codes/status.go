package codes

// A Status says what a list has of a code on a day.
type Status uint8

// What a list has of a code.
const (
	Unlisted Status = iota // nothing
	InUse                  // it may be used, as far as its days are known
	NotInUse               // the day is before its first or after its last
)

// Status looks up a code as it stands in a file, on a day as a number: 20261121; 0 is any day. It does not allocate.
func (t *Table) Status(code []byte, day int) Status {
	slot, ok := t.index.find(code)
	if !ok {
		e, found := t.lookup(string(code))
		if !found {
			return Unlisted
		}
		slot = indexSlot{start: e.Start.number(), stop: e.Stop.number()}
	}
	if day != 0 && (day < int(slot.start) || slot.stop != 0 && day > int(slot.stop)) {
		return NotInUse
	}
	return InUse
}

// Find looks up a code as it stands in a file. It does not allocate.
func (t *Table) Find(code []byte) (Entry, bool) {
	if i, ok := t.byCode[string(code)]; ok {
		return t.entries[i], true
	}
	if t.shape == exact {
		return Entry{}, false
	}
	return t.lookup(string(code))
}

// number returns the day as 20261121, 0 for a day that is not known.
func (d Day) number() int32 {
	var n int32
	for i := range len(d) {
		if d[i] != '-' {
			n = n*10 + int32(d[i]-'0')
		}
	}
	return n
}

// An index finds codes of up to seven characters by a number made of them, without a string. It is a power of two long and half full
// at most.
type index struct {
	slots []indexSlot
	mask  uint64
}

type indexSlot struct {
	key         uint64
	start, stop int32
}

// seal makes the index of a table that is complete.
func (t *Table) seal() *Table {
	size := 16
	for size < 2*len(t.entries) {
		size *= 2
	}
	t.index = index{slots: make([]indexSlot, size), mask: uint64(size - 1)}
	for i := range t.entries {
		e := &t.entries[i]
		key, ok := packed([]byte(e.Code))
		if !ok || t.shape != exact {
			continue
		}
		at := hash(key) & t.index.mask
		for t.index.slots[at].key != 0 {
			at = (at + 1) & t.index.mask
		}
		t.index.slots[at] = indexSlot{key, e.Start.number(), e.Stop.number()}
	}
	return t
}

func (x *index) find(code []byte) (indexSlot, bool) {
	key, ok := packed(code)
	if !ok {
		return indexSlot{}, false
	}
	for at := hash(key) & x.mask; ; at = (at + 1) & x.mask {
		switch x.slots[at].key {
		case key:
			return x.slots[at], true
		case 0:
			return indexSlot{}, false
		}
	}
}

func packed(code []byte) (uint64, bool) {
	if len(code) == 0 || len(code) > 7 {
		return 0, false
	}
	var k uint64
	for _, b := range code {
		k = k<<8 | uint64(b)
	}
	return k | uint64(len(code))<<56, true
}

func hash(key uint64) uint64 { return key * 0x9e3779b97f4a7c15 >> 32 }
