package web_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"
	_ "github.com/lib/pq"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/accounts/accountstest"
	"github.com/ediport/ediport/accounts/accountstest/covers"
	"github.com/ediport/ediport/jobs/notify"
	"github.com/ediport/ediport/jobs/notify/notifytest"
	"github.com/ediport/ediport/portal/web/webtest"
	"github.com/ediport/ediport/storage"
)

// Identifiers of the practice at which the people of these tests work.
const (
	clinicNPI   = "2990000012"
	clinicTaxID = "001110001"
	otherNPI    = "2990000020"
)

const chosen = "velvet-tundra-piano-92"

// mailed gives a site a mail server of its own, and its account the identifiers above.
func mailed(t *testing.T, s *webtest.Site) *notifytest.Office {
	t.Helper()
	office := notifytest.Open(t, notifytest.Options{})
	n, err := notify.Start(notify.Config{
		DB: s.DB, Keys: s.Ring, Mail: office.Mail("ediport@exchange.example"), Allow: notifytest.Loopback, Look: 20 * time.Millisecond,
		Explain: func(string) (string, string) { return "", "" },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := n.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
	err = s.DB.InSystem(t.Context(), accountstest.Actor, func(tx *storage.Tx) error {
		for kind, value := range map[string]string{"npi": clinicNPI, "tin": clinicTaxID} {
			if err := tx.AddIdentifier(t.Context(), s.Operator, storage.Identifier{Account: s.Account, Kind: kind, Value: value}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return office
}

// told waits for a mail with the subject.
func told(t *testing.T, office *notifytest.Office, subject string) (notifytest.Taken, notifytest.Read) {
	t.Helper()
	m := office.Find(t, func(m notifytest.Taken) bool { return m.Read(t).Subject == subject })
	return m, m.Read(t)
}

// recoverWith asks for a code and returns it.
func recoverWith(t *testing.T, c *webtest.Client, office *notifytest.Office, name string) string {
	t.Helper()
	if a := c.Post("/recover/password", "name", name, "identifier", clinicNPI); a.Location != "/recover/code" {
		t.Fatalf("asking for a code: %d to %q", a.Status, a.Location)
	}
	_, r := told(t, office, "Your code to set a new password")
	return r.Code(t)
}

func TestPasswordRecovery(t *testing.T) {
	covers.Rows(t, "S11", "S12", "S14", "A25", "A30", "A31")
	t.Parallel()
	s := webtest.New(t)
	office := mailed(t, s)
	signedIn := s.SignedIn(t, s.Biller)
	c := s.Client(t)
	code := recoverWith(t, c, office, s.Biller)
	if a := c.Get("/recover/code"); a.Status != http.StatusOK || !strings.Contains(a.Body, "Nothing arrived?") || strings.Contains(a.Body, code) {
		t.Errorf("the page that asks for the code: %d", a.Status)
	}
	if a := c.Get("/recover/new"); a.Location != "/recover/code" {
		t.Errorf("choosing a password before the code: %d to %q", a.Status, a.Location)
	}
	if a := c.Post("/recover/new", "password", chosen); a.Location != "/recover/password?why=gone" {
		t.Errorf("a password without the code: %d to %q", a.Status, a.Location)
	}
	code = recoverWith(t, c, office, s.Biller)
	thief := s.Client(t) // another browser has the code but not the request
	if a := thief.Post("/recover/code", "code", code); !strings.HasPrefix(a.Location, "/recover/password") {
		t.Errorf("the code in another browser: %d to %q", a.Status, a.Location)
	}
	request := recoveryCookie(t, c)
	if a := c.Post("/recover/code", "code", strings.ToLower(strings.ReplaceAll(code, "-", " "))); a.Location != "/recover/new" {
		t.Fatalf("the code: %d to %q", a.Status, a.Location)
	}
	if a := postWith(s.Client(t), request, "/recover/code", "code="+code); a.Location != "/recover/password?why=gone" {
		t.Errorf("the code a second time: %d to %q", a.Status, a.Location)
	}
	if a := c.Post("/recover/new", "password", "short"); a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Body, "at least 15") {
		t.Errorf("a short password: %d", a.Status)
	}
	if a := c.Post("/recover/new", "password", chosen); a.Location != "/sign-in?done=password-recovered" {
		t.Fatalf("choosing a password: %d to %q", a.Status, a.Location)
	}
	if a := c.Post("/recover/new", "password", chosen+"x"); a.Location == "/sign-in?done=password-recovered" {
		t.Error("the request can be used twice")
	}
	if a := signedIn.Get("/account"); a.Status != http.StatusSeeOther {
		t.Errorf("a session from before: %d, want it ended", a.Status)
	}
	if a := c.Post("/sign-in", "username", s.Biller, "password", accountstest.Password); a.Status == http.StatusSeeOther {
		t.Error("the old password works")
	}
	if a := c.Post("/sign-in", "username", s.Biller, "password", chosen); a.Status != http.StatusSeeOther {
		t.Errorf("the new password: %d", a.Status)
	}
	if m, _ := told(t, office, "Access was recovered"); m.To != s.Biller+"@example.org" {
		t.Errorf("the notice went to %s", m.To)
	}
}

// However the proof or the name is wrong, the answer is the same as for the right one, and nothing is sent.
func TestRecoverySaysTheSame(t *testing.T) {
	covers.Rows(t, "S10", "S14", "A17", "C4")
	t.Parallel()
	s := webtest.New(t)
	office := mailed(t, s)
	unconfirmed := s.AddUser(t, "Una.Unconfirmed", "Una Sorrell", accounts.Grant{Role: accounts.RoleBiller, Account: s.Account})
	loaded(t, s, `UPDATE app_user SET email_key = NULL WHERE login = 'Una.Unconfirmed'`)
	s.AddUser(t, "Dan.Disabled", "Dan Whitlock", accounts.Grant{Role: accounts.RoleBiller, Account: s.Account})
	loaded(t, s, `UPDATE app_user SET state = 'disabled' WHERE login = 'Dan.Disabled'`)
	type answers struct{ asked, page, wrong webtest.Answer }
	try := func(pairs ...string) answers {
		c := s.Client(t)
		return answers{c.Post("/recover/password", pairs...), c.Get("/recover/code"), c.Post("/recover/code", "code", "AAAA-AAAA")}
	}
	right := try("name", s.Biller, "identifier", clinicNPI)
	for what, pairs := range map[string][]string{
		"unknown user id":            {"name", "Nob.Nobody", "identifier", clinicNPI},
		"unknown address":            {"name", "nobody@example.org", "identifier", clinicNPI},
		"wrong NPI":                  {"name", s.Biller, "identifier", otherNPI},
		"wrong tax id, right NPI":    {"name", s.Biller, "identifier", clinicNPI, "tax_id", "009990009"},
		"another organization's":     {"name", s.OtherBiller, "identifier", clinicNPI},
		"no organization's proof":    {"name", s.Biller, "other", s.Biller + "@example.org"},
		"no role":                    {"name", s.Nobody, "identifier", clinicNPI},
		"address not confirmed":      {"name", unconfirmed, "identifier", clinicNPI},
		"disabled":                   {"name", "Dan.Disabled", "identifier", clinicNPI},
		"user id in another case":    {"name", strings.ToLower(s.Biller), "identifier", clinicNPI},
		"operator's with wrong mail": {"name", s.Administrator, "other", "x@example.org"},
	} {
		got := try(pairs...)
		if got.asked.Status != right.asked.Status || got.asked.Location != right.asked.Location || got.page.Status != right.page.Status ||
			stripped(got.page.Body) != stripped(right.page.Body) || got.wrong.Status != right.wrong.Status || stripped(got.wrong.Body) != stripped(right.wrong.Body) {
			t.Errorf("%s: the answers differ from those to the right one", what)
		}
	}
	told(t, office, "Your code to set a new password")
	if a := s.Client(t).Post("/recover/password", "name", s.Administrator, "other", s.Administrator+"@example.org"); a.Location != "/recover/code" {
		t.Fatalf("an operator's person: %d", a.Status)
	}
	if m, _ := told(t, office, "Your code to set a new password"); m.To != s.Administrator+"@example.org" {
		t.Errorf("the second mail went to %s", m.To)
	}
	if got := len(office.Taken()); got != 2 {
		t.Errorf("%d mails came, want 2: those to the right ones", got)
	}
	refused := loaded(t, s, `SELECT detail->>'reason' FROM audit_event WHERE action = 'recovery.refused' ORDER BY 1`)
	if want := "no_confirmed_address not_active too_few_proofs unknown unknown unknown wrong_proof wrong_proof wrong_proof wrong_proof wrong_proof"; strings.Join(refused, " ") != want {
		t.Errorf("written down: %v, want %s", refused, want)
	}
}

// stripped is a page without what names the request itself.
func stripped(body string) string {
	if i := strings.Index(body, `class="incident"`); i >= 0 {
		body = body[:i]
	}
	return body
}

func TestRecoveryCodeIsLimited(t *testing.T) {
	covers.Rows(t, "S12", "S16", "A24", "A31")
	t.Parallel()
	s := webtest.New(t)
	office := mailed(t, s)
	c := s.Client(t)
	first := recoverWith(t, c, office, s.Biller)
	if a := c.Post("/recover/resend"); a.Status != http.StatusTooManyRequests || a.Header.Get("Retry-After") == "" {
		t.Errorf("another code at once: %d", a.Status)
	}
	for range 3 {
		if a := c.Post("/recover/code", "code", "AAAA-AAAA"); a.Status != http.StatusUnprocessableEntity {
			t.Fatalf("a wrong code: %d", a.Status)
		}
	}
	s.Clock.Advance(time.Minute)
	if a := c.Post("/recover/resend"); a.Location != "/recover/code?done=code-resent" {
		t.Fatalf("another code after a minute: %d to %q", a.Status, a.Location)
	}
	_, r := told(t, office, "Your code to set a new password")
	second := r.Code(t)
	if a := c.Post("/recover/code", "code", first); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("the code before: %d, want it to be of no use", a.Status)
	}
	request := recoveryCookie(t, c)
	if a := c.Post("/recover/code", "code", "BBBB-BBBB"); a.Location != "/recover/password?why=gone" {
		t.Errorf("the fifth wrong code: %d to %q", a.Status, a.Location)
	}
	if a := postWith(c, request, "/recover/code", "code="+second); a.Location != "/recover/password?why=gone" {
		t.Errorf("the right code after five wrong ones: %d to %q; a new code must not reset the count", a.Status, a.Location)
	}
	c = s.Client(t)
	code := recoverWith(t, c, office, s.Biller)
	s.Clock.Advance(30 * time.Minute)
	if a := c.Post("/recover/code", "code", code); a.Location != "/recover/password?why=gone" {
		t.Errorf("the code after 30 minutes: %d to %q", a.Status, a.Location)
	}
	if a := c.Get("/recover/password?why=gone"); !strings.Contains(a.Body, "Your request has ended") {
		t.Error("the page doesn't say why it begins anew")
	}
	throttled := 0
	for range 5 {
		if a := s.Client(t).Post("/recover/password", "name", s.Biller, "identifier", clinicNPI); a.Status == http.StatusTooManyRequests {
			throttled++
		}
	}
	if throttled == 0 {
		t.Error("requests for one person are not limited")
	}
}

func TestRecoveryOfUserID(t *testing.T) {
	covers.Rows(t, "S10", "A17")
	t.Parallel()
	s := webtest.New(t)
	office := mailed(t, s)
	known := s.Client(t).Post("/recover/user-id", "email", strings.ToUpper(s.Biller)+"@EXAMPLE.org")
	unknown := s.Client(t).Post("/recover/user-id", "email", "nobody@example.org")
	if known.Status != unknown.Status || known.Location != unknown.Location || known.Location != "/recover/user-id/sent" {
		t.Errorf("known: %d to %q, unknown: %d to %q", known.Status, known.Location, unknown.Status, unknown.Location)
	}
	if a := s.Client(t).Get(known.Location); a.Status != http.StatusOK {
		t.Errorf("the page after it: %d", a.Status)
	}
	if m, r := told(t, office, "Your user ID"); r.Code(t) != s.Biller || m.To != s.Biller+"@example.org" || len(office.Taken()) != 1 {
		t.Errorf("the mail to %s tells %s; %d mails", m.To, r.Code(t), len(office.Taken()))
	}
	if a := s.Client(t).Post("/recover/user-id", "email", "no address"); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("what is no address: %d", a.Status)
	}
}

// Names that are asked for and wrong codes are counted where no restart forgets them: another service
// on the same database knows.
func TestRecoveryIsCountedByAddressToo(t *testing.T) {
	covers.Rows(t, "A24")
	t.Parallel()
	s := webtest.New(t)
	c := s.Client(t)
	throttled := false
	for i := range 25 {
		a := c.Post("/recover/user-id", "email", fmt.Sprintf("nobody%d@example.org", i))
		throttled = throttled || a.Status == http.StatusTooManyRequests
	}
	if !throttled {
		t.Error("an address may ask for any number of people")
	}
}

// loaded runs a query as the loader, past row-level security, and returns its texts; none for a change.
func loaded(t *testing.T, s *webtest.Site, query string) []string {
	t.Helper()
	db, err := sqlx.ConnectContext(t.Context(), "postgres", s.LoaderDSN)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // of a test
	var out []string
	if err := db.SelectContext(t.Context(), &out, query); err != nil && !errors.Is(err, sql.ErrNoRows) {
		t.Fatal(err)
	}
	return out
}

// recoveryCookie returns the cookie that binds a request for a code to its browser.
func recoveryCookie(t *testing.T, c *webtest.Client) *http.Cookie {
	t.Helper()
	for _, cookie := range c.Cookies() {
		if cookie.Name == "ediport-recovery" {
			return cookie
		}
	}
	t.Fatal("the browser has no cookie of a request")
	return nil
}

// postWith posts a form with a cookie that the client hasn't, or not any more.
func postWith(c *webtest.Client, cookie *http.Cookie, path, form string) webtest.Answer {
	r := c.Request(http.MethodPost, path, strings.NewReader(form))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.AddCookie(cookie)
	return c.Do(r)
}
