package claimstatus

import "github.com/ediport/ediport/edi/parts"

// flush emits the current entity, with the levels above it.
func (d *Decoder) flush() error {
	current := d.current
	d.current = none
	switch current {
	case header:
		return d.handler.Header(d.header.Finish())
	case source:
		s := d.source.finish()
		s.Header, s.Level = d.headerAbove(), d.levels.Current()
		return d.handler.Source(s)
	case receiver:
		r := d.receiver.finish()
		r.Header, r.Source = d.headerAbove(), d.sourceAbove()
		r.Level, r.Context = d.levels.Level(r.Context[:0])
		return d.handler.Receiver(r)
	case provider:
		p := d.provider.finish()
		p.Header, p.Source, p.Receiver = d.headerAbove(), d.sourceAbove(), d.receiverAbove()
		p.Level, p.Context = d.levels.Level(p.Context[:0])
		return d.handler.Provider(p)
	case patient:
		return d.handler.Patient(d.finishPatient())
	case claim:
		return d.emitClaim()
	case stray:
		return d.handler.Stray(d.stray.Finish(d.headerAbove()))
	}
	return nil
}

func (d *Decoder) finishPatient() *Patient {
	p := d.patients[d.rank-patientRank].finish()
	p.Header, p.Source, p.Receiver, p.Provider = d.headerAbove(), d.sourceAbove(), d.receiverAbove(), d.providerAbove()
	p.Dependent = d.rank == dependentRank
	if p.Dependent && d.levels.Has(patientRank) {
		p.Subscriber = &d.patients[0].patient
	}
	p.Level, p.Context = d.levels.Level(p.Context[:0])
	return p
}

func (d *Decoder) emitClaim() error {
	c := d.claim.finish()
	c.Ordinal = d.claims
	c.Header, c.Source, c.Receiver, c.Provider = d.headerAbove(), d.sourceAbove(), d.receiverAbove(), d.providerAbove()
	c.Patient = &d.patients[d.rank-patientRank].patient
	c.Patient.Level = d.levels.Current() // it has grown by the claims so far
	if d.asking {
		return d.handler.Request(c)
	}
	return d.handler.Claim(c)
}

func (d *Decoder) headerAbove() *parts.Header { return &d.header.Header }

func (d *Decoder) sourceAbove() *Source {
	if !d.levels.Has(sourceRank) {
		return nil
	}
	return &d.source.source
}

func (d *Decoder) receiverAbove() *Receiver {
	if !d.levels.Has(receiverRank) {
		return nil
	}
	return &d.receiver.receiver
}

func (d *Decoder) providerAbove() *Provider {
	if !d.levels.Has(providerRank) {
		return nil
	}
	return &d.provider.provider
}
