package ingest

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/eligibility"
	"github.com/ediport/ediport/edi/parts"
	"github.com/ediport/ediport/storage"
)

// A benefitWriter writes benefits with what hangs below them. Its memory is used for one after the other.
type benefitWriter struct {
	row     storage.BenefitRow
	detail  storage.BenefitDetailRow
	places  []detailPlace
	message []byte
	texts   []edi.Text
	extra   extra
}

// A detailPlace is a detail of a benefit: the index-th of its kind.
type detailPlace struct {
	pos   edi.Position
	kind  string
	index int
}

// write writes the i-th benefit of an answer.
func (w *benefitWriter) write(s *set, answer *storage.EligibilityAnswerRow, a *eligibility.Answer, i int) error {
	b := &a.Benefits[i]
	w.texts = modifiers(w.texts, &b.Procedure)
	w.row = storage.BenefitRow{
		AccountID: answer.AccountID, AnswerID: answer.ID, BenefitNo: i + 1, ByteOffset: b.Pos.Offset, Position: b.Pos.Segment,
		InformationCode: b.Information, CoverageLevel: b.CoverageLevel, InsuranceType: b.InsuranceType, PlanName: b.Plan, TimePeriod: b.Period,
		Amount: number(b.Amount), Percent: number(b.Percent), QuantityQualifier: b.QuantityQualifier, Quantity: number(b.Quantity),
		AuthorizationRequired: b.Authorization, Network: b.Network, ProcedureQualifier: b.Procedure.Qualifier, ProcedureCode: b.Procedure.Code,
		Modifiers: w.texts, Message: w.messages(b.Messages), Extra: w.benefitExtra(b),
	}
	if len(b.ServiceTypes) > 0 {
		w.row.ServiceType = b.ServiceTypes[0]
	}
	if len(b.Dates) > 0 {
		d := &b.Dates[0]
		w.row.DateFrom, w.row.DateTo, w.row.DateQualifier = d.From, d.To, d.Qualifier
		if d.To.IsZero() {
			w.row.DateTo = d.From
		}
	}
	if err := s.rows.Benefit(s.ctx, &w.row); err != nil {
		return err
	}
	if err := w.serviceTypes(s, b); err != nil {
		return err
	}
	return w.details(s, a, b)
}

