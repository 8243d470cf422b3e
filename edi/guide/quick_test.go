package guide_test

import (
	"bytes"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/fixtures"
)

// plannedFindings checks a file by plans or, if slowly, without them.
func plannedFindings(t *testing.T, file []byte, slowly bool) (findings []edi.Finding, verdicts []guide.Verdict) {
	t.Helper()
	defer func() {
		if p := recover(); p != nil {
			t.Fatalf("panic %v in %q", p, file)
		}
	}()
	r := edi.NewReader(bytes.NewReader(file))
	c := guide.NewChecker(func(f edi.Finding) { findings = append(findings, f) })
	c.Set = func(res guide.Result) { verdicts = append(verdicts, res.Verdict) }
	if slowly {
		guide.CheckSlowly(c)
	} else {
		guide.RememberAtOnce(c)
	}
	r.Report = c.Report
	sc := guide.NewScanner(r)
	for range len(file) + 10 {
		if sc.Next() {
			c.Segment(sc)
			if problem := guide.InOrder(sc); problem != "" {
				t.Errorf("%v: %s", sc.Pos(), problem)
			}
		} else if sc.Err() == nil {
			break
		}
	}
	c.End()
	return findings, verdicts
}

// sameFindings checks a file both ways; it tells how many findings there are.
func sameFindings(t *testing.T, file []byte) int {
	t.Helper()
	quick, verdicts := plannedFindings(t, file, false)
	slow, want := plannedFindings(t, file, true)
	if !slices.Equal(verdicts, want) {
		t.Errorf("verdicts %v, without plans %v", verdicts, want)
	}
	for i := range max(len(quick), len(slow)) {
		switch {
		case i >= len(quick):
			t.Errorf("only without plans: %+v", slow[i])
		case i >= len(slow):
			t.Errorf("only with plans: %+v", quick[i])
		case quick[i] != slow[i]:
			t.Errorf("with plans %+v, without %+v", quick[i], slow[i])
		default:
			continue
		}
		t.Logf("in %s", file)
		break
	}
	return len(quick)
}

// mutate changes some bytes of a file behind its ISA.
func mutate(random *rand.Rand, file []byte) []byte {
	const bytes = "*~:^ -.,0123456789ABCEHPRZaz\x07\x7f\xc3\n"
	b := slices.Clone(file)
	for range 1 + random.IntN(3) {
		at := 106 + random.IntN(max(len(b)-106, 1))
		if at >= len(b) {
			break
		}
		switch c := bytes[random.IntN(len(bytes))]; random.IntN(6) {
		case 0:
			b = slices.Delete(b, at, at+1)
		case 1:
			b = slices.Insert(b, at, c)
		case 5: // many of them
			b = slices.Insert(b, at, slices.Repeat([]byte{c}, 1+random.IntN(20))...)
		case 2: // a separator with the value behind it once more, or left out
			from := bytesBefore(b, at)
			b = slices.Insert(b, from, b[from:at]...)
		case 3:
			from := bytesBefore(b, at)
			b = slices.Delete(b, from, at)
		default:
			b[at] = c
		}
	}
	return b
}

// bytesBefore returns where the separator before at stands, 106 if there is none behind the ISA.
func bytesBefore(b []byte, at int) int {
	return max(bytes.LastIndexAny(b[:at], "*:^~"), 106)
}

// TestPlansFindTheSame compares the quick checks of values with the long ones, on files with random faults.
func TestPlansFindTheSame(t *testing.T) {
	var files [][]byte
	for _, d := range []document{payment, answer, inquiry, decision} {
		files = append(files, []byte(d.file()))
	}
	for _, write := range []func(*bytes.Buffer) error{
		func(b *bytes.Buffer) error {
			_, err := fixtures.Write835(b, fixtures.Options{Bytes: 3000, Seed: 7})
			return err
		},
		func(b *bytes.Buffer) error {
			_, err := fixtures.Write271(b, fixtures.Options{Bytes: 3000, Seed: 7})
			return err
		},
	} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		files = append(files, b.Bytes())
	}
	for _, e := range fixtures.Catalog() {
		b, err := fixtures.FS.ReadFile("files/" + e.Name)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, b)
	}
	files = append(files, corpusFiles(t)...)
	random := rand.New(rand.NewPCG(8, 35))
	found, rounds := 0, 60
	if testing.Short() {
		rounds = 20
	}
	for _, file := range files {
		found += sameFindings(t, file)
		for range max(rounds*4000/(4000+len(file)), 5) {
			found += sameFindings(t, mutate(random, file))
			if t.Failed() {
				return
			}
		}
	}
	if found < 500 {
		t.Errorf("only %d findings", found)
	}
}

