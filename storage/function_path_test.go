package storage

import (
	"strings"
	"testing"
)

// What runs with the owner's rights takes its tables from our schema: a temporary table of the caller doesn't stand in for
// one of ours, and no schema is named that another installation may not have.
func TestFunctionsOfTheOwnerMeanOurTables(t *testing.T) {
	t.Parallel()
	db := openTestDB(t)
	w := newTestWorld(t, db)
	ctx := t.Context()
	var functions []struct {
		Name string `db:"name"`
		Path string `db:"path"`
	}
	err := db.owner.SelectContext(ctx, &functions, `
		SELECT p.proname AS name, coalesce(array_to_string(p.proconfig, ';'), '') AS path
		FROM pg_proc p
		WHERE p.prosecdef AND p.pronamespace = current_schema()::regnamespace`)
	if err != nil {
		t.Fatal(err)
	}
	if len(functions) < 7 {
		t.Errorf("only %d functions", len(functions))
	}
	for _, f := range functions {
		if f.Path != "search_path=public, pg_temp" {
			t.Errorf("%s has %q", f.Name, f.Path)
		}
	}
	err = db.inTx(ctx, db.app, Scope{Actor: testActor}, nil, func(tx *Tx) error {
		for _, statement := range []string{
			`CREATE TEMP TABLE membership (id bigint, user_id bigint, operator_id bigint, account_id bigint, ended_at timestamptz) ON COMMIT DROP`,
			`GRANT SELECT ON membership TO PUBLIC`,
			`INSERT INTO membership VALUES (1, 77, ` + idOrNothing(w.operator) + `, NULL, NULL)`,
		} {
			if _, err := tx.exec(ctx, statement); err != nil {
				return err
			}
		}
		tx.scope.Actor = Actor{Kind: ActorUser, ID: 77}
		return tx.Audit(ctx, AuditEvent{Action: "signin.failed"})
	})
	if err != nil {
		t.Fatal(err)
	}
	var operators []string
	if err := db.owner.SelectContext(ctx, &operators, `SELECT operator_id::text FROM audit_event WHERE actor_id = 77`); err != nil {
		t.Fatal(err)
	}
	if strings.Join(operators, " ") != "0" {
		t.Errorf("the event went to operator %v, as the caller's own table says", operators)
	}
}
