package storage

import "strings"

// A personSearch finds rows of a kind by the person they mention, through the one table that has
// names and member ids indexed.
type personSearch struct {
	Kind     string // person_mention.kind
	Name     string
	MemberID string
}

func (s personSearch) asked() bool { return s.Name != "" || s.MemberID != "" }

var (
	byName     = []ordering{{keys: []orderKey{{"m.last_name", "text"}, {"m.first_name", "text"}, {"m.row_id", "bigint"}, {"m.role", "text"}}}}
	byMemberID = []ordering{{keys: []orderKey{{"m.row_id", "bigint"}, {"m.last_name", "text"}, {"m.first_name", "text"}, {"m.role", "text"}}}}
)

// plan returns the list of a table's rows: in its own order, newest first, or, if a person is asked
// for, by name or member id.
func (s personSearch) plan(table, joins string, own []ordering) listPlan {
	if !s.asked() {
		return listPlan{part: "t.account_id", from: table + " t", joins: joins, orderings: own, desc: true}
	}
	plan := listPlan{
		part: "m.account_id", from: "person_mention m",
		// OFFSET 0 keeps the rows' table behind the mentions, whatever the planner believes of their number.
		joins: "JOIN LATERAL (SELECT * FROM " + table + " r WHERE r.account_id = m.account_id AND r.id = m.row_id OFFSET 0) t ON true" + joins,
	}
	last, first, exact := foldSearch(s.Name)
	switch {
	case s.Name == "":
		plan.orderings, plan.desc = byMemberID, true
		plan.ranges = []condition{where("m.member_id = ?", s.MemberID), where("m.kind = ?", s.Kind)}
		return plan
	case last == "": // nothing of the name can be searched
		plan.ranges = []condition{where("false")}
	case exact:
		plan.ranges = append([]condition{where("m.last_name = ?", last)}, prefixRange("m.first_name", first)...)
	default:
		plan.ranges = prefixRange("m.last_name", last)
	}
	plan.orderings = byName
	plan.filters = []condition{where("m.kind = ?", s.Kind)}
	if s.MemberID != "" {
		plan.filters = append(plan.filters, where("m.member_id = ?", s.MemberID))
	}
	return plan
}

// foldSearch reads what a person typed: "smith" begins a last name, "Smith, Jo" is a last name and
// begins a first one.
func foldSearch(name string) (last, first string, exact bool) {
	l, f, exact := strings.Cut(name, ",")
	return string(FoldName(nil, []byte(l))), string(FoldName(nil, []byte(f))), exact
}
