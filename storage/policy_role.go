package storage

import (
	"context"
	"fmt"
)

const selectPoliciesNaming = `
SELECT account_id
FROM (
	SELECT 0::bigint AS account_id FROM setting s
	WHERE s.operator_id = $1 AND s.key = 'security_policy' AND s.value #> '{require_mfa,roles}' @> to_jsonb($2::text)
	UNION ALL
	SELECT a.id FROM account a
	WHERE a.operator_id = $1 AND a.settings #> '{security_policy,require_mfa,roles}' @> to_jsonb($2::text)
) named
ORDER BY account_id`

// PoliciesNaming returns whose security policies ask for a second factor by a role's name: 0 is the operator's own, others are
// those of its accounts. In a transaction of InSystem.
func (t *Tx) PoliciesNaming(ctx context.Context, operator OperatorID, role string) ([]AccountID, error) {
	var places []AccountID
	if err := t.list(ctx, &places, selectPoliciesNaming, int64(operator), role); err != nil {
		return nil, fmt.Errorf("storage: security policy: %w", err)
	}
	return places, nil
}
