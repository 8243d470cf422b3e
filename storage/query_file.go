package storage

import (
	"context"
	"fmt"
	"time"

	"github.com/lib/pq"
)

// A FileEvent is a step on a file's way.
type FileEvent struct {
	State   string    `db:"state"`
	Reason  string    `db:"reason"`                // a code; "": none needed
	RunID   RunID     `db:"run_id" public:"run"`   // 0: not by a run
	ActorID UserID    `db:"actor_id" public:"usr"` // who did it; 0: by itself
	At      time.Time `db:"at"`
}

// A SeverityCount is how many findings of a severity there are.
type SeverityCount struct {
	Severity string `db:"severity"`
	Count    int64  `db:"count" sql:"count(*)"`
}

// A FileDetail is a file with its way and its envelopes.
type FileDetail struct {
	FileItem
	Events        []FileEvent       `db:"-" json:"events"`         // oldest first
	Interchanges  []InterchangeItem `db:"-" json:"interchanges"`   // the first 500
	Contained     []FileItem        `db:"-" json:"contained"`      // unpacked from it, the first 500
	FindingCounts []SeverityCount   `db:"-" json:"finding_counts"` // of the scope
}

const (
	maxInterchanges = 500
	maxEvents       = 500

	interchangeJoins = `
	LEFT JOIN partner p ON p.operator_id = t.operator_id AND p.id = t.partner_id
	LEFT JOIN interchange d ON d.operator_id = t.operator_id AND d.id = t.duplicate_of
	LEFT JOIN interchange u ON u.operator_id = t.operator_id AND u.id = t.reuses`
)

// FileDetail returns a file. A user of an account sees the envelopes around his own sets and his
// own findings' counts.
func (db *DB) FileDetail(ctx context.Context, scope Scope, file FileID) (d FileDetail, err error) {
	err = db.InScopeRead(ctx, scope, func(t *Tx) error {
		if d.FileItem, err = t.fileItem(ctx, file); err != nil {
			return err
		}
		return t.fillFile(ctx, &d)
	})
	return d, err
}

func (t *Tx) fillFile(ctx context.Context, d *FileDetail) (err error) {
	operator, file := d.OperatorID, d.ID
	if d.Events, err = childrenOf[FileEvent](ctx, t, "events of file", "file_event t",
		"t.operator_id = $1 AND t.file_id = $2 ORDER BY t.at, t.id LIMIT $3", operator, file, maxEvents); err != nil {
		return err
	}
	if t.scope.Operator == 0 {
		for i := range d.Events {
			d.Events[i].RunID, d.Events[i].ActorID = 0, 0
		}
	}
	if d.Interchanges, err = t.interchanges(ctx, operator, file); err != nil {
		return err
	}
	d.Contained = []FileItem{}
	if t.scope.Operator != 0 && d.Kind != "x12" { // what holds files is none itself
		if d.Contained, err = t.containedFiles(ctx, operator, d.ID); err != nil {
			return err
		}
	}
	var b bindings
	query := "t.operator_id = " + b.add(operator) + " AND t.file_id = " + b.add(file) + b.and(t.ownFindings()...) + " GROUP BY t.severity ORDER BY t.severity"
	d.FindingCounts, err = childrenOf[SeverityCount](ctx, t, "findings of file", "finding t", query, b.args...)
	return err
}

// containedFiles finds the files unpacked from one, which may be long after it came: once its key is known.
func (t *Tx) containedFiles(ctx context.Context, operator OperatorID, parent FileID) ([]FileItem, error) {
	const condition = "t.operator_id = $1 AND t.parent_file_id = $2 ORDER BY t.id LIMIT $3"
	return childrenOf[FileItem](ctx, t, "contained files", "file t"+fileJoins, condition, operator, parent, maxInterchanges)
}

// interchanges returns those of a file that the scope may see, each with its groups.
func (t *Tx) interchanges(ctx context.Context, operator OperatorID, file FileID) ([]InterchangeItem, error) {
	var b bindings
	condition := "t.operator_id = " + b.add(operator) + " AND t.file_id = " + b.add(file) +
		b.and(t.own("t.operator_id", "a.file_id = t.file_id AND a.interchange_id = t.id")) + " ORDER BY t.ordinal LIMIT " + b.add(maxInterchanges)
	rows, err := childrenOf[InterchangeItem](ctx, t, "interchanges", "interchange t"+interchangeJoins, condition, b.args...)
	if err != nil || len(rows) == 0 {
		return rows, err
	}
	ids := make([]int64, len(rows))
	at := map[int64]*InterchangeItem{}
	for i := range rows {
		rows[i].narrow(t.scope)
		ids[i], at[rows[i].ID], rows[i].Groups = rows[i].ID, &rows[i], []GroupItem{}
	}
	b = bindings{}
	condition = "t.operator_id = " + b.add(operator) + " AND t.file_id = " + b.add(file) + " AND t.interchange_id = ANY (" + b.add(pq.Array(ids)) + "::bigint[])" +
		b.and(t.own("t.operator_id", "a.file_id = t.file_id AND a.interchange_id = t.interchange_id AND a.group_id = t.id")) + " ORDER BY t.interchange_id, t.ordinal LIMIT 5000"
	groups, err := childrenOf[GroupItem](ctx, t, "groups", "functional_group t", condition, b.args...)
	if err != nil {
		return nil, err
	}
	for _, g := range groups {
		g.narrow(t.scope)
		i := at[g.InterchangeID]
		i.Groups = append(i.Groups, g)
	}
	return rows, nil
}

