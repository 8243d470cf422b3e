package guide

// doubt gives up the amounts that a segment may have changed which is unknown, one too many or out of place: those of its line and its
// claim, those of the payment if it has to do with them. Segments without amounts leave the balance as it is, and so does what is wrong
// elsewhere.
func (b *balance) doubt(tag string, l *Loop, code string) {
	switch {
	case code == "1" || code == "6" || code == "I4":
		b.claimBad, b.lineBad, b.strayed = true, true, true
	case tag == "CLP" || tag == "PLB" || tag == "BPR":
		b.claimBad, b.claimUpset, b.unreadable = true, true, true
	case tag == "CAS" || tag == "SVC":
		b.claimBad, b.claimUpset = true, true
	case l == b.lineLoop:
		b.claimBad, b.lineBad = true, true // it may be of a line without SVC
	}
}

// doubtLoop gives up the amounts of a loop that is there without its first segment, or once too often.
func (b *balance) doubtLoop(l *Loop) {
	switch l {
	case b.claimLoop:
		b.claimBad, b.claimUpset, b.unreadable = true, true, true
	case b.lineLoop:
		b.claimBad, b.claimUpset = true, true
	}
}

// afterStray gives up the payment if the segment behind an unknown one shows that this may have begun a claim, or was a PLB.
func (b *balance) afterStray(v *Validator, at *Step) {
	if !b.strayed {
		return
	}
	b.strayed = false
	if tag := at.Def.Tag; tag == "PLB" || tag == "SE" || b.inDetail(at.Loop) && !v.inPlace(at) {
		b.unreadable = true
	}
}

func (b *balance) inDetail(l *Loop) bool {
	return l == b.claimLoop || l == b.lineLoop || l == b.claimLoop.Parent
}
