package edi

import (
	"errors"
	"math/big"
	"math/bits"
	"strconv"
	"strings"
)

// ErrDecimal says that a text is not a decimal of X12 type R that fits a Decimal: an optional minus, digits, at most one
// point, at most 18 digits in all.
var ErrDecimal = errors.New("not a decimal number of at most 18 digits")

const maxDecimalDigits = 18

// A Decimal is an exact decimal number, coefficient · 10^-scale. The zero value is 0. Amounts are in dollars unless CUR says otherwise.
type Decimal struct {
	coefficient int64
	scale       int8
}

// NewDecimal returns coefficient · 10^-scale; scale is 0 to 18.
func NewDecimal(coefficient int64, scale int) Decimal {
	return Decimal{coefficient: coefficient, scale: int8(scale)}
}

// ParseDecimal reads a decimal as X12 writes it (type R): "-12.5", ".5", "100". The scale is kept as sent. An empty text is ErrDecimal.
func ParseDecimal(b []byte) (Decimal, error) {
	negative := len(b) > 0 && b[0] == '-'
	if negative {
		b = b[1:]
	}
	if len(b) == 0 || len(b) > maxDecimalDigits {
		return parseLong(b, negative)
	}
	n, point := int64(0), -1 // so few digits always fit
	for i, c := range b {
		if c -= '0'; c <= 9 {
			n = n*10 + int64(c)
		} else if b[i] == '.' && point < 0 && len(b) > 1 {
			point = i
		} else {
			return Decimal{}, ErrDecimal
		}
	}
	if negative {
		n = -n
	}
	if point < 0 {
		return Decimal{coefficient: n}, nil
	}
	return Decimal{coefficient: n, scale: int8(len(b) - 1 - point)}, nil
}

// parseLong is ParseDecimal for texts that may have too many digits; the minus was read.
func parseLong(b []byte, negative bool) (Decimal, error) {
	var d Decimal
	digits, point := 0, false
	for _, c := range b {
		switch {
		case c >= '0' && c <= '9':
			if d.coefficient != 0 || c != '0' {
				digits++
			}
			if digits > maxDecimalDigits || d.scale == maxDecimalDigits {
				return Decimal{}, ErrDecimal
			}
			d.coefficient = d.coefficient*10 + int64(c-'0')
			if point {
				d.scale++
			}
		case c == '.' && !point:
			point = true
		default:
			return Decimal{}, ErrDecimal
		}
	}
	if len(b) == 0 || point && len(b) == 1 {
		return Decimal{}, ErrDecimal
	}
	if negative {
		d.coefficient = -d.coefficient
	}
	return d, nil
}

// IsZero tells whether d is 0.
func (d Decimal) IsZero() bool { return d.coefficient == 0 }

// Sign returns -1, 0 or 1.
func (d Decimal) Sign() int {
	switch {
	case d.coefficient < 0:
		return -1
	case d.coefficient > 0:
		return 1
	default:
		return 0
	}
}

// Neg returns −d.
func (d Decimal) Neg() Decimal { return Decimal{coefficient: -d.coefficient, scale: d.scale} }

// Coefficient returns the digits of d as an integer; d is Coefficient · 10^-Scale.
func (d Decimal) Coefficient() int64 { return d.coefficient }

// Scale returns the number of digits after the point.
func (d Decimal) Scale() int { return int(d.scale) }

// Cmp returns -1, 0 or 1 as d is less than, equal to or greater than e, whatever their scales.
func (d Decimal) Cmp(e Decimal) int {
	if d.scale == e.scale {
		switch {
		case d.coefficient < e.coefficient:
			return -1
		case d.coefficient > e.coefficient:
			return 1
		}
		return 0
	}
	var s Sum
	s.Add(d)
	s.Sub(e)
	return s.Sign()
}

// String returns d with the digits after the point that it has: "100.50".
func (d Decimal) String() string { return string(d.Append(nil)) }

// Append appends the text of d to b.
func (d Decimal) Append(b []byte) []byte {
	if d.scale == 0 {
		return strconv.AppendInt(b, d.coefficient, 10)
	}
	u := uint64(d.coefficient)
	if d.coefficient < 0 {
		b = append(b, '-')
		u = -u
	}
	var tmp [24]byte
	t := strconv.AppendUint(tmp[:0], u, 10)
	for range int(d.scale) + 1 - len(t) {
		b = append(b, '0')
	}
	return insertPoint(append(b, t...), int(d.scale))
}

