package diff_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/diff"
	"github.com/ediport/ediport/edi/internal/corpustest"
	"github.com/ediport/ediport/edi/view"
	"github.com/ediport/ediport/fixtures"
)

func file(b []byte) diff.File { return diff.File{ReaderAt: bytes.NewReader(b), Size: int64(len(b))} }

func changes(t *testing.T, a, b []byte) []diff.Change {
	t.Helper()
	var all []diff.Change
	result, err := diff.Compare(file(a), file(b), func(c diff.Change) error {
		all = append(all, c)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if result.Changes != len(all) || result.Equal() != (len(all) == 0) {
		t.Errorf("%d changes reported, result %+v", len(all), result)
	}
	return all
}

// told shows a change in short.
func told(c diff.Change) string {
	text := string(c.Kind) + " " + c.Loop + " " + c.Segment
	if c.Element > 0 {
		text += fmt.Sprintf("%02d", c.Element)
	}
	if c.Part > 0 {
		text += fmt.Sprintf("-%d", c.Part)
	}
	if c.Kind == diff.Changed {
		text += " " + c.Old + " > " + c.New
	}
	return text
}

func fixture(t *testing.T, name string) string {
	t.Helper()
	b, err := fixtures.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// One change to a document is told as that change, and nothing else is.
func TestOneChange(t *testing.T) {
	t.Parallel()
	payment, benefits := "01-835-payment-with-denials.x12", "13-271-dependent-benefits.x12"
	for name, c := range map[string]struct {
		file, old, new string
		want           []string
	}{
		"number written otherwise":   {payment, "CLP*CHF-20418*1*245*", "CLP*CHF-20418*1*245.00*", nil},
		"amount":                     {payment, "CLP*CHF-20418*1*245*", "CLP*CHF-20418*1*246*", []string{"changed 2100 CLP03 245 > 246"}},
		"control numbers":            {payment, "260001101", "260009999", nil},
		"date of the envelope":       {payment, "*20261102*0612*1101*", "*20261105*0700*1101*", nil},
		"sender":                     {payment, "TAMARINDMUTUAL ", "TAMARINDMUTUAM ", []string{"changed  ISA06 TAMARINDMUTUAL > TAMARINDMUTUAM"}},
		"component":                  {payment, "SVC*HC:99214:25*", "SVC*HC:99214:26*", []string{"changed 2110 SVC01-3 25 > 26"}},
		"name":                       {payment, "QUILLFEATHER*JUNIPER", "QUILLFEATHER*JENNIFER", []string{"changed 2100 NM104 JUNIPER > JENNIFER"}},
		"segment left out":           {payment, "AMT*AU*164.65~\n", "", []string{"removed 2100 AMT"}},
		"segment more":               {payment, "AMT*AU*164.65~\n", "AMT*AU*164.65~\nAMT*D8*1~\n", []string{"added 2100 AMT"}},
		"element more":               {payment, "N3*12 CEDAR HOLLOW ROAD~", "N3*12 CEDAR HOLLOW ROAD*FLOOR 2~", []string{"changed 1000B N302  > FLOOR 2"}},
		"repetitions in other order": {benefits, "^98^AL^", "^AL^98^", nil},
		"repetition less":            {benefits, "^98^AL^", "^AL^", []string{"changed 2110D EB03 1, 33, 35, 47, 48, 50, 86, 88, 98, AL, MH, UC > 1, 33, 35, 47, 48, 50, 86, 88, AL, MH, UC"}},
		"level numbers":              {benefits, "HL*4*3*23", "HL*7*3*23", nil},
		"birth date":                 {benefits, "DMG*D8*20160602*F", "DMG*D8*20160603*F", []string{"changed 2100D DMG02 20160602 > 20160603"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := fixture(t, c.file)
			b := strings.ReplaceAll(a, c.old, c.new)
			if a == b {
				t.Fatalf("%q is not in the file", c.old)
			}
			var got []string
			for _, change := range changes(t, []byte(a), []byte(b)) {
				got = append(got, told(change))
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// Claims in another order are the same claims; one that is missing is told as such.
func TestClaimsAreMatched(t *testing.T) {
	t.Parallel()
	a := fixture(t, "01-835-payment-with-denials.x12")
	head, rest, _ := strings.Cut(a, "CLP*")
	claims := strings.Split(rest, "CLP*")
	last, tail, _ := strings.Cut(claims[len(claims)-1], "PLB*")
	claims[len(claims)-1] = last
	build := func(claims []string) []byte {
		return []byte(head + "CLP*" + strings.Join(claims, "CLP*") + "PLB*" + tail)
	}
	if !bytes.Equal(build(claims), []byte(a)) {
		t.Fatal("the file was not put together again")
	}
	turned := slices.Clone(claims)
	slices.Reverse(turned)
	if got := changes(t, []byte(a), build(turned)); len(got) > 0 {
		t.Errorf("claims in another order: %v", got)
	}
	got := changes(t, []byte(a), build(append(slices.Clone(claims[:2]), claims[3:]...)))
	if len(got) != 1 || got[0].Kind != diff.Removed || got[0].Loop != "2100" || !strings.HasPrefix(got[0].Old, "CLP*"+strings.Split(claims[2], "*")[0]) {
		t.Errorf("a claim less: %+v", got)
	}
	if b := got[0].A; b.Position == 0 || b.Line == 0 || a[b.Offset:b.Offset+4] != "CLP*" {
		t.Errorf("the claim is said to stand at %+v", b)
	}
}

// Sets are matched by what they say, wherever they stand.
func TestSetsAreMatched(t *testing.T) {
	t.Parallel()
	first, second := fixture(t, "01-835-payment-with-denials.x12"), fixture(t, "02-835-reversal-and-correction.x12")
	third := fixture(t, "11-271-active-member.x12")
	if got := changes(t, []byte(first+second+third), []byte(third+second+first)); len(got) > 0 {
		t.Errorf("in another order: %v", got)
	}
	got := changes(t, []byte(first+second), []byte(second+third))
	if len(got) != 2 || got[0].Kind != diff.Removed || got[1].Kind != diff.Added || got[0].Set != "835" || got[1].Set != "271" {
		t.Errorf("one less, one more: %+v", got)
	}
}

// In a set whose guide is not known, order counts.
func TestUnknownGuides(t *testing.T) {
	t.Parallel()
	head := "ISA*00*          *00*          *ZZ*S              *ZZ*R              *261121*0830*^*00501*000000001*0*P*:~" +
		"GS*HC*S*R*20261121*0830*1*X*005010X222A1~ST*837*0001*005010X222A1~"
	tail := "SE*9*0001~GE*1*1~IEA*1*000000001~"
	a := "HL*1**20*1~NM1*85*2*A~CLM*1*10~DTP*472*D8*20260101~CLM*2*20~DTP*472*D8*20260102~"
	for b, want := range map[string][]string{
		a: nil,
		"HL*1**20*1~NM1*85*2*A~CLM*2*20~DTP*472*D8*20260102~CLM*1*10~DTP*472*D8*20260101~": {"removed", "added"},
		"HL*1**20*1~NM1*85*2*B~CLM*1*10~DTP*472*D8*20260101~CLM*2*20~DTP*472*D8*20260102~": {"changed  NM103 A > B"},
		"HL*1**20*1~NM1*85*2*A~CLM*1*10~CLM*2*20~DTP*472*D8*20260102~":                     {"removed  DTP"},
	} {
		var got []string
		for _, c := range changes(t, []byte(head+a+tail), []byte(head+b+tail)) {
			got = append(got, told(c))
		}
		if len(want) == 2 {
			if !slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, "removed") }) {
				t.Errorf("%s: %q", b, got)
			}
		} else if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", b, got, want)
		}
	}
}

func TestUnreadable(t *testing.T) {
	t.Parallel()
	good := []byte(fixture(t, "11-271-active-member.x12"))
	for _, pair := range [][2][]byte{{good, []byte("no X12")}, {[]byte(""), good}} {
		_, err := diff.Compare(file(pair[0]), file(pair[1]), func(diff.Change) error { return nil })
		if err == nil {
			t.Errorf("%.10q and %.10q were compared", pair[0], pair[1])
		}
	}
}

// Nothing differs from itself, nor from itself with other delimiters and line breaks.
func TestNothingDiffersFromItself(t *testing.T) {
	t.Parallel()
	for _, e := range fixtures.Catalog() {
		in := []byte(fixture(t, e.Name))
		same(t, e.Name, in)
		dressed := strings.NewReplacer("*", "|", "~\n", "!").Replace(string(in))
		if e.Name[:2] != "17" && e.Name[:2] != "21" && !strings.Contains(string(in), "|") {
			if got := changes(t, in, []byte(dressed)); len(got) > 0 {
				t.Errorf("%s with other delimiters: %+v", e.Name, got[0])
			}
		}
	}
}

func same(t *testing.T, name string, in []byte) {
	t.Helper()
	if got := changes(t, in, in); len(got) > 0 {
		t.Errorf("%s differs from itself: %+v", name, got[0])
	}
	var tidy bytes.Buffer
	if err := view.Normalize(&tidy, bytes.NewReader(in), view.NormalizeOptions{LineBreak: "\r\n"}); err != nil {
		return // a value that can't be written again
	}
	if got := changes(t, in, tidy.Bytes()); len(got) > 0 {
		t.Errorf("%s, tidied up, differs: %+v", name, got[0])
	}
}

func TestCorpusDoesNotDifferFromItself(t *testing.T) {
	corpustest.Each(t, func(t *testing.T, in []byte) bool {
		if _, err := diff.Compare(file(in), file(in), func(diff.Change) error { return nil }); errors.As(err, new(*edi.SyntaxError)) {
			return false
		}
		same(t, "file", in)
		return true
	})
}

func FuzzCompare(f *testing.F) {
	for _, e := range fixtures.Catalog()[:6] {
		in, err := fixtures.Open(e.Name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(in, in)
	}
	f.Fuzz(func(t *testing.T, a, b []byte) {
		n := func(a, b []byte) (int, error) {
			r, err := diff.Compare(file(a), file(b), func(diff.Change) error { return nil })
			return r.Changes, err
		}
		if changes, err := n(a, a); err == nil && changes > 0 {
			t.Errorf("a file differs from itself: %d changes", changes)
		}
		there, errA := n(a, b)
		back, errB := n(b, a)
		if errA == nil && errB == nil && (there == 0) != (back == 0) {
			t.Errorf("%d changes one way, %d the other", there, back)
		}
	})
}
