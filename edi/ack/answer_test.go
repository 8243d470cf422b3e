package ack

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/edi/internal/decodetest"
)

var testTime = time.Date(2026, 11, 21, 8, 30, 0, 0, time.UTC)

// An answered file is what an Acknowledger made of it.
type answered struct {
	x999, xTA1 string
	findings   []edi.Finding
	sets       []SetAnswer
	counts     Counts
}

func answer(t testing.TB, x12 []byte, p Policy) answered {
	t.Helper()
	var w999, wTA1 bytes.Buffer
	var out answered
	a := NewAcknowledger(Options{To999: &w999, ToTA1: &wTA1, Policy: p, Time: testTime})
	a.Report = func(f edi.Finding) { out.findings = append(out.findings, f) }
	a.Set = func(s SetAnswer) { out.sets = append(out.sets, s) }
	if err := a.Run(bytes.NewReader(x12)); err != nil && !errors.Is(err, edi.ErrNotX12) {
		t.Fatal(err)
	}
	out.x999, out.xTA1, out.counts = w999.String(), wTA1.String(), a.Counts()
	return out
}

// readBack reads what was written, if anything was.
func readBack(t testing.TB, x999 string) []*Group {
	t.Helper()
	if x999 == "" {
		return nil
	}
	return groups(t, x999)
}

// sound fails if an answer is not valid by its guides, or does not say what was found.
func (a *answered) sound(t testing.TB) {
	t.Helper()
	for name, x12 := range map[string]string{"999": a.x999, "TA1": a.xTA1} {
		if x12 == "" {
			continue
		}
		if err := check([]byte(x12)); err != nil {
			t.Fatalf("the %s is not valid: %v\n%s", name, err, strings.ReplaceAll(x12, "~", "~\n"))
		}
	}
	ta1s := 0
	for range TA1s(edi.NewReader(strings.NewReader(a.xTA1))) {
		ta1s++
	}
	if a.xTA1 != "" && ta1s != a.counts.TA1s {
		t.Errorf("%d TA1s read back, want %d", ta1s, a.counts.TA1s)
	}
	said := readBack(t, a.x999)
	if len(said) != a.counts.Groups {
		t.Errorf("%d groups read back, want %d", len(said), a.counts.Groups)
	}
	sets := 0
	for _, g := range said {
		sets += g.Received.Value
		soundGroup(t, g)
	}
	if sets != a.counts.Sets {
		t.Errorf("%d sets read back, want %d", sets, a.counts.Sets)
	}
}

// soundGroup fails if a group contradicts itself.
func soundGroup(t testing.TB, g *Group) {
	t.Helper()
	whole := g.Code.Is("R") && len(g.ErrorCodes) > 0 // then those accepted are not named
	if len(g.Problems) > 0 || g.Named.Sets != g.Received.Value && !whole || whole && g.Named.Accepted > 0 || g.Named.Accepted+g.Named.Rejected != g.Named.Sets {
		t.Errorf("group %s: %d problems, %+v of %d received", g.ControlNumber, len(g.Problems), g.Named, g.Received.Value)
	}
	code, want := string(g.Code), g.Named.Accepted
	worst := Accepted
	for _, s := range g.Sets {
		worst = max(worst, outcomeOf(s.Answer))
		soundSet(t, s)
	}
	var right bool
	switch code {
	case "A":
		right = worst == Accepted && len(g.ErrorCodes) == 0
	case "E":
		right = worst == AcceptedWithErrors || len(g.ErrorCodes) > 0
	case "P":
		right = g.Named.Rejected > 0 && g.Named.Accepted > 0
	case "R":
		right, want = g.Named.Accepted == 0 || len(g.ErrorCodes) > 0, 0
	}
	if !right || g.Accepted.Value != want {
		t.Errorf("group %s: AK9 %s, %d accepted, codes %s: %+v", g.ControlNumber, code, g.Accepted.Value, g.ErrorCodes, g.Named)
	}
}

func soundSet(t testing.TB, s *Set) {
	t.Helper()
	has := func(code string) bool {
		for _, c := range s.ErrorCodes {
			if c.Is(code) {
				return true
			}
		}
		return false
	}
	if s.Answer.Is("A") != (len(s.ErrorCodes) == 0) || s.Answer.Is("A") && len(s.Errors) > 0 {
		t.Errorf("set %s: IK5 %s with codes %s and %d errors", s.ControlNumber, s.Answer, s.ErrorCodes, len(s.Errors))
	}
	if len(s.Errors) > 0 && !has("5") && !has("I5") && len(s.ErrorCodes) < maxCodes {
		t.Errorf("set %s: errors without IK502 5 or I5", s.ControlNumber)
	}
	for _, e := range s.Errors {
		if e.Code.Is("8") != (len(e.Elements) > 0) {
			t.Errorf("set %s: IK304 %s with %d elements", s.ControlNumber, e.Code, len(e.Elements))
		}
	}
}

