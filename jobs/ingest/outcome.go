package ingest

import (
	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/authorization"
)

// outcomeOf rolls the decisions on the services of an event up. A service without a decision of its own has the event's.
func outcomeOf(e *authorization.Event) string {
	event := decisionOutcome(&e.Review, len(ownRejections(e)) > 0)
	if event == "" && refusedAbove(e) {
		event = "refused"
	}
	all := ""
	for i := range e.Services {
		v := &e.Services[i]
		one := decisionOutcome(&v.Review, len(v.Rejections) > 0)
		if one == "" {
			one = event
		}
		switch {
		case one == "" || one == all:
		case all == "":
			all = one
		default:
			return "mixed"
		}
	}
	switch {
	case all != "":
		return all
	case event != "":
		return event
	}
	return "not_stated"
}

// decisionOutcome is what HCR01 means; "" if nothing was decided.
func decisionOutcome(r *authorization.Review, rejected bool) string {
	if outcome := actionOutcome(r.Decision.Action); outcome != "" {
		return outcome
	}
	if rejected {
		return "refused"
	}
	return ""
}

func actionOutcome(action edi.Text) string {
	switch {
	case action.Is("A1"):
		return "certified"
	case action.Is("A2"): // in part
		return "mixed"
	case action.Is("A3"):
		return "denied"
	case action.Is("A4"):
		return "pended"
	case action.Is("A6"):
		return "modified"
	case action.Is("C"):
		return "cancelled"
	case action.Is("CT"):
		return "contact_payer"
	case action.Is("NA"):
		return "not_required"
	}
	return ""
}

func refusedAbove(e *authorization.Event) bool {
	p := e.Patient
	return len(e.Header.Rejections) > 0 || e.UMO != nil && len(e.UMO.Rejections) > 0 || e.Requester != nil && len(e.Requester.Rejections) > 0 ||
		p != nil && (len(p.Rejections) > 0 || p.Subscriber != nil && len(p.Subscriber.Rejections) > 0)
}
