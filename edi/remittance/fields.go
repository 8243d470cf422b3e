package remittance

import (
	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/internal/decode"
	"github.com/ediport/ediport/edi/parts"
)

func readBPR(a *decode.Arena, p *Payment, s *decode.Segment) {
	p.Handling, p.Amount, p.CreditDebit, p.Method, p.Format = s.Text(1), a.Decimal(s, 2), s.Text(3), s.Text(4), s.Text(5)
	p.Sender = bank(s, 6)
	p.Originator, p.Supplemental = s.Text(10), s.Text(11)
	p.Receiver = bank(s, 12)
	p.Date = a.Day(s, 16)
}

func bank(s *decode.Segment, n int) Bank {
	return Bank{IDQualifier: s.Text(n), ID: s.Text(n + 1), AccountQualifier: s.Text(n + 2), Account: s.Text(n + 3)}
}

func readTS3(a *decode.Arena, t *ProviderSummary, s *decode.Segment) {
	*t = ProviderSummary{
		Provider: s.Text(1), FacilityType: s.Text(2), FiscalPeriodEnd: a.Day(s, 3), Claims: a.Number(s, 4), Charge: a.Number(s, 5),
		MSPPayer: a.Number(s, 13), NonLabCharge: a.Number(s, 15), HCPCSReportable: a.Number(s, 17), HCPCSPayable: a.Number(s, 18),
		ProfessionalComponent: a.Number(s, 20), MSPPatientLiability: a.Number(s, 21), PatientReimbursement: a.Number(s, 22),
		PIPClaims: a.Number(s, 23), PIPAdjustment: a.Number(s, 24), Pos: s.Pos(),
	}
}

func readTS2(a *decode.Arena, t *SupplementalSummary, s *decode.Segment) {
	for i, n := range []*parts.Number{
		&t.DRG, &t.FederalSpecific, &t.HospitalSpecific, &t.DisproportionateShare, &t.Capital, &t.IndirectEducation, &t.OutlierDays,
		&t.DayOutlier, &t.CostOutlier, &t.AverageLengthOfStay, &t.Discharges, &t.CostReportDays, &t.CoveredDays, &t.NoncoveredDays,
		&t.MSPPassThrough, &t.AverageDRGWeight, &t.PPSCapitalFederal, &t.PPSCapitalHospital, &t.PPSDisproportionate,
	} {
		*n = a.Number(s, i+1)
	}
	t.Pos = s.Pos()
}

func readCLP(a *decode.Arena, c *Claim, s *decode.Segment) {
	c.PatientControlNumber = s.Text(1)
	c.Status = s.Text(2)
	c.Charge = a.Decimal(s, 3)
	c.Paid = a.Decimal(s, 4)
	c.PatientResponsibility = a.Number(s, 5)
	c.FilingIndicator = s.Text(6)
	c.PayerControlNumber = s.Text(7)
	c.FacilityType = s.Text(8)
	c.Frequency = s.Text(9)
	c.DRG = s.Text(11)
	c.DRGWeight = a.Number(s, 12)
	c.DischargeFraction = a.Number(s, 13)
}

func readSVC(a *decode.Arena, l *Line, s *decode.Segment) {
	decode.ReadProcedure(&l.Procedure, s, 1)
	l.Charge = a.Decimal(s, 2)
	l.Paid = a.Decimal(s, 3)
	l.Revenue = s.Text(4)
	l.Units = a.Number(s, 5)
	if s.Len() > 5 {
		decode.ReadProcedure(&l.Original, s, 6)
		l.OriginalUnit = a.Number(s, 7)
	}
}

func (b *claimBuilder) readCAS(list *[]Adjustment, s *decode.Segment) {
	group, last := s.Text(1), s.Len()
	for n := 2; n <= last; n += 3 {
		reason, amount := s.Text(n), b.Number(s, n+1)
		quantity := b.Number(s, n+2)
		if reason == nil && !amount.Sent && !quantity.Sent {
			continue
		}
		a := b.adjustments.Append(list)
		a.Group = group
		a.Reason = reason
		a.Amount = amount.Value
		a.Quantity = quantity
		a.Element = n
		s.PutPos(&a.Position)
	}
}

func (b *claimBuilder) readMIA(m *Inpatient, s *decode.Segment) {
	*m = Inpatient{
		CoveredDays: b.Number(s, 1), OperatingOutlier: b.Number(s, 2), PsychiatricDays: b.Number(s, 3), DRG: b.Number(s, 4),
		DisproportionateShare: b.Number(s, 6), MSPPassThrough: b.Number(s, 7), PPSCapital: b.Number(s, 8),
		CapitalFederalPortion: b.Number(s, 9), CapitalHospitalPortion: b.Number(s, 10), CapitalShare: b.Number(s, 11),
		OldCapital: b.Number(s, 12), CapitalEducation: b.Number(s, 13), OperatingHospital: b.Number(s, 14),
		CostReportDays: b.Number(s, 15), OperatingFederal: b.Number(s, 16), CapitalPPS: b.Number(s, 17),
		IndirectEducation: b.Number(s, 18), NonpayableProfessional: b.Number(s, 19), CapitalException: b.Number(s, 24), Pos: s.Pos(),
	}
	b.readRemark(s, "MIA", 5)
	for n := 20; n <= 23; n++ {
		b.readRemark(s, "MIA", n)
	}
}

func (b *claimBuilder) readMOA(m *Outpatient, s *decode.Segment) {
	*m = Outpatient{
		ReimbursementRate: b.Number(s, 1), HCPCSPayable: b.Number(s, 2), ESRDPayment: b.Number(s, 8),
		NonpayableProfessional: b.Number(s, 9), Pos: s.Pos(),
	}
	for n := 3; n <= 7; n++ {
		b.readRemark(s, "MOA", n)
	}
}

func (b *claimBuilder) readRemark(s *decode.Segment, segment string, n int) {
	if code := s.Text(n); len(code) > 0 {
		*b.remarks.Append(&b.claim.Remarks) = Remark{Code: code, Segment: segment, Element: n, Pos: s.Pos()}
	}
}

func (b *claimBuilder) readLQ(list *[]Remark, s *decode.Segment) {
	r := b.remarks.Append(list)
	r.List = s.Text(1)
	r.Code = s.Text(2)
	r.Segment, r.Element = "LQ", 2
	s.PutPos(&r.Pos)
}

// readNM1 puts a name where its role belongs. The guide has one segment definition for each role.
func (c *Claim) readNM1(s *decode.Segment) {
	to := c.role(s.Text(1))
	if to != nil {
		decode.ReadNM1(to, s)
	}
}

func (c *Claim) role(entity edi.Text) *parts.Name {
	switch string(entity) {
	case "QC":
		return &c.Patient
	case "IL":
		return &c.Insured
	case "74":
		return &c.Corrected
	case "82":
		return &c.Rendering
	case "TT":
		return &c.Crossover
	case "PR":
		return &c.PriorityPayer
	case "GB":
		return &c.OtherSubscriber
	}
	return nil
}
