package guide_test

import (
	"strings"
	"testing"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
)

// FuzzCheck: whatever a set holds, walker and validator come to an end, each segment is within a loop of its guide, the
// findings are in the file, in its order, and one that rejects makes the verdict.
func FuzzCheck(f *testing.F) {
	for _, d := range []document{payment, answer, inquiry, decision, payment.without(5), answer.without(7), decision.with(9, "HL*4*9*ZZ*7")} {
		f.Add(strings.Join(d, "~"))
	}
	f.Fuzz(func(t *testing.T, segments string) {
		for _, st := range []string{payment[0], answer[0], decision[0]} {
			checkAnything(t, append(document{st}, strings.Split(segments, "~")...).file())
		}
	})
}

func checkAnything(t *testing.T, file string) {
	t.Helper()
	r := edi.NewReader(strings.NewReader(file))
	rejecting, last := false, edi.Position{}
	c := guide.NewChecker(func(f edi.Finding) {
		if f.Pos.Offset < 0 || f.Pos.Offset > int64(len(file)) || f.Message == "" {
			t.Errorf("finding %+v", f)
		}
		if f.Pos.Transaction == 0 {
			return
		}
		if f.Pos.Transaction == last.Transaction && f.Pos.Offset < last.Offset {
			t.Errorf("finding %v after one at byte %d", f, last.Offset)
		}
		last = f.Pos
		rejecting = rejecting || f.Severity == edi.Error && f.SNIP <= 2
	})
	c.Set = func(res guide.Result) {
		if res.Guide != nil && rejecting != (res.Verdict == guide.Rejected) && res.Truncated == 0 {
			t.Errorf("verdict %v, rejecting findings: %v", res.Verdict, rejecting)
		}
		rejecting, last = false, edi.Position{}
	}
	r.Report = c.Report
	sc := guide.NewScanner(r)
	for range len(file) + 10 {
		if !sc.Next() {
			if sc.Err() == nil {
				break
			}
			continue
		}
		c.Segment(sc)
		if sc.Guide() != nil && (sc.Step().Loop == nil || sc.Step().Def != nil && sc.Step().Def.Loop != sc.Step().Loop) {
			t.Errorf("segment %v is in no loop, or in another than its definition", sc.Segment().Pos())
		}
	}
	c.End()
}
