package api

import (
	"net/http"

	"github.com/ediport/ediport/storage"
)

func (a *API) listRemittances(r *http.Request, q *params) (any, storage.Cursor, error) {
	f := storage.RemittanceFilter{
		Account: q.account(), From: q.day("from"), To: q.day("to"), Payer: q.text("payer"), PayerID: storage.PayerID(q.id("payer_id", storage.PublicPayer)),
		Trace: q.text("trace_number"), Amount: q.matching("amount", isAmount, "is an amount such as 409.72"), Balanced: q.flag("balanced"), Duplicate: q.flag("duplicate"), Usage: q.usage(),
	}
	page := q.page()
	if err := q.done(); err != nil {
		return nil, "", err
	}
	return items(a.DB.Remittances(r.Context(), scopeOf(r), f, page))
}

func (a *API) listRemittanceClaims(r *http.Request, q *params) (any, storage.Cursor, error) {
	id, err := a.pathID(r, storage.PublicPayment)
	if err != nil {
		return nil, "", err
	}
	f := storage.ClaimsOfPayment{Payment: id, Denied: q.isTrue("denied"), Unbalanced: q.isTrue("unbalanced")}
	page := q.page()
	if err := q.done(); err != nil {
		return nil, "", err
	}
	return items(a.DB.RemittanceClaims(r.Context(), scopeOf(r), f, page))
}

func (a *API) listClaims(r *http.Request, q *params) (any, storage.Cursor, error) {
	f := storage.ClaimFilter{
		Account: q.account(), PatientControlNumber: q.person("patient_control_number"), PayerClaimControlNumber: q.person("payer_claim_control_number"),
		Name: q.person("name"), MemberID: q.person("member_id"), Denied: q.isTrue("denied"), From: q.day("from"), To: q.day("to"), Usage: q.usage(),
	}
	page := q.page()
	if err := q.done(); err != nil {
		return nil, "", err
	}
	return items(a.DB.Claims(r.Context(), scopeOf(r), f, page))
}

// answerFilter reads what the lists of answers have in common.
func answerFilter(q *params) storage.AnswerFilter {
	return storage.AnswerFilter{
		Account: q.account(), Name: q.person("name"), MemberID: q.person("member_id"), Trace: q.text("trace_number"),
		PayerID: storage.PayerID(q.id("payer_id", storage.PublicPayer)), From: q.day("from"), To: q.day("to"), Usage: q.usage(),
	}
}

func (a *API) listEligibility(r *http.Request, q *params) (any, storage.Cursor, error) {
	f := answerFilter(q)
	f.Status = q.choice("status", storage.EligibilityStatuses...)
	page := q.page()
	if err := q.done(); err != nil {
		return nil, "", err
	}
	return items(a.DB.EligibilityAnswers(r.Context(), scopeOf(r), f, page))
}

func (a *API) listClaimStatuses(r *http.Request, q *params) (any, storage.Cursor, error) {
	f := answerFilter(q)
	f.Status, f.Kind, f.PatientControlNumber = q.matching("category_code", isCategory, "begins with a letter, and has up to two digits or letters behind it"), q.choice("kind", "277", "277CA"), q.person("patient_control_number")
	page := q.page()
	if err := q.done(); err != nil {
		return nil, "", err
	}
	return items(a.DB.ClaimStatuses(r.Context(), scopeOf(r), f, page))
}

func (a *API) listAuthorizations(r *http.Request, q *params) (any, storage.Cursor, error) {
	f := answerFilter(q)
	f.Status, f.Kind, f.Certification = q.choice("outcome", storage.AuthorizationOutcomes...), q.choice("kind", "request", "response"), q.person("certification_number")
	page := q.page()
	if err := q.done(); err != nil {
		return nil, "", err
	}
	return items(a.DB.Authorizations(r.Context(), scopeOf(r), f, page))
}
