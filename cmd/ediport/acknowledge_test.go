package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	inquiryHead = "ISA*00*          *00*          *ZZ*CLINIC         *ZZ*PAYER          *261121*0825*^*00501*000000001*0*T*:~" +
		"GS*HS*CLINIC*PAYER*20261121*0825*1*X*005010X279A1~ST*270*0001*005010X279A1~BHT*0022*13*R1*20260105*1200~" +
		"HL*1**20*1~NM1*PR*2*PAYER*****PI*77~HL*2*1*21*1~NM1*1P*2*CLINIC*****XX*2990000012~HL*3*2*22*0~TRN*1*T1*9CLINIC001~"
	inquiryTail = "DMG*D8*19800101*F~DTP*291*D8*20260105~EQ*30~SE*13*0001~GE*1*1~IEA*1*000000001~"
	goodInquiry = inquiryHead + "NM1*IL*1*DOE*JANE****MI*M1~" + inquiryTail
	badInquiry  = inquiryHead + "NM1*IL*7*DOE*JANE****MI*M1~" + inquiryTail

	rejection = "ISA*00*          *00*          *ZZ*PAYER          *ZZ*CLINIC         *261121*0830*^*00501*000000007*0*T*:~" +
		"GS*FA*PAYER*CLINIC*20261121*0830*7*X*005010X231A1~ST*999*0001*005010X231A1~AK1*HS*1*005010X279A1~" +
		"AK2*270*0001*005010X279A1~IK3*NM1*9*2100C*8~CTX*TRN02:T1~IK4*2*1065*7*7~IK5*R*5~AK9*R*1*1*0~SE*9*0001~GE*1*7~IEA*1*000000007~"
)

// A command is one run of the program in this process.
type command struct {
	code           int
	stdout, stderr string
}

func execute(t *testing.T, stdin string, args ...string) command {
	t.Helper()
	var out, errs bytes.Buffer
	code := run(t.Context(), args, func(string) string { return "" }, strings.NewReader(stdin), &out, &errs)
	return command{code, out.String(), errs.String()}
}

func inFile(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAcknowledgeToFiles(t *testing.T) {
	t.Parallel()
	bad, asks := inFile(t, "bad.270", badInquiry), inFile(t, "asks.270", strings.Replace(goodInquiry, "*0*T*:", "*1*T*:", 1))
	for range 2 { // the same bytes each time
		dir := t.TempDir()
		to999, toTA1 := filepath.Join(dir, "999"), filepath.Join(dir, "ta1")
		c := execute(t, "", "validate", bad, asks, "--ack-999", to999, "--ack-ta1", toTA1, "--control-number", "7", "--now", "2026-11-21T08:30", "--json")
		if c.code != exitFinding || !json.Valid([]byte(c.stdout)) {
			t.Errorf("exit code %d, output %s%s", c.code, c.stdout, c.stderr)
		}
		x999, err := os.ReadFile(to999)
		if err != nil {
			t.Fatal(err)
		}
		ta1, err := os.ReadFile(toTA1)
		if err != nil {
			t.Fatal(err)
		}
		// The TA1 has number 8, between the two 999s.
		accepted := strings.NewReplacer("IK3*NM1*9*2100C*8~CTX*TRN02:T1~IK4*2*1065*7*7~IK5*R*5~AK9*R*1*1*0~SE*9", "IK5*A~AK9*A*1*1*1~SE*6",
			"000000007", "000000009", "0830*7*X", "0830*8*X", "GE*1*7", "GE*1*8").Replace(rejection)
		if want := rejection + accepted; string(x999) != want {
			t.Errorf("999:\ngot  %s\nwant %s", x999, want)
		}
		want := strings.NewReplacer("000000007", "000000008").Replace(rejection[:strings.Index(rejection, "GS*")]) + "TA1*000000001*261121*0825*A*000~IEA*0*000000008~"
		if string(ta1) != want {
			t.Errorf("TA1:\ngot  %s\nwant %s", ta1, want)
		}
	}
}

// With - the answer is all that standard output gets.
func TestAcknowledgeToStandardOutput(t *testing.T) {
	t.Parallel()
	args := []string{"validate", "-", "--ack-999", "-", "--control-number", "7", "--now", "2026-11-21T08:30:59Z"}
	c := execute(t, badInquiry, args...)
	if c.code != exitFinding || c.stdout != rejection || !strings.Contains(c.stderr, "rejected") {
		t.Errorf("exit code %d\nstandard output %s\nstandard error %s", c.code, c.stdout, c.stderr)
	}
	if c := execute(t, badInquiry, append(args, "--json")...); c.code != exitFailed || c.stdout != "" || !strings.Contains(c.stderr, "--json") {
		t.Errorf("with --json: exit code %d, standard output %q, standard error %q", c.code, c.stdout, c.stderr)
	}
}

// Where nothing is to be said no file is made.
func TestAcknowledgeNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	to999, toTA1 := filepath.Join(dir, "999"), filepath.Join(dir, "ta1")
	for name, c := range map[string]struct{ x12, flag, to, says string }{
		"no fault": {goodInquiry, "--ack-ta1", toTA1, "no TA1 was written"},
		"a 999":    {strings.Replace(rejection, "261121", "261120", 1), "--ack-999", to999, "no 999 was written"},
	} {
		got := execute(t, c.x12, "validate", "-", c.flag, c.to)
		if !strings.Contains(got.stderr, c.says) || got.code != exitFine {
			t.Errorf("%s: exit code %d, standard error %q", name, got.code, got.stderr)
		}
		if _, err := os.Stat(c.to); err == nil {
			t.Errorf("%s: a file was made", name)
		}
	}
}

