package guide_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
)

// departures lists the published sample files with a good envelope that depart from their guides, and where: segment
// and element, and IK304 or IK403 code. Each was read: most send what the guide leaves out, use qualifiers of
// another release, or leave out a level, a contact or an id that the guide requires. All others are clean.
var departures = map[string]string{
	"270/cosyte__270-canonical.edi":                               "EQ03 I6",
	"270/cosyte__270-minimal.edi":                                 "NM108 1, NM109 1",
	"270/cosyte__270-quirk-delimiters.edi":                        "EQ03 I6",
	"270/cosyte__270-quirk-linebreaks.edi":                        "EQ03 I6",
	"270/x12net__Data_270.edi":                                    "EQ 2, HL 3, NM1 2, ST03 1",
	"271/cosyte__271-aaa-dependent.edi":                           "NM101 I6",
	"271/cosyte__271-aaa-only-loop.edi":                           "NM1 3",
	"271/cosyte__271-aaa-two-dependents.edi":                      "AAA03 I6, NM101 I6",
	"271/cosyte__271-aaa-with-benefits.edi":                       "AAA03 I6",
	"271/cosyte__271-dependent.edi":                               "NM101 I6",
	"271/hirijaganer__271_active_response.edi":                    "ST01 18",
	"271/hirijaganer__271_ls_le_wrapper.edi":                      "DTP 7, LS I9, REF 7, ST01 18",
	"271/hirijaganer__271_multiple_eb_segments.edi":               "ST01 18",
	"271/hirijaganer__271_rejected_subscriber.edi":                "ST01 18",
	"271/hirijaganer__gainwell_271_redacted.edi":                  "ST01 18",
	"271/terravic__sample_271_response.edi":                       "EB04 7, EB09 2, EB10 6",
	"271/x12net__Data_271.edi":                                    "EB 2, HL 3, NM1 2, ST03 1",
	"276/x12net__Data_276.edi":                                    "HL 3, ST03 1, TRN 2",
	"277/cosyte__277-canonical.edi":                               "STC01-3 I6, STC03 I10",
	"277/cosyte__277-unknown-status.edi":                          "STC01-3 I6, STC03 I10",
	"277/cosyte__golden_277.edi":                                  "STC01-3 I6, STC03 I10",
	"277/linuxforhealth__provider-level-status.edi":               "STC01-3 I6",
	"277/x12net__Data_277.edi":                                    "BHT06 1, HL 3, ST03 1, STC03 I10, STC04 I10, TRN03 I10",
	"277ca/cosyte__277ca-canonical.edi":                           "DTP 2, DTP 3, HL 3, HL03 I6, NM1 3, NM101 I6, REF 2, TRN 3, TRN01 I6",
	"277ca/cosyte__277ca.edi":                                     "DTP 2, DTP 3, HL 3, HL03 I6, NM1 3, NM101 I6, REF 2, TRN 3, TRN01 I6",
	"277ca/terravic__sample_277_request.edi":                      "BHT01 I6, HL03 I6, NM101 I6, PWK I4, STC 7, STC03 I6, STC05 I10, TRN 3, TRN01 I6",
	"278/aurelianware__test-x12-278-review-request.edi":           "DTP01 I6, HCR I4, HL03 I6",
	"278/aurelianware__x217-inpatient-request.edi":                "BHT06 7, DMG 2, DTP 2, HI 2, HL 3, HL03 I6, HSD 2, NM101 I6, NM108 5, NM109 1, ST01 18, ST03 1, TRN 2, UM 2",
	"278/aurelianware__x217-inpatient-response-approved.edi":      "BHT02 I6, DTP 2, HL03 I6, HSD 2, NM101 I6, NM108 5, NM109 1, REF01 I6, ST01 18, ST03 1, STC 6, TRN 2",
	"278/aurelianware__x217-inpatient-response-denied.edi":        "AAA I4, BHT02 I6, HL03 I6, MSG 2, NM101 I6, ST01 18, ST03 1, STC 6, TRN 2",
	"278/aurelianware__x217-inpatient-response-pended.edi":        "AAA I4, BHT02 I6, HL03 I6, MSG 2, NM101 I6, REF01 I6, ST01 18, ST03 1, STC 6, TRN 2",
	"278/aurelianware__x217-referral-request.edi":                 "BHT06 7, DMG 2, HI 2, HL 3, HL03 I6, NM101 I6, ST01 18, ST03 1, TRN 2, UM 2",
	"278/cosyte__278-request-2.edi":                               "BHT01 7, DTP01 I6, HL04 I12",
	"278/cosyte__278-request.edi":                                 "BHT01 7, DTP01 I6, HL04 I12",
	"278/stupidedi__request-for-non-emergency-transportation.edi": "HL02 I12",
	"835/cosyte__835-medicare-canonical.edi":                      "N103 1, N104 1",
	"835/cosyte__golden_835.edi":                                  "N103 1, N104 1",
	"835/linuxforhealth__cob-contractural-adjustment.edi":         "BPR16 1, PER 3, SVC01-1 5, SVC01-2 1",
	"835/linuxforhealth__demo-835.edi":                            "PER 3, TS309 I10, TS311 I10",
	"835/linuxforhealth__managed-care.edi":                        "BPR16 8, PER 3",
	"835/linuxforhealth__secondary-payment.edi":                   "BPR16 1, PER 3, SVC01-1 5, SVC01-2 1",
	"835/linuxforhealth__tertiary-payment.edi":                    "BPR16 1, PER 3, SVC01-2 1, SVC03 balance.line, SVC06-1 4, SVC06-2 1",
	"835/moov__example_5010_835_sample1.edi":                      "CLP04 balance.claim",
	"835/moov__example_5010_835_sample2.edi":                      "BPR16 8, CLP04 balance.claim",
	"835/terravic__sample_835_remittance.edi":                     "CLP04 balance.claim, LX 3, PER 3, PLB04 1",
	"835/x12net__Data_835.edi":                                    "BPR02 balance.payment, BPR11 4, BPR12 5, BPR13 4, BPR14 5, BPR16 1, CLP04 balance.claim, LX 3, N1 3, NM1 3",
	"999/x12net__999_accepted.edi":                                "ST03 1",
	"999/x12net__999_rejected.edi":                                "AK5 6, ST03 1",
}

