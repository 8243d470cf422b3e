package walktest

import (
	"database/sql"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	_ "github.com/lib/pq" // reads what the application may not see

	"github.com/ediport/ediport/storage"
)

// byOperator and byAccount are where rows of a side's operator ($1) or account ($2) are found.
func byOperator(table string) string {
	return `SELECT id FROM ` + table + ` WHERE operator_id = $1 AND $2 <> 0 ORDER BY id LIMIT 1`
}

func byAccount(table string) string {
	return `SELECT id FROM ` + table + ` WHERE account_id = $2 AND $1 <> 0 ORDER BY id LIMIT 1`
}

// ofPerson is where what belongs to the people of a side's account is found.
func ofPerson(table, where string) string {
	return `SELECT id FROM ` + table + ` WHERE ` + where + ` AND user_id IN (SELECT user_id FROM membership WHERE account_id = $2) AND user_id NOT IN (
		SELECT user_id FROM membership WHERE account_id <> $2 OR operator_id <> $1) ORDER BY id LIMIT 1`
}

// samples finds an id of each kind at a side. An empty query is a kind that no route takes and nothing shows.
var samples = map[string]string{
	storage.PublicAccount:        `SELECT $2::bigint WHERE $1 <> 0`,
	storage.PublicOperator:       `SELECT $1::bigint WHERE $2 <> 0`,
	storage.PublicPartner:        byOperator("partner"),
	storage.PublicPayer:          byOperator("payer"),
	storage.PublicFile:           byOperator("file"),
	storage.PublicInterchange:    byOperator("interchange"),
	storage.PublicGroup:          byOperator("functional_group"),
	storage.PublicSet:            byOperator("transaction_set"),
	storage.PublicAcknowledgment: byOperator("acknowledgment"),
	storage.PublicUnit:           `SELECT id FROM routing_unit WHERE operator_id = $1 AND account_id = $2 ORDER BY id LIMIT 1`,
	storage.PublicPayment:        byAccount("payment"),
	storage.PublicClaim:          byAccount("claim_payment"),
	storage.PublicEligibility:    byAccount("eligibility_answer"),
	storage.PublicStatus:         byAccount("claim_status_answer"),
	storage.PublicAuthorization:  byAccount("authorization_event"),
	storage.PublicInquiry:        byAccount("inquiry"),
	storage.PublicConnection:     byOperator("connection"),
	storage.PublicSchedule:       byOperator("schedule"),
	storage.PublicDropBox:        byOperator("dropbox"),
	storage.PublicRun:            byOperator("run"),
	storage.PublicCalendar:       byOperator("calendar"),
	storage.PublicIncident:       byOperator("incident"),
	storage.PublicNotice:         byOperator("outbox"),
	storage.PublicAudit:          byOperator("audit_event"),
	storage.PublicMembership:     `SELECT id FROM membership WHERE operator_id = $1 OR account_id = $2 ORDER BY id LIMIT 1`,
	storage.PublicUser: `SELECT user_id FROM membership WHERE account_id = $2 AND user_id NOT IN (
		SELECT user_id FROM membership WHERE account_id <> $2 OR operator_id <> $1) ORDER BY id DESC LIMIT 1`,
	storage.PublicSession:    ofPerson("session", "ended_at IS NULL"),
	storage.PublicToken:      ofPerson("api_token", "revoked_at IS NULL"),
	storage.PublicFactor:     ofPerson("credential", "kind IN ('totp', 'passkey') AND revoked_at IS NULL"),
	storage.PublicDevice:     ofPerson("known_device", "ended_at IS NULL"),
	storage.PublicKeptForm:   ofPerson("kept_form", "true"),
	storage.PublicRole:       byOperator("custom_role"),
	storage.PublicApproval:   byOperator("approval"),
	storage.PublicBreakGlass: byOperator("break_glass"),
	storage.PublicIdentifier: byAccount("account_identifier"),
	storage.PublicPractice:   byAccount("practice_detail"),
	storage.PublicJob:        `SELECT j.id FROM river_job j JOIN run r ON (j.args->>'run_id')::bigint = r.id WHERE r.operator_id = $1 AND $2 <> 0 ORDER BY j.id LIMIT 1`,
}

// Kinds returns all kinds of public ids as the source of package storage declares them, so that a new one can't be
// forgotten here: it fails the test until it has a sample.
func Kinds(t testing.TB) (kinds []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root(t), "storage", "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no source of package storage: %v", err)
	}
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Names) != 1 || !strings.HasPrefix(spec.Names[0].Name, "Public") || len(spec.Values) != 1 {
				return true
			}
			if literal, ok := spec.Values[0].(*ast.BasicLit); ok && literal.Kind == token.STRING {
				if kind, err := strconv.Unquote(literal.Value); err == nil && len(kind) == 3 {
					kinds = append(kinds, kind)
				}
			}
			return true
		})
	}
	if len(kinds) < 28 {
		t.Fatalf("%d kinds of public ids were found", len(kinds))
	}
	for _, kind := range kinds {
		if _, ok := samples[kind]; !ok {
			t.Errorf("the kind %q of public ids has no sample in portal/walktest", kind)
		}
	}
	return kinds
}

// Own returns a public id of the kind at operator one, "" if there is none.
func (w *World) Own(t testing.TB, kind string) string {
	return w.sample(t, kind, Side{w.Operator, w.Account})
}

// Foreign returns a public id of the kind at operator two, "" if there is none.
func (w *World) Foreign(t testing.TB, kind string) string { return w.sample(t, kind, w.Second) }

// NextDoor returns a public id of the kind that the account next door has and Account has not.
func (w *World) NextDoor(t testing.TB, kind string) string {
	return w.sample(t, kind, Side{w.Operator, w.Other})
}

// Unknown returns a public id of the kind that was never given out.
func (w *World) Unknown(kind string) string {
	return w.DB.PublicIDs().Format(kind, 1<<60)
}

func (w *World) sample(t testing.TB, kind string, at Side) string {
	t.Helper()
	query := samples[kind]
	if query == "" {
		return ""
	}
	key := sampled{kind, at}
	if id, ok := w.sampled[key]; ok {
		return id
	}
	id := ""
	if ids := w.numbers(t, query, at.Operator, at.Account); len(ids) > 0 {
		id = w.DB.PublicIDs().Format(kind, ids[0])
	}
	w.sampled[key] = id
	return id
}

// sampled says what was asked for before: a walk asks for few things often.
type sampled struct {
	kind string
	at   Side
}

func (w *World) numbers(t testing.TB, query string, args ...any) (all []int64) {
	t.Helper()
	ask(t, w.LoaderDSN, query, args, func(rows *sql.Rows) error {
		var n int64
		err := rows.Scan(&n)
		all = append(all, n)
		return err
	})
	return all
}

// Texts returns the first column of a query as the role that sees everything has it answered.
func Texts(t testing.TB, dsn, query string, args ...any) (all []string) {
	t.Helper()
	ask(t, dsn, query, args, func(rows *sql.Rows) error {
		var s string
		err := rows.Scan(&s)
		all = append(all, s)
		return err
	})
	return all
}

func ask(t testing.TB, dsn, query string, args []any, each func(*sql.Rows) error) {
	t.Helper()
	db, err := sql.Open("postgres", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // only read
	rows, err := db.QueryContext(t.Context(), query, args...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close() //nolint:errcheck // read to the end
	for rows.Next() {
		if err := each(rows); err != nil {
			t.Fatal(err)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}
