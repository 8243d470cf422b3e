package eligibility

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
		"GS*HB*TAMARINDMUTUAL*EDIPORTDEMO*20260105*0800*1*X*005010X279A1~"
	head = "ST*271*0001*005010X279A1~BHT*0022*11*X*20260105*0800~HL*1**20*1~NM1*PR*2*TAMARIND*****PI*TAMRN~" +
		"HL*2*1*21*1~NM1*1P*2*CEDAR HOLLOW*****XX*2990000012~"
	tail = "SE*0*0001~GE*1*1~IEA*1*000000001~"
	anna = "HL*3*2*22*0~NM1*IL*1*ASH*ANNA****MI*M1~"
)

// recorder keeps a dump of each event as it came, and a clone of it.
type recorder struct {
	live   strings.Builder
	clones []func() string
	seen   map[int64]bool
	names  []string

	subscribers, dependents, benefits, rejections, inquiries int
	information                                              map[string]int
}

var follow = []string{"Source", "Receiver", "Subscriber"}

func (r *recorder) note(name string, e parts.Entity, live, clone any) error {
	if r.seen == nil {
		r.seen, r.information = make(map[int64]bool), make(map[string]int)
	}
	for _, s := range e.Segments {
		r.seen[s.Pos().Offset] = true
	}
	r.names = append(r.names, name)
	r.live.WriteString(decodetest.Dump(name, live, follow...))
	r.clones = append(r.clones, func() string { return decodetest.Dump(name, clone, follow...) })
	return nil
}

func (r *recorder) Header(h *parts.Header) error {
	r.rejections += len(h.Rejections)
	return r.note("Header", h.Entity, h, h)
}

func (r *recorder) Stray(s *parts.Stray) error {
	err := r.note("Stray", s.Entity, s, nil)
	text := decodetest.Dump("Stray", s)
	r.clones[len(r.clones)-1] = func() string { return text } // a Stray is for looking at, it has no Clone
	return err
}

func (r *recorder) Source(s *Source) error {
	r.rejections += len(s.Rejections)
	return r.note("Source", s.Entity, s, s.Clone())
}

func (r *recorder) Receiver(v *Receiver) error {
	r.rejections += len(v.Rejections)
	return r.note("Receiver", v.Entity, v, v.Clone())
}

func (r *recorder) person(p *Person) {
	if p.Dependent {
		r.dependents++
	} else {
		r.subscribers++
	}
}

func (r *recorder) Answer(a *Answer) error {
	r.person(&a.Person)
	r.benefits += len(a.Benefits)
	r.rejections += len(a.Rejections)
	err := r.note("Answer", a.Entity, a, a.Clone())
	for i := range a.Benefits {
		r.information[a.Benefits[i].Information.String()]++
	}
	return err
}

