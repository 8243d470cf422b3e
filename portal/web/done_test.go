package web

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// A code without a sentence would leave a person without an answer.
func TestEveryThingDoneHasASentence(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	used := regexp.MustCompile(`(?:Act\(|\bcode :?= |p\.Desk\.\w+, |p\.done\(.*, )"([a-z]+(?:-[a-z]+)+)"`)
	found := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, code := range used.FindAllStringSubmatch(string(text), -1) {
			found++
			if doneSentence(code[1]) == "" {
				t.Errorf("%s: %s has no sentence", file, code[1])
			}
		}
	}
	if found < 20 {
		t.Errorf("only %d codes were found", found)
	}
}