func (w *benefitWriter) serviceTypes(s *set, b *eligibility.Benefit) error {
	for n, code := range b.ServiceTypes {
		if len(code) == 0 {
			continue
		}
		err := s.rows.BenefitServiceType(s.ctx, &storage.BenefitServiceTypeRow{
			AccountID: w.row.AccountID, AnswerID: w.row.AnswerID, BenefitNo: w.row.BenefitNo, No: n + 1, ServiceType: code,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *benefitWriter) messages(notes []parts.Note) edi.Text {
	w.message = w.message[:0]
	for i := range notes {
		if i > 0 {
			w.message = append(w.message, '\n')
		}
		w.message = append(w.message, notes[i].Text...)
	}
	return w.message
}

func (w *benefitWriter) benefitExtra(b *eligibility.Benefit) []byte {
	x := &w.extra
	x.reset()
	x.text("procedure_description", b.Procedure.Description)
	x.text("procedure_end_code", b.Procedure.EndCode)
	return x.bytes()
}

// details writes what stands below an EB, in file order.
func (w *benefitWriter) details(s *set, a *eligibility.Answer, b *eligibility.Benefit) error {
	w.places = w.places[:0]
	for i, p := range b.Pointers {
		if n, err := strconv.Atoi(p.String()); err == nil && n >= 1 && n <= len(a.Diagnoses) {
			w.places = append(w.places, detailPlace{a.Diagnoses[n-1].Pos, "diagnosis", i})
		}
	}
	for i := range b.Deliveries {
		w.places = append(w.places, detailPlace{b.Deliveries[i].Pos, "delivery", i})
	}
	for i := range b.References {
		w.places = append(w.places, detailPlace{b.References[i].Pos, "reference", i})
	}
	for i := range b.Dates {
		w.places = append(w.places, detailPlace{b.Dates[i].Pos, "date", i})
	}
	for i := range b.Rejections {
		w.places = append(w.places, detailPlace{b.Rejections[i].Pos, "rejection", i})
	}
	for i := range b.Messages {
		w.places = append(w.places, detailPlace{b.Messages[i].Pos, "message", i})
	}
	for i := range b.Additional {
		w.places = append(w.places, detailPlace{b.Additional[i].Pos, "condition", i})
	}
	for i := range b.Entities {
		w.places = append(w.places, detailPlace{b.Entities[i].Name.Pos, "entity", i})
	}
	for i := range b.Segments {
		if p := &b.Places[i]; p.Def == nil && p.Near == nil {
			w.places = append(w.places, detailPlace{b.Segments[i].Pos(), "other", i})
		}
	}
	slices.SortStableFunc(w.places, func(a, b detailPlace) int { return cmp.Compare(a.pos.Offset, b.pos.Offset) })
	for no, p := range w.places {
		w.detail = storage.BenefitDetailRow{
			AccountID: w.row.AccountID, AnswerID: w.row.AnswerID, BenefitNo: w.row.BenefitNo, No: no + 1,
			ByteOffset: p.pos.Offset, Position: p.pos.Segment, Kind: p.kind,
		}
		w.extra.reset()
		w.fill(a, b, p)
		w.detail.Extra = w.extra.bytes()
		if err := s.rows.BenefitDetail(s.ctx, &w.detail); err != nil {
			return err
		}
	}
	return nil
}

// fill fills the row of a detail.
func (w *benefitWriter) fill(a *eligibility.Answer, b *eligibility.Benefit, p detailPlace) {
	row, x := &w.detail, &w.extra
	switch p.kind {
	case "diagnosis":
		n, _ := strconv.Atoi(b.Pointers[p.index].String()) // read before
		row.Qualifier, row.Code = a.Diagnoses[n-1].Qualifier, a.Diagnoses[n-1].Code
	case "delivery":
		row.Qualifier = b.Deliveries[p.index].QuantityQualifier
		delivery(x, &b.Deliveries[p.index])
	case "reference":
		r := &b.References[p.index]
		row.Qualifier, row.Code, row.Text = r.Qualifier, r.ID, r.Description
	case "date":
		d := &b.Dates[p.index]
		row.Qualifier, row.DateFrom, row.DateTo = d.Qualifier, d.From, d.To
		if d.To.IsZero() {
			row.DateTo = d.From
		}
		if d.From.IsZero() {
			row.Text = d.Sent
		}
	case "rejection":
		r := &b.Rejections[p.index]
		row.Qualifier, row.Code = r.Valid, r.Reason
		x.text("follow_up", r.FollowUp)
	case "message":
		row.Text = b.Messages[p.index].Text
	case "condition":
		c := &b.Additional[p.index]
		row.Qualifier, row.Code, row.Text = c.List, c.Code, c.Text
		x.text("category", c.Category)
	case "entity":
		entity(row, x, &b.Entities[p.index])
	case "other":
		row.Qualifier, row.Text = b.Segments[p.index].Text(0), b.Segments[p.index].Raw()
	}
}

func entity(row *storage.BenefitDetailRow, x *extra, e *parts.Party) {
	row.Qualifier, row.Code, row.Name, row.FirstName = e.Name.Entity, e.Name.ID, e.Name.Last, e.Name.First
	x.text("id_qualifier", e.Name.Qualifier)
	x.text("middle_name", e.Name.Middle)
	x.text("suffix", e.Name.Suffix)
	x.text("relation", e.Name.Relation)
	x.address(&e.Address)
	x.references(e.References)
	x.contacts(e.Contacts)
	x.text("provider_code", e.Provider.Code)
	x.text("taxonomy", e.Provider.ID)
}

func delivery(x *extra, d *parts.Delivery) {
	x.text("quantity_qualifier", d.QuantityQualifier)
	x.number("quantity", d.Quantity)
	x.text("unit", d.Unit)
	x.number("frequency", d.Frequency)
	x.text("period", d.PeriodQualifier)
	x.number("periods", d.Periods)
	x.text("pattern", d.Pattern)
	x.text("pattern_time", d.PatternTime)
}
