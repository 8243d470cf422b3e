package authorization

import "github.com/ediport/ediport/edi/parts"

// flush emits the current entity, with the levels above it.
func (d *Decoder) flush() error {
	current := d.current
	d.current = none
	switch current {
	case header:
		return d.handler.Header(d.header.Finish())
	case umo:
		u := d.umo.finish()
		u.Header, u.Level = d.headerAbove(), d.levels.Current()
		return d.handler.UMO(u)
	case requester:
		r := d.requester.finish()
		r.Header, r.UMO = d.headerAbove(), d.umoAbove()
		r.Level, r.Context = d.levels.Level(r.Context[:0])
		return d.handler.Requester(r)
	case patient:
		return d.handler.Patient(d.finishPatient())
	case event:
		return d.emitEvent()
	case stray:
		return d.handler.Stray(d.stray.Finish(d.headerAbove()))
	}
	return nil
}

func (d *Decoder) finishPatient() *Patient {
	p := d.patients[d.rank-subscriberRank].finish()
	p.Header, p.UMO, p.Requester = d.headerAbove(), d.umoAbove(), d.requesterAbove()
	p.Dependent = d.rank == dependentRank
	if p.Dependent && d.levels.Has(subscriberRank) {
		p.Subscriber = &d.patients[0].patient
	}
	p.Level, p.Context = d.levels.Level(p.Context[:0])
	return p
}

func (d *Decoder) emitEvent() error {
	e := d.event.finish()
	e.Header, e.UMO, e.Requester, e.Patient = d.headerAbove(), d.umoAbove(), d.requesterAbove(), d.patientAbove()
	if d.levels.Has(eventRank) {
		e.Level, e.Context = d.levels.At(eventRank, e.Context[:0])
	} else {
		e.Level, e.Context = d.levels.Level(e.Context[:0])
	}
	if e.Response = e.Header.Purpose.Is(response); e.Response {
		return d.handler.Response(e)
	}
	return d.handler.Request(e)
}

func (d *Decoder) headerAbove() *parts.Header { return &d.header.Header }

func (d *Decoder) umoAbove() *UMO {
	if !d.levels.Has(umoRank) {
		return nil
	}
	return &d.umo.umo
}

func (d *Decoder) requesterAbove() *Requester {
	if !d.levels.Has(requesterRank) {
		return nil
	}
	return &d.requester.requester
}

func (d *Decoder) patientAbove() *Patient {
	switch {
	case d.levels.Has(dependentRank):
		return &d.patients[1].patient
	case d.levels.Has(subscriberRank):
		return &d.patients[0].patient
	}
	return nil
}
