package eligibility

import (
	"bytes"
	"strings"
	"testing"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/edi/internal/decodetest"
	"github.com/ediport/ediport/fixtures"
)

// copied decodes x12 with copies of all segments, as Segment does.
func copied(t *testing.T, x12 string) *recorder {
	t.Helper()
	r := new(recorder)
	d := NewDecoder(r)
	sc := guide.NewScanner(edi.NewReader(strings.NewReader(x12)))
	for sc.Next() {
		if sc.Guide() == nil {
			continue
		}
		if err := d.Segment(sc.Segment(), sc.Step()); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.End(); err != nil {
		t.Fatal(err)
	}
	return r
}

// TestBorrowedAnswers compares answers whose segments are held in the memory of the Reader with those that are copied: over many of
// its windows, and where HL04 says that a subscriber has no dependents and some follow.
func TestBorrowedAnswers(t *testing.T) {
	t.Parallel()
	benefits := strings.Repeat("EB*1*IND*30^33**PLAN~MSG*"+strings.Repeat("A LONG TEXT ", 15)+"~", 20)
	bea := "HL*4*3*23*0~NM1*03*1*ASH*BEA~" + benefits
	for name, x12 := range map[string]string{
		"dependents that HL04 denies": envelope + head + anna + benefits + strings.Repeat(bea, 60) + tail,
		"subscribers":                 envelope + head + strings.Repeat(anna+benefits, 60) + tail,
		"a level that is none":        envelope + head + anna + benefits + "HL*9*9*99*0~" + strings.Repeat(bea, 20) + tail,
		"generated":                   generated(t),
	} {
		held, want := read(t, x12), copied(t, x12)
		decodetest.Equal(t, held.live.String(), want.live.String())
		decodetest.Equal(t, held.cloned(), want.cloned())
		if held.subscribers == 0 {
			t.Errorf("%s: no subscribers", name)
		}
	}
}

func generated(t testing.TB) string {
	t.Helper()
	var b bytes.Buffer
	if _, err := fixtures.Write271(&b, fixtures.Options{Bytes: 300_000, Seed: 2}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Compare two versions with: go test ./edi/eligibility -run '^$' -bench Answers -count 10 | benchstat …
func BenchmarkAnswers(b *testing.B) {
	x12 := generated(b)
	b.Run("set=271", func(b *testing.B) {
		b.SetBytes(int64(len(x12)))
		b.ReportAllocs()
		for b.Loop() {
			n := 0
			for _, err := range Answers(edi.NewReader(strings.NewReader(x12))) {
				if err != nil {
					b.Fatal(err)
				}
				n++
			}
			if n == 0 {
				b.Fatal("no answers")
			}
		}
	})
}