func insertPoint(b []byte, scale int) []byte {
	b = append(b, 0)
	i := len(b) - 1 - scale
	copy(b[i+1:], b[i:])
	b[i] = '.'
	return b
}

// MarshalText writes d as String does.
func (d Decimal) MarshalText() ([]byte, error) { return d.Append(nil), nil }

var powersOf10 = func() (p [19]int64) {
	p[0] = 1
	for i := 1; i < len(p); i++ {
		p[i] = p[i-1] * 10
	}
	return p
}()

// A Sum adds decimals exactly, whatever their number and size. The zero value is 0.
type Sum struct {
	d   Decimal
	big *big.Int // set once int64 no longer suffices: the sum at scale 18
}

// Add adds d.
func (s *Sum) Add(d Decimal) {
	if s.big == nil && s.addSmall(d) {
		return
	}
	s.addBig(d)
}

// Sub subtracts d.
func (s *Sum) Sub(d Decimal) { s.Add(d.Neg()) }

func (s *Sum) addSmall(d Decimal) bool {
	a, b := s.d, d
	if a.scale < b.scale && !a.rescale(b.scale) || b.scale < a.scale && !b.rescale(a.scale) {
		return false
	}
	sum := a.coefficient + b.coefficient
	if (a.coefficient > 0) == (b.coefficient > 0) && (sum > 0) != (a.coefficient > 0) && a.coefficient != 0 && b.coefficient != 0 {
		return false
	}
	s.d = Decimal{coefficient: sum, scale: a.scale}
	return true
}

func (d *Decimal) rescale(scale int8) bool {
	u := uint64(d.coefficient)
	if d.coefficient < 0 {
		u = -u
	}
	high, low := bits.Mul64(u, uint64(powersOf10[scale-d.scale]))
	if high != 0 || low > 1<<62 {
		return false
	}
	d.coefficient *= powersOf10[scale-d.scale]
	d.scale = scale
	return true
}

func (s *Sum) addBig(d Decimal) {
	if s.big == nil {
		s.big = atScale18(s.d)
	}
	s.big = new(big.Int).Add(s.big, atScale18(d)) // a new one: copied Sums must not share it
}

func atScale18(d Decimal) *big.Int {
	n := big.NewInt(d.coefficient)
	return n.Mul(n, big.NewInt(powersOf10[maxDecimalDigits-d.scale]))
}

// Sign returns -1, 0 or 1.
func (s *Sum) Sign() int {
	if s.big != nil {
		return s.big.Sign()
	}
	return s.d.Sign()
}

// Cmp compares the sum with d.
func (s *Sum) Cmp(d Decimal) int {
	t := Sum{d: s.d}
	if s.big != nil {
		t.big = new(big.Int).Set(s.big)
	}
	t.Sub(d)
	return t.Sign()
}

// Decimal returns the sum as a Decimal; ok is false if it has too many digits for one.
func (s *Sum) Decimal() (d Decimal, ok bool) { return s.d, s.big == nil }

// String returns the exact sum with at least two digits after the point: "0.00", "12.345".
func (s *Sum) String() string {
	if s.big == nil {
		d := s.d
		for d.scale > 2 && d.coefficient%10 == 0 {
			d.coefficient /= 10
			d.scale--
		}
		if d.scale >= 2 || d.rescale(2) {
			return d.String()
		}
	}
	n := s.big
	if n == nil {
		n = atScale18(s.d)
	}
	digits := new(big.Int).Abs(n).String()
	if len(digits) <= maxDecimalDigits {
		digits = strings.Repeat("0", maxDecimalDigits+1-len(digits)) + digits
	}
	point := len(digits) - maxDecimalDigits
	fraction := strings.TrimRight(digits[point:], "0")
	for len(fraction) < 2 {
		fraction += "0"
	}
	sign := ""
	if n.Sign() < 0 {
		sign = "-"
	}
	return sign + digits[:point] + "." + fraction
}

// MarshalText writes the sum as String does.
func (s *Sum) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// AddSum adds t.
func (s *Sum) AddSum(t *Sum) {
	if t.big == nil {
		s.Add(t.d)
		return
	}
	if s.big == nil {
		s.big = atScale18(s.d)
	}
	s.big = new(big.Int).Add(s.big, t.big)
}

// SubSum subtracts t.
func (s *Sum) SubSum(t *Sum) {
	n := Sum{d: t.d.Neg()}
	if t.big != nil {
		n.big = new(big.Int).Neg(t.big)
	}
	s.AddSum(&n)
}
