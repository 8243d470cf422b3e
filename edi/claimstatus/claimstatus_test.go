package claimstatus

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
		"GS*HN*TAMARINDMUTUAL*EDIPORTDEMO*20260105*0800*1*X*005010X212~"
	head = "ST*277*0001*005010X212~BHT*0010*08*X*20260105*0800*DG~HL*1**20*1~NM1*PR*2*TAMARIND*****PI*TAMRN~" +
		"HL*2*1*21*1~NM1*41*2*CLEARING*****46*C1~HL*3*2*19*1~NM1*1P*2*CEDAR HOLLOW*****XX*2990000012~"
	tail = "SE*0*0001~GE*1*1~IEA*1*000000001~"
	anna = "HL*4*3*22*0~NM1*IL*1*ASH*ANNA****MI*M1~TRN*2*T1~STC*P1:20*20260101~"
)

// recorder keeps a dump of each event as it came, and a clone of it.
type recorder struct {
	live   strings.Builder
	clones []func() string
	seen   map[int64]bool
	names  []string

	claims, requests, statuses, strays int
	categories                         map[string]int
}

var follow = []string{"Source", "Receiver", "Provider", "Subscriber", "Patient"}

func (r *recorder) note(name string, e parts.Entity, live, clone any) error {
	if r.seen == nil {
		r.seen, r.categories = make(map[int64]bool), make(map[string]int)
	}
	for _, s := range e.Segments {
		r.seen[s.Pos().Offset] = true
	}
	r.names = append(r.names, name)
	r.live.WriteString(decodetest.Dump(name, live, follow...))
	r.clones = append(r.clones, func() string { return decodetest.Dump(name, clone, follow...) })
	return nil
}

func (r *recorder) count(list []Status) {
	r.statuses += len(list)
	for i := range list {
		for _, c := range list[i].Codes {
			if len(c.Category) > 0 {
				r.categories[c.Category.String()]++
			}
		}
	}
}

func (r *recorder) Header(h *parts.Header) error { return r.note("Header", h.Entity, h, h) }

func (r *recorder) Stray(s *parts.Stray) error {
	r.strays++
	err := r.note("Stray", s.Entity, s, nil)
	text := decodetest.Dump("Stray", s)
	r.clones[len(r.clones)-1] = func() string { return text } // a Stray is for looking at, it has no Clone
	return err
}

func (r *recorder) Source(s *Source) error {
	err := r.note("Source", s.Entity, s, s.Clone())
	r.count(s.Statuses)
	return err
}

func (r *recorder) Receiver(v *Receiver) error {
	err := r.note("Receiver", v.Entity, v, v.Clone())
	r.count(v.Statuses)
	return err
}

func (r *recorder) Provider(p *Provider) error {
	err := r.note("Provider", p.Entity, p, p.Clone())
	r.count(p.Statuses)
	return err
}

func (r *recorder) Patient(p *Patient) error { return r.note("Patient", p.Entity, p, p.Clone()) }

func (r *recorder) Claim(c *Claim) error {
	err := r.note("Claim", c.Entity, c, c.Clone())
	if len(c.Traces) > 0 {
		r.claims++
	}
	r.count(c.Statuses)
	for i := range c.Lines {
		r.count(c.Lines[i].Statuses)
	}
	return err
}

func (r *recorder) Request(c *Claim) error {
	r.requests++
	return r.note("Request", c.Entity, c, c.Clone())
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
		{"a claim", head + anna, "Header Source Receiver Provider Patient Claim"},
		{"two claims of one patient", head + anna + "TRN*2*T2~STC*P1:20~", "Header Source Receiver Provider Patient Claim Claim"},
		{"a dependent", head + "HL*4*3*22*1~NM1*IL*1*ASH~HL*5*4*23~NM1*QC*1*ASH*BO~TRN*2*T1~STC*D0:35~", "Header Source Receiver Provider Patient Patient Claim"},
		{"a status of the receiver only", "ST*277*1*005010X212~BHT*0010*08~HL*1**20*1~NM1*PR*2*T~HL*2*1*21*0~NM1*41*2*C~TRN*2*X~STC*E0:24~", "Header Source Receiver"},
		{"two providers", head + anna + "HL*5*2*19*1~NM1*1P*2*JUNIPER~HL*6*5*22*0~NM1*IL*1*YEW~TRN*2*T2~", "Header Source Receiver Provider Patient Claim Provider Patient Claim"},
		{"the HL of a second patient is missing", head + anna + "NM1*IL*1*YEW~TRN*2*T2~STC*P1:20~", "Header Source Receiver Provider Patient Claim Patient Claim"},
		{"a level below nothing", head + anna + "HL*5*77*ZZ*0~NM1*IL*1*YEW~TRN*2*T2~", "Header Source Receiver Provider Patient Claim Stray"},
	} {
		if got := strings.Join(read(t, envelope+c.x12+tail).names, " "); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestFields(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, x12, want string }{
		{
			"three codes in one STC", head + anna + "STC*F1:65*20260102**1*1****9*F2:66:QC*R3:67::RX~",
			"Claim.Statuses[1].Codes[0].Category = F1|Claim.Statuses[1].Codes[1].Entity = QC|Claim.Statuses[1].Codes[2].List = RX|Claim.Statuses[1].PaymentNumber = 9",
		},
		{
			"the provider is the one with an NPI", strings.Replace(head, "NM1*1P*2*CEDAR HOLLOW*****XX", "NM1*1P*2*OLD*****FI*1~NM1*1P*2*CEDAR HOLLOW*****XX", 1) + anna,
			"Claim.Provider.Name.ID = 2990000012|Claim.Provider.Names[0].ID = 1",
		},
		{
			"a trace of the wrong type is still the receiver's", strings.Replace(head, "HL*3*2*19", "TRN*1*B7~STC*A1:19~HL*3*2*19", 1),
			"Receiver.Traces[0].Number = B7|Receiver.Statuses[0].Codes[0].Category = A1",
		},
		{"a claim without TRN", head + "HL*4*3*22*0~NM1*IL*1*ASH~HL*5*4*23~NM1*QC*1*ASH*BO~STC*A1:20~REF*1K*9~", "Claim.References[0].ID = 9|Claim.Patient.Name.First = BO"},
		{"the route of a claim", head + anna, "Claim.Patient.Name.ID = M1|Claim.Patient.Level.Code = 22|Claim.Patient.Context[2].Code = 19|Claim.Source.Name.ID = TAMRN"},
		{"a status of a line", head + anna + "SVC*HC:99213*10*5*0510***2~STC*F2:1*20260101~", "Claim.Lines[0].Statuses[0].Codes[0].Status = 1|Claim.Lines[0].Units = 2"},
		{"an amount that is none", head + anna + "STC*F1:65*20260102**x~", "Claim.Problems[0].Segment = STC|Claim.Problems[0].Element = 4"},
	} {
		got := read(t, envelope+c.x12+tail).live.String()
		for want := range strings.SplitSeq(c.want, "|") {
			if !strings.Contains(got, want+"\n") {
				t.Errorf("%s: no %q in\n%s", c.name, want, got)
			}
		}
	}
}

