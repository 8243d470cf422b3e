package web

import (
	"net/http"

	"github.com/ediport/ediport/edi/codes"
	"github.com/ediport/ediport/storage"
)

var authorizationCrumbs = []Crumb{{"Authorizations", "/authorizations"}}

var authorizationOutcomes = []option{
	{"", "All"},
	{"requested", "Requested"},
	{"certified", "Certified"},
	{"modified", "Modified"},
	{"denied", "Denied"},
	{"pended", "Pended"},
	{"mixed", "Decided per service"},
	{"contact_payer", "Contact the payer"},
	{"not_required", "Not required"},
	{"cancelled", "Cancelled"},
	{"refused", "Refused"},
	{"not_stated", "Not stated"},
}

func authorizationSearchFields(q *query) []filterField {
	return append(answerSearchFields(q), q.field("certification", "Certification number", "text"))
}

// listAuthorizations shows what care was asked for and what became of it, newest first.
func (p *Portal) listAuthorizations(w http.ResponseWriter, r *http.Request) error {
	if err := onlyByPost(r, "name", "member", "certification"); err != nil {
		return err
	}
	q := p.queryOf(r)
	f, data := q.answerFilter(), p.answerList(r, q, "/authorizations", authorizationOutcomes, authorizationSearchFields)
	f.Kind = q.choice("kind", "request", "response")
	data.Filter = append(data.Filter, q.choices("kind", "Kind", option{"", "Requests and responses"}, option{"response", "Responses"}, option{"request", "Requests"}))
	data.Filtered = data.Filtered || f.Kind != ""
	if len(q.errors) == 0 {
		rows, next, err := p.DB.Authorizations(r.Context(), scopeOf(r), f, storage.Page{Cursor: cursorOf(r)})
		if err != nil {
			return err
		}
		data.Rows, data.Pager = rows, pager(r, next)
	}
	return p.render(w, r, "authorizations/list", Page{Title: "Authorizations", Data: data, Errors: q.errors, Status: q.status()})
}

// searchAuthorizations finds authorizations by person or number.
func (p *Portal) searchAuthorizations(w http.ResponseWriter, r *http.Request) error {
	q, form, err := p.searchOf(r, "/authorizations", authorizationSearchFields)
	if err != nil {
		return err
	}
	data := listData{Search: form, Several: several(r)}
	if len(q.errors) == 0 {
		f := q.searchFilter()
		f.Certification = q.text("certification")
		rows, next, err := p.DB.Authorizations(r.Context(), scopeOf(r), f, q.page())
		if err != nil {
			return err
		}
		data.Rows, data.Search.Next = rows, string(next)
	}
	return p.render(w, r, "authorizations/list", Page{Title: "Authorizations", Data: data, Errors: q.errors, Status: q.status()})
}

// authorizationData is the page of a patient event.
type authorizationData struct {
	storage.AuthorizationDetail
	PersonName, Subscriber                           string
	Category, Certification, Service, Place, Urgency string
	Services                                         []authorizationService
	Said                                             said
	Facts                                            []fact
}

type authorizationService struct {
	storage.AuthorizationServiceItem
	Procedure, Type string
	Said            said
}

// showAuthorization shows the event, and what was decided on it and each of its services.
func (p *Portal) showAuthorization(w http.ResponseWriter, r *http.Request) error {
	id, err := p.pathID(r, storage.PublicAuthorization)
	if err != nil {
		return err
	}
	d, err := p.DB.AuthorizationDetail(r.Context(), scopeOf(r), id)
	if err != nil {
		return err
	}
	data := authorizationData{
		AuthorizationDetail: d, PersonName: personName(d.LastName, d.FirstName), Subscriber: personName(d.SubscriberLastName, d.SubscriberFirstName),
		Category: described("1525", d.RequestCategory), Certification: described("1322", d.CertificationType),
		Service: described(codes.ServiceType, d.ServiceType), Place: described(codes.PlaceOfService, d.FacilityCode),
		Urgency: described("1338", d.Urgency), Facts: factsOf(d.Extra), Said: saidOf(d.Extra),
	}
	for _, s := range d.ServiceList {
		data.Services = append(data.Services, authorizationService{s, procedure(s.ProcedureQualifier, s.ProcedureCode, s.Modifiers), described(codes.ServiceType, s.ServiceType), saidOf(s.Extra)})
	}
	return p.render(w, r, "authorizations/show", Page{Title: "Authorization", Crumbs: authorizationCrumbs, Data: data})
}

// described returns a code's meaning with the code, or the code alone.
func described(list codes.List, code string) string {
	if text := meaning(list, code); text != "" {
		return text + " (" + code + ")"
	}
	return code
}
