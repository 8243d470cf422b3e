package remittance

import (
	"strings"
	"testing"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/internal/decode"
	"github.com/ediport/ediport/edi/internal/decodetest"
	"github.com/ediport/ediport/edi/parts"
)

const (
	envelope = "ISA*00*          *00*          *ZZ*TAMARINDMUTUAL *ZZ*EDIPORTDEMO    *260105*0800*^*00501*000000001*0*P*:~" +
		"GS*HP*TAMARINDMUTUAL*EDIPORTDEMO*20260105*0800*1*X*005010X221A1~"
	head = "ST*835*0001~BPR*I*100*C*ACH*CCP*01*011000015*DA*1*1001220001**01*011000015*DA*2*20260105~TRN*1*T1*1001220001~" +
		"N1*PR*TAMARIND MUTUAL HEALTH PLAN~N3*1 ELM~N4*DOVER*DE*19901~PER*BL*HELP*TE*3025550100~" +
		"N1*PE*CEDAR HOLLOW FAMILY PRACTICE*XX*2990000012~LX*1~"
	tail = "GE*1*1~IEA*1*000000001~"
)

// document puts a body between header and trailer. SE01 is not counted: nothing here depends on it.
func document(body string) string { return envelope + head + body + "SE*0*0001~" + tail }

// recorder keeps a dump of each event as it came, and a clone of it.
type recorder struct {
	live   strings.Builder
	clones []func() string
	seen   map[int64]bool
	tally  Tally
	last   *Payment
	plbs   int
}

func (r *recorder) mark(e parts.Entity) {
	if r.seen == nil {
		r.seen = make(map[int64]bool)
	}
	for _, s := range e.Segments {
		r.seen[s.Pos().Offset] = true
	}
}

func (r *recorder) Payment(p *Payment) error {
	r.mark(p.Entity)
	r.last = p
	r.live.WriteString(decodetest.Dump("Payment", p))
	r.clones = append(r.clones, func() string { return decodetest.Dump("Payment", p) })
	return nil
}

func (r *recorder) Summary(s *Summary) error {
	r.mark(s.Entity)
	r.live.WriteString(decodetest.Dump("Summary", s))
	c := s.Clone()
	r.clones = append(r.clones, func() string { return decodetest.Dump("Summary", c) })
	return nil
}

func (r *recorder) Claim(c *Claim) error {
	r.mark(c.Entity)
	r.tally.AddClaim(c)
	r.live.WriteString(decodetest.Dump("Claim", c, "Summary"))
	k := c.Clone()
	r.clones = append(r.clones, func() string { return decodetest.Dump("Claim", k, "Summary") })
	return nil
}

func (r *recorder) ProviderAdjustment(p *ProviderAdjustment) error {
	r.mark(p.Entity)
	r.plbs++
	r.tally.AddProviderAdjustment(p)
	r.live.WriteString(decodetest.Dump("ProviderAdjustment", p))
	k := p.Clone()
	r.clones = append(r.clones, func() string { return decodetest.Dump("ProviderAdjustment", k) })
	return nil
}

// cloned is what the clones say after all was read.
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

func TestClaimBalance(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, x12, want string }{
		{"paid in full", "CLP*A1*1*100*100**MC*P1~", "0"},
		{"contractual write-off", "CLP*A1*1*100*80**MC*P1~CAS*CO*45*20~", "0"},
		{"one cent missing", "CLP*A1*1*100*80**MC*P1~CAS*CO*45*19.99~", "0.01"},
		{"line level", "CLP*A1*1*100*80**MC*P1~SVC*HC:99213*100*80~CAS*CO*45*15**253*5~", "0"},
		{"both levels", "CLP*A1*1*100*70**MC*P1~CAS*PR*1*10~SVC*HC:99213*100*80~CAS*CO*45*20~", "0"},
		{"reversal", "CLP*A1*22*-100*-80**MC*P1~CAS*CO*45*-20~", "0"},
		{"six reasons in one CAS", "CLP*A1*1*21*0**MC*P1~CAS*CO*1*1*1*2*2*1*3*3*1*4*4*1*5*5*1*6*6*1~", "0"},
		{"a reason without an amount", "CLP*A1*1*10*10**MC*P1~CAS*CO*45~", "0"},
	} {
		n := 0
		for claim, err := range Claims(edi.NewReader(strings.NewReader(document(c.x12)))) {
			if err != nil {
				t.Fatalf("%s: %v", c.name, err)
			}
			n++
			if got := claim.Balance(); got.Cmp(dollars(t, c.want)) != 0 {
				t.Errorf("%s: Balance() = %s, want %s", c.name, got, c.want)
			}
		}
		if n != 1 {
			t.Errorf("%s: %d claims, want 1", c.name, n)
		}
	}
}

