package mutationtest

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/view"
)

var update = flag.Bool("update", false, "write the counted list of docs/conformance.md anew")

var document = filepath.Join("..", "..", "..", "docs", "conformance.md")

// TestConformanceDocumentCounts compares the counted list of docs/conformance.md with the tables of this test.
func TestConformanceDocumentCounts(t *testing.T) {
	b, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	const begin, end = "<!-- counted list -->\n", "<!-- end of the counted list -->\n"
	before, rest, found := strings.Cut(string(b), begin)
	list, after, ended := strings.Cut(rest, end)
	if !found || !ended {
		t.Fatal("docs/conformance.md has no counted list")
	}
	want := countedList()
	if list == want {
		return
	}
	if !*update {
		t.Fatal("the counted list of docs/conformance.md is not that of the tests; run go test ./edi/internal/mutationtest -update")
	}
	if err := os.WriteFile(document, []byte(before+begin+want+end+after), 0o600); err != nil {
		t.Fatal(err)
	}
}

func countedList() string {
	var b strings.Builder
	b.WriteString("| Finding | Mutations | The first of them, and what it must yield; or why there is none |\n|---|---|---|\n")
	for _, k := range kinds {
		for _, code := range strings.Split(k.codes, " ") {
			key := strings.TrimSpace(k.kind + " " + code)
			ms := slices.DeleteFunc(mutations(), func(m mutation) bool { return kindOf(m) != key })
			if len(ms) == 0 {
				fmt.Fprintf(&b, "| %s | – | %s |\n", key, notRaised[key])
				continue
			}
			fmt.Fprintf(&b, "| %s | %d | %s: `%s` → `%s` |\n", key, len(ms), ms[0].document, ms[0].change, ms[0].want)
		}
	}
	for _, note := range strings.Fields(noteKinds) {
		ms := slices.DeleteFunc(mutations(), func(m mutation) bool { return m.note != note })
		fmt.Fprintf(&b, "| syntax note %s | %d | %s: `%s` → `%s` |\n", note, len(ms), ms[0].document, ms[0].change, ms[0].want)
	}
	return b.String()
}

// TestConformanceDocumentTellsTheCorpus compares the table of published sample files with what the validator says of them.
func TestConformanceDocumentTellsTheCorpus(t *testing.T) {
	dir := os.Getenv("EDIPORT_CORPUS")
	if dir == "" {
		t.Skip("EDIPORT_CORPUS is not set: the published sample files are not there")
	}
	b, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	told := make(map[string]int)
	for _, row := range rows(string(b), 4) {
		n, err := strconv.Atoi(row[2])
		if err != nil || len(row[3]) < 5 {
			t.Errorf("a line without its number or rule: %q", row)
		}
		told[row[0]+" "+row[1]] = n
	}
	found := make(map[string]int)
	files := sampleFiles(t, dir)
	for _, path := range files {
		for _, key := range findingsOf(t, filepath.Join(dir, path), edi.Error) {
			found[path+" "+key]++
		}
	}
	if len(files) < 100 {
		t.Errorf("%d sample files were looked at, want 100 at least", len(files))
	}
	for key, n := range found {
		if told[key] != n {
			t.Errorf("%s is found %d times, and told %d times", key, n, told[key])
		}
	}
	for key, n := range told {
		if found[key] == 0 {
			t.Errorf("%s is told %d times, and not found", key, n)
		}
	}
}

// TestConformanceDocumentTellsTheFaults: what is planted in the faulty files is found, as the table says.
func TestConformanceDocumentTellsTheFaults(t *testing.T) {
	dir := os.Getenv("EDIPORT_CORPUS")
	if dir == "" {
		t.Skip("EDIPORT_CORPUS is not set: the published sample files are not there")
	}
	b, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	faults := rows(string(b), 3)
	if len(faults) < 20 {
		t.Errorf("%d faults are told, want 20 at least", len(faults))
	}
	for _, row := range faults {
		found := findingsOf(t, filepath.Join(dir, row[0]), edi.Info)
		if !slices.ContainsFunc(found, func(key string) bool { return key == row[2] || withoutLoop(key) == row[2] }) {
			t.Errorf("%s: found %q, want %s", row[0], found, row[2])
		}
	}
}

// withoutLoop takes the loop out of a finding that has one.
func withoutLoop(key string) string {
	if w := strings.Fields(key); len(w) == 4 {
		return strings.Join(slices.Delete(w, 1, 2), " ")
	}
	return key
}

// rows returns the cells of those lines of tables that begin with a file and have so many cells.
func rows(text string, cells int) (rows [][]string) {
	for line := range strings.Lines(text) {
		row := strings.Split(strings.Trim(line, "|\n "), " | ")
		if len(row) == cells && strings.HasSuffix(row[0], ".edi") {
			rows = append(rows, row)
		}
	}
	return rows
}

// findingsOf returns the findings in a file that are as bad as worst or worse, without their positions.
func findingsOf(t *testing.T, path string, worst edi.Severity) (keys []string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	survey := view.Survey{Report: func(f edi.Finding) {
		if f.Severity <= worst {
			w := []string{place(f.Segment, f.Element, f.Component, 0), f.Loop, f.Code.Kind, f.Code.Value}
			keys = append(keys, strings.Join(strings.Fields(strings.Join(w, " ")), " "))
		}
	}}
	if err := survey.Run(bytes.NewReader(b)); err != nil && !errors.Is(err, edi.ErrNotX12) {
		t.Fatal(err)
	}
	return keys
}

// sampleFiles returns the files of our kinds whose envelope the manifest calls good.
func sampleFiles(t *testing.T, dir string) (files []string) {
	t.Helper()
	manifest, err := os.ReadFile(filepath.Join(dir, "MANIFEST.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	ours := []string{"270", "271", "276", "277", "277ca", "278", "835", "999", "ta1"}
	lines := strings.Split(strings.TrimSpace(string(manifest)), "\n")
	good := slices.Index(strings.Split(lines[0], "\t"), "well_formed")
	for _, line := range lines[1:] {
		if w := strings.Split(line, "\t"); w[good] == "yes" && slices.Contains(ours, w[1]) {
			files = append(files, w[0])
		}
	}
	return files
}
