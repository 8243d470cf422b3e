package guide

// ElementName returns what a person calls an element of a segment, or a component of it if component is not 0: "Total charge"
// for CLP03. It is "" where the guide has no such element, and for a segment without place.
func (s Step) ElementName(element, component int) string {
	e := s.Def.Element(element)
	if e == nil {
		return ""
	}
	if component > 0 && len(e.Components) > 0 {
		if component > len(e.Components) {
			return ""
		}
		e = e.Components[component-1]
	}
	return e.Name
}

// SegmentName returns what a person calls the segment: "Patient Name" for an NM1*QC. For a segment that has no place it is the
// name of one that may stand here with another qualifier, or "".
func (s Step) SegmentName() string {
	switch {
	case s.Def != nil:
		return s.Def.Name
	case s.Near != nil:
		return s.Near.Name
	default:
		return ""
	}
}

// LoopName returns number and name of the loop: "2100 Claim Payment Information"; of the set itself its name.
func (s Step) LoopName() string {
	switch {
	case s.Loop == nil:
		return ""
	case s.Loop.ID == "":
		return s.Loop.Name
	default:
		return s.Loop.ID + " " + s.Loop.Name
	}
}
