package mutationtest

import (
	"strings"
	"testing"

	"github.com/ediport/ediport/edi/guide"
)

// situationMutations break the rules between segments and elements; note is the guide and the rule's name.
var situationMutations = []mutation{
	{"270", "delete EQ*30", "warning 55 EQ 2110C IK304 I6", "270 inquiry"},
	{"270", "set EQ 2 HC:99213", "warning 25 EQ02 2110C IK403 I13", "270 one_subject_subscriber"},
	{"270", "set EQ*98 2 HC:99213", "warning 46 EQ02 2110D IK403 I13", "270 one_subject_dependent"},
	{"271", "insert AAA*N**42*C after HL*1", "warning 7 HL 2000B IK304 I9", "271 rejected_source"},
	{"271", "insert AAA*N**43*C after N4", "warning 14 HL 2000C IK304 I9", "271 rejected_receiver"},
	{"271", "delete AAA", "warning 79 EB 2110C IK304 I6", "271 answer"},
	{"271", "set EB*1 13 HC:99213", "warning 28 EB13 2110C IK403 I13", "271 one_subject_subscriber"},
	{"271", "clear EB*A 8", "warning 43 EB08 2110C IK403 I9", "271 coinsurance_subscriber"},
	{"271", "clear EB*B 7", "warning 42 EB07 2110C IK403 I9", "271 amount_subscriber"},
	{"271", "set EB*1/3 13 HC:99213", "warning 62 EB13 2110D IK403 I13", "271 one_subject_dependent"},
	{"271", "set EB*C 1 A", "warning 75 EB08 2110D IK403 I9", "271 coinsurance_dependent"},
	{"271", "clear EB*C 7", "warning 75 EB07 2110D IK403 I9", "271 amount_dependent"},
	{"277", "set STC*E0:24:41 1-1 F1", "warning 50 STC01-1 2200B situation.receiver_status", "277 receiver_status"},
	{"277", "set STC*A3:24:1P 1-1 P1", "warning 56 STC01-1 2200C situation.provider_status", "277 provider_status"},
	{"277", "set STC*P1:3:1P 5 100", "warning 15 STC05 2200D IK403 I13", "277 paid_subscriber"},
	{"277", "set STC*F2:107 1-1 P1; clear STC*P1:107 6", "warning 35 STC05 2200E IK403 I13", "277 paid_dependent"},
	{"277CA", "set STC 3 U", "warning 11 STC03 2200B situation.accepted_batch", "277CA accepted_batch"},
	{"277CA", "set STC 1-1 A3", "warning 11 STC03 2200B situation.rejected_batch", "277CA rejected_batch"},
	{"277CA", "set STC/2 3 U", "warning 19 STC03 2200C situation.accepted_provider", "277CA accepted_provider"},
	{"277CA", "set STC/2 1-1 A3", "warning 19 STC03 2200C situation.rejected_provider", "277CA rejected_provider"},
	{"277CA", "set STC/3 3 U", "warning 29 STC03 2200D situation.accepted_claim", "277CA accepted_claim"},
	{"277CA", "set STC/3 1-1 A7", "warning 29 STC03 2200D situation.rejected_claim", "277CA rejected_claim"},
	{"278-request", "set BHT 2 36; clear BHT 6", "warning 2 BHT06 - IK403 I9", "278-request reservation"},
	{"278-request", "set UM 2 R; delete REF*NT", "warning 29 REF 2000E IK304 I6", "278-request earlier_review"},
	{"278-request", "set UM/2 1 SC", "68 UM01 2000F situation.specialty_care", "278-request specialty_care"},
	{"278-response", "insert AAA*N**42*N after HL*1", "7 HL 2000B IK304 I9", "278-response rejected_umo"},
	{"278-response", "insert AAA*N**43*C after REF*EI", "11 HL 2000C IK304 I9", "278-response rejected_requester"},
	{"278-response", "insert AAA*N**72*C after N4", "17 HL 2000D IK304 I9", "278-response rejected_subscriber"},
	{"278-response", "insert AAA*N**71*C after N4/2", "24 HL 2000E IK304 I9", "278-response rejected_dependent"},
	{"278-response", "delete AAA", "warning 91 HCR 2000E IK304 I6", "278-response decision"},
	{"278-response", "clear HCR 2", "warning 27 HCR02 2000E IK403 I9", "278-response event_number"},
	{"278-response", "set UM/2 1 SC", "58 UM01 2000F situation.specialty_care", "278-response specialty_care"},
	{"278-response", "clear HCR*A6 2", "warning 59 HCR02 2000F IK403 I9", "278-response service_number"},
	{"835", "set BPR 1 H", "2 BPR02 - situation.nothing_paid", "835 nothing_paid"},
	{"835", "set BPR 1 H; set BPR 2 0; set PLB 6 401", "warning 2 BPR04 - situation.notice_method", "835 notice_method"},
	{"835", "clear BPR 5", "2 BPR05 - IK403 I9", "835 ach_details"},
	{"835", "set BPR 4 CHK", "warning 2 BPR05 - IK403 I13", "835 ach_format"},
	{"835", "set TRN 3 1512345679", "warning 3 TRN03 - situation.originator", "835 originator"},
	{"835", "delete TS3", "warning 23 TS3 2000 IK304 I6", "835 provider_summary"},
	{"835", "insert MOA**10 after MIA", "warning 33 MOA 2100 IK304 I9", "835 one_adjudication"},
	{"835", "delete NM1*TT", "warning 31 NM1 2100 IK304 I6", "835 forwarded"},
	{"835", "set CLP 2 1", "warning 31 NM1 2100 IK304 I9", "835 not_forwarded"},
	{"835", "delete NM1*PR", "warning 63 NM1 2100 IK304 I6", "835 other_subscriber"},
	{"999", "clear IK5*E 2", "warning 21 IK502 2000 IK403 I9", "999 set_error"},
	{"999", "delete IK4/3", "warning 9 IK4 2110 IK304 I6", "999 element_errors"},
	{"999", "set IK3*EQ 4 3", "warning 9 IK4 2110 IK304 I9", "999 segment_error"},
	{"277", "clear STC*E0:24:41 1-3", "warning 50 STC01-3 2200B IK403 I9", "- 277 entity of a status"},
	{"999", "clear IK5 2", "warning 10 IK502 2000 IK403 I9", "999 set_error"},
	{"999", "set IK3*REF 4 8", "warning 17 IK4 2110 IK304 I6", "999 element_errors"},
	{"999", "set IK3 4 5", "warning 6 IK4 2110 IK304 I9", "999 segment_error"},
}

