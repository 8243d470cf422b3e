package guide

import "github.com/ediport/ediport/edi"

// An amount is a sum of money in cents, or, if it has more digits than most, another decimal.
type amount struct {
	value int64 // cents
	scale int   // digits of value behind the point, if odd
	odd   bool  // value is not in cents
	told  bool  // a number was sent
}

func (a amount) decimal() edi.Decimal { return edi.NewDecimal(a.value, a.scale) }

var centsOf = [3]int64{100, 10, 1}

// amount reads element n of the segment in hand; an absent one is 0.
func (sc *elementScan) amount(n int, bad *bool) amount {
	if sc.quick {
		begin, end := sc.stands(n)
		if begin == end {
			return amount{}
		}
		if size := int(end - begin); size <= 8 {
			if d, ok := numberWord(word(sc.text, int(begin), size), size); ok && d.fraction <= 2 {
				return amount{value: d.value() * centsOf[d.fraction], told: true}
			}
		}
	}
	t := sc.segment.Text(n)
	if len(t) == 0 {
		return amount{}
	}
	d, err := edi.ParseDecimal(t)
	if err != nil {
		*bad = true
		return amount{}
	}
	return amount{value: d.Coefficient(), scale: d.Scale(), odd: true, told: true}
}

func (a amount) sign() int {
	switch {
	case a.value < 0:
		return -1
	case a.value > 0:
		return 1
	}
	return 0
}

// A total adds amounts exactly.
type total struct {
	cents int64
	rest  edi.Sum // what is not in cents
	mixed bool    // there is such a rest
}

const maxCents = 1 << 61

func (t *total) add(a amount) {
	if a.odd {
		t.mixed = true
		t.rest.Add(a.decimal())
		return
	}
	t.cents += a.value
	if t.cents > maxCents || t.cents < -maxCents {
		t.settle()
	}
}

func (t *total) sub(a amount) {
	a.value = -a.value
	t.add(a)
}

func (t *total) addTotal(u *total) {
	t.add(amount{value: u.cents})
	if u.mixed {
		t.mixed = true
		t.rest.AddSum(&u.rest)
	}
}

func (t *total) equals(u *total) bool {
	d := total{cents: -u.cents, mixed: u.mixed}
	if u.mixed {
		d.rest.SubSum(&u.rest)
	}
	d.addTotal(t)
	return d.isZero()
}

// settle moves the cents to the rest.
func (t *total) settle() {
	t.mixed = true
	t.rest.Add(edi.NewDecimal(t.cents, 2))
	t.cents = 0
}

func (t *total) isZero() bool {
	if !t.mixed {
		return t.cents == 0
	}
	t.settle()
	return t.rest.Sign() == 0
}

// faults returns the elements of the segment in hand that are wrong: element n is bit n.
func (v *Validator) faults(s *edi.Segment) (elements uint64) {
	for i := len(v.findings) - 1; i >= 0; i-- {
		f := &v.findings[i]
		if f.Pos.Segment != s.Ordinal() {
			break
		}
		if f.Severity == edi.Error {
			elements |= 1 << f.Element
		}
	}
	return elements
}
