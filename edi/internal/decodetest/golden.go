package decodetest

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the wanted part of golden files")

// Golden runs each testdata/*.txtar: it gives the X12 of "-- in.x12 --", of which line breaks are left out, to decode and compares
// what it returns with "-- want.txt --".
func Golden(t *testing.T, decode func(t *testing.T, x12 string) string) {
	t.Helper()
	GoldenIn(t, "testdata", decode)
}

// GoldenIn runs each *.txtar of a folder as Golden does.
func GoldenIn(t *testing.T, dir string, decode func(t *testing.T, x12 string) string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden files in %s: %v", dir, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			comment, parts := split(string(raw))
			got := decode(t, strings.ReplaceAll(parts["in.x12"], "\n", ""))
			if *update {
				write(t, file, comment, parts["in.x12"], got)
				return
			}
			Equal(t, got, parts["want.txt"])
		})
	}
}

// Equal fails with the first line in which two texts differ.
func Equal(t *testing.T, got, want string) {
	t.Helper()
	if got == want {
		return
	}
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range max(len(g), len(w)) {
		var a, b string
		if i < len(g) {
			a = g[i]
		}
		if i < len(w) {
			b = w[i]
		}
		if a != b {
			t.Fatalf("line %d:\ngot  %q\nwant %q", i+1, a, b)
		}
	}
}

func split(text string) (comment string, parts map[string]string) {
	parts = make(map[string]string)
	name := ""
	for line := range strings.Lines(text) {
		trimmed := strings.TrimSpace(line)
		if strings.HasPrefix(trimmed, "-- ") && strings.HasSuffix(trimmed, " --") {
			name = strings.TrimSuffix(strings.TrimPrefix(trimmed, "-- "), " --")
			continue
		}
		if name == "" {
			comment += line
			continue
		}
		parts[name] += line
	}
	return comment, parts
}

func write(t *testing.T, file, comment, in, want string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(comment+"-- in.x12 --\n"+in+"-- want.txt --\n"+want), 0o644); err != nil {
		t.Fatal(err)
	}
}
