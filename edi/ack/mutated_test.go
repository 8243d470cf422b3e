package ack

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/ediport/ediport/edi/internal/decodetest"
	"github.com/ediport/ediport/fixtures"
)

// Whatever is wrong with a file, its answers are valid and say what was found.
func TestMutatedAnswers(t *testing.T) {
	t.Parallel()
	documents := decodetest.InputsIn(t, "testdata/answers")
	for _, e := range fixtures.Catalog() {
		if x12, err := fixtures.Open(e.Name); err != nil {
			t.Fatal(err)
		} else if len(x12) < 20_000 {
			documents = append(documents, x12)
		}
	}
	const rounds = 25
	var all Counts
	told := map[string]int{}
	for i, x12 := range documents {
		for round := range rounds {
			r := rand.New(rand.NewPCG(uint64(i), uint64(round)))
			changed := mutated(r, string(x12))
			a := answer(t, []byte(changed), DefaultPolicy())
			a.sound(t)
			a.agrees(t)
			all.Rejected += a.counts.Rejected
			all.TA1s += a.counts.TA1s
			for _, f := range a.findings {
				told[f.Code.Kind+" "+f.Code.Value]++
			}
			b := answer(t, []byte(changed), TolerantPolicy())
			b.sound(t)
			if t.Failed() {
				t.Fatalf("document %d, round %d:\n%s\n%s", i, round, strings.ReplaceAll(changed, "~", "~\n"), strings.ReplaceAll(a.x999+a.xTA1, "~", "~\n"))
			}
		}
	}
	if all.Rejected < 250 || all.TA1s < 150 || len(told) < 45 {
		t.Errorf("%d sets were rejected, %d TA1s written, %d kinds of findings told: too few to show anything", all.Rejected, all.TA1s, len(told))
	}
}

// mutated returns x12 with some segments and elements changed, left out or put elsewhere.
func mutated(r *rand.Rand, x12 string) string {
	segments := strings.Split(x12, "~")
	for range 1 + r.IntN(4) {
		i := r.IntN(len(segments))
		switch r.IntN(8) {
		case 0:
			segments = slices.Delete(segments, i, i+1)
		case 1:
			segments = slices.Insert(segments, i, segments[r.IntN(len(segments))])
		case 2:
			segments = slices.Insert(segments, i, []string{"ZQ*1", "toolong*1", "GS", "ST*1", "SE", "*A", "TA1*1", "NM1", "ISA*1*2"}[r.IntN(9)])
		case 3:
			segments = segments[:i+1]
		default:
			segments[i] = mutatedSegment(r, segments[i])
		}
		if len(segments) == 0 {
			return ""
		}
	}
	return strings.Join(segments, "~")
}

func mutatedSegment(r *rand.Rand, segment string) string {
	elements := strings.Split(segment, "*")
	values := []string{"", " ", "0", "-1", "A", "x\ty", "ZZZZZZZZZZ", "99999999999999999999", "é", "A:B:C", "A^B^C", "20261341", "~", strings.Repeat("9", 200), "TRN", "FA"}
	i := r.IntN(len(elements))
	switch r.IntN(4) {
	case 0:
		elements = slices.Insert(elements, i, values[r.IntN(len(values))])
	case 1:
		elements = slices.Delete(elements, i, i+1)
	case 2:
		for range 120 {
			elements = append(elements, "1")
		}
	default:
		elements[i] = values[r.IntN(len(values))]
	}
	return strings.Join(elements, "*")
}
