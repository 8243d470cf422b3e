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
	"github.com/ediport/ediport/accounts/accountstest/covers"
	"github.com/ediport/ediport/portal/walktest"
	"github.com/ediport/ediport/portal/web/webtest"
	"github.com/ediport/ediport/storage"
)

var exchangeOption = regexp.MustCompile(`<option value="(opr_[0-9a-z]+)"[^>]*>([^<]+)</option>`)

// Who works for two exchanges, and may do more in the one than in the other, sees one at a time. Nothing of the other shows, whatever he
// may do in the first, and whatever the browser asks for.
func TestTwoExchangesAreSeenOneAtATime(t *testing.T) {
	covers.Rows(t, "A45", "A46", "A48")
	t.Parallel()
	s := webtest.New(t)
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
	auditor := s.SignedIn(t, s.AddUser(t, "Two.Sides", "Twyla Sides",
		accounts.Grant{Role: accounts.RoleAuditor, Operator: s.Operator}, accounts.Grant{Role: accounts.RoleOperator, Operator: second}))
	page := auditor.Get("/connections")
	path := regexp.MustCompile(`/connections/con_[0-9a-z]+`).FindString(page.Body)
	options := exchangeOption.FindAllStringSubmatch(page.Body, -1)
	if !strings.Contains(page.Body, "tamarind") || strings.Contains(page.Body, "juniper") || len(options) != 2 || path == "" {
		t.Fatalf("the connections: %d at %q, with %v to choose from; want those of the first exchange, and two exchanges", page.Status, path, options)
	}
	for path, want := range map[string]int{"/audit": http.StatusOK, "/files": http.StatusOK, path + "/edit": http.StatusForbidden, "/connections/new": http.StatusForbidden} {
		if a := auditor.Get(path); a.Status != want || strings.Contains(a.Body, "juniper") {
			t.Errorf("%s as the auditor of the first: %d, want %d", path, a.Status, want)
		}
	}
	if a := auditor.Get("/dashboard"); a.Status != http.StatusOK || !strings.Contains(a.Body, `href="/runs`) {
		t.Errorf("the dashboard, which asks for all rights at once: %d, without the exchange", a.Status)
	}
	choose := func(id string) webtest.Answer {
		return auditor.Post("/session/exchange", "operator", id, "next", "/connections")
	}
	for name, id := range map[string]string{"another's": s.DB.PublicIDs().Format(storage.PublicOperator, int64(third)), "none": "", "an account": s.DB.PublicIDs().Format(storage.PublicAccount, int64(s.Account))} {
		if a := choose(id); a.Status != http.StatusNotFound {
			t.Errorf("choosing %s: %d, want 404", name, a.Status)
		}
	}
	if a := choose(options[1][1]); a.Location != "/connections" {
		t.Fatalf("choosing the second: %d to %q", a.Status, a.Location)
	}
	if a := auditor.Get("/connections"); !strings.Contains(a.Body, "juniper") || strings.Contains(a.Body, "tamarind") || strings.Contains(a.Body, "hemlock") {
		t.Error("the connections are not those of the second exchange alone")
	}
	for at, want := range map[string]int{"/audit": http.StatusForbidden, "/people": http.StatusForbidden, "/files": http.StatusOK, path: http.StatusNotFound, path + "/edit": http.StatusNotFound} {
		if a := auditor.Get(at); a.Status != want || strings.Contains(a.Body, "tamarind") {
			t.Errorf("%s as the operator of the second: %d, want %d", at, a.Status, want)
		}
	}
	r := auditor.Request(http.MethodGet, "/connections", nil)
	for _, cookie := range auditor.Cookies() {
		if !strings.HasSuffix(cookie.Name, "-exchange") {
			r.AddCookie(cookie)
		}
	}
	forged := s.Client(t)
	r.AddCookie(&http.Cookie{Name: "ediport-exchange", Value: s.DB.PublicIDs().Format(storage.PublicOperator, int64(third))})
	if a := forged.Do(r); a.Status != http.StatusOK || strings.Contains(a.Body, "hemlock") || !strings.Contains(a.Body, "tamarind") {
		t.Errorf("a cookie of an exchange for which he doesn't work: %d, want the first of his", a.Status)
	}
	if a := s.SignedIn(t, s.Administrator).Get("/connections"); strings.Contains(a.Body, "exchange-switcher") {
		t.Error("who works for one exchange is asked to choose")
	}
}

var postAction = regexp.MustCompile(`method="post" action="([^"]+)"`)

// A form that stayed open in one exchange does nothing in the other one that was chosen meanwhile; what is about the person alone
// goes on.
func TestFormsStayInTheirExchange(t *testing.T) {
	covers.Rows(t, "A46")
	t.Parallel()
	s := webtest.New(t)
	var second storage.OperatorID
	err := s.DB.InSystem(t.Context(), accountstest.Actor, func(tx *storage.Tx) (err error) {
		second, _, err = tx.NewOperator(t.Context(), "Southmoor Exchange", "America/New_York")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	c := s.SignedIn(t, s.AddUser(t, "Two.Sides", "Twyla Sides",
		accounts.Grant{Role: accounts.RoleOperator, Operator: s.Operator}, accounts.Grant{Role: accounts.RoleOperator, Operator: second}))
	var add, out string
	for _, m := range postAction.FindAllStringSubmatch(c.Get("/connections/new").Body, -1) {
		switch action := html.UnescapeString(m[1]); {
		case strings.HasPrefix(action, "/connections"):
			add = action
		case strings.HasPrefix(action, "/sign-out"):
			out = action
		}
	}
	choose := func(operator storage.OperatorID) {
		if a := c.Post("/session/exchange", "operator", s.DB.PublicIDs().Format(storage.PublicOperator, int64(operator))); a.Status != http.StatusSeeOther {
			t.Fatalf("choosing: %d", a.Status)
		}
	}
	choose(second)
	post := func() webtest.Answer {
		return c.Post(add, "name", "Tamarind", "protocol", "sftp", "host", "tamarind.example", "port", "22", "username", "u", "auth", "password", "password", "hills and lakes")
	}
	if a := post(); a.Status != http.StatusConflict || !strings.Contains(a.Body, "another exchange") {
		t.Errorf("%q, opened in the first, in the second: %d, want 409", add, a.Status)
	}
	if added := walktest.Texts(t, s.LoaderDSN, `SELECT name FROM connection`); len(added) != 0 {
		t.Errorf("connections were added: %v", added)
	}
	choose(s.Operator)
	if a := post(); a.Status != http.StatusSeeOther {
		t.Errorf("%q in the first: %d", add, a.Status)
	}
	choose(second)
	if a := c.Post(out); a.Status != http.StatusSeeOther || out == "" {
		t.Errorf("signing out by a page of the first: %d", a.Status)
	}
}
