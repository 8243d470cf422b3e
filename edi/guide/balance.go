package guide

import (
	"slices"

	"github.com/ediport/ediport/edi"
)

// A balance checks the arithmetic of an 835: each service line, each claim payment and the payment as a whole, and the signs that amounts
// have to have. Source: TR3 005010X221A1 §1.10.2.1.
type balance struct {
	claimLoop, lineLoop *Loop
	parts               []balancePart // by SegmentDef.Index
	scan                *elementScan  // of the segment in hand
	faults              uint64        // elements of that segment that are wrong: element n is bit n

	payment      total // BPR02 − Σ CLP04 + Σ PLB amounts
	paymentSeen  bool
	claim        total // CLP03 − CLP04 − Σ CAS of claim and lines
	charges      total // CLP03 − Σ SVC02
	patient      total // CLP05 − Σ CAS*PR of claim and lines
	patientTold  bool  // CLP05 was sent, and is to be that sum
	line         total // SVC02 − SVC03 − Σ CAS of the line
	lines        int
	inLine       bool
	inClaim      bool
	unreadable   bool  // an amount of the set can't be read, so that the payment can't be judged
	claimBad     bool  // one of the claim
	lineBad      bool  // one of the line
	lineOff      bool  // a line of the claim does not balance
	lineLost     bool  // a line of the claim has no SVC
	offs         total // what the lines of the claim are off by
	claimOffs    total // what the claims are off by
	claimUpset   bool  // segments of the claim are out of place, any of its lines may lack an amount
	strayed      bool  // a segment that no set of this kind has stood just before
	summary      summary
	paymentPlace finding
	claimPlace   finding
	linePlace    finding
}

// A balancePart is what a segment has to do with the balance.
type balancePart uint8

const (
	partNone balancePart = iota
	partPayment
	partClaim
	partLine
	partAdjustment
	partProvider
	partNumber
	partSummary
)

// A summary is what TS3 says of the claims of its LX.
type summary struct {
	seen      bool
	bad       bool  // something of the claims is not known
	claims    total // TS304 − their number
	charge    total // TS305 − Σ CLP03
	place     finding
	disturbed int // Validator.disturbed when it began
}

// A finding is a place to report later.
type finding struct {
	at   edi.Position
	tag  string
	loop string
}

func (p *finding) set(s *edi.Segment, tag string, l *Loop) {
	s.PutPos(&p.at)
	p.tag = tag
	p.loop = l.ID
}

func newBalance(g *Guide) *balance {
	b := &balance{claimLoop: g.Loop("2100"), lineLoop: g.Loop("2110"), parts: make([]balancePart, len(g.Segments))}
	for i, d := range g.Segments {
		switch {
		case d == b.claimLoop.Trigger:
			b.parts[i] = partClaim
		case d == b.lineLoop.Trigger:
			b.parts[i] = partLine
		case d.Tag == "LX":
			b.parts[i] = partNumber
		case d.Tag == "TS3":
			b.parts[i] = partSummary
		case d.Tag == "CAS":
			b.parts[i] = partAdjustment
		case d.Tag == "BPR":
			b.parts[i] = partPayment
		case d.Tag == "PLB":
			b.parts[i] = partProvider
		}
	}
	return b
}

func (b *balance) level() int { return 3 }

func (b *balance) wants(d *SegmentDef) bool { return b.parts[d.Index] != partNone }

func (b *balance) begin() {
	*b = balance{claimLoop: b.claimLoop, lineLoop: b.lineLoop, parts: b.parts}
}

func (b *balance) segment(v *Validator, s *edi.Segment, at *Step) {
	b.scan, b.faults = &v.scan, v.faults(s)
	if at.Implied {
		b.implied(v, at)
	}
	switch b.parts[at.Def.Index] {
	case partClaim:
		if at.Opened {
			b.closeClaim(v)
			b.openClaim(s, at, v)
		}
	case partLine:
		if at.Opened {
			b.closeLine(v)
			b.openLine(s, at)
		}
	case partNumber:
		b.closeSummary(v)
	case partSummary:
		b.openSummary(s, at, v)
	case partAdjustment:
		b.adjustment(s, at, v)
	case partPayment:
		b.openPayment(s, v)
	case partProvider:
		b.provider(s, v)
	}
}

// implied begins a claim or a line whose first segment is missing.
func (b *balance) implied(v *Validator, at *Step) {
	switch at.Loop {
	case b.claimLoop.Parent:
		b.closeSummary(v)
	case b.claimLoop:
		b.summary.bad = true
		b.closeClaim(v) // of the claim that follows nothing is known
	case b.lineLoop:
		b.closeLine(v)
		b.lineLost = true
	}
}