// TestLent shows what "lent" means: the next claim overwrites the one before, a clone stays.
func TestLent(t *testing.T) {
	t.Parallel()
	var kept, clone *Claim
	for c, err := range Claims(edi.NewReader(strings.NewReader(envelope + head + anna + "TRN*2*T2~STC*P1:20~" + tail))) {
		if err != nil {
			t.Fatal(err)
		}
		if kept == nil {
			kept, clone = c, c.Clone()
		}
	}
	if kept.Ordinal != 2 || !clone.Traces[0].Number.Is("T1") || !clone.Provider.Name.ID.Is("2990000012") {
		t.Errorf("kept claim %d, clone %q: want the memory to be used again and the clone to stay", kept.Ordinal, clone.Traces[0].Number)
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

func TestNoAllocationPerClaim(t *testing.T) {
	var b bytes.Buffer
	b.WriteString(envelope + head)
	for i := range 200 {
		fmt.Fprintf(&b, "HL*%d*3*22*0~NM1*IL*1*ASH*ANNA****MI*M%d~TRN*2*T%d~STC*F1:65*20260103**162*101.2*20260102**20260105*4711~REF*1K*P%d~"+
			"DTP*472*D8*20251207~SVC*HC:99213*150*101.2****1~STC*F1:65*20260103~DTP*472*D8*20251207~", i+4, i, i, i)
	}
	b.WriteString(tail)
	segments, steps := decodetest.Replay(t, b.Bytes())
	d := NewDecoder(Ignore{})
	at := 0
	claim := func() {
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
		claim()
	}
	if n := testing.AllocsPerRun(100, claim); n != 0 {
		t.Errorf("%v allocations per claim, want 0", n)
	}
}

func FuzzRead(f *testing.F) {
	for _, x12 := range decodetest.Inputs(f) {
		f.Add(x12)
	}
	f.Fuzz(func(t *testing.T, x12 []byte) {
		r := new(recorder)
		_ = Read(edi.NewReader(bytes.NewReader(x12)), r) // an error is fine, a panic is not
		decodetest.NothingLost(t, x12, r.seen, RequestSet, AnswerSet)
		decodetest.Equal(t, r.cloned(), r.live.String())
	})
}

func TestCorpus(t *testing.T) {
	for _, c := range []struct {
		set     string
		atLeast int
	}{{AnswerSet, 20}, {RequestSet, 5}} {
		t.Run(c.set, func(t *testing.T) { corpus(t, c.set, c.atLeast) })
	}
}

func corpus(t *testing.T, set string, atLeast int) {
	var r *recorder
	begin := func() decode.Sink { r = new(recorder); return NewDecoder(r) }
	decodetest.Corpus(t, set, atLeast, begin, func(t *testing.T, set decodetest.Set) {
		decodetest.Equal(t, r.cloned(), r.live.String())
		f := set.Facts
		if r.strays > 0 {
			decodetest.Counts(t, f, set.Lost(r.seen)) // whose parent is unknown is nobody's
			return
		}
		decodetest.Counts(t, f, set.Lost(r.seen),
			decodetest.Count{Name: "claims", Got: r.claims, Want: f.Int(t, "n_claims")},
			decodetest.Count{Name: "requests", Got: r.requests, Want: f.Int(t, "n_inquiries")},
			decodetest.Count{Name: "statuses", Got: r.statuses, Want: f.Int(t, "n_stc")},
		)
		for code, n := range decodetest.ByCode(t, f["stc_category"]) {
			if r.categories[code] != n {
				t.Errorf("ST %s: %d statuses of category %s, want %d", f["st02"], r.categories[code], code, n)
			}
		}
	})
}
