package main

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/ediport/ediport/"

// mayImport lists, per room, the rooms that it may import; the longest prefix counts. Tests are not judged.
var mayImport = map[string][]string{
	"cmd":                   {"portal", "accounts", "jobs", "storage", "edi", "fixtures"},
	"portal":                {"portal", "accounts", "jobs", "storage", "edi"},
	"accounts":              {"storage", "edi"},
	"accounts/accountstest": {"accounts", "storage", "edi"},
	"jobs":                  {"jobs", "storage", "edi"},
	"jobs/transfer":         {},
	"jobs/sheet":            {"storage", "edi"},
	"jobs/notify":           {"storage", "edi"},
	"storage":               {"storage", "edi"},
	"edi":                   {"edi"},
	"edi/codes":             {},
	"fixtures":              {"fixtures"},
	"fixtures/simulator":    {"fixtures", "edi"},

	// What breaks documents to see what the validator makes of it must not know what the validator knows.
	"edi/internal/mutate": {},
}

// forbidden says what no room but those named may import.
var only = map[string][]string{
	"github.com/jmoiron/sqlx":         {"storage"},
	"github.com/lib/pq":               {"storage"},
	"net/http":                        {"portal", "cmd", "accounts", "jobs/notify"},
	"github.com/riverqueue/river":     {"jobs", "storage"},
	"github.com/go-co-op/gocron/v2":   {"jobs"},
	"github.com/pkg/sftp":             {"jobs/transfer", "jobs/dropbox", "fixtures/simulator"},
	"github.com/jackc/pgx/v5/pgxpool": {"jobs", "storage"},
}

type goPackage struct {
	ImportPath string
	Imports    []string
}

func packages(t *testing.T) []goPackage {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports", module+"...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []goPackage
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func TestImportsPointOneWay(t *testing.T) {
	t.Parallel()
	all := packages(t)
	if len(all) < 5 {
		t.Fatalf("only %d packages were looked at", len(all))
	}
	for _, p := range all {
		name := strings.TrimPrefix(p.ImportPath, module)
		if strings.Contains(name, "test") && strings.HasSuffix(name, "test") {
			continue // helpers of tests
		}
		room := roomOf(name)
		if room == "" {
			t.Errorf("%s is in no room of the house; see docs/architecture.md", name)
			continue
		}
		for _, imported := range p.Imports {
			if other, ours := strings.CutPrefix(imported, module); ours {
				if !inside(other, mayImport[room]) && !inside(other, []string{name}) {
					t.Errorf("%s imports %s: %s may import only %v", name, other, room, mayImport[room])
				}
			} else if rooms, limited := only[imported]; limited && !inside(name, rooms) {
				t.Errorf("%s imports %s: that is the business of %v", name, imported, rooms)
			} else if room == "edi" && strings.Contains(imported, ".") {
				t.Errorf("%s imports %s: the engine depends on the standard library only", name, imported)
			}
		}
	}
}

// roomOf returns the room that name belongs to: the longest of mayImport's keys that is a path prefix.
func roomOf(name string) string {
	best := ""
	for room := range mayImport {
		if inside(name, []string{room}) && len(room) > len(best) {
			best = room
		}
	}
	return best
}

func inside(name string, rooms []string) bool {
	return slices.ContainsFunc(rooms, func(room string) bool { return name == room || strings.HasPrefix(name, room+"/") })
}
