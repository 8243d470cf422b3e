package remittance

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/edi/internal/encodetest"
	"github.com/ediport/ediport/edi/parts"
)

func text(s string) edi.Text { return edi.Text(s) }

func cents(n int64) edi.Decimal { return edi.NewDecimal(n, 2) }

func validPayment(amount int64) *Payment {
	return &Payment{
		Handling: text("I"), Amount: cents(amount), CreditDebit: text("C"), Method: text("CHK"), Date: edi.Date{Year: 2026, Month: 1, Day: 5},
		Trace: parts.Trace{Type: text("1"), Number: text("77"), Originator: text("1999999999")},
		Payer: parts.Party{
			Name:     parts.Name{Entity: text("PR"), Last: text("TAMARIND MUTUAL")},
			Address:  parts.Address{Line1: text("1 ELM WAY"), City: text("AUSTIN"), State: text("TX"), Zip: text("78701")},
			Contacts: []parts.Contact{{Function: text("BL"), Name: text("DESK"), Numbers: [3]parts.ContactNumber{{Qualifier: text("TE"), Number: text("5125550100")}}}},
		},
		Payee: parts.Party{Name: parts.Name{Entity: text("PE"), Last: text("CEDAR HOLLOW"), Qualifier: text("XX"), ID: text("2990000012")}},
	}
}

func validClaim(id string) *Claim {
	return &Claim{
		PatientControlNumber: text(id), Status: text("1"), Charge: cents(10000), Paid: cents(8000), FilingIndicator: text("MC"),
		PayerControlNumber: text("P1"), Patient: parts.Name{Entity: text("QC"), Type: text("1"), Last: text("ASH"), First: text("ANNA")},
		Lines: []Line{{
			Procedure: parts.Procedure{Qualifier: text("HC"), Code: text("99213")}, Charge: cents(10000), Paid: cents(8000),
			Dates:       []parts.Date{{Qualifier: text("472"), From: edi.Date{Year: 2026, Month: 1, Day: 2}}},
			Adjustments: []Adjustment{{Group: text("CO"), Reason: text("45"), Amount: cents(2000)}},
		}},
	}
}

func TestEncodeRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		spoil  func(*Claim)
		want   string
		reason error
	}{
		{"a code that its list does not have", func(c *Claim) { c.FilingIndicator = text("QQ") }, "CLP06", nil},
		{"a missing element", func(c *Claim) { c.PayerControlNumber = nil }, "CLP07", nil},
		{"a missing segment", func(c *Claim) { c.Patient = parts.Name{} }, "NM1", nil},
		{"a value that is too long", func(c *Claim) { c.PatientControlNumber = text(strings.Repeat("SECRET", 9)) }, "CLP01", nil},
		{"an element that the guide does not use", func(c *Claim) { c.Patient.Prefix = text("SECRET") }, "NM106", nil},
		{"a broken syntax note", func(c *Claim) { c.Patient.ID = text("SECRET") }, "NM108", nil},
		{"a date that does not exist", func(c *Claim) { c.Lines[0].Dates[0].From.Day = 45 }, "DTM02", nil},
		{"a delimiter", func(c *Claim) { c.PatientControlNumber = text("SECRET*1") }, "CLP01", edi.ErrDelimiterInData},
		{"a delimiter in a component", func(c *Claim) { c.Lines[0].Procedure.Code = text("SEC:RET") }, "SVC01", edi.ErrDelimiterInData},
		{"a control character", func(c *Claim) { c.Patient.Last = text("SECRET\nX") }, "NM103", edi.ErrCharacter},
		{"blanks around a value", func(c *Claim) { c.Patient.Last = text("SECRET ") }, "NM103", parts.ErrBlanks},
		{"a line that does not balance", func(c *Claim) { c.Lines[0].Adjustments = nil }, "SVC", nil},
		{"a claim that does not balance", func(c *Claim) { c.Paid = cents(9000) }, "CLP", nil},
		{"too many of a segment", func(c *Claim) {
			c.Lines[0].Dates = make([]parts.Date, 0, 3)
			c.Lines[0].Dates = append(c.Lines[0].Dates, dates(3)...)
		}, "DTM", nil},
		{"what was not read", func(c *Claim) { c.Problems = []parts.Problem{{Segment: "CLP", Element: 3}} }, "CLP03", parts.ErrNotRead},
		{"a name in the field of another", func(c *Claim) { c.Insured = parts.Name{Entity: text("82"), Last: text("SECRET")} }, "NM1", parts.ErrOrder},
		{"a remark that says not where", func(c *Claim) { c.Remarks = []Remark{{Code: text("SECRET")}} }, "", parts.ErrOrder},
		{"two remarks at one place", func(c *Claim) {
			c.Remarks = []Remark{{Code: text("N130"), Segment: "MOA", Element: 3}, {Code: text("N290"), Segment: "MOA", Element: 3}}
		}, "", parts.ErrOrder},
		{"segments without place", func(c *Claim) { c.Unplaced = make([]edi.Segment, 1) }, "", parts.ErrNotRead},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			enc := NewEncoder(&out, encodetest.Envelope())
			if err := errors.Join(enc.Payment(validPayment(16000)), enc.Claim(validClaim("A1"))); err != nil {
				t.Fatal(err)
			}
			bad := validClaim("A2")
			c.spoil(bad)
			err := enc.Claim(bad)
			checkRefusal(t, err, c.want, c.reason)
			if err := errors.Join(enc.Claim(validClaim("A3")), enc.Close()); err != nil {
				t.Fatalf("what came after the refused claim: %v", err)
			}
			checkClean(t, out.Bytes(), "A1", "A3")
		})
	}
}

