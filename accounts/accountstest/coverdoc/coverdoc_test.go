package coverdoc_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ediport/ediport/accounts/accountstest/coverdoc"
	"github.com/ediport/ediport/accounts/accountstest/covers"
)

const (
	root     = "../../.."
	document = root + "/" + coverdoc.Document
	stored   = "covered.json"
)

// TestMake makes page and evidence anew from what is known, in a folder of its own: they are those of the source. What nobody
// proved is named.
func TestMake(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{coverdoc.Document, coverdoc.Stored} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	var proofs, few bytes.Buffer
	for _, e := range load(t) {
		for _, names := range [][]string{e.Tests, e.Also} {
			for _, name := range names {
				folder, test, _ := strings.Cut(name, " ")
				line, err := json.Marshal(covers.Proof{Row: e.Row, Package: folder, Test: test, Asked: slices.Contains(e.Tests, name)})
				if err != nil {
					t.Fatal(err)
				}
				proofs.Write(append(line, '\n'))
				if e.Row != "A15" {
					few.Write(append(line, '\n'))
				}
			}
		}
	}
	if missing, err := coverdoc.Make(dir, &proofs); err != nil || !slices.Equal(missing, coverdoc.Missing(load(t))) {
		t.Fatalf("missing %v, error %v", missing, err)
	}
	for _, name := range []string{coverdoc.Document, coverdoc.Stored} {
		made, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		source, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(made, source) {
			t.Errorf("%s made anew is not what the source has; run make docs-accounts", name)
		}
	}
	if missing, err := coverdoc.Make(dir, &few); err != nil || !slices.Contains(missing, "A15") {
		t.Errorf("without the tests of A15, missing are %v, error %v", missing, err)
	}
}

// TestEveryRowIsProved fails for a row of accounts that no test has proved, or that has too many companions.
func TestEveryRowIsProved(t *testing.T) {
	if missing := coverdoc.Missing(load(t)); len(missing) > 0 {
		t.Errorf("%d rows are proved by no test that asked a page or the API: %s", len(missing), strings.Join(missing, " "))
	}
	unmet := 0
	seen := map[string]bool{}
	for _, g := range coverdoc.Groups() {
		for _, r := range g.Rows {
			if seen[r.ID] || !covers.Known(r.ID) || r.Promise == "" {
				t.Errorf("row %q is there twice, unknown or empty", r.ID)
			}
			seen[r.ID] = true
			if r.Unmet != "" {
				unmet++
			}
		}
	}
	if unmet > coverdoc.MaxUnmet {
		t.Errorf("%d rows are not met, %d at most may be", unmet, coverdoc.MaxUnmet)
	}
	if len(seen) < 150 {
		t.Errorf("%d rows, want all of them", len(seen))
	}
}

// TestDocumentIsCurrent compares the document with what is stored, and what is stored with the source: no test that
// is gone, and no claim in the source that has not been seen to hold.
func TestDocumentIsCurrent(t *testing.T) {
	evidence := load(t)
	got, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, write(t, evidence)) {
		t.Errorf("%s is not what %s says; run make docs-accounts", document, stored)
	}
	claims, tests, err := coverdoc.Claims(root)
	if err != nil {
		t.Fatal(err)
	}
	claimed := map[string]bool{}
	for _, c := range claims {
		claimed[c.Row+" "+c.Package] = true
	}
	known := map[string]bool{}
	for _, e := range evidence {
		for _, name := range slices.Concat(e.Tests, e.Also) {
			folder, _, _ := strings.Cut(name, " ")
			known[e.Row+" "+folder] = true
			if !tests[name] {
				t.Errorf("%s: there is no test %s", e.Row, name)
			}
			if !claimed[e.Row+" "+folder] {
				t.Errorf("%s: no test of %s claims it", e.Row, folder)
			}
		}
	}
	for _, c := range claims {
		if c.Package != "accounts/accountstest/covers" && !known[c.Row+" "+c.Package] {
			t.Errorf("%s %s claims %s, which was not seen to hold; run make docs-accounts", c.Package, c.Test, c.Row)
		}
	}
}

func load(t *testing.T) (evidence []coverdoc.Evidence) {
	t.Helper()
	raw, err := os.ReadFile(stored)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &evidence); err != nil {
		t.Fatal(err)
	}
	return evidence
}

func write(t *testing.T, evidence []coverdoc.Evidence) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := coverdoc.Write(&b, evidence); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestCollect(t *testing.T) {
	t.Parallel()
	got, err := coverdoc.Collect(strings.NewReader(`{"row":"S10","package":"portal/web","test":"TestA/part","asked":true}
{"row":"S2","package":"accounts","test":"TestB","asked":false}
{"row":"S10","package":"portal/web","test":"TestA/other","asked":true}
{"row":"A1","package":"accounts","test":"TestB","asked":false}
{"row":"A1","package":"portal/api","test":"TestC","asked":true}
`))
	if err != nil {
		t.Fatal(err)
	}
	want := []coverdoc.Evidence{
		{Row: "S2", Also: []string{"accounts TestB"}},
		{Row: "S10", Tests: []string{"portal/web TestA"}},
		{Row: "A1", Tests: []string{"portal/api TestC"}, Also: []string{"accounts TestB"}},
	}
	if len(got) != len(want) {
		t.Fatalf("%d rows, want %d", len(got), len(want))
	}
	for i := range want {
		if got[i].Row != want[i].Row || !slices.Equal(got[i].Tests, want[i].Tests) || !slices.Equal(got[i].Also, want[i].Also) {
			t.Errorf("%+v, want %+v", got[i], want[i])
		}
	}
	missing := coverdoc.Missing(got)
	if slices.Contains(missing, "S10") || slices.Contains(missing, "A1") || !slices.Contains(missing, "S2") || slices.Contains(missing, "A78") {
		t.Errorf("missing are %v: S2 was proved by no request, and A78 belongs elsewhere", missing)
	}
	if _, err := coverdoc.Collect(strings.NewReader("no JSON\n")); err == nil {
		t.Error("a line that is no JSON is taken")
	}
}