func TestAcknowledgePolicies(t *testing.T) {
	t.Parallel()
	file := inFile(t, "policy.json", `{"reject": [1], "note": [2], "values": "none"}`)
	for policy, want := range map[string]string{
		"strict":   "IK4*2*1065*7*7~IK5*R*5~AK9*R*1*1*0~",
		"tolerant": "IK4*2*1065*7*7~IK5*E*5~AK9*E*1*1*1~",
		file:       "IK3*NM1*9*2100C*8~IK4*2*1065*7~IK5*E*5~AK9*E*1*1*1~",
	} {
		if c := execute(t, badInquiry, "validate", "-", "--ack-999", "-", "--policy", policy); !strings.Contains(c.stdout, want) {
			t.Errorf("%s: want %s, got %s%s", filepath.Base(policy), want, c.stdout, c.stderr)
		}
	}
}

func TestAcknowledgeRefuses(t *testing.T) {
	t.Parallel()
	wrong := inFile(t, "policy.json", `{"reject": [9]}`)
	misspelt := inFile(t, "policy.json", `{"rejects": [1]}`)
	for _, c := range [][]string{
		{"--now", "yesterday"},
		{"--control-number", "1000000000"},
		{"--policy", wrong},
		{"--policy", misspelt},
		{"--policy", inFile(t, "policy.json", `{"reject": [1]} {"reject": [2]}`)},
		{"--policy", "nowhere.json"},
		{"--ack-999", "x", "--ack-ta1", "x"},
		{"--color", "sometimes"},
	} {
		if got := execute(t, goodInquiry, append([]string{"validate", "-"}, c...)...); got.code != exitFailed || got.stderr == "" {
			t.Errorf("%v: exit code %d, standard error %q", c, got.code, got.stderr)
		}
	}
	if got := execute(t, goodInquiry, "validate", "-", "--ack-999", filepath.Join(t.TempDir(), "no", "folder")); got.code != exitFailed || strings.Contains(got.stderr, "no 999") {
		t.Errorf("a file that can't be made: exit code %d, %s", got.code, got.stderr)
	}
}

