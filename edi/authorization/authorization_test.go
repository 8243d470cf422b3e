package authorization

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/internal/decode"
	"github.com/ediport/ediport/edi/internal/decodetest"
	"github.com/ediport/ediport/edi/parts"
)

const (
	envelope = "ISA*00*          *00*          *ZZ*TAMARINDMUTUAL *ZZ*EDIPORTDEMO    *260105*0800*^*00501*000000001*0*P*:~" +
		"GS*HI*TAMARINDMUTUAL*EDIPORTDEMO*20260105*0800*1*X*005010X217~"
	head = "ST*278*0001*005010X217~BHT*0007*11*X*20260105*0800*18~HL*1**20*1~NM1*X3*2*TAMARIND*****PI*TAMRN~" +
		"HL*2*1*21*1~NM1*1P*2*CEDAR HOLLOW*****XX*2990000012~HL*3*2*22*1~NM1*IL*1*ASH*ANNA****MI*M1~"
	tail = "SE*0*0001~GE*1*1~IEA*1*000000001~"
	care = "HL*4*3*EV*1~TRN*2*T1*9CEDARHOLW~UM*HS*I*1~HCR*A1*AUTH1~"
)

// recorder keeps a dump of each event as it came, and a clone of it.
type recorder struct {
	live   strings.Builder
	clones []func() string
	seen   map[int64]bool
	names  []string

	events, services, decisions, rejections int
	actions                                 map[string]int
}

var follow = []string{"UMO", "Requester", "Patient", "Subscriber"}

func (r *recorder) note(name string, e parts.Entity, live, clone any) error {
	if r.seen == nil {
		r.seen, r.actions = make(map[int64]bool), make(map[string]int)
	}
	for _, s := range e.Segments {
		r.seen[s.Pos().Offset] = true
	}
	r.countAbove(name, e)
	r.names = append(r.names, name)
	r.live.WriteString(decodetest.Dump(name, live, follow...))
	r.clones = append(r.clones, func() string { return decodetest.Dump(name, clone, follow...) })
	return nil
}

// countAbove counts decisions that stand where no event is: nobody's, kept raw.
func (r *recorder) countAbove(name string, e parts.Entity) {
	if name == "Request" || name == "Response" {
		return
	}
	for _, s := range e.Unplaced {
		if s.Is("HCR") {
			r.decisions++
			r.actions[s.Value(1)]++
		}
	}
}

func (r *recorder) decide(d *Decision) {
	if !d.IsZero() {
		r.decisions++
		r.actions[d.Action.String()]++
	}
}

func (r *recorder) Header(h *parts.Header) error {
	r.rejections += len(h.Rejections)
	return r.note("Header", h.Entity, h, h)
}

func (r *recorder) Stray(s *parts.Stray) error {
	r.rejections += len(s.Rejections)
	err := r.note("Stray", s.Entity, s, nil)
	text := decodetest.Dump("Stray", s)
	r.clones[len(r.clones)-1] = func() string { return text } // a Stray is for looking at, it has no Clone
	return err
}

func (r *recorder) UMO(u *UMO) error {
	r.rejections += len(u.Rejections)
	return r.note("UMO", u.Entity, u, u.Clone())
}

func (r *recorder) Requester(q *Requester) error {
	r.rejections += len(q.Rejections)
	return r.note("Requester", q.Entity, q, q.Clone())
}

func (r *recorder) Patient(p *Patient) error {
	r.rejections += len(p.Rejections)
	return r.note("Patient", p.Entity, p, p.Clone())
}

func (r *recorder) Request(e *Event) error  { return r.event("Request", e) }
func (r *recorder) Response(e *Event) error { return r.event("Response", e) }

func (r *recorder) event(name string, e *Event) error {
	err := r.note(name, e.Entity, e, e.Clone())
	if e.Level.ID != 0 {
		r.events++
	}
	r.services += len(e.Services)
	r.rejections += len(e.Rejections)
	r.decide(&e.Decision)
	for i := range e.Services {
		r.decide(&e.Services[i].Decision)
	}
	return err
}

func (r *recorder) cloned() string {
	var b strings.Builder
	for _, c := range r.clones {
		b.WriteString(c())
	}
	return b.String()
}

