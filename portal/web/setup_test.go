package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/accounts/accountstest/covers"
	"github.com/ediport/ediport/portal/web"
	"github.com/ediport/ediport/portal/web/webtest"
)

// setup is the form of the set-up, filled in.
func setup(code string, change ...string) []string {
	form := []string{
		"code", code, "operator", "Prairie Exchange", "time_zone", "America/Chicago", "name", "Olivia Hartwell", "login", "Olivia.H",
		"email", "olivia@prairie.example", "password", chosen,
	}
	for i := 0; i+1 < len(change); i += 2 {
		for j := 0; j < len(form); j += 2 {
			if form[j] == change[i] {
				form[j+1] = change[i+1]
			}
		}
	}
	return form
}

func TestSetUp(t *testing.T) {
	covers.Rows(t, "A10")
	t.Parallel()
	s := webtest.New(t)
	c := s.Client(t)
	if a := c.Get("/set-up"); a.Location != "/sign-in" {
		t.Errorf("the set-up of an installation with an administrator: %d to %q", a.Status, a.Location)
	}
	if code, err := s.Accounts.NewSetupCode(t.Context()); err != nil || code != "" {
		t.Errorf("a code for an installation with an administrator: %q, %v", code, err)
	}
	loaded(t, s, `UPDATE membership SET ended_at = now() WHERE operator_id IS NOT NULL RETURNING role`)
	if a := c.Get("/set-up"); a.Status != http.StatusOK {
		t.Fatalf("the set-up of a new installation: %d", a.Status)
	}
	first, err := s.Accounts.NewSetupCode(t.Context())
	if err != nil || first == "" {
		t.Fatalf("no code: %v", err)
	}
	code, err := s.Accounts.NewSetupCode(t.Context()) // the program was started anew
	if err != nil {
		t.Fatal(err)
	}
	for what, form := range map[string][]string{
		"a guessed code":            setup("AAAA-AAAA-AAAA-AAAA"),
		"the code of another start": setup(first),
		"a short password":          setup(code, "password", "short"),
		"the operator's name":       setup(code, "password", "prairie-exchange-prairie"),
		"no such time zone":         setup(code, "time_zone", "Mars/Olympus"),
		"no address":                setup(code, "email", ""),
		"no user id":                setup(code, "login", "x y"),
	} {
		if a := c.Post("/set-up", form...); a.Status != http.StatusUnprocessableEntity || strings.Contains(a.Body, code) || strings.Contains(a.Body, chosen) {
			t.Errorf("%s: %d", what, a.Status)
		}
	}
	if a := c.Post("/set-up", setup(strings.ToLower(code))...); a.Location != "/sign-in?done=set-up" {
		t.Fatalf("the set-up: %d to %q", a.Status, a.Location)
	}
	if a := c.Get("/"); !strings.Contains(a.Body, "<h1>Prairie Exchange</h1>") || strings.Contains(a.Body, "Northwind") {
		t.Error("the page before signing in doesn't have the name from the set-up")
	}
	loaded(t, s, `UPDATE operator SET name = 'Meadow Exchange' WHERE name = 'Prairie Exchange' RETURNING name`)
	s.Clock.Advance(11 * time.Second)
	if a := c.Get("/sign-in"); !strings.Contains(a.Body, "Meadow Exchange") {
		t.Error("the page before signing in doesn't follow the operator's name")
	}
	loaded(t, s, `UPDATE operator SET name = 'Prairie Exchange' WHERE name = 'Meadow Exchange' RETURNING name`)
	if a := c.Post("/set-up", setup(code, "login", "Second.Owner", "email", "x@prairie.example")...); a.Location != "/sign-in" {
		t.Errorf("the set-up a second time: %d to %q", a.Status, a.Location)
	}
	if got := loaded(t, s, `SELECT m.role || ' ' || o.name || ' ' || o.time_zone FROM membership m JOIN app_user u ON u.id = m.user_id
		JOIN operator o ON o.operator_id = m.operator_id WHERE u.login = 'Olivia.H'`); len(got) != 1 || got[0] != string(accounts.RoleOwner)+" Prairie Exchange America/Chicago" {
		t.Errorf("made: %v", got)
	}
	if got := loaded(t, s, `SELECT x::text FROM sign_in_code x`); strings.Contains(strings.Join(got, " "), strings.ReplaceAll(code, "-", "")) {
		t.Error("the code is in the database")
	}
	strict := s.Strict(t)
	p, err := strict.Accounts.SignIn(t.Context(), accounts.Credentials{Name: "Olivia.H", Password: chosen}, accounts.Origin{Address: "192.0.2.7"})
	if err != nil || p.Step != accounts.StepEnrol {
		t.Errorf("the owner's first sign-in leads to %q, %v; want the second factor", p.Step, err)
	}
}

// A demo shows its mail in place of sending it, and nothing else does.
func TestMailboxIsForDemosOnly(t *testing.T) {
	covers.Rows(t, "S11")
	t.Parallel()
	s := webtest.New(t)
	admin := s.SignedIn(t, s.Administrator)
	for _, path := range []string{"/mailbox", "/mailbox/ntc_00000000000000000000000000", "/mailbox/ntc_00000000000000000000000000/html"} {
		if a := admin.Get(path); a.Status != http.StatusNotFound {
			t.Errorf("%s outside of a demo: %d", path, a.Status)
		}
	}
	demo := webtest.New(t, func(o *web.Options) { o.Demo = true })
	c := demo.Client(t)
	if a := c.Get("/mailbox"); a.Status != http.StatusOK || !strings.Contains(a.Body, "No mail") {
		t.Errorf("an empty mailbox: %d", a.Status)
	}
	if a := demo.SignedIn(t, demo.Administrator).Post("/settings/texts", "support", "Help desk, 555-0142."); a.Status != http.StatusSeeOther {
		t.Fatalf("setting the texts: %d", a.Status)
	}
	c.Post("/recover/password", "name", demo.Administrator, "other", demo.Administrator+"@example.org")
	list := c.Get("/mailbox").Body
	i := strings.Index(list, `href="/mailbox/ntc_`)
	if i < 0 {
		t.Fatal("the mail is not in the mailbox")
	}
	path, _, _ := strings.Cut(list[i+6:], `"`)
	mail := c.Get(path)
	if !strings.Contains(mail.Body, "Ada Marchetti") || !strings.Contains(mail.Body, "Type this code into the page") {
		t.Errorf("the mail: %d", mail.Status)
	}
	if !strings.Contains(mail.Body, "Whom to ask: Help desk, 555-0142.") || strings.Contains(mail.Body, "555 0100") {
		t.Error("the mail doesn't say whom to ask as mails that are sent do")
	}
	html := c.Get(path + "/html")
	if csp := html.Header.Get("Content-Security-Policy"); html.Status != http.StatusOK || !strings.HasPrefix(csp, "sandbox;") || !strings.Contains(csp, "default-src 'none'") {
		t.Errorf("the mail as HTML: %d, policy %q", html.Status, csp)
	}
}
