package eligibility

import (
	"github.com/ediport/ediport/edi/internal/encode"
	"github.com/ediport/ediport/edi/parts"
)

func writePerson(b *encode.Builder, p *Person, rejections []parts.Rejection, loop string) {
	b.TRN(p.Traces)
	b.NM1(&p.Name)
	b.REF(p.References)
	b.Address(&p.Address)
	b.AAA(encode.RejectionsOf(rejections, loop, true))
	b.PRV(&p.Provider)
	b.DMG(&p.Demographics)
	b.INS(&p.Relationship)
	b.HI(p.Diagnoses)
	b.DTP(p.Dates)
	b.MPI(&p.Military)
}

func writeBenefit(b *encode.Builder, e *Benefit) {
	b.Begin("EB").Texts(e.Information, e.CoverageLevel).Repeated(e.ServiceTypes).Texts(e.InsuranceType, e.Plan, e.Period)
	b.Numbers(e.Amount, e.Percent).Text(e.QuantityQualifier).Number(e.Quantity).Texts(e.Authorization, e.Network)
	b.Procedure(&e.Procedure).Components(e.Pointers...).Close()
	b.HSD(e.Deliveries)
	b.REF(e.References)
	b.DTP(e.Dates)
	b.AAA(e.Rejections)
	b.MSG(e.Messages)
	writeIII(b, e.Additional)
	if len(e.Entities) == 0 {
		return
	}
	b.Begin("LS").Code("2120").Close()
	for i := range e.Entities {
		b.Party(&e.Entities[i], nil)
	}
	b.Begin("LE").Code("2120").Close()
}

func writeIII(b *encode.Builder, list []Additional) {
	for i := range list {
		a := &list[i]
		b.Begin("III").Texts(a.List, a.Code, a.Category, a.Text).Close()
	}
}

func writeQuestion(b *encode.Builder, q *Question) {
	b.Begin("EQ").Repeated(q.ServiceTypes).Procedure(&q.Procedure).Text(q.CoverageLevel).Skip(1).Components(q.Pointers...).Close()
	b.AMT(q.Amounts)
	writeIII(b, q.Additional)
	b.REF(q.References)
	b.DTP(q.Dates)
}
