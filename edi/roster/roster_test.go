package roster_test

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/edi/parts"
	"github.com/ediport/ediport/edi/roster"
)

var update = flag.Bool("update", false, "write the golden files anew")

func options(k roster.Kind) roster.Options {
	return roster.Options{Kind: k, Envelope: parts.Envelope{
		SenderQualifier: "ZZ", SenderID: "CEDARHOLLOW", ReceiverQualifier: "ZZ", ReceiverID: "TAMARIND", Usage: "T", LineBreak: "\n",
		Time: time.Date(2026, 11, 21, 8, 30, 0, 0, time.UTC), Interchange: 7, Group: 7,
	}}
}

// What is made of each roster is what it should be, and its guide has nothing against it.
func TestGolden(t *testing.T) {
	t.Parallel()
	for _, k := range roster.Kinds {
		for _, perSet := range []int{1, 99} {
			in, err := os.ReadFile(filepath.Join("testdata", string(k)+".csv"))
			if err != nil {
				t.Fatal(err)
			}
			o := options(k)
			o.PerSet = perSet
			var out bytes.Buffer
			result, err := roster.Generate(&out, bytes.NewReader(in), o)
			if err != nil {
				t.Fatalf("%s: %v", k, err)
			}
			sets := 3
			if perSet > 1 && k != roster.Authorization {
				sets = 2
			}
			if result.Inquiries != 3 || result.Sets != sets {
				t.Errorf("%s, %d a set: %+v, want 3 inquiries in %d sets", k, perSet, result, sets)
			}
			findings, accepted := check(t, out.Bytes())
			if len(findings) > 0 || accepted != result.Sets {
				t.Errorf("%s, %d a set: %d sets checked, findings %v", k, perSet, accepted, findings)
			}
			if perSet == 1 {
				golden(t, string(k)+".x12", out.Bytes())
			}
		}
	}
}

func check(t *testing.T, x12 []byte) (findings []edi.Finding, sets int) {
	t.Helper()
	r := edi.NewReader(bytes.NewReader(x12))
	c := guide.NewChecker(func(f edi.Finding) { findings = append(findings, f) })
	c.Set = func(r guide.Result) {
		if r.Verdict == guide.Accepted {
			sets++
		}
	}
	r.Report = c.Report
	sc := guide.NewScanner(r)
	for sc.Next() {
		c.Segment(sc)
	}
	c.End()
	if err := sc.Err(); err != nil {
		t.Fatal(err)
	}
	return findings, sets
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), string(got)); d != "" {
		t.Errorf("%s (-want +got):\n%s", name, d)
	}
}

const head = "payer_id,payer_name,provider_npi,provider_name,member_id,last_name,first_name,birth_date"

const good = "TAMRN,TAMARIND,2990000012,CEDAR,M1,ASH,ANNA,1980-01-02"

