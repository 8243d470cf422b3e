package guide

import "github.com/ediport/ediport/edi"

// A balance checks the arithmetic of an 835: each service line, each claim payment and the payment as a whole.
// Source: TR3 005010X221A1 §1.10.2.1.
type balance struct {
	claimLoop, lineLoop *Loop

	payment      edi.Sum // BPR02 − Σ CLP04 + Σ PLB amounts
	paymentSeen  bool
	claim        edi.Sum // CLP03 − CLP04 − Σ CAS of claim and lines
	charges      edi.Sum // CLP03 − Σ SVC02
	line         edi.Sum // SVC02 − SVC03 − Σ CAS of the line
	lines        int
	inLine       bool
	inClaim      bool
	unreadable   bool // an amount of the set can't be read, so that the payment can't be judged
	claimBad     bool // one of the claim
	lineBad      bool // one of the line
	lineOff      bool // a line of the claim does not balance
	lineLost     bool // a line of the claim has no SVC
	paymentPlace finding
	claimPlace   finding
	linePlace    finding
}

// A finding is a place to report later.
type finding struct {
	at   edi.Position
	tag  string
	loop string
}

func newBalance(g *Guide) *balance {
	return &balance{claimLoop: g.Loop("2100"), lineLoop: g.Loop("2110")}
}

func (b *balance) begin() {
	*b = balance{claimLoop: b.claimLoop, lineLoop: b.lineLoop}
}

func (b *balance) segment(v *Validator, s *edi.Segment, at *Step) {
	switch d := at.Def; {
	case at.Opened && at.Loop == b.claimLoop:
		b.closeClaim(v)
		b.openClaim(s, at, v)
	case at.Opened && at.Loop == b.lineLoop:
		b.closeLine(v)
		b.openLine(s, at, v)
	case at.Implied && at.Loop == b.claimLoop:
		b.closeClaim(v) // of the claim that follows nothing is known
	case at.Implied && at.Loop == b.lineLoop:
		b.closeLine(v)
		b.lineLost = true
		b.adjustment(s, at)
	case d.Tag == "CAS":
		b.adjustment(s, at)
	case d.Tag == "BPR":
		b.paymentSeen = true
		b.payment.Add(b.amount(s, 2, &b.unreadable))
		b.paymentPlace = finding{v.segment.Pos(), "BPR", ""}
	case d.Tag == "PLB":
		for n := 4; n <= min(s.Len(), 14); n += 2 {
			b.payment.Add(b.amount(s, n, &b.unreadable))
		}
	}
}

func (b *balance) openClaim(s *edi.Segment, at *Step, v *Validator) {
	b.inClaim, b.claimBad, b.lineOff, b.lineLost, b.lines = true, false, false, false, 0
	charge, paid := b.amount(s, 3, &b.claimBad), b.amount(s, 4, &b.claimBad)
	b.unreadable = b.unreadable || b.claimBad
	b.claim, b.charges = edi.Sum{}, edi.Sum{}
	b.claim.Add(charge)
	b.claim.Sub(paid)
	b.charges.Add(charge)
	b.payment.Sub(paid)
	b.claimPlace = finding{v.segment.Pos(), "CLP", at.Loop.ID}
}

func (b *balance) openLine(s *edi.Segment, at *Step, v *Validator) {
	b.inLine, b.lineBad = true, false
	b.lines++
	charge, paid := b.amount(s, 2, &b.lineBad), b.amount(s, 3, &b.lineBad)
	b.line = edi.Sum{}
	b.line.Add(charge)
	b.line.Sub(paid)
	b.charges.Sub(charge)
	b.claimBad = b.claimBad || b.lineBad
	b.linePlace = finding{v.segment.Pos(), "SVC", at.Loop.ID}
}

// adjustment takes the six amounts of a CAS: elements 3, 6 … 18.
func (b *balance) adjustment(s *edi.Segment, at *Step) {
	if at.Def.Tag != "CAS" {
		return
	}
	inLine := at.Loop == b.lineLoop
	for n := 3; n <= min(s.Len(), 18); n += 3 {
		bad := false
		amount := b.amount(s, n, &bad)
		b.claim.Sub(amount)
		b.claimBad = b.claimBad || bad
		if inLine {
			b.line.Sub(amount)
			b.lineBad = b.lineBad || bad
		}
	}
}

// amount reads an amount; an absent one is 0.
func (b *balance) amount(s *edi.Segment, n int, bad *bool) edi.Decimal {
	t := s.Text(n)
	if len(t) == 0 {
		return edi.Decimal{}
	}
	d, err := edi.ParseDecimal(t)
	if err != nil {
		*bad = true
	}
	return d
}

func (b *balance) closeLine(v *Validator) {
	if b.inLine && !b.lineBad && b.line.Sign() != 0 {
		b.lineOff = true
		v.balanceFinding(&b.linePlace, 3, "balance.line",
			"the line does not balance: charge (SVC02) less adjustments (CAS) is not the amount paid (SVC03)")
	}
	b.inLine = false
}

func (b *balance) closeClaim(v *Validator) {
	b.closeLine(v)
	if !b.inClaim {
		return
	}
	b.inClaim = false
	if b.claimBad {
		return
	}
	if b.claim.Sign() != 0 {
		v.balanceFinding(&b.claimPlace, 4, "balance.claim",
			"the claim does not balance: charge (CLP03) less all adjustments (CAS) is not the amount paid (CLP04)")
	}
	if b.lines > 0 && !b.lineOff && !b.lineLost && b.charges.Sign() != 0 {
		v.balanceFinding(&b.claimPlace, 3, "balance.charge",
			"the charges of the service lines (SVC02) do not add up to the charge of the claim (CLP03)")
	}
}

func (b *balance) end(v *Validator) {
	b.closeClaim(v)
	if b.paymentSeen && !b.unreadable && !v.incomplete && b.payment.Sign() != 0 {
		v.balanceFinding(&b.paymentPlace, 2, "balance.payment",
			"the payment does not balance: claim payments (CLP04) less provider adjustments (PLB) are not the amount of BPR02")
	}
}

func (v *Validator) balanceFinding(p *finding, element int, kind, message string) {
	v.Add(edi.Finding{
		Pos: p.at, Control: v.control, Segment: p.tag, Loop: p.loop, Element: element,
		Severity: edi.Error, SNIP: 3, Code: edi.Code{Kind: kind}, Message: message,
	})
}
