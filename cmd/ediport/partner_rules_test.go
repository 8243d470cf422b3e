package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/fixtures"
)

// Rules of a partner are checked beside the guides: each finding has their words and what to do about it.
func TestValidateByPartnerRules(t *testing.T) {
	in, err := fixtures.Open(fixtures.Catalog()[0].Name)
	if err != nil {
		t.Fatal(err)
	}
	claims := bytes.Count(in, []byte("~CLP*")) + bytes.Count(in, []byte("~\nCLP*"))
	if claims == 0 {
		t.Fatal("the fixture has no claims")
	}
	rules := filepath.Join(t.TempDir(), "rules.json")
	text := `{"rules":[{"name":"long_number","guide":"835","loop":"2100","segment":"CLP","element":1,"min_length":38,"message":"Claim numbers are long."}]}`
	if err := os.WriteFile(rules, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	p := &program{stdin: bytes.NewReader(in), stdout: &out, stderr: &out}
	if err := p.validate([]string{"-"}, validateOptions{json: true, rules: rules}); err != nil {
		t.Fatal(err) // a warning is no failure
	}
	var report struct {
		Files []struct {
			Findings []struct {
				SNIP            int
				Severity        string
				Code            struct{ Kind, Value string }
				Message, Advice string
			}
		}
	}
	if err := json.Unmarshal(out.Bytes(), &report); err != nil {
		t.Fatal(err)
	}
	findings := report.Files[0].Findings
	if len(findings) != claims {
		t.Errorf("%d findings, want one for each of %d claims", len(findings), claims)
	}
	for _, f := range findings {
		if f.SNIP != 7 || f.Severity != "warning" || f.Code.Kind != "partner.long_number" || f.Code.Value != "I12" ||
			f.Message != "Claim numbers are long." || f.Advice == "" {
			t.Errorf("finding %+v, want a warning of the rule with advice", f)
		}
	}
}

func TestValidateRefusesBadPartnerRules(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rules.json")
	if err := os.WriteFile(path, []byte(`{"rules":[{"name":"x","guide":"835","segment":"QQ","require":true}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	p := &program{stdin: &bytes.Buffer{}, stdout: &out, stderr: &out}
	if err := p.validate([]string{"-"}, validateOptions{rules: path}); !errors.Is(err, guide.ErrPartnerRules) {
		t.Errorf("error %v, want %v", err, guide.ErrPartnerRules)
	}
	if err := p.validate([]string{"-"}, validateOptions{rules: path + ".none"}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error %v, want %v", err, os.ErrNotExist)
	}
}
