package storage

import (
	"context"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/ediport/ediport/edi"
)

// seedTwoAccounts loads one row into every bulk table for each of two accounts, as parts of one set.
func seedTwoAccounts(t *testing.T, db *DB, w testWorld) {
	t.Helper()
	now := time.Now()
	load(t, db, w.operator, func(ctx context.Context, tx *LoadTx, l *Loader) error {
		file, err := tx.InsertFile(ctx, File{Direction: "in", Source: "sftp", Name: "two.835", State: FileDownloaded, SHA256: make([]byte, 32)})
		if err != nil {
			return err
		}
		errs := []error{
			l.Interchange(ctx, &InterchangeRow{OperatorID: w.operator, ID: 1, FileID: file, Ordinal: 1, Usage: "P", Disposition: "loaded", ReceivedAt: now}),
			l.Group(ctx, &GroupRow{OperatorID: w.operator, ID: 1, FileID: file, InterchangeID: 1, Ordinal: 1, Disposition: "loaded", Acknowledgment: "none"}),
			l.Set(ctx, &SetRow{OperatorID: w.operator, ID: 1, FileID: file, InterchangeID: 1, GroupID: 1, Ordinal: 1, FileOrdinal: 1, Verdict: "accepted", Disposition: "loaded", Acknowledgment: "none", Usage: "P"}),
			l.SetSummary(ctx, &SetSummaryRow{OperatorID: w.operator, SetID: 1, Summary: []byte(`{"claims": 2}`)}),
			l.Finding(ctx, &FindingRow{OperatorID: w.operator, FileID: file, No: 3, SetID: 1, Severity: "error"}),
			// An interchange in the same file that concerns neither account.
			l.Interchange(ctx, &InterchangeRow{OperatorID: w.operator, ID: 2, FileID: file, Ordinal: 2, Usage: "P", Disposition: "loaded", ReceivedAt: now}),
			l.Set(ctx, &SetRow{OperatorID: w.operator, ID: 2, FileID: file, InterchangeID: 2, GroupID: 2, Ordinal: 1, FileOrdinal: 2, Verdict: "accepted", Disposition: "loaded", Acknowledgment: "none", Usage: "P"}),
		}
		for i, account := range []AccountID{w.a, w.b} {
			unit := int64(i + 1)
			errs = append(errs,
				l.SetAccount(ctx, &SetAccountRow{AccountID: account, SetID: 1, OperatorID: w.operator, FileID: file, InterchangeID: 1, GroupID: 1}),
				l.Unit(ctx, &UnitRow{OperatorID: w.operator, ID: unit, SetID: 1, FileID: file, Ordinal: i + 1, Kind: "provider", AccountID: account, RoutedBy: "npi", Usage: "P", ReceivedAt: now}),
				l.Finding(ctx, &FindingRow{OperatorID: w.operator, FileID: file, No: i + 1, SetID: 1, UnitID: unit, AccountID: account, Severity: "warning"}),
				seedBusiness(ctx, l, account, w.operator, file, unit, now))
		}
		return errors.Join(errs...)
	})
}

