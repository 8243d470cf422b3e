package main

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/ediport/ediport/fixtures"
)

// called runs the program with arguments and standard input, and returns what it wrote and its exit code.
func called(t *testing.T, stdin string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	return calledWith(t, nil, stdin, args...)
}

func calledWith(t *testing.T, env map[string]string, stdin string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, complaints bytes.Buffer
	code = run(t.Context(), args, func(name string) string { return env[name] }, strings.NewReader(stdin), &out, &complaints)
	return out.String(), complaints.String(), code
}

func x12(t *testing.T, name string) string {
	t.Helper()
	b, err := fixtures.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func saved(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestInspectTree(t *testing.T) {
	t.Parallel()
	payment := x12(t, "08-835-wrong-segment-count.x12")
	for name, c := range map[string]struct {
		args []string
		env  map[string]string
		code int
		has  []string
		not  []string
	}{
		"all of it":      {nil, nil, 1, []string{"2100 Claim Payment Information", "CLP03", "Total charge", "190.00", "IK502 4", "rejected"}, []string{"\x1b"}},
		"colors":         {[]string{"--color", "always"}, nil, 1, []string{"\x1b[1;34m2100\x1b[0m"}, nil},
		"no color":       {nil, map[string]string{"NO_COLOR": "1"}, 1, nil, []string{"\x1b"}},
		"depth":          {[]string{"--depth", "loop"}, nil, 1, []string{"2100 Claim Payment Information"}, []string{"CLP03"}},
		"depth number":   {[]string{"--depth", "2"}, nil, 1, []string{"Group 43"}, []string{"Set 835"}},
		"raw":            {[]string{"--raw"}, nil, 1, []string{"CLP*JSC88140*1*190"}, []string{"CLP03"}},
		"summary":        {[]string{"--summary"}, nil, 1, []string{"835 0001  rejected"}, []string{"CLP03"}},
		"one set":        {[]string{"--set", "1"}, nil, 1, []string{"Set 835 0001"}, []string{"Interchange 0"}},
		"no such set":    {[]string{"--set", "2"}, nil, 2, []string{"there is no transaction set 2, the file has 1"}, nil},
		"no such depth":  {[]string{"--depth", "deep"}, nil, 2, []string{"--depth deep is not known"}, nil},
		"no such color":  {[]string{"--color", "blue"}, nil, 2, []string{"--color blue is not known"}, nil},
		"pager":          {[]string{"--pager", "always"}, map[string]string{"PAGER": "sed s/^/PAGED:/"}, 1, []string{"PAGED:Interchange"}, nil},
		"pager is left":  {[]string{"--pager", "always"}, map[string]string{"PAGER": "true"}, 0, nil, nil},
		"no such pager":  {[]string{"--pager", "sometimes"}, nil, 2, []string{"--pager sometimes is not known"}, nil},
		"json contract":  {[]string{"--json"}, nil, 1, []string{`"segments": 36`, `"status": "rejected"`}, []string{"Total charge"}},
		"two at once":    {[]string{"--json", "--raw"}, nil, 2, []string{"none of the others can be"}, nil},
		"quiet is known": {[]string{"-q", "--summary"}, nil, 1, []string{"835 0001"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stdout, stderr, code := calledWith(t, c.env, payment, append([]string{"inspect", "-"}, c.args...)...)
			if name == "pager is left" {
				return // how much was shown until then is chance
			}
			if code != c.code {
				t.Errorf("exit code %d, want %d: %s", code, c.code, stderr)
			}
			for _, want := range c.has {
				if !strings.Contains(stdout+stderr, want) {
					t.Errorf("%q is missing in\n%s%s", want, stdout, stderr)
				}
			}
			for _, not := range c.not {
				if strings.Contains(stdout, not) {
					t.Errorf("%q is there:\n%s", not, stdout)
				}
			}
		})
	}
}

func TestInspectSeveralFiles(t *testing.T) {
	t.Parallel()
	good, bad := saved(t, "good.271", x12(t, "11-271-active-member.x12")), saved(t, "bad.txt", "no X12")
	stdout, stderr, code := called(t, "", "inspect", "--depth", "set", good, bad)
	if code != 2 || !strings.Contains(stdout, good+"\n") || !strings.Contains(stdout, "accepted") || !strings.Contains(stderr, "not X12") {
		t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
	}
}

func TestConvertFormats(t *testing.T) {
	t.Parallel()
	payment := x12(t, "01-835-payment-with-denials.x12")
	asJSON, _, code := called(t, payment, "convert", "-", "--to", "json")
	if code != 0 {
		t.Fatalf("exit code %d", code)
	}
	for _, in := range []string{payment, asJSON} {
		if got, _, code := called(t, in, "convert", "-", "--to", "x12"); code != 0 || got != payment {
			t.Errorf("back to X12: exit code %d, the same %v", code, got == payment)
		}
		got, _, code := called(t, in, "convert", "-", "--to", "csv")
		rows, err := csv.NewReader(strings.NewReader(got)).ReadAll()
		if code != 0 || err != nil || len(rows) != 13 || rows[0][4] != "row" {
			t.Errorf("csv: exit code %d, error %v, %d rows", code, err, len(rows))
		}
		got, _, code = called(t, in, "convert", "-", "--to", "ndjson")
		for line := range strings.Lines(got) {
			var row map[string]any
			if err := json.Unmarshal([]byte(line), &row); err != nil || row["table"] != "remittance" {
				t.Errorf("ndjson: %v: %s", err, line)
			}
		}
		if code != 0 || strings.Count(got, "\n") != 12 {
			t.Errorf("ndjson: exit code %d, %d lines", code, strings.Count(got, "\n"))
		}
		got, _, code = called(t, in, "convert", "-", "--to", "x12", "--normalize", "--line-break", "none")
		if code != 0 || strings.Contains(got, "\n") || strings.Count(got, "~") != strings.Count(payment, "~") {
			t.Errorf("tidied up: exit code %d\n%s", code, got)
		}
	}
	out := filepath.Join(t.TempDir(), "payment.xlsx")
	if _, stderr, code := called(t, payment, "convert", "-", "--to", "xlsx", "-o", out, "--table", "adjustments"); code != 0 {
		t.Fatalf("xlsx: exit code %d: %s", code, stderr)
	}
	z, err := zip.OpenReader(out)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	if info, err := os.Stat(out); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("what people are in may be read by %v", info.Mode())
	}
}

func TestConvertComplaints(t *testing.T) {
	t.Parallel()
	payment, ack := x12(t, "01-835-payment-with-denials.x12"), x12(t, "22-999-accepted-and-rejected.x12")
	old := strings.ReplaceAll(payment, "005010X221A1", "004010X091A1")
	for name, c := range map[string]struct {
		in   string
		args []string
		code int
		want string
	}{
		"other sets":     {payment + ack, []string{"--to", "csv"}, 0, "left out: 1 transaction set of 999; --table acknowledgments has them"},
		"breaks off":     {payment[:len(payment)/2], []string{"--to", "csv"}, 0, "in the envelopes, so rows may be missing"},
		"unknown guide":  {old, []string{"--to", "csv"}, 1, "1 transaction set whose guide (GS08) is not known"},
		"not X12":        {"hello", []string{"--to", "csv"}, 2, "not X12"},
		"empty":          {"", []string{"--to", "csv"}, 2, "the file is empty"},
		"format":         {payment, []string{"--to", "pdf"}, 2, "--to pdf is not known"},
		"table":          {payment, []string{"--to", "csv", "--table", "claims"}, 2, "--table claims is not known"},
		"line break":     {payment, []string{"--to", "x12", "--normalize", "--line-break", "cr"}, 2, "--line-break cr is not known"},
		"other JSON":     {`{"a": 1}`, []string{"--to", "csv"}, 2, "not a document of format"},
		"nothing in it":  {strings.ReplaceAll(payment, "ST*835*", "ST*820*"), []string{"--to", "csv"}, 2, "holds nothing that becomes rows"},
		"file not there": {"", []string{"--to", "csv", "-o", "/nonexistent/x.csv"}, 2, "no such file"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, stderr, code := called(t, c.in, append([]string{"convert", "-"}, c.args...)...)
			if code != c.code || !strings.Contains(stderr, c.want) {
				t.Errorf("exit code %d, want %d; %q, want %q", code, c.code, stderr, c.want)
			}
		})
	}
}

