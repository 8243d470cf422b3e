package storage

import "context"

// A FindingFilter selects findings of a file; zero fields but File select all.
type FindingFilter struct {
	File     FileID
	Set      int64
	Unit     int64
	Severity string
}

// FileFindings returns the findings of a file in file order: all for the operator, those inside
// their own routing units for users of accounts.
func (db *DB) FileFindings(ctx context.Context, scope Scope, f FindingFilter, page Page) (rows []FindingItem, next Cursor, err error) {
	err = db.InScope(ctx, scope, func(t *Tx) error {
		operator, err := t.operatorOfFile(ctx, f.File)
		if err != nil {
			return err
		}
		plan := listPlan{
			name: "findings", filter: f, part: "t.operator_id", parts: []int64{int64(operator)}, from: "finding t",
			orderings: []ordering{{keys: []orderKey{{"t.no", "int"}}}},
			ranges:    []condition{where("t.file_id = ?", f.File)},
		}
		plan.ranges = append(plan.ranges, t.ownFindings()...)
		if f.Set != 0 {
			plan.ranges = append(plan.ranges, where("t.set_id = ?", f.Set))
		}
		if f.Unit != 0 {
			plan.filters = append(plan.filters, where("t.unit_id = ?", f.Unit))
		}
		if f.Severity != "" {
			plan.filters = append(plan.filters, where("t.severity = ?", f.Severity))
		}
		if rows, next, err = listRows[FindingItem](ctx, t, plan, page); err != nil {
			return err
		}
		return t.auditFindings(ctx, f.File, rows)
	})
	if err != nil {
		return nil, "", err
	}
	return rows, next, nil
}

// auditFindings: findings that show an element's value may show a patient's. Their file stands in the event.
func (t *Tx) auditFindings(ctx context.Context, file FileID, rows []FindingItem) error {
	shown := shownRows{}
	for i := range rows {
		if rows[i].Value != "" {
			shown.add(rows[i].AccountID, 0)
		}
	}
	return t.auditListOf(ctx, RowRef{"file", int64(file)}, "findings", nil, shown)
}

// ownFindings bounds findings to those that the scope may see, besides the operator in the key.
func (t *Tx) ownFindings() []condition {
	if t.scope.Operator != 0 {
		return nil
	}
	return []condition{where("t.account_id = ANY (?::bigint[])", t.scope.accountArray())}
}