func dollars(t *testing.T, s string) edi.Decimal {
	t.Helper()
	d, err := edi.ParseDecimal([]byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestEvents(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, x12, want string
	}{
		{"a payment of PLB only", envelope + strings.TrimSuffix(head, "LX*1~") + "PLB*2990000012*20261231*WO:P9*5*L6*-2~SE*0*1~" + tail, "payment plb plb"},
		{"claims without LX", envelope + strings.TrimSuffix(head, "LX*1~") + "CLP*A*1*1*1~SE*0*1~" + tail, "payment claim"},
		{"two groups", document("CLP*A*1*1*1~CLP*B*1*1*1~LX*2~CLP*C*1*1*1~"), "payment summary claim claim summary claim"},
		{"a set that breaks off", envelope + head + "CLP*A*1*1*1~", "payment summary claim"},
		{"the CLP of another patient is missing", document("CLP*A*1*1*1~NM1*QC*1*ASH~SVC*HC:1*1*1~NM1*QC*1*YEW~"), "payment summary claim claim"},
		{"a line without a claim", document("SVC*HC:1*1*1~"), "payment summary claim"},
		{"an empty payment", envelope + "ST*835*0001~SE*2*0001~" + tail, "payment"},
		{"two sets", strings.TrimSuffix(document("CLP*A*1*1*1~"), tail) + head + "CLP*B*1*1*1~SE*0*0001~" + tail, "payment summary claim payment summary claim"},
	} {
		h := new(names)
		if err := Read(edi.NewReader(strings.NewReader(c.x12)), h); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if got := strings.Join(h.list, " "); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

type names struct{ list []string }

func (n *names) add(s string) error                           { n.list = append(n.list, s); return nil }
func (n *names) Payment(*Payment) error                       { return n.add("payment") }
func (n *names) Summary(*Summary) error                       { return n.add("summary") }
func (n *names) Claim(*Claim) error                           { return n.add("claim") }
func (n *names) ProviderAdjustment(*ProviderAdjustment) error { return n.add("plb") }

func TestFields(t *testing.T) {
	t.Parallel()
	const claim = "CLP*A1*1*100*80*20*MC*P1*11*1~"
	for _, c := range []struct{ name, x12, want string }{
		{
			"insured and crossover", claim + "NM1*QC*1*ROE*JAN****MI*M1~NM1*IL*1*ROE*JO****MI*M2~NM1*TT*2*OTHER PLAN*****PI*X1~",
			"Claim.Insured.ID = M2|Claim.Crossover.Last = OTHER PLAN|Claim.Patient.ID = M1",
		},
		{"remarks of an inpatient claim", claim + "NM1*QC*1*ROE~MIA*0****MA01***************N1~", "Claim.Remarks[0].Code = MA01|Claim.Remarks[1].Element = 20"},
		{"remarks of an outpatient claim", claim + "NM1*QC*1*ROE~MOA*.5**MA18~", "Claim.Remarks[0].Code = MA18|Claim.Outpatient.ReimbursementRate = .5"},
		{
			"modifiers and original procedure", claim + "SVC*HC:99213:25:GT*1*1**2*HC:99214:59*3~",
			"Claim.Lines[0].Procedure.Modifiers[1] = GT|Claim.Lines[0].Original.Code = 99214|Claim.Lines[0].OriginalUnit = 3|Claim.Lines[0].Units = 2",
		},
		{"an amount that is none", "CLP*A1*1*1O0*80~", "Claim.Problems[0].Segment = CLP|Claim.Problems[0].Element = 3|Claim.Paid = 80"},
		{"a date that is none", claim + "DTM*232*20260231~", "Claim.Dates[0].Sent = 20260231|Claim.Problems[0].Segment = DTM"},
		{"a reference of an unknown qualifier", claim + "REF*XYZ*7~", "Claim.References[0].ID = 7"},
		{"a reference of lines in a claim", claim + "REF*TJ*7~DTM*232*20260101~", "Claim.References[0].ID = 7|Claim.Dates[0].Qualifier = 232"},
		{"a segment that the guide does not know", claim + "ZZZ*7~", "Claim.Unplaced[0] = ZZZ*7"},
	} {
		got := read(t, document(c.x12)).live.String()
		for want := range strings.SplitSeq(c.want, "|") {
			if want == "Claim.Outpatient.ReimbursementRate = .5" {
				want = "Claim.Outpatient.ReimbursementRate = 0.5"
			}
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
	for c, err := range Claims(edi.NewReader(strings.NewReader(document("CLP*AAAA*1*1*1~CLP*BBBB*1*1*1~")))) {
		if err != nil {
			t.Fatal(err)
		}
		if kept == nil {
			kept, clone = c, c.Clone()
		}
	}
	if got := kept.PatientControlNumber.String(); got != "BBBB" {
		t.Errorf("what was kept of the first claim is %q, want the memory to be used again", got)
	}
	if got := clone.PatientControlNumber.String(); got != "AAAA" {
		t.Errorf("the clone of the first claim is %q, want AAAA", got)
	}
}

func TestUnknownGuide(t *testing.T) {
	t.Parallel()
	old := strings.Replace(document("CLP*A*1*1*1~"), "005010X221A1", "004010X091A1", 1)
	if err := Read(edi.NewReader(strings.NewReader(old)), Ignore{}); err == nil {
		t.Error("Read of a 4010 document: no error, want one that says that its guide is not known")
	}
}

func TestCorpus(t *testing.T) {
	var r *recorder
	decodetest.Corpus(t, Set, 30, func() decode.Sink { r = new(recorder); return NewDecoder(r) }, func(t *testing.T, set decodetest.Set) {
		decodetest.Equal(t, r.cloned(), r.live.String())
		f := set.Facts
		lost := set.Segments - len(r.seen)
		if set.Ended {
			lost--
		}
		for _, c := range []struct {
			name      string
			got, want int
		}{
			{"claims", r.tally.Claims, f.Int(t, "n_clp")},
			{"lines", r.tally.Lines, f.Int(t, "n_svc")},
			{"unbalanced claims", r.tally.Unbalanced, f.Int(t, "n_claims_unbalanced")},
			{"lost segments", lost, 0},
		} {
			if c.got != c.want {
				t.Errorf("ST %s: %d %s, want %d", f["st02"], c.got, c.name, c.want)
			}
		}
		for _, c := range []struct{ name, got, want string }{
			{"BPR02", sum(r.last.Amount), f["bpr02"]},
			{"CLP03", r.tally.Charge.String(), f["sum_clp03"]},
			{"CLP04", r.tally.Paid.String(), f["sum_clp04"]},
			{"CAS", r.tally.Adjustments.String(), f["sum_cas"]},
			{"PLB", r.tally.ProviderAdjustments.String(), f["sum_plb"]},
		} {
			if c.want != "" && c.got != c.want {
				t.Errorf("ST %s: sum of %s %s, want %s", f["st02"], c.name, c.got, c.want)
			}
		}
		if balances := r.tally.Balance(r.last).IsZero(); f["tx_balances"] != "" && balances != (f["tx_balances"] == "yes") {
			t.Errorf("ST %s: balances %t, want %s", f["st02"], balances, f["tx_balances"])
		}
	})
}

func sum(d edi.Decimal) string {
	var s edi.Sum
	s.Add(d)
	return s.String()
}
