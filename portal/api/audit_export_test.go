package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/accounts/accountstest/covers"
	"github.com/ediport/ediport/storage"
)

// A program takes the audit out on two people's word as well: it asks, waits, and gets exactly what it asked for.
func TestAuditExportByProgramTakesTwoPeople(t *testing.T) {
	t.Parallel()
	covers.Rows(t, "A50")
	s := newSite(t)
	s.AddUser(t, "Acc.Itor", "Accalia Ito", accounts.Grant{Role: accounts.RoleAccountAuditor, Account: s.Account})
	s.AddUser(t, "Acc.Other", "Ackley Other", accounts.Grant{Role: accounts.RoleAccountAuditor, Account: s.Account})
	token, other := s.token(t, "Acc.Itor"), s.token(t, "Acc.Other")
	const export = "/api/v1/audit/export"
	if a := s.send(t, http.MethodGet, export, token, ""); a.status != http.StatusConflict || a.value["code"] != "export.needs_approval" {
		t.Fatalf("on one person's word: %d %s", a.status, a.body)
	}
	if a := s.send(t, http.MethodPost, export+"s", token, `{"format": "ndjson"}`); a.status != http.StatusUnprocessableEntity {
		t.Errorf("without a reason: %d %s", a.status, a.body)
	}
	s.Clock.Advance(time.Minute) // the export ends now by this clock; the events have the database's
	asked := s.send(t, http.MethodPost, export+"s", token, `{"action": "signin.", "reason": "the yearly review"}`)
	id, _ := asked.value["id"].(string)
	if asked.status != http.StatusAccepted || asked.value["kind"] != "export.bulk" || !strings.Contains(asked.body, "only of the action signin.") {
		t.Fatalf("asking: %d %s", asked.status, asked.body)
	}
	if a := s.send(t, http.MethodPost, export+"s", token, `{"reason": "once more"}`); a.status != http.StatusConflict || a.value["code"] != "approval.waiting" {
		t.Errorf("asking twice: %d %s", a.status, a.body)
	}
	if a := s.send(t, http.MethodGet, export+"?approval="+id, token, ""); a.status != http.StatusConflict || a.value["code"] != "export.waits" {
		t.Errorf("before it is approved: %d %s", a.status, a.body)
	}
	row, err := s.DB.PublicIDs().Parse(storage.PublicApproval, id)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Accounts.DecideApproval(t.Context(), s.Principal(t, s.Administrator), row, true, ""); err != nil {
		t.Fatal(err)
	}
	if a := s.send(t, http.MethodGet, export+"?approval="+id+"&action=people.", token, ""); a.status != http.StatusBadRequest && a.status != http.StatusUnprocessableEntity {
		t.Errorf("with another filter: %d", a.status)
	}
	got := s.ask(t, http.MethodGet, export+"?approval="+id, "Bearer "+token)
	if got.status != http.StatusOK || !strings.Contains(got.body, `"signin.succeeded"`) || strings.Contains(got.body, `"token.created"`) {
		t.Errorf("the export: %d, or other events than were asked for", got.status)
	}
	if a := s.send(t, http.MethodGet, export+"?approval="+id, other, ""); a.status != http.StatusNotFound {
		t.Errorf("another person's export: %d", a.status)
	}
	s.Clock.Advance(25 * time.Hour)
	if a := s.send(t, http.MethodGet, export+"?approval="+id, s.token(t, "Acc.Itor"), ""); a.status != http.StatusConflict || a.value["code"] != "export.over" {
		t.Errorf("after a day: %d %s", a.status, a.body)
	}
}
