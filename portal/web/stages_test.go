package web_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/fixtures"
	"github.com/ediport/ediport/portal/walktest"
	"github.com/ediport/ediport/portal/web"
	"github.com/ediport/ediport/portal/web/browsertest"
	"github.com/ediport/ediport/portal/web/webtest"
	"github.com/ediport/ediport/storage"
)

// A stage is somebody in a state of affairs in which pages show that nobody sees otherwise.
type stage struct {
	name    string
	site    *webtest.Site
	cookies []*http.Cookie
	pages   []seenPage
}

// A house is the sites on which all pages are looked at.
type house struct {
	w      *walktest.World
	demo   *webtest.Site // the same database, with its mailbox
	strict *webtest.Site // the same, asking for second factors
	fresh  *webtest.Site // set up by nobody yet
	before map[*webtest.Site]int
}

func newHouse(t *testing.T) *house {
	t.Helper()
	w := walktest.New(t)
	asking := *w.World
	h := &house{w: w, demo: webtest.In(t, w.World, func(o *web.Options) { o.Demo = true }), strict: webtest.In(t, asking.Strict(t)), fresh: webtest.New(t)}
	loaded(t, h.fresh, `UPDATE membership SET ended_at = now() WHERE operator_id IS NOT NULL RETURNING role`)
	return h
}

func (h *house) sites() []*webtest.Site {
	return []*webtest.Site{h.w.Site, h.demo, h.strict, h.fresh}
}

// forget has [house.shown] tell of what is shown from now on.
func (h *house) forget() {
	h.before = map[*webtest.Site]int{}
	for _, s := range h.sites() {
		h.before[s] = s.Log.Len()
	}
}

var templateShown = regexp.MustCompile(`msg=page template=(\S+)`)

// shown ends the sites and returns the templates that they showed.
func (h *house) shown(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	for _, s := range h.sites() {
		s.Server.Close()
		for _, m := range templateShown.FindAllStringSubmatch(s.Log.String()[h.before[s]:], -1) {
			names[m[1]] = true
		}
	}
	return names
}

// stages prepares all states of affairs. Between them they show every page.
func (h *house) stages(t *testing.T) []stage {
	t.Helper()
	w := h.w
	stranger, inside := pagesFor(t, w, true), pagesFor(t, w, false) // with ids of what was there before the rest came
	after, before := h.factor(t)
	special := []stage{
		h.mailbox(t), h.recovery(t), h.invited(t), after, before, h.export(t),
		{"to be set up", h.fresh, nil, []seenPage{{pattern: "GET /set-up", path: "/set-up"}}},
		{"a second factor is missing", h.strict, h.strict.SignedIn(t, w.Administrator).Cookies(), []seenPage{{pattern: "GET /step/enrol", path: "/step/enrol"}}},
		{"without any role", w.Site, w.SignedIn(t, w.Nobody).Cookies(), []seenPage{{path: "/dashboard"}, {path: "/people", status: http.StatusForbidden}}},
	}
	stranger = append(stranger, seenPage{path: "/sign-in?why=expired"}, seenPage{path: "/sign-in", then: func(b *browsertest.Browser) {
		signInWith(b, w.Nobody, "wrong")
		b.Do(chromedp.WaitVisible(css("#refused")))
	}})
	inside = append(inside, seenPage{path: "/nothing-here", status: http.StatusNotFound}, seenPage{path: "/acknowledgments?side=ours"},
		seenPage{path: "/connections/new", then: func(b *browsertest.Browser) {
			says[bool](b, `(document.querySelector("main form").noValidate = true)`) // so that the server says what is missing
			b.Press("Add connection")
			b.Do(chromedp.WaitVisible(css(".notice.bad")))
		}})
	inside = append(inside, h.patientReport(t)...)
	elsewhere := func(p seenPage) bool {
		return p.pattern != "" && slices.ContainsFunc(special, func(s stage) bool {
			return slices.ContainsFunc(s.pages, func(o seenPage) bool { return o.pattern == p.pattern })
		})
	}
	return append(special,
		stage{"a stranger", w.Site, nil, slices.DeleteFunc(stranger, elsewhere)},
		stage{"the owner", w.Site, w.SignedIn(t, w.All.Login).Cookies(), slices.DeleteFunc(inside, elsewhere)})
}

// mailbox is a demo into which a mail has come.
func (h *house) mailbox(t *testing.T) stage {
	t.Helper()
	if a := h.w.Client(t).Post("/recover/user-id", "email", h.w.Biller+"@example.org"); a.Status != http.StatusSeeOther {
		t.Fatalf("asking for the user id: %d", a.Status)
	}
	return stage{"in a demo", h.demo, nil, []seenPage{{pattern: "GET /mailbox", path: "/mailbox"}, {pattern: "GET /mailbox/{id}", path: h.mail(t)}}}
}

