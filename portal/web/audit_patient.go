package web

import (
	"net/http"
	"slices"
	"strings"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/storage"
)

// patientData is the report of who saw a patient's data.
type patientData struct {
	listData
	Asked bool
	None  bool // there is no account of which the person may ask
	More  bool // older rows name the member than were looked at
}

// patientForm shows the form that asks whose accesses are wanted. The member id goes by POST only.
func (p *Portal) patientForm(w http.ResponseWriter, r *http.Request) error {
	if err := onlyByPost(r, "member"); err != nil {
		return err
	}
	names, err := p.memberAccountNames(r)
	if err != nil {
		return err
	}
	data := patientData{None: len(names) == 0}
	data.Search = p.emptySearch(r, "/audit/patients", p.patientFields(names))
	return p.render(w, r, "audit/patients", Page{Title: "Who saw a patient", Crumbs: auditCrumbs, Data: data})
}

// patientFields are the account and the member id.
func (p *Portal) patientFields(names map[storage.AccountID]string) func(*query) []filterField {
	var options []option
	for id, name := range names {
		options = append(options, option{p.id(storage.PublicAccount, int64(id)), name})
	}
	sortOptions(options)
	return func(q *query) []filterField {
		return []filterField{
			q.field("member", "Member ID", "text"), q.pick("account", "Account", options...),
			q.field("from", "From", "date"), q.field("to", "Until", "date"),
		}
	}
}

// patientReport answers who saw the rows that name a member of an account.
func (p *Portal) patientReport(w http.ResponseWriter, r *http.Request) error {
	names, err := p.memberAccountNames(r)
	if err != nil {
		return err
	}
	q, form, err := p.searchOf(r, "/audit/patients", p.patientFields(names))
	if err != nil {
		return err
	}
	member := q.text("member")
	if member == "" || len(member) > 80 {
		q.wrong("member", "Enter the patient’s member ID, as the payer writes it.")
	}
	query := accounts.AccessQuery{
		Account: storage.AccountID(q.id("account", storage.PublicAccount)), MemberID: member,
		From: instantOrNil(q.midnight("from", 0)), To: instantOrNil(q.midnight("to", 1)),
	}
	if query.Account == 0 {
		q.wrong("account", "Choose the account.")
	}
	data := patientData{Asked: len(q.errors) == 0, None: len(names) == 0}
	data.Search = form
	if data.Asked {
		report, err := p.Accounts.PatientAccess(r.Context(), principalOf(r), query, q.page())
		if err != nil {
			return err
		}
		data.Rows, data.Search.Next, data.More = seenRows(principalOf(r), report, names), string(report.Next), report.More
	}
	return p.render(w, r, "audit/patients", Page{Title: "Who saw a patient", Crumbs: auditCrumbs, Data: data, Errors: q.errors, Status: q.status()})
}

// rowKinds are the public kinds of the rows that speak of one patient, as the audit calls them.
var rowKinds = map[string]string{
	storage.PublicClaim: "claim", storage.PublicEligibility: "eligibility", storage.PublicStatus: "claim_status", storage.PublicAuthorization: "authorization",
}

// showSeen shows who saw one row of results.
func (p *Portal) showSeen(w http.ResponseWriter, r *http.Request) error {
	public, _, _ := strings.Cut(r.PathValue("id"), "_")
	id, err := p.pathID(r, public)
	if err != nil {
		return err
	}
	row := storage.RowRef{Kind: rowKinds[public], ID: id}
	account, err := p.Accounts.AccountOfRow(r.Context(), principalOf(r), row)
	if err != nil {
		return err
	}
	report, err := p.Accounts.PatientAccess(r.Context(), principalOf(r), accounts.AccessQuery{Account: account, Row: &row}, storage.Page{Cursor: cursorOf(r)})
	if err != nil {
		return err
	}
	names, err := p.auditAccountNames(r)
	if err != nil {
		return err
	}
	data := listData{Rows: seenRows(principalOf(r), report, names), Pager: pager(r, report.Next)}
	return p.render(w, r, "audit/seen", Page{Title: "Who has seen this", Crumbs: auditCrumbs, Data: data})
}

// seenRows says the events of a report in words: how each of them showed the rows.
func seenRows(reader *accounts.Principal, report accounts.AccessReport, names map[storage.AccountID]string) []auditRow {
	rows := auditRows(reader, report.Records, names)
	for i := range rows {
		rows[i].What = accounts.SeenSentence(rows[i].AuditRecord)
	}
	return rows
}

// memberAccountNames returns the names of the accounts of which the person may ask by member id.
func (p *Portal) memberAccountNames(r *http.Request) (map[storage.AccountID]string, error) {
	all, err := p.Accounts.MemberAccounts(r.Context(), principalOf(r))
	if err != nil {
		return nil, err
	}
	names := map[storage.AccountID]string{}
	for _, a := range all {
		names[a.ID] = a.Name
	}
	return names, nil
}

func sortOptions(options []option) {
	slices.SortFunc(options, func(a, b option) int { return strings.Compare(a.Label, b.Label) })
}
