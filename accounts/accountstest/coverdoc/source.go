package coverdoc

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
)

// A Claim is a call of covers.Rows as it stands in the source.
type Claim struct {
	Row, Package string
	Test         string // the function that the call stands in
}

// Claims reads the calls of covers.Rows in all tests below the module's folder, and the names of all test functions
// by package.
func Claims(root string) (claims []Claim, tests map[string]bool, err error) {
	tests = map[string]bool{}
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (strings.HasPrefix(d.Name(), ".") && path != root || d.Name() == "testdata"):
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(path, "_test.go"):
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		folder, err := filepath.Rel(root, filepath.Dir(path))
		if err != nil {
			return err
		}
		for _, decl := range file.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok {
				continue
			}
			if f.Recv == nil && strings.HasPrefix(f.Name.Name, "Test") {
				tests[filepath.ToSlash(folder)+" "+f.Name.Name] = true
			}
			for _, row := range rowsIn(f) {
				claims = append(claims, Claim{row, filepath.ToSlash(folder), f.Name.Name})
			}
		}
		return nil
	})
	return claims, tests, err
}

// rowsIn returns the rows that the calls of covers.Rows in a function name.
func rowsIn(f *ast.FuncDecl) (rows []string) {
	ast.Inspect(f, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		selector, ok := call.Fun.(*ast.SelectorExpr)
		if !ok || selector.Sel.Name != "Rows" {
			return true
		}
		if x, ok := selector.X.(*ast.Ident); !ok || x.Name != "covers" {
			return true
		}
		for _, argument := range call.Args {
			if literal, ok := argument.(*ast.BasicLit); ok && literal.Kind == token.STRING {
				if row, err := strconv.Unquote(literal.Value); err == nil {
					rows = append(rows, row)
				}
			}
		}
		return true
	})
	return rows
}
