package mutationtest

import (
	"fmt"
	"math/big"

	"github.com/ediport/ediport/edi/internal/mutate"
)

// balance reckons what an 835 with whole segments more or less is out by, and returns the finding that tells the cause: a line
// that does not balance makes its claim not balance, and a claim the payment. It is "" if all balances, and for other sets.
// Source: 005010X221A1, section 1.10.2.1.
func (f *facts) balance(d *mutate.Document) string {
	if f.name != "835" {
		return ""
	}
	var b books
	for i := range d.Segments {
		b.enter(d, i, d.Place(i).Ordinal)
	}
	b.closeClaim()
	if b.found == "" && b.payment.Sign() != 0 {
		b.found = fmt.Sprintf("%d BPR02 - balance.payment", b.at)
	}
	return b.found
}

type books struct {
	payment, claim, charges, line big.Rat
	inClaim, inLine, lines        bool
	at, claimAt, lineAt           int
	found                         string
}

func (b *books) enter(d *mutate.Document, i, position int) {
	amount := func(n int) *big.Rat {
		r, ok := new(big.Rat).SetString(d.Element(i, n))
		if !ok {
			return new(big.Rat)
		}
		return r
	}
	minus := func(a *big.Rat, x *big.Rat) { a.Sub(a, x) }
	switch d.Segments[i][0] {
	case "BPR":
		b.at = position
		b.payment.Set(amount(2))
	case "PLB":
		for n := 4; n <= 14; n += 2 {
			b.payment.Add(&b.payment, amount(n))
		}
		b.closeClaim()
	case "LX":
		b.closeClaim()
	case "CLP":
		b.closeClaim()
		b.inClaim, b.lines, b.claimAt = true, false, position
		b.charges.Set(amount(3))
		b.claim.Sub(amount(3), amount(4))
		minus(&b.payment, amount(4))
	case "SVC":
		b.closeLine()
		b.inLine, b.lines, b.lineAt = true, true, position
		b.line.Sub(amount(2), amount(3))
		minus(&b.charges, amount(2))
	case "CAS":
		for n := 3; n <= 18; n += 3 {
			minus(&b.claim, amount(n))
			if b.inLine {
				minus(&b.line, amount(n))
			}
		}
	}
}

func (b *books) tell(at int, what string) {
	if b.found == "" {
		b.found = fmt.Sprintf("%d %s", at, what)
	}
}

func (b *books) closeLine() {
	if b.inLine && b.line.Sign() != 0 {
		b.tell(b.lineAt, "SVC03 2110 balance.line")
	}
	b.inLine = false
}

func (b *books) closeClaim() {
	b.closeLine()
	if b.inClaim && b.claim.Sign() != 0 {
		b.tell(b.claimAt, "CLP04 2100 balance.claim")
	}
	if b.inClaim && b.lines && b.charges.Sign() != 0 {
		b.tell(b.claimAt, "CLP03 2100 balance.charge")
	}
	b.inClaim = false
}
