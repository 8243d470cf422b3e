package roster

import (
	"slices"
	"strings"
)

// A Kind is what is made of a roster: 270, 276 or 278.
type Kind string

// Kinds of inquiries.
const (
	Eligibility   Kind = "270"
	Status        Kind = "276"
	Authorization Kind = "278"
)

// Kinds are all kinds.
var Kinds = []Kind{Eligibility, Status, Authorization}

// A Column is one column of a roster.
type Column struct {
	Name     string
	Doc      string
	Required bool   // in each row, unless Options.Defaults has it
	Kinds    []Kind // that have it; nil: all

	read func(r *row, text string) string // takes the value; returns what is wrong with it, "" if nothing is
}

func (c *Column) of(k Kind) bool { return c.Kinds == nil || slices.Contains(c.Kinds, k) }

// Columns lists the columns that rosters of a kind may have.
func (k Kind) Columns() []Column {
	var list []Column
	for _, c := range columns {
		if c.of(k) {
			list = append(list, c)
		}
	}
	return list
}

func (k Kind) column(name string) *Column {
	for i := range columns {
		if columns[i].Name == name && columns[i].of(k) {
			return &columns[i]
		}
	}
	return nil
}

// headerName is a column's name however its header is written: "Birth Date" is birth_date.
func headerName(text string) string {
	return strings.ReplaceAll(strings.ToLower(strings.TrimSpace(text)), " ", "_")
}

var (
	asksCoverage = []Kind{Eligibility}
	asksClaim    = []Kind{Status}
	asksCare     = []Kind{Authorization}
	hasCare      = []Kind{Eligibility, Authorization}
)

// columns are in the order of the documentation.
var columns = []Column{
	text("payer_id", "id of the payer, NM109", 2, 80, func(r *row) *string { return &r.payer.id }).required(),
	text("payer_name", "name of the payer, NM103", 1, 60, func(r *row) *string { return &r.payer.name }).required(),
	coded("payer_id_qualifier", "PI payer id (if empty), XV national plan id …: NM108", func(r *row) *string { return &r.payer.qualifier }),
	{Name: "provider_npi", Doc: "NPI of the provider who asks, with its check digit: NM109", Required: true, read: readNPI},
	text("provider_name", "organization, or last name of a person, NM103", 1, 60, func(r *row) *string { return &r.provider.name }).required(),
	text("provider_first_name", "of a person, NM104; empty for an organization", 1, 35, func(r *row) *string { return &r.provider.first }),

	text("member_id", "of the subscriber, NM109", 2, 80, func(r *row) *string { return &r.subscriber.id }).required(),
	text("last_name", "of the subscriber, NM103", 1, 60, func(r *row) *string { return &r.subscriber.last }).required(),
	text("first_name", "NM104", 1, 35, func(r *row) *string { return &r.subscriber.first }).required(),
	text("middle_name", "NM105", 1, 25, func(r *row) *string { return &r.subscriber.middle }),
	text("suffix", "NM107", 1, 10, func(r *row) *string { return &r.subscriber.suffix }),
	date("birth_date", "of the subscriber, DMG02", nil, func(r *row) *day { return &r.subscriber.birth }).required(),
	gender("gender", "F or M; a 278 may say U: DMG03", func(r *row) *string { return &r.subscriber.gender }),

	text("dependent_last_name", "of the patient, if not the subscriber", 1, 60, func(r *row) *string { return &r.dependent.last }),
	text("dependent_first_name", "its first name", 1, 35, func(r *row) *string { return &r.dependent.first }),
	text("dependent_middle_name", "its middle name", 1, 25, func(r *row) *string { return &r.dependent.middle }),
	date("dependent_birth_date", "its date of birth", nil, func(r *row) *day { return &r.dependent.birth }),
	gender("dependent_gender", "as gender", func(r *row) *string { return &r.dependent.gender }),
	relationship(),

	trace(),
	text("patient_account", "the provider's number of the patient, REF*EJ", 1, 50, func(r *row) *string { return &r.account }).only(hasCare),
	text("group_number", "of the plan, REF*6P", 1, 50, func(r *row) *string { return &r.group }).only(asksCoverage),
	date("service_date", "day of care; for a 270 the day asked about, else today", nil, func(r *row) *day { return &r.service.from }),
	date("service_date_to", "last day, if it is a period", nil, func(r *row) *day { return &r.service.to }),

	list("service_types", "what is asked about, EQ01, separated by blanks or semicolons; 30, the plan, if empty and there is no procedure", asksCoverage, func(r *row) *[]string { return &r.serviceTypes }),
	coded("service_type", "kind of care, UM03", func(r *row) *string { return &r.serviceType }).only(asksCare),
	coded("procedure", "HCPCS or CPT code", func(r *row) *string { return &r.procedure }).only(hasCare),
	list("modifiers", "up to four, separated by blanks or semicolons", hasCare, func(r *row) *[]string { return &r.modifiers }),

	text("payer_claim_control_number", "the payer's number of the claim, REF*1K", 1, 50, func(r *row) *string { return &r.payerClaim }).only(asksClaim),
	text("patient_control_number", "the provider's number of the claim, REF*EJ", 1, 50, func(r *row) *string { return &r.account }).only(asksClaim),
	coded("bill_type", "of an institutional claim, REF*BLT", func(r *row) *string { return &r.billType }).only(asksClaim),
	amount("charge", "total charge of the claim, AMT*T3", asksClaim, func(r *row) *number { return &r.charge }),

	coded("request_category", "UM01: HS health services (if empty), AR admission, SC specialty care, IN individual", func(r *row) *string { return &r.category }).only(asksCare),
	coded("certification_type", "UM02: I initial (if empty), R renewal, 3 cancel …", func(r *row) *string { return &r.certification }).only(asksCare),
	coded("place_of_service", "UM04-1", func(r *row) *string { return &r.place }).only(asksCare),
	list("diagnoses", "ICD-10-CM codes, with or without the point, the principal one first", asksCare, func(r *row) *[]string { return &r.diagnoses }),
	amount("quantity", "of the procedure, in units", asksCare, func(r *row) *number { return &r.quantity }),
	amount("service_charge", "of the procedure", asksCare, func(r *row) *number { return &r.charge }),
	text("message", "MSG01", 1, 264, func(r *row) *string { return &r.message }).only(asksCare),
}

func (c Column) required() Column {
	c.Required = true
	return c
}

func (c Column) only(kinds []Kind) Column {
	c.Kinds = kinds
	return c
}
