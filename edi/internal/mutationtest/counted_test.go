package mutationtest

import (
	"strings"
	"testing"
)

// kinds are the findings that acknowledgments know. Each has a mutation, or a reason why a receiver does not raise it.
var kinds = []struct{ kind, codes string }{
	{"IK304", "1 2 3 4 5 6 7 8 I4 I6 I7 I8 I9"},
	{"IK403", "1 2 3 4 5 6 7 8 9 10 12 13 I6 I9 I10 I11 I12 I13"},
	{"IK502", "1 2 3 4 5 6 7 18 19 23 I5 I6"},
	{"AK905", "1 2 3 4 5 6 19"},
	{"TA105", "000 001 002 003 004 005 006 007 008 009 010 011 012 013 014 015 016 017 018 019 020 021 022 023 024 025 026 027 028 029 030 031"},
	{"balance.line", ""},
	{"balance.claim", ""},
	{"balance.charge", ""},
	{"balance.payment", ""},
	{"balance.patient_responsibility", ""},
	{"balance.summary", ""},
	{"balance.negative_payment", ""},
	{"balance.reversal_sign", ""},
	{"balance.predetermination", ""},
	{"balance.zero_adjustment", ""},
	{"balance.adjustment_sign", ""},
	{"code.unknown", ""},
	{"code.inactive", ""},
	{"code.format", ""},
	{"npi.check_digit", ""},
	{"envelope.stray", ""},
	{"envelope.empty_segment", ""},
	{"envelope.wrapped", ""},
	{"envelope.junk", ""},
	{"envelope.unterminated", ""},
	{"guide.alias", ""},
	{"format.trailing_blanks", ""},
	{"format.leading_blanks", ""},
	{"format.trailing_separator", ""},
}

// noteKinds are the relational conditions: paired, at least one, exclusion, conditional, list conditional.
const noteKinds = "P R E C L"

// notRaised are the codes without a mutation, and why.
var notRaised = map[string]string{
	"IK304 8":   "a 999 puts it above the IK4 of a segment; it is no finding of its own",
	"IK304 I7":  "no guide wants a loop more than once",
	"IK304 I8":  "no guide wants a segment more than once",
	"IK403 I11": "no guide wants an element more than once",
	"IK502 1":   "a set of which no guide is known is left unchecked",
	"IK502 5":   "a 999 puts it where IK3 follow",
	"IK502 I5":  "a 999 puts it where IK3 follow",
	"IK502 I6":  "a guide that is not known leaves its set unchecked",
	"TA105 000": "it says that nothing is wrong",
	"TA105 002": "no ISA of release 005010 names a standard: its ISA11 is the repetition separator",
	"TA105 003": "a release of controls that can be read is read",
	"TA105 004": "the change is of all segments: see TestBadDelimiters",
	"TA105 009": "who receives is for the exchange to know, not for the file",
	"TA105 025": "what was received before is for the exchange to know",
	"TA105 026": "a file with a letter or digit behind ISA is not taken for X12",
	"TA105 027": "the change is of all segments: see TestBadDelimiters",
	"TA105 028": "deferred delivery is not used",
	"TA105 029": "deferred delivery is not used",
	"TA105 030": "deferred delivery is not used",
	"TA105 031": "deferred delivery is not used",

	"envelope.unterminated": "the change is no segment's: see TestUnterminated",
}

// TestEveryKindHasAMutation counts the codes.
func TestEveryKindHasAMutation(t *testing.T) {
	cases := make(map[string]int)
	notes := make(map[string]int)
	for _, m := range mutations() {
		cases[kindOf(m)]++
		if m.note != "" {
			notes[m.note]++
		}
	}
	with, without := 0, 0
	for _, k := range kinds {
		for _, code := range strings.Split(k.codes, " ") {
			key := strings.TrimSpace(k.kind + " " + code)
			reason := notRaised[key]
			switch {
			case cases[key] > 0 && reason != "":
				t.Errorf("%s has a mutation, and a reason to have none", key)
			case cases[key] == 0 && reason == "":
				t.Errorf("%s has no mutation", key)
			case reason != "":
				without++
			default:
				with++
			}
			delete(cases, key)
		}
	}
	for note := range strings.FieldsSeq(noteKinds) {
		if notes[note] == 0 {
			t.Errorf("syntax notes of kind %s have no mutation", note)
		}
	}
	for key := range cases {
		if strings.HasPrefix(key, "situation.") {
			continue // see TestEverySituationHasAMutation
		}
		t.Errorf("%s is expected and not in the list of kinds", key)
	}
	t.Logf("%d codes have a mutation, %d are not raised; %d mutations", with, without, len(mutations()))
}

// kindOf returns the kind and code that a mutation is to yield.
func kindOf(m mutation) string {
	w := strings.Fields(m.want)
	code := w[len(w)-1]
	if strings.Contains(code, ".") {
		return code
	}
	return w[len(w)-2] + " " + code
}
