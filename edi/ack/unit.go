package ack

import (
	"sort"

	"github.com/ediport/ediport/edi"
)

// maxUnits bounds the memory for business units; errors further on in such a set are told without one.
const maxUnits = 100_000

// Names of business units in CTX01-1.
const (
	unitNone byte = iota
	unitTrace
	unitClaim
	unitSubscriber
	unitPatient
)

var unitNames = [...]string{unitTrace: "TRN02", unitClaim: "CLM01", unitSubscriber: "SUBSCRIBER NAME NM109", unitPatient: "PATIENT NAME NM109"}

// units follows a transaction set and tells which business unit each segment belongs to: the payment of an 835 by its trace number,
// the claim of an 837, the person or inquiry of the others by trace number or, without one, member id.
type units struct {
	list  []unit
	text  []byte
	set   string
	level string // HL03 of the level that is open
	own   bool   // the unit in hand has a trace number of its own
}

// A unit begins at a segment and lasts until the next one.
type unit struct {
	from       int // position in the set
	name       byte
	start, end int // of its value in units.text
}

func (u *units) begin(set string) {
	u.list, u.text, u.set, u.level = append(u.list[:0], unit{from: 1}), u.text[:0], set, ""
	u.own = false
}

func (u *units) segment(s *edi.Segment) {
	switch tag := s.Text(0); {
	case tag.Is("HL"):
		u.hierarchy(s)
	case tag.Is("TRN"):
		u.trace(s)
	case tag.Is("NM1"):
		u.person(s)
	case tag.Is("CLM") && u.set == "837":
		u.open(s)
		u.name(unitClaim, s.Text(1))
	}
}

// hierarchy begins a new unit. A dependent, an event and a service are known by what is above them until they have a number of their own.
func (u *units) hierarchy(s *edi.Segment) {
	above := u.list[len(u.list)-1]
	above.from = s.Pos().Segment
	inherits := false
	switch u.level = s.Value(3); u.level {
	case "23", "PT", "EV", "SS":
		inherits = u.set != "837"
	}
	u.open(s)
	u.own = false
	if inherits {
		u.list[len(u.list)-1] = above
	}
}

func (u *units) trace(s *edi.Segment) {
	switch u.set {
	case "835":
		u.name(unitTrace, s.Text(2))
	case "276", "277":
		if u.level != "20" && u.level != "21" && u.level != "19" {
			u.open(s)
			u.name(unitTrace, s.Text(2))
		}
	case "270", "271", "278":
		if !u.own { // of several the first
			u.name(unitTrace, s.Text(2))
			u.own = true
		}
	}
}

func (u *units) person(s *edi.Segment) {
	if u.list[len(u.list)-1].name == unitTrace {
		return
	}
	switch role := s.Text(1); {
	case role.Is("IL"):
		u.name(unitSubscriber, s.Text(9))
	case role.Is("QC"):
		u.name(unitPatient, s.Text(9))
	}
}

func (u *units) open(s *edi.Segment) {
	if len(u.list) > maxUnits {
		u.list[len(u.list)-1].name = unitNone
		return
	}
	u.list = append(u.list, unit{from: s.Pos().Segment})
}

// name gives the unit in hand its value, if it can be told.
func (u *units) name(kind byte, value edi.Text) {
	if len(u.list) > maxUnits || !fits(string(value), 1, 35) {
		return
	}
	current := &u.list[len(u.list)-1]
	current.name, current.start = kind, len(u.text)
	u.text = append(u.text, value...)
	current.end = len(u.text)
}

// at returns the context that names the unit of the segment at a position in the set.
func (u *units) at(position int) (Context, bool) {
	i := sort.Search(len(u.list), func(i int) bool { return u.list[i].from > position }) - 1
	if i < 0 || u.list[i].name == unitNone {
		return Context{}, false
	}
	found := u.list[i]
	return Context{Name: edi.Text(unitNames[found.name]), Reference: edi.Text(u.text[found.start:found.end])}, true
}
