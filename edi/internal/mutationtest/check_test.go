package mutationtest

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/internal/mutate"
	"github.com/ediport/ediport/edi/view"
)

// documents are the valid ones, by the name of their file.
var documents = []string{"270", "271", "276", "277", "277CA", "278-request", "278-response", "835", "999", "TA1"}

func load(t testing.TB, name string) *mutate.Document {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name+".edi"))
	if err != nil {
		t.Fatal(err)
	}
	d, err := mutate.Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// validate returns what `ediport validate` says of a file.
func validate(file []byte) (findings []edi.Finding) {
	survey := view.Survey{Report: func(f edi.Finding) { findings = append(findings, f) }}
	if err := survey.Run(bytes.NewReader(file)); err != nil {
		panic(err) // no mutation leaves a file without ISA
	}
	return findings
}

// short writes a finding as the tables do: "12 CLP06 2100 IK403 7"; position, segment with element, component and repetition,
// loop, code. What is no error begins with its severity; - stands for no loop, ? for no segment.
func short(f edi.Finding) string {
	segment := f.Segment
	if segment == "" {
		segment = "?"
	}
	at := fmt.Sprintf("%d %s", f.Pos.Segment, place(segment, f.Element, f.Component, f.Repetition))
	if f.Severity != edi.Error {
		at = f.Severity.String() + " " + at
	}
	loop := f.Loop
	if loop == "" {
		loop = "-"
	}
	return strings.TrimSpace(at + " " + loop + " " + f.Code.Kind + " " + f.Code.Value)
}

func place(segment string, element, component, repetition int) string {
	if element > 0 {
		segment += fmt.Sprintf("%02d", element)
	}
	if component > 0 {
		segment += fmt.Sprintf("-%d", component)
	}
	if repetition > 0 {
		segment += fmt.Sprintf("^%d", repetition)
	}
	return segment
}

// TestDocumentsAreValid: what is to be mutated has no finding, not even a warning, and is written as it was read.
func TestDocumentsAreValid(t *testing.T) {
	for _, name := range documents {
		b, err := os.ReadFile(filepath.Join("testdata", name+".edi"))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range validate(b) {
			t.Errorf("%s: %s: %s", name, short(f), f.Message)
		}
		if !bytes.Equal(load(t, name).Bytes(), b) {
			t.Errorf("%s is not written as it was read", name)
		}
	}
}

// TestDelimiters: what is valid stays so with other delimiters, and a finding stays where it was.
func TestDelimiters(t *testing.T) {
	for _, to := range []mutate.Delimiters{
		{Element: "|", Repetition: "!", Component: ">", Terminator: "'"},
		{Element: "+", Repetition: "&", Component: "\\", Terminator: "\n"},
		{Element: "\x1d", Repetition: "\x1f", Component: "\x1c", Terminator: "\x1e"},
	} {
		for _, name := range documents {
			d := load(t, name)
			d.SetDelimiters(to)
			for _, f := range validate(d.Bytes()) {
				t.Errorf("%s with %+v: %s: %s", name, to, short(f), f.Message)
			}
		}
		d := load(t, "835")
		d.SetDelimiters(to)
		d.Set(d.Find("CLP"), 6, "??")
		if findings := validate(d.Bytes()); len(findings) != 1 || short(findings[0]) != "25 CLP06 2100 IK403 7" {
			t.Errorf("with %+v: %v", to, findings)
		}
	}
}

// TestBadDelimiters: separators that could be data are told, and nothing behind them is.
func TestBadDelimiters(t *testing.T) {
	for _, c := range []struct {
		change func(*mutate.Delimiters)
		want   string
	}{
		{func(d *mutate.Delimiters) { d.Terminator = "Q" }, "0 ISA - TA105 004"},
		{func(d *mutate.Delimiters) { d.Repetition = "Q" }, "0 ISA11 - TA105 016"},
		{func(d *mutate.Delimiters) { d.Repetition = ":" }, "0 ISA11 - TA105 016"},
		{func(d *mutate.Delimiters) { d.Component = "Q" }, "0 ISA16 - TA105 027"},
	} {
		d := load(t, "TA1")
		to := d.Delimiters
		c.change(&to)
		d.SetDelimiters(to)
		var errs []string
		for _, f := range validate(d.Bytes()) {
			if f.Severity == edi.Error { // a warning says that the rest is junk
				errs = append(errs, short(f))
			}
		}
		if outcome := strings.Join(errs, " + "); outcome != c.want {
			t.Errorf("with %+v: found %q, want %q", to, outcome, c.want)
		}
	}
}

// TestUnterminated: a file may lack the terminator of its last segment.
func TestUnterminated(t *testing.T) {
	b := bytes.TrimSpace(load(t, "835").Bytes())
	findings := validate(b[:len(b)-1])
	if len(findings) != 1 || findings[0].Code.Kind != "envelope.unterminated" || findings[0].Severity != edi.Warning {
		t.Errorf("%v", findings)
	}
}
