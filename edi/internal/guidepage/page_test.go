package guidepage_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/edi/internal/guidepage"
)

var update = flag.Bool("update", false, "write the pages of docs/guides anew")

const folder = "../../../docs/guides"

// The pages in docs/guides are those of the guides as they are, and their index names each.
func TestPagesAreCurrent(t *testing.T) {
	pages := map[string][]byte{}
	index := bytes.NewBufferString("# Guides\n\n" + guidepage.Made + "\n\n| page | GS08 | name |\n|---|---|---|\n")
	for _, key := range guide.Keys() {
		pages[key+".md"] = page(t, guide.Lookup(key))
		fmt.Fprintf(index, "| [%s](%s.md) | %s | %s |\n", key, key, guide.Lookup(key).ID, guide.Lookup(key).Name)
	}
	pages["envelope.md"] = page(t, guide.Envelope())
	fmt.Fprintf(index, "| [envelope](envelope.md) | | %s |\n", guide.Envelope().Name)
	pages["README.md"] = index.Bytes()
	for name, want := range pages {
		path := filepath.Join(folder, name)
		if *update {
			if err := os.MkdirAll(folder, 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, want, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		got, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is not what the guide says now; run go test ./edi/internal/guidepage -update", name)
		}
	}
	stored, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range stored {
		if pages[f.Name()] == nil {
			t.Errorf("%s is a page of no guide", f.Name())
		}
	}
}

func page(t *testing.T, g *guide.Guide) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := guidepage.Write(&b, g); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