// A file that could not be filled is not left behind half.
func TestConvertLeavesNoHalfFile(t *testing.T) {
	t.Parallel()
	out := filepath.Join(t.TempDir(), "x.csv")
	if _, _, code := called(t, "hello", "convert", "-", "--to", "csv", "-o", out); code != 2 {
		t.Errorf("exit code %d", code)
	}
	if _, err := os.Stat(out); !os.IsNotExist(err) {
		t.Errorf("the file is there: %v", err)
	}
}

const rosterCSV = "payer_id,payer_name,provider_npi,provider_name,member_id,last_name,first_name,birth_date,gender,service_date\n" +
	"TAMRN,Tamarind,2990000012,Cedar Hollow,M1,Ash,Anna,1980-01-02,F,2026-11-01\n"

func TestGenerate(t *testing.T) {
	t.Parallel()
	args := []string{"--from", "-", "--sender", "MYSYSTEM", "--receiver", "30:123456789", "--now", "2026-11-21T08:30", "--control-number", "77"}
	for _, kind := range []string{"270", "276", "278"} {
		out, stderr, code := called(t, rosterCSV, append([]string{"generate", kind}, args...)...)
		if code != 0 || !strings.HasPrefix(out, "ISA*00*          *00*          *ZZ*MYSYSTEM       *30*123456789      *261121*0830*^*00501*000000077*0*P*:~\n") {
			t.Fatalf("%s: exit code %d: %s%s", kind, code, out, stderr)
		}
		if found, _, code := called(t, out, "validate", "-"); code != 0 {
			t.Errorf("%s does not validate: %s", kind, found)
		}
		if again, _, _ := called(t, rosterCSV, append([]string{"generate", kind}, args...)...); again != out {
			t.Errorf("%s: made again it differs", kind)
		}
		if columns, _, code := called(t, "", "generate", kind, "--columns"); code != 0 || !strings.Contains(columns, "member_id") {
			t.Errorf("%s: columns %q", kind, columns)
		}
	}
	_, stderr, code := called(t, strings.Replace(rosterCSV, "1980-01-02", "1980-13-02", 1), append([]string{"generate", "270"}, args...)...)
	if code != 1 || !strings.Contains(stderr, "row 2, birth_date: is no date") || strings.Contains(stderr, "1980-13") {
		t.Errorf("a wrong date: exit code %d, %s", code, stderr)
	}
	_, stderr, code = called(t, rosterCSV, "generate", "270", "--receiver", "123456:X", "--usage", "X", "--now", "noon")
	for _, want := range []string{"--from", "--sender", "--receiver", "--usage", "--now"} {
		if code != 2 || !strings.Contains(stderr, want) {
			t.Errorf("exit code %d, %s is not complained about: %s", code, want, stderr)
		}
	}
	if _, _, code := called(t, rosterCSV, "generate", "835"); code != 2 {
		t.Errorf("generate 835: exit code %d", code)
	}
}

