package remittance

import (
	"bytes"
	"strconv"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/internal/encode"
	"github.com/ediport/ediport/edi/parts"
)

func writePayment(b *encode.Builder, p *Payment) {
	b.Begin("BPR").Text(p.Handling).Decimal(p.Amount).Texts(p.CreditDebit, p.Method, p.Format)
	writeBank(b, &p.Sender)
	b.Texts(p.Originator, p.Supplemental)
	writeBank(b, &p.Receiver)
	b.Day(p.Date).Close()
	t := &p.Trace
	b.Maybe("TRN").Texts(t.Type, t.Number, t.Originator, t.Supplemental).Close()
	b.Maybe("CUR").Texts(p.CurrencyEntity, p.Currency).Close()
	writeIDs(b, p)
	b.DTM(p.Dates)
	b.N1(&p.Payer.Name)
	b.Address(&p.Payer.Address)
	b.REF(p.Payer.References)
	b.PER(p.Payer.Contacts)
	b.PRV(&p.Payer.Provider)
	b.N1(&p.Payee.Name)
	b.Address(&p.Payee.Address)
	b.REF(p.Payee.References)
	b.PER(p.Payee.Contacts) // which its guide refuses, as it does a PRV: better than to lose it
	b.PRV(&p.Payee.Provider)
	d := &p.Delivery
	b.Maybe("RDM").Texts(d.Method, d.Name, d.Number).Close()
}

func writeBank(b *encode.Builder, k *Bank) {
	b.Texts(k.IDQualifier, k.ID, k.AccountQualifier, k.Account)
}

// writeIDs writes the references: ReceiverID and Version unless References, which has them after decoding, holds their qualifiers.
func writeIDs(b *encode.Builder, p *Payment) {
	for _, r := range []parts.Reference{{Qualifier: edi.Text("EV"), ID: p.ReceiverID}, {Qualifier: edi.Text("F2"), ID: p.Version}} {
		if len(r.ID) == 0 {
			continue
		}
		switch has, same := hasReference(p.References, &r); {
		case !has:
			b.REF([]parts.Reference{r})
		case !same:
			b.Nowhere("REF", "ReceiverID or Version is not what References has")
		}
	}
	b.REF(p.References)
}

// hasReference tells whether list has a reference with the qualifier of r, and one that is the same.
func hasReference(list []parts.Reference, r *parts.Reference) (has, same bool) {
	for i := range list {
		if bytes.Equal(list[i].Qualifier, r.Qualifier) {
			has, same = true, same || bytes.Equal(list[i].ID, r.ID)
		}
	}
	return has, same
}

// writeSummary writes a summary; ordinal is its LX01 if it has none.
func writeSummary(b *encode.Builder, s *Summary, ordinal int) {
	number := s.Number
	if len(number) == 0 {
		number = strconv.AppendInt(nil, int64(ordinal), 10)
	}
	b.Begin("LX").Text(number).Close()
	t := &s.Provider
	b.Maybe("TS3").Texts(t.Provider, t.FacilityType).Day(t.FiscalPeriodEnd).Numbers(t.Claims, t.Charge).Skip(7).Number(t.MSPPayer)
	b.Skip(1).Number(t.NonLabCharge).Skip(1).Numbers(t.HCPCSReportable, t.HCPCSPayable).Skip(1)
	b.Numbers(t.ProfessionalComponent, t.MSPPatientLiability, t.PatientReimbursement, t.PIPClaims, t.PIPAdjustment).Close()
	m := &s.Medicare
	b.Maybe("TS2").Numbers(m.DRG, m.FederalSpecific, m.HospitalSpecific, m.DisproportionateShare, m.Capital, m.IndirectEducation,
		m.OutlierDays, m.DayOutlier, m.CostOutlier, m.AverageLengthOfStay, m.Discharges, m.CostReportDays, m.CoveredDays,
		m.NoncoveredDays, m.MSPPassThrough, m.AverageDRGWeight, m.PPSCapitalFederal, m.PPSCapitalHospital, m.PPSDisproportionate).Close()
}

func writeClaim(b *encode.Builder, c *Claim) {
	b.Begin("CLP").Texts(c.PatientControlNumber, c.Status).Decimal(c.Charge).Decimal(c.Paid).Number(c.PatientResponsibility)
	b.Texts(c.FilingIndicator, c.PayerControlNumber, c.FacilityType, c.Frequency).Skip(1).Text(c.DRG)
	b.Numbers(c.DRGWeight, c.DischargeFraction).Close()
	writeCAS(b, c.Adjustments)
	for _, n := range []*parts.Name{
		&c.Patient, &c.Insured, &c.Corrected, &c.Rendering, &c.Crossover, &c.PriorityPayer, &c.OtherSubscriber,
	} {
		b.NM1(n)
		if len(n.Entity) > 0 && c.role(n.Entity) != n {
			b.Nowhere("NM1", "the Entity of a name is not that of its field")
		}
	}
	checkRemarks(b, c.Remarks)
	writeMIA(b, &c.Inpatient, c.Remarks)
	writeMOA(b, &c.Outpatient, c.Remarks)
	b.REF(c.References)
	b.DTM(c.Dates)
	b.PER(c.Contacts)
	b.AMT(c.Amounts)
	b.QTY(c.Quantities)
	for i := range c.Lines {
		writeLine(b, &c.Lines[i])
	}
}

