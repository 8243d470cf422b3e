package main

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// entries lists a folder: name and content.
func entries(t *testing.T, dir string) map[string]string {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	found := make(map[string]string)
	for _, e := range list {
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		found[e.Name()] = string(b)
	}
	return found
}

// What is there stays until something whole takes its place; nothing else is left in the folder.
func TestOutputsAreWholeOrNotThere(t *testing.T) {
	t.Parallel()
	payment := x12(t, "01-835-payment-with-denials.x12")
	for name, c := range map[string]struct {
		in   string
		args []string
		code int
		want string // of out; "": as it was
	}{
		"whole":               {payment, []string{"convert", "-", "--to", "x12", "-o", "out"}, 0, payment},
		"not X12":             {"hello", []string{"convert", "-", "--to", "csv", "-o", "out"}, 2, ""},
		"nothing to answer":   {payment, []string{"validate", "-", "--ack-ta1", "out"}, 0, ""},
		"roster with errors":  {"payer_id\n1\n", []string{"generate", "270", "--from", "-", "--sender", "A1", "--receiver", "B1", "-o", "out"}, 1, ""},
		"deidentify breaks":   {payment + strings.ReplaceAll(payment, "005010X221A1", "005010X999"), []string{"deidentify", "-", "-o", "out"}, 2, ""},
		"onto itself, folded": {"", []string{"convert", "out", "--to", "x12", "-o", "out"}, 0, payment},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			out := filepath.Join(dir, "out")
			before := "what was there"
			if name == "onto itself, folded" {
				before = payment
			}
			if err := os.WriteFile(out, []byte(before), 0o644); err != nil {
				t.Fatal(err)
			}
			args := strings.Split(strings.ReplaceAll(strings.Join(c.args, "\n"), "out", out), "\n")
			_, stderr, code := called(t, c.in, args...)
			if code != c.code {
				t.Errorf("exit code %d, want %d: %s", code, c.code, stderr)
			}
			want := c.want
			if want == "" {
				want = before
			}
			if got := entries(t, dir); len(got) != 1 || got["out"] != want {
				t.Errorf("%d files; out is %.60q, want %.60q", len(got), got["out"], want)
			}
			if info, err := os.Stat(out); err != nil || c.want != "" && info.Mode().Perm() != 0o600 {
				t.Errorf("what people are in may be read by %v, error %v", info.Mode(), err)
			}
		})
	}
}

// What is no regular file is written to, not replaced; a link stays one.
func TestOutputsThatAreNoFiles(t *testing.T) {
	t.Parallel()
	payment := x12(t, "01-835-payment-with-denials.x12")
	if _, stderr, code := called(t, payment, "convert", "-", "--to", "csv", "-o", os.DevNull); code != 0 {
		t.Errorf("exit code %d: %s", code, stderr)
	}
	if info, err := os.Stat(os.DevNull); err != nil || info.Mode().IsRegular() {
		t.Errorf("%v, error %v", info, err)
	}
	dir := t.TempDir()
	target, link := filepath.Join(dir, "target"), filepath.Join(dir, "link")
	if err := errors.Join(os.WriteFile(target, nil, 0o600), os.Symlink(target, link)); err != nil {
		t.Fatal(err)
	}
	if _, stderr, code := called(t, payment, "convert", "-", "--to", "x12", "-o", link); code != 0 {
		t.Errorf("exit code %d: %s", code, stderr)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&fs.ModeSymlink == 0 || entries(t, dir)["target"] != payment {
		t.Errorf("the link is %v, error %v", info, err)
	}
}

// An acknowledgment never takes the place of the file that it answers, and is for its owner to read.
func TestAcknowledgmentsSpareTheirFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file, answer := filepath.Join(dir, "a.270"), filepath.Join(dir, "a.999")
	if err := os.WriteFile(file, []byte(badInquiry), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, flag := range []string{"--ack-999", "--ack-ta1"} {
		if c := execute(t, "", "validate", file, flag, file); c.code != exitFailed || !strings.Contains(c.stderr, "overwritten") {
			t.Errorf("%s: exit code %d: %s", flag, c.code, c.stderr)
		}
	}
	if c := execute(t, "", "validate", file, "--ack-999", answer); c.code != exitFinding {
		t.Errorf("exit code %d: %s", c.code, c.stderr)
	}
	if got := entries(t, dir); len(got) != 2 || got["a.270"] != badInquiry {
		t.Errorf("files %v", got)
	}
	if info, err := os.Stat(answer); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, error %v", info, err)
	}
}

// Interrupted, every command that reads ends, and leaves nothing that looks whole.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	payment := saved(t, "a.835", x12(t, "01-835-payment-with-denials.x12"))
	for _, args := range [][]string{
		{"inspect", payment}, {"inspect", "--json", payment, payment}, {"validate", payment, payment}, {"convert", payment, "-o", "out"}, {"deidentify", payment, "-o", "out"},
	} {
		dir := t.TempDir()
		for i, a := range args {
			if a == "out" {
				args[i] = filepath.Join(dir, a)
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		var out, complaints bytes.Buffer
		code := run(ctx, args, func(string) string { return "" }, strings.NewReader(""), &out, &complaints)
		if code != exitFailed || !strings.Contains(complaints.String(), "interrupted") {
			t.Errorf("%v: exit code %d, %s", args, code, complaints.String())
		}
		if got := entries(t, dir); len(got) > 0 {
			t.Errorf("%v: left %d files", args, len(got))
		}
	}
}

// A full disk is no success.
func TestWriteErrorsAreTold(t *testing.T) {
	t.Parallel()
	payment := x12(t, "01-835-payment-with-denials.x12")
	for _, args := range [][]string{
		{"validate", "-"},
		{"validate", "-", "--json"},
		{"validate", "-", "--ack-999", "-"},
		{"inspect", "-"},
		{"inspect", "-", "--summary"},
		{"inspect", "-", "--json"},
		{"convert", "-"},
		{"convert", "-", "--to", "csv"},
		{"convert", "-", "--to", "xlsx"},
		{"convert", "-", "--to", "x12", "--normalize"},
		{"deidentify", "-"},
	} {
		var complaints bytes.Buffer
		code := run(t.Context(), args, func(string) string { return "" }, strings.NewReader(payment), fullDisk{}, &complaints)
		if code != exitFailed || !strings.Contains(complaints.String(), errFull.Error()) {
			t.Errorf("%v: exit code %d, %s", args, code, complaints.String())
		}
	}
}

var errFull = errors.New("no space left")

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }
