package failpoint

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var reached = regexp.MustCompile(`failpoint\.(Reach|Check)\("([^"]+)"\)`)

// TestPointsAreNamed: the list and the code name the same points, and what the list says of failing is so.
func TestPointsAreNamed(t *testing.T) {
	inCode := map[string]bool{} // whether an error is heeded
	for _, folder := range []string{"../..", "../../ingest"} {
		files, err := filepath.Glob(filepath.Join(folder, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("no files in %s (%v)", folder, err)
		}
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			content, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range reached.FindAllStringSubmatch(string(content), -1) {
				inCode[m[2]] = inCode[m[2]] || m[1] == "Check"
			}
		}
	}
	for _, p := range Points() {
		fails, known := inCode[p.Name]
		if !known || fails != p.Fails {
			t.Errorf("%s: in the code %v, failing %v, want failing %v", p.Name, known, fails, p.Fails)
		}
		delete(inCode, p.Name)
	}
	for name := range inCode {
		t.Errorf("%s is not in the list", name)
	}
}
