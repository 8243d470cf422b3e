package ingest

import (
	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/authorization"
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/edi/parts"
	"github.com/ediport/ediport/storage"
)

// An authorizationLoader loads 278s: an event with its services and, of a response, the decisions on them; of a request also an
// inquiry. A routing unit is a subscriber's loop with all that stands below it.
type authorizationLoader struct {
	hierarchy
	decoder *authorization.Decoder

	owner    int64 // where the subscriber of the open unit starts
	event    storage.AuthorizationEventRow
	service  storage.AuthorizationServiceRow
	decision storage.AuthorizationDecisionRow
	asked    storage.InquiryRow
}

func newAuthorizationLoader() setLoader {
	l := new(authorizationLoader)
	l.decoder = authorization.NewDecoder(l)
	l.reject = func(list []parts.Rejection) error { return l.refusals(list, 0, 0) }
	return l
}

func (l *authorizationLoader) begin(s *set) error {
	l.reset(s)
	l.decoder.Reset()
	return nil
}

func (l *authorizationLoader) segment(s edi.Segment, at guide.Step) error {
	l.see(s)
	return l.decoder.Segment(s, at)
}

func (l *authorizationLoader) end() error {
	if err := l.decoder.End(); err != nil {
		return err
	}
	if err := l.refuse(); err != nil {
		return err
	}
	return l.close(l.last)
}

// Header keeps what all events of the set have in common.
func (l *authorizationLoader) Header(h *parts.Header) error { return l.takeHeader(h) }

// UMO takes the payer.
func (l *authorizationLoader) UMO(u *authorization.UMO) error {
	if err := l.settle(u.Pos.Offset); err != nil {
		return err
	}
	l.refuseLater(&u.Span, u.Rejections)
	return l.source(&u.Name)
}

// Requester tells who asked what is wrong with all of it.
func (l *authorizationLoader) Requester(r *authorization.Requester) error {
	if r.UMO == nil {
		return l.refuseReceiver(&r.Span, nil, requesterOf(r), nil, r.Rejections)
	}
	return l.refuseReceiver(&r.Span, &r.UMO.Span, requesterOf(r), r.UMO.Rejections, r.Rejections)
}

// requesterOf returns what all names of the requester say.
func requesterOf(r *authorization.Requester) provider {
	if r == nil {
		return provider{}
	}
	to := providerOf(&r.Name, nil)
	for i := range r.Parties {
		to.fill(providerOf(&r.Parties[i].Name, r.Parties[i].References))
	}
	return to
}

// Stray keeps what stands below a level without a place.
func (l *authorizationLoader) Stray(s *parts.Stray) error {
	l.owner = s.Pos.Offset
	return l.stray(s, "patient")
}

// subscriberStart returns where the subscriber of a patient starts.
func subscriberStart(p *authorization.Patient) int64 {
	switch {
	case p == nil:
		return noOwner
	case p.Subscriber != nil:
		return p.Subscriber.Pos.Offset
	}
	return p.Pos.Offset
}

// join makes sure that the open unit is that of a patient, at or above the level that starts at byte start.
func (l *authorizationLoader) join(p *authorization.Patient, start int64, level *parts.Level, above []parts.Level, r *authorization.Requester) error {
	if err := l.refuse(); err != nil {
		return err
	}
	owner := subscriberStart(p)
	if l.unit.id != 0 && l.owner == owner && hangsBelow(level, above) {
		return nil
	}
	l.owner = owner
	var asked provider
	if linked(level, above, "21") {
		asked = requesterOf(r)
	}
	return l.open("patient", start, above, asked)
}

// Patient begins the routing unit of a subscriber, or goes on in it for a dependent, and writes what was wrong with the person.
func (l *authorizationLoader) Patient(p *authorization.Patient) error {
	if err := l.join(p, p.Pos.Offset, &p.Level, p.Context, p.Requester); err != nil {
		return err
	}
	return l.refusals(p.Rejections, 0, 0)
}

// Request writes what is asked for, and the question.
func (l *authorizationLoader) Request(e *authorization.Event) error {
	if err := l.writeEvent(e, "request"); err != nil {
		return err
	}
	return l.writeInquiry(e)
}

// Response writes an event with the decisions on it.
func (l *authorizationLoader) Response(e *authorization.Event) error {
	return l.writeEvent(e, "response")
}