// corpusFiles returns the smaller files of the corpus, if there is one.
func corpusFiles(t *testing.T) (files [][]byte) {
	t.Helper()
	dir := os.Getenv("EDIPORT_CORPUS")
	if dir == "" {
		return nil
	}
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() || strings.HasSuffix(path, ".md") {
			return err
		}
		b, err := os.ReadFile(path)
		if err == nil && len(b) > 200 && len(b) < 20_000 && bytes.HasPrefix(b, []byte("ISA")) {
			files = append(files, b)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// FuzzPlans: the quick checks of values and the long ones find the same.
func FuzzPlans(f *testing.F) {
	for _, d := range []document{payment, answer, inquiry, decision} {
		f.Add(strings.Join(d, "~"))
	}
	f.Fuzz(func(t *testing.T, segments string) {
		for _, st := range []string{payment[0], answer[0], decision[0]} {
			sameFindings(t, []byte(append(document{st}, strings.Split(segments, "~")...).file()))
		}
	})
}

// TestPlacesAreAhead compares the lists of places that the walker goes by with all candidates, on files with random faults.
func TestPlacesAreAhead(t *testing.T) {
	random := rand.New(rand.NewPCG(2, 71))
	placed := 0
	for _, e := range fixtures.Catalog() {
		file, err := fixtures.FS.ReadFile("files/" + e.Name)
		if err != nil {
			t.Fatal(err)
		}
		for _, key := range guide.Keys() {
			if !strings.HasPrefix(key, e.Set) {
				continue
			}
			w := guide.NewWalker(guide.Lookup(key))
			for range 30 {
				placed += comparePlaces(t, w, file)
				file = mutate(random, file)
			}
		}
	}
	if placed < 10_000 {
		t.Errorf("only %d segments had a place", placed)
	}
}

func comparePlaces(t *testing.T, w *guide.Walker, file []byte) (placed int) {
	r := edi.NewReader(bytes.NewReader(file))
	for range len(file) {
		s, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil || s.Ordinal() == 0 {
			continue
		}
		if s.Ordinal() == 1 {
			w.Reset()
		}
		if problem := guide.ComparePlaces(w, s); problem != "" {
			t.Fatalf("%v: %s, in %q", s.Pos(), problem, file)
		}
		if w.Step(s).Def != nil {
			placed++
		}
	}
	return placed
}

// TestPlansLookTwice are values that look right at first sight.
func TestPlansLookTwice(t *testing.T) {
	tests := []struct {
		rule string
		in   document
		want []string
	}{
		{"a qualifier that is repeated", answer.with(2, "BHT*0022^0022*11*R1*20260105*1200"), []string{"2 BHT01^2 IK403 12"}},
		{"a short qualifier that is repeated", payment.with(10, "REF*TJ^TJ*001110001"), []string{"10 REF01^2 1000B IK403 12"}},
		{"a component in a qualifier", payment.with(10, "REF*TJ:1*001110001"), []string{"10 REF01-2 1000B IK403 13"}},
		{"a component beyond many empty ones", payment.with(15, "SVC*HC:99213:::::::::X*60*40"), []string{"15 SVC01-9 2110 IK403 13"}},
		{"an empty component in between", payment.with(15, "SVC*:99213*60*40"), []string{"15 SVC01-1 2110 IK403 1"}},
		{"a composite with one component", payment.with(15, "SVC*HC*60*40"), []string{"15 SVC01-2 2110 IK403 1"}},
		{"a number of nine bytes", payment.with(12, "CLP*A1*1*100*80*000020.00*MC*P1"), nil},
		{"two points", payment.with(12, "CLP*A1*1*100*80*2.0.*MC*P1"), []string{"12 CLP05 2100 IK403 6"}},
		{"a whole number with a point", payment.with(11, "LX*1."), []string{"11 LX01 2000 IK403 6"}},
		{"a sign alone", payment.with(12, "CLP*A1*1*100*80*-*MC*P1"), []string{"12 CLP05 2100 IK403 6"}},
		{"a period of which the second day is none", answer.with(11, "DTP*291*RD8*20260101-20261331"), []string{"11 DTP03 2100C IK403 8"}},
		{"a date where a period is told", answer.with(11, "DTP*291*RD8*20260101"), []string{"11 DTP03 2100C IK403 8"}},
		{"a code in small letters", payment.with(12, "CLP*A1*1*100*80*20*mc*P1"), []string{"12 CLP06 2100 IK403 7"}},
	}
	for _, tt := range tests {
		t.Run(tt.rule, func(t *testing.T) {
			if got, _ := check(t, tt.in.file()); !slices.Equal(got, tt.want) {
				t.Errorf("findings %q, want %q", got, tt.want)
			}
			sameFindings(t, []byte(tt.in.file()))
		})
	}
}
