package storage

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// patientColumns are the columns of which every one that is read for pages must have a mask.
var patientColumns = regexp.MustCompile(`^(?:(?:patient_|insured_|subscriber_)?(?:last|first|middle)_name|suffix|(?:patient_|insured_|subscriber_)?member_id|birth_date|gender|patient_control_number|line_control_number|extra|value)$`)

// A column of a patient that has no mask would be shown to those who may not see patients.
func TestEveryColumnOfAPatientHasAMask(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("query_*.go")
	if err != nil {
		t.Fatal(err)
	}
	tag := regexp.MustCompile("`db:\"([a-z_0-9]+)\"([^`]*)`")
	masked := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") || file == "query_accounts.go" {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range tag.FindAllStringSubmatch(string(text), -1) {
			switch has := strings.Contains(m[2], `mask:"`); {
			case has:
				masked++
			case patientColumns.MatchString(m[1]):
				t.Errorf("%s: %s has no mask", file, m[1])
			}
		}
	}
	if masked < 50 {
		t.Errorf("only %d masked columns were found", masked)
	}
}

func TestRowLimits(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rule  string
		limit RowLimit
		ok    bool
	}{
		{"numbers of the right length", RowLimit{NPIs: []string{"1234567893"}, TaxIDs: []string{"123456789"}}, true},
		{"a comma that would open another account", RowLimit{NPIs: []string{"1,2:123456"}}, false},
		{"a tax id among the NPIs", RowLimit{NPIs: []string{"123456789"}}, false},
		{"nothing", RowLimit{NPIs: []string{""}}, false},
	} {
		if got := c.limit.Check() == nil; got != c.ok {
			t.Errorf("%s: %t, want %t", c.rule, got, c.ok)
		}
		accounts, providers := Scope{Limits: map[AccountID]RowLimit{7: c.limit}}.limits()
		if len(accounts) != 1 || (providers == "") == c.ok {
			t.Errorf("%s: limited %v, open %q", c.rule, accounts, providers)
		}
	}
	var l RowLimit
	for _, text := range []string{`{}`, `{"npis":[]}`, `[]`, `{"npis":["x"]}`} {
		if err := l.Scan(text); err == nil {
			t.Errorf("a stored limit %s was read as %+v: it would open all", text, l)
		}
	}
	a := RowLimit{NPIs: []string{"1234567893"}}
	if !a.Within(RowLimit{}) || (RowLimit{}).Within(a) || !a.Within(a) || a.Within(RowLimit{TaxIDs: []string{"123456789"}}) {
		t.Error("what lies within what")
	}
}
