package view

import (
	"strconv"

	"github.com/ediport/ediport/edi"
)

// A Summary holds the counts and exact sums of one transaction set, shaped as its ST01 wants: one of [Remittance],
// [EligibilityAnswers], [EligibilityInquiries], [StatusRequests], [StatusAnswers], [Authorizations], [Acknowledgment], [Claims], or [Nothing]
// for other sets. Amounts are in dollars. It is counted from the segments alone, whatever the guide says of them.
type Summary any

// Remittance sums an 835.
type Remittance struct {
	PaymentAmount         string `json:"payment_amount"`         // BPR02
	Claims                int    `json:"claims"`                 // CLP
	Charge                string `json:"charge"`                 // Σ CLP03
	Paid                  string `json:"paid"`                   // Σ CLP04
	PatientResponsibility string `json:"patient_responsibility"` // Σ CLP05
	Adjustments           string `json:"adjustments"`            // Σ of all CAS amounts
	ServiceLines          int    `json:"service_lines"`          // SVC
	ProviderAdjustments   string `json:"provider_adjustments"`   // Σ PLB
	Balanced              bool   `json:"balanced"`               // BPR02 = Σ CLP04 − Σ PLB
	ClaimsUnbalanced      int    `json:"claims_unbalanced"`      // CLP03 − CLP04 ≠ Σ CAS of claim and lines
}

// EligibilityAnswers counts a 271.
type EligibilityAnswers struct {
	Subscribers int `json:"subscribers"` // HL 22
	Dependents  int `json:"dependents"`  // HL 23
	Benefits    int `json:"benefits"`    // EB
	Rejections  int `json:"rejections"`  // AAA
}

// EligibilityInquiries counts a 270.
type EligibilityInquiries struct {
	Subscribers int `json:"subscribers"`
	Dependents  int `json:"dependents"`
	Inquiries   int `json:"inquiries"` // HL 22 and 23 loops that carry an EQ
}

// StatusRequests counts a 276.
type StatusRequests struct {
	Inquiries int `json:"inquiries"` // TRN in HL 22 and 23 loops
}

// StatusAnswers counts a 277, the 277CA too.
type StatusAnswers struct {
	Claims   int `json:"claims"`   // TRN in HL 22, 23 and PT loops
	Statuses int `json:"statuses"` // STC
}

// Authorizations counts a 278.
type Authorizations struct {
	PatientEvents int `json:"patient_events"` // HL EV
	Services      int `json:"services"`       // HL SS
	Decisions     int `json:"decisions"`      // HCR
}

// Acknowledgment counts a 999 or 997.
type Acknowledgment struct {
	Sets     int       `json:"sets"`     // AK2
	Accepted int       `json:"accepted"` // IK501 or AK501 A or E
	Rejected int       `json:"rejected"` // any other code
	Group    GroupCode `json:"group"`    // AK9
}

// GroupCode is the verdict on a functional group: AK901 to AK904.
type GroupCode struct {
	Code     string `json:"code"`
	Included int    `json:"included"`
	Received int    `json:"received"`
	Accepted int    `json:"accepted"`
}

// Claims counts an 837.
type Claims struct {
	Claims int    `json:"claims"` // CLM
	Charge string `json:"charge"` // Σ CLM02
	Lines  int    `json:"lines"`  // SV1, SV2 and SV3
}

// Nothing is the summary of other sets.
type Nothing struct{}

// A Summarizer counts one transaction set after the other: Begin, Segment for each segment, Summary. Its memory does not grow.
type Summarizer struct {
	set   string
	level string // HL03 of the open loop
	asked bool   // the open loop had an EQ

	claims, lines, benefits, rejections, inquiries, traces, statuses   int
	subscribers, dependents, events, services, decisions               int
	sets, accepted, rejected, unbalanced                               int
	payment, charge, paid, patient, adjustments, provider, claimCharge edi.Sum

	group     GroupCode
	paysOut   bool // a BPR was there
	claimOpen bool
	claim     edi.Sum // CLP03 − CLP04 − Σ CAS of the open claim
}

// Begin starts a transaction set of ST01 set.
func (m *Summarizer) Begin(set string) { *m = Summarizer{set: set} }

// Segment counts s.
func (m *Summarizer) Segment(s edi.Segment) {
	switch m.set {
	case "835":
		m.remittance(s)
	case "999", "997":
		m.acknowledgment(s)
	case "837":
		m.claim837(s)
	case "270", "271", "276", "277", "278":
		m.hierarchical(s)
	}
}

