package guide

// Levels is a set of SNIP types: 1 integrity of the envelope and of elements, 2 requirements of the guide, 3 balancing,
// 4 situations, 5 outside code lists, 7 rules of a partner. The zero value stands for all of them.
type Levels uint8

// NewLevels returns the set of the given types; of none it is all. Numbers that are no SNIP type are left out.
func NewLevels(types ...int) Levels {
	var l Levels
	for _, t := range types {
		if t >= 1 && t <= 7 {
			l |= 1 << (t - 1)
		}
	}
	return l
}

// Has tells whether a SNIP type is checked.
func (l Levels) Has(snip int) bool { return l == 0 || snip < 1 || snip > 7 || l&(1<<(snip-1)) != 0 }
