package codes

import (
	"strings"
	"testing"
)

func TestStatus(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		list List
		code string
		day  int
		want Status
	}{
		{CARC, "45", 20260105, InUse},
		{CARC, "45", 0, InUse},
		{CARC, "45", 19900101, NotInUse},
		{CARC, "4", 20260105, InUse},
		{CARC, "454545", 20260105, Unlisted},
		{CARC, "", 20260105, Unlisted},
		{Currency, "ZWL", 20240831, InUse},
		{Currency, "ZWL", 20240901, NotInUse},
		{Currency, "XCG", 20250330, NotInUse},
		{Country, "US", 20260105, InUse},
		{Country, "XK", 20260105, Unlisted},
		{ClaimStatus, "570", 20260105, InUse}, // retired on a day that is not known
		{RevenueRange, "0115", 20260105, InUse},
		{RevenueRange, "115", 20260105, InUse},
		{RevenueRange, "9999999", 20260105, Unlisted},
		{TaxonomyGroup, "207Q00000X", 20260105, InUse},
		{TaxonomyGroup, "ZZ7Q00000X", 20260105, Unlisted},
	} {
		if got := Of(c.list).Status([]byte(c.code), c.day); got != c.want {
			t.Errorf("%s %s on %d: status %d, want %d", c.list, c.code, c.day, got, c.want)
		}
	}
}

func TestStatusAgreesWithLookup(t *testing.T) {
	t.Parallel()
	for list := range sizes {
		table := Of(list)
		for e := range All(list) {
			if got := table.Status([]byte(e.Code), 0); got != InUse {
				t.Errorf("%s %s: status %d, want it found", list, e.Code, got)
			}
			if e.Stop != "" && table.Status([]byte(e.Code), int(e.Stop.number())) == NotInUse {
				t.Errorf("%s %s is not in use on its last day", list, e.Code)
			}
		}
	}
}

func TestStatusDoesNotAllocate(t *testing.T) {
	table, code := Of(RARC), []byte("N130")
	if n := testing.AllocsPerRun(100, func() { table.Status(code, 20260105) }); n != 0 {
		t.Errorf("%v allocations per status, want 0", n)
	}
}

// The tests that replace lists are not parallel, because lists are shared by all.
func TestLoadingAListThatIsNotPartOfTheProgram(t *testing.T) {
	if Of(HCPCS) != nil || Known(HCPCS) {
		t.Fatal("there is a list of procedures, although none was loaded")
	}
	before := Changes()
	if err := Replace(HCPCS, strings.NewReader("code,short,start,stop\n99213,visit,2000-01-01,2026-12-31\n")); err != nil {
		t.Fatal(err)
	}
	if Changes() == before {
		t.Error("a replacement does not show in Changes")
	}
	if got := Of(HCPCS).Status([]byte("99213"), 20270101); got != NotInUse {
		t.Errorf("a loaded code after its last day: status %d, want %d", got, NotInUse)
	}
	if err := Restore(HCPCS); err != nil {
		t.Fatal(err)
	}
	if Of(HCPCS) != nil {
		t.Error("the list is still there after Restore")
	}
}

func TestWholeTaxonomy(t *testing.T) {
	if err := Replace(TaxonomyGroup, strings.NewReader("code,short\n207Q00000X,family medicine\n")); err != nil {
		t.Fatal(err)
	}
	whole := Of(TaxonomyGroup)
	if err := Restore(TaxonomyGroup); err != nil {
		t.Fatal(err)
	}
	if whole.Status([]byte("207Q00000X"), 0) != InUse || whole.Status([]byte("207R00000X"), 0) != Unlisted {
		t.Error("a list of whole codes is not searched by whole codes")
	}
}

func TestSingleRevenueCodes(t *testing.T) {
	if err := Replace(RevenueRange, strings.NewReader("code,short\n0120,room\n0200-0209,intensive care\n")); err != nil {
		t.Fatal(err)
	}
	list := Of(RevenueRange)
	if err := Restore(RevenueRange); err != nil {
		t.Fatal(err)
	}
	for code, want := range map[string]Status{"0120": InUse, "120": InUse, "0121": Unlisted, "0205": InUse} {
		if got := list.Status([]byte(code), 0); got != want {
			t.Errorf("%s: status %d, want %d", code, got, want)
		}
	}
}
