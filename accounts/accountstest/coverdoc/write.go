package coverdoc

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// Made is what the page says of itself.
const Made = "<!-- Made from what tests said while they ran: make docs-accounts -->"

// Write writes docs/accounts.md.
func Write(out io.Writer, evidence []Evidence) error {
	w := bufio.NewWriter(out)
	known := byRow(evidence)
	fmt.Fprintf(w, "# Accounts: what is promised, and what proves it\n\n%s\n\n", Made)
	fmt.Fprintln(w, "Each row is a promise with the tests that prove it. A test names its rows itself, and counts only if it passed and asked")
	fmt.Fprintln(w, "a page or the API; tests of the parts below stand in italics. Rows that belong to another part of ediport say so.")
	fmt.Fprintln(w, "How it works is in [security.md](security.md), who may do what in [roles.md](roles.md), what is recorded in [audit.md](audit.md).")
	writeUnmet(w)
	for _, g := range Groups() {
		fmt.Fprintf(w, "\n## %s\n\n%s\n\n| row | promise | proved by |\n|---|---|---|\n", g.Title, g.About)
		for _, r := range g.Rows {
			fmt.Fprintf(w, "| %s | %s | %s |\n", r.ID, r.Promise, proof(r, known[r.ID]))
		}
	}
	writePolicies(w, known)
	return w.Flush()
}

func writeUnmet(w io.Writer) {
	first := true
	for _, g := range Groups() {
		for _, r := range g.Rows {
			if r.Unmet == "" {
				continue
			}
			if first {
				fmt.Fprintf(w, "\n## Not met yet\n\n")
				first = false
			}
			fmt.Fprintf(w, "- %s: %s %s\n", r.ID, r.Promise, r.Unmet)
		}
	}
}

// proof is the last cell of a row.
func proof(r Row, e Evidence) string {
	var said []string
	if r.Elsewhere != "" {
		said = append(said, "belongs to "+r.Elsewhere)
	}
	if r.Unmet != "" {
		said = append(said, "not met yet, see above")
	}
	for _, name := range e.Tests {
		said = append(said, "`"+name+"`")
	}
	for _, name := range e.Also {
		said = append(said, "*`"+name+"`*")
	}
	return strings.Join(said, "<br>")
}

// policies are the rows where portals' habits and NIST disagree: what a policy may choose.
var policies = []Row{
	{ID: "C1", Promise: "Ageing of passwords: off; a policy may set days, warning and history."},
	{ID: "C2", Promise: "Kinds of characters: off; a policy may require them."},
	{ID: "C3", Promise: "Security questions: off; there is room for them as a further check in recovery, never alone."},
	{ID: "C4", Promise: "NPI and tax id as proof of identity: one of several checks; a policy may raise their number."},
	{ID: "C5", Promise: "The check after failures is proof of work; a policy may ask for it always."},
	{ID: "C6", Promise: "Strangers read one general sentence, the exact cause follows the right password; a policy may show it always."},
	{ID: "C7", Promise: "Codes by SMS belong to " + messaging + "."},
	{ID: "C8", Promise: "Push approvals belong to " + messaging + "."},
	{ID: "C9", Promise: "Locks end by themselves; a policy may ask for an administrator."},
	{ID: "C10", Promise: "Recovery codes live 30 minutes; a policy may set up to 24 hours. The second factor is still asked."},
	{ID: "C11", Promise: "Provider ids as sign-in names: off; a policy may allow them."},
}

func writePolicies(w io.Writer, known map[string]Evidence) {
	fmt.Fprint(w, "\n## Where habits and NIST disagree\n\nNIST is the default; what an organization's policy chooses instead, the policy report names.\n\n")
	fmt.Fprint(w, "| row | default and choice | proved by |\n|---|---|---|\n")
	for _, r := range policies {
		fmt.Fprintf(w, "| %s | %s | %s |\n", r.ID, r.Promise, proof(r, known[r.ID]))
	}
}
