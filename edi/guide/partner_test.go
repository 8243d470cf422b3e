package guide_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
)

func TestPartnerRules(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		rule string // in JSON, without its name
		in   document
		want []string
	}{
		{"require an element", `"guide":"835","loop":"2100","segment":"CLP","element":8,"require":true`, payment, []string{"12 CLP08 warning 2100 partner.x I9"}},
		{"an element that is there", `"guide":"835","loop":"2100","segment":"CLP","element":7,"require":true`, payment, nil},
		{"require a segment", `"guide":"835","loop":"2110","segment":"REF","qualifier":"6R","require":true`, payment, []string{"21 REF warning 2110 partner.x I6"}},
		{"require a loop", `"guide":"835","loop":"2100","segment":"SVC","require":true`, payment[:14], []string{"15 SVC warning 2110 partner.x I6"}},
		{"a loop that is there", `"guide":"835","loop":"2100","segment":"SVC","require":true`, payment, nil},
		{
			"forbid an element", `"guide":"835","loop":"2110","segment":"SVC","element":1,"component":3,"forbid":true`,
			payment.with(15, "SVC*HC:99213:25*60*40"),
			[]string{"15 SVC01-3 warning 2110 partner.x I13"},
		},
		{"forbid a segment", `"guide":"835","loop":"2110","segment":"REF","qualifier":"6R","forbid":true`, payment, []string{"18 REF warning 2110 partner.x I9"}},
		{"forbid a segment with one of several codes", `"guide":"835","loop":"1000B","segment":"REF","qualifier":"TJ","forbid":true`, payment, []string{"10 REF warning 1000B partner.x I9"}},
		{"a segment with another code", `"guide":"835","loop":"1000B","segment":"REF","qualifier":"PQ","forbid":true`, payment, nil},
		{"require a segment with one of several codes", `"guide":"835","loop":"1000B","segment":"REF","qualifier":"PQ","require":true`, payment, []string{"11 REF warning 1000B partner.x I6"}},
		{"an element of a segment with another code", `"guide":"835","loop":"1000B","segment":"REF","qualifier":"PQ","element":2,"max_length":1`, payment, nil},
		{"codes", `"guide":"835","loop":"2100","segment":"CLP","element":6,"codes":["HM","12"]`, payment, []string{"12 CLP06 warning 2100 partner.x I6"}},
		{"one of the codes", `"guide":"835","loop":"2100","segment":"CLP","element":6,"codes":["HM","MC"]`, payment, nil},
		{
			"codes of repetitions", `"guide":"271","loop":"2110C","segment":"EB","element":3,"codes":["30"]`,
			answer.with(12, "EB*1**30^98"),
			[]string{"12 EB03 warning 2110C partner.x I6", "13 EB03 warning 2110C partner.x I6"},
		},
		{
			"pattern", `"guide":"270","loop":"2100C","segment":"NM1","qualifier":"IL","element":9,"pattern":"W[0-9]{9}"`,
			inquiry,
			[]string{"9 NM109 warning 2100C partner.x I12"},
		},
		{"a value of the pattern", `"guide":"270","loop":"2100C","segment":"NM1","qualifier":"IL","element":9,"pattern":"M[0-9]"`, inquiry, nil},
		{
			"the pattern is of the whole value", `"guide":"270","loop":"2100C","segment":"NM1","qualifier":"IL","element":9,"pattern":"M"`,
			inquiry,
			[]string{"9 NM109 warning 2100C partner.x I12"},
		},
		{"too short", `"guide":"270","loop":"2100C","segment":"NM1","element":9,"min_length":3`, inquiry, []string{"9 NM109 warning 2100C partner.x I12"}},
		{"not too long", `"guide":"270","loop":"2100C","segment":"NM1","element":9,"max_length":2`, inquiry, nil},
		{"in the set itself", `"guide":"835","segment":"DTM","qualifier":"405","require":true`, payment.without(4), []string{"4 DTM warning partner.x I6"}},
		{"an error", `"guide":"835","loop":"2100","segment":"CLP","element":8,"require":true,"severity":"error"`, payment, []string{"12 CLP08 2100 partner.x I9"}},
		{"another guide", `"guide":"271","loop":"2100C","segment":"NM1","element":9,"max_length":1`, payment, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			rules, err := guide.ReadPartnerRules(strings.NewReader(`{"partner":"p","rules":[{"name":"x",` + tt.rule + `}]}`))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			r := edi.NewReader(strings.NewReader(tt.in.file()))
			c := guide.NewChecker(func(f edi.Finding) {
				if f.SNIP == 7 {
					got = append(got, short(f))
				}
			})
			c.Partner = rules
			r.Report = c.Report
			sc := guide.NewScanner(r)
			for sc.Next() {
				c.Segment(sc)
			}
			c.End()
			if !slices.Equal(got, tt.want) {
				t.Errorf("findings %q, want %q", got, tt.want)
			}
		})
	}
}

func TestPartnerMessage(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ message, want string }{
		{"Our claims system needs the place of service.", "Our claims system needs the place of service."},
		{"", "CLP08 (Facility type) is missing, as the partner's rule place has it"},
	} {
		rules := guide.PartnerRules{Rules: []guide.PartnerRule{{
			Name: "place", Guide: "835", Loop: "2100", Segment: "CLP", Element: 8, Require: true, Message: tt.message,
		}}}
		if err := rules.Compile(); err != nil {
			t.Fatal(err)
		}
		var got []string
		r := edi.NewReader(strings.NewReader(payment.file()))
		c := guide.NewChecker(func(f edi.Finding) { got = append(got, f.Message) })
		c.Partner = &rules
		c.Levels = guide.NewLevels(7)
		r.Report = c.Report
		sc := guide.NewScanner(r)
		for sc.Next() {
			c.Segment(sc)
		}
		c.End()
		if !slices.Equal(got, []string{tt.want}) {
			t.Errorf("messages %q, want %q", got, tt.want)
		}
	}
}

