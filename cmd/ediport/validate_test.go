package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

// The findings that a validator leaves out of one set count as truncated, like those beyond the limit per file.
func TestValidateCountsAllFindings(t *testing.T) {
	const n = 1500 // more than are listed of one set
	in := "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *261121*0830*^*00501*000000001*0*P*:~" +
		"GS*HP*SENDER*RECEIVER*20261121*0830*1*X*005010X221A1~ST*835*0001~" + strings.Repeat("Q7*1~", n) + "SE*1502*0001~GE*1*1~IEA*1*000000001~"
	var out bytes.Buffer
	p := &program{stdin: strings.NewReader(in), stdout: &out, stderr: &out}
	var exit *exitError
	if err := p.validate([]string{"-"}, validateOptions{json: true}); !errors.As(err, &exit) || exit.code != exitFinding {
		t.Errorf("error %v, want exit code %d", err, exitFinding)
	}
	var report struct {
		Files []struct {
			Findings  []json.RawMessage
			Truncated int
		}
	}
	if err := json.Unmarshal(out.Bytes(), &report); err != nil {
		t.Fatal(err)
	}
	if f := report.Files[0]; f.Truncated == 0 || len(f.Findings)+f.Truncated < n {
		t.Errorf("%d findings and %d truncated, want %d in all", len(f.Findings), f.Truncated, n)
	}
}
