package guide

import "github.com/ediport/ediport/edi"

// A check is what it takes to see that a value is right, without saying what is wrong with one that is not: that is the business
// of [Validator.value]. The checks of a segment stand one behind the other, so that most values are seen to be right in a few
// steps.
type check struct {
	kind        checkKind
	format      int8   // of checkPeriod: the element, or component of the same composite, with its format
	least, most uint16 // length; digits of a number
	repeat      int32
	codes       *CodeSet
	parts       *checkedParts // of a composite
}

// checkedParts are the components of a composite.
type checkedParts struct {
	plan      []check
	mandatory uint64 // component n is bit n-1
	noted     uint64 // they may break a note by being there
}

type checkKind uint8

const (
	checkNever  checkKind = iota // let others see to it
	checkText                    // length
	checkCode                    // a code of the list
	checkNumber                  // a decimal
	checkCount                   // a whole number
	checkDate                    // CCYYMMDD
	checkTime
	checkPeriod // date or period by its format
	checkParts  // the components of a composite
)

// setPlan compiles how segments of the definition are checked.
func (d *SegmentDef) setPlan() {
	d.plan = planOf(d.Elements)
	d.codeFirst = d.qualifier == 1 && d.plan[0].kind == checkCode
	switch d.Tag {
	case "HL":
		d.role = roleLevel
	case "AAA":
		d.role = roleRefusal
	case "SE":
		d.role = roleEnd
	}
}

// A role is what a segment does besides holding elements.
type role uint8

const (
	roleNone role = iota
	roleLevel
	roleRefusal
	roleEnd
)

func planOf(elements []*ElementDef) []check {
	plan := make([]check, len(elements))
	for i, e := range elements {
		plan[i] = e.check()
	}
	return plan
}

func (e *ElementDef) check() check {
	c := check{least: uint16(min(e.Min, 60000)), most: uint16(min(e.Max, 60000)), repeat: int32(min(e.Repeat, 1<<30)), codes: e.Codes}
	if e.Usage == NotUsed {
		return c
	}
	switch {
	case e.Type == TypeComposite:
		c.kind, c.parts = checkParts, &checkedParts{plan: planOf(e.Components), noted: e.noted}
		for i, part := range e.Components {
			if part.Usage == Required {
				c.parts.mandatory |= 1 << i
			}
		}
	case e.Type == TypeR, e.Type == TypeN0:
		if c.kind = checkNumber; e.Type == TypeN0 {
			c.kind = checkCount
		}
		if e.Digits > 0 {
			c.most = uint16(e.Digits)
		}
	case e.Type == TypeDT:
		if c.kind = checkDate; e.Min > 8 || e.Max < 8 {
			c.kind = checkNever
		}
	case e.Type == TypeTM:
		c.kind = checkTime
	case e.Codes != nil:
		c.kind = checkCode
	case e.formatBy > 0 && e.Type != TypeID:
		c.kind, c.format = checkPeriod, int8(e.formatBy)
	default:
		c.kind = checkText
	}
	return c
}

// A glance is what [elementScan.look] has seen of a segment: enough to check most values of it in a few steps.
type glance struct {
	text      []byte
	ends      []uint32
	separator uint32
	quick     bool     // the segment is plain, and long enough for [word]
	cuts      []uint32 // where component and repetition separators stand; behind the last one what is behind any element
	dates     [64]uint64
}

// fine tells whether the value from begin to end holds no separator and is right.
func (g *glance) fine(c *check, begin, end uint32) bool {
	n := end - begin
	switch c.kind {
	case checkText:
		return n >= uint32(c.least) && n <= uint32(c.most) && g.text[begin] != ' ' && g.text[end-1] != ' '
	case checkCode:
		return n <= 7 && c.codes.has(wordKey(word(g.text, int(begin), int(n)), int(n)))
	case checkNumber, checkCount:
		if n > 8 {
			digits, ok := countDigits(g.text[begin:end], c.kind == checkNumber)
			return ok && digits >= int(c.least) && digits <= int(c.most)
		}
		d, ok := numberWord(word(g.text, int(begin), int(n)), int(n))
		return ok && d.count >= int(c.least) && d.count <= int(c.most) && (c.kind == checkNumber || !d.point)
	case checkDate:
		return n == 8 && g.date(begin)
	case checkTime:
		return n >= uint32(c.least) && n <= uint32(c.most) && edi.IsTime(g.text[begin:end])
	}
	return false
}

// date tells whether the eight bytes from begin are a date. Dates come again and again.
func (g *glance) date(begin uint32) bool {
	x := word(g.text, int(begin), 8)
	known := &g.dates[x*0x9e3779b97f4a7c15>>58]
	if *known == x {
		return true
	}
	if !isDate(g.text[begin : begin+8]) {
		return false
	}
	*known = x
	return true
}

// period tells whether the value from begin to end is one of the format that stands from formatBegin to formatEnd.
func (g *glance) period(c *check, begin, end, formatBegin, formatEnd uint32) bool {
	n := end - begin
	if n < uint32(c.least) || n > uint32(c.most) {
		return false
	}
	switch string(g.text[formatBegin:formatEnd]) {
	case "D8":
		return n == 8 && g.date(begin)
	case "RD8":
		return n == 17 && g.text[begin+8] == '-' && g.date(begin) && g.date(begin+9) &&
			string(g.text[begin:begin+8]) <= string(g.text[begin+9:end])
	}
	return false
}

// stands returns where element n stands.
func (g *glance) stands(n int) (begin, end uint32) {
	if n >= len(g.ends) {
		return 0, 0
	}
	return g.ends[n-1] + g.separator, g.ends[n]
}

// cut tells whether the value from begin to end, in which the first of cuts stands if any does, is right: each of its repetitions, and
// their components. repetition is the separator of repetitions, -1 if there is none.
func (g *glance) cut(c *check, begin, end uint32, cuts []uint32, repetition int) bool {
	if c.kind == checkParts {
		return g.composite(c, begin, end, cuts, repetition)
	}
	for range c.repeat {
		to := min(cuts[0], end)
		if to == begin || !g.fine(c, begin, to) {
			return false
		}
		if to == end {
			return true
		}
		if int(g.text[to]) != repetition {
			return false
		}
		begin, cuts = to+1, cuts[1:]
	}
	return false
}

func (g *glance) composite(c *check, begin, end uint32, cuts []uint32, repetition int) bool {
	parts := c.parts
	repeats, part, there := int32(1), 0, uint64(0)
	var before, beforeEnd uint32 // the component before
	for {
		to := min(cuts[0], end)
		last := to == end || int(g.text[to]) == repetition
		if to == begin {
			if last {
				return false
			}
		} else {
			if part >= len(parts.plan) || !g.partOf(&parts.plan[part], part, begin, to, before, beforeEnd) {
				return false
			}
			there |= 1 << part
		}
		if last && (parts.mandatory&^there != 0 || there&parts.noted != 0) {
			return false
		}
		switch {
		case to == end:
			return true
		case !last:
			part++
		default:
			part, there = 0, 0
			if repeats++; repeats > c.repeat {
				return false
			}
		}
		before, beforeEnd = begin, to
		begin, cuts = to+1, cuts[1:]
	}
}

// partOf is fine for component number part, from 0, which may have its format in the one before.
func (g *glance) partOf(c *check, part int, begin, end, before, beforeEnd uint32) bool {
	if c.kind == checkPeriod {
		return int(c.format) == part && g.period(c, begin, end, before, beforeEnd)
	}
	return g.fine(c, begin, end)
}