func TestPartnerRulesAreRefused(t *testing.T) {
	t.Parallel()
	const good = `"guide":"835","loop":"2100","segment":"CLP","element":8`
	for _, tt := range []struct{ name, in string }{
		{"no JSON", `rules`},
		{"nothing", ``},
		{"two documents", `{"rules":[]} {}`},
		{"an unknown key", `{"rules":[{"name":"x","requires":true}]}`},
		{"a name with blanks", `{"rules":[{"name":"X y",` + good + `,"require":true}]}`},
		{"a name twice", `{"rules":[{"name":"x",` + good + `,"require":true},{"name":"x",` + good + `,"require":true}]}`},
		{"an unknown guide", `{"rules":[{"name":"x","guide":"834","segment":"INS","require":true}]}`},
		{"an unknown loop", `{"rules":[{"name":"x","guide":"835","loop":"2300","segment":"CLP","require":true}]}`},
		{"an unknown segment", `{"rules":[{"name":"x","guide":"835","loop":"2100","segment":"CLM","require":true}]}`},
		{"an unknown qualifier", `{"rules":[{"name":"x","guide":"835","loop":"2100","segment":"NM1","qualifier":"QQ","require":true}]}`},
		{"an unknown element", `{"rules":[{"name":"x","guide":"835","loop":"2100","segment":"CLP","element":15,"require":true}]}`},
		{"an unknown component", `{"rules":[{"name":"x","guide":"835","loop":"2110","segment":"SVC","element":1,"component":9,"require":true}]}`},
		{"a component of nothing", `{"rules":[{"name":"x","guide":"835","loop":"2100","segment":"CLP","component":1,"require":true}]}`},
		{"an element not used", `{"rules":[{"name":"x","guide":"835","loop":"2100","segment":"CLP","element":10,"require":true}]}`},
		{"a required element forbidden", `{"rules":[{"name":"x","guide":"835","loop":"2100","segment":"CLP","element":1,"forbid":true}]}`},
		{"a required segment forbidden", `{"rules":[{"name":"x","guide":"835","segment":"BPR","forbid":true}]}`},
		{"a code of no list", `{"rules":[{"name":"x","guide":"835","loop":"2100","segment":"CLP","element":6,"codes":["QQ"]}]}`},
		{"no demand", `{"rules":[{"name":"x",` + good + `}]}`},
		{"two demands", `{"rules":[{"name":"x",` + good + `,"require":true,"forbid":true}]}`},
		{"codes of a segment", `{"rules":[{"name":"x","guide":"835","loop":"2100","segment":"CLP","codes":["1"]}]}`},
		{"codes of a composite", `{"rules":[{"name":"x","guide":"835","loop":"2110","segment":"SVC","element":1,"codes":["HC"]}]}`},
		{"a bad pattern", `{"rules":[{"name":"x",` + good + `,"pattern":"("}]}`},
		{"a pattern that would match a part", `{"rules":[{"name":"x",` + good + `,"pattern":"1)|(2"}]}`},
		{"lengths that exclude each other", `{"rules":[{"name":"x",` + good + `,"min_length":3,"max_length":2}]}`},
		{"an unknown severity", `{"rules":[{"name":"x",` + good + `,"require":true,"severity":"fatal"}]}`},
	} {
		if _, err := guide.ReadPartnerRules(strings.NewReader(tt.in)); !errors.Is(err, guide.ErrPartnerRules) {
			t.Errorf("%s: %v, want ErrPartnerRules", tt.name, err)
		}
	}
}

// FuzzReadPartnerRules: whatever is read either works on a document or is refused as rules that can't work.
func FuzzReadPartnerRules(f *testing.F) {
	f.Add(`{"rules":[{"name":"x","guide":"835","loop":"2100","segment":"CLP","element":8,"require":true}]}`)
	f.Add(`{"rules":[{"name":"x","guide":"835","loop":"2110","segment":"SVC","element":1,"component":2,"pattern":"[0-9]+","max_length":5}]}`)
	f.Add(`{"partner":"p","rules":[{"name":"x","guide":"835","segment":"LX","forbid":true,"severity":"error","message":"m"}]}`)
	f.Add(`{"rules":[{"name":"x","guide":"835","loop":"2100","segment":"CLP","element":6,"codes":["MC"]}]}`)
	in := payment.file()
	f.Fuzz(func(t *testing.T, text string) {
		rules, err := guide.ReadPartnerRules(strings.NewReader(text))
		if err != nil {
			if !errors.Is(err, guide.ErrPartnerRules) {
				t.Fatalf("error %v, want ErrPartnerRules", err)
			}
			return
		}
		r := edi.NewReader(strings.NewReader(in))
		c := guide.NewChecker(func(f edi.Finding) {
			if f.SNIP == 7 && (f.Message == "" || guide.Advise(f) == "" || !strings.HasPrefix(f.Code.Kind, "partner.") || f.Code.Value == "") {
				t.Errorf("an incomplete finding %+v", f)
			}
		})
		c.Partner = rules
		r.Report = c.Report
		sc := guide.NewScanner(r)
		for sc.Next() {
			c.Segment(sc)
		}
		c.End()
	})
}
