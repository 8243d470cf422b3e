package web

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"reflect"
	"strings"
	"time"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/portal/door"
	"github.com/ediport/ediport/storage"
)

//go:embed templates
var templateFiles embed.FS

// A Page is what a handler gives to its template.
type Page struct {
	Title  string
	Crumbs []Crumb // the way here, without the page itself; none for pages of the menu
	Data   any     // the template's own, as .Data
	Errors FieldErrors
	Status int // HTTP status; 0 means 200
}

// A Crumb is a step of the way to a page.
type Crumb struct{ Label, Path string }

// FieldErrors say what is wrong with the fields of a form, by field name.
type FieldErrors map[string]string

// A view is what the templates see.
type view struct {
	Page
	Portal    *Portal
	Principal *accounts.Principal // nil: nobody is signed in
	Nav       []navGroup
	Path      string
	Done      string // what the POST before this page did, a sentence; "" for none
	Incident  string
	Now       time.Time
	Zone      *time.Location
	Texts     accounts.Texts // what the operator says on every page
	operator  string         // name of the operator, as it is called now
}

// Inside says whether the page has the frame with menu and account: not while something is still to be proved.
func (v view) Inside() bool {
	return v.Principal != nil && v.Principal.Step != accounts.StepFactor && v.Principal.Step != accounts.StepEnrol
}

// OperatorName returns who runs the exchange.
func (v view) OperatorName() string {
	if v.Principal != nil {
		for _, o := range v.Principal.Operators {
			if v.Principal.Exchange == 0 || o.ID == v.Principal.Exchange {
				return o.Name
			}
		}
	}
	return v.operator
}

// IdleSeconds returns how long the session lasts if nothing more is asked; 0 if nobody is signed in.
func (v view) IdleSeconds() int {
	if !v.Inside() {
		return 0
	}
	return int(v.Principal.IdleEnds.Sub(v.Now).Seconds())
}

// ID returns the public form of a row id of any type: {{$.ID "clm" .ID}}.
func (v view) ID(kind string, id any) string {
	return v.Portal.id(kind, reflect.ValueOf(id).Int())
}

// AccountID returns the public id of an account.
func (v view) AccountID(id storage.AccountID) string {
	return v.Portal.id(storage.PublicAccount, int64(id))
}

// AccountName returns the name of one of the person's accounts; "" if it isn't one.
func (v view) AccountName(id storage.AccountID) string {
	for _, a := range v.Principal.Accounts {
		if a.ID == id {
			return a.Name
		}
	}
	return ""
}

// parsePages parses every page together with the layout and the partials.
func parsePages(a *assets) (map[string]*template.Template, error) {
	base, err := template.New("layout.html").Funcs(funcs(a)).
		ParseFS(templateFiles, "templates/layout.html", "templates/partials/*.html")
	if err != nil {
		return nil, fmt.Errorf("portal: templates: %w", err)
	}
	pages := map[string]*template.Template{}
	err = fs.WalkDir(templateFiles, "templates/pages", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		page, err := base.Clone()
		if err != nil {
			return err
		}
		if _, err := page.ParseFS(templateFiles, path); err != nil {
			return err
		}
		name := strings.TrimSuffix(strings.TrimPrefix(path, "templates/pages/"), ".html")
		if page.Lookup("content") == nil {
			return fmt.Errorf("page %s defines no content", name)
		}
		pages[name] = page
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("portal: templates: %w", err)
	}
	return pages, nil
}

// render answers with a page, templates/pages/NAME.html. It is written only when it is complete.
func (p *Portal) render(w http.ResponseWriter, r *http.Request, name string, page Page) error {
	t, ok := p.pages[name]
	if !ok {
		return fmt.Errorf("portal: no page %q", name)
	}
	v := p.viewOf(r, page)
	if v.Principal != nil {
		v.Nav = p.navFor(v.Principal, r.URL.Path)
	}
	var out bytes.Buffer
	if err := t.Execute(&out, v); err != nil {
		return fmt.Errorf("portal: page %s: %w", name, err)
	}
	if action, values := p.keptFor(r); action != "" {
		filled, err := fillIn(out.Bytes(), action, values)
		if err != nil {
			return err
		}
		out = *bytes.NewBuffer(filled)
	}
	p.Log.Debug("page", "template", name, "incident", v.Incident)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if page.Status != 0 {
		w.WriteHeader(page.Status)
	}
	if _, err := w.Write(p.bound(out.Bytes(), v.Principal)); err != nil {
		p.Log.Debug("page not received", "incident", v.Incident, "error", err)
	}
	return nil
}

