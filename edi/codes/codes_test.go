package codes

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
)

// sizes are the numbers of codes of the embedded lists, as docs/codes.md states them.
var sizes = map[List]int{
	CARC: 407, RARC: 1216, ClaimStatusCategory: 56, ClaimStatus: 795, Entity: 218, PLBReason: 41, ClaimFilingIndicator: 26,
	ClaimFrequency: 10, PlaceOfService: 52, HCDecisionReason: 53, ServiceType: 246, RevenueRange: 95, TaxonomyGroup: 30, State: 62,
	Country: 249, Currency: 183,
}

func count(list List) (n, stopped int) {
	for e := range All(list) {
		n++
		if e.Retired {
			stopped++
		}
	}
	return n, stopped
}

func TestEmbeddedListsLoad(t *testing.T) {
	t.Parallel()
	if len(outside()) != len(sizes) {
		t.Errorf("%d lists are embedded, want %d", len(outside()), len(sizes))
	}
	for list, want := range sizes {
		if n, _ := count(list); n != want {
			t.Errorf("list %s has %d codes, want %d", list, n, want)
		}
		checkTexts(t, list)
	}
	total := 0
	for list := range elements() {
		n, _ := count(list)
		total += n
		checkTexts(t, list)
	}
	if len(elements()) != 112 || total != 1887 {
		t.Errorf("%d data elements with %d values, want 112 with 1887", len(elements()), total)
	}
	for list, want := range map[List]int{CARC: 110, RARC: 79, ClaimStatus: 104} {
		if _, stopped := count(list); stopped != want {
			t.Errorf("list %s has %d stopped codes, want %d", list, stopped, want)
		}
	}
}

func checkTexts(t *testing.T, list List) {
	t.Helper()
	for e := range All(list) {
		if len(e.Short) > 90 || e.Short != strings.TrimSpace(e.Short) || e.Code != strings.TrimSpace(e.Code) {
			t.Errorf("list %s, code %q: text %q is too long or has blanks around it", list, e.Code, e.Short)
		}
		if got, ok := Lookup(list, e.Code); !ok || got != e {
			t.Errorf("list %s: Lookup(%q) = %v, %t, want %v", list, e.Code, got, ok, e)
		}
	}
}

func TestListsOfGuidesAreThere(t *testing.T) {
	t.Parallel()
	for _, list := range []List{
		AdjustmentGroup, ClaimPaymentStatus, EligibilityInformation, CoverageLevel, InsuranceType, TimePeriod, RejectReason, FollowUp,
		CertificationAction, PayerResponsibility, EntityIdentifier, GroupAcknowledgment, GroupError, SetAcknowledgment, SetError,
		SegmentError, ElementError, InterchangeNote,
	} {
		if n, _ := count(list); n == 0 {
			t.Errorf("data element %s has no values", list)
		}
	}
	for number, list := range external {
		if !Known(list) {
			t.Errorf("data element %s: there is no list %s", number, list)
		}
	}
}

func TestDescribe(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		list       List
		code, want string
	}{
		{CARC, "1", "Deductible the patient owes"},
		{ClaimStatus, "0", "No further status available electronically"},
		{PlaceOfService, "02", "Telehealth, patient not at home"},
		{PlaceOfService, "2", Unknown},
		{State, "AK", "Alaska"},
		{RevenueRange, "0115", "Room and board, private"},
		{RevenueRange, "115", "Room and board, private"},
		{RevenueRange, "0110-0119", "Room and board, private"},
		{RevenueRange, "15", Unknown},
		{RevenueRange, "01A5", Unknown},
		{TaxonomyGroup, "111N00000X", "Chiropractors"},
		{TaxonomyGroup, "11", "Chiropractors"},
		{TaxonomyGroup, "111N", Unknown},
		{ClaimPaymentStatus, "22", "reversal of earlier payment"},
		{CertificationAction, "A4", "pended"},
		{CARC, "", Unknown},
		{CARC, "9999", Unknown},
		{"no such list", "1", "no description on file"},
	} {
		if got := Describe(c.list, c.code); got != c.want {
			t.Errorf("Describe(%s, %q) = %q, want %q", c.list, c.code, got, c.want)
		}
	}
}

func TestElement(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ number, code, want string }{
		{"889", "C", "correct and resubmit"},
		{"1034", "1", "Deductible the patient owes"},
		{"1325", "7", "Replacement of a prior claim"},
		{"1325", "Q", Unknown},
		{"1390", "??", Unknown},
		{"0", "1", Unknown},
	} {
		if got := Element(c.number, c.code); got != c.want {
			t.Errorf("Element(%s, %q) = %q, want %q", c.number, c.code, got, c.want)
		}
	}
}

