package storage

import (
	"context"
	"fmt"
	"time"

	"github.com/lib/pq"
)

// An AccountNPI is an NPI of an account.
type AccountNPI struct {
	Account AccountID `db:"account_id"`
	NPI     string    `db:"value"`
	Valid   bool      `db:"valid"` // on the day asked for
}

const selectAccountNPIs = `
SELECT account_id, value, bool_or(coalesce(valid_from <= $2::date, true) AND coalesce(valid_to >= $2::date, true)) AS valid
FROM account_identifier
WHERE account_id = ANY ($1) AND kind = 'npi'
GROUP BY account_id, value
ORDER BY account_id, value`

// AccountNPIs returns the NPIs of accounts, and whether they are valid on the day. It reads in the system's scope.
func (s *SignIn) AccountNPIs(ctx context.Context, accounts []AccountID, day time.Time) ([]AccountNPI, error) {
	ids := make([]int64, len(accounts))
	for i, a := range accounts {
		ids[i] = int64(a)
	}
	npis := []AccountNPI{}
	err := s.db.InSystem(ctx, Actor{Kind: ActorSystem}, func(t *Tx) error {
		return t.list(ctx, &npis, selectAccountNPIs, pq.Array(ids), day.Format(time.DateOnly))
	})
	if err != nil {
		return nil, fmt.Errorf("storage: NPIs: %w", err)
	}
	return npis, nil
}
