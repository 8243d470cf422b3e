package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ediport/ediport/accounts/accountstest/coverdoc"
)

// The document is made although rows are missing, and these are named: the program fails.
func TestRowsThatNobodyProved(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, name := range []string{coverdoc.Document, coverdoc.Stored} {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile("proofs", []byte(`{"row":"A15","package":"portal/web","test":"TestLock","asked":true}`+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	err := run([]string{"proofs"})
	if err == nil || !strings.Contains(err.Error(), " A1 ") || strings.Contains(err.Error(), " A15 ") {
		t.Errorf("error %v, want it to name A1 and not A15", err)
	}
	if page, err := os.ReadFile(coverdoc.Document); err != nil || !strings.Contains(string(page), "TestLock") {
		t.Errorf("the document doesn't name the test: %v", err)
	}
	for _, args := range [][]string{nil, {"none"}, {"proofs", "proofs"}} {
		if err := run(args); err == nil {
			t.Errorf("makedoc %v is content", args)
		}
	}
}
