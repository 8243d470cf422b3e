package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ediport/ediport/edi/codes"
)

// Not parallel, because code lists are shared by all.
func TestCodeListsOfAFolder(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "claim-frequency.csv"), []byte("code,short\n1,the first\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := codes.Restore(codes.ClaimFrequency); err != nil {
			t.Error(err)
		}
	}()
	var out, errs bytes.Buffer
	none := func(string) string { return "" }
	if code := run(t.Context(), []string{"validate", "-", "--codes", folder}, none, strings.NewReader(""), &out, &errs); code != exitFailed {
		t.Errorf("exit code %d of an empty file, want %d", code, exitFailed)
	}
	if got := codes.Describe(codes.ClaimFrequency, "1"); got != "the first" {
		t.Errorf("described as %q, want the folder's text; %s", got, errs.String())
	}
	for _, bad := range []string{filepath.Join(folder, "none"), folder} {
		if err := os.WriteFile(filepath.Join(folder, "carc.csv"), []byte("code\n1\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		errs.Reset()
		if code := run(t.Context(), []string{"validate", "-", "--codes", bad}, none, strings.NewReader(""), &out, &errs); code != exitFailed || !strings.Contains(errs.String(), "code lists") {
			t.Errorf("%s: exit code %d, %q, want %d and what is wrong with the lists", bad, code, errs.String(), exitFailed)
		}
	}
}
