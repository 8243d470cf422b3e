package storage_test

import (
	"testing"

	"github.com/ediport/ediport/fixtures"
	"github.com/ediport/ediport/portal/original/originaltest"
	"github.com/ediport/ediport/storage"
)

func openFixture(t *testing.T, name string) []byte {
	t.Helper()
	b, err := fixtures.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestClaimSearch(t *testing.T) {
	t.Parallel()
	w := originaltest.New(t)
	w.Load(t, "07-835-two-payees.x12")
	a, _, both, _ := scopesOf(w)
	for _, c := range []struct {
		rule   string
		scope  storage.Scope
		filter storage.ClaimFilter
		want   int
	}{
		{"all", both, storage.ClaimFilter{}, 4},
		{"last name begins", both, storage.ClaimFilter{Name: "glim"}, 1},
		{"last name whole, first begins", both, storage.ClaimFilter{Name: "Glimmerford, bet"}, 1},
		{"last name whole, other first name", both, storage.ClaimFilter{Name: "Glimmerford, x"}, 0},
		{"a beginning is no whole last name", both, storage.ClaimFilter{Name: "Glim,"}, 0},
		{"a name of nothing that is searched", both, storage.ClaimFilter{Name: "--"}, 0},
		{"a neighbour's patient", a, storage.ClaimFilter{Name: "Candlemere"}, 0},
		{"the patient, asked by a billing service", both, storage.ClaimFilter{Name: "Candlemere"}, 1},
		{"member id", both, storage.ClaimFilter{MemberID: "QHT-30101"}, 1},
		{"member id is exact", both, storage.ClaimFilter{MemberID: "QHT-3010"}, 0},
		{"member id and another's name", both, storage.ClaimFilter{MemberID: "QHT-30101", Name: "Duskwren"}, 0},
		{"patient control number", both, storage.ClaimFilter{PatientControlNumber: "CHF-20502"}, 1},
		{"payer claim control number", both, storage.ClaimFilter{PayerClaimControlNumber: "QH2026-790-21"}, 1},
		{"number and name", both, storage.ClaimFilter{PatientControlNumber: "CHF-20502", Name: "DUSKWREN"}, 1},
		{"number and another's name", both, storage.ClaimFilter{PatientControlNumber: "CHF-20502", Name: "GLIM"}, 0},
		{"payment date", both, storage.ClaimFilter{From: "2026-11-12", To: "2026-11-12"}, 4},
		{"payment date before", both, storage.ClaimFilter{To: "2026-11-11"}, 0},
		{"no day", both, storage.ClaimFilter{From: "yesterday"}, 0},
		{"test data", both, storage.ClaimFilter{Usage: "T"}, 0},
		{"any usage", both, storage.ClaimFilter{Usage: "*"}, 4},
		{"one account of two", both, storage.ClaimFilter{Account: w.A}, 2},
		{"an account outside the scope", a, storage.ClaimFilter{Account: w.B}, 0},
	} {
		rows, next, err := w.DB.Claims(t.Context(), c.scope, c.filter, storage.Page{})
		if err != nil || len(rows) != c.want || next != "" {
			t.Errorf("%s: %d claims (next %q, %v), want %d", c.rule, len(rows), next, err, c.want)
		}
	}
}

func TestRemittanceFilters(t *testing.T) {
	t.Parallel()
	w := originaltest.New(t)
	w.LoadAll(t)
	_, _, both, _ := scopesOf(w)
	yes, no := true, false
	rows, _, err := w.DB.Remittances(t.Context(), both, storage.RemittanceFilter{Trace: "QH-000771350"}, storage.Page{})
	if err != nil || len(rows) != 1 {
		t.Fatalf("by trace: %d, %v", len(rows), err)
	}
	one := rows[0]
	if one.Amount != "187.40" || one.PaymentDate != "2026-11-12" || one.Claims != 2 || one.AccountName != fixtures.AccountA.Name || one.FileName == "" || !one.Balanced {
		t.Errorf("the payment reads %+v", one)
	}
	total := len(listings[0].all(t, w.DB, both, 500))
	for _, c := range []struct {
		rule   string
		filter storage.RemittanceFilter
		want   func(int) bool
	}{
		{"amount, however written", storage.RemittanceFilter{Amount: "187.4"}, func(n int) bool { return n == 1 }},
		{"no amount", storage.RemittanceFilter{Amount: "much"}, func(n int) bool { return n == 0 }},
		{"payer's name begins", storage.RemittanceFilter{Payer: "QUARRY"}, func(n int) bool { return n > 0 && n < total }},
		{"payer", storage.RemittanceFilter{PayerID: one.PayerID}, func(n int) bool { return n > 0 && n < total }},
		{"balanced", storage.RemittanceFilter{Balanced: &yes}, func(n int) bool { return n > 0 }},
		{"duplicates", storage.RemittanceFilter{Duplicate: &yes}, func(n int) bool { return n == 0 }},
		{"no duplicates", storage.RemittanceFilter{Duplicate: &no}, func(n int) bool { return n == total }},
		{"a day", storage.RemittanceFilter{From: "2026-11-12", To: "2026-11-12"}, func(n int) bool { return n > 0 && n < total }},
	} {
		rows, _, err := w.DB.Remittances(t.Context(), both, c.filter, storage.Page{Limit: 500})
		if err != nil || !c.want(len(rows)) {
			t.Errorf("%s: %d of %d payments, %v", c.rule, len(rows), total, err)
		}
	}
}

func TestAnswerFilters(t *testing.T) {
	t.Parallel()
	w := originaltest.New(t)
	w.LoadAll(t)
	_, _, both, _ := scopesOf(w)
	ctx := t.Context()
	answers, _, err := w.DB.EligibilityAnswers(ctx, both, storage.AnswerFilter{Status: "inactive"}, storage.Page{})
	if err != nil || len(answers) == 0 || answers[0].Status != "inactive" {
		t.Fatalf("inactive members: %d, %v", len(answers), err)
	}
	one := answers[0]
	for rule, f := range map[string]storage.AnswerFilter{
		"name": {Name: one.LastName}, "member": {MemberID: one.MemberID}, "both": {Name: one.LastName + "," + one.FirstName, MemberID: one.MemberID},
	} {
		found, _, err := w.DB.EligibilityAnswers(ctx, both, f, storage.Page{})
		if err != nil || len(found) == 0 || found[0].MemberID != one.MemberID {
			t.Errorf("by %s: %d answers, %v", rule, len(found), err)
		}
	}
	statuses, _, err := w.DB.ClaimStatuses(ctx, both, storage.AnswerFilter{}, storage.Page{})
	if err != nil || len(statuses) == 0 || statuses[0].CategoryText == "" {
		t.Fatalf("claim statuses: %d, %v", len(statuses), err)
	}
	s := statuses[0]
	found, _, err := w.DB.ClaimStatuses(ctx, both, storage.AnswerFilter{Status: s.CategoryCode[:1], Kind: s.Kind, Trace: s.TraceNumber}, storage.Page{})
	if err != nil || len(found) == 0 {
		t.Errorf("by category, kind and trace: %d, %v", len(found), err)
	}
	events, _, err := w.DB.Authorizations(ctx, both, storage.AnswerFilter{Kind: "response"}, storage.Page{})
	if err != nil || len(events) == 0 {
		t.Fatalf("authorizations: %d, %v", len(events), err)
	}
	if got, _, err := w.DB.Authorizations(ctx, both, storage.AnswerFilter{Status: events[0].Outcome, Kind: "response"}, storage.Page{}); err != nil || len(got) == 0 {
		t.Errorf("by outcome: %d, %v", len(got), err)
	}
}