func seedBusiness(ctx context.Context, l *Loader, account AccountID, operator OperatorID, file FileID, unit int64, now time.Time) error {
	return errors.Join(
		l.Payment(ctx, &PaymentRow{AccountID: account, ID: unit, OperatorID: operator, UnitID: unit, SetID: 1, FileID: file, Usage: "P", ReceivedAt: now, FirstClaimID: unit, LastClaimID: unit, Counted: true}),
		l.ClaimPayment(ctx, &ClaimPaymentRow{AccountID: account, ID: unit, PaymentID: unit, UnitID: unit, SetID: 1, FileID: file, Usage: "P", PatientControlNumber: edi.Text("P1")}),
		l.ServiceLine(ctx, &ServiceLineRow{AccountID: account, ClaimID: unit, LineNo: 1}),
		l.Adjustment(ctx, &AdjustmentRow{AccountID: account, ClaimID: unit, LineNo: 1, AdjNo: 1}),
		l.ProviderAdjustment(ctx, &ProviderAdjustmentRow{AccountID: account, PaymentID: unit, No: 1}),
		l.EligibilityAnswer(ctx, &EligibilityAnswerRow{AccountID: account, ID: unit, OperatorID: operator, UnitID: unit, SetID: 1, FileID: file, Usage: "P", ReceivedAt: now, Person: "subscriber", Status: "active"}),
		l.Benefit(ctx, &BenefitRow{AccountID: account, AnswerID: unit, BenefitNo: 1}),
		l.BenefitServiceType(ctx, &BenefitServiceTypeRow{AccountID: account, AnswerID: unit, BenefitNo: 1, No: 1}),
		l.BenefitDetail(ctx, &BenefitDetailRow{AccountID: account, AnswerID: unit, BenefitNo: 1, No: 1, Kind: "message"}),
		l.EligibilityRejection(ctx, &EligibilityRejectionRow{AccountID: account, UnitID: unit, No: 1, AnswerID: unit, SetID: 1, FileID: file, Usage: "P"}),
		l.ClaimStatusAnswer(ctx, &ClaimStatusAnswerRow{AccountID: account, ID: unit, OperatorID: operator, UnitID: unit, SetID: 1, FileID: file, Usage: "P", ReceivedAt: now, Kind: "277", Person: "patient"}),
		l.ClaimStatus(ctx, &ClaimStatusRow{AccountID: account, UnitID: unit, StatusNo: 1, Level: "claim", AnswerID: unit, SetID: 1, FileID: file, Usage: "P"}),
		l.ClaimStatusLine(ctx, &ClaimStatusLineRow{AccountID: account, AnswerID: unit, LineNo: 1}),
		l.AuthorizationEvent(ctx, &AuthorizationEventRow{AccountID: account, ID: unit, OperatorID: operator, UnitID: unit, SetID: 1, FileID: file, Usage: "P", ReceivedAt: now, Kind: "response", Person: "subscriber", Outcome: "pended"}),
		l.AuthorizationService(ctx, &AuthorizationServiceRow{AccountID: account, EventID: unit, ServiceNo: 1}),
		l.AuthorizationDecision(ctx, &AuthorizationDecisionRow{AccountID: account, UnitID: unit, DecisionNo: 1, EventID: unit, Usage: "P", Source: "response", DecidedAt: now}),
		l.Inquiry(ctx, &InquiryRow{AccountID: account, ID: unit, OperatorID: operator, Direction: "in", Kind: "270", UnitID: unit, Usage: "P", CreatedAt: now, Person: "subscriber", State: "received"}),
		l.PersonMention(ctx, &PersonMentionRow{AccountID: account, LastName: edi.Text("DOE"), Kind: "claim", RowID: unit, Role: "patient", Usage: "P", UnitID: unit}),
	)
}

// businessTables are the bulk tables of accounts.
var businessTables = loadTableNames[tablePayment:]

func countIn(t *testing.T, db *DB, scope Scope, table string) int {
	t.Helper()
	n := -1
	err := db.InScopeRead(t.Context(), scope, func(tx *Tx) error {
		return tx.get(t.Context(), &n, `SELECT count(*) FROM `+table)
	})
	if err != nil {
		t.Fatalf("%s: %v", table, err)
	}
	return n
}

// A forgotten WHERE shows nothing: without conditions each scope counts its own rows and no others.
func TestRowLevelSecurity(t *testing.T) {
	t.Parallel()
	db := openTestDB(t)
	w := newTestWorld(t, db)
	seedTwoAccounts(t, db, w)
	other := newTestWorld(t, db)

	a, both := Scope{Accounts: []AccountID{w.a}, Home: w.operator}, Scope{Accounts: []AccountID{w.a, w.b}}
	operator := Scope{Operator: w.operator}
	stranger := Scope{Operator: other.operator, Accounts: []AccountID{other.a, other.unrouted}}
	for _, table := range businessTables {
		for _, c := range []struct {
			who   string
			scope Scope
			want  int
		}{{"account A", a, 1}, {"a billing service of A and B", both, 2}, {"the operator", operator, 0}, {"another operator", stranger, 0}} {
			if got := countIn(t, db, c.scope, table); got != c.want {
				t.Errorf("%s sees %d rows of %s, want %d", c.who, got, table, c.want)
			}
		}
	}
	for _, c := range []struct {
		table                  string
		a, both, operator, out int
	}{
		{"file", 1, 1, 1, 0},
		{"file_event", 1, 1, 1, 0},
		{"interchange", 1, 1, 2, 0},
		{"functional_group", 1, 1, 1, 0},
		{"transaction_set", 1, 1, 2, 0},
		{"transaction_set_summary", 0, 0, 1, 0},
		{"transaction_set_account", 1, 2, 2, 0},
		{"routing_unit", 1, 2, 2, 0},
		{"finding", 1, 2, 3, 0},
		{"account", 1, 2, 3, 3},
	} {
		got := [4]int{countIn(t, db, a, c.table), countIn(t, db, both, c.table), countIn(t, db, operator, c.table), countIn(t, db, stranger, c.table)}
		if want := [4]int{c.a, c.both, c.operator, c.out}; got != want {
			t.Errorf("%s: A, A and B, operator, stranger see %v, want %v", c.table, got, want)
		}
	}
}