func dates(n int) (list []parts.Date) {
	for i := range n {
		list = append(list, parts.Date{Qualifier: text("472"), From: edi.Date{Year: 2026, Month: 1, Day: uint8(i + 1)}})
	}
	return list
}

// checkRefusal fails unless err is about claim 2, the element, and without any value.
func checkRefusal(t *testing.T, err error, where string, reason error) {
	t.Helper()
	var invalid *parts.InvalidError
	if !errors.As(err, &invalid) {
		t.Fatalf("got %v, want an InvalidError", err)
	}
	if invalid.Entity != "claim" || invalid.Ordinal != 2 || !strings.HasPrefix(err.Error(), "claim 2") {
		t.Errorf("the error is about %s %d", invalid.Entity, invalid.Ordinal)
	}
	if !strings.HasPrefix(where, invalid.Finding.Segment) || len(where) > 3 && !strings.Contains(err.Error(), where) {
		t.Errorf("%q does not name %s", err, where)
	}
	if reason == nil && invalid.Err != nil || reason != nil && !errors.Is(err, reason) {
		t.Errorf("the reason is %v, want %v", invalid.Err, reason)
	}
	if strings.Contains(err.Error(), "SEC") || strings.Contains(err.Error(), "A2") {
		t.Errorf("the error holds a value: %v", err)
	}
}

// checkClean fails unless x12 has the given claims and no finding.
func checkClean(t *testing.T, x12 []byte, want ...string) {
	t.Helper()
	for _, f := range encodetest.Findings(t, x12, 0) {
		t.Errorf("finding: %v", f)
	}
	var got []string
	for c, err := range Claims(edi.NewReader(bytes.NewReader(x12))) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, c.PatientControlNumber.String())
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("claims %v, want %v", got, want)
	}
}

func TestEncodeOrder(t *testing.T) {
	t.Parallel()
	adjustment := &ProviderAdjustment{
		Provider: text("2990000012"), FiscalPeriod: edi.Date{Year: 2026, Month: 12, Day: 31}, Reason: text("L6"), Amount: cents(100),
	}
	for _, c := range []struct {
		name string
		tell func(*Encoder) error
		want string
	}{
		{"a claim without a payment", func(e *Encoder) error { return e.Claim(validClaim("A")) }, "claim 1: it needs the header"},
		{"a claim after a provider adjustment", func(e *Encoder) error {
			return errors.Join(e.Payment(validPayment(7900)), e.Claim(validClaim("A")), e.ProviderAdjustment(adjustment), e.Claim(validClaim("B")))
		}, "claim 2: it is to come before the provider adjustments"},
		{"a payment that is not the sum of its claims", func(e *Encoder) error {
			return errors.Join(e.Payment(validPayment(7900)), e.Claim(validClaim("A")), e.Close())
		}, "transaction set: the payment does not balance"},
		{"a summary without a claim", func(e *Encoder) error {
			return errors.Join(e.Payment(validPayment(0)), e.Summary(&Summary{}), e.Close())
		}, "transaction set, loop 2100: the required segment CLP"},
	} {
		encodetest.Refused(t, c.name, NewEncoder, func(*Encoder) error { return nil }, c.tell, c.want)
	}
}

