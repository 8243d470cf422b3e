package authorization

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/internal/encodetest"
	"github.com/ediport/ediport/edi/parts"
)

func text(s string) edi.Text { return edi.Text(s) }

func party(entity, kind, last, qualifier, id string) parts.Party {
	return parts.Party{Name: encodetest.Name(entity, kind, last, qualifier, id)}
}

func therapy(code string) *Event {
	return &Event{
		Review: Review{
			Request: Request{Category: text("HS"), CertificationType: text("I"), ServiceType: text("1"), Facility: text("11"), FacilityQualifier: text("B")},
			Dates:   []parts.Date{{Qualifier: text("AAH"), From: edi.Date{Year: 2026, Month: 2, Day: 1}}},
			Parties: []Party{{Party: party("SJ", "1", "ELM", "XX", "2990000020")}},
		},
		Diagnoses: []parts.HealthCode{{Qualifier: text("ABK"), Code: text("M545")}},
		Services: []Service{{
			Kind: text("SV1"), Procedure: parts.Procedure{Qualifier: text("HC"), Code: text(code)}, Unit: text("UN"),
			Quantity: parts.NewNumber(edi.NewDecimal(8, 0)), Pointers: []edi.Text{text("1")},
		}, {Kind: text("SV2"), Revenue: text("0420")}},
	}
}

// levels writes what stands above the patients of a request.
func levels(enc *Encoder) error {
	return errors.Join(
		enc.Header(&parts.Header{Set: text("278"), Purpose: text("13"), Reference: text("R1")}),
		enc.UMO(&UMO{Party: party("X3", "2", "TAMARIND", "PI", "TAMRN")}),
		enc.Requester(&Requester{Parties: []parts.Party{party("1P", "2", "CEDAR HOLLOW", "XX", "2990000012")}}),
	)
}

func subscriber() *Patient { return &Patient{Name: party("IL", "1", "ASH", "MI", "M1").Name} }

func TestEncodeByHand(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	enc := NewEncoder(&out, encodetest.Envelope())
	if err := errors.Join(levels(enc), enc.Patient(subscriber())); err != nil {
		t.Fatal(err)
	}
	bad := therapy("97110")
	bad.Services[1].Revenue = nil
	if err := enc.Request(bad); err == nil || !strings.HasPrefix(err.Error(), "event 1, loop 2000F: SV2") {
		t.Errorf("a service without code: got %v", err)
	}
	if err := enc.Request(therapy("97110")); err != nil {
		t.Fatal(err)
	}
	if err := enc.Request(therapy("97112")); err == nil || !strings.HasPrefix(err.Error(), "event 3: there are as many") {
		t.Errorf("a second event: got %v", err)
	}
	if err := enc.Close(); err != nil {
		t.Fatal(err)
	}
	const begin = "UM*HS*I*1*11:B~DTP*AAH*D8*20260201~HI*ABK:M545~NM1*SJ*1*ELM*****XX*2990000020~"
	const want = "ST*278*0001*005010X217~BHT*0007*13*R1*20260105*0800~HL*1**20*1~NM1*X3*2*TAMARIND*****PI*TAMRN~HL*2*1*21*1~" +
		"NM1*1P*2*CEDAR HOLLOW*****XX*2990000012~HL*3*2*22*1~NM1*IL*1*ASH*****MI*M1~" +
		"HL*4*3*EV*1~" + begin + "HL*5*4*SS*0~SV1*HC:97110**UN*8***1~HL*6*4*SS*0~SV2*0420~" +
		"SE*18*0001~"
	encodetest.Wrote(t, out.Bytes(), want)
}

// TestEncodeWhoseEvent has events of a subscriber and of a dependent in one document.
func TestEncodeWhoseEvent(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	enc := NewEncoder(&out, encodetest.Envelope())
	of := therapy("97110")
	of.Patient = subscriber()
	child := &Patient{Dependent: true, Name: parts.Name{Entity: text("QC"), Type: text("1"), Last: text("ASH"), First: text("IDA")}}
	err := errors.Join(levels(enc), enc.Patient(subscriber()), enc.Patient(child), enc.Request(therapy("97112")), enc.Request(of), enc.Close())
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"HL*4*3*23*1~", "HL*5*4*EV*1~", "HL*8*3*EV*1~"} {
		encodetest.Wrote(t, out.Bytes(), want)
	}
}

func TestEncodeRefusesLevels(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		tell func(*Encoder) error
		want string
	}{
		{"an event without a patient", func(e *Encoder) error { return e.Request(therapy("97110")) }, "event 1: the level"},
		{"a patient without an event", func(e *Encoder) error { return errors.Join(e.Patient(subscriber()), e.Close()) }, "subscriber 1, loop 2000C: nothing follows"},
		{"a rejection of no name", func(e *Encoder) error {
			return e.Requester(&Requester{Name: party("1P", "2", "CEDAR", "XX", "2990000012").Name, Rejections: []parts.Rejection{{Valid: text("N"), Name: 2}}})
		}, "requester 2: a rejection belongs to a name"},
		{"a rejection of another loop", func(e *Encoder) error {
			p := subscriber()
			p.Rejections = []parts.Rejection{{Valid: text("N"), Loop: "2000E"}}
			return e.Patient(p)
		}, "subscriber 1: a rejection names a loop"},
		{"four related causes", func(e *Encoder) error {
			v := therapy("97110")
			v.Request.Causes = []edi.Text{text("AA"), text("AP"), text("AP"), text("EM")}
			return errors.Join(e.Patient(subscriber()), e.Request(v))
		}, "event 1: there are more related causes"},
		{"a service without kind", func(e *Encoder) error {
			v := therapy("97110")
			v.Services[0].Kind = nil
			return errors.Join(e.Patient(subscriber()), e.Request(v))
		}, "event 1: the service has values"},
		{"a service with a value of another kind", func(e *Encoder) error {
			v := therapy("97110")
			v.Services[0].Revenue = text("0420")
			return errors.Join(e.Patient(subscriber()), e.Request(v))
		}, "event 1: the service has values"},
		{"a decision in a request", func(e *Encoder) error {
			v := therapy("97110")
			v.Decision = Decision{Action: text("A1")}
			return errors.Join(e.Patient(subscriber()), e.Request(v))
		}, "event 1, loop 2000E: the segment HCR"},
	} {
		encodetest.Refused(t, c.name, NewEncoder, levels, c.tell, c.want)
	}
}
