package claimstatus

import "github.com/ediport/ediport/edi/internal/encode"

// writeTracking writes what a loop 2200 says. No guide has both amounts and quantities and, before them, dates.
func writeTracking(b *encode.Builder, t *Tracking) {
	b.TRN(t.Traces)
	writeSTC(b, t.Statuses)
	b.REF(t.References)
	b.QTY(t.Quantities)
	b.AMT(t.Amounts)
	b.DTP(t.Dates)
}

func writeSTC(b *encode.Builder, list []Status) {
	for i := range list {
		s := &list[i]
		b.Begin("STC")
		writeCode(b, &s.Codes[0])
		b.Day(s.EffectiveDate).Text(s.Action).Numbers(s.Charge, s.Paid).Day(s.Adjudicated).Text(s.Method).Day(s.PaymentDate)
		b.Text(s.PaymentNumber)
		writeCode(b, &s.Codes[1])
		writeCode(b, &s.Codes[2])
		b.Text(s.Message).Close()
	}
}

func writeCode(b *encode.Builder, c *StatusCode) {
	b.Components(c.Category, c.Status, c.Entity, c.List)
}

func writeLine(b *encode.Builder, l *Line) {
	b.Begin("SVC").Procedure(&l.Procedure).Numbers(l.Charge, l.Paid).Text(l.Revenue).Skip(2).Number(l.Units).Close()
	writeSTC(b, l.Statuses)
	b.REF(l.References)
	b.DTP(l.Dates)
}
