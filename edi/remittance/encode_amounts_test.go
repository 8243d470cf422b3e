package remittance

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/edi/internal/decodetest"
	"github.com/ediport/ediport/edi/internal/encodetest"
)

// kept is what a decoder told of one 835, kept.
type kept struct {
	payment *Payment
	tell    []func(Handler) error
	claims  []*Claim
	plb     []*ProviderAdjustment
}

func (d *kept) Payment(p *Payment) error {
	d.payment = p
	d.tell = append(d.tell, func(h Handler) error { return h.Payment(p) })
	return nil
}

func (d *kept) Summary(s *Summary) error {
	s = s.Clone()
	d.tell = append(d.tell, func(h Handler) error { return h.Summary(s) })
	return nil
}

func (d *kept) Claim(c *Claim) error {
	c = c.Clone()
	d.claims = append(d.claims, c)
	d.tell = append(d.tell, func(h Handler) error { return h.Claim(c) })
	return nil
}

func (d *kept) ProviderAdjustment(p *ProviderAdjustment) error {
	p = p.Clone()
	d.plb = append(d.plb, p)
	d.tell = append(d.tell, func(h Handler) error { return h.ProviderAdjustment(p) })
	return nil
}

func amount(r *rand.Rand) edi.Decimal {
	scale := r.IntN(3)
	return edi.NewDecimal(r.Int64N(100_000)-20_000, scale)
}

// balance gives the document amounts at random, such that lines, claims and payment balance.
func (d *kept) balance(r *rand.Rand) {
	var total edi.Sum
	for _, c := range d.claims {
		total.Add(balanceClaim(c, r))
	}
	for _, p := range d.plb {
		p.Amount = amount(r)
		total.Sub(p.Amount)
	}
	d.payment.Amount, _ = total.Decimal()
}

func balanceClaim(c *Claim, r *rand.Rand) edi.Decimal {
	var charge, paid edi.Sum
	if len(c.Lines) == 0 {
		charge.Add(amount(r))
	}
	for i := range c.Lines {
		l := &c.Lines[i]
		l.Charge = amount(r)
		charge.Add(l.Charge)
		rest := edi.Sum{}
		rest.Add(l.Charge)
		adjust(l.Adjustments, &rest, r)
		l.Paid, _ = rest.Decimal()
	}
	c.Charge, _ = charge.Decimal()
	paid = charge
	for i := range c.Lines {
		subtract(&paid, c.Lines[i].Adjustments)
	}
	adjust(c.Adjustments, &paid, r)
	c.Paid, _ = paid.Decimal()
	return c.Paid
}

func adjust(list []Adjustment, rest *edi.Sum, r *rand.Rand) {
	for i := range list {
		list[i].Amount = amount(r)
		rest.Sub(list[i].Amount)
	}
}

// amounts checks that decode(encode(x)) = x for payments with random amounts that balance, and returns what was told.
func amounts(t *testing.T) *encodetest.Log {
	t.Helper()
	all := new(encodetest.Log)
	for seed := range uint64(40) {
		var d kept
		x12 := encodetest.Document(guide.Lookup(Set), encodetest.Options{Seed: 1000 + seed, All: seed%4 == 0, Values: money()})
		if err := Read(edi.NewReader(bytes.NewReader(x12)), &d); err != nil {
			t.Fatal(err)
		}
		d.balance(rand.New(rand.NewPCG(seed, 3)))
		var out bytes.Buffer
		enc := NewEncoder(&out, encodetest.Random())
		want := told{new(encodetest.Log), enc}
		for _, tell := range d.tell {
			if err := tell(want); err != nil {
				t.Fatal(err)
			}
		}
		if err := want.Err; err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if err := enc.Close(); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		got := told{new(encodetest.Log), Ignore{}}
		if err := Read(edi.NewReader(&out), got); err != nil {
			t.Fatal(err)
		}
		decodetest.Equal(t, got.String(), want.String())
		all.Merge(got.Log)
	}
	return all
}
