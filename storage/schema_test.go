package storage

import (
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/lib/pq"
)

// outsideTenancy lists the tables without row-level security, and why.
var outsideTenancy = map[string]string{
	"id_block":          "numbers only",
	"node":              "processes of the installation",
	"app_user":          "sign-in: nobody is in scope yet",
	"credential":        "sign-in",
	"membership":        "sign-in",
	"session":           "sign-in",
	"factor_ceremony":   "sign-in",
	"kept_form":         "sign-in: its key holds the person",
	"known_device":      "sign-in",
	"sign_in_challenge": "sign-in: random numbers only",
	"sign_in_place":     "sign-in: keyed hashes only",
	"api_token":         "sign-in",
	"sign_in_throttle":  "sign-in",
	"sign_in_code":      "sign-in",
	"idempotency_key":   "its key holds the actor",
	"audit_seal":        "hashes only",
	"goose_db_version":  "migrations",
}

// account is the one tenant table whose own id is the account.
var keyedByItself = []string{"account"}

// bulkTables are filled by COPY.
var bulkTables = loadTableNames[:]

type tableFact struct {
	Name    string         `db:"name"`
	RLS     bool           `db:"rls"`
	Key     pq.StringArray `db:"key"`
	Indexes int            `db:"indexes"`
	Foreign int            `db:"foreign_keys"`
	Columns pq.StringArray `db:"columns"`
}

const selectTableFacts = `
SELECT c.relname AS name, c.relrowsecurity AS rls,
	ARRAY(SELECT a.attname FROM pg_index i, unnest(i.indkey) WITH ORDINALITY k (attnum, n)
		JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum
		WHERE i.indrelid = c.oid AND i.indisprimary ORDER BY k.n) AS key,
	(SELECT count(*) FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_am m ON m.oid = x.relam
		WHERE i.indrelid = c.oid AND NOT i.indisprimary AND m.amname <> 'brin') AS indexes, -- an index of ranges costs a load next to nothing
	(SELECT count(*) FROM pg_constraint f WHERE f.conrelid = c.oid AND f.contype = 'f') AS foreign_keys,
	ARRAY(SELECT a.attname FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0) AS columns
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relkind = 'r' AND c.relname NOT LIKE 'river\_%'
ORDER BY 1`

func TestTables(t *testing.T) {
	t.Parallel()
	db := openTestDB(t)
	facts := ownerRows[tableFact](t, db, selectTableFacts)
	if len(facts) < 50 {
		t.Fatalf("%d tables seen, the query must be wrong", len(facts))
	}
	for _, f := range facts {
		if len(f.Key) == 0 {
			t.Errorf("%s has no primary key", f.Name)
			continue
		}
		if outsideTenancy[f.Name] != "" {
			if f.RLS {
				t.Errorf("%s is listed as outside tenancy but has row-level security", f.Name)
			}
			continue
		}
		if !f.RLS {
			t.Errorf("%s has no row-level security and is not listed as outside tenancy", f.Name)
		}
		if first := f.Key[0]; first != "account_id" && first != "operator_id" && !slices.Contains(keyedByItself, f.Name) {
			t.Errorf("the key of %s begins with %s, want account_id or operator_id", f.Name, first)
		}
	}
	for _, name := range bulkTables {
		i := slices.IndexFunc(facts, func(f tableFact) bool { return f.Name == name })
		if i < 0 {
			t.Errorf("no table %s", name)
			continue
		}
		if facts[i].Indexes > 2 {
			t.Errorf("%s has %d secondary indexes, at most 2 keep loading fast", name, facts[i].Indexes)
		}
		if facts[i].Foreign > 0 {
			t.Errorf("%s has foreign keys", name)
		}
	}
}

// Every business row is the account's, every money column exact, every X12 date a date.
func TestColumnTypes(t *testing.T) {
	t.Parallel()
	db := openTestDB(t)
	type column struct {
		Table string `db:"table_name"`
		Name  string `db:"column_name"`
		Type  string `db:"data_type"`
	}
	columns := ownerRows[column](t, db, `
		SELECT table_name, column_name, data_type || coalesce('(' || numeric_precision || ',' || numeric_scale || ')', '') AS data_type
		FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE 'river%' AND table_name <> 'goose_db_version'`)
	for _, c := range columns {
		if strings.HasPrefix(c.Type, "numeric") && c.Type != "numeric(18,4)" && c.Type != "numeric(18,6)" {
			t.Errorf("%s.%s is %s", c.Table, c.Name, c.Type)
		}
		if strings.HasPrefix(c.Type, "timestamp without") || strings.HasPrefix(c.Type, "double") || strings.HasPrefix(c.Type, "real") {
			t.Errorf("%s.%s is %s", c.Table, c.Name, c.Type)
		}
		if c.Name == "birth_date" && c.Type != "date" {
			t.Errorf("%s.%s is %s, want date", c.Table, c.Name, c.Type)
		}
	}
}