func TestDiffExitCodes(t *testing.T) {
	t.Parallel()
	payment := x12(t, "01-835-payment-with-denials.x12")
	a := saved(t, "a.835", payment)
	changed := strings.Replace(payment, "*245*", "*246*", 1)
	for name, c := range map[string]struct {
		stdin string
		args  []string
		code  int
		want  string
	}{
		"equal":         {strings.ReplaceAll(payment, "\n", ""), []string{a, "-"}, 0, ""},
		"different":     {changed, []string{a, "-"}, 1, "CLP03 Total charge: 245 → 246"},
		"as JSON":       {changed, []string{"--json", a, "-"}, 1, `"name":"Total charge"`},
		"equal as JSON": {payment, []string{"--json", "-", a}, 0, `"equal": true`},
		"unreadable":    {"hello", []string{a, "-"}, 2, "not X12"},
		"not there":     {"", []string{a, a + ".not"}, 2, "no such file"},
		"both stdin":    {payment, []string{"-", "-"}, 2, "only one"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stdout, stderr, code := called(t, c.stdin, append([]string{"diff"}, c.args...)...)
			if code != c.code || !strings.Contains(stdout+stderr, c.want) {
				t.Errorf("exit code %d, want %d: %s%s", code, c.code, stdout, stderr)
			}
			if strings.Contains(name, "JSON") && !json.Valid([]byte(stdout)) {
				t.Errorf("no JSON: %s", stdout)
			}
		})
	}
}