func (r *recorder) Inquiry(q *Inquiry) error {
	r.person(&q.Person)
	if len(q.Questions) > 0 {
		r.inquiries++
	}
	return r.note("Inquiry", q.Entity, q, q.Clone())
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
		{"a subscriber", head + anna, "Header Source Receiver Answer"},
		{"a source that rejects everything", "ST*271*1~BHT*0022*11~HL*1**20*0~AAA*Y**42*R~", "Header Source"},
		{"a receiver that is not known", head + "AAA*N**51*C~", "Header Source Receiver"},
		{"a dependent", head + "HL*3*2*22*1~NM1*IL*1*ASH~HL*4*3*23*0~NM1*03*1*ASH*BO~", "Header Source Receiver Answer Answer"},
		{"two receivers", head + anna + "HL*4*1*21*1~NM1*1P*2*JUNIPER~HL*5*4*22*0~NM1*IL*1*YEW~", "Header Source Receiver Answer Receiver Answer"},
		{"a level that the guide does not have", head + anna + "HL*4*2*ZZ*0~NM1*IL*1*YEW~" + "HL*5*2*22*0~NM1*IL*1*FIR~", "Header Source Receiver Answer Answer Answer"},
		{"a level below nothing", head + anna + "HL*4*77*ZZ*0~NM1*IL*1*YEW~", "Header Source Receiver Answer Stray"},
		{"a rejection before all levels", "ST*271*1~BHT*0022*11~AAA*N**42*C~", "Header Source"},
		{"the HL of a second subscriber is missing", head + anna + "NM1*IL*1*YEW*BEA~EB*6**30~", "Header Source Receiver Answer Answer"},
		{"the HL of a subscriber is missing", head + "NM1*IL*1*ASH*ANNA~EB*1**30~", "Header Source Receiver Answer"},
	} {
		if got := strings.Join(read(t, envelope+c.x12+tail).names, " "); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestFields(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, x12, want string }{
		{"several service types in one benefit", head + anna + "EB*1**30^98^A6~", "Answer.Benefits[0].ServiceTypes[2] = A6"},
		{"a co-payment of nothing is an amount", head + anna + "EB*B**98***27*0~", "Answer.Benefits[0].Amount = 0"},
		{"a percentage is a fraction", head + anna + "EB*A**98*****.2~", "Answer.Benefits[0].Percent = 0.2"},
		{"a person who was not found", head + anna + "AAA*N**75*C~", "Answer.Rejections[0].Loop = 2100C"},
		{"a benefit that is refused", head + anna + "EB*1~AAA*N**54*N~", "Answer.Rejections[0].Loop = 2110C|Answer.Benefits[0].Rejections[0].Reason = 54"},
		{
			"a dependent of the wrong subscriber", head + "HL*3*2*22*1~NM1*IL*1*ASH~HL*4*2*22*1~NM1*IL*1*YEW~HL*5*3*23*0~NM1*03*1*ASH*BO~",
			"Answer.Dependent = true|Answer.Problems[0].Segment = HL|!Answer.Subscriber",
		},
		{"a range of dates marked as a day", head + anna + "DTP*291*D8*20260101-20261231~", "Answer.Dates[0].To = 2026-12-31"},
		{"a rejection where the guide has none", head + "HL*3*2*22*0~AAA*N**42*C~", "Answer.Rejections[0].Reason = 42"},
		{"the route of an answer", head + anna, "Answer.Receiver.Name.ID = 2990000012|Answer.Source.Name.ID = TAMRN|Answer.Context[0].Code = 20|" +
			"Answer.Context[1].Code = 21|Answer.Level.Code = 22|Answer.Context[1].ID = 2"},
		{"the route of an answer before another receiver", head + anna + "HL*4*1*21*1~NM1*1P*2*JUNIPER~", "Answer.Receiver.Name.ID = 2990000012|" +
			"Answer.Context[1].ID = 2|Answer.Level.ID = 3|!Answer.Context[2]"},
		{
			"an entity of a benefit", head + anna + "EB*R**30~LS*2120~NM1*PRP*2*OTHER~N4*DOVER*DE~PER*IC**TE*1~LE*2120~EB*1**30~",
			"Answer.Benefits[0].Entities[0].Address.City = DOVER|Answer.Benefits[0].Entities[0].Contacts[0].Numbers[0].Number = 1|Answer.Benefits[1].Information = 1",
		},
	} {
		got := read(t, envelope+c.x12+tail).live.String()
		for want := range strings.SplitSeq(c.want, "|") {
			if not, ok := strings.CutPrefix(want, "!"); ok {
				if strings.Contains(got, not) {
					t.Errorf("%s: %q is in\n%s", c.name, not, got)
				}
			} else if !strings.Contains(got, want+"\n") {
				t.Errorf("%s: no %q in\n%s", c.name, want, got)
			}
		}
	}
}

