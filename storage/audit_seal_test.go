package storage

import (
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"testing"
)

// keyedSealer signs with a key of its own.
type keyedSealer string

func (k keyedSealer) Sign(chain string, hash []byte) ([]byte, error) {
	h := hmac.New(sha256.New, []byte(k))
	h.Write([]byte(chain))
	h.Write(hash)
	return h.Sum(nil), nil
}

func (k keyedSealer) Check(chain string, hash, signature []byte) error {
	if want, _ := k.Sign(chain, hash); !hmac.Equal(want, signature) {
		return errors.New("wrong")
	}
	return nil
}

const testSealer = keyedSealer("the key of the test")

// auditWorld has three sealed links: two of events in operator and account, one of an event of nobody.
func auditWorld(t *testing.T) (*DB, testWorld) {
	t.Helper()
	db := openTestDB(t)
	w := newTestWorld(t, db)
	for round := range 3 {
		for i := range 2 {
			addEvent(t, db, Scope{Operator: w.operator, Actor: Actor{Kind: ActorUser, ID: 7, Address: "192.0.2.1", Request: "inc-1"}},
				AuditEvent{Action: fmt.Sprintf("claim.viewed%d%d", round, i), Account: w.a, ObjectKind: "claim_payment", ObjectID: 9, Detail: map[string]any{"rows": i}})
		}
		addEvent(t, db, Scope{}, AuditEvent{Action: "signin.failed", Result: "failed"})
		sealAll(t, db)
	}
	return db, w
}