// What scripts read of a finding stays as it is; advice may be added.
func TestValidateJSONContract(t *testing.T) {
	t.Parallel()
	c := execute(t, badInquiry, "validate", "-", "--json")
	var report struct {
		Files []map[string]json.RawMessage
	}
	if err := json.Unmarshal([]byte(c.stdout), &report); err != nil || len(report.Files) != 1 {
		t.Fatalf("%v: %s", err, c.stdout)
	}
	if got := keysOf(report.Files[0]); !slices.Equal(got, []string{"findings", "path", "truncated"}) {
		t.Errorf("a file has %v", got)
	}
	var findings []map[string]json.RawMessage
	if err := json.Unmarshal(report.Files[0]["findings"], &findings); err != nil || len(findings) != 1 {
		t.Fatalf("%v: %s", err, report.Files[0]["findings"])
	}
	delete(findings[0], "advice")
	want := strings.Fields("code component element group gs06 interchange isa13 line loop message offset position repetition segment severity snip st02 transaction")
	if got := keysOf(findings[0]); !slices.Equal(got, want) {
		t.Errorf("a finding has %v, want %v", got, want)
	}
}

func keysOf(m map[string]json.RawMessage) []string {
	all := make([]string, 0, len(m))
	for k := range m {
		all = append(all, k)
	}
	slices.Sort(all)
	return all
}

func TestValidateText(t *testing.T) {
	t.Parallel()
	unknown := strings.ReplaceAll(goodInquiry, "005010X279A1", "004010X092A1")
	for _, c := range []struct {
		name, x12 string
		flags     []string
		want      []string
		not       string
	}{
		{"nothing wrong", goodInquiry, nil, []string{"270 0001", ": accepted\n", "1 transaction set: 1 accepted; 0 errors, 0 warnings"}, "error "},
		{"an invalid code", badInquiry, nil, []string{"rejected, 1 finding", "NM102", "(IK403 7)", "segment 9, line 1", "loop 2100C Subscriber Name"}, "JANE"},
		{"summary", badInquiry, []string{"--summary"}, []string{"rejected, 1 finding", "1 error,"}, "IK403"},
		{"no guide", unknown, nil, []string{"no guide known", "unchecked"}, "accepted"},
		{"an envelope", strings.Replace(goodInquiry, "IEA*1", "IEA*2", 1), nil, []string{"IEA01", "(TA105 021)", "interchange 000000001"}, "rejected"},
		{
			"an interchange that the TA1 rejects", strings.Replace(goodInquiry, "IEA*1", "IEA*2", 1),
			[]string{"--ack-999", "-", "--ack-ta1", "-"},
			[]string{": accepted\n", "interchange 000000001: rejected with all of its sets by the TA1 (TA105 021)"},
			"999: A",
		},
		{
			"a group that the 999 rejects", strings.Replace(goodInquiry, "GE*1*", "GE*2*", 1),
			[]string{"--ack-999", "-"},
			[]string{": accepted\n", "rejected with all of its sets by the 999 (AK905 5)"},
			"999: A",
		},
		{"colors", badInquiry, []string{"--color", "always"}, []string{"\x1b[1;31mrejected\x1b[0m"}, ""},
		{"what commands a terminal", strings.ReplaceAll(goodInquiry, "*0001", "*0\x1b[1m"), []string{"--color", "never"}, []string{"270 0·[1m"}, "\x1b"},
	} {
		got := execute(t, c.x12, append([]string{"validate", "-"}, c.flags...)...)
		if len(c.flags) > 0 && c.flags[0] == "--ack-999" {
			got.stdout = got.stderr
		}
		for _, want := range c.want {
			if !strings.Contains(got.stdout, want) {
				t.Errorf("%s: want %q in\n%s%s", c.name, want, got.stdout, got.stderr)
			}
		}
		if c.not != "" && strings.Contains(got.stdout, c.not) {
			t.Errorf("%s: %q is in\n%s", c.name, c.not, got.stdout)
		}
	}
}
