package api_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/accounts/accountstest"
	"github.com/ediport/ediport/accounts/accountstest/covers"
	"github.com/ediport/ediport/portal/walktest"
)

// old puts events into the audit that happened so many days ago.
func old(t *testing.T, s *site, days ...int) {
	t.Helper()
	for i, ago := range days {
		walktest.Texts(t, s.LoaderDSN, `INSERT INTO audit_event (operator_id, id, at, actor_kind, action, result, correlation_id, detail)
			VALUES ($1, $2, $3, 'system', 'job.retried', 'ok', $4, '{}') RETURNING id::text`,
			int64(s.Operator), int64(9_000_000_000_000+i), s.Clock.Now().AddDate(0, 0, -ago), fmt.Sprintf("OLD%02d-AAAAA", i))
	}
}

// Page by page a program gets no more of the audit than two people would give it: what is older, or more at a time, takes an
// export. Each reading leaves an event.
func TestPagesOfTheAuditAreNoExport(t *testing.T) {
	covers.Rows(t, "A50", "A51")
	t.Parallel()
	s := newSite(t)
	s.AddUser(t, "Aud.Itor", "Audra Iverson", accounts.Grant{Role: accounts.RoleAuditor, Operator: s.Operator})
	token := s.token(t, "Aud.Itor")
	old(t, s, 2, 40)
	s.Clock.Advance(time.Minute) // the events have the database's time
	read := func(query string) answer { return s.send(t, http.MethodGet, "/api/v1/audit"+query, token, "") }
	at := func(ago time.Duration) string { return url.QueryEscape(s.Clock.Now().Add(-ago).Format(time.RFC3339)) }
	seen := ""
	for query, n := "", 0; ; n++ {
		a := read("?limit=2" + query)
		if a.status != http.StatusOK || n > 100 {
			t.Fatalf("page %d: %d %s", n, a.status, a.body)
		}
		seen += a.body
		next, _ := a.value["next_cursor"].(string)
		if next == "" {
			break
		}
		query = "&cursor=" + url.QueryEscape(next)
	}
	if !strings.Contains(seen, "token.created") || strings.Contains(seen, "OLD0") {
		t.Error("all pages together hold nothing new, or something old")
	}
	for _, query := range []string{"?from=" + at(30*time.Hour), "?from=" + at(1000*time.Hour) + "&to=" + at(100*time.Hour)} {
		if a := read(query); a.status != http.StatusConflict || a.value["code"] != "audit.older" {
			t.Errorf("%s: %d %s, want 409", query, a.status, a.body)
		}
	}
	if a := read("?to=" + at(30*time.Hour)); strings.Contains(a.body, "OLD0") {
		t.Errorf("what ended long ago: %d, shows old events", a.status)
	}
	if a := read("?limit=500"); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `"limit"`) {
		t.Errorf("500 at a time: %d %s", a.status, a.body)
	}
	if a := read("?correlation_id=OLD01-AAAAA"); a.status != http.StatusOK || !strings.Contains(a.body, "OLD01-AAAAA") {
		t.Errorf("the events of one request: %d %s", a.status, a.body)
	}
	events := walktest.Texts(t, s.LoaderDSN, `SELECT detail->>'events' FROM audit_event WHERE action = 'audit.read' AND actor_kind = 'token' AND detail->'by' ? 'incident'`)
	if len(events) != 1 || events[0] != "1" {
		t.Errorf("the events say %v, want that one event was read by its incident number", events)
	}
	setPolicyOf(t, s, accounts.SecurityPolicy{TwoPerson: accounts.TwoPersonOff})
	if a := read("?limit=500&from=" + at(60*24*time.Hour)); a.status != http.StatusOK || !strings.Contains(a.body, "OLD01") {
		t.Errorf("where one person's word is enough: %d", a.status)
	}
}

func setPolicyOf(t *testing.T, s *site, policy accounts.SecurityPolicy) {
	t.Helper()
	if err := s.Accounts.WritePolicy(t.Context(), accountstest.Actor, accounts.Place{Operator: s.Operator}, policy); err != nil {
		t.Fatal(err)
	}
}
