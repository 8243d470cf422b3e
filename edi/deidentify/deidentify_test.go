package deidentify_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/deidentify"
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/edi/internal/corpustest"
	"github.com/ediport/ediport/edi/view"
	"github.com/ediport/ediport/fixtures"
)

var key = deidentify.Key("0123456789abcdef0123456789abcdef")

func deidentified(t *testing.T, in []byte, o deidentify.Options) []byte {
	t.Helper()
	var out bytes.Buffer
	if _, err := deidentify.Write(&out, bytes.NewReader(in), o); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// personal are the elements that name, number, place or date a person or organization, told here without the guides: element n of
// a segment at n.
var personal = map[string][]int{
	"NM1": {3, 4, 5, 9}, "N1": {2, 4}, "N3": {1, 2}, "N4": {1, 3}, "REF": {2}, "TRN": {2, 3}, "CLP": {1, 7}, "PER": {2, 4, 6, 8}, "MSG": {1},
	"DMG": {2}, "DTP": {3}, "DTM": {2}, "BPR": {7, 9, 10, 13, 15, 16}, "HCR": {2}, "PLB": {1, 2}, "ISA": {6, 8}, "GS": {2, 3}, "BHT": {3}, "STC": {9, 12},
	"IK4": {4}, "PWK": {6, 7}, "INS": {12}, "III": {4},
}

type reader func(func(edi.Segment) bool)

func segments(t *testing.T, in []byte) reader {
	t.Helper()
	return func(yield func(edi.Segment) bool) {
		r := edi.NewReader(bytes.NewReader(in))
		for s, err := r.Next(); err == nil; s, err = r.Next() {
			if !yield(s) {
				return
			}
		}
	}
}

// identifying lists the values of personal elements that are long enough not to be there by chance.
func identifying(t *testing.T, in []byte) map[string]bool {
	t.Helper()
	values := map[string]bool{}
	for s := range segments(t, in) {
		for _, n := range personal[s.Tag()] {
			for _, word := range strings.FieldsFunc(s.Value(n), func(c rune) bool { return c == ' ' || c == '^' || c == ':' }) {
				if len(word) >= 6 || len(word) >= 4 && strings.Trim(word, "0123456789") != "" {
					values[word] = true
				}
			}
		}
	}
	// Words of ours, which the made-up values may have as well.
	for _, word := range []string{"STREET", "ORGANIZATION", "CONTACT", "example.com", "REMOVED", "HERE", "TEXT"} {
		delete(values, word)
	}
	return values
}

// No name, id, address, date or contact of any fixture is anywhere in what is made of it.
func TestNothingSurvives(t *testing.T) {
	t.Parallel()
	total := 0
	for _, e := range fixtures.Catalog() {
		in, err := fixtures.Open(e.Name)
		if err != nil {
			t.Fatal(err)
		}
		out := string(deidentified(t, in, deidentify.Options{Key: key}))
		values := identifying(t, in)
		total += len(values)
		for value := range values {
			if strings.Contains(out, value) {
				t.Errorf("%s: %q is still there", e.Name, value)
			}
		}
		for _, name := range slices.Concat(fixtures.PersonLastNames(), fixtures.PersonFirstNames()) {
			if strings.Contains(out, strings.ToUpper(name)) && len(name) > 3 {
				t.Errorf("%s: the name %q is still there", e.Name, name)
			}
		}
	}
	if total < 300 {
		t.Errorf("only %d values were looked for", total)
	}
}

// What is made of a document says of its structure, amounts and validity what the document says.
func TestFixturesStayWhatTheyAre(t *testing.T) {
	t.Parallel()
	for _, e := range fixtures.Catalog() {
		in, err := fixtures.Open(e.Name)
		if err != nil {
			t.Fatal(err)
		}
		sameVerdict(t, e.Name, in, deidentified(t, in, deidentify.Options{Key: key}))
	}
}

func sameVerdict(t *testing.T, name string, in, out []byte) {
	t.Helper()
	if d := cmp.Diff(judged(t, in), judged(t, out)); d != "" {
		t.Errorf("%s: verdict, sums or findings changed (-before +after):\n%s", name, d)
	}
}

// judged lists sets, sums and findings of a file, without the byte offsets, which lengths of names change.
func judged(t *testing.T, in []byte) []string {
	t.Helper()
	var list []string
	survey := view.Survey{
		Report: func(f edi.Finding) {
			f.Pos.Offset = 0
			f.Control = edi.Control{}
			list = append(list, fmt.Sprintf("%+v", f))
		},
		Set: func(s *view.Set) {
			list = append(list, fmt.Sprintf("%s %s %v %d %+v", s.Set, s.ControlNumber, s.Verdict, s.Segments, s.Summary))
		},
	}
	if err := survey.Run(bytes.NewReader(in)); err != nil {
		t.Fatal(err)
	}
	return list
}

func TestCorpusStaysWhatItIs(t *testing.T) {
	corpustest.Each(t, func(t *testing.T, in []byte) bool {
		var out bytes.Buffer
		_, err := deidentify.Write(&out, bytes.NewReader(in), deidentify.Options{Key: key, MaskUnknown: true})
		if errors.As(err, new(*edi.SyntaxError)) {
			return false
		}
		if err != nil {
			t.Fatal(err)
		}
		sameStructure(t, in, out.Bytes())
		if allKnown(in) {
			sameVerdict(t, "file", in, out.Bytes())
		}
		return true
	})
}

func allKnown(in []byte) bool {
	sc := guide.NewScanner(edi.NewReader(bytes.NewReader(in)))
	for sc.Next() {
		if sc.Segment().Pos().Transaction > 0 && sc.Guide() == nil {
			return false
		}
	}
	return true
}

// sameStructure compares which segments there are and how many elements each has.
func sameStructure(t *testing.T, in, out []byte) {
	t.Helper()
	shape := func(b []byte) (list []string) {
		for s := range segments(t, b) {
			list = append(list, fmt.Sprintf("%d elements, %d leading bytes, terminated %v", s.Len(), len(s.Lead()), s.Terminated()))
		}
		return list
	}
	if d := cmp.Diff(shape(in), shape(out)); d != "" {
		t.Errorf("structure (-before +after):\n%s", d)
	}
}

// The same key makes the same of the same, in one file and in another; another key makes something else.
func TestKeysDecide(t *testing.T) {
	t.Parallel()
	inquiry, err := fixtures.Open("10-270-roster-inquiry.x12")
	if err != nil {
		t.Fatal(err)
	}
	answer, err := fixtures.Open("11-271-active-member.x12")
	if err != nil {
		t.Fatal(err)
	}
	a := deidentified(t, inquiry, deidentify.Options{Key: key})
	if b := deidentified(t, inquiry, deidentify.Options{Key: key}); !bytes.Equal(a, b) {
		t.Error("the same key made two different files")
	}
	if b := deidentified(t, inquiry, deidentify.Options{Key: deidentify.NewKey()}); bytes.Equal(a, b) {
		t.Error("another key made the same file")
	}
	asked := member(t, inquiry, a, "TMH700100101")
	if answered := member(t, answer, deidentified(t, answer, deidentify.Options{Key: key}), "TMH700100101"); asked != answered {
		t.Errorf("member %s in the inquiry is %s in the answer", asked, answered)
	}
}

// member returns what the subscriber with an id became: id, name and birth date.
func member(t *testing.T, in, out []byte, id string) string {
	t.Helper()
	var before, after []edi.Segment
	for s := range segments(t, in) {
		before = append(before, s.Clone())
	}
	for s := range segments(t, out) {
		after = append(after, s.Clone())
	}
	for i, s := range before {
		if s.Is("NM1") && s.Value(9) == id {
			return after[i].Value(9) + " " + after[i].Value(3) + " " + after[i].Value(4)
		}
	}
	t.Fatalf("no member %s", id)
	return ""
}

const envelope = "ISA*00*          *00*          *ZZ*S              *ZZ*R              *261121*0830*^*00501*000000001*0*P*:~" +
	"GS*HP*S*R*20261121*0830*1*X*005010X221A1~"

// Different ids of one shape become different ids, however short they are; an NPI keeps whether its check digit is right.
func TestIDsStayApart(t *testing.T) {
	t.Parallel()
	for _, width := range []int{1, 2, 3} {
		limit := 1
		for range width {
			limit *= 10
		}
		var in strings.Builder
		in.WriteString(envelope + "ST*835*0001~LX*1~")
		for i := range limit {
			fmt.Fprintf(&in, "CLP*%0*d*1*1*1**12~", width, i)
		}
		fmt.Fprintf(&in, "SE*%d*0001~GE*1*1~IEA*1*000000001~", limit+3)
		seen := map[string]bool{}
		for s := range segments(t, deidentified(t, []byte(in.String()), deidentify.Options{Key: key})) {
			if s.Is("CLP") {
				if v := s.Value(1); seen[v] || len(v) != width || strings.Trim(v, "0123456789") != "" {
					t.Fatalf("%q: seen before, or of another shape", v)
				}
				seen[s.Value(1)] = true
			}
		}
		if len(seen) != limit {
			t.Errorf("%d ids of %d digits became %d", limit, width, len(seen))
		}
	}
}

func TestCheckDigits(t *testing.T) {
	t.Parallel()
	right, wrong := 0, 0
	for i := range 500 {
		npi := fmt.Sprintf("1%09d", 234567890+i*7919)
		out := deidentified(t, []byte(envelope+"ST*835*0001~N1*PE*X*XX*"+npi+"~SE*3*0001~GE*1*1~IEA*1*000000001~"), deidentify.Options{Key: key})
		for s := range segments(t, out) {
			if !s.Is("N1") {
				continue
			}
			if got := s.Value(4); luhn(got) != luhn(npi) || got[0] != npi[0] {
				t.Fatalf("%s became %s", npi, got)
			}
			if luhn(npi) {
				right++
			} else {
				wrong++
			}
		}
	}
	if right == 0 || wrong == 0 {
		t.Errorf("%d right and %d wrong ones were tried", right, wrong)
	}
}

// luhn is the formula as written down by ISO/IEC 7812: from the right, every second digit doubled.
func luhn(npi string) bool {
	sum, all := 0, "80840"+npi
	for i := range len(all) {
		d := int(all[len(all)-1-i] - '0')
		if i%2 == 1 {
			d = d*2/10 + d*2%10
		}
		sum += d
	}
	return sum%10 == 0
}

// What is not known is refused, or all of it is masked.
func TestUnknownSets(t *testing.T) {
	t.Parallel()
	in := strings.Replace(envelope, "005010X221A1", "005010X222A1", 1) +
		"ST*837*0001~NM1*IL*1*ROSEWATER*ANNA****MI*M123456~CLM*A777*120.50~N3*LEE~CLM*Q7Q*1~SE*6*0001~GE*1*1~IEA*1*000000001~"
	_, err := deidentify.Write(&bytes.Buffer{}, strings.NewReader(in), deidentify.Options{Key: key})
	if p, unknown := deidentify.IsUnknown(err); !unknown || p.Segment != 1 {
		t.Errorf("error %v, want an UnknownError", err)
	}
	out := string(deidentified(t, []byte(in), deidentify.Options{Key: key, MaskUnknown: true}))
	for _, value := range []string{"ROSEWATER", "ANNA", "M123456", "A777", "120.50", "LEE", "Q7Q"} {
		if strings.Contains(out, value) {
			t.Errorf("%s is still there: %s", value, out)
		}
	}
}

// A segment, element or component that the guide does not know is masked, as is a value that is no code of its list.
func TestUnknownParts(t *testing.T) {
	t.Parallel()
	in := envelope + "ST*835*0001~ROSEWATER ANNA~ZZZ*ROSEWATER*123-45-6789~BPR*ROSEWATER*1*C*NON************20261121*********ROSEWATER~" +
		"DTM*405*2125551212~ZZ*LEE~N3*LEE:LEE~CUR*PR:LEE~CLP*Q7Q~LX*1~CLP*A*ROSEWATER*123-45-6789*1.2.3*1*12*20261121876543210987~CLP*A*ROSEWATER*1X1*1**12****ROSEWATER~SVC*HC:99213:::::NOTE ROSEWATER::ROSEWATER*1*1~SE*8*0001~GE*1*1~IEA*1*000000001~ROSEWATER"
	out := string(deidentified(t, []byte(in), deidentify.Options{Key: key}))
	for _, value := range []string{"ROSEWATER", "ANNA", "6789", "LEE", "Q7Q", "1.2.3", "1212", "876543"} {
		if strings.Contains(out, value) {
			t.Errorf("%s is still there: %s", value, out)
		}
	}
}

func TestShortKeys(t *testing.T) {
	t.Parallel()
	if _, err := deidentify.Write(&bytes.Buffer{}, strings.NewReader(envelope), deidentify.Options{Key: key[:15]}); !errors.Is(err, deidentify.ErrKey) {
		t.Errorf("error %v, want ErrKey", err)
	}
}

func FuzzWrite(f *testing.F) {
	for _, e := range fixtures.Catalog() {
		in, err := fixtures.Open(e.Name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(in)
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		var a, b bytes.Buffer
		_, errA := deidentify.Write(&a, bytes.NewReader(in), deidentify.Options{Key: key, MaskUnknown: true})
		_, errB := deidentify.Write(&b, bytes.NewReader(in), deidentify.Options{Key: key, MaskUnknown: true})
		if (errA == nil) != (errB == nil) || !bytes.Equal(a.Bytes(), b.Bytes()) {
			t.Errorf("two runs differ: %v, %v", errA, errB)
		}
	})
}
