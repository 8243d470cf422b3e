package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Each row of docs/exchange.md names files and tests that are there, or says why it is not built.
func TestExchangePageIsTrue(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/exchange.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string][]string{}
	for line := range strings.SplitSeq(string(page), "\n") {
		cells := strings.Split(line, " | ")
		name := strings.TrimPrefix(cells[0], "| ")
		if !regexp.MustCompile(`^[XQ]\d+$`).MatchString(name) || len(cells) < 3 {
			continue
		}
		if rows[name] != nil {
			t.Errorf("%s has two rows", name)
		}
		rows[name] = cells
	}
	for _, want := range []struct {
		letter string
		last   int
	}{{"X", 31}, {"Q", 22}} {
		for n := 1; n <= want.last; n++ {
			name := fmt.Sprint(want.letter, n)
			if rows[name] == nil {
				t.Errorf("%s has no row", name)
				continue
			}
			checkRow(t, name, rows[name])
		}
	}
}

var (
	quoted   = regexp.MustCompile("`([^`]+)`")
	testName = regexp.MustCompile(`\b(?:Test|Fuzz|Benchmark)\w+`)
)

func checkRow(t *testing.T, name string, cells []string) {
	t.Helper()
	built := cells[2]
	if strings.HasPrefix(built, "not built: ") {
		return
	}
	files := quoted.FindAllStringSubmatch(built, -1)
	if len(files) == 0 {
		t.Errorf("%s names no file in which it is built, nor says that it is not", name)
	}
	for _, f := range files {
		if _, err := os.Stat(filepath.Join("../..", f[1])); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	tests := 0
	for part := range strings.SplitSeq(strings.Join(cells[3:], " "), ";") {
		file := quoted.FindStringSubmatch(part)
		if file == nil {
			continue
		}
		source, err := os.ReadFile(filepath.Join("../..", file[1]))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, test := range testName.FindAllString(part, -1) {
			tests++
			if !strings.Contains(string(source), "\nfunc "+test+"(") {
				t.Errorf("%s: there is no test %s in %s", name, test, file[1])
			}
		}
	}
	if tests == 0 {
		t.Errorf("%s names no test", name)
	}
}
