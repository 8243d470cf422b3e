package web

import (
	"net/http"

	"github.com/ediport/ediport/edi/codes"
	"github.com/ediport/ediport/storage"
)

// claimSearchFields are what claims are found by; they are sent by POST only.
func claimSearchFields(q *query) []filterField {
	return []filterField{
		q.nameField(), q.field("member", "Member ID", "text"),
		q.field("control", "Patient control number", "text"), q.field("payer_control", "Payer claim control number", "text"),
	}
}

// listClaims shows claim payments, newest first: all of them, or the denied ones.
func (p *Portal) listClaims(w http.ResponseWriter, r *http.Request) error {
	if err := onlyByPost(r, "name", "member", "control", "payer_control"); err != nil {
		return err
	}
	q := p.queryOf(r)
	f := storage.ClaimFilter{
		Account: storage.AccountID(q.id("account", storage.PublicAccount)), From: q.day("from"), To: q.day("to"),
		Denied: q.choice("show", "denied") != "", Usage: q.usage(),
	}
	data := listData{
		Filter: []filterField{
			q.choices("show", "Show", option{"", "All claims"}, option{"denied", "Denied claims and lines"}),
			q.field("from", "Paid from", "date"), q.field("to", "Paid until", "date"), q.usageChoice(),
		},
		Filtered: q.given("show", "from", "to", "usage", "account"), Several: several(r), Search: p.emptySearch(r, "/claims", claimSearchFields),
	}
	if choice, ok := q.accountChoice(r); ok {
		data.Filter = append(data.Filter, choice)
	}
	if len(q.errors) == 0 {
		rows, next, err := p.DB.Claims(r.Context(), scopeOf(r), f, storage.Page{Cursor: cursorOf(r)})
		if err != nil {
			return err
		}
		data.Rows, data.Pager = rows, pager(r, next)
	}
	return p.render(w, r, "claims/list", Page{Title: "Claim payments", Data: data, Errors: q.errors, Status: q.status()})
}

// searchClaims finds claim payments by patient or number.
func (p *Portal) searchClaims(w http.ResponseWriter, r *http.Request) error {
	q, form, err := p.searchOf(r, "/claims", claimSearchFields)
	if err != nil {
		return err
	}
	data := listData{Search: form, Several: several(r)}
	if len(q.errors) == 0 {
		f := storage.ClaimFilter{
			Name: q.text("name"), MemberID: q.text("member"), PatientControlNumber: q.text("control"),
			PayerClaimControlNumber: q.text("payer_control"), Usage: "*",
		}
		rows, next, err := p.DB.Claims(r.Context(), scopeOf(r), f, q.page())
		if err != nil {
			return err
		}
		data.Rows, data.Search.Next = rows, string(next)
	}
	return p.render(w, r, "claims/list", Page{Title: "Claim payments", Data: data, Errors: q.errors, Status: q.status()})
}

// claimData is the page of a claim payment.
type claimData struct {
	storage.ClaimDetail
	Filing, Frequency, Place string
	Unexplained              string // charge − adjustments − paid, if it isn't zero
	Facts                    []fact
	Denied                   bool
}

// showClaim shows what was charged, what was paid, and by line and reason why that isn't the same.
func (p *Portal) showClaim(w http.ResponseWriter, r *http.Request) error {
	id, err := p.pathID(r, storage.PublicClaim)
	if err != nil {
		return err
	}
	d, err := p.DB.ClaimDetail(r.Context(), scopeOf(r), id)
	if err != nil {
		return err
	}
	data := claimData{
		ClaimDetail: d, Filing: meaning(codes.ClaimFilingIndicator, d.FilingIndicator), Frequency: meaning(codes.ClaimFrequency, d.FrequencyCode),
		Place: meaning(codes.PlaceOfService, d.FacilityCode), Facts: factsOf(d.Extra), Denied: d.DeniedLines > 0,
		Unexplained: remainder(d.Claim.Charge, d.Claim.Paid, d.Claim.Adjustments),
	}
	crumbs := append(remittanceCrumbs[:1:1], Crumb{"Payment " + d.Payment.TraceNumber, "/remittances/" + p.id(storage.PublicPayment, d.PaymentID)})
	return p.render(w, r, "claims/show", Page{Title: "Claim " + d.PatientControlNumber, Crumbs: crumbs, Data: data})
}
