package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/pflag"

	"github.com/ediport/ediport/edi/ack"
)

// acknowledgeOptions are the flags of `ediport validate` about what answers the files.
type acknowledgeOptions struct {
	to999, toTA1  string
	policy        string
	controlNumber int
	now           string
}

func (o *acknowledgeOptions) addFlags(f *pflag.FlagSet) {
	f.StringVar(&o.to999, "ack-999", "", "write 999s to this `file`; - is standard output, and the report then goes to standard error")
	f.StringVar(&o.toTA1, "ack-ta1", "", "write TA1s to this `file`; - as above")
	f.StringVar(&o.policy, "policy", "strict", "what rejects: strict, tolerant, or a `file` with a policy as JSON")
	f.IntVar(&o.controlNumber, "control-number", 1, "first control number (ISA13, GS06) of the acknowledgments")
	f.StringVar(&o.now, "now", "", "date and `time` of the acknowledgments, such as 2026-11-21T08:30; default is the present")
}

// answers are the acknowledgments of one run.
type answers struct {
	*ack.Acknowledger
	outputs  []*output
	toStdout bool
	stderr   io.Writer
}

// newAnswers checks the flags; files are those that will be answered.
func (p *program) newAnswers(o acknowledgeOptions, files []string, asJSON bool) (*answers, error) {
	a := &answers{stderr: p.stderr}
	for _, name := range files {
		if sameFile(name, o.to999) || sameFile(name, o.toTA1) {
			return nil, fmt.Errorf("%s would be overwritten by its acknowledgment", name)
		}
	}
	if o.controlNumber < 0 || o.controlNumber > 999_999_999 {
		return nil, errors.New("--control-number is 1 to 999999999")
	}
	policy, err := readPolicy(o.policy)
	if err != nil {
		return nil, err
	}
	options := ack.Options{Policy: policy, ControlNumber: o.controlNumber}
	if options.Time, err = parseNow(o.now); err != nil {
		return nil, err
	}
	if asJSON && (o.to999 == "-" || o.toTA1 == "-") {
		return nil, errors.New("--json has standard output: write the acknowledgments to a file")
	}
	if o.to999 != "" && o.to999 == o.toTA1 && o.to999 != "-" {
		return nil, errors.New("--ack-999 and --ack-ta1 name the same file: TA1s and 999s are separate interchanges in separate files")
	}
	if isTerminal(p.stdout) {
		options.LineBreak = "\n" // somebody wants to read it
	}
	if o.to999 != "" {
		options.To999 = a.output("999", o.to999, p.stdout)
	}
	if o.toTA1 != "" {
		options.ToTA1 = a.output("TA1", o.toTA1, p.stdout)
	}
	a.Acknowledger = ack.NewAcknowledger(options)
	return a, nil
}

// readPolicy returns a policy by name or from a file.
func readPolicy(name string) (ack.Policy, error) {
	switch name {
	case "", "strict":
		return ack.DefaultPolicy(), nil
	case "tolerant":
		return ack.TolerantPolicy(), nil
	}
	f, err := os.Open(name)
	if err != nil {
		return ack.Policy{}, fmt.Errorf("--policy: %w", err)
	}
	defer f.Close()
	var policy ack.Policy
	d := json.NewDecoder(f)
	d.DisallowUnknownFields()
	if err := d.Decode(&policy); err != nil {
		return ack.Policy{}, fmt.Errorf("--policy %s: %w", name, err)
	}
	if d.More() {
		return ack.Policy{}, fmt.Errorf("--policy %s: something follows the policy", name)
	}
	if err := policy.Validate(); err != nil {
		return ack.Policy{}, fmt.Errorf("--policy %s: %w", name, err)
	}
	return policy, nil
}

// parseNow reads a time; X12 has no zone, so it is taken as it stands.
func parseNow(text string) (time.Time, error) {
	if text == "" {
		return time.Now(), nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("--now %s is no time: write it as 2026-11-21T08:30", text)
}

func (a *answers) output(kind, name string, stdout io.Writer) *output {
	o := &output{kind: kind, name: name}
	if name == "-" {
		o.out, a.toStdout = stdout, true
	}
	a.outputs = append(a.outputs, o)
	return o
}

// close ends the files and says on standard error what is in them.
func (a *answers) close() error {
	var all []error
	for _, o := range a.outputs {
		if err := o.close(); err != nil {
			all = append(all, fmt.Errorf("%s: %w", o.name, err))
		} else if !o.failed {
			a.say(o)
		}
	}
	return errors.Join(all...)
}

func (a *answers) say(o *output) {
	where := o.name
	if where == "-" {
		where = "standard output"
	}
	c := a.Counts()
	switch {
	case !o.written && o.kind == "TA1":
		fmt.Fprintln(a.stderr, "ediport: no TA1 was written: no interchange is at fault or asks for one")
	case !o.written:
		fmt.Fprintln(a.stderr, "ediport: no 999 was written: there is no group that one answers")
	case o.kind == "TA1":
		fmt.Fprintf(a.stderr, "ediport: TA1 for %s written to %s\n", plural(c.TA1s, "interchange"), where)
	default:
		fmt.Fprintf(a.stderr, "ediport: 999 for %s written to %s: %s answered, %d rejected\n",
			plural(c.Groups, "group"), where, plural(c.Sets, "transaction set"), c.Rejected)
	}
	if o.kind == "999" && c.LeftOut > 0 {
		fmt.Fprintf(a.stderr, "ediport: %s more than the 999s have place for\n", plural(c.LeftOut, "error"))
	}
	if o.kind == "999" && c.Unnamed > 0 {
		fmt.Fprintf(a.stderr, "ediport: %s without an answer: a 999 can't name groups of that kind\n", plural(c.Unnamed, "group"))
	}
}

// An output is a file that is begun when the first byte is written to it, and is in its place once it is closed.
type output struct {
	kind    string
	name    string
	out     io.Writer
	file    *newFile
	written bool
	failed  bool
}

// Write writes on.
func (o *output) Write(b []byte) (int, error) {
	if o.out == nil {
		f, err := createFile(o.name)
		if err != nil {
			o.failed = true
			return 0, err
		}
		o.file, o.out = f, f
	}
	o.written = true
	n, err := o.out.Write(b)
	if err != nil {
		o.failed = true
	}
	return n, err
}

func (o *output) close() error {
	switch {
	case o.file == nil:
		return nil
	case o.failed: // it has been told
		o.file.discard()
		return nil
	}
	return o.file.keep()
}