func TestDeidentifyCommand(t *testing.T) {
	t.Parallel()
	inquiry := x12(t, "10-270-roster-inquiry.x12")
	key := filepath.Join(t.TempDir(), "key")
	first, stderr, code := called(t, inquiry, "deidentify", "-", "--key", key)
	if code != 0 || !strings.Contains(stderr, "made the key") || strings.Contains(first, "QUILLFEATHER") {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	if info, err := os.Stat(key); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key may be read by %v", info.Mode())
	}
	if again, _, _ := called(t, inquiry, "deidentify", "-", "--key", key); again != first {
		t.Error("the same key made something else")
	}
	if other, _, _ := called(t, inquiry, "deidentify", "-"); other == first {
		t.Error("without a key the same was made")
	}
	in := saved(t, "in.270", inquiry)
	if _, stderr, code := called(t, "", "deidentify", in, "-o", in); code != 2 || !strings.Contains(stderr, "the file itself") {
		t.Errorf("onto itself: exit code %d: %s", code, stderr)
	}
	claim := strings.ReplaceAll(inquiry, "ST*270*", "ST*837*")
	if _, stderr, code := called(t, claim, "deidentify", "-"); code != 2 || !strings.Contains(stderr, "--mask-unknown") {
		t.Errorf("unknown guide: exit code %d: %s", code, stderr)
	}
	if out, stderr, code := called(t, claim, "deidentify", "-", "--mask-unknown"); code != 0 || !strings.Contains(stderr, "masked") || strings.Contains(out, "QUILLFEATHER") {
		t.Errorf("masked: exit code %d: %s", code, stderr)
	}
	if _, stderr, code := called(t, inquiry, "deidentify", "-", "--key", saved(t, "short", "abc")); code != 2 || !strings.Contains(stderr, "16 bytes") {
		t.Errorf("short key: exit code %d: %s", code, stderr)
	}
}

// Each command says what it does, with an example, and its flags complete.
func TestCommandsAreExplained(t *testing.T) {
	t.Parallel()
	p := &program{}
	for _, c := range p.rootCommand().Commands() {
		if c.GroupID == "files" && (c.Short == "" || c.Long == "" || c.Example == "" || !strings.Contains(c.Long, "Exit codes")) {
			t.Errorf("%s lacks a sentence, an example or its exit codes", c.Name())
		}
	}
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"inspect", "x", "--depth", ""}, "segment"},
		{[]string{"convert", "x", "--to", ""}, "xlsx"},
		{[]string{"convert", "x", "--table", ""}, "adjustments"},
		{[]string{"generate", ""}, "276"},
		{[]string{"diff", "x", "y", "--color", ""}, "never"},
	} {
		out, _, _ := called(t, "", append([]string{cobra.ShellCompRequestCmd}, c.args...)...)
		if !strings.Contains(out, c.want+"\n") {
			t.Errorf("completion of %v: %q is missing in %q", c.args, c.want, out)
		}
	}
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		if out, _, code := called(t, "", "completion", shell); code != 0 || len(out) < 500 {
			t.Errorf("completion %s: exit code %d, %d bytes", shell, code, len(out))
		}
	}
}

func TestUnknownCommand(t *testing.T) {
	t.Parallel()
	if _, stderr, code := called(t, "", "inspekt"); code != 2 || !strings.Contains(stderr, "inspect") {
		t.Errorf("exit code %d: %s", code, stderr)
	}
}
