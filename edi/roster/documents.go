package roster

import (
	"io"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/authorization"
	"github.com/ediport/ediport/edi/claimstatus"
	"github.com/ediport/ediport/edi/eligibility"
	"github.com/ediport/ediport/edi/parts"
)

type eligibilityWriter struct{ *eligibility.Encoder }

func newEligibility(w io.Writer, e parts.Envelope) encoder {
	return eligibilityWriter{eligibility.NewEncoder(w, e)}
}

func (w eligibilityWriter) header(g *generator) error { return w.Header(g.document("270")) }

func (w eligibilityWriter) payer(r *row) error {
	return w.Source(&eligibility.Source{Party: parts.Party{Name: r.payer.payerName("PR")}})
}

func (w eligibilityWriter) provider(r *row) error {
	return w.Receiver(&eligibility.Receiver{Party: parts.Party{Name: r.provider.providerName()}})
}

func (w eligibilityWriter) close() error { return w.Close() }

func (w eligibilityWriter) patient(g *generator, r *row) error {
	subscriber := eligibility.Inquiry{Person: eligibility.Person{
		Name: r.subscriber.name("IL"), Demographics: r.subscriber.demographics(), References: references("6P", r.group),
	}}
	asked := &subscriber
	if r.isDependent() {
		if err := w.Inquiry(&subscriber); err != nil {
			return err
		}
		asked = &eligibility.Inquiry{Person: eligibility.Person{
			Dependent: true, Name: r.dependent.name("03"), Demographics: r.dependent.demographics(),
		}}
		if r.relationship != "" {
			asked.Relationship = parts.Relationship{Insured: edi.Text("N"), Code: edi.Text(r.relationship)}
		}
	}
	asked.Traces = g.traces(r)
	asked.References = append(asked.References, references("EJ", r.account)...)
	if r.service.from.IsZero() {
		r.service.from = g.today
	}
	asked.Dates = r.dates("291")
	question := eligibility.Question{ServiceTypes: texts(r.serviceTypes), Procedure: r.procedureCode()}
	if len(r.serviceTypes) == 0 && r.procedure == "" {
		question.ServiceTypes = texts([]string{"30"})
	}
	asked.Questions = []eligibility.Question{question}
	return w.Inquiry(asked)
}

type statusWriter struct{ *claimstatus.Encoder }

func newStatus(w io.Writer, e parts.Envelope) encoder {
	return statusWriter{claimstatus.NewEncoder(w, e)}
}

func (w statusWriter) header(g *generator) error { return w.Header(g.document("276")) }

func (w statusWriter) payer(r *row) error {
	return w.Source(&claimstatus.Source{Name: r.payer.payerName("PR")})
}

// provider is who asks, and whose claims they are.
func (w statusWriter) provider(r *row) error {
	name := r.provider.providerName()
	receiver := name
	receiver.Entity, receiver.Qualifier = edi.Text("41"), edi.Text("46")
	if err := w.Receiver(&claimstatus.Receiver{Name: receiver}); err != nil {
		return err
	}
	return w.Provider(&claimstatus.Provider{Name: name})
}

func (w statusWriter) close() error { return w.Close() }

func (w statusWriter) patient(g *generator, r *row) error {
	subscriber := &claimstatus.Patient{Name: r.subscriber.name("IL"), Demographics: r.subscriber.demographics()}
	if r.isDependent() {
		subscriber.Demographics = parts.Demographics{}
	}
	if err := w.Patient(subscriber); err != nil {
		return err
	}
	if r.isDependent() {
		dependent := &claimstatus.Patient{Dependent: true, Name: r.dependent.name("QC"), Demographics: r.dependent.demographics()}
		if err := w.Patient(dependent); err != nil {
			return err
		}
	}
	t := claimstatus.Tracking{
		Traces: g.traces(r), References: references("1K", r.payerClaim, "BLT", r.billType, "EJ", r.account), Dates: r.dates("472"),
	}
	if r.charge.sent {
		t.Amounts = []parts.Amount{{Qualifier: edi.Text("T3"), Value: r.charge.value}}
	}
	return w.Request(&claimstatus.Claim{Tracking: t})
}

type authorizationWriter struct{ *authorization.Encoder }

func newAuthorization(w io.Writer, e parts.Envelope) encoder {
	return authorizationWriter{authorization.NewEncoder(w, e)}
}

func (w authorizationWriter) header(g *generator) error { return w.Header(g.document("278")) }

func (w authorizationWriter) payer(r *row) error {
	return w.UMO(&authorization.UMO{Party: parts.Party{Name: r.payer.payerName("X3")}})
}

func (w authorizationWriter) provider(r *row) error {
	name := r.provider.providerName()
	return w.Requester(&authorization.Requester{Name: name, Parties: []parts.Party{{Name: name}}})
}

func (w authorizationWriter) close() error { return w.Close() }

func (w authorizationWriter) patient(g *generator, r *row) error {
	subscriber := &authorization.Patient{Name: r.subscriber.name("IL"), Demographics: r.subscriber.demographics()}
	patient := subscriber
	if r.isDependent() {
		if err := w.Patient(subscriber); err != nil {
			return err
		}
		patient = &authorization.Patient{Dependent: true, Name: r.dependent.name("QC"), Demographics: r.dependent.demographics()}
		if r.relationship != "" {
			patient.Relationship = parts.Relationship{Insured: edi.Text("N"), Code: edi.Text(r.relationship)}
		}
	}
	patient.References = references("EJ", r.account)
	if err := w.Patient(patient); err != nil {
		return err
	}
	return w.Request(g.event(r))
}

func or(value, other string) edi.Text {
	if value == "" {
		value = other
	}
	return edi.Text(value)
}

func (g *generator) event(r *row) *authorization.Event {
	e := &authorization.Event{Review: authorization.Review{
		Traces: g.traces(r),
		Request: authorization.Request{
			Category: or(r.category, "HS"), CertificationType: or(r.certification, "I"), ServiceType: edi.Text(r.serviceType),
		},
		Dates: r.dates("AAH"),
	}}
	if r.place != "" {
		e.Request.Facility, e.Request.FacilityQualifier = edi.Text(r.place), edi.Text("B")
	}
	if r.message != "" {
		e.Messages = []parts.Note{{Text: edi.Text(r.message)}}
	}
	for i, code := range r.diagnoses {
		qualifier := "ABF"
		if i == 0 {
			qualifier = "ABK"
		}
		e.Diagnoses = append(e.Diagnoses, parts.HealthCode{Qualifier: edi.Text(qualifier), Code: edi.Text(code)})
	}
	if r.procedure != "" {
		s := authorization.Service{Kind: edi.Text("SV1"), Procedure: r.procedureCode(), Charge: r.charge.part(), Quantity: r.quantity.part()}
		if r.quantity.sent {
			s.Unit = edi.Text("UN")
		}
		s.Dates = r.dates("472")
		e.Services = []authorization.Service{s}
	}
	return e
}