// TestLent shows what "lent" means: the next subscriber overwrites the one before, a clone stays.
func TestLent(t *testing.T) {
	t.Parallel()
	var kept, clone *Answer
	for a, err := range Answers(edi.NewReader(strings.NewReader(envelope + head + anna + "HL*4*2*22*0~NM1*IL*1*YEW*BEA~" + tail))) {
		if err != nil {
			t.Fatal(err)
		}
		if kept == nil {
			kept, clone = a, a.Clone()
		}
	}
	if kept.Name.First.Is("ANNA") || !clone.Name.First.Is("ANNA") || !clone.Receiver.Name.ID.Is("2990000012") {
		t.Errorf("kept %q, clone %q: want the memory to be used again and the clone to stay", kept.Name.First, clone.Name.First)
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

func TestNoAllocationPerPerson(t *testing.T) {
	var b bytes.Buffer
	b.WriteString(envelope + head)
	for i := range 200 {
		fmt.Fprintf(&b, "HL*%d*2*22*0~TRN*2*T%d*9CEDARHOLW~NM1*IL*1*ASH*ANNA****MI*M%d~REF*6P*G~DMG*D8*19800101*F~DTP*346*D8*20260101~"+
			"EB*1**30^98*HM*GOLD~DTP*307*RD8*20260101-20261231~MSG*NOTE~EB*B**98***27*25~LS*2120~NM1*PRP*2*OTHER~PER*IC**TE*1~LE*2120~", i+3, i, i)
	}
	b.WriteString(tail)
	segments, steps := decodetest.Replay(t, b.Bytes())
	d := NewDecoder(Ignore{})
	at := 0
	person := func() {
		for {
			if err := d.Segment(segments[at], steps[at]); err != nil {
				t.Fatal(err)
			}
			at++
			if segments[at].Is("HL") {
				return
			}
		}
	}
	for range 20 {
		person()
	}
	if n := testing.AllocsPerRun(100, person); n != 0 {
		t.Errorf("%v allocations per person, want 0", n)
	}
}

func FuzzRead(f *testing.F) {
	for _, x12 := range decodetest.Inputs(f) {
		f.Add(x12)
	}
	f.Fuzz(func(t *testing.T, x12 []byte) {
		r := new(recorder)
		_ = Read(edi.NewReader(bytes.NewReader(x12)), r) // an error is fine, a panic is not
		decodetest.NothingLost(t, x12, r.seen, InquirySet, AnswerSet)
		decodetest.Equal(t, r.cloned(), r.live.String())
	})
}

func TestCorpus(t *testing.T) {
	for _, c := range []struct {
		set     string
		atLeast int
	}{{AnswerSet, 20}, {InquirySet, 10}} {
		t.Run(c.set, func(t *testing.T) { corpus(t, c.set, c.atLeast) })
	}
}

func corpus(t *testing.T, set string, atLeast int) {
	var r *recorder
	begin := func() decode.Sink { r = new(recorder); return NewDecoder(r) }
	decodetest.Corpus(t, set, atLeast, begin, func(t *testing.T, set decodetest.Set) {
		decodetest.Equal(t, r.cloned(), r.live.String())
		f := set.Facts
		if f.Int(t, "n_hl20") == 0 {
			decodetest.Counts(t, f, set.Lost(r.seen)) // nobody to give benefits to
			return
		}
		decodetest.Counts(t, f, set.Lost(r.seen),
			decodetest.Count{Name: "subscribers", Got: r.subscribers, Want: f.Int(t, "n_subscribers")},
			decodetest.Count{Name: "dependents", Got: r.dependents, Want: f.Int(t, "n_dependents")},
			decodetest.Count{Name: "benefits", Got: r.benefits, Want: f.Int(t, "n_eb")},
			decodetest.Count{Name: "rejections", Got: r.rejections, Want: f.Int(t, "n_aaa")},
			decodetest.Count{Name: "inquiries", Got: r.inquiries, Want: f.Int(t, "n_inquiries")},
		)
		for code, n := range decodetest.ByCode(t, f["eb01"]) {
			if r.information[code] != n {
				t.Errorf("ST %s: %d benefits with EB01 %s, want %d", f["st02"], r.information[code], code, n)
			}
		}
	})
}