// mail returns the page of the mail that was written last.
func (h *house) mail(t *testing.T) string {
	t.Helper()
	return found(t, `href="(/mailbox/ntc_[0-9a-z]+)"`, h.demo.Client(t).Get("/mailbox").Body)
}

// recovery is somebody who waits for a code.
func (h *house) recovery(t *testing.T) stage {
	t.Helper()
	c := h.w.Client(t)
	if a := c.Post("/recover/password", "name", h.w.Biller, "identifier", fixtures.AccountA.NPI); a.Location != "/recover/code" {
		t.Fatalf("asking for a code: %d to %q", a.Status, a.Location)
	}
	return stage{"waiting for a code", h.w.Site, c.Cookies(), []seenPage{{pattern: "GET /recover/code", path: "/recover/code"}}}
}

// invited is somebody who entered the code of an invitation.
func (h *house) invited(t *testing.T) stage {
	t.Helper()
	if a := invite(t, h.w.Site, h.w.SignedIn(t, h.w.Administrator), "Maria.Q", "biller"); !strings.Contains(a.Location, "done=") {
		t.Fatalf("inviting: %d to %q", a.Status, a.Location)
	}
	code := found(t, `\b([0-9A-Z]{4}(?:-[0-9A-Z]{4})+)\b`, h.demo.Client(t).Get(h.mail(t)).Body)
	c := h.w.Client(t)
	if a := c.Post("/invitation", "code", code); a.Location != "/recover/new" {
		t.Fatalf("the code: %d to %q", a.Status, a.Location)
	}
	return stage{"invited", h.w.Site, c.Cookies(), []seenPage{{pattern: "GET /recover/new", path: "/recover/new"}}}
}

// factor is somebody with an authenticator app: before the second step, and then.
func (h *house) factor(t *testing.T) (after, before stage) {
	t.Helper()
	c := h.w.SignedIn(t, h.w.Viewer)
	enrolApp(t, h.w.Site, c)
	half := h.w.SignedIn(t, h.w.Viewer)
	return stage{"with an app", h.w.Site, c.Cookies(), []seenPage{{path: "/account", then: func(b *browsertest.Browser) {
		b.Press("Make new codes")
		b.Sees("The codes you had before are void")
	}}}}, stage{"before the second step", h.w.Site, half.Cookies(), []seenPage{{pattern: "GET /step/factor", path: "/step/factor"}}}
}

// export is somebody whose export of the audit was approved.
func (h *house) export(t *testing.T) stage {
	t.Helper()
	const login = "Aud.Itor"
	h.w.AddUser(t, login, "Audra Iverson", accounts.Grant{Role: accounts.RoleAuditor, Operator: h.w.Operator})
	c := h.w.SignedIn(t, login)
	day := h.w.Clock.Now().Format(time.DateOnly)
	mustDo(t, "asking for an export", c.Post("/audit/export", "from", day, "to", day, "format", "csv", "reason", "the yearly review"))
	path := found(t, `(/approvals/apv_[0-9a-z]+)`, c.Get("/approvals").Body)
	mustDo(t, "approving it", h.w.SignedIn(t, h.w.Both).Post(path+"/approve"))
	return stage{"with an approved export", h.w.Site, c.Cookies(), []seenPage{{pattern: "GET /approvals/{id}/export", path: path + "/export"}}}
}

// patientReport are the answers to who saw a patient. They come by POST, so that no member id stands in a URL.
func (h *house) patientReport(t *testing.T) []seenPage {
	t.Helper()
	mustShow(t, h.w.SignedIn(t, h.w.All.Login), "/claim-status") // there is somebody to tell of
	members := walktest.Texts(t, h.w.LoaderDSN, `SELECT member_id FROM person_mention WHERE account_id = $1 AND kind = 'status' AND member_id IS NOT NULL ORDER BY row_id LIMIT 1`, h.w.Account)
	if len(members) == 0 {
		t.Fatal("nobody has a member id")
	}
	account := h.w.DB.PublicIDs().Format(storage.PublicAccount, int64(h.w.Account))
	asks := func(member, leads string) seenPage {
		return seenPage{path: "/audit/patients", then: func(b *browsertest.Browser) {
			if member != "" {
				b.Do(chromedp.SetValue(css("#s-member"), member))
			}
			b.Do(chromedp.SetValue(css("#s-account"), account))
			b.Click("main form.search button[type=submit]")
			b.Do(chromedp.WaitVisible(css(leads)))
		}}
	}
	return []seenPage{asks(members[0], "main tbody tr"), asks("NOBODY-1", "main .empty"), asks("", "#s-member-error")}
}