// viewOf returns what the templates see, without the menu.
func (p *Portal) viewOf(r *http.Request, page Page) view {
	principal := principalOf(r)
	posted := p.posted(r, principal)
	zone := posted.zone()
	if principal != nil {
		zone = principal.Zone()
	}
	return view{
		Page: page, Portal: p, Principal: principal, Path: r.URL.Path, Done: doneSentence(r.URL.Query().Get("done")),
		Incident: door.FromContext(r.Context()).Incident, Now: p.Now(), Zone: zone, Texts: posted.Texts, operator: posted.operator.Name,
	}
}

// fragment returns a named part of a page, for what changes while the page is open.
func (p *Portal) fragment(r *http.Request, page, part string, data any) (string, error) {
	t, ok := p.pages[page]
	if !ok {
		return "", fmt.Errorf("portal: no page %q", page)
	}
	var out strings.Builder
	if err := t.ExecuteTemplate(&out, part, p.viewOf(r, Page{Data: data})); err != nil {
		return "", fmt.Errorf("portal: part %s of page %s: %w", part, page, err)
	}
	return out.String(), nil
}

// done answers a POST: it goes on to path, where the sentence of code tells what was done.
func (p *Portal) done(w http.ResponseWriter, r *http.Request, path, code string) error {
	if code != "" {
		path += "?done=" + code
	}
	http.Redirect(w, r, path, http.StatusSeeOther)
	return nil
}

