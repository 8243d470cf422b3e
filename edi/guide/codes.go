package guide

// A CodeSet is the closed list of codes that an element may hold.
type CodeSet struct {
	Name   string   // of a shared list; "" if the list stands with its element
	Values []string // in the order of the guide
	keys   []uint64 // of the values
	table  []uint64 // of long lists: the keys where their hash says, or behind; a power of two long, half full at most
}

const shortList = 6 // a list of so many codes is searched from its start

func newCodeSet(name string, values []string) *CodeSet {
	c := &CodeSet{Name: name, Values: values}
	for _, v := range values {
		c.keys = append(c.keys, codeKey([]byte(v)))
	}
	if len(values) <= shortList {
		return c
	}
	size := 16
	for size < 2*len(values) {
		size *= 2
	}
	c.table = make([]uint64, size)
	for _, k := range c.keys {
		i := codeHash(k) & uint64(size-1)
		for c.table[i] != 0 {
			i = (i + 1) & uint64(size-1)
		}
		c.table[i] = k
	}
	return c
}

// Has tells whether code is in the list.
func (c *CodeSet) Has(code []byte) bool { return c.has(codeKey(code)) }

func (c *CodeSet) has(key uint64) bool {
	if c.table == nil {
		for _, k := range c.keys {
			if k == key {
				return true
			}
		}
		return false
	}
	mask := uint64(len(c.table) - 1)
	for i := codeHash(key) & mask; ; i = (i + 1) & mask {
		if k := c.table[i]; k == key || k == 0 {
			return k == key && key != 0
		}
	}
}

func codeHash(key uint64) uint64 { return key * 0x9e3779b97f4a7c15 >> 40 }

// codeKey packs a code of up to seven bytes, its first byte lowest, with its length; of longer ones, which are few and of one guide,
// a hash. See [wordKey].
func codeKey(code []byte) uint64 {
	if len(code) <= 7 {
		k := uint64(len(code)) << 56
		for i, b := range code {
			k |= uint64(b) << (8 * i)
		}
		return k
	}
	h := uint64(14695981039346656037)
	for _, b := range code {
		h = (h ^ uint64(b)) * 1099511628211
	}
	return h | 1<<63
}

// wordKey is the key of the code in the n low bytes of word, at most seven.
func wordKey(word uint64, n int) uint64 { return word | uint64(n)<<56 }
