package web

import (
	"slices"
	"strings"

	"github.com/ediport/ediport/edi/codes"
	"github.com/ediport/ediport/storage"
)

// A headline is what an answer says in one line, with the statements that it rests on. It never says
// more than the payer did.
type headline struct {
	State, Tone, Title, Sentence string
	Evidence                     []storage.BenefitItem
}

var headlines = map[string]headline{
	"active":         {Tone: "ok", Title: "The plan is active", Sentence: "That the plan is active doesn’t say that a certain service is covered: see what the payer states below."},
	"inactive":       {Tone: "bad", Title: "The plan is not active", Sentence: "The payer states no active coverage for the day asked about."},
	"not_found":      {Tone: "warn", Title: "The payer didn’t find this person", Sentence: "This doesn’t say that there is no coverage: check the member ID, name and birth date, then ask again."},
	"refused":        {Tone: "warn", Title: "The payer didn’t answer the question", Sentence: "The reason and what to do next stand below."},
	"partly_refused": {Tone: "warn", Title: "The payer answered only in part", Sentence: "See the reasons and the benefits below."},
	"contradictory":  {Tone: "warn", Title: "The payer’s statements contradict each other", Sentence: "It says that the plan is active and that it isn’t. Both statements are shown; ask the payer which one holds."},
	"not_stated":     {Tone: "idle", Title: "The payer doesn’t say whether the plan is active", Sentence: "There are statements below, but none on the coverage itself."},
}

// headlineOf returns the answer's headline. Its evidence are the statements on the plan as a whole, else
// those on single services.
func headlineOf(d *storage.EligibilityDetail) headline {
	h, ok := headlines[d.Status]
	if !ok {
		h = headlines["not_stated"]
	}
	h.State = d.Status
	var plan, single []storage.BenefitItem
	for _, b := range d.BenefitList {
		switch {
		case !statesCoverage(b.InformationCode):
		case ofThePlan(b):
			plan = append(plan, b)
		default:
			single = append(single, b)
		}
	}
	h.Evidence = plan
	if len(plan) == 0 {
		h.Evidence = single
		if d.Status == "active" && len(single) > 0 {
			h.Title, h.Sentence = "Active for certain services", "The payer states this for the services named here, not for the plan as a whole."
		}
	}
	if len(h.Evidence) > maxEvidence {
		h.Evidence = h.Evidence[:maxEvidence]
	}
	return h
}

const maxEvidence = 6

// statesCoverage tells whether EB01 says that coverage is active (1–5) or not (6–8).
func statesCoverage(code string) bool { return len(code) == 1 && code[0] >= '1' && code[0] <= '8' }

// ofThePlan tells whether a statement is on the plan as a whole: service type 30 or none.
func ofThePlan(b storage.BenefitItem) bool {
	return b.ProcedureCode == "" && (len(b.ServiceTypes) == 0 && b.ServiceType == "" || b.ServiceType == "30" ||
		slices.ContainsFunc(b.ServiceTypes, func(t storage.CodeText) bool { return t.Code == "30" }))
}

// A benefitGroup is the statements of one kind, in a table whose columns are the networks.
type benefitGroup struct {
	Title, Hint string
	Matrix      bool             // amounts by network; else single statements
	Networks    []benefitNetwork // the columns, those that occur
	Rows        []benefitRow
}

// A benefitNetwork is what EB12 says of a benefit's network.
type benefitNetwork struct{ Code, Label string }

var networks = []benefitNetwork{
	{"Y", "In network"}, {"N", "Out of network"}, {"W", "Either network"}, {"", "Network not stated"},
}

// A benefitRow is what is said of the same services at the same level of coverage.
type benefitRow struct {
	Services  []storage.CodeText
	Level     string
	Insurance string
	Plan      string
	Procedure string
	Cells     [][]storage.BenefitItem // by network
	key       string
}

