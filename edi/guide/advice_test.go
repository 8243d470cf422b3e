package guide_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/codes"
	"github.com/ediport/ediport/edi/guide"
)

// kindName is how the kinds of findings are written that no acknowledgment names.
var kindName = regexp.MustCompile(`"((?:balance|envelope|format|code|npi|guide)\.[a-z_]+)"`)

// everyCode lists the codes that a finding can have.
func everyCode(t *testing.T) []edi.Code {
	t.Helper()
	var all []edi.Code
	for kind, list := range map[string]codes.List{
		"IK304": codes.SegmentError, "IK403": codes.ElementError, "IK502": codes.SetError, "AK905": codes.GroupError, "TA105": codes.InterchangeNote,
	} {
		for e := range codes.All(list) {
			all = append(all, edi.Code{Kind: kind, Value: e.Code})
		}
	}
	acknowledged := len(all)
	for _, pattern := range []string{"*.go", "../*.go"} {
		names, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			source, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			for _, m := range kindName.FindAllSubmatch(source, -1) {
				all = append(all, edi.Code{Kind: string(m[1])})
			}
		}
	}
	if len(all) < acknowledged+10 {
		t.Fatalf("%d kinds beside those of acknowledgments were found, want 10 at least", len(all)-acknowledged)
	}
	situations := 0
	for _, key := range guide.Keys() {
		for _, s := range guide.Lookup(key).Situations {
			situations++
			all = append(all, edi.Code{Kind: "situation." + s.Name})
		}
	}
	if situations < 30 {
		t.Fatalf("the guides have %d situations, want 30 at least", situations)
	}
	return append(all, edi.Code{Kind: "partner.anything", Value: "I9"})
}

func TestEveryFindingHasAdvice(t *testing.T) {
	t.Parallel()
	none := guide.Advise(edi.Finding{Code: edi.Code{Kind: "nonsense"}})
	if none == "" {
		t.Error("a finding that is not known has no advice")
	}
	for _, c := range everyCode(t) {
		switch got := guide.Advise(edi.Finding{Code: c}); {
		case got == "" || got == none:
			t.Errorf("%v has no advice", c)
		case !strings.HasSuffix(got, ".") || strings.ToUpper(got[:1]) != got[:1] || strings.Contains(got, "  "):
			t.Errorf("%v: %q is not made of full sentences", c, got)
		}
	}
}

func TestAdvise(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		f       edi.Finding
		want    string // part of it
		without string
	}{
		{"a value", edi.Finding{Segment: "NM1", Element: 9, Code: edi.Code{Kind: "IK403", Value: "4"}}, "member id of the insurance card", "date of birth"},
		{"an NPI", edi.Finding{Segment: "NM1", Element: 9, Code: edi.Code{Kind: "npi.check_digit"}}, "NPPES", "hyphens"},
		{"a claim", edi.Finding{Segment: "CLP", Element: 4, Code: edi.Code{Kind: "balance.claim"}}, "Do not post it automatically", "deposit"},
		{"a segment", edi.Finding{Segment: "HCR", Code: edi.Code{Kind: "IK304", Value: "I6"}}, "decision about the request", ""},
		{"a rule of one of several loops", edi.Finding{Segment: "STC", Element: 3, Code: edi.Code{Kind: "situation.rejected_claim"}}, "whether you have to send it again", ""},
		{"a code of an acknowledgment without a sentence of its own", edi.Finding{Segment: "ISA", Element: 1, Code: edi.Code{Kind: "TA105", Value: "010"}}, "technical contact", ""},
		{"a place that nobody explains", edi.Finding{Segment: "QQ", Element: 1, Code: edi.Code{Kind: "IK403", Value: "1"}}, "must always be there", ""},
	} {
		got := guide.Advise(tt.f)
		if !strings.Contains(got, tt.want) || tt.without != "" && strings.Contains(got, tt.without) {
			t.Errorf("%s: %q, want %q in it and not %q", tt.name, got, tt.want, tt.without)
		}
	}
}