// valueMutations are about external lists, the forms of codes, and what a code asks for.
var valueMutations = []mutation{
	{"835", "set CAS*CO 2 999", "warning 26 CAS02 2100 code.unknown", ""},
	{"277", "set STC*P1:3:1P 1-2 317", "warning 15 STC01-2 2200D code.inactive", ""},
	{"835", "set SVC 1-2 9921", "warning 43 SVC01-2 2110 code.format", ""},
	{"277", "clear STC*A3:24:1P 1-3", "warning 56 STC01-3 2200C IK403 I9", ""},
	{"835", "set TS3 4 9", "warning 23 TS304 2000 balance.summary", ""},
	{"835", "set TS3 5 1", "warning 23 TS305 2000 balance.summary", ""},
	{"835", "set N1*PE 4 1234567890", "warning 16 N104 1000B npi.check_digit", ""},
}

// framingMutations are about what the reader tolerates.
var framingMutations = []mutation{
	{"835", "insert NTE*ADD*NOTE before ST", "0 NTE - envelope.stray", ""},
	{"835", "set N4 3 10001~", "warning 10 ? - envelope.empty_segment", ""},
	{"835", `set N3 1 100 PLAN\nWAY`, "warning 9 ? - envelope.wrapped", ""},
	{"835", "set IEA 2 000000101~JUNK", "warning 0 ? - envelope.junk", ""},
	{"835", "set GS 8 005010X221", "warning 1 ST - guide.alias", ""},
	{"835", `set NM1*QC 3 DOE\x20`, "warning 27 NM103 2100 format.trailing_blanks", ""},
	{"835", `set NM1*QC 3 \x20DOE`, "warning 27 NM103 2100 format.leading_blanks", ""},
	{"835", "set NM1*QC 10", "warning 27 NM110 2100 format.trailing_separator", ""},
	{"835", "set SVC/2 1 HC:99000::", "warning 56 SVC01 2110 format.trailing_separator", ""},
}

// TestEverySituationHasAMutation: each rule of each guide is broken once.
func TestEverySituationHasAMutation(t *testing.T) {
	broken := make(map[string]bool)
	for _, m := range situationMutations {
		broken[m.note] = true
	}
	for _, key := range guide.Keys() {
		for _, s := range guide.Lookup(key).Situations {
			name := key + " " + s.Name
			if !broken[name] {
				t.Errorf("the rule %s has no mutation", name)
			}
			delete(broken, name)
		}
	}
	for name := range broken {
		if !strings.HasPrefix(name, "-") {
			t.Errorf("there is no rule %s", name)
		}
	}
}
