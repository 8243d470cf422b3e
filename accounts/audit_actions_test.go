package accounts

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var updateAuditDoc = flag.Bool("update-audit-doc", false, "write the list of actions in docs/audit.md anew")

var actionForm = regexp.MustCompile(`^[a-z_]+\.[a-z_]+$`)

// Every action that the source leaves in the audit is in the list, with a sentence, and none is there for nothing.
func TestEveryActionIsListed(t *testing.T) {
	t.Parallel()
	used := actionsInSource(t, "..")
	if len(used) < 60 {
		t.Fatalf("only %d actions found in the source: the search is broken", len(used))
	}
	for _, action := range slices.Sorted(maps.Keys(used)) {
		if auditSentences[action] == "" {
			t.Errorf("%s (%s) is not in the list of actions", action, used[action])
		}
	}
	for action, sentence := range auditSentences {
		if used[action] == "" {
			t.Errorf("%s is listed, and nothing leaves it", action)
		}
		if sentence == "" || !strings.Contains(sentence, " ") && len(sentence) < 4 {
			t.Errorf("%s has no sentence", action)
		}
	}
}

// docs/audit.md has exactly the actions there are.
func TestAuditPageListsTheActions(t *testing.T) {
	t.Parallel()
	const file, begin, end = "../docs/audit.md", "<!-- actions: begin -->\n", "<!-- actions: end -->\n"
	page, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(page), begin)
	_, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.Fatal("docs/audit.md has no list of actions")
	}
	want := before + begin + actionTable() + end + after
	if *updateAuditDoc {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil { //nolint:gosec // a page of the documentation
			t.Fatal(err)
		}
		return
	}
	if want != string(page) {
		t.Error("docs/audit.md lists other actions than there are; go test ./accounts -run AuditPage -update-audit-doc writes them")
	}
}

func actionTable() string {
	var b strings.Builder
	b.WriteString("| action | means |\n|---|---|\n")
	for _, action := range slices.Sorted(maps.Keys(auditSentences)) {
		fmt.Fprintf(&b, "| `%s` | %s |\n", action, auditSentences[action])
	}
	return b.String()
}

// actionsInSource returns the actions of events and where they are: the literals given for a field Action of an event or a
// view, to a parameter called action, or to a variable of that name.
func actionsInSource(t *testing.T, root string) map[string]string {
	t.Helper()
	files, set := sourceFiles(t, root)
	takers := map[string]int{} // function → which parameter is an action
	for _, file := range files {
		for _, d := range file.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok {
				noteTaker(takers, fn)
			}
		}
	}
	found := map[string]string{}
	for _, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			for _, literal := range actionLiterals(n, takers) {
				if text, err := strconv.Unquote(literal.Value); err == nil && actionForm.MatchString(text) {
					found[text] = set.Position(literal.Pos()).String()
				}
			}
			return true
		})
	}
	return found
}

func sourceFiles(t *testing.T, root string) ([]*ast.File, *token.FileSet) {
	t.Helper()
	var files []*ast.File
	set := token.NewFileSet()
	for _, dir := range []string{"accounts", "cmd", "jobs", "portal", "storage"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.Contains(path, "accountstest") {
				return err
			}
			file, err := parser.ParseFile(set, path, nil, 0)
			files = append(files, file)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return files, set
}

func noteTaker(takers map[string]int, fn *ast.FuncDecl) {
	n := 0
	for _, field := range fn.Type.Params.List {
		for _, name := range field.Names {
			if name.Name == "action" {
				takers[fn.Name.Name] = n
			}
			n++
		}
	}
}

func actionLiterals(n ast.Node, takers map[string]int) (out []*ast.BasicLit) {
	add := func(e ast.Expr) {
		if literal, ok := e.(*ast.BasicLit); ok && literal.Kind == token.STRING {
			out = append(out, literal)
		}
	}
	switch n := n.(type) {
	case *ast.KeyValueExpr:
		if key, ok := n.Key.(*ast.Ident); ok && key.Name == "Action" {
			add(n.Value)
		}
	case *ast.CallExpr:
		if i, ok := takers[called(n.Fun)]; ok && i < len(n.Args) {
			add(n.Args[i])
		}
	case *ast.AssignStmt:
		for i, left := range n.Lhs {
			if isAction(left) && i < len(n.Rhs) {
				add(n.Rhs[i])
			}
		}
	case *ast.ValueSpec:
		for i, name := range n.Names {
			if strings.Contains(strings.ToLower(name.Name), "action") && i < len(n.Values) {
				add(n.Values[i])
			}
		}
	}
	return out
}

func isAction(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name == "action"
	case *ast.SelectorExpr:
		return e.Sel.Name == "Action"
	}
	return false
}

func called(fn ast.Expr) string {
	switch fn := fn.(type) {
	case *ast.Ident:
		return fn.Name
	case *ast.SelectorExpr:
		return fn.Sel.Name
	}
	return ""
}
