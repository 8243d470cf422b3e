package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The audit is sealed, checked against a root that was kept, and exported from the command line.
func TestAuditCommands(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts a Postgres of its own")
	}
	x := newExchange(t)
	p := x.serve()
	defer p.stop(t)
	roots := x.list("roots", "audit", "root")
	if len(roots) < 2 || roots[0]["chain"] != "all" || len(roots[0]["root"].(string)) != 64 {
		t.Fatalf("roots %v", roots)
	}
	kept := filepath.Join(t.TempDir(), "roots.txt")
	if err := os.WriteFile(kept, []byte("kept elsewhere: "+roots[0]["root"].(string)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out := x.do("audit", "verify", "--root", kept); !strings.Contains(out, "nothing was changed") {
		t.Errorf("verify says %s", out)
	}
	if said := x.fails(exitFinding, "audit", "verify", "--root", strings.Repeat("ab", 32)); !strings.Contains(said, "not what was sealed") {
		t.Errorf("a root of another chain: %s", said)
	}
	if out := x.do("audit", "export", "--format", "csv"); !strings.HasPrefix(out, "id,at,action,result,") || !strings.Contains(out, "audit.exported") {
		t.Errorf("export says %.200s", out)
	}
}
