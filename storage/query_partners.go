package storage

import "context"

// A PartnerItem is a trading partner as it is offered for choice.
type PartnerItem struct {
	ID   PartnerID `db:"id" public:"prt"`
	Name string    `db:"name"`
}

// maxPartners bounds what a drop-down can hold.
const maxPartners = 2000

// Partners returns the operator's partners by name, the first 2,000; none for users of accounts.
func (db *DB) Partners(ctx context.Context, scope Scope) (rows []PartnerItem, err error) {
	if scope.Operator == 0 {
		return []PartnerItem{}, nil
	}
	err = db.InScopeRead(ctx, scope, func(t *Tx) error {
		rows, err = childrenOf[PartnerItem](ctx, t, "partners", "partner t",
			"t.operator_id = $1 ORDER BY t.name, t.id LIMIT $2", scope.Operator, maxPartners)
		return err
	})
	return rows, err
}
