package guide_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/fixtures"
)

// situations lists what the rules between segments and the outside code lists find in published sample files with a good
// envelope. Each was read: most are made-up provider numbers; docs/conformance.md has the others with their reasons.
var situations = map[string]string{
	"270/cosyte__270-canonical.edi":                                 "EQ02 I13, NM109 npi.check_digit",
	"270/cosyte__270-quirk-delimiters.edi":                          "EQ02 I13, NM109 npi.check_digit",
	"270/cosyte__270-quirk-linebreaks.edi":                          "EQ02 I13, NM109 npi.check_digit",
	"270/cosyte__270-two-transactions.edi":                          "EQ I6, NM109 npi.check_digit",
	"270/terravic__sample_270_inquiry.edi":                          "NM109 npi.check_digit",
	"271/cosyte__271-aaa-dependent.edi":                             "NM109 npi.check_digit",
	"271/cosyte__271-aaa-information-receiver.edi":                  "HL I9, NM109 npi.check_digit",
	"271/cosyte__271-aaa-information-source.edi":                    "HL I9, NM109 npi.check_digit",
	"271/cosyte__271-aaa-only-loop.edi":                             "NM109 npi.check_digit",
	"271/cosyte__271-aaa-repeated.edi":                              "NM109 npi.check_digit",
	"271/cosyte__271-aaa-subscriber.edi":                            "NM109 npi.check_digit",
	"271/cosyte__271-aaa-two-dependents.edi":                        "NM109 npi.check_digit",
	"271/cosyte__271-aaa-two-subscribers.edi":                       "NM109 npi.check_digit",
	"271/cosyte__271-aaa-with-benefits.edi":                         "NM109 npi.check_digit",
	"271/cosyte__271-canonical.edi":                                 "NM109 npi.check_digit",
	"271/cosyte__271-dependent.edi":                                 "NM109 npi.check_digit",
	"271/cosyte__271-no-benefits-no-aaa.edi":                        "EB I6, NM109 npi.check_digit",
	"271/cosyte__golden_271.edi":                                    "NM109 npi.check_digit",
	"271/terravic__sample_271_response.edi":                         "NM109 npi.check_digit",
	"276/linuxforhealth__claim-level-status-ncpdp.edi":              "NM109 npi.check_digit",
	"276/linuxforhealth__claim-level-status.edi":                    "NM109 code.format, NM109 npi.check_digit",
	"276/linuxforhealth__demo-276.edi":                              "NM109 code.format, NM109 npi.check_digit",
	"276/linuxforhealth__information-receiver-level-status.edi":     "NM109 npi.check_digit",
	"276/linuxforhealth__provider-level-status.edi":                 "NM109 npi.check_digit",
	"276/stupidedi__claim-ncpdp-request.edi":                        "NM109 npi.check_digit",
	"276/stupidedi__claim-request.edi":                              "NM109 npi.check_digit",
	"276/stupidedi__info-receiver-request.edi":                      "NM109 npi.check_digit",
	"276/stupidedi__provider-request.edi":                           "NM109 npi.check_digit",
	"277/cosyte__277-canonical.edi":                                 "NM109 npi.check_digit",
	"277/cosyte__277-unknown-status.edi":                            "NM109 npi.check_digit",
	"277/cosyte__golden_277.edi":                                    "NM109 npi.check_digit",
	"277/linuxforhealth__claim-level-status-ncpdp.edi":              "NM109 npi.check_digit",
	"277/linuxforhealth__demo-277.edi":                              "NM109 code.format, NM109 npi.check_digit",
	"277/linuxforhealth__provider-level-status.edi":                 "NM109 npi.check_digit",
	"277/stupidedi__claim-ncpdp-response.edi":                       "NM109 npi.check_digit",
	"277/stupidedi__claim-response.edi":                             "NM109 npi.check_digit",
	"277/stupidedi__provider-response.edi":                          "NM109 npi.check_digit",
	"277ca/cosyte__277ca-canonical.edi":                             "NM109 npi.check_digit",
	"277ca/cosyte__277ca.edi":                                       "NM109 npi.check_digit",
	"277ca/imsweb__x12_277CA_accepted.edi":                          "NM109 npi.check_digit",
	"277ca/imsweb__x12_277CA_rejected.edi":                          "NM109 code.format, STC03 situation.rejected_claim",
	"277ca/terravic__sample_277_request.edi":                        "NM109 npi.check_digit",
	"278/apimeister__php-edi-testfile-278.edi":                      "NM109 code.format, SV101-2 code.format",
	"278/aurelianware__test-x12-278-review-request.edi":             "NM109 npi.check_digit, REF02 code.format",
	"278/aurelianware__x217-inpatient-response-pended.edi":          "NM109 npi.check_digit",
	"278/aurelianware__x217-referral-request.edi":                   "NM109 npi.check_digit",
	"278/stupidedi__admission-response-to-request-for-review.edi":   "NM109 code.format",
	"278/stupidedi__request-for-medical-services-reservation.edi":   "NM109 code.format",
	"278/stupidedi__request-for-non-emergency-transportation.edi":   "NM109 code.format",
	"278/stupidedi__response-to-medical-services-reservation.edi":   "NM109 code.format",
	"278/stupidedi__response-to-non-emergency-transportation.edi":   "NM109 code.format",
	"835/cosyte__835-medicare-canonical.edi":                        "NM109 npi.check_digit",
	"835/cosyte__golden_835.edi":                                    "NM109 npi.check_digit",
	"835/keironstoddart__united_healthcare_legacy_sample.edi":       "N402 code.unknown",
	"835/linuxforhealth__cob-contractural-adjustment.edi":           "N104 code.format",
	"835/linuxforhealth__managed-care.edi":                          "N104 npi.check_digit",
	"835/linuxforhealth__tertiary-payment.edi":                      "SVC04 code.format",
	"835/moov__example_5010_835_sample1.edi":                        "N104 code.format, NM109 code.format, REF02 code.format",
	"835/moov__example_5010_835_sample2.edi":                        "TRN03 situation.originator",
	"835/stupidedi__dollars-and-data-sent-separate.edi":             "N104 npi.check_digit",
	"835/stupidedi__secondary-payment-with-higher-fee-schedule.edi": "N104 code.format",
	"835/tastypackets__multi-line-not-delimited.edi":                "TRN03 situation.originator",
	"835/tastypackets__profee-multiple.edi":                         "TRN03 situation.originator",
	"835/tastypackets__profee-one-line.edi":                         "TRN03 situation.originator",
	"835/tastypackets__profee.edi":                                  "TRN03 situation.originator",
	"835/terravic__sample_835_remittance.edi":                       "N104 npi.check_digit, NM109 npi.check_digit",
	"835/x12net__Data_835.edi":                                      "TRN03 situation.originator",
}

