package storage

import (
	"context"
	"fmt"
	"time"

	"github.com/lib/pq"
)

// An AccountItem is an account with what routes answers to it.
type AccountItem struct {
	ID          AccountID        `db:"id" public:"acc"`
	OperatorID  OperatorID       `db:"operator_id" public:"opr"`
	Kind        string           `db:"kind"` // practice, billing_service, clearinghouse, unrouted
	Name        string           `db:"name"`
	TimeZone    string           `db:"time_zone"` // "": the operator's
	CreatedAt   time.Time        `db:"created_at"`
	ClosedAt    *time.Time       `db:"closed_at"` // nil: open
	Identifiers []IdentifierItem `db:"-" json:"identifiers"`
}

// An IdentifierItem is an identifier of an account.
type IdentifierItem struct {
	ID        int64     `db:"id" public:"idn"`
	AccountID AccountID `db:"account_id" json:"-"`
	Kind      string    `db:"kind"` // npi, tin, submitter, payer_assigned
	Value     string    `db:"value"`
	PartnerID PartnerID `db:"partner_id" public:"prt"` // 0: whoever the partner is
	ValidFrom Day       `db:"valid_from"`              // "": since ever
	ValidTo   Day       `db:"valid_to"`                // "": for ever
}

// OperatorAccounts returns the accounts of the operator in scope by name, the unrouted one among
// them; for users of accounts their own. At most 5,000.
func (db *DB) OperatorAccounts(ctx context.Context, scope Scope) (rows []AccountItem, err error) {
	err = db.InScopeRead(ctx, scope, func(t *Tx) error {
		if rows, err = childrenOf[AccountItem](ctx, t, "accounts", "account t",
			"t.operator_id = $1 OR t.id = ANY ($2::bigint[]) ORDER BY t.name, t.id LIMIT 5000", scope.Operator, scope.accountArray()); err != nil {
			return err
		}
		return t.fillIdentifiers(ctx, rows)
	})
	return rows, err
}

// Account returns one account; ErrNotFound.
func (db *DB) Account(ctx context.Context, scope Scope, id AccountID) (a AccountItem, err error) {
	err = db.InScopeRead(ctx, scope, func(t *Tx) error {
		if a, err = detailOf[AccountItem](ctx, t, "account", "account t", "t.id = $1 AND (t.operator_id = $2 OR t.id = ANY ($3::bigint[]))",
			id, scope.Operator, scope.accountArray()); err != nil {
			return err
		}
		one := []AccountItem{a}
		err = t.fillIdentifiers(ctx, one)
		a = one[0]
		return err
	})
	return a, err
}

func (t *Tx) fillIdentifiers(ctx context.Context, accounts []AccountItem) error {
	ids := make([]int64, len(accounts))
	at := map[AccountID]*AccountItem{}
	for i := range accounts {
		ids[i], at[accounts[i].ID], accounts[i].Identifiers = int64(accounts[i].ID), &accounts[i], []IdentifierItem{}
	}
	found, err := childrenOf[IdentifierItem](ctx, t, "identifiers", "account_identifier t", "t.account_id = ANY ($1::bigint[]) ORDER BY t.account_id, t.kind, t.value, t.id", pq.Array(ids))
	if err != nil {
		return fmt.Errorf("storage: accounts: %w", err)
	}
	for _, i := range found {
		a := at[i.AccountID]
		a.Identifiers = append(a.Identifiers, i)
	}
	return nil
}
