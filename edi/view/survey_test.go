package view_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/ediport/ediport/edi/view"
	"github.com/ediport/ediport/fixtures"
)

func rows(t *testing.T, path string) []map[string]string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimRight(string(b), "\n"), "\n")
	head := strings.Split(lines[0], "\t")
	var all []map[string]string
	for _, line := range lines[1:] {
		row := map[string]string{}
		for i, v := range strings.Split(line, "\t") {
			row[head[i]] = v
		}
		all = append(all, row)
	}
	return all
}

// facts says which summary field stands in which column of FACTS_TX.tsv.
var facts = map[string]map[string]string{
	"835": {
		"payment_amount": "bpr02", "claims": "n_clp", "charge": "sum_clp03", "paid": "sum_clp04", "adjustments": "sum_cas",
		"service_lines": "n_svc", "provider_adjustments": "sum_plb", "balanced": "tx_balances", "claims_unbalanced": "n_claims_unbalanced",
	},
	"271": {"subscribers": "n_subscribers", "dependents": "n_dependents", "benefits": "n_eb", "rejections": "n_aaa"},
	"270": {"subscribers": "n_subscribers", "dependents": "n_dependents", "inquiries": "n_inquiries"},
	"276": {"inquiries": "n_inquiries"},
	"277": {"claims": "n_claims", "statuses": "n_stc"},
	"278": {"patient_events": "n_events", "services": "n_services", "decisions": "n_hcr"},
	"999": {"sets": "n_ak2"},
	"997": {"sets": "n_ak2"},
	"837": {"claims": "n_clm", "charge": "sum_clm02", "lines": "n_lines"},
}

func TestInspectAgreesWithTheFacts(t *testing.T) {
	dir := os.Getenv("EDIPORT_CORPUS")
	if dir == "" {
		t.Skip("EDIPORT_CORPUS is not set: the published sample files are not there")
	}
	sets := map[string][]map[string]string{}
	for _, row := range rows(t, filepath.Join(dir, "FACTS_TX.tsv")) {
		sets[row["path"]] = append(sets[row["path"]], row)
	}
	checked := 0
	for _, row := range rows(t, filepath.Join(dir, "MANIFEST.tsv")) {
		t.Run(row["path"], func(t *testing.T) {
			in, err := os.ReadFile(filepath.Join(dir, row["path"]))
			if err != nil {
				t.Fatal(err)
			}
			f, err := view.Inspect(row["path"], bytes.NewReader(in))
			if err != nil && row["n_interchanges"] != "0" {
				t.Fatal(err)
			}
			checked += compareCounts(t, f, row, sets[row["path"]])
		})
	}
	if checked < 1000 {
		t.Errorf("only %d transaction sets were compared", checked)
	}
}

func compareCounts(t *testing.T, f view.File, row map[string]string, want []map[string]string) int {
	t.Helper()
	groups, n := 0, 0
	for _, i := range f.Interchanges {
		groups += len(i.Groups)
		for _, g := range i.Groups {
			for _, s := range g.Transactions {
				if n < len(want) {
					compareSet(t, i, g, s, want[n])
				}
				n++
			}
		}
	}
	got := fmt.Sprint(len(f.Interchanges), groups, n, f.Segments, f.Bytes)
	if w := fmt.Sprint(row["n_interchanges"], " ", row["n_groups"], " ", row["n_transactions"], " ", row["n_segments"], " ", row["bytes"]); got != w {
		t.Errorf("interchanges, groups, sets, segments, bytes: %s, want %s", got, w)
	}
	if n != len(want) {
		t.Errorf("%d sets, want %d", n, len(want))
	}
	return n
}

func compareSet(t *testing.T, i view.InspectedInterchange, g view.InspectedGroup, s view.InspectedSet, want map[string]string) {
	t.Helper()
	got := []string{i.ControlNumber, g.ControlNumber, g.Version, s.Set, s.ControlNumber, strconv.Itoa(s.Segments)}
	for n, column := range []string{"isa13", "gs06", "gs08", "st01", "st02", "n_seg"} {
		if got[n] != want[column] {
			t.Errorf("%s: %q, want %q", column, got[n], want[column])
		}
	}
	b, err := json.Marshal(s.Summary)
	if err != nil {
		t.Fatal(err)
	}
	var summary map[string]any
	if err := json.Unmarshal(b, &summary); err != nil {
		t.Fatal(err)
	}
	for field, column := range facts[s.Set] {
		got := fmt.Sprint(summary[field])
		if field == "balanced" {
			got = map[string]string{"true": "yes", "false": "no"}[got]
		}
		if want[column] != got {
			t.Errorf("%s %s %s: %s, want %s", s.Set, s.ControlNumber, field, got, want[column])
		}
	}
}

func TestInspectFixtures(t *testing.T) {
	for _, e := range fixtures.Catalog() {
		t.Run(e.Name, func(t *testing.T) {
			in, err := fixtures.Open(e.Name)
			if err != nil {
				t.Fatal(err)
			}
			f, err := view.Inspect(e.Name, bytes.NewReader(in))
			if err != nil {
				t.Fatal(err)
			}
			got, want := normalize(t, f.Interchanges), normalize(t, e.Want.Interchanges)
			if got != want || f.Segments != int64(e.Want.Segments) {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

// normalize returns v as JSON with sorted keys.
func normalize(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var x any
	if err := json.Unmarshal(b, &x); err != nil {
		t.Fatal(err)
	}
	b, _ = json.Marshal(x)
	return string(b)
}
