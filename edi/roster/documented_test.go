package roster_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ediport/ediport/edi/roster"
)

const document = "../../docs/formats.md"

// Every column of a roster is in the documentation, as it is.
func TestDocumented(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(b), "<!-- rosters:")
	mark, rest, foundMark := strings.Cut(rest, "-->\n")
	section, after, foundEnd := strings.Cut(rest, "<!-- end of rosters -->")
	if !found || !foundMark || !foundEnd {
		t.Fatal("the marks around the rosters are missing")
	}
	want := documented()
	if *update {
		text := before + "<!-- rosters:" + mark + "-->\n" + want + "<!-- end of rosters -->" + after
		if err := os.WriteFile(document, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if d := cmp.Diff(want, section); d != "" {
		t.Errorf("docs/formats.md (-want +got):\n%s", d)
	}
}

func documented() string {
	var b strings.Builder
	b.WriteString("\n| column | 270 | 276 | 278 | |\n|---|---|---|---|---|\n")
	seen := map[string]bool{}
	for _, kind := range roster.Kinds {
		for _, c := range kind.Columns() {
			if seen[c.Name] {
				continue
			}
			seen[c.Name] = true
			fmt.Fprintf(&b, "| `%s` |", c.Name)
			for _, k := range roster.Kinds {
				b.WriteString(" " + has(k, c.Name) + " |")
			}
			b.WriteString(" " + c.Doc + " |\n")
		}
	}
	b.WriteString("\n")
	return b.String()
}

func has(k roster.Kind, name string) string {
	for _, c := range k.Columns() {
		if c.Name == name && c.Required {
			return "required"
		} else if c.Name == name {
			return "yes"
		}
	}
	return ""
}