// TestEncodeProviderAdjustments has pairs of one provider share their PLB, six at most, and keeps where they stood.
func TestEncodeProviderAdjustments(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	enc := NewEncoder(&out, encodetest.Envelope())
	if err := errors.Join(enc.Payment(validPayment(7200)), enc.Claim(validClaim("A1"))); err != nil {
		t.Fatal(err)
	}
	for i := range 8 {
		p := &ProviderAdjustment{
			Provider: text("2990000012"), FiscalPeriod: edi.Date{Year: 2026, Month: 12, Day: 31}, Reason: text("L6"), Amount: cents(100),
		}
		if i == 7 {
			p.Element = 3
		}
		if err := enc.ProviderAdjustment(p); err != nil {
			t.Fatal(err)
		}
	}
	if err := enc.Close(); err != nil {
		t.Fatal(err)
	}
	const want = "PLB*2990000012*20261231*L6*1.00*L6*1.00*L6*1.00*L6*1.00*L6*1.00*L6*1.00~" +
		"PLB*2990000012*20261231*L6*1.00~PLB*2990000012*20261231*L6*1.00~SE*18*0001~"
	if !strings.Contains(out.String(), want) {
		t.Errorf("got %s", out.String())
	}
	if f := encodetest.Findings(t, out.Bytes(), guide.NewLevels(1, 2, 3)); len(f) > 0 {
		t.Errorf("findings: %v", f)
	}
}

// TestEncodeLosesNothing has a claim with two insured refused: there is a field for one. Without its Entity, it is written.
func TestEncodeLosesNothing(t *testing.T) {
	t.Parallel()
	const x12 = "ISA*00*          *00*          *ZZ*A              *ZZ*B              *260105*0800*^*00501*000000001*0*T*:~" +
		"GS*HP*AA*BB*20260105*0800*1*X*005010X221A1~ST*835*0001~LX*1~CLP*A1*1*100*100**MC*P1~NM1*QC*1*ASH~NM1*IL*1*ASH*****MI*M1~" +
		"NM1*IL*1*ROWAN*****MI*M2~SE*7*0001~GE*1*1~IEA*1*000000001~"
	n := 0
	for c, err := range Claims(edi.NewReader(strings.NewReader(x12))) {
		if err != nil {
			t.Fatal(err)
		}
		n++
		enc := NewEncoder(new(bytes.Buffer), encodetest.Envelope())
		if err := enc.Payment(validPayment(10000)); err != nil {
			t.Fatal(err)
		}
		if err := enc.Claim(c); !errors.Is(err, parts.ErrNotRead) {
			t.Errorf("got %v", err)
		}
		c.Entity = parts.Entity{}
		if err := errors.Join(enc.Claim(c), enc.Close()); err != nil {
			t.Error(err)
		}
	}
	if n != 1 {
		t.Errorf("%d claims", n)
	}
}

// TestEncodeNumbersGroups has LX counted, where summaries don't say it, and made for claims without a summary.
func TestEncodeNumbersGroups(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	enc := NewEncoder(&out, encodetest.Envelope())
	err := errors.Join(
		enc.Payment(validPayment(16000)), enc.Summary(&Summary{}), enc.Claim(validClaim("A1")), enc.Summary(&Summary{}), enc.Claim(validClaim("A2")),
		enc.Payment(validPayment(16000)), enc.Claim(validClaim("A3")), enc.Claim(validClaim("A4")), enc.Close(),
	)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for s := range strings.SplitSeq(out.String(), "~") {
		switch tag, _, _ := strings.Cut(s, "*"); tag {
		case "ST", "LX", "CLP", "SE":
			got = append(got, s[:min(len(s), 8)])
		}
	}
	want := "ST*835*0 LX*1 CLP*A1*1 LX*2 CLP*A2*1 SE*21*00 ST*835*0 LX*1 CLP*A3*1 CLP*A4*1 SE*20*00"
	if strings.Join(got, " ") != want {
		t.Errorf("got  %v\nwant %s", got, want)
	}
	checkClean(t, out.Bytes(), "A1", "A2", "A3", "A4")
}