func (b *balance) openPayment(s *edi.Segment, v *Validator) {
	b.paymentSeen = true
	paid := b.required(2, &b.unreadable)
	b.payment.add(paid)
	b.paymentPlace = finding{s.Pos(), "BPR", ""}
	if paid.sign() < 0 {
		v.balanceWarning(&b.paymentPlace, 2, "balance.negative_payment",
			"the payment (BPR02) is negative: what the payee owes goes into PLB as a balance forwarded")
	}
}

func (b *balance) openClaim(s *edi.Segment, at *Step, v *Validator) {
	b.inClaim, b.claimBad, b.lineOff, b.lineLost, b.lines = true, false, false, false, 0
	charge, paid := b.required(3, &b.claimBad), b.required(4, &b.claimBad)
	b.unreadable = b.unreadable || b.claimBad
	b.claimBad = b.claimBad || at.OutOfOrder || v.lateAt == s.Ordinal()-1 // what belongs to it stands before it
	b.claim, b.charges, b.offs = total{}, total{}, total{}
	b.summary.claims.sub(amount{value: 100})
	b.summary.charge.sub(charge)
	b.summary.bad = b.summary.bad || b.claimBad
	b.claimUpset = false
	b.claim.add(charge)
	b.claim.sub(paid)
	b.charges.add(charge)
	b.payment.sub(paid)
	b.claimPlace.set(s, "CLP", at.Loop)
	patient := b.amount(5, new(bool))
	b.patient, b.patientTold = total{}, patient.told
	b.patient.add(patient)
	b.claimSigns(s, charge, paid, v)
}

// claimSigns checks what the status of a claim says of its amounts.
func (b *balance) claimSigns(s *edi.Segment, charge, paid amount, v *Validator) {
	if begin, end := b.scan.stands(2); end-begin == 1 {
		return // few have two digits
	}
	switch string(s.Text(2)) {
	case "22":
		b.patientTold = false // whether it is negated or left out differs
		if charge.sign() > 0 {
			v.balanceWarning(&b.claimPlace, 3, "balance.reversal_sign",
				"the claim is a reversal (CLP02 is 22), and its charge (CLP03) is not negative")
		}
	case "25":
		if paid.sign() != 0 {
			v.balanceWarning(&b.claimPlace, 4, "balance.predetermination",
				"the claim is a predetermination (CLP02 is 25), and an amount is paid for it (CLP04)")
		}
	}
}

func (b *balance) openLine(s *edi.Segment, at *Step) {
	b.inLine, b.lineBad = true, false
	b.lines++
	charge, paid := b.required(2, &b.lineBad), b.required(3, &b.lineBad)
	b.line = total{}
	b.line.add(charge)
	b.line.sub(paid)
	b.charges.sub(charge)
	b.claimBad = b.claimBad || b.lineBad
	b.linePlace.set(s, "SVC", at.Loop)
}

// adjustment takes the six amounts of a CAS: elements 3, 6 … 18.
func (b *balance) adjustment(s *edi.Segment, at *Step, v *Validator) {
	inLine := at.Loop == b.lineLoop
	if b.faults&(1<<1) != 0 {
		b.patientTold = false // whose adjustment it is is not known
	}
	if len(b.scan.ends) <= 3 { // its amount is missing, which is told
		b.claimBad, b.lineBad = true, b.lineBad || inLine
	}
	ofPatient := b.patientTold && s.Text(1).Is("PR")
	for n := 3; n <= min(len(b.scan.ends), 18); n += 3 {
		bad := false
		a := b.paired(n, &bad)
		b.claim.sub(a)
		b.claimBad = b.claimBad || bad
		if inLine {
			b.line.sub(a)
			b.lineBad = b.lineBad || bad
		}
		if ofPatient {
			b.patient.sub(a)
		}
		if a.told && a.sign() == 0 {
			v.balanceWarning(&finding{s.Pos(), "CAS", at.Loop.ID}, n, "balance.zero_adjustment", "the adjustment is zero, and need not be sent")
		}
	}
}

func (b *balance) sent(n int) bool {
	begin, end := b.scan.stands(n)
	return begin != end && !isBlank(b.scan.text[begin:end])
}

// provider takes the six amounts of a PLB: elements 4, 6 … 14.
func (b *balance) provider(s *edi.Segment, v *Validator) {
	b.unreadable = b.unreadable || len(b.scan.ends) <= 4
	for n := 4; n <= min(len(b.scan.ends), 14); n += 2 {
		a := b.paired(n, &b.unreadable)
		b.payment.add(a)
		if a.sign() > 0 && s.Component(n-1, 1).Is("72") {
			v.balanceWarning(&finding{s.Pos(), "PLB", ""}, n, "balance.adjustment_sign",
				"a refund that was received (72) is a negative amount, and this one is positive")
		}
	}
}