func writeLine(b *encode.Builder, l *Line) {
	b.Begin("SVC").Procedure(&l.Procedure).Decimal(l.Charge).Decimal(l.Paid).Text(l.Revenue).Number(l.Units)
	b.Procedure(&l.Original).Number(l.OriginalUnit).Close()
	b.DTM(l.Dates)
	writeCAS(b, l.Adjustments)
	b.REF(l.References)
	b.AMT(l.Amounts)
	b.QTY(l.Quantities)
	for i := range l.Remarks {
		b.Begin("LQ").Texts(l.Remarks[i].List, l.Remarks[i].Code).Close()
	}
}

const (
	firstReason = 2  // element of the first reason of a CAS
	lastReason  = 17 // and of the last
)

// writeCAS writes adjustments: those of one group that follow each other share a CAS, as far as Element allows.
func writeCAS(b *encode.Builder, list []Adjustment) {
	at := lastReason + 1
	for i := range list {
		a := &list[i]
		switch {
		case i > 0 && bytes.Equal(a.Group, list[i-1].Group) && at <= lastReason && (a.Element == 0 || a.Element >= at):
			for ; at < a.Element && a.Element <= lastReason; at += 3 {
				b.Skip(3)
			}
		default:
			if i > 0 {
				b.Close()
			}
			b.Begin("CAS").Text(a.Group)
			for at = firstReason; at < a.Element && a.Element <= lastReason; at += 3 {
				b.Skip(3)
			}
		}
		b.Text(a.Reason).Decimal(a.Amount).Number(a.Quantity)
		at += 3
	}
	if len(list) > 0 {
		b.Close()
	}
}

// checkRemarks refuses remarks of a claim that have no element of MIA or MOA, or share one.
func checkRemarks(b *encode.Builder, list []Remark) {
	for i := range list {
		r := &list[i]
		mia := r.Segment == "MIA" && (r.Element == 5 || r.Element >= 20 && r.Element <= 23)
		moa := r.Segment == "MOA" && r.Element >= 3 && r.Element <= 7
		switch {
		case !mia && !moa:
			b.Nowhere("", "a remark of a claim is to say in which element it stands: 5 or 20 to 23 of MIA, or 3 to 7 of MOA")
		case !bytes.Equal(remark(list, r.Segment, r.Element), r.Code):
			b.Nowhere("", "two remarks of the claim have the same element")
		}
	}
}

// remark returns the remark code of an element of MIA or MOA.
func remark(list []Remark, segment string, element int) edi.Text {
	for i := range list {
		if list[i].Segment == segment && list[i].Element == element {
			return list[i].Code
		}
	}
	return nil
}

func writeMIA(b *encode.Builder, m *Inpatient, remarks []Remark) {
	b.Maybe("MIA").Numbers(m.CoveredDays, m.OperatingOutlier, m.PsychiatricDays, m.DRG).Text(remark(remarks, "MIA", 5))
	b.Numbers(m.DisproportionateShare, m.MSPPassThrough, m.PPSCapital, m.CapitalFederalPortion, m.CapitalHospitalPortion,
		m.CapitalShare, m.OldCapital, m.CapitalEducation, m.OperatingHospital, m.CostReportDays, m.OperatingFederal, m.CapitalPPS,
		m.IndirectEducation, m.NonpayableProfessional)
	for n := 20; n <= 23; n++ {
		b.Text(remark(remarks, "MIA", n))
	}
	b.Number(m.CapitalException).Close()
}

func writeMOA(b *encode.Builder, m *Outpatient, remarks []Remark) {
	b.Maybe("MOA").Numbers(m.ReimbursementRate, m.HCPCSPayable)
	for n := 3; n <= 7; n++ {
		b.Text(remark(remarks, "MOA", n))
	}
	b.Numbers(m.ESRDPayment, m.NonpayableProfessional).Close()
}

// keep returns a copy of p that does not go with its decoder.
func keep(p *ProviderAdjustment) ProviderAdjustment {
	return ProviderAdjustment{
		Provider: bytes.Clone(p.Provider), FiscalPeriod: p.FiscalPeriod, Reason: bytes.Clone(p.Reason),
		Reference: bytes.Clone(p.Reference), Amount: p.Amount, Element: p.Element,
	}
}

func writePLB(b *encode.Builder, pairs []ProviderAdjustment) {
	b.Begin("PLB").Text(pairs[0].Provider).Day(pairs[0].FiscalPeriod)
	at := firstPair
	for i := range pairs {
		p := &pairs[i]
		for ; at < pairElement(pairs, i); at += 2 {
			b.Skip(2)
		}
		b.Components(p.Reason, p.Reference).Decimal(p.Amount)
		at += 2
	}
	b.Close()
}