func TestCorpusRules(t *testing.T) {
	dir := corpus(t)
	for _, path := range wellFormed(t, dir) {
		in, err := os.ReadFile(filepath.Join(dir, path))
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(ruleKinds(t, in), ", "); got != situations[path] {
			t.Errorf("%s: %s\n\twant %s", path, got, situations[path])
		}
	}
}

// ruleKinds returns the kinds of findings of SNIP 4 and 5, each once.
func ruleKinds(t *testing.T, in []byte) []string {
	t.Helper()
	var kinds []string
	r := edi.NewReader(bytes.NewReader(in))
	c := guide.NewChecker(func(f edi.Finding) {
		if f.SNIP != 4 && f.SNIP != 5 {
			return
		}
		if k := kind(f); !slices.Contains(kinds, k) {
			kinds = append(kinds, k)
		}
	})
	r.Report = c.Report
	sc := guide.NewScanner(r)
	for sc.Next() {
		c.Segment(sc)
	}
	c.End()
	slices.Sort(kinds)
	return kinds
}

// TestFixturesKeepTheRules: the synthetic files hold no value that an outside list would not have.
func TestFixturesKeepTheRules(t *testing.T) {
	for _, e := range fixtures.Catalog() {
		in, err := fixtures.Open(e.Name)
		if err != nil {
			t.Fatal(err)
		}
		if got := ruleKinds(t, in); len(got) > 0 {
			t.Errorf("%s: %q, want no finding of SNIP 4 or 5", e.Name, got)
		}
	}
}