// TestEncodeOnePayer has a payment with two payers refused.
func TestEncodeOnePayer(t *testing.T) {
	t.Parallel()
	const x12 = "ISA*00*          *00*          *ZZ*A              *ZZ*B              *260105*0800*^*00501*000000001*0*T*:~" +
		"GS*HP*AA*BB*20260105*0800*1*X*005010X221A1~ST*835*0001~BPR*I*0*C*NON************20260105~TRN*1*77*1999999999~" +
		"N1*PR*TAMARIND~N3*1 ELM WAY~N4*AUSTIN*TX*78701~PER*BL*DESK~N1*PR*ELM~N3*2 ELM WAY~N4*AUSTIN*TX*78701~PER*BL*DESK~" +
		"N1*PE*CEDAR*XX*2990000012~SE*12*0001~GE*1*1~IEA*1*000000001~"
	err := Read(edi.NewReader(strings.NewReader(x12)), NewEncoder(new(bytes.Buffer), encodetest.Envelope()))
	if !errors.Is(err, parts.ErrNotRead) {
		t.Errorf("got %v", err)
	}
}

// TestEncodePaymentLosesNothing has values refused that an 835 has no place for.
func TestEncodePaymentLosesNothing(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		spoil func(*Payment)
		want  string
	}{
		{"a contact of the payee", func(p *Payment) { p.Payee.Contacts = p.Payer.Contacts }, "payment, loop 1000A: the segment PER"},
		{"what kind of provider the payee is", func(p *Payment) { p.Payee.Provider = parts.Provider{Code: text("BI")} }, "payment, loop 1000B: the segment PRV"},
		{"a first name", func(p *Payment) { p.Payee.Name.First = text("ANNA") }, "payment: the name has parts"},
		{"a receiver that is not that of the references", func(p *Payment) {
			p.ReceiverID, p.References = text("NEW"), []parts.Reference{{Qualifier: text("EV"), ID: text("OLD")}}
		}, "payment: ReceiverID"},
	} {
		p := validPayment(0)
		c.spoil(p)
		err := NewEncoder(new(bytes.Buffer), encodetest.Envelope()).Payment(p)
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s …", c.name, err, c.want)
		}
	}
}

// TestEncodeInventsNothing has amounts refused that were not sent: no 0 is written for them.
func TestEncodeInventsNothing(t *testing.T) {
	t.Parallel()
	const (
		begin = "ISA*00*          *00*          *ZZ*A              *ZZ*B              *260105*0800*^*00501*000000001*0*T*:~" +
			"GS*HP*AA*BB*20260105*0800*1*X*005010X221A1~ST*835*0001~LX*1~"
		end = "SE*9*0001~GE*1*1~IEA*1*000000001~"
	)
	for _, c := range []struct{ claim, want string }{
		{"CLP*A1*1*0**0*MC*P1~NM1*QC*1*ASH~", "CLP04"},
		{"CLP*A1*1*0*0*0*MC*P1~CAS*CO*45*0**97~NM1*QC*1*ASH~", "CAS06"},
		{"CLP*A1*1*0*0*0*MC*P1~NM1*QC*1*ASH~AMT*AU~", "AMT02"},
		{"CLP*A1*1*0*0*0*MC*P1~NM1*QC*1*ASH~SVC*HC:99213*0~DTM*472*20260105~", "SVC03"},
		{"CLP*A1*1*0*0*0*MC*P1~NM1*QC*1*ASH~", ""},
	} {
		n := 0
		for claim, err := range Claims(edi.NewReader(strings.NewReader(begin + c.claim + end))) {
			if n++; err != nil {
				t.Fatal(err)
			}
			enc := NewEncoder(new(bytes.Buffer), encodetest.Envelope())
			if err := enc.Payment(validPayment(0)); err != nil {
				t.Fatal(err)
			}
			err := enc.Claim(claim)
			if (err == nil) != (c.want == "") || err != nil && (!errors.Is(err, parts.ErrNotRead) || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("%s: got %v, want an error about %q", c.claim, err, c.want)
			}
		}
		if n != 1 {
			t.Errorf("%d claims", n)
		}
	}
}
