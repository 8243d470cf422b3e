package storage

import (
	"context"
	"fmt"
	"time"

	"github.com/lib/pq"
)

// A RowRef names a row of results.
type RowRef struct {
	Kind string `db:"kind"` // claim, eligibility, claim_status, authorization; remittance
	ID   int64  `db:"id"`
}

// PatientRows are the rows that speak of a patient, and the parts of files in which they stand.
type PatientRows struct {
	Rows  []RowRef
	Units []int64
	More  bool // there are more, older ones, that were not read
}

// patientRow is a row of results with its part of a file.
type patientRow struct {
	RowRef
	Unit int64 `db:"unit_id"`
}

// maxPatientRows bounds the rows of one report.
const maxPatientRows = 2000

const selectPatientRows = `
WITH mentioned AS (
	SELECT DISTINCT m.kind, m.row_id, m.unit_id
	FROM person_mention m
	WHERE m.account_id = ANY ($1::bigint[]) AND m.member_id = $2 AND m.kind <> 'inquiry'
	ORDER BY m.row_id DESC
	LIMIT $3)
SELECT CASE kind WHEN 'status' THEN 'claim_status' ELSE kind END AS kind, row_id AS id, unit_id FROM mentioned
UNION
SELECT 'remittance', c.payment_id, c.unit_id FROM claim_payment c JOIN mentioned m ON m.kind = 'claim' AND m.row_id = c.id WHERE c.account_id = ANY ($1::bigint[])
ORDER BY id DESC`

// RowsOfMember returns what names a member id in the scope's accounts, as far as their limits let it: the rows of
// results, the payments they are of, and the parts of files in which they stand.
func (t *Tx) RowsOfMember(ctx context.Context, memberID string) (PatientRows, error) {
	var found []patientRow
	if err := t.list(ctx, &found, selectPatientRows, t.scope.accountArray(), memberID, maxPatientRows+1); err != nil {
		return PatientRows{}, fmt.Errorf("storage: rows of a member: %w", err)
	}
	return patientRowsOf(found), nil
}

func patientRowsOf(found []patientRow) PatientRows {
	var p PatientRows
	mentions, units := 0, map[int64]bool{}
	for _, r := range found {
		if r.Kind != "remittance" {
			mentions++
		}
		p.Rows = append(p.Rows, r.RowRef)
		if !units[r.Unit] {
			units[r.Unit] = true
			p.Units = append(p.Units, r.Unit)
		}
	}
	p.More = mentions > maxPatientRows
	return p
}

// resultTables are the tables of rows that speak of one patient.
var resultTables = map[string]string{
	"claim": "claim_payment", "eligibility": "eligibility_answer", "claim_status": "claim_status_answer", "authorization": "authorization_event",
}

// AccountOfRow returns whose row of results it is, and the row with its part of a file, if the scope may see it; else
// ErrNotFound.
func (t *Tx) AccountOfRow(ctx context.Context, r RowRef) (AccountID, PatientRows, error) {
	table, ok := resultTables[r.Kind]
	if !ok {
		return 0, PatientRows{}, ErrNotFound
	}
	payment := "0"
	if r.Kind == "claim" {
		payment = "payment_id"
	}
	var row struct {
		Account AccountID `db:"account_id"`
		Unit    int64     `db:"unit_id"`
		Payment int64     `db:"payment_id"`
	}
	err := t.get(ctx, &row, `SELECT account_id, unit_id, `+payment+` AS payment_id FROM `+table+` WHERE account_id = ANY ($1::bigint[]) AND id = $2`,
		t.scope.accountArray(), r.ID)
	if err != nil {
		return 0, PatientRows{}, fmt.Errorf("storage: %s: %w", r.Kind, err)
	}
	found := []patientRow{{r, row.Unit}}
	if row.Payment != 0 {
		found = append(found, patientRow{RowRef{"remittance", row.Payment}, row.Unit})
	}
	return row.Account, patientRowsOf(found), nil
}

// A ViewFilter selects the events in which rows of a patient were shown.
type ViewFilter struct {
	Of       PatientRows
	Asked    any // what was asked for, as JSON can carry it: cursors fit the same question only
	From, To *time.Time
}

// PatientViews returns the events in which the rows were shown, newest first: alone, in a list, in their part of a file, or in
// the whole file or set, to whomever of the scope's operator or its accounts. The scope is the operator's, since whoever
// opened a whole file did it in the exchange plane; the caller answers for who may know.
func (db *DB) PatientViews(ctx context.Context, scope Scope, f ViewFilter, page Page) (events []AuditItem, next Cursor, err error) {
	err = db.InScopeRead(ctx, scope, func(t *Tx) error {
		parts, err := t.partsOf(ctx, f.Of.Units)
		if err != nil {
			return err
		}
		plan := listPlan{
			name: "patient views", filter: []any{f.Asked, f.From, f.To}, from: "audit_event t", orderings: byTimeDown, desc: true,
			part: "t.operator_id", parts: scope.operatorParts(), ranges: append(timeRange(f.From, f.To), rowsSeen(f.Of.Rows, parts)),
		}
		events, next, err = listRows[AuditItem](ctx, t, plan, page)
		return err
	})
	if err != nil {
		return nil, "", fmt.Errorf("storage: who saw a patient: %w", err)
	}
	return events, next, nil
}

// fileParts are parts of files, each a place in all of the arrays.
type fileParts struct{ units, sets, files, accounts []int64 }

func (t *Tx) partsOf(ctx context.Context, units []int64) (p fileParts, err error) {
	var found []struct {
		ID      int64 `db:"id"`
		Set     int64 `db:"set_id"`
		File    int64 `db:"file_id"`
		Account int64 `db:"account_id"`
	}
	err = t.list(ctx, &found, `SELECT id, set_id, file_id, account_id FROM routing_unit WHERE operator_id = $1 AND id = ANY ($2::bigint[]) ORDER BY id`,
		int64(t.scope.Operator), pq.Array(units))
	for _, u := range found {
		p.units, p.sets = append(p.units, u.ID), append(p.sets, u.Set)
		p.files, p.accounts = append(p.files, u.File), append(p.accounts, u.Account)
	}
	return p, err
}
