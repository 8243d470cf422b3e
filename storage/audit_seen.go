package storage

import (
	"strings"

	"github.com/lib/pq"
)

// listsOf are the names of the lists that show rows of a kind.
var listsOf = map[string][]string{
	"claim": {"claims", "claims of remittance"}, "eligibility": {"eligibility"}, "claim_status": {"claim statuses"}, "authorization": {"authorizations"},
}

// originalOf begins the kind of an object whose original was shown: "original.claim".
const originalOf = "original."

// rowsSeen are the events in which one of the rows was shown, or a part of a file, a set or a file with one of them.
func rowsSeen(rows []RowRef, parts fileParts) condition {
	var seen []condition
	byKind := map[string][]int64{}
	for _, r := range rows {
		byKind[r.Kind] = append(byKind[r.Kind], r.ID)
	}
	for _, kind := range sortedKeys(byKind) {
		ids := byKind[kind]
		seen = append(seen,
			where("t.object_kind = ANY (?::text[]) AND t.object_id = ANY (?::bigint[])", pq.Array([]string{kind, originalOf + kind}), pq.Array(ids)),
			where("t.action = 'patient.list' AND t.detail ->> 'list' = ANY (?::text[]) AND t.detail -> 'ids' @> ANY (ARRAY(SELECT to_jsonb(i) FROM unnest(?::bigint[]) i))",
				pq.Array(listsOf[kind]), pq.Array(ids)))
	}
	if len(parts.units) > 0 {
		seen = append(seen,
			where("t.object_kind = 'original.unit' AND t.object_id = ANY (?::bigint[])", pq.Array(parts.units)),
			parts.within(originalOf+"set", parts.sets, "t.account_id IS NULL OR "),
			parts.within(originalOf+"file", parts.files, "t.account_id IS NULL OR "),
			parts.within("file", parts.files, "")) // findings with values
	}
	if len(seen) == 0 {
		return where("false")
	}
	return anyOf(seen)
}

// within are the events about a set or file of the parts, by who sees all of it, or on behalf of the account that a part
// belonged to at that time: that of the first re-routing since, else its present one. Of others the account's
// users saw their own parts only.
func (p fileParts) within(kind string, whole []int64, all string) condition {
	return where(`t.object_kind = ? AND t.object_id = ANY (?::bigint[]) AND (`+all+`EXISTS (
		SELECT 1
		FROM unnest(?::bigint[], ?::bigint[], ?::bigint[]) AS part (unit, whole, account)
		WHERE part.whole = t.object_id AND t.account_id = coalesce((
			SELECT (r.detail ->> 'from')::bigint
			FROM audit_event r
			WHERE r.operator_id = t.operator_id AND r.object_kind = 'routing_unit' AND r.object_id = part.unit AND r.action = 'unit.rerouted' AND r.at > t.at
			ORDER BY r.at
			LIMIT 1), part.account)))`,
		kind, pq.Array(whole), pq.Array(p.units), pq.Array(whole), pq.Array(p.accounts))
}

// anyOf is what one of the conditions holds for.
func anyOf(conditions []condition) condition {
	parts, args := make([]string, len(conditions)), []any{}
	for i, c := range conditions {
		parts[i] = c.sql
		args = append(args, c.args...)
	}
	return condition{strings.Join(parts, "\n\t\tOR "), args}
}