// narrow takes away counts of neighbours' sets and links to files that aren't the scope's.
func (i *InterchangeItem) narrow(s Scope) {
	if s.Operator != 0 {
		return
	}
	i.PartnerID, i.Segments, i.GroupCount, i.ByteStart, i.ByteEnd, i.TA1FileID = 0, 0, 0, 0, 0, 0
	if i.DuplicateOfFileID == 0 {
		i.DuplicateOf = 0
	}
	if i.ReusesFileID == 0 {
		i.Reuses = 0
	}
}

func (g *GroupItem) narrow(s Scope) {
	if s.Operator == 0 {
		g.Sets, g.ByteStart, g.ByteEnd, g.AcknowledgmentFileID = 0, 0, 0, 0
	}
}

// A SetFilter selects transaction sets of a file; zero fields but File select all.
type SetFilter struct {
	File        FileID
	Disposition string
	Verdict     string
}

const setJoins = `
	LEFT JOIN interchange i ON i.operator_id = t.operator_id AND i.id = t.interchange_id
	LEFT JOIN functional_group g ON g.operator_id = t.operator_id AND g.id = t.group_id
	LEFT JOIN transaction_set_summary s ON s.operator_id = t.operator_id AND s.set_id = t.id`

// FileSets returns the transaction sets of a file in file order.
func (db *DB) FileSets(ctx context.Context, scope Scope, f SetFilter, page Page) (rows []SetItem, next Cursor, err error) {
	err = db.InScopeRead(ctx, scope, func(t *Tx) error {
		operator, err := t.operatorOfFile(ctx, f.File)
		if err != nil {
			return err
		}
		plan := listPlan{
			name: "sets", filter: f, part: "t.operator_id", parts: []int64{int64(operator)}, from: "transaction_set t", joins: setJoins,
			orderings: []ordering{{keys: []orderKey{{"t.file_ordinal", "int"}}}},
			ranges:    []condition{where("t.file_id = ?", f.File)},
		}
		if scope.Operator == 0 {
			plan.filters = append(plan.filters, t.own("t.operator_id", "a.set_id = t.id"))
		}
		if f.Disposition != "" {
			plan.filters = append(plan.filters, where("t.disposition = ?", f.Disposition))
		}
		if f.Verdict != "" {
			plan.filters = append(plan.filters, where("t.verdict = ?", f.Verdict))
		}
		rows, next, err = listRows[SetItem](ctx, t, plan, page)
		narrowSets(rows, scope)
		return err
	})
	if err != nil {
		return nil, "", err
	}
	return rows, next, nil
}

func narrowSets(sets []SetItem, s Scope) {
	for i := range sets {
		sets[i].narrow(s)
	}
}

// narrow takes away what counts or reaches over neighbours.
func (s *SetItem) narrow(scope Scope) {
	if scope.Operator == 0 {
		s.Segments, s.ByteStart, s.ByteEnd, s.Errors, s.Warnings, s.DecidedBy, s.Summary = 0, 0, 0, 0, 0, 0, ""
	}
}

// HeldSets returns the operator's sets that are held, oldest first.
func (db *DB) HeldSets(ctx context.Context, scope Scope, page Page) ([]SetItem, Cursor, error) {
	return plainList[SetItem](ctx, db, scope, listPlan{
		name: "held sets", part: "t.operator_id", parts: scope.operatorParts(), from: "transaction_set t", joins: setJoins,
		orderings: byID, ranges: []condition{where("t.disposition = 'held'")},
	}, page)
}

// A SetDetail is a set with its envelopes and the parts of it that the scope may see.
type SetDetail struct {
	SetItem
	File        FileItem        `json:"file"`
	Interchange InterchangeItem `json:"interchange"`
	Group       GroupItem       `json:"group"`
	Units       []UnitItem      `json:"units"` // the first 500
}

// SetDetail returns a transaction set.
func (db *DB) SetDetail(ctx context.Context, scope Scope, set int64) (d SetDetail, err error) {
	err = db.InScopeRead(ctx, scope, func(t *Tx) error {
		operator, err := t.operatorOfSet(ctx, set)
		if err != nil {
			return err
		}
		if d.SetItem, err = detailOf[SetItem](ctx, t, "set", "transaction_set t"+setJoins, "t.operator_id = $1 AND t.id = $2", operator, set); err != nil {
			return err
		}
		d.SetItem.narrow(scope)
		if d.File, err = t.fileItem(ctx, d.FileID); err != nil {
			return err
		}
		if d.Interchange, err = detailOf[InterchangeItem](ctx, t, "interchange", "interchange t"+interchangeJoins, "t.operator_id = $1 AND t.id = $2", operator, d.InterchangeID); err != nil {
			return err
		}
		d.Interchange.Groups = []GroupItem{}
		d.Interchange.narrow(scope)
		if d.Group, err = detailOf[GroupItem](ctx, t, "group", "functional_group t", "t.operator_id = $1 AND t.id = $2", operator, d.GroupID); err != nil {
			return err
		}
		d.Group.narrow(scope)
		d.Units, err = t.unitsOfSet(ctx, operator, set)
		return err
	})
	return d, err
}

// operatorOfSet returns the operator of a set that the scope may see.
func (t *Tx) operatorOfSet(ctx context.Context, set int64) (operator OperatorID, err error) {
	if t.scope.Operator != 0 {
		err = t.get(ctx, &operator, `SELECT operator_id FROM transaction_set WHERE operator_id = $1 AND id = $2`, t.scope.Operator, set)
	} else {
		err = t.get(ctx, &operator, `SELECT operator_id FROM transaction_set_account WHERE account_id = ANY ($1::bigint[]) AND set_id = $2 LIMIT 1`,
			t.scope.accountArray(), set)
	}
	if err != nil {
		return 0, fmt.Errorf("storage: set: %w", err)
	}
	return operator, nil
}
