package accounts_test

import (
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/accounts/accountstest/covers"
)

var update = flag.Bool("update", false, "rewrite the table of docs/roles.md")

const (
	rolesDoc   = "../docs/roles.md"
	tableBegin = "<!-- The tables are made from the roles: go test ./accounts -run TestRolesDoc -update -->\n"
)

// The rules of who may what stand in docs/roles.md, as the program has them.
func TestRolesDoc(t *testing.T) {
	covers.Rows(t, "A45")
	t.Parallel()
	text, err := os.ReadFile(rolesDoc)
	if err != nil {
		t.Fatal(err)
	}
	head, _, found := strings.Cut(string(text), tableBegin)
	if !found {
		t.Fatalf("%s has no place for the tables", rolesDoc)
	}
	want := head + tableBegin + roleTable("Roles of the exchange", true) + roleTable("Roles of an account", false)
	if *update {
		if err := os.WriteFile(rolesDoc, []byte(want), 0o644); err != nil { //nolint:gosec // a page of the documentation
			t.Fatal(err)
		}
		return
	}
	if want != string(text) {
		t.Error("docs/roles.md is not what the roles are; rewrite it: go test ./accounts -run TestRolesDoc -update")
	}
}

func roleTable(title string, operator bool) string {
	var roles []accounts.Role
	for _, r := range accounts.Roles() {
		if r.Operator() == operator {
			roles = append(roles, r)
		}
	}
	var b strings.Builder
	b.WriteString("\n## " + title + "\n\n| permission | may |")
	line := "|---|---|"
	for _, r := range roles {
		b.WriteString(" " + r.Title() + " |")
		line += ":-:|"
	}
	b.WriteString("\n" + line + "\n")
	for _, p := range accounts.PermissionsAt(operator) {
		b.WriteString("| `" + string(p) + "` | " + p.Title() + " |")
		for _, r := range roles {
			mark := " "
			if slices.Contains(r.Permissions(), p) {
				mark = " ✓ "
			}
			b.WriteString(mark + "|")
		}
		b.WriteString("\n")
	}
	return b.String()
}
