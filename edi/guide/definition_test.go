package guide

import (
	"strings"
	"testing"
)

const smallest = `guide  005010X999
set    999
name   Test

0100 ST   R 1   Header
     ST01     R  ID 3/3    143   Set  = 999
loop 2000  S >1  Item
  0200 LX   R 1   Item number
       LX01     R  N0 1/6    554   Number
  0300 REF  S 1   First  notes R0102
       REF01    R  ID 2/3    128   Kind  = 1A 1B
       REF02    S  AN 1/50   127   Value
0400 SE   R 1   Trailer
     SE01     R  N0 1/10   96    Count
`

func TestDefinitionErrors(t *testing.T) {
	tests := []struct{ rule, old, with, want string }{
		{"a gap in the numbers", "     REF02  ", "     REF03  ", "line 12: REF03 where REF02 is next"},
		{"an unknown code list", "= 1A 1B", "= @nowhere", `unknown code list "nowhere"`},
		{"a bad usage", "SE   R 1", "SE   Q 1", `line 13: usage "Q" is not R, S or N`},
		{"a bad repeat", "SE   R 1", "SE   R 0", `repeat "0" is neither a number nor >1`},
		{"a bad length", "AN 1/50", "AN 9/5", "is not least/most"},
		{"an unknown type", "AN 1/50", "XX 1/50", `unknown type "XX"`},
		{"an unknown clause", "  notes R0102", "  note R0102", `unknown clause "note R0102"`},
		{"a bad syntax note", "R0102", "Q0102", "syntax note"},
		{"a syntax note beyond the elements", "R0102", "R0109", "names an element beyond the last"},
		{"an unreachable loop", "0200 LX   R 1", "0200 LX   S 1", "begins with a segment that is not required once"},
		{"a wrong indentation", "  0300 REF", "   0300 REF", "indented by 3"},
		{"positions that go back", "0300 REF", "0150 REF", "position 0150 comes after 0200"},
		{"overlapping qualifiers", "0400 SE ", "  0310 REF  S 1   Second\n       REF01    R  ID 2/3    128   Kind  = 1B 1C\n0400 SE ", "can't be told apart"},
		{"an element outside of a segment", "  0200 LX   R 1   Item number\n", "", "LX01 stands outside of a segment"},
		{"a component outside of a composite", "REF02    S", "REF01-1  S", "stands outside of its composite"},
		{"an HL loop without HL", "1  Item\n", "1  Item  under -\n", "go together"},
		{"a header word", "set    999", "sets   999", `unknown word "sets"`},
		{"no id", "guide  005010X999", "", "guide, set and name are needed"},
	}
	if _, err := parseDefinition("test.guide", smallest, nil, nil); err != nil {
		t.Fatal(err)
	}
	for _, tt := range tests {
		t.Run(tt.rule, func(t *testing.T) {
			if !strings.Contains(smallest, tt.old) {
				t.Fatalf("the definition holds no %q", tt.old)
			}
			_, err := parseDefinition("test.guide", strings.Replace(smallest, tt.old, tt.with, 1), nil, nil)
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), "test.guide") {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

func TestListErrors(t *testing.T) {
	for _, text := range []string{"codes\n", "codes a\n  1\ncodes a\n  2\n", "codes a\n  \"1\n", "list a\n"} {
		if _, err := parseLists("lists.guide", text); err == nil {
			t.Errorf("%q was read", text)
		}
	}
	for _, text := range []string{"1\n", "1 A\n1 B\n", "  = 1\n"} {
		if _, err := parseDictionary("elements.guide", text); err == nil {
			t.Errorf("%q was read", text)
		}
	}
}

// TestListsAreUsed: a list that nothing refers to is a leftover.
func TestListsAreUsed(t *testing.T) {
	all := ""
	for _, e := range append(entries, envelopeEntry) {
		all += definitionText(e.key + ".guide")
	}
	if len(shared().lists) < 10 {
		t.Error("the shared lists are gone")
	}
	for name := range shared().lists {
		if !strings.Contains(all, "= @"+name+"\n") && !strings.Contains(all, "= @"+name+" ") {
			t.Errorf("no guide uses the list %s", name)
		}
	}
}

func TestCodeSet(t *testing.T) {
	c := newCodeSet("", strings.Fields("A AA AAA 1 11 111 LONGERCODE LONGERCODE2"))
	for _, v := range c.Values {
		if !c.Has([]byte(v)) {
			t.Errorf("%q is not in its list", v)
		}
	}
	for _, v := range []string{"", "B", "AAAA", "LONGERCODE3", "\x00A"} {
		if c.Has([]byte(v)) {
			t.Errorf("%q is in the list", v)
		}
	}
}
