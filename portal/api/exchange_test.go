package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/lib/pq"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/accounts/accountstest"
	"github.com/ediport/ediport/accounts/accountstest/covers"
	"github.com/ediport/ediport/storage"
)

// A program of somebody who works for two exchanges names the one that it means. What he may do in the one opens nothing in the
// other.
func TestAProgramNamesTheExchange(t *testing.T) {
	covers.Rows(t, "A46", "A48")
	t.Parallel()
	s := newSite(t)
	var second, third storage.OperatorID
	err := s.DB.InSystem(t.Context(), accountstest.Actor, func(tx *storage.Tx) (err error) {
		if second, _, err = tx.NewOperator(t.Context(), "Southmoor Exchange", "America/New_York"); err == nil {
			third, _, err = tx.NewOperator(t.Context(), "Zenith Exchange", "America/New_York")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for operator, name := range map[storage.OperatorID]string{s.Operator: "tamarind", second: "juniper", third: "hemlock"} {
		err := s.DB.InScope(t.Context(), storage.Scope{Operator: operator, Actor: accountstest.Actor}, func(tx *storage.Tx) error {
			id, err := tx.NewID(t.Context(), storage.IDConnection)
			if err != nil {
				return err
			}
			return tx.AddConnection(t.Context(), &storage.Connection{
				ID: storage.ConnectionID(id), Name: name, Protocol: "sftp", Host: name + ".example", Port: 22, Username: "u", Auth: "password",
				HostKeys: pq.StringArray{}, Folders: []byte("[]"), Push: []byte("{}"), Network: []byte("{}"),
			})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	token := s.token(t, s.AddUser(t, "Two.Sides", "Twyla Sides",
		accounts.Grant{Role: accounts.RoleAuditor, Operator: s.Operator}, accounts.Grant{Role: accounts.RoleOperator, Operator: second}))
	for _, c := range []struct {
		operator storage.OperatorID
		path     string
		status   int
		holds    string
	}{
		{s.Operator, "/connections", http.StatusOK, "tamarind"},
		{second, "/connections", http.StatusOK, "juniper"},
		{third, "/connections", http.StatusNotFound, ""},
		{s.Operator, "/audit", http.StatusOK, ""},
		{second, "/audit", http.StatusForbidden, ""},
		{second, "/held-sets", http.StatusOK, ""},
	} {
		a := s.send(t, http.MethodGet, "/api/v1"+c.path, token, "", "Ediport-Operator", s.DB.PublicIDs().Format(storage.PublicOperator, int64(c.operator)))
		if a.status != c.status || !strings.Contains(a.body, c.holds) {
			t.Errorf("%s of operator %d: %d %s", c.path, c.operator, a.status, a.body)
		}
		for _, other := range []string{"tamarind", "juniper", "hemlock"} {
			if other != c.holds && strings.Contains(a.body, other) {
				t.Errorf("%s of operator %d shows %s", c.path, c.operator, other)
			}
		}
	}
	if a := s.send(t, http.MethodGet, "/api/v1/connections", token, "", "Ediport-Operator", "king"); a.status != http.StatusNotFound {
		t.Errorf("an operator that there isn't: %d", a.status)
	}
}

// What was done in one exchange isn't taken for done in another one because the program names both requests alike.
func TestAKeyIsOfOneExchange(t *testing.T) {
	covers.Rows(t, "A46")
	t.Parallel()
	s := newSite(t)
	var second storage.OperatorID
	err := s.DB.InSystem(t.Context(), accountstest.Actor, func(tx *storage.Tx) (err error) {
		second, _, err = tx.NewOperator(t.Context(), "Southmoor Exchange", "America/New_York")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	token := s.token(t, s.AddUser(t, "Two.Sides", "Twyla Sides",
		accounts.Grant{Role: accounts.RoleOperator, Operator: s.Operator}, accounts.Grant{Role: accounts.RoleOperator, Operator: second}))
	pause := func(operator storage.OperatorID) answer {
		return s.send(t, http.MethodPost, "/api/v1/schedules/pause", token, `{"reason": "night"}`, "Idempotency-Key", "night-1", "Ediport-Operator", s.DB.PublicIDs().Format(storage.PublicOperator, int64(operator)))
	}
	for range 2 {
		if a := pause(s.Operator); a.status >= 300 {
			t.Fatalf("pausing the first: %d %s", a.status, a.body)
		}
	}
	if a := pause(second); a.status != http.StatusConflict {
		t.Errorf("pausing the second by the same key: %d %s, want 409: nothing was done there", a.status, a.body)
	}
}
