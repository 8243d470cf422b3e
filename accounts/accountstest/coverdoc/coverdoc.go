// Package coverdoc makes docs/accounts.md: every promise about accounts with the tests that prove it, as these
// tests said themselves while they ran (package covers). `make docs-accounts` runs them and makes it anew.
package coverdoc

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/ediport/ediport/accounts/accountstest/covers"
)

// Evidence is what is known of a row: the tests, as "portal/web TestName", sorted.
type Evidence struct {
	Row   string   `json:"row"`
	Tests []string `json:"tests,omitempty"` // asked a page or the API
	Also  []string `json:"also,omitempty"`  // looked at the parts below
}

// Collect reads what tests said while they ran, and returns the evidence by row, in the order of the rows; rows
// of which nobody spoke are not in it.
func Collect(proofs io.Reader) ([]Evidence, error) {
	byRow := map[string]*Evidence{}
	lines := bufio.NewScanner(proofs)
	for lines.Scan() {
		var p covers.Proof
		if err := json.Unmarshal(lines.Bytes(), &p); err != nil {
			return nil, fmt.Errorf("coverdoc: a proof can't be read: %w", err)
		}
		if p.Package == "accounts/accountstest/covers" {
			continue // that package's test says rows to see that they are written
		}
		e := byRow[p.Row]
		if e == nil {
			e = &Evidence{Row: p.Row}
			byRow[p.Row] = e
		}
		whole, _, _ := strings.Cut(p.Test, "/")
		if name := p.Package + " " + whole; p.Asked {
			e.Tests = append(e.Tests, name)
		} else {
			e.Also = append(e.Also, name)
		}
	}
	var all []Evidence
	for _, e := range byRow {
		e.Tests, e.Also = compact(e.Tests), compact(e.Also)
		e.Also = slices.DeleteFunc(e.Also, func(name string) bool { return slices.Contains(e.Tests, name) })
		all = append(all, *e)
	}
	slices.SortFunc(all, func(a, b Evidence) int { return order(a.Row) - order(b.Row) })
	return all, lines.Err()
}

func compact(names []string) []string {
	slices.Sort(names)
	return slices.Compact(names)
}

// order sorts ids as people read them: S2 before S10, S before A before H before C.
func order(id string) int {
	var n int
	_, _ = fmt.Sscanf(id[1:], "%d", &n)
	return strings.IndexByte("SAHC", id[0])*1000 + n
}

// Missing returns the rows in scope that no test proves by asking a page or the API, and that no reason excuses.
func Missing(evidence []Evidence) (ids []string) {
	known := byRow(evidence)
	for _, g := range Groups() {
		for _, r := range g.Rows {
			if r.Elsewhere == "" && r.Unmet == "" && len(known[r.ID].Tests) == 0 {
				ids = append(ids, r.ID)
			}
		}
	}
	return ids
}

func byRow(evidence []Evidence) map[string]Evidence {
	known := map[string]Evidence{}
	for _, e := range evidence {
		known[e.Row] = e
	}
	return known
}
