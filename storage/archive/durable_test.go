package archive

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// What makes a commit survive a power failure can't be seen afterwards, so this looks at the
// system calls: new folders are fsynced into their parents, the file before its rename, its folder after it.
func TestCommitIsDurable(t *testing.T) {
	t.Parallel()
	strace, err := exec.LookPath("strace")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("strace is missing: run .ci/deps.d/strace")
		}
		t.Skip("strace is not installed: the order of fsync and rename is not checked")
	}
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	trace := filepath.Join(dir, "trace")
	cmd := exec.CommandContext(t.Context(), strace, "-f", "-y", "-qq", "-s", "4096", "-o", trace,
		"-e", "trace=fsync,rename,renameat,renameat2,mkdir,mkdirat", os.Args[0])
	cmd.Env = append(os.Environ(), envChild+"=write once", envDir+"="+dir)
	if out, err := cmd.CombinedOutput(); err != nil {
		if strings.Contains(string(out), "ptrace") && os.Getenv("CI") != "true" {
			t.Skipf("strace may not trace here: the order of fsync and rename is not checked: %s", out)
		}
		t.Fatalf("%v: %s", err, out)
	}
	text, err := os.ReadFile(trace)
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Join(steps(string(text), filepath.Join(dir, "archive")), "\n")
	want := strings.Join([]string{
		"mkdir archive", "fsync above",
		"mkdir A", "fsync archive", "mkdir A/B", "fsync A",
		"fsync A/B/N.partial", "rename A/B/N.partial → A/B/N", "fsync A/B",
	}, "\n")
	if got != want {
		t.Errorf("system calls:\n%s\nwant:\n%s", got, want)
	}
}

var (
	quotedPath = regexp.MustCompile(`"([^"]*)"`)
	fsyncPath  = regexp.MustCompile(`fsync\(\d+<([^>]*)>`)
	leafPath   = regexp.MustCompile(`^([0-9a-f]{2})(/[0-9a-f]{2})?(/[0-9a-f]{32})?`)
)

// steps returns the calls of a trace that concern the archive, with the parts of random names
// written as A, B and N.
func steps(trace, archive string) []string {
	short := func(path string) string {
		if path == filepath.Dir(archive) {
			return "above"
		}
		path = strings.TrimPrefix(strings.TrimPrefix(path, archive), "/")
		if path == "" {
			return "archive"
		}
		parts := strings.Count(leafPath.FindString(path), "/")
		return [...]string{"A", "A/B", "A/B/N"}[parts] + leafPath.ReplaceAllString(path, "")
	}
	var found []string
	inside := false // the key file next to it is made before, in the same folder
	for line := range strings.Lines(trace) {
		inside = inside || strings.Contains(line, archive)
		switch paths := quotedPath.FindAllStringSubmatch(line, 2); {
		case !inside || strings.Contains(line, "resumed>"):
		case strings.Contains(line, "mkdir") && len(paths) == 1:
			found = append(found, "mkdir "+short(paths[0][1]))
		case strings.Contains(line, "rename") && len(paths) == 2:
			found = append(found, "rename "+short(paths[0][1])+" → "+short(paths[1][1]))
		case strings.Contains(line, "fsync("):
			if path := fsyncPath.FindStringSubmatch(line); path != nil {
				found = append(found, "fsync "+short(path[1]))
			}
		}
	}
	return found
}
