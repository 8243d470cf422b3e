package ack

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ediport/ediport/edi"
)

// rows reads a tab-separated file with a header line.
func rows(t *testing.T, path string) []map[string]string {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var head []string
	var all []map[string]string
	for line := range strings.Lines(string(raw)) {
		cells := strings.Split(strings.TrimRight(line, "\r\n"), "\t")
		if head == nil {
			head = cells
			continue
		}
		row := map[string]string{}
		for i, c := range cells {
			row[head[i]] = c
		}
		all = append(all, row)
	}
	return all
}

func corpus(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("EDIPORT_CORPUS")
	if dir == "" {
		t.Skip("EDIPORT_CORPUS is not set: no corpus to read")
	}
	return dir
}

// facts are what FACTS_TX.tsv says of a 999 or 997.
type facts struct {
	sets, segments, elements int
	answers, group           string
}

func factsOf(g *Group) facts {
	f := facts{sets: len(g.Sets)}
	codes := map[string]int{}
	for _, s := range g.Sets {
		for _, e := range s.Errors {
			f.segments++
			f.elements += len(e.Elements)
		}
		if answer := answerSegment(g, s); answer != nil {
			codes[answer.Value(1)]++
		}
	}
	var answers []string
	for _, code := range slices.Sorted(maps.Keys(codes)) {
		answers = append(answers, fmt.Sprintf("%s:%d", code, codes[code]))
	}
	f.answers = strings.Join(answers, ",")
	f.group = fmt.Sprintf("%s/%d/%d/%d", g.Code, g.Included.Value, g.Received.Value, g.Accepted.Value)
	return f
}

// answerSegment returns the IK5 of a 999, the AK5 of a 997: the facts don't count the one in the other, which is read all the same.
func answerSegment(g *Group, s *Set) *edi.Segment {
	tag := map[string]string{"999": "IK5", "997": "AK5"}[g.Kind.String()]
	for i := range s.Segments {
		if s.Segments[i].Is(tag) {
			return &s.Segments[i]
		}
	}
	return nil
}

func TestCorpus(t *testing.T) {
	t.Parallel()
	dir := corpus(t)
	want := map[string][]facts{}
	n := 0
	for _, row := range rows(t, filepath.Join(dir, "FACTS_TX.tsv")) {
		if row["st01"] != "999" && row["st01"] != "997" {
			continue
		}
		var f facts
		fmt.Sscan(row["n_ak2"], &f.sets)
		fmt.Sscan(row["n_k3"], &f.segments)
		fmt.Sscan(row["n_k4"], &f.elements)
		f.answers, f.group = row["k5"], row["ak9"]
		want[row["path"]] = append(want[row["path"]], f)
		n++
	}
	if n < 48 {
		t.Errorf("the corpus has %d acknowledgments, want at least 48", n)
	}
	for path, sets := range want {
		x12, err := os.ReadFile(filepath.Join(dir, path))
		if err != nil {
			t.Fatal(err)
		}
		var got []facts
		for _, g := range groups(t, string(x12)) {
			got = append(got, factsOf(g))
		}
		if !slices.Equal(got, sets) {
			t.Errorf("%s:\ngot  %+v\nwant %+v", path, got, sets)
		}
	}
}

func TestCorpusTA1(t *testing.T) {
	t.Parallel()
	dir := corpus(t)
	n := 0
	for _, row := range rows(t, filepath.Join(dir, "FACTS.tsv")) {
		if row["ta1"] == "" {
			continue
		}
		f, err := os.Open(filepath.Join(dir, row["path"]))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for a, err := range TA1s(edi.NewReader(f)) {
			if err != nil {
				t.Errorf("%s: %v", row["path"], err)
			}
			got = append(got, fmt.Sprintf("%s/%s/%s", a.ControlNumber, a.Code, a.Note))
			n++
		}
		f.Close()
		if strings.Join(got, ",") != row["ta1"] {
			t.Errorf("%s: %v, want %s", row["path"], got, row["ta1"])
		}
	}
	if n < 14 {
		t.Errorf("%d TA1s, want at least 14", n)
	}
}
