package guide

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/ediport/ediport/edi"
)

// TestNumberWord compares reading eight bytes at once with reading one after the other.
func TestNumberWord(t *testing.T) {
	letters := "0123456789.-+E "
	random := rand.New(rand.NewPCG(1, 2))
	read := 0
	for range 200_000 {
		n := 1 + random.IntN(8)
		b := make([]byte, n)
		for i := range b {
			b[i] = letters[random.IntN(10)]
			if random.IntN(10) == 0 {
				b[i] = letters[random.IntN(len(letters))]
			}
		}
		text := []byte("x*" + string(b) + strings.Repeat("~", random.IntN(9)))
		for len(text) < 8 {
			text = append([]byte("x"), text...)
		}
		at := strings.Index(string(text), "*") + 1
		d, ok := numberWord(word(text, at, n), n)
		digits, good := countDigits(b, true)
		if ok != good {
			t.Fatalf("numberWord(%q) is %t, countDigits %t", b, ok, good)
		}
		if !ok {
			continue
		}
		read++
		want, err := edi.ParseDecimal(b)
		if err != nil || d.count != digits || d.value() != want.Coefficient() || d.fraction != want.Scale() {
			t.Fatalf("numberWord(%q) is %d, %d digits, %d behind the point; want %v (%v)", b, d.value(), d.count, d.fraction, want, err)
		}
	}
	if read < 10_000 {
		t.Errorf("only %d numbers were read", read)
	}
}

func TestWordKey(t *testing.T) {
	for n := 1; n <= 7; n++ {
		for lead := range 9 {
			for tail := range 9 {
				code := "ABCDEFG"[:n]
				text := []byte(strings.Repeat("*", lead) + code + strings.Repeat("~", tail))
				if len(text) < 8 {
					continue
				}
				if got, want := wordKey(word(text, lead, n), n), codeKey([]byte(code)); got != want {
					t.Errorf("the key of %s in %s is %x, want %x", code, text, got, want)
				}
			}
		}
	}
}