// amount reads an amount; an absent one is 0. One that the guide does not allow is not reckoned with: that was told.
func (b *balance) amount(n int, bad *bool) amount {
	a := b.scan.amount(n, bad)
	if a.told && b.faults&(1<<n) != 0 {
		*bad = true
		return amount{}
	}
	return a
}

// required reads an amount that must be there.
func (b *balance) required(n int, bad *bool) amount {
	if !b.sent(n) {
		*bad = true
	}
	return b.amount(n, bad)
}

// paired reads an amount whose absence may have been told.
func (b *balance) paired(n int, bad *bool) amount {
	if b.sent(n-1) && b.faults&(1<<n) != 0 {
		return b.required(n, bad)
	}
	return b.amount(n, bad)
}

func (b *balance) closeLine(v *Validator) {
	if b.inLine && !b.lineBad && !b.claimUpset && !b.line.isZero() {
		b.lineOff = true
		b.offs.addTotal(&b.line)
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
	balanced := b.claim.isZero()
	b.summary.bad = b.summary.bad || !balanced || b.lines > 0 && !b.charges.isZero() // a charge may be wrong, which is told
	if !balanced && !(b.lineOff && b.claim.equals(&b.offs)) {                        // that was told line by line
		b.claimOffs.addTotal(&b.claim)
		v.balanceFinding(&b.claimPlace, 4, "balance.claim",
			"the claim does not balance: charge (CLP03) less all adjustments (CAS) is not the amount paid (CLP04)")
	}
	if balanced && b.lines > 0 && !b.lineOff && !b.lineLost && !b.charges.isZero() {
		v.balanceFinding(&b.claimPlace, 3, "balance.charge",
			"the charges of the service lines (SVC02) do not add up to the charge of the claim (CLP03)")
	}
	// Adjustments that are wrong have been told.
	if balanced && b.patientTold && !b.lineOff && !b.lineLost && !b.patient.isZero() {
		v.balanceWarning(&b.claimPlace, 5, "balance.patient_responsibility",
			"the patient's responsibility (CLP05) is not the sum of the adjustments of group PR")
	}
}

func (b *balance) openSummary(s *edi.Segment, at *Step, v *Validator) {
	b.summary = summary{seen: true, place: finding{s.Pos(), "TS3", at.Loop.ID}, disturbed: v.disturbed}
	b.summary.claims.add(b.required(4, &b.summary.bad))
	b.summary.charge.add(b.required(5, &b.summary.bad))
}

// closeSummary compares what TS3 says with the claims that followed it.
func (b *balance) closeSummary(v *Validator) {
	t := &b.summary
	if t.seen && !t.bad && !v.incomplete && v.disturbed == t.disturbed {
		if !t.claims.isZero() {
			v.balanceWarning(&t.place, 4, "balance.summary", "the number of claims (TS304) is not that of the claims that follow")
		} else if !t.charge.isZero() {
			v.balanceWarning(&t.place, 5, "balance.summary", "the total charge (TS305) is not the sum of the charges of the claims that follow (CLP03)")
		}
	}
	*t = summary{}
}

func (b *balance) end(v *Validator) {
	b.closeClaim(v)
	b.closeSummary(v)
	// What is off by as much as the claims are was told with them.
	if b.paymentSeen && !b.unreadable && !b.payment.isZero() && !b.payment.equals(&b.claimOffs) {
		v.findings = slices.DeleteFunc(v.findings, func(f edi.Finding) bool { return f.Code.Kind == "situation.nothing_paid" }) // it follows
		v.balanceFinding(&b.paymentPlace, 2, "balance.payment",
			"the payment does not balance: claim payments (CLP04) less provider adjustments (PLB) are not the amount of BPR02")
	}
}

func (v *Validator) balanceFinding(p *finding, element int, kind, message string) {
	v.balanceAt(p, element, edi.Error, kind, message)
}

func (v *Validator) balanceWarning(p *finding, element int, kind, message string) {
	v.balanceAt(p, element, edi.Warning, kind, message)
}

func (v *Validator) balanceAt(p *finding, element int, severity edi.Severity, kind, message string) {
	v.Add(edi.Finding{
		Pos: p.at, Control: v.control, Segment: p.tag, Loop: p.loop, Element: element,
		Severity: severity, SNIP: 3, Code: edi.Code{Kind: kind}, Message: message,
	})
}