// Errors name row and column, and never the value.
func TestErrors(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		kind roster.Kind
		in   string
		want string
	}{
		"unknown column":     {"270", head + ",servic_date\n" + good + ",\n", "row 1, column 9: its name is not known; is it service_date?"},
		"column of another":  {"276", head + ",group_number\n" + good + ",\n", "row 1, column 9: its name is not known"},
		"column twice":       {"270", head + ",Member ID\n" + good + ",\n", "row 1, member_id: is there twice"},
		"missing value":      {"270", head + "\n" + strings.Replace(good, "M1", "", 1) + "\n", "row 2, member_id: is missing"},
		"missing column":     {"270", "payer_id\nTAMRN\n", "row 2, payer_name: is missing"},
		"wrong check digit":  {"270", head + "\n" + strings.Replace(good, "2990000012", "2990000013", 1) + "\n", "row 2, provider_npi: is no NPI: ten digits, of which the last is the check digit"},
		"no date":            {"270", head + "\n" + strings.Replace(good, "1980-01-02", "1980-02-30", 1) + "\n", "row 2, birth_date: is no date of the calendar: write it as 2026-11-21, 20261121 or 11/21/2026"},
		"delimiter":          {"270", head + "\n" + strings.Replace(good, "ANNA", "AN*NA", 1) + "\n", "row 2, first_name: has one of the characters * ^ : ~, which separate elements in X12"},
		"accent":             {"270", head + "\n" + strings.Replace(good, "ANNA", "ANNÁ", 1) + "\n", "row 2, first_name: has a character that payers may not read: use A to Z, digits and the usual signs, without accents"},
		"not UTF-8":          {"270", head + "\n" + strings.Replace(good, "ANNA", "ANN\xc1", 1) + "\n", "row 2, first_name: is not in UTF-8"},
		"too long":           {"270", head + "\n" + strings.Replace(good, "ASH", strings.Repeat("A", 61), 1) + "\n", "row 2, last_name: is too long"},
		"half a dependent":   {"270", head + ",dependent_last_name\n" + good + ",ASH\n", "row 2, dependent_first_name: is missing, but other columns of a dependent are filled"},
		"period backwards":   {"270", head + ",service_date,service_date_to\n" + good + ",2026-11-02,2026-11-01\n", "row 2, service_date_to: is before service_date, or that is missing"},
		"276 without a date": {"276", head + "\n" + good + "\n", "row 2, service_date: is missing; a payer needs it unless there is a payer_claim_control_number"},
		"code not in guide":  {"270", head + ",service_types\n" + good + ",ZQ\n", "row 2, service_types: "},
		"fewer columns":      {"270", head + "\n" + "TAMRN\n", "row 2: has more or fewer columns than the header"},
		"no CSV":             {"270", head + "\n" + "\"TAMRN\n", "is no CSV: "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			_, err := roster.Generate(&out, strings.NewReader(c.in), options(c.kind))
			var wrong *roster.Errors
			if !errors.As(err, &wrong) || !strings.Contains(wrong.Error(), c.want) {
				t.Errorf("error %q, want %q", err, c.want)
			}
			if out.Len() > 0 {
				t.Errorf("%d bytes were written", out.Len())
			}
			for _, value := range []string{"AN*NA", "ANNÁ", "1980-02-30", "2990000013", "ZQ"} {
				if err != nil && strings.Contains(err.Error(), value) {
					t.Errorf("the error has the value: %v", err)
				}
			}
		})
	}
}

func TestEmptyRosters(t *testing.T) {
	t.Parallel()
	for _, in := range []string{"", head, head + "\n,,,,,,,\n"} {
		if _, err := roster.Generate(&bytes.Buffer{}, strings.NewReader(in), options("270")); !errors.Is(err, roster.ErrEmpty) {
			t.Errorf("%.20q: error %v, want ErrEmpty", in, err)
		}
	}
}

// Files of spreadsheets: byte order mark, semicolons, names of columns as people write them, carriage returns, blank rows.
func TestSpreadsheetHabits(t *testing.T) {
	t.Parallel()
	in := "\ufeff" + strings.ReplaceAll(strings.ReplaceAll(head, ",", ";"), "birth_date", "Birth Date ") + "\r\n" +
		strings.ReplaceAll(strings.Replace(good, "1980-01-02", "1/2/1980", 1), ",", ";") + "\r\n;;;;;;;\r\n"
	var got, want bytes.Buffer
	if _, err := roster.Generate(&got, strings.NewReader(in), options("270")); err != nil {
		t.Fatal(err)
	}
	if _, err := roster.Generate(&want, strings.NewReader(head+"\n"+good+"\n"), options("270")); err != nil {
		t.Fatal(err)
	}
	if got.String() != want.String() {
		t.Errorf("got\n%s\nwant\n%s", &got, &want)
	}
}

func TestErrorsAreBounded(t *testing.T) {
	t.Parallel()
	_, err := roster.Generate(&bytes.Buffer{}, strings.NewReader(head+"\n"+strings.Repeat(",,,,,,,x\n", 1000)), options("270"))
	var wrong *roster.Errors
	if !errors.As(err, &wrong) || len(wrong.List) != 100 || wrong.More != 1000*8-100 {
		t.Errorf("error %v", err)
	}
}
