package storage

import (
	"context"
	"fmt"

	"github.com/lib/pq"
)

const selectUserNames = `
SELECT u.id, u.name
FROM app_user u
WHERE u.id = ANY ($2::bigint[]) AND EXISTS (
	SELECT 1 FROM membership m` + placeOf + `
	WHERE m.user_id = u.id AND (a.id IS NOT NULL OR o.operator_id IS NOT NULL))`

// UserNames returns the names of those of the users who have, or had, a role at the scope's operator
// or one of its accounts.
func (t *Tx) UserNames(ctx context.Context, ids ...UserID) (map[UserID]string, error) {
	names := map[UserID]string{}
	if len(ids) == 0 {
		return names, nil
	}
	wanted := make([]int64, len(ids))
	for i, id := range ids {
		wanted[i] = int64(id)
	}
	var rows []struct {
		ID   UserID `db:"id"`
		Name string `db:"name"`
	}
	if err := t.list(ctx, &rows, selectUserNames, int64(t.scope.Operator), pq.Array(wanted)); err != nil {
		return nil, fmt.Errorf("storage: names of users: %w", err)
	}
	for _, r := range rows {
		names[r.ID] = r.Name
	}
	return names, nil
}
