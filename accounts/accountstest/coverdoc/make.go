package coverdoc

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
)

// Where the page is, and what is known of its rows, below the module's folder.
const (
	Document = "docs/accounts.md"
	Stored   = "accounts/accountstest/coverdoc/covered.json"
)

// Make writes [Document] and [Stored] below the module's folder root from what tests said while they ran, and
// returns the rows that nobody proved.
func Make(root string, proofs io.Reader) (missing []string, err error) {
	evidence, err := Collect(proofs)
	if err != nil {
		return nil, err
	}
	raw, err := json.MarshalIndent(evidence, "", "\t")
	if err != nil {
		return nil, err
	}
	var page bytes.Buffer
	if err := Write(&page, evidence); err != nil {
		return nil, err
	}
	for name, content := range map[string][]byte{Stored: append(raw, '\n'), Document: page.Bytes()} {
		if err := os.WriteFile(filepath.Join(root, filepath.FromSlash(name)), content, 0o644); err != nil { //nolint:gosec // part of the source
			return nil, err
		}
	}
	return Missing(evidence), nil
}