func read(t *testing.T, x12 string) *recorder {
	t.Helper()
	r := new(recorder)
	if err := Read(edi.NewReader(strings.NewReader(x12)), r); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestGolden(t *testing.T) {
	decodetest.Golden(t, func(t *testing.T, x12 string) string {
		r := read(t, x12)
		decodetest.Equal(t, r.cloned(), r.live.String())
		return r.live.String()
	})
}

func TestEvents(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, x12, want string }{
		{"an event", head + care, "Header UMO Requester Patient Response"},
		{"a request", strings.Replace(head, "*11*", "*13*", 1) + care, "Header UMO Requester Patient Request"},
		{"two events with services", head + care + "HL*5*4*SS*0~SV1*HC:1~HL*6*3*EV*1~UM*HS*I*1~HL*7*6*SS*0~SV1*HC:2~", "Header UMO Requester Patient Response Response"},
		{"an organization that rejects everything", "ST*278*1*005010X217~BHT*0007*11*X*20260105*0800*18~HL*1**20*0~AAA*Y**42*R~", "Header UMO"},
		{"a patient who is not known", head + "AAA*N**75*C~", "Header UMO Requester Patient"},
		{"a service of an event of the past", head + care + "HL*5*3*EV*1~UM*HS*I*2~HL*6*4*SS*0~SV1*HC:1~", "Header UMO Requester Patient Response Response Response"},
		{"the HL of a second patient is missing", head + "NM1*IL*1*YEW~", "Header UMO Requester Patient Patient"},
		{"a level below nothing", head + care + "HL*5*77*ZZ*0~NM1*IL*1*YEW~", "Header UMO Requester Patient Response Stray"},
	} {
		if got := strings.Join(read(t, envelope+c.x12+tail).names, " "); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestFields(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, x12, want string }{
		{"a decision with reasons", head + "HL*4*3*EV*0~UM*HS*I*1~HCR*A3**0K^0L~", "Response.Decision.Action = A3|Response.Decision.Reasons[1] = 0L"},
		{
			"the decision of a service", head + care + "HL*5*4*SS*0~HCR*A6*N7~SV1*HC:1:GP*5*UN*2~",
			"Response.Services[0].Decision.Number = N7|Response.Services[0].Quantity = 2|Response.Services[0].Level.ID = 5|Response.Decision.Number = AUTH1",
		},
		{"a decision where a request has none", strings.Replace(head, "*11*", "*13*", 1) + care, "Request.Decision.Number = AUTH1|Request.Unplaced[0] = HCR*A1*AUTH1"},
		{
			"a rejection of a service", head + care + "HL*5*4*SS*0~AAA*N**AG*C~SV1*HC:1~",
			"Response.Services[0].Rejections[0].Reason = AG|Response.Rejections[0].Loop = 2000F",
		},
		{
			"providers of event and service", head + care + "NM1*71*1*ROOK~PRV*AT*PXC*2~HL*5*4*SS*0~SV1*HC:1~NM1*SJ*2*HERON~",
			"Response.Parties[0].Provider.ID = 2|Response.Services[0].Parties[0].Loop = 2010FA",
		},
		{"the route of an event", head + care, "Response.Requester.Name.ID = 2990000012|Response.Context[2].Code = 22|Response.Level.Code = EV|Response.Patient.Name.ID = M1"},
		{"an event of a dependent", head + "HL*4*3*23*1~NM1*QC*1*ASH*BO~HL*5*4*EV*0~UM*HS*I*1~", "Response.Patient.Dependent = true|Response.Patient.Subscriber.Name.First = ANNA"},
		{
			"an event of the subscriber after one of a dependent", head + "HL*4*3*23*1~NM1*QC*1*ASH*BO~HL*5*4*EV*0~UM*HS*I*1~HL*6*3*EV*0~UM*HS*I*2~",
			"Response.Request.ServiceType = 2|Response.Patient.Name.First = ANNA",
		},
	} {
		got := read(t, envelope+c.x12+tail).live.String()
		for want := range strings.SplitSeq(c.want, "|") {
			if !strings.Contains(got, want+"\n") {
				t.Errorf("%s: no %q in\n%s", c.name, want, got)
			}
		}
	}
}

// TestLent shows what "lent" means: the next event overwrites the one before, a clone stays.
func TestLent(t *testing.T) {
	t.Parallel()
	var kept, clone *Event
	for e, err := range Responses(edi.NewReader(strings.NewReader(envelope + head + care + "HL*5*3*EV*0~UM*HS*I*1~HCR*A3*AUTH2~" + tail))) {
		if err != nil {
			t.Fatal(err)
		}
		if kept == nil {
			kept, clone = e, e.Clone()
		}
	}
	if !kept.Decision.Number.Is("AUTH2") || !clone.Decision.Number.Is("AUTH1") || !clone.Patient.Name.First.Is("ANNA") {
		t.Errorf("kept %q, clone %q: want the memory to be used again and the clone to stay", kept.Decision.Number, clone.Decision.Number)
	}
}

func TestPieces(t *testing.T) {
	t.Parallel()
	for _, x12 := range decodetest.Inputs(t) {
		pieces := new(recorder)
		if err := Read(edi.NewReader(iotest.OneByteReader(bytes.NewReader(x12))), pieces); err != nil {
			t.Fatal(err)
		}
		decodetest.Equal(t, pieces.live.String(), read(t, string(x12)).live.String())
	}
}

func TestNoAllocationPerEvent(t *testing.T) {
	var b bytes.Buffer
	b.WriteString(envelope + head)
	for i := range 200 {
		fmt.Fprintf(&b, "HL*%d*3*EV*1~TRN*2*T%d*9CEDARHOLW~UM*HS*I*1*11:B**E~HCR*A2*N%d*0K^0L~DTP*AAH*RD8*20261201-20270228~HI*ABK:F802~"+
			"NM1*71*1*ROOK*PERIN****XX*2990000137~PRV*AT*PXC*207Q00000X~"+
			"HL*%d*%d*SS*0~TRN*2*U%d*9CEDARHOLW~HCR*A1*M%d~SV1*HC:92523:GN*410*UN*1***1:2~HSD*VS*12*WK*1*34*12~MSG*NOTE~", 2*i+4, i, i, 2*i+5, 2*i+4, i, i)
	}
	b.WriteString(tail)
	segments, steps := decodetest.Replay(t, b.Bytes())
	d := NewDecoder(Ignore{})
	at := 0
	event := func() {
		for {
			if err := d.Segment(segments[at], steps[at]); err != nil {
				t.Fatal(err)
			}
			at++
			if segments[at].Is("HL") && segments[at].Text(3).Is("EV") {
				return
			}
		}
	}
	for range 20 {
		event()
	}
	if n := testing.AllocsPerRun(100, event); n != 0 {
		t.Errorf("%v allocations per event, want 0", n)
	}
}

func FuzzRead(f *testing.F) {
	for _, x12 := range decodetest.Inputs(f) {
		f.Add(x12)
	}
	f.Fuzz(func(t *testing.T, x12 []byte) {
		r := new(recorder)
		_ = Read(edi.NewReader(bytes.NewReader(x12)), r) // an error is fine, a panic is not
		decodetest.NothingLost(t, x12, r.seen, Set)
		decodetest.Equal(t, r.cloned(), r.live.String())
	})
}

func TestCorpus(t *testing.T) {
	var r *recorder
	begin := func() decode.Sink { r = new(recorder); return NewDecoder(r) }
	decodetest.Corpus(t, Set, 20, begin, func(t *testing.T, set decodetest.Set) {
		decodetest.Equal(t, r.cloned(), r.live.String())
		f := set.Facts
		decodetest.Counts(t, f, set.Lost(r.seen),
			decodetest.Count{Name: "events", Got: r.events, Want: f.Int(t, "n_events")},
			decodetest.Count{Name: "services", Got: r.services, Want: f.Int(t, "n_services")},
			decodetest.Count{Name: "decisions", Got: r.decisions, Want: f.Int(t, "n_hcr")},
			decodetest.Count{Name: "rejections", Got: r.rejections, Want: f.Int(t, "n_aaa")},
		)
		for code, n := range decodetest.ByCode(t, f["hcr01"]) {
			if r.actions[code] != n {
				t.Errorf("ST %s: %d decisions %s, want %d", f["st02"], r.actions[code], code, n)
			}
		}
	})
}
