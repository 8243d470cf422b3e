package walktest

import (
	"os"
	"path/filepath"
	"testing"
)

// Snapshot returns a digest of operator two's rows by table: what was done to them shows in a second one. The
// trail of what its own people do isn't in it.
func (w *World) Snapshot(t testing.TB) map[string]string {
	t.Helper()
	digests := map[string]string{}
	tables := Texts(t, w.LoaderDSN, `SELECT DISTINCT table_name::text || ' ' || column_name::text FROM information_schema.columns
		WHERE table_schema = 'public' AND column_name IN ('operator_id', 'account_id') AND table_name NOT LIKE 'audit%'
		AND has_table_privilege(format('%I.%I', table_schema, table_name), 'SELECT')`)
	if len(tables) < 40 {
		t.Fatalf("%d tables were seen", len(tables))
	}
	for _, at := range tables {
		table, column := cut(at)
		id := int64(w.Second.Operator)
		if column == "account_id" {
			id = int64(w.Second.Account)
		}
		digests[at] = Texts(t, w.LoaderDSN, `SELECT md5(coalesce(string_agg(r::text, E'\n' ORDER BY r::text), '')) FROM "`+table+`" r WHERE `+column+` = $1`, id)[0]
	}
	return digests
}

func cut(at string) (table, column string) {
	for i := range at {
		if at[i] == ' ' {
			return at[:i], at[i+1:]
		}
	}
	return at, ""
}

// root returns the folder of the module.
func root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			t.Fatal("the test is in no module")
		}
		dir = up
	}
}
