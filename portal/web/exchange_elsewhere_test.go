package web_test

import (
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/lib/pq"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/accounts/accountstest"
	"github.com/ediport/ediport/portal/web/webtest"
	"github.com/ediport/ediport/storage"
)

// twoSides is three exchanges with a connection each; somebody audits the first, operates the second, and has nothing to do with the third.
type twoSides struct {
	*webtest.Site
	operators   [3]storage.OperatorID
	connections [3]string // their paths
	person      *webtest.Client
}

func newTwoSides(t *testing.T, first accounts.Role) twoSides {
	t.Helper()
	s := twoSides{Site: webtest.New(t)}
	s.operators[0] = s.Operator
	err := s.DB.InSystem(t.Context(), accountstest.Actor, func(tx *storage.Tx) (err error) {
		if s.operators[1], _, err = tx.NewOperator(t.Context(), "Southmoor Exchange", "America/New_York"); err == nil {
			s.operators[2], _, err = tx.NewOperator(t.Context(), "Zenith Exchange", "America/New_York")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, operator := range s.operators {
		err := s.DB.InScope(t.Context(), storage.Scope{Operator: operator, Actor: accountstest.Actor}, func(tx *storage.Tx) error {
			id, err := tx.NewID(t.Context(), storage.IDConnection)
			if err != nil {
				return err
			}
			name := [...]string{"tamarind", "juniper", "hemlock"}[i]
			s.connections[i] = "/connections/" + s.DB.PublicIDs().Format(storage.PublicConnection, id)
			return tx.AddConnection(t.Context(), &storage.Connection{
				ID: storage.ConnectionID(id), Name: name, Protocol: "sftp", Host: name + ".example", Port: 22, Username: "u", Auth: "password",
				HostKeys: pq.StringArray{}, Folders: []byte("[]"), Push: []byte("{}"), Network: []byte("{}"),
			})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	s.person = s.SignedIn(t, s.AddUser(t, "Two.Sides", "Twyla Sides",
		accounts.Grant{Role: first, Operator: s.operators[0]}, accounts.Grant{Role: accounts.RoleOperator, Operator: s.operators[1]}))
	s.choose(t, 1)
	return s
}

func (s twoSides) choose(t *testing.T, i int) {
	t.Helper()
	if a := s.person.Post("/session/exchange", "operator", s.DB.PublicIDs().Format(storage.PublicOperator, int64(s.operators[i]))); a.Status != http.StatusSeeOther {
		t.Fatalf("choosing: %d", a.Status)
	}
}

var (
	switchForm  = regexp.MustCompile(`(?s)<form class="elsewhere" method="post" action="([^"]+)">(.*?)</form>`)
	hiddenField = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)">`)
)

// take sends the form that offers another exchange, and returns where it leads; "" if there is none.
func (s twoSides) take(a webtest.Answer) (to string) {
	form := switchForm.FindStringSubmatch(a.Body)
	if form == nil {
		return ""
	}
	var pairs []string
	for _, field := range hiddenField.FindAllStringSubmatch(form[2], -1) {
		pairs = append(pairs, field[1], html.UnescapeString(field[2]))
	}
	return s.person.Post(html.UnescapeString(form[1]), pairs...).Location
}

// A link into another exchange of one's own offers the switch; one into an exchange of others, or to what one may not see there, is
// no different from one to nothing.
func TestLinksToAnotherExchangeOfferTheSwitch(t *testing.T) {
	t.Parallel()
	s := newTwoSides(t, accounts.RoleAuditor)
	mine := s.person.Get(s.connections[0] + "?tab=log")
	if mine.Status != http.StatusNotFound || !strings.Contains(mine.Body, "belongs to Northwind Exchange") || !strings.Contains(mine.Body, "Switch to Northwind Exchange") || strings.Contains(mine.Body, "tamarind") {
		t.Errorf("a connection of his other exchange: %d, without the offer\n%s", mine.Status, mine.Body)
	}
	unknown := "/connections/" + s.DB.PublicIDs().Format(storage.PublicConnection, 1<<60)
	for what, path := range map[string]string{
		"a connection of an exchange of others": s.connections[2], "what there is not": unknown, "what he may not see there": s.connections[0] + "/edit", "nothing": "/connections/con_1",
		"an address of nothing": "/nowhere",
	} {
		if a := s.person.Get(path); a.Status != http.StatusNotFound || strings.Contains(a.Body, "Switch to") || strings.Contains(a.Body, "belongs to") || strings.Contains(a.Body, "Zenith") {
			t.Errorf("%s: %d, with an offer", what, a.Status)
		}
	}
	if a := s.person.Post(s.connections[0]+"/pause", "reason", "x"); a.Status != http.StatusNotFound || switchForm.MatchString(a.Body) {
		t.Errorf("a form sent to his other exchange: %d, with an offer", a.Status)
	}
	if to := s.take(mine); to != s.connections[0]+"?tab=log" {
		t.Fatalf("the switch leads to %q", to)
	}
	if a := s.person.Get(s.connections[0]); a.Status != http.StatusOK || !strings.Contains(a.Body, "tamarind") {
		t.Errorf("after the switch: %d", a.Status)
	}
	if a := s.SignedIn(t, s.Administrator).Get(s.connections[1]); a.Status != http.StatusNotFound || strings.Contains(a.Body, "Southmoor") {
		t.Errorf("by somebody of the first exchange alone: %d, with an offer", a.Status)
	}
}

// A page that takes a right which somebody has at another exchange of his offers the switch as well.
func TestRightsAtAnotherExchangeOfferTheSwitch(t *testing.T) {
	t.Parallel()
	s := newTwoSides(t, accounts.RoleAuditor)
	a := s.person.Get("/audit")
	if a.Status != http.StatusForbidden || !strings.Contains(a.Body, "Switch to Northwind Exchange") {
		t.Errorf("the audit, which he reads at the first: %d, without the offer", a.Status)
	}
	if a := s.person.Get("/purge"); a.Status != http.StatusForbidden || strings.Contains(a.Body, "Switch to") {
		t.Errorf("what he may do nowhere: %d, with an offer", a.Status)
	}
	if to := s.take(a); to != "/audit" {
		t.Fatalf("the switch leads to %q", to)
	}
	if a := s.person.Get("/audit"); a.Status != http.StatusOK {
		t.Errorf("after the switch: %d", a.Status)
	}
	for path, offer := range map[string]bool{"/connections/new": true, s.connections[1] + "/edit": true, s.connections[2] + "/edit": false, s.connections[0] + "/edit": false} {
		if a := s.person.Get(path); a.Status != http.StatusForbidden || strings.Contains(a.Body, "Switch to Southmoor Exchange") != offer {
			t.Errorf("%s as the auditor of the first: %d, want an offer: %t", path, a.Status, offer)
		}
	}
}

// What waits at another exchange says so, and leads there, where it would only lack its buttons.
func TestApprovalsOfAnotherExchangeSayWhereTheyAreDecided(t *testing.T) {
	t.Parallel()
	s := newTwoSides(t, accounts.RoleAdministrator)
	ask := func(who string) {
		t.Helper()
		if _, err := s.Accounts.RequestAuditExport(t.Context(), s.Principal(t, who), accounts.AuditExport{Format: "csv"}, "The auditor comes."); err != nil {
			t.Fatal(err)
		}
	}
	ask(s.Administrator)
	there := s.person.Get("/approvals")
	if there.Status != http.StatusOK || !strings.Contains(there.Body, "The auditor comes.") || strings.Contains(there.Body, "/approve") ||
		!strings.Contains(there.Body, "decided in Northwind Exchange") || !strings.Contains(there.Body, "Switch to Northwind Exchange") {
		t.Errorf("in the second exchange: %d\n%s", there.Status, there.Body)
	}
	ask("Two.Sides")
	if a := s.person.Get("/approvals"); strings.Count(a.Body, "/withdraw") != 1 || strings.Count(a.Body, "Switch to Northwind Exchange") != 1 {
		t.Error("his own request can't be withdrawn in the second exchange, or says that somebody decides on it there")
	}
	if to := s.take(there); to != "/approvals" {
		t.Fatalf("the switch leads to %q", to)
	}
	if a := s.person.Get("/approvals"); strings.Count(a.Body, "/approve\"") != 1 && strings.Count(a.Body, "/approve?") != 1 || strings.Contains(a.Body, "Switch to") {
		t.Errorf("in the first exchange: the buttons are not there\n%s", a.Body)
	}
}
