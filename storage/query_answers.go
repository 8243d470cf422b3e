package storage

import "slices"

// A CodeText is a code with what it means, "" if that isn't known.
type CodeText struct {
	Code string `json:"code"`
	Text string `json:"text"`
}

// An AnswerFilter selects answers of 271, 277 and 278; zero fields select all.
type AnswerFilter struct {
	Account  AccountID
	Name     string // "SMITH" begins the last name, "SMITH, JO" is the last name and begins the first
	MemberID string // exactly
	Trace    string // TRN02, exactly
	PayerID  PayerID
	From, To Day    // answered on, else received (UTC); both included
	Status   string // eligibility: its status; claim status: beginning of the category code; authorization: its outcome
	Usage    string // "": P

	PatientControlNumber string // claim statuses: exactly
	Kind                 string // authorizations: request, response; claim statuses: 277, 277CA
	Certification        string // authorizations: number, exactly
}

// plan returns the list of one kind of answers: newest first, by name if one is asked for. It is
// false if nothing can match.
func (f *AnswerFilter) plan(scope Scope, name, kind, table string) (listPlan, bool) {
	const joins = "\n\tLEFT JOIN account a ON a.id = t.account_id"
	people := personSearch{Kind: kind, Name: f.Name, MemberID: f.MemberID}
	plan := people.plan(table, joins, byID)
	plan.name, plan.parts = name, scope.accountParts(f.Account)
	if people.asked() || f.Trace != "" || f.PatientControlNumber != "" {
		plan.parts = scope.unmaskedParts(f.Account)
	}
	usage, filters := usageFilter(f.Usage)
	f.Usage = usage
	if f.PayerID != 0 {
		filters = append(filters, where("t.payer_id = ?", f.PayerID))
	}
	days, ok := dayFilters("coalesce(t.answered_on, (t.received_at AT TIME ZONE 'UTC')::date)", f.From, f.To)
	plan.filters = slices.Concat(plan.filters, filters, days)
	f.exactly(&plan, people, "t.trace_number", f.Trace)
	return plan, ok
}

// exactly looks for a number by its index, or, when people are looked for, among what was found.
func (f *AnswerFilter) exactly(plan *listPlan, people personSearch, column, value string) {
	switch {
	case value == "":
	case people.asked():
		plan.filters = append(plan.filters, where(column+" = ?", value))
	default:
		plan.ranges = append(plan.ranges, where(column+" = ?", value))
	}
}

func (f *AnswerFilter) people() personSearch {
	return personSearch{Name: f.Name, MemberID: f.MemberID}
}
