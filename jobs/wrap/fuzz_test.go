package wrap

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// FuzzOpen: whatever comes, it ends with entries within the limits or with an error of ours, and names
// can be shown.
func FuzzOpen(f *testing.F) {
	keys := testKeys(f)
	for _, seed := range [][]byte{
		nil, []byte(isa), gzipped("a.835", isa), zipped("a", isa, "b/c", "x"), gzipped("", string(zipped("a", isa))),
		zipped("a.gz", string(gzipped("", isa))), sealed(f, isa, Sealing{Name: "a", Recipients: keys.public}),
		sealed(f, isa, Sealing{Name: "a", SignKey: keys.private, Passphrase: keys.passphrase, Armor: true}),
		flaggedZip(zipped("a", isa), 6, 1), lyingZip(zipped("a", isa), 3), []byte("\xa3\x01\x00"),
	} {
		f.Add(seed)
	}
	limits := Limits{TotalBytes: 1 << 20, Entries: 20, Depth: 3, MemoryBytes: 1 << 16}
	f.Fuzz(func(t *testing.T, content []byte) {
		entries, total := 0, int64(0)
		src := Source{Name: "x", Size: int64(len(content)), Content: bytes.NewReader(content)}
		err := Open(t.Context(), src, limits, keys.open(), func(e Entry) error {
			entries++
			n, err := io.Copy(io.Discard, e.Content)
			if len(e.Layers) > 0 {
				total += n
			}
			if strings.ContainsFunc(e.Name+e.Path, unicode.IsControl) || !utf8.ValidString(e.Name+e.Path) || strings.Contains(e.Name, "/") || e.Name == "" {
				t.Errorf("name %q, path %q", e.Name, e.Path)
			}
			return err
		})
		if _, ok := errors.AsType[*Error](err); err != nil && !ok {
			t.Errorf("an error of somebody else: %v", err)
		}
		if entries > limits.Entries || total > limits.TotalBytes {
			t.Errorf("%d entries of %d bytes", entries, total)
		}
	})
}