// Each migration opens with why it is there, each index names its query.
func TestMigrationsExplainThemselves(t *testing.T) {
	t.Parallel()
	entries, err := migrationFiles.ReadDir("migrations")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		text, err := migrationFiles.ReadFile("migrations/" + e.Name())
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(string(text), "\n")
		if !strings.HasPrefix(lines[0], "-- Why:") {
			t.Errorf("%s does not open with why", e.Name())
		}
		for i, line := range lines {
			if strings.HasPrefix(line, "CREATE INDEX") || strings.HasPrefix(line, "CREATE UNIQUE INDEX") {
				if !strings.HasPrefix(lines[i-1], "-- ") && !strings.HasPrefix(lines[i-1], "CREATE INDEX") {
					t.Errorf("%s:%d: index without the query it is for", e.Name(), i+1)
				}
			}
		}
	}
	if len(entries) < 10 {
		t.Fatalf("%d migrations seen", len(entries))
	}
}

var columnLine = regexp.MustCompile(`^\t([a-z_0-9]+)\s+(bigint|integer|smallint|text|date|bytea|boolean|jsonb|numeric|timestamptz|xid8)`)

// Each nullable column says what NULL means, beside itself or once for the rest of its table.
func TestNullableColumnsSayWhatNullMeans(t *testing.T) {
	t.Parallel()
	files, err := fs.Glob(migrationFiles, "migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, file := range files {
		text, err := migrationFiles.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		inTable, said := false, false
		for i, line := range strings.Split(string(text), "\n") {
			code, comment, _ := strings.Cut(line, "--")
			switch {
			case strings.HasPrefix(line, "CREATE TABLE"):
				inTable, said = true, false
			case strings.HasPrefix(line, ")"):
				inTable = false
			case !inTable || !columnLine.MatchString(line):
			case strings.Contains(comment, "in this table NULL means"):
				said = true
			case strings.Contains(code, "NOT NULL"), strings.Contains(code, "PRIMARY KEY"):
			case !said && !strings.Contains(comment, "NULL"):
				t.Errorf("%s:%d: what does NULL mean in %s?", file, i+1, columnLine.FindStringSubmatch(line)[1])
			default:
				seen++
			}
		}
	}
	if seen < 100 {
		t.Errorf("only %d nullable columns seen", seen)
	}
}

func TestMigrateAgainAndStatus(t *testing.T) {
	t.Parallel()
	db := openTestDB(t)
	ctx := t.Context()
	if err := db.Setup(ctx); err != nil {
		t.Fatal(err)
	}
	if err := db.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	s, err := db.Status(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if !s.Current() || s.Version == 0 || s.Queue == 0 {
		t.Errorf("status after migration: %+v", s)
	}
	if err := db.Check(ctx); err != nil {
		t.Errorf("roles: %v", err)
	}
	cfg := db.cfg
	cfg.OwnerURL = ""
	without := openForTest(t, cfg)
	if again, err := without.Status(ctx); err != nil || again != s {
		t.Errorf("status without the owner's URL: %+v, %v", again, err)
	}
	if err := without.Migrate(ctx); err == nil {
		t.Error("migrated without the owner's URL")
	}
}

func TestCheckRefusesOwnerAsApplication(t *testing.T) {
	t.Parallel()
	db := openTestDB(t)
	for name, change := range map[string]func(*Config){
		"the owner as application":  func(c *Config) { c.AppURL = c.OwnerURL },
		"the loader as application": func(c *Config) { c.AppURL = c.LoaderURL },
		"the application as loader": func(c *Config) { c.LoaderURL = c.AppURL },
	} {
		cfg := db.cfg
		change(&cfg)
		if err := openForTest(t, cfg).Check(t.Context()); err == nil {
			t.Errorf("%s: not refused", name)
		}
	}
}
