package tabular_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ediport/ediport/edi/tabular"
)

const document = "../../docs/formats.md"

// Every table with its columns is in the documentation, as it is.
func TestDocumented(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(b), "<!-- tables:")
	mark, rest, foundMark := strings.Cut(rest, "-->\n")
	section, after, foundEnd := strings.Cut(rest, "<!-- end of tables -->")
	if !found || !foundMark || !foundEnd {
		t.Fatal("the marks around the tables are missing")
	}
	var want strings.Builder
	for _, table := range tabular.Tables {
		by := "by itself"
		if table.Extra {
			by = "with `--table " + table.Name + "`"
		}
		fmt.Fprintf(&want, "\n### `%s`: from %s, %s\n\nA row is %s.\n\n| column | | |\n|---|---|---|\n", table.Name, strings.Join(table.Sets, ", "), by, table.Grain)
		for _, c := range table.Columns {
			fmt.Fprintf(&want, "| `%s` | %s | %s |\n", c.Name, c.Kind, c.Doc)
		}
	}
	want.WriteString("\n")
	if *update {
		text := before + "<!-- tables:" + mark + "-->\n" + want.String() + "<!-- end of tables -->" + after
		if err := os.WriteFile(document, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if d := cmp.Diff(want.String(), section); d != "" {
		t.Errorf("docs/formats.md (-want +got):\n%s", d)
	}
}
