package edi_test

import (
	"math/big"
	"testing"

	"github.com/ediport/ediport/edi"
)

func TestParseDecimal(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"0", "0"},
		{"100", "100"},
		{"-12.5", "-12.5"},
		{".5", "0.5"},
		{"-.05", "-0.05"},
		{"12.", "12"},
		{"0012.30", "12.30"},
		{"999999999999999999", "999999999999999999"},
		{"0.000000000000000001", "0.000000000000000001"},
		{"", ""},
		{"-", ""},
		{".", ""},
		{"1.2.3", ""},
		{"1e5", ""},
		{"+1", ""},
		{"1,000", ""},
		{"1 ", ""},
		{"1234567890123456789", ""},
	} {
		d, err := edi.ParseDecimal([]byte(c.in))
		if (err != nil) != (c.want == "") || err == nil && d.String() != c.want {
			t.Errorf("ParseDecimal(%q) = %s, %v; want %q", c.in, d, err, c.want)
		}
	}
}

func TestSumIsExact(t *testing.T) {
	var s edi.Sum
	for range 1000 {
		s.Add(edi.NewDecimal(1, 1))
	}
	if s.String() != "100.00" {
		t.Errorf("1000 times 0.1 = %s", s.String())
	}
	s.Sub(edi.NewDecimal(100125, 3))
	if s.String() != "-0.125" {
		t.Errorf("100 - 100.125 = %s", s.String())
	}
}

func FuzzSum(f *testing.F) {
	f.Add(int64(1), int8(2), int64(-7), int8(0), int64(999999999999999999), int8(18))
	f.Add(int64(-999999999999999999), int8(0), int64(-999999999999999999), int8(17), int64(5), int8(1))
	f.Fuzz(func(t *testing.T, a int64, as int8, b int64, bs int8, c int64, cs int8) {
		want := new(big.Rat)
		var sum, twice edi.Sum
		for _, v := range []struct {
			n int64
			s int8
		}{{a, as}, {b, bs}, {c, cs}} {
			n, scale := v.n%1_000_000_000_000_000_000, int(v.s&0x7f)%19
			sum.Add(edi.NewDecimal(n, scale))
			want.Add(want, new(big.Rat).SetFrac(big.NewInt(n), new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil)))
		}
		got, ok := new(big.Rat).SetString(sum.String())
		if !ok || got.Cmp(want) != 0 {
			t.Fatalf("sum %s, want %s", sum.String(), want.FloatString(18))
		}
		twice.AddSum(&sum)
		twice.SubSum(&sum)
		if twice.Sign() != 0 || sum.Sign() != want.Sign() {
			t.Fatalf("signs: %d %d", twice.Sign(), sum.Sign())
		}
	})
}

func TestDates(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"20261121", "2026-11-21"}, {"20240229", "2024-02-29"}, {"20230229", ""}, {"20261301", ""}, {"20260100", ""}, {"2026112", ""}, {"2026112A", ""}, {"00000101", ""},
	} {
		d, err := edi.ParseDate([]byte(c.in))
		if (err != nil) != (c.want == "") || d.String() != c.want {
			t.Errorf("ParseDate(%q) = %s, %v; want %q", c.in, d, err, c.want)
		}
	}
	from, to, err := edi.ParseDateRange([]byte("20260101-20261231"))
	if err != nil || from.String() != "2026-01-01" || to.String() != "2026-12-31" {
		t.Errorf("range: %s %s %v", from, to, err)
	}
	if _, _, err := edi.ParseDateRange([]byte("20261231-20260101")); err == nil {
		t.Error("a range that ends before it begins was read")
	}
}
