package storage

import (
	"errors"
	"strings"
	"testing"
)

// An upgrade finds organizations of one name and leaves them as they are: new ones, and those that are renamed, need a name of
// their own from then on.
func TestOrganizationsOfOneNameOutliveTheUpgrade(t *testing.T) {
	t.Parallel()
	db := openTestDB(t)
	w := newTestWorld(t, db)
	ctx := t.Context()
	as := func(statement string) {
		t.Helper()
		if _, err := db.owner.ExecContext(ctx, statement); err != nil {
			t.Fatal(err)
		}
	}
	add := func(name string) (id AccountID, err error) {
		err = db.InSystem(ctx, testActor, func(tx *Tx) (err error) {
			id, err = tx.NewAccount(ctx, w.operator, "practice", name)
			return err
		})
		return id, err
	}
	as(`DROP INDEX account_name`)
	as(`ALTER TABLE account DROP COLUMN name_shared`)
	var twins []AccountID
	for _, name := range []string{"Twin Lakes", "TWIN lakes", "Twin Lakes"} {
		id, err := add(name)
		if err != nil {
			t.Fatal(err)
		}
		twins = append(twins, id)
	}
	file, err := migrationFiles.ReadFile("migrations/00072_account_names.sql")
	if err != nil {
		t.Fatal(err)
	}
	_, up, found := strings.Cut(string(file), "-- +goose Up")
	if !found {
		t.Fatal("the migration has no beginning")
	}
	as(up)
	if names := ownerRows[string](t, db, `SELECT name FROM account WHERE lower(name) = 'twin lakes' ORDER BY id`); strings.Join(names, ", ") != "Twin Lakes, TWIN lakes, Twin Lakes" {
		t.Errorf("the names are %v, want them as they were", names)
	}
	change := func(id AccountID, name string) error {
		return db.InScope(ctx, Scope{Operator: w.operator, Actor: testActor}, func(tx *Tx) error { return tx.ChangeAccount(ctx, id, "practice", name, "UTC") })
	}
	if _, err := add("twin LAKES"); !errors.Is(err, ErrConflict) {
		t.Errorf("a fourth: %v, want ErrConflict", err)
	}
	if err := change(twins[2], "twin lakes"); err != nil {
		t.Errorf("a change that leaves the name: %v", err)
	}
	if err := change(twins[2], "Twin Lakes North"); err != nil {
		t.Errorf("a name of its own: %v", err)
	}
	if err := change(twins[2], "Twin Lakes"); !errors.Is(err, ErrConflict) {
		t.Errorf("back to the name: %v, want ErrConflict", err)
	}
	if err := change(twins[0], "Twin Lakes South"); err != nil {
		t.Errorf("the first under another name: %v", err)
	}
	if _, err := add("Twin Lakes"); !errors.Is(err, ErrConflict) {
		t.Errorf("one more after the first has another name: %v, want ErrConflict: there is one still", err)
	}
}