// benefitKinds are the groups in the order in which a biller asks for them.
var benefitKinds = []struct {
	codes, title, hint string
	matrix             bool
}{
	{"12345678", "Coverage", "", false},
	{"B", "Copayment", "what the patient pays per visit or service", true},
	{"A", "Coinsurance", "the patient’s share", true},
	{"C", "Deductible", "“remaining” stands only where the payer says it", true},
	{"G", "Out-of-pocket maximum", "“remaining” stands only where the payer says it", true},
	{"F", "Limitations", "visits, days and amounts", true},
	{"YJ", "Spend down and cost containment", "", true},
	{"IE", "Not covered and excluded", "", false},
	{"HKMNOPQSTVWXDZ", "More statements", "", false},
	{"R", "Other coverage", "what the payer knows of other payers", false},
	{"LU3M", "Whom to turn to", "", false},
}

// benefitGroups puts benefits into groups; a code that no group names is among "More statements".
func benefitGroups(benefits []storage.BenefitItem) []benefitGroup {
	byKind := make([][]storage.BenefitItem, len(benefitKinds))
	for _, b := range benefits {
		i := kindOf(b.InformationCode)
		byKind[i] = append(byKind[i], b)
	}
	var groups []benefitGroup
	for i, kind := range benefitKinds {
		if len(byKind[i]) == 0 {
			continue
		}
		g := benefitGroup{Title: kind.title, Hint: kind.hint, Matrix: kind.matrix, Networks: networksOf(byKind[i])}
		if !kind.matrix {
			g.Networks = networks[:0:0]
		}
		g.fill(byKind[i])
		groups = append(groups, g)
	}
	return groups
}

func kindOf(code string) int {
	other := 0
	for i, kind := range benefitKinds {
		if code != "" && strings.Contains(kind.codes, code) {
			return i
		}
		if kind.title == "More statements" {
			other = i
		}
	}
	return other
}

// networksOf returns the columns that occur, in their order.
func networksOf(benefits []storage.BenefitItem) []benefitNetwork {
	var found []benefitNetwork
	for _, n := range networks {
		if slices.ContainsFunc(benefits, func(b storage.BenefitItem) bool { return networkOf(b) == n.Code }) {
			found = append(found, n)
		}
	}
	return found
}

// networkOf returns EB12 as one of the columns; what isn't known counts as not stated.
func networkOf(b storage.BenefitItem) string {
	switch b.Network {
	case "Y", "N", "W":
		return b.Network
	}
	return ""
}

// fill makes the rows: in a matrix one for the same services, level, plan and procedure, else one for each.
func (g *benefitGroup) fill(benefits []storage.BenefitItem) {
	for _, b := range benefits {
		row := benefitRow{
			Services: b.ServiceTypes, Level: meaning(codes.CoverageLevel, b.CoverageLevel), Insurance: b.InsuranceText,
			Plan: b.PlanName, Procedure: procedure(b.ProcedureQualifier, b.ProcedureCode, b.Modifiers),
		}
		column := 0
		if g.Matrix {
			row.key = strings.Join([]string{serviceCodes(b), b.CoverageLevel, b.InsuranceType, b.PlanName, row.Procedure}, "\x00")
			column = slices.IndexFunc(g.Networks, func(n benefitNetwork) bool { return n.Code == networkOf(b) })
		}
		at := len(g.Rows)
		if g.Matrix {
			if same := slices.IndexFunc(g.Rows, func(r benefitRow) bool { return r.key == row.key }); same >= 0 {
				at = same
			}
		}
		if at == len(g.Rows) {
			row.Cells = make([][]storage.BenefitItem, max(len(g.Networks), 1))
			g.Rows = append(g.Rows, row)
		}
		cells := g.Rows[at].Cells
		cells[column] = append(cells[column], b)
	}
}

func serviceCodes(b storage.BenefitItem) string {
	var all strings.Builder
	all.WriteString(b.ServiceType)
	for _, t := range b.ServiceTypes {
		all.WriteString("^" + t.Code)
	}
	return all.String()
}

// procedure returns a procedure with its modifiers: "HC 99213 GT".
func procedure(_, code string, modifiers []string) string {
	if code == "" {
		return ""
	}
	return strings.Join(append([]string{code}, modifiers...), " ")
}