// Summary returns the counts so far, shaped by the set.
func (m *Summarizer) Summary() Summary {
	switch m.set {
	case "835":
		m.closeClaim()
		balance := m.payment
		balance.AddSum(&m.provider)
		balance.SubSum(&m.paid)
		return Remittance{
			PaymentAmount: m.payment.String(), Claims: m.claims, Charge: m.charge.String(), Paid: m.paid.String(),
			PatientResponsibility: m.patient.String(), Adjustments: m.adjustments.String(), ServiceLines: m.lines,
			ProviderAdjustments: m.provider.String(), Balanced: m.paysOut && balance.Sign() == 0, ClaimsUnbalanced: m.unbalanced,
		}
	case "271":
		return EligibilityAnswers{m.subscribers, m.dependents, m.benefits, m.rejections}
	case "270":
		return EligibilityInquiries{m.subscribers, m.dependents, m.inquiries}
	case "276":
		return StatusRequests{m.traces}
	case "277":
		return StatusAnswers{m.traces, m.statuses}
	case "278":
		return Authorizations{m.events, m.services, m.decisions}
	case "999", "997":
		return Acknowledgment{m.sets, m.accepted, m.rejected, m.group}
	case "837":
		return Claims{m.claims, m.claimCharge.String(), m.lines}
	default:
		return Nothing{}
	}
}

func (m *Summarizer) remittance(s edi.Segment) {
	switch tag := s.Text(0); {
	case tag.Is("BPR"):
		m.paysOut = true
		m.payment.Add(amount(s, 2))
	case tag.Is("CLP"):
		m.closeClaim()
		m.claims++
		m.claimOpen, m.claim = true, edi.Sum{}
		charge, paid := amount(s, 3), amount(s, 4)
		m.charge.Add(charge)
		m.paid.Add(paid)
		m.patient.Add(amount(s, 5))
		m.claim.Add(charge)
		m.claim.Sub(paid)
	case tag.Is("SVC"):
		m.lines++
	case tag.Is("CAS"):
		for n := 3; n <= 18; n += 3 {
			a := amount(s, n)
			m.adjustments.Add(a)
			m.claim.Sub(a)
		}
	case tag.Is("PLB"):
		for n := 4; n <= 14; n += 2 {
			m.provider.Add(amount(s, n))
		}
	}
}

func (m *Summarizer) closeClaim() {
	if m.claimOpen && m.claim.Sign() != 0 {
		m.unbalanced++
	}
	m.claimOpen = false
}

func (m *Summarizer) hierarchical(s edi.Segment) {
	switch tag := s.Text(0); {
	case tag.Is("HL"):
		m.beginLevel(string(s.Text(3)))
	case tag.Is("EQ"):
		if !m.asked && (m.level == "22" || m.level == "23") {
			m.inquiries++
		}
		m.asked = true
	case tag.Is("EB"):
		m.benefits++
	case tag.Is("AAA"):
		m.rejections++
	case tag.Is("TRN"):
		if m.level == "22" || m.level == "23" || m.level == "PT" && m.set == "277" {
			m.traces++
		}
	case tag.Is("STC"):
		m.statuses++
	case tag.Is("HCR"):
		m.decisions++
	}
}

func (m *Summarizer) beginLevel(level string) {
	m.level, m.asked = level, false
	switch level {
	case "22":
		m.subscribers++
	case "23":
		m.dependents++
	case "EV":
		m.events++
	case "SS":
		m.services++
	}
}

func (m *Summarizer) acknowledgment(s edi.Segment) {
	switch tag := s.Text(0); {
	case tag.Is("AK2"):
		m.sets++
	case tag.Is("IK5") || tag.Is("AK5"):
		if code := s.Text(1); code.Is("A") || code.Is("E") {
			m.accepted++
		} else {
			m.rejected++
		}
	case tag.Is("AK9"):
		m.group = GroupCode{s.Value(1), count(s, 2), count(s, 3), count(s, 4)}
	}
}

func (m *Summarizer) claim837(s edi.Segment) {
	switch tag := s.Text(0); {
	case tag.Is("CLM"):
		m.claims++
		m.claimCharge.Add(amount(s, 2))
	case tag.Is("SV1") || tag.Is("SV2") || tag.Is("SV3"):
		m.lines++
	}
}

// amount reads element n as a decimal; what can't be read counts 0 (and is a finding of the validator).
func amount(s edi.Segment, n int) edi.Decimal {
	d, _ := edi.ParseDecimal(s.Text(n))
	return d
}

func count(s edi.Segment, n int) int {
	v, _ := strconv.Atoi(string(s.Text(n)))
	return v
}