func (l *authorizationLoader) writeEvent(e *authorization.Event, kind string) error {
	if err := l.join(e.Patient, e.Pos.Offset, &e.Level, e.Context, e.Requester); err != nil {
		return err
	}
	s := l.set
	id, err := s.rows.NewID(s.ctx, storage.IDAuthorization)
	if err != nil {
		return err
	}
	l.eventRow(e, id, kind)
	if err := s.rows.AuthorizationEvent(s.ctx, &l.event); err != nil {
		return err
	}
	if err := l.decide(&e.Review, ownRejections(e), 0); err != nil {
		return err
	}
	for i := range e.Services {
		v := &e.Services[i]
		l.serviceRow(v, i+1)
		if err := s.rows.AuthorizationService(s.ctx, &l.service); err != nil {
			return err
		}
		if err := l.decide(&v.Review, v.Rejections, i+1); err != nil {
			return err
		}
	}
	return l.people(mention{unit: &l.unit, kind: "authorization", row: id, on: firstDay(l.event.EventFrom, l.event.AdmissionDate, l.header.Date)}, e.Patient)
}

// people makes a patient findable, and the subscriber.
func (l *authorizationLoader) people(m mention, p *authorization.Patient) error {
	if p == nil {
		return nil
	}
	m.role, m.name, m.birthDate, m.member = "patient", &p.Name, p.Demographics.BirthDate, authorizedMember(p)
	if err := l.set.mention(m); err != nil || p.Subscriber == nil {
		return err
	}
	m.role, m.name, m.birthDate, m.member = "insured", &p.Subscriber.Name, p.Subscriber.Demographics.BirthDate, memberOf(&p.Subscriber.Name)
	return l.set.mention(m)
}

// authorizedMember returns the member id of a patient, else that of the subscriber.
func authorizedMember(p *authorization.Patient) edi.Text {
	if id := memberOf(&p.Name); id != nil || p.Subscriber == nil {
		return id
	}
	return memberOf(&p.Subscriber.Name)
}

// firstDay returns the first date that is there.
func firstDay(days ...edi.Date) edi.Date {
	for _, d := range days {
		if !d.IsZero() {
			return d
		}
	}
	return edi.Date{}
}

// ownRejections returns those of an event that are not of its services: these come last.
func ownRejections(e *authorization.Event) []parts.Rejection {
	if len(e.Services) == 0 {
		return e.Rejections
	}
	n := 0
	for n < len(e.Rejections) && e.Rejections[n].Pos.Offset < e.Services[0].Pos.Offset {
		n++
	}
	return e.Rejections[:n]
}

// decide writes what was decided on an event (service 0) or one of its services.
func (l *authorizationLoader) decide(r *authorization.Review, rejections []parts.Rejection, service int) error {
	if err := l.refusals(rejections, l.event.ID, service); err != nil || r.Decision.IsZero() {
		return err
	}
	l.newDecision(l.event.ID, service, r.Decision.Pos)
	row := &l.decision
	row.Loop = "2000E"
	if service > 0 {
		row.Loop = "2000F"
	}
	l.texts = l.texts[:0]
	for _, reason := range r.Decision.Reasons {
		if len(reason) > 0 {
			l.texts = append(l.texts, reason)
		}
	}
	row.ActionCode, row.CertificationNumber, row.ReasonCodes, row.SecondOpinion = r.Decision.Action, r.Decision.Number, l.texts, r.Decision.SecondOpinion
	row.IssuedOn, _ = date(r.Dates, "102")
	row.CertifiedFrom, row.CertifiedTo = period(r.Dates, "007")
	row.ExpiresOn, _ = date(r.Dates, "036")
	return l.set.rows.AuthorizationDecision(l.set.ctx, row)
}

// refusals writes AAA as decisions; event is 0 if they stand above any.
func (l *authorizationLoader) refusals(list []parts.Rejection, event int64, service int) error {
	for i := range list {
		r := &list[i]
		l.newDecision(event, service, r.Pos)
		l.decision.Loop, l.decision.RejectReason, l.decision.FollowUp = r.Loop, r.Reason, r.FollowUp
		if err := l.set.rows.AuthorizationDecision(l.set.ctx, &l.decision); err != nil {
			return err
		}
	}
	return nil
}

func (l *authorizationLoader) newDecision(event int64, service int, at edi.Position) {
	s := l.set
	l.no++
	l.decision = storage.AuthorizationDecisionRow{
		AccountID: l.unit.account, UnitID: l.unit.id, DecisionNo: l.no, EventID: event, ServiceNo: service, SetID: s.id, FileID: s.file.ID,
		ByteOffset: at.Offset, Position: storage.NullInt{Int: int64(at.Segment), Valid: true}, Usage: s.usage(), Source: "response", DecidedAt: s.now,
	}
}