func TestCorpusValidates(t *testing.T) {
	dir := corpus(t)
	seen := 0
	for _, path := range wellFormed(t, dir) {
		t.Run(path, func(t *testing.T) {
			in, err := os.ReadFile(filepath.Join(dir, path))
			if err != nil {
				t.Fatal(err)
			}
			kinds := make(map[string]bool)
			r := edi.NewReader(bytes.NewReader(in))
			c := guide.NewChecker(func(f edi.Finding) {
				if f.Pos.Segment > 0 && f.Severity == edi.Error {
					kinds[kind(f)] = true
				}
			})
			c.Set = func(res guide.Result) {
				if res.Guide != nil {
					seen++
				}
			}
			r.Report = c.Report
			sc := guide.NewScanner(r)
			for sc.Next() {
				c.Segment(sc)
			}
			c.End()
			if sc.Err() != nil {
				t.Fatal(sc.Err())
			}
			var got []string
			for k := range kinds {
				got = append(got, k)
			}
			slices.Sort(got)
			if g := strings.Join(got, ", "); g != departures[path] {
				t.Errorf("departs in %q, want %q", g, departures[path])
			}
		})
	}
	if seen < 300 {
		t.Errorf("%d sets were checked, want at least 300", seen)
	}
}

// kind names a finding without its position: "CLP06 7".
func kind(f edi.Finding) string {
	at := f.Segment
	if f.Element > 0 {
		at += fmt.Sprintf("%02d", f.Element)
	}
	if f.Component > 0 {
		at += fmt.Sprintf("-%d", f.Component)
	}
	if f.Code.Value == "" {
		return at + " " + f.Code.Kind
	}
	return at + " " + f.Code.Value
}

// wellFormed returns the files of our kinds whose envelope the manifest calls good.
func wellFormed(t testing.TB, dir string) []string {
	t.Helper()
	manifest, err := os.ReadFile(filepath.Join(dir, "MANIFEST.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	kinds := []string{"270", "271", "276", "277", "277ca", "278", "835", "999"}
	var files []string
	lines := strings.Split(strings.TrimSpace(string(manifest)), "\n")
	good := slices.Index(strings.Split(lines[0], "\t"), "well_formed")
	for _, line := range lines[1:] {
		fields := strings.Split(line, "\t")
		if fields[good] == "yes" && slices.Contains(kinds, fields[1]) {
			files = append(files, fields[0])
		}
	}
	return files
}

// corpus returns the folder of published sample files, or skips.
func corpus(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("EDIPORT_CORPUS")
	if dir == "" {
		t.Skip("EDIPORT_CORPUS is not set: the published sample files are not there")
	}
	return dir
}