// agrees fails if what the 999s say differs from the verdicts and findings, by the default policy.
func (a *answered) agrees(t testing.TB) {
	t.Helper()
	answered := a.sets[:0:0]
	for _, s := range a.sets {
		if s.Code != "" {
			answered = append(answered, s)
		}
	}
	var told []*Set
	left := answered[:0:0]
	for _, g := range readBack(t, a.x999) {
		told = append(told, g.Sets...)
		n := min(g.Received.Value, len(answered))
		for _, s := range answered[:n] {
			if s.Code == "R" || g.Named.Sets == g.Received.Value {
				left = append(left, s)
			}
		}
		answered = answered[n:]
	}
	rejected := strings.Contains(a.xTA1, "*R*") // its sets are not told
	if len(told) != len(left) && !rejected {
		t.Fatalf("%d sets told, want %d", len(told), len(left))
	}
	for i, s := range left {
		if (s.Verdict == guide.Rejected) != (s.Code == "R") && s.Guide != nil {
			t.Errorf("set %d: verdict %s, IK501 %s", i, s.Verdict, s.Code)
		}
		if rejected {
			continue
		}
		segments, elements := 0, 0
		for _, f := range a.findings {
			p := f.Pos
			if f.Severity != edi.Error || f.SNIP > 2 && f.SNIP != 4 || !sameSet(p, s.Pos) {
				continue
			}
			switch f.Code.Kind {
			case "IK304":
				segments++
			case "IK403":
				elements++
			}
		}
		for _, e := range told[i].Errors {
			elements -= len(e.Elements)
			if len(e.Elements) == 0 {
				segments--
			}
		}
		if (segments < 0 || elements != 0) && s.LeftOut == 0 {
			t.Errorf("set %s: %d segment errors and %d element errors more found than told", s.Control.ST02, segments, elements)
		}
	}
}

func sameSet(a, b edi.Position) bool {
	return a.Interchange == b.Interchange && a.Group == b.Group && a.Transaction == b.Transaction
}

// Each testdata/answers file is an interchange with the answers to it.
func TestAnswers(t *testing.T) {
	t.Parallel()
	decodetest.GoldenIn(t, "testdata/answers", func(t *testing.T, x12 string) string {
		a := answer(t, []byte(x12), DefaultPolicy())
		a.sound(t)
		a.agrees(t)
		return strings.ReplaceAll(a.x999+"\n"+a.xTA1, "~", "~\n") + fmt.Sprintf("%+v\n", a.counts)
	})
}

// What is written about files of others is valid, and says what was found.
func TestCorpusAnswers(t *testing.T) {
	t.Parallel()
	dir := corpus(t)
	files, sets := 0, 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".edi" {
			return err
		}
		x12, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		files++
		t.Run(filepath.Base(path), func(t *testing.T) {
			strict := answer(t, x12, DefaultPolicy())
			strict.sound(t)
			strict.agrees(t)
			tolerant := answer(t, x12, TolerantPolicy())
			tolerant.sound(t)
			sets += tolerant.counts.Sets
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 300 || sets < 300 {
		t.Errorf("%d sets of %d files were answered, want at least 300 of 300", sets, files)
	}
}

// A value with a delimiter of the answer is not repeated, whichever it is.
func TestDelimitersInValues(t *testing.T) {
	t.Parallel()
	for _, c := range []string{"*", "^", ":", "~", "\x01", "é"} {
		other := strings.NewReplacer("*", "|", "^", "`", ":", ">", "~", "!").Replace(badCode)
		other = strings.Replace(other, "NM1|IL|7|", "NM1|IL|"+c+"7|", 1)
		a := answer(t, []byte(other), DefaultPolicy())
		a.sound(t)
		a.agrees(t)
		if !strings.Contains(a.x999, "~IK3*NM1*9*2100C*8~CTX*TRN02:T1~IK4*2*1065*") || strings.Contains(a.x999, c+"7~IK5") {
			t.Errorf("%q:\n%s", c, strings.ReplaceAll(a.x999, "~", "~\n"))
		}
	}
}

// A file that comes byte by byte gets the same answers: nothing of what the Reader lends is kept.
func TestAnswersInPieces(t *testing.T) {
	t.Parallel()
	for i, x12 := range decodetest.InputsIn(t, "testdata/answers") {
		want := answer(t, x12, DefaultPolicy())
		var w999, wTA1 bytes.Buffer
		_, err := Acknowledge(iotest.OneByteReader(bytes.NewReader(x12)), Options{To999: &w999, ToTA1: &wTA1, Policy: DefaultPolicy(), Time: testTime})
		if err != nil || w999.String() != want.x999 || wTA1.String() != want.xTA1 {
			t.Errorf("document %d: %v\ngot  %s%s\nwant %s%s", i, err, w999.String(), wTA1.String(), want.x999, want.xTA1)
		}
	}
}

// An error of the file or of what is written to comes back, and nothing follows it.
func TestAcknowledgeErrors(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	for n := range len(badCode) {
		var out bytes.Buffer
		file := io.MultiReader(strings.NewReader(badCode[:n]), iotest.ErrReader(broken))
		if _, err := Acknowledge(file, Options{To999: &out, Policy: DefaultPolicy(), Time: testTime}); !errors.Is(err, broken) {
			t.Fatalf("after %d bytes: error %v", n, err)
		}
		if out.Len() > 0 {
			t.Fatalf("after %d bytes: answered %s", n, out.String())
		}
	}
	_, err := Acknowledge(strings.NewReader(badCode), Options{To999: failingWriter{broken}, Policy: DefaultPolicy()})
	if !errors.Is(err, broken) {
		t.Errorf("error %v, want that of the writer", err)
	}
	next := func() (int, error) { return 0, broken }
	if _, err := Acknowledge(strings.NewReader(badCode), Options{To999: io.Discard, NextInterchange: next}); !errors.Is(err, broken) {
		t.Errorf("error %v, want that of the numbers", err)
	}
}

type failingWriter struct{ err error }

func (f failingWriter) Write([]byte) (int, error) { return 0, f.err }
