package storage

import (
	"context"
	"errors"
	"testing"
)

// Event and message are written with the act, or not at all, and say who did it.
func TestAuditAndOutboxShareTheTransaction(t *testing.T) {
	t.Parallel()
	db := openTestDB(t)
	w := newTestWorld(t, db)
	ctx := t.Context()
	scope := Scope{Operator: w.operator, Actor: Actor{Kind: ActorUser, ID: 7, Address: "192.0.2.1", Request: "inc-1"}}
	act := func(result error) {
		err := db.InScope(ctx, scope, func(tx *Tx) error {
			return errors.Join(
				tx.Audit(ctx, AuditEvent{Action: "claim.viewed", Account: w.a, ObjectKind: "claim_payment", ObjectID: 9, Detail: map[string]any{"rows": 1}}),
				tx.Send(ctx, Message{Kind: "mail", Topic: "run.failed", Payload: map[string]int{"run": 5}}), result)
		})
		if !errors.Is(err, result) {
			t.Fatal(err)
		}
	}
	act(errors.New("undone"))
	act(nil)
	events := ownerRows[string](t, db, `SELECT concat_ws(' ', operator_id = $1, account_id = $2, actor_kind, actor_id, action, object_kind, object_id, result, address, correlation_id, detail) FROM audit_event`, w.operator, w.a)
	if want := `t t user 7 claim.viewed claim_payment 9 ok 192.0.2.1 inc-1 {"rows": 1}`; len(events) != 1 || events[0] != want {
		t.Errorf("events %q, want %q", events, want)
	}
	messages := ownerRows[string](t, db, `SELECT concat_ws(' ', operator_id = $1, kind, topic, payload, state) FROM outbox`, w.operator)
	if want := `t mail run.failed {"run": 5} waiting`; len(messages) != 1 || messages[0] != want {
		t.Errorf("messages %q, want %q", messages, want)
	}
}

func TestCancelledQueryIsCancelled(t *testing.T) {
	t.Parallel()
	db := openTestDB(t)
	ctx, cancel := context.WithCancel(t.Context())
	err := db.InSignIn(ctx, testActor, func(tx *Tx) error {
		go func() {
			waitForSleeper(t, db)
			cancel()
		}()
		_, err := tx.exec(ctx, `SELECT pg_sleep(60)`)
		return err
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
}

func waitForSleeper(t *testing.T, db *DB) {
	for t.Context().Err() == nil {
		if n := ownerRows[int](t, db, pollActivity+`wait_event = 'PgSleep'`); n[0] > 0 {
			return
		}
	}
}

// pollActivity counts other sessions of this database, a little later.
const pollActivity = `
WITH pause AS MATERIALIZED (SELECT pg_sleep(0.02))
SELECT count(*) FROM pause, pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND `

// Names fold alike on both sides of the search.
func TestFoldName(t *testing.T) {
	for in, want := range map[string]string{
		"Smith":          "SMITH",
		"O'Néill-Smith":  "ONEILLSMITH",
		"  De  La Cruz ": "DE LA CRUZ",
		"MU\xd1OZ":       "MUNOZ",
		"MUÑOZ":          "MUNOZ",
		"Smith Jr.":      "SMITH JR",
		"李":              "李",
		"--":             "",
	} {
		if got := string(FoldName(nil, []byte(in))); got != want {
			t.Errorf("FoldName(%q) = %q, want %q", in, got, want)
		}
		if got := string(FoldName([]byte("X "), []byte(in))); got != "X "+want {
			t.Errorf("FoldName appends %q to %q", got, "X ")
		}
	}
	name, dst := []byte("Smith-Jones"), make([]byte, 0, 32)
	if n := testing.AllocsPerRun(100, func() { dst = FoldName(dst[:0], name) }); n > 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}
