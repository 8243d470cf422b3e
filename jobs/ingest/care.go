package ingest

import (
	"github.com/ediport/ediport/edi/authorization"
)

// care adds what some kinds of care are asked for with: transport, manipulation, oxygen, home health.
func care(x *extra, e *authorization.Event) {
	a, s, o, h := &e.Ambulance, &e.Spinal, &e.Oxygen, &e.HomeHealth
	x.object("ambulance", func(x *extra) {
		x.text("weight_unit", a.WeightUnit)
		x.number("weight", a.Weight)
		x.text("transport", a.Transport)
		x.text("reason", a.Reason)
		x.text("distance_unit", a.DistanceUnit)
		x.number("distance", a.Distance)
		x.text("round_trip", a.RoundTrip)
		x.text("stretcher_purpose", a.StretcherPurpose)
	})
	x.object("spinal", func(x *extra) {
		x.number("treatment", s.Treatment)
		x.number("treatments", s.Treatments)
		x.text("from", s.From)
		x.text("to", s.To)
		x.text("condition", s.Condition)
		x.text("complication", s.Complication)
		x.text("description_1", s.Description1)
		x.text("description_2", s.Description2)
		x.text("x_rays", s.XRays)
	})
	x.object("oxygen", func(x *extra) {
		x.codes("equipment", o.Equipment[:])
		x.text("reason", o.Reason)
		x.number("flow", o.Flow)
		x.number("daily_uses", o.DailyUses)
		x.number("hours_per_use", o.HoursPerUse)
		x.text("order", o.Order)
		x.number("blood_gas", o.BloodGas)
		x.number("saturation", o.Saturation)
		x.text("test_condition", o.TestCondition)
		x.codes("findings", o.Findings[:])
		x.number("portable_flow", o.PortableFlow)
		x.text("delivery_system", o.DeliverySystem)
	})
	x.object("home_health", func(x *extra) {
		x.text("prognosis", h.Prognosis)
		x.date("start", h.Start)
		x.date("period_from", h.Period.From)
		x.date("period_to", h.Period.To)
		x.text("medicare", h.Medicare)
		x.text("certification_type", h.CertificationType)
		x.date("surgery", h.Surgery)
		x.text("procedure_qualifier", h.ProcedureQualifier)
		x.text("procedure", h.Procedure)
		x.date("ordered", h.Ordered)
		x.date("last_visit", h.LastVisit)
		x.date("physician_contact", h.PhysicianContact)
		x.date("admission_from", h.Admission.From)
		x.date("admission_to", h.Admission.To)
		x.text("location", h.Location)
	})
}