func addEvent(t *testing.T, db *DB, scope Scope, e AuditEvent) {
	t.Helper()
	write := func(tx *Tx) error { return tx.Audit(t.Context(), e) }
	var err error
	if scope.Operator != 0 || len(scope.Accounts) > 0 {
		err = db.InScope(t.Context(), scope, write)
	} else {
		err = db.InSignIn(t.Context(), scope.Actor, write)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// sealAll seals once no transaction is open any more, of other tests on the same server neither, that could precede
// an event.
func sealAll(t *testing.T, db *DB) {
	t.Helper()
	const over = `
WITH pause AS MATERIALIZED (SELECT pg_sleep(0.01))
SELECT NOT EXISTS (SELECT FROM audit_event WHERE txid >= pg_snapshot_xmin(pg_current_snapshot())) FROM pause`
	for t.Context().Err() == nil && !ownerRows[bool](t, db, over)[0] {
	}
	for {
		seals, err := db.SealAudit(t.Context(), testSealer)
		if err != nil {
			t.Fatal(err)
		}
		if len(seals) == 0 {
			return
		}
	}
}

func verify(t *testing.T, db *DB, roots ...AuditRoot) AuditReport {
	t.Helper()
	r, err := db.VerifyAudit(t.Context(), testSealer, roots...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func faultsOf(r AuditReport) string {
	var out []string
	for _, f := range r.Faults {
		out = append(out, f.Kind+" "+strings.TrimRight(f.Chain, "0123456789")+" "+fmt.Sprint(f.No)+" "+f.Action)
	}
	return strings.Join(out, "; ")
}

func TestAuditAsItWasSealed(t *testing.T) {
	t.Parallel()
	db, w := auditWorld(t)
	heads, err := db.AuditHeads(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(heads) != 4 || heads[0].Chain != ChainOfAll || heads[0].No != 3 {
		t.Fatalf("%d heads, the first of %s, link %d", len(heads), heads[0].Chain, heads[0].No)
	}
	r := verify(t, db, AuditRoot{Hash: heads[0].Hash}, AuditRoot{Chain: ChainOfAccount(w.a), No: 3, Hash: headOf(t, heads, ChainOfAccount(w.a)).Hash})
	if len(r.Faults) != 0 || r.Events != 9 || r.Links != 12 || r.Unsealed != 0 {
		t.Errorf("faults %s, %d events, %d links, %d unsealed", faultsOf(r), r.Events, r.Links, r.Unsealed)
	}
	addEvent(t, db, Scope{}, AuditEvent{Action: "signin.failed", Result: "failed"})
	if r := verify(t, db); r.Unsealed != 1 || r.Oldest == nil || len(r.Faults) != 0 {
		t.Errorf("%d unsealed since %v, faults %s", r.Unsealed, r.Oldest, faultsOf(r))
	}
}

func headOf(t *testing.T, heads []Seal, chain string) Seal {
	t.Helper()
	for _, h := range heads {
		if h.Chain == chain {
			return h
		}
	}
	t.Fatalf("no head of %s", chain)
	return Seal{}
}

// Each case changes the database as its administrator could, and says what the check must name first.
var tamperings = []struct{ name, statement, want string }{
	{"event changed", `UPDATE audit_event SET actor_id = 8 WHERE action = 'claim.viewed10'`, "event_changed all 2 claim.viewed10"},
	{"time changed", `UPDATE audit_event SET at = at - interval '1 day' WHERE action = 'claim.viewed11'`, "event_changed all 2 claim.viewed11"},
	{"detail changed", `UPDATE audit_event SET detail = '{"rows": 5}' WHERE action = 'claim.viewed01'`, "event_changed all 1 claim.viewed01"},
	{"event deleted", `DELETE FROM audit_event WHERE action = 'claim.viewed10'`, "event_missing all 2 "},
	{"events in each other's place", `UPDATE audit_event SET txid = (SELECT o.txid FROM audit_event o WHERE o.action <> audit_event.action AND o.action IN ('claim.viewed00', 'claim.viewed20'))
		WHERE action IN ('claim.viewed00', 'claim.viewed20')`, "event_missing all 1 "},
	{"event added afterwards", `INSERT INTO audit_event (operator_id, id, actor_kind, action, result, txid)
		SELECT operator_id, 999999, 'user', 'claim.viewed', 'ok', txid FROM audit_event WHERE action = 'claim.viewed10'`, "event_added all 2 claim.viewed"},
	{"link deleted", `DELETE FROM audit_seal WHERE chain = 'all' AND no = 2`, "link_changed all 3 "},
	{"last link of an account deleted", `DELETE FROM audit_seal WHERE chain LIKE 'account:%' AND no = 3`, "link_missing account: 3 "},
	{"link changed", `UPDATE audit_seal SET events = events + 1 WHERE chain = 'all' AND no = 2`, "link_changed all 2 "},
	{"signature of another key", `UPDATE audit_seal SET signature = sha256(signature) WHERE chain = 'all' AND no = 3`, "signature_wrong all 3 "},
}

func TestTamperedAuditIsNamed(t *testing.T) {
	t.Parallel()
	db, _ := auditWorld(t)
	exec := func(statements ...string) (n int64) {
		for _, statement := range statements {
			var err error
			if n, err = ownerExec(t, db, statement); err != nil {
				t.Fatal(err)
			}
		}
		return n
	}
	exec(`CREATE TABLE kept_event AS TABLE audit_event`, `CREATE TABLE kept_seal AS TABLE audit_seal`)
	for _, c := range tamperings {
		if exec(c.statement) == 0 {
			t.Errorf("%s: the statement changed nothing", c.name)
		}
		if got := faultsOf(verify(t, db)); !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: found %q, want first %q", c.name, got, c.want)
		}
		exec(`DELETE FROM audit_event`, `DELETE FROM audit_seal`, `INSERT INTO audit_event TABLE kept_event`, `INSERT INTO audit_seal TABLE kept_seal`)
		if got := faultsOf(verify(t, db)); got != "" {
			t.Fatalf("%s: put back, and still %q", c.name, got)
		}
	}
}

func ownerExec(t *testing.T, db *DB, statement string) (int64, error) {
	t.Helper()
	result, err := db.owner.ExecContext(t.Context(), statement)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// Who cuts the end of the audit together with its links is found out by a root that was kept elsewhere.
func TestCutAuditMissesThePublishedRoot(t *testing.T) {
	t.Parallel()
	db, _ := auditWorld(t)
	heads, err := db.AuditHeads(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{
		`DELETE FROM audit_event e USING audit_seal s WHERE s.chain = 'all' AND s.no = 3 AND e.txid >= s.from_txid`,
		`DELETE FROM audit_seal s USING audit_seal l WHERE l.chain = 'all' AND l.no = 3 AND s.to_txid = l.to_txid`,
	} {
		if _, err := ownerExec(t, db, statement); err != nil {
			t.Fatal(err)
		}
	}
	if got := faultsOf(verify(t, db)); got != "" {
		t.Fatalf("without a root: %s", got)
	}
	if got := faultsOf(verify(t, db, AuditRoot{Hash: heads[0].Hash})); got != "root_not_in_chain  0 " {
		t.Errorf("with the root: %q", got)
	}
}

// A transaction that is still open could commit an event with an earlier place: nothing from it on is sealed before.
func TestNothingIsSealedThatAnOpenTransactionMayPrecede(t *testing.T) {
	t.Parallel()
	db, w := auditWorld(t)
	scope := Scope{Operator: w.operator, Actor: testActor}
	err := db.InScope(t.Context(), scope, func(early *Tx) error {
		if err := early.Audit(t.Context(), AuditEvent{Action: "early"}); err != nil {
			return err
		}
		addEvent(t, db, scope, AuditEvent{Action: "late"})
		seals, err := db.SealAudit(t.Context(), testSealer)
		if len(seals) != 0 {
			t.Errorf("sealed %+v", seals)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	sealAll(t, db)
	if r := verify(t, db); len(r.Faults) != 0 || r.Events != 11 {
		t.Errorf("faults %s, %d events", faultsOf(r), r.Events)
	}
}

// Many events are sealed in several links, the events of one transaction in one.
func TestManyEventsAreSealedInTurn(t *testing.T) {
	t.Parallel()
	db := openTestDB(t)
	w := newTestWorld(t, db)
	const many = `INSERT INTO audit_event (operator_id, id, actor_kind, action, result)
SELECT %d, n, 'system', 'test.many', 'ok' FROM generate_series(%d, %d) n`
	for _, r := range [][2]int{{1, 5100}, {5101, 5110}} {
		if _, err := ownerExec(t, db, fmt.Sprintf(many, w.operator, r[0], r[1])); err != nil {
			t.Fatal(err)
		}
	}
	sealAll(t, db)
	r := verify(t, db)
	if len(r.Faults) != 0 || r.Events != 5110 || r.Links != 4 {
		t.Errorf("faults %s, %d events, %d links", faultsOf(r), r.Events, r.Links)
	}
}

// The application may add events and read its own, but neither say when they were nor touch the chain.
func TestApplicationCannotForgeTheAudit(t *testing.T) {
	t.Parallel()
	db, w := auditWorld(t)
	for _, statement := range []string{
		`INSERT INTO audit_event (operator_id, id, actor_kind, action, result, txid) VALUES (1, 77, 'system', 'x', 'ok', '5')`,
		`INSERT INTO audit_event (operator_id, id, actor_kind, action, result, at) VALUES (1, 77, 'system', 'x', 'ok', '2001-01-01')`,
		`INSERT INTO audit_seal SELECT * FROM audit_seal`,
		`UPDATE audit_seal SET events = 0`,
		`DELETE FROM audit_seal`,
	} {
		err := db.InScope(t.Context(), Scope{Operator: w.operator}, func(tx *Tx) error {
			_, err := tx.exec(t.Context(), statement)
			return err
		})
		if err == nil || !strings.Contains(err.Error(), "permission denied") {
			t.Errorf("%s: %v", statement, err)
		}
	}
}

// An event without operator finds the organization of the person whom it is about.
func TestEventsFindTheirPlace(t *testing.T) {
	t.Parallel()
	db := openTestDB(t)
	w := newTestWorld(t, db)
	for _, statement := range []string{
		fmt.Sprintf(`INSERT INTO membership (id, user_id, account_id, role) VALUES (1, 71, %d, 'biller')`, w.b),
		fmt.Sprintf(`INSERT INTO membership (id, user_id, operator_id, role) VALUES (2, 72, %d, 'administrator')`, w.operator),
	} {
		if _, err := ownerExec(t, db, statement); err != nil {
			t.Fatal(err)
		}
	}
	places := func(actor Actor, e AuditEvent) string {
		addEvent(t, db, Scope{Actor: actor}, e)
		return ownerRows[string](t, db, `SELECT concat_ws(' ', operator_id, account_id) FROM audit_event ORDER BY id DESC LIMIT 1`)[0]
	}
	for _, c := range []struct {
		name  string
		actor Actor
		event AuditEvent
		want  string
	}{
		{"biller", Actor{Kind: ActorUser, ID: 71}, AuditEvent{Action: "a"}, fmt.Sprintf("%d %d", w.operator, w.b)},
		{"administrator", Actor{Kind: ActorUser, ID: 72}, AuditEvent{Action: "b"}, fmt.Sprint(w.operator)},
		{"attempt on a biller", Actor{Kind: ActorAnonymous}, AuditEvent{Action: "c", ObjectKind: "user", ObjectID: 71}, fmt.Sprintf("%d %d", w.operator, w.b)},
		{"account named", Actor{Kind: ActorCLI}, AuditEvent{Action: "d", Account: w.a}, fmt.Sprintf("%d %d", w.operator, w.a)},
		{"nobody", Actor{Kind: ActorAnonymous}, AuditEvent{Action: "e"}, "0"},
	} {
		if got := places(c.actor, c.event); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
