package remittance

import "github.com/ediport/ediport/edi"

// Balance returns charge − paid − adjustments of the claim, claim and line level together, in dollars; zero when the
// claim balances. Reversals (CLP02 = 22) carry negated amounts and need no special case. A difference of more than 18 digits
// is returned as the largest Decimal of its sign. Source: guide 005010X221A1, section 1.10.2.1.
func (c *Claim) Balance() edi.Decimal {
	var s edi.Sum
	s.Add(c.Charge)
	s.Sub(c.Paid)
	subtract(&s, c.Adjustments)
	for i := range c.Lines {
		subtract(&s, c.Lines[i].Adjustments)
	}
	return decimal(&s)
}

// AdjustmentTotal adds the amounts of all adjustments of the claim and its lines to sum.
func (c *Claim) AdjustmentTotal(sum *edi.Sum) {
	add(sum, c.Adjustments)
	for i := range c.Lines {
		add(sum, c.Lines[i].Adjustments)
	}
}

// Balance returns charge − paid − adjustments of the line, in dollars; zero when the line balances, as for [Claim.Balance].
func (l *Line) Balance() edi.Decimal {
	var s edi.Sum
	s.Add(l.Charge)
	s.Sub(l.Paid)
	subtract(&s, l.Adjustments)
	return decimal(&s)
}

func add(s *edi.Sum, list []Adjustment) {
	for i := range list {
		s.Add(list[i].Amount)
	}
}

func subtract(s *edi.Sum, list []Adjustment) {
	for i := range list {
		s.Sub(list[i].Amount)
	}
}

func decimal(s *edi.Sum) edi.Decimal {
	d, ok := s.Decimal()
	if ok {
		return d
	}
	largest := edi.NewDecimal(999_999_999_999_999_999, 0)
	if s.Sign() < 0 {
		return largest.Neg()
	}
	return largest
}

// A Tally adds up what a payment pays, event by event, to compare it with BPR02. The zero value is ready.
type Tally struct {
	Charge, Paid, Adjustments, ProviderAdjustments edi.Sum
	Claims, Lines, Unbalanced                      int
}

// AddClaim adds a claim.
func (t *Tally) AddClaim(c *Claim) {
	t.Claims++
	t.Lines += len(c.Lines)
	t.Charge.Add(c.Charge)
	t.Paid.Add(c.Paid)
	c.AdjustmentTotal(&t.Adjustments)
	if !c.Balance().IsZero() {
		t.Unbalanced++
	}
}

// AddProviderAdjustment adds a provider adjustment.
func (t *Tally) AddProviderAdjustment(p *ProviderAdjustment) { t.ProviderAdjustments.Add(p.Amount) }

// Balance returns BPR02 − paid + provider adjustments, in dollars; zero when the payment balances. Source: guide 005010X221A1,
// section 1.10.2.1.
func (t *Tally) Balance(p *Payment) edi.Decimal {
	var s edi.Sum
	s.Add(p.Amount)
	paid, ok := t.Paid.Decimal()
	plb, ok2 := t.ProviderAdjustments.Decimal()
	if !ok || !ok2 {
		return edi.NewDecimal(999_999_999_999_999_999, 0)
	}
	s.Sub(paid)
	s.Add(plb)
	return decimal(&s)
}