// doneSentences tell what a POST did. Only their codes travel in URLs, so nobody can put words
// into our mouth.
var doneSentences = map[string]string{
	"signed-out":           "You are signed out.",
	"password-changed":     "Your password is changed, and your other sessions are ended.",
	"session-ended":        "The session is ended.",
	"sessions-ended":       "All your other sessions are ended.",
	"role-given":           "The role is given. It holds from the person’s next click on.",
	"role-taken":           "The role is taken away. It grants nothing from the person’s next click on.",
	"person-disabled":      "The person is kept out: sessions and API tokens have stopped.",
	"person-enabled":       "The person may sign in again.",
	"person-signed-out":    "All sessions of the person are ended.",
	"role-added":           "The role is there to be given.",
	"role-changed":         "The role is changed, for everybody who has it.",
	"role-retired":         "The role is retired and grants nothing any more.",
	"approval-approved":    "It is approved and done.",
	"approval-rejected":    "It is rejected.",
	"approval-withdrawn":   "Your request is withdrawn.",
	"export-requested":     "It is asked for. Once somebody else has approved it, you can download it from this page for 24 hours.",
	"approval-requested":   "It is asked for. Somebody else has to approve it; until then nothing changes.",
	"purge-requested":      "It is asked for. Nothing is purged before somebody else has approved it here.",
	"host-keys-changed":    "The host keys are changed.",
	"emergency-opened":     "You have access now. The owners are told, and what you do is reviewed.",
	"emergency-ended":      "Your emergency access is over.",
	"emergency-reviewed":   "The review is written down.",
	"unlocked":             "Unlocked: the next attempt to sign in needn't wait any more. The person is told by mail.",
	"policy-changed":       "The policy is changed. It holds from the next sign-in and request on.",
	"policy-waits":         "The change protects less than before, so it waits for a second person, on the page of approvals. Nothing has changed yet.",
	"organization-added":   "The organization is added. Give it the identifiers by which answers find it.",
	"organization-changed": "The organization is changed.",
	"identifier-added":     "The identifier is added. It routes what is loaded from now on.",
	"identifier-retired":   "The identifier is retired: it routes nothing any more.",
	"practice-requested":   "The change is asked for. It holds once whoever runs the exchange has approved it.",
	"practice-approved":    "The details hold from the day that was named.",
	"practice-rejected":    "The change is rejected; they can read why.",
	"practice-withdrawn":   "The change is taken back.",
	"texts-changed":        "The texts are changed on every page.",
	"token-revoked":        "The token is revoked and can't be used any more.",
	"factor-added":         "It is set up. From now on you can use it to sign in. If you were signed in elsewhere, you can end those sessions below.",
	"factor-removed":       "It is removed and can't be used any more. If you were signed in elsewhere, you can end those sessions below.",
	"factor-renamed":       "It has its new name.",
	"device-forgotten":     "The browser is forgotten. The next sign-in in it counts as one from somewhere new.",
	"factors-reset":        "The second steps, the password and all sessions are ended. A code to begin anew is on its way to the person.",
	"setup-over":           "That took too long, so it begins anew.",

	"code-resent":         "Another mail with a code is on its way. The code before is of no use any more.",
	"password-recovered":  "Your new password is set, and all your sessions are ended. Sign in with it.",
	"invitation-accepted": "Welcome. Sign in with your user ID and the password you chose.",
	"set-up":              "ediport is set up. Sign in as its owner.",
	"invitation-sent":     "The invitation is on its way. The list shows what becomes of the mail.",
	"invitation-revoked":  "The invitation is revoked. Its code is of no use any more.",
	"reset-started":       "A mail with a code is on its way to the person, who chooses a new password with it.",
	"email-changed":       "The address is changed. Both the old and the new one are told.",
	"contact-confirmed":   "Thank you. Your contact data are confirmed.",
	"phone-changed":       "Your phone number is changed.",

	"unit-routed":           "It belongs to the account now, with all its rows.",
	"run-queued":            "The run is queued and begins in a moment.",
	"run-open":              "A run of this connection is under way already: here it is.",
	"run-cancelled":         "The run is asked to stop. What it took stays.",
	"schedule-added":        "The schedule is added.",
	"schedule-changed":      "The schedule is changed.",
	"schedule-paused":       "The schedule is paused.",
	"schedule-resumed":      "The schedule goes on.",
	"schedules-paused":      "All schedules are paused.",
	"schedules-resumed":     "The schedules go on.",
	"calendar-added":        "The calendar is added. Choose it in the schedules that should mind it.",
	"calendar-changed":      "The calendar is changed. Schedules that mind it have new times.",
	"calendar-deleted":      "The calendar is deleted.",
	"job-retried":           "It is tried again at once.",
	"job-discarded":         "It is put aside.",
	"job-cancelled":         "It is asked to stop.",
	"incident-acknowledged": "It is written down that you look after it. The incident ends by itself with the next success.",
	"incident-closed":       "The incident is closed.",
	"file-queued":           "The file is queued and sent with the next run, which begins in a moment.",
	"file-confirmed":        "It is written down that the file has arrived.",
	"file-void":             "The file is void. Its control numbers stay accounted for.",
	"file-handed-in":        "The file is taken in. Here is what happens to it.",
	"schedule-deleted":      "The schedule is deleted. Its runs stay.",
	"connection-added":      "The connection is added. Test it next.",
	"connection-changed":    "The connection is changed.",
	"connection-key":        "The new key is made. Give the partner its public part, then test the connection.",
	"connection-paused":     "The connection is paused.",
	"connection-resumed":    "The connection goes on.",
	"connection-approved":   "The host key is approved. Test the connection again to see whether the rest works.",
	"credential-added":      "The new credential waits beside the present one.",
	"credential-key":        "The new key waits beside the present one. Give the partner its public part.",
	"credential-promoted":   "The connection signs in with the new credential. The one before is destroyed.",
	"credential-removed":    "The new credential is destroyed. The present one goes on signing in.",
	"connection-deleted":    "The connection is deleted. Its files and runs stay.",
	"dropbox-added":         "The drop box is added. Give the partner its user, our host key and the folder /in.",
	"dropbox-changed":       "The drop box is changed.",
	"dropbox-paused":        "The drop box is paused. Nobody is signed in any more in a few seconds.",
	"dropbox-resumed":       "The drop box goes on.",
	"dropbox-deleted":       "The drop box is deleted. Its files stay.",
	"dropbox-key-added":     "The key may sign in.",
	"dropbox-key-removed":   "The key may not sign in any more.",
}

func doneSentence(code string) string { return doneSentences[code] }
