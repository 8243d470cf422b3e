package web_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/accounts/accountstest"
	"github.com/ediport/ediport/accounts/accountstest/covers"
	"github.com/ediport/ediport/portal/web/webtest"
	"github.com/ediport/ediport/storage"
)

// A mail says whom to ask as the pages do: what the operator of the person's exchange has set.
func TestMailsSayWhomToAsk(t *testing.T) {
	covers.Rows(t, "S68")
	t.Parallel()
	s := webtest.New(t)
	office := mailed(t, s)
	var other storage.OperatorID
	err := s.DB.InSystem(t.Context(), accountstest.Actor, func(tx *storage.Tx) (err error) {
		other, _, err = tx.NewOperator(t.Context(), "Southgate Exchange", "America/Chicago")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	south := s.AddUser(t, "Sol.South", "Solveig Haugen", accounts.Grant{Role: accounts.RoleOperator, Operator: other})
	recovery := func(pairs ...string) string {
		if a := s.Client(t).Post("/recover/password", pairs...); a.Location != "/recover/code" {
			t.Fatalf("asking for a code: %d to %q", a.Status, a.Location)
		}
		_, r := told(t, office, "Your code to set a new password")
		return strings.Join(strings.Fields(r.Text), " ") + r.HTML
	}
	if mail := recovery("name", s.Biller, "identifier", clinicNPI); !strings.Contains(mail, "tell your administrator") || strings.Contains(mail, "Whom to ask") {
		t.Errorf("before anything was set:\n%s", mail)
	}
	if a := s.SignedIn(t, s.Administrator).Post("/settings/texts", "support", "Help desk, 555-0142.", "hours", "Weekdays 7 to 7"); a.Status != http.StatusSeeOther {
		t.Fatalf("setting the texts: %d", a.Status)
	}
	mail := recovery("name", s.Biller, "identifier", clinicNPI)
	if !strings.Contains(mail, "tell the support of Northwind Exchange") || strings.Count(mail, "Whom to ask: Help desk, 555-0142. Weekdays 7 to 7") != 2 {
		t.Errorf("to a person of the operator:\n%s", mail)
	}
	if mail := recovery("name", south, "other", south+"@example.org"); strings.Contains(mail, "555-0142") || !strings.Contains(mail, "tell your administrator") {
		t.Errorf("to a person of another operator:\n%s", mail)
	}
}
