package web

import (
	"net/http"

	"github.com/ediport/ediport/edi/codes"
	"github.com/ediport/ediport/storage"
)

var eligibilityCrumbs = []Crumb{{"Eligibility", "/eligibility"}}

var coverageStates = []option{
	{"", "All"},
	{"active", "Active"},
	{"inactive", "Inactive"},
	{"not_found", "Not found"},
	{"refused", "Refused"},
	{"partly_refused", "Partly refused"},
	{"contradictory", "Contradictory"},
	{"not_stated", "Not stated"},
}

// answerSearchFields are what answers about people are found by; they are sent by POST only.
func answerSearchFields(q *query) []filterField {
	return []filterField{q.nameField(), q.field("member", "Member ID", "text"), q.field("trace", "Trace number", "text")}
}

// answerFilter reads the filter that lists of answers share.
func (q *query) answerFilter() storage.AnswerFilter {
	return storage.AnswerFilter{
		Account: storage.AccountID(q.id("account", storage.PublicAccount)), From: q.day("from"), To: q.day("to"),
		Status: q.text("status"), Usage: q.usage(),
	}
}

// answerList returns the page of a list of answers without its rows.
func (p *Portal) answerList(r *http.Request, q *query, path string, states []option, search func(*query) []filterField) listData {
	data := listData{
		Filter: []filterField{
			q.choices("status", "Status", states...),
			q.field("from", "Answered from", "date"), q.field("to", "Answered until", "date"), q.usageChoice(),
		},
		Filtered: q.given("status", "from", "to", "usage", "account"), Several: several(r), Search: p.emptySearch(r, path, search),
	}
	if choice, ok := q.accountChoice(r); ok {
		data.Filter = append(data.Filter, choice)
	}
	return data
}

// searchFilter reads what all searches for answers share.
func (q *query) searchFilter() storage.AnswerFilter {
	return storage.AnswerFilter{Name: q.text("name"), MemberID: q.text("member"), Trace: q.text("trace"), Usage: "*"}
}

// listEligibility shows answers to eligibility questions, newest first.
func (p *Portal) listEligibility(w http.ResponseWriter, r *http.Request) error {
	if err := onlyByPost(r, "name", "member"); err != nil {
		return err
	}
	q := p.queryOf(r)
	f, data := q.answerFilter(), p.answerList(r, q, "/eligibility", coverageStates, answerSearchFields)
	if len(q.errors) == 0 {
		rows, next, err := p.DB.EligibilityAnswers(r.Context(), scopeOf(r), f, storage.Page{Cursor: cursorOf(r)})
		if err != nil {
			return err
		}
		data.Rows, data.Pager = rows, pager(r, next)
	}
	return p.render(w, r, "eligibility/list", Page{Title: "Eligibility", Data: data, Errors: q.errors, Status: q.status()})
}

// searchEligibility finds answers by person or trace number.
func (p *Portal) searchEligibility(w http.ResponseWriter, r *http.Request) error {
	q, form, err := p.searchOf(r, "/eligibility", answerSearchFields)
	if err != nil {
		return err
	}
	data := listData{Search: form, Several: several(r)}
	if len(q.errors) == 0 {
		rows, next, err := p.DB.EligibilityAnswers(r.Context(), scopeOf(r), q.searchFilter(), q.page())
		if err != nil {
			return err
		}
		data.Rows, data.Search.Next = rows, string(next)
	}
	return p.render(w, r, "eligibility/list", Page{Title: "Eligibility", Data: data, Errors: q.errors, Status: q.status()})
}

// eligibilityData is the page of an answer.
type eligibilityData struct {
	storage.EligibilityDetail
	Headline    headline
	Groups      []benefitGroup
	Relation    string
	Insurance   string
	Facts       []fact
	PersonName  string
	SubscribeBy string // the subscriber's name, if the person is a dependent
}

// showEligibility shows who is covered, for what, and at what cost, as far as the payer said it.
func (p *Portal) showEligibility(w http.ResponseWriter, r *http.Request) error {
	id, err := p.pathID(r, storage.PublicEligibility)
	if err != nil {
		return err
	}
	d, err := p.DB.EligibilityDetail(r.Context(), scopeOf(r), id)
	if err != nil {
		return err
	}
	data := eligibilityData{
		EligibilityDetail: d, Headline: headlineOf(&d), Groups: benefitGroups(d.BenefitList), Facts: factsOf(d.Extra),
		Relation: described("1069", d.RelationshipCode), Insurance: meaning(codes.InsuranceType, d.InsuranceType),
		PersonName:  personName(d.LastName, d.FirstName, d.MiddleName, d.Suffix),
		SubscribeBy: personName(d.SubscriberLastName, d.SubscriberFirstName),
	}
	return p.render(w, r, "eligibility/show", Page{Title: "Eligibility answer", Crumbs: eligibilityCrumbs, Data: data})
}

// personName returns "SALTMARROW, ASTER J": last name first, then the others as far as they are sent.
func personName(last string, others ...string) string {
	name := last
	for i, other := range others {
		if other == "" {
			continue
		}
		sep := " "
		if i == 0 && last != "" {
			sep = ", "
		}
		name += sep + other
	}
	return name
}