func TestActive(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		e    Entry
		day  Day
		want bool
	}{
		{"nothing known", Entry{}, "2026-11-21", true},
		{"before the start", Entry{Start: "2020-01-01"}, "2019-12-31", false},
		{"on the first day", Entry{Start: "2020-01-01"}, "2020-01-01", true},
		{"on the last day", Entry{Stop: "2020-01-01", Retired: true}, "2020-01-01", true},
		{"after the last day", Entry{Stop: "2020-01-01", Retired: true}, "2020-01-02", false},
		{"retired on a day that is not known", Entry{Retired: true}, "2020-01-01", false},
	} {
		if got := c.e.Active(c.day); got != c.want {
			t.Errorf("%s: Active(%s) = %t, want %t", c.name, c.day, got, c.want)
		}
	}
	if e, ok := Lookup(ClaimStatus, "570"); !ok || !e.Retired || e.Stop != "" {
		t.Errorf("claim status 570 is %+v, want a retired code without a day", e)
	}
}

// The tests that replace lists are not parallel, because lists are shared by all.
func TestReplace(t *testing.T) {
	const list = ClaimFrequency
	in := "\ufeffShort, Code ,stop,start\n\"Original, first\",1,2026-02-01,2026-01-01\nOld,2,?,\n"
	if err := Replace(list, iotest.OneByteReader(strings.NewReader(in))); err != nil {
		t.Fatal(err)
	}
	want := Entry{Code: "1", Short: "Original, first", Start: "2026-01-01", Stop: "2026-02-01", Retired: true}
	if e, ok := Lookup(list, "1"); !ok || e != want {
		t.Errorf("replaced: %+v, %t, want %+v", e, ok, want)
	}
	if e, _ := Lookup(list, "2"); !e.Retired || e.Stop != "" {
		t.Errorf("replaced: %+v, want a retired code without a day", e)
	}
	if got := Describe(list, "7"); got != Unknown {
		t.Errorf("a code of the former list is described as %q", got)
	}
	if err := Restore(list); err != nil {
		t.Fatal(err)
	}
	if got := Describe(list, "7"); got != "Replacement of a prior claim" {
		t.Errorf("restored: %q", got)
	}
}

func TestReplaceRefuses(t *testing.T) {
	for _, c := range []struct{ name, csv string }{
		{"nothing", ""},
		{"no rows", "code,short\n"},
		{"no column of texts", "code,meaning\n1,x\n"},
		{"a code twice", "code,short\n1,x\n1,y\n"},
		{"no text", "code,short\n1,\n"},
		{"not a day", "code,short,start\n1,x,2026-02-30\n"},
		{"stop before start", "code,short,start,stop\n1,x,2026-02-03,2026-02-02\n"},
		{"rows of other lengths", "code,short\n1\n"},
	} {
		if err := Replace(PLBReason, strings.NewReader(c.csv)); !errors.Is(err, ErrList) {
			t.Errorf("%s: Replace = %v, want ErrList", c.name, err)
		}
	}
	if err := Replace(TaxonomyGroup, strings.NewReader("code,short\n207,x\n")); !errors.Is(err, ErrList) {
		t.Errorf("a taxonomy code of three characters: %v, want ErrList", err)
	}
	if err := Replace(RevenueRange, strings.NewReader("code,short\n0119-0110,x\n")); !errors.Is(err, ErrList) {
		t.Errorf("a range that ends before it begins: %v, want ErrList", err)
	}
	if err := Replace("nonsense", strings.NewReader("code,short\n1,x\n")); err == nil {
		t.Error("a list that there is none of was replaced")
	}
	if err := Restore("nonsense"); err == nil {
		t.Error("a list that there is none of was restored")
	}
	broken := errors.New("cable cut")
	if err := Replace(PLBReason, iotest.ErrReader(broken)); !errors.Is(err, broken) || errors.Is(err, ErrList) {
		t.Errorf("a reader that fails: %v, want %v", err, broken)
	}
	if n, _ := count(PLBReason); n != sizes[PLBReason] {
		t.Errorf("after refused replacements the list has %d codes, want %d", n, sizes[PLBReason])
	}
}

func TestReadersSeeOneListOrTheOther(t *testing.T) {
	const list = AdjustmentGroup
	before := Describe(list, "CO")
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 500 {
				if got := Describe(list, "CO"); got != before && got != "other" {
					t.Errorf("Describe = %q, want %q or other", got, before)
					return
				}
			}
		})
	}
	for range 100 {
		if err := Replace(list, strings.NewReader("code,short\nCO,other\n")); err != nil {
			t.Fatal(err)
		}
		if err := Restore(list); err != nil {
			t.Fatal(err)
		}
	}
	wg.Wait()
}

func TestLookupDoesNotAllocate(t *testing.T) {
	Describe(CARC, "45")
	if n := testing.AllocsPerRun(100, func() { Describe(CARC, "45") }); n != 0 {
		t.Errorf("%v allocations per description, want 0", n)
	}
}