// Without a scope the application role sees no row of any tenant table, and no tenant table is
// forgotten here.
func TestNoScopeNoRows(t *testing.T) {
	t.Parallel()
	db := openTestDB(t)
	w := newTestWorld(t, db)
	seedTwoAccounts(t, db, w)
	if err := db.InScope(t.Context(), Scope{}, func(*Tx) error { return nil }); !errors.Is(err, ErrNoScope) {
		t.Errorf("an empty scope: %v, want ErrNoScope", err)
	}
	seen := 0
	err := db.InSignIn(t.Context(), Actor{Kind: ActorAnonymous}, func(tx *Tx) error {
		var tables []string
		if err := tx.list(t.Context(), &tables, `SELECT c.relname FROM pg_class c WHERE c.relrowsecurity AND has_table_privilege(c.oid, 'SELECT')`); err != nil {
			return err
		}
		for _, table := range tables {
			var n int
			if err := tx.get(t.Context(), &n, `SELECT count(*) FROM `+table); err != nil {
				return err
			}
			seen++
			if n != 0 {
				t.Errorf("without a scope %s shows %d rows", table, n)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen < 40 {
		t.Errorf("only %d tables tried", seen)
	}
}

// The scope of one transaction is gone in the next one on the same connection.
func TestScopeDoesNotLinger(t *testing.T) {
	t.Parallel()
	base := openTestDB(t)
	cfg := base.cfg
	cfg.MaxConnections = 1
	db := openForTest(t, cfg)
	w := newTestWorld(t, db)
	seedTwoAccounts(t, db, w)
	if n := countIn(t, db, Scope{Accounts: []AccountID{w.a, w.b}}, "payment"); n != 2 {
		t.Fatalf("both accounts see %d payments", n)
	}
	err := db.InSignIn(t.Context(), testActor, func(tx *Tx) error {
		var n int
		if err := tx.get(t.Context(), &n, `SELECT count(*) FROM payment`); err != nil {
			return err
		}
		if n != 0 {
			t.Errorf("the next transaction sees %d payments", n)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// What the application role may not do at all.
func TestApplicationPrivileges(t *testing.T) {
	t.Parallel()
	db := openTestDB(t)
	w := newTestWorld(t, db)
	seedTwoAccounts(t, db, w)
	scope := Scope{Operator: w.operator, Accounts: []AccountID{w.a}}
	if err := db.InScope(t.Context(), scope, func(tx *Tx) error {
		return tx.Audit(t.Context(), AuditEvent{Action: "test"})
	}); err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{
		`UPDATE audit_event SET action = 'x'`, `DELETE FROM audit_event`, `TRUNCATE audit_event`,
		`DELETE FROM payment`, `UPDATE payment SET amount = 0`, `UPDATE claim_payment SET account_id = 1`,
		`SELECT * FROM payment_key`, `SELECT * FROM interchange_key`, `SELECT * FROM file_hash`,
		`SELECT * FROM river_job`, `ALTER TABLE payment DISABLE ROW LEVEL SECURITY`, `SET ROLE ediport`, `CREATE TABLE x ()`,
		`SELECT ediport_protect_account('payment', 'ALL')`,
	} {
		err := db.InScope(t.Context(), scope, func(tx *Tx) error {
			_, err := tx.exec(t.Context(), statement)
			return err
		})
		var e *Error
		if !errors.As(err, &e) || e.Code != "42501" {
			t.Errorf("%s: %v, want insufficient privilege", statement, err)
		}
	}
	// Rows of other accounts can't be written either: the policy has no row to update.
	err := db.InScope(t.Context(), scope, func(tx *Tx) error {
		n, err := tx.exec(t.Context(), `UPDATE payment SET counted = false WHERE id = 2`)
		if n != 0 {
			t.Errorf("account A changed %d payments of B", n)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// Transactions begin in one place, so that none begins without a scope.
func TestPoolsAreUsedInFewFiles(t *testing.T) {
	t.Parallel()
	allowed := map[string]bool{
		"db.go": true, "scope.go": true, "ids.go": true, "setup.go": true, "migrate.go": true,
		"jobs_lease.go":   true, // a session lock on a connection of its own, no rows
		"replica.go":      true, // a server of its own; compares it with the primary
		"audit_verify.go": true, // one snapshot over all accounts, read only, through inTx
		"jobs_node.go":    true, // the nodes' table, outside tenancy, through inTx
	}
	pools := map[string]bool{"app": true, "loader": true, "owner": true, "pool": true}
	files := token.NewFileSet()
	packages, err := parser.ParseDir(files, ".", func(f fs.FileInfo) bool { return !strings.HasSuffix(f.Name(), "_test.go") }, 0) //nolint:staticcheck // one folder, no build tags
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for name, file := range packages["storage"].Files {
		ast.Inspect(file, func(n ast.Node) bool {
			s, ok := n.(*ast.SelectorExpr)
			if !ok || !pools[s.Sel.Name] {
				return true
			}
			found++
			if !allowed[name] {
				t.Errorf("%s: uses a pool (.%s): begin transactions with InScope, InSignIn, InSystem or InLoad", files.Position(s.Pos()), s.Sel.Name)
			}
			return true
		})
	}
	if found == 0 {
		t.Error("no use of a pool found, the test looks for the wrong names")
	}
}
