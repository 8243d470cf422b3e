package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/portal/door"
	"github.com/ediport/ediport/storage"
)

// textsFor is how long the operator's texts are remembered: a change shows on all nodes after so long.
const textsFor = 10 * time.Second

// textBoard remembers what operators are called and say on every page. Safe for several goroutines; pages must not fail, nor get slower,
// for the sake of a footer.
type textBoard struct {
	mu    sync.Mutex
	known map[storage.OperatorID]postedTexts
}

type postedTexts struct {
	accounts.Texts
	operator storage.Operator // zero: not known
	until    time.Time
}

// zone returns the time zone of the operator, in which pages tell times to who isn't known; UTC without one.
func (x postedTexts) zone() *time.Location {
	if zone, err := time.LoadLocation(x.operator.TimeZone); err == nil {
		return zone
	}
	return time.UTC
}

// posted returns the operator of who asks, and what it says. What can't be read is left as it was.
func (p *Portal) posted(r *http.Request, principal *accounts.Principal) postedTexts {
	operator, now := principal.HomeOperator(), p.Now()
	p.board.mu.Lock()
	posted, known := p.board.known[operator]
	p.board.mu.Unlock()
	if known && now.Before(posted.until) {
		return posted
	}
	loaded, err := p.loadPosted(r.Context(), operator)
	if err != nil {
		p.Log.Warn("texts not read", "incident", door.FromContext(r.Context()).Incident, "error", err)
		loaded = posted
	}
	if loaded.Support == "" {
		loaded.Support = p.Support
	}
	if loaded.operator.Name == "" {
		loaded.operator.Name = p.Name
	}
	loaded.until = now.Add(textsFor)
	p.board.put(operator, loaded)
	return loaded
}

// loadPosted waits for the database no longer than a page may.
func (p *Portal) loadPosted(ctx context.Context, operator storage.OperatorID) (loaded postedTexts, err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	if loaded.Texts, err = p.Accounts.Texts(ctx, operator); err != nil {
		return loaded, err
	}
	loaded.operator, err = p.Accounts.Operator(ctx, operator)
	return loaded, err
}

func (b *textBoard) put(operator storage.OperatorID, posted postedTexts) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.known == nil {
		b.known = map[storage.OperatorID]postedTexts{}
	}
	b.known[operator] = posted
}

// forget has all texts read anew.
func (b *textBoard) forget() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.known = nil
}

// textsForm is the form of the texts.
type textsForm struct{ formValues }

func (p *Portal) editTexts(w http.ResponseWriter, r *http.Request) error {
	texts, err := p.Accounts.Texts(r.Context(), scopeOf(r).Operator)
	if err != nil {
		return err
	}
	return p.renderTexts(w, r, url.Values{
		"support": {texts.Support}, "hours": {texts.Hours}, "privacy": {texts.Privacy}, "privacy_url": {texts.PrivacyURL},
	}, nil)
}

func (p *Portal) renderTexts(w http.ResponseWriter, r *http.Request, values url.Values, wrong FieldErrors) error {
	page := Page{Title: "Texts on every page", Data: textsForm{formValues{values, wrong}}, Errors: wrong}
	if len(wrong) > 0 {
		page.Status = http.StatusUnprocessableEntity
	}
	return p.render(w, r, "settings/texts", page)
}

func (p *Portal) saveTexts(w http.ResponseWriter, r *http.Request) error {
	values, err := formOf(r)
	if err != nil {
		return err
	}
	err = p.Accounts.SetTexts(r.Context(), scopeOf(r), accounts.Texts{
		Support: values.Get("support"), Hours: values.Get("hours"), Privacy: values.Get("privacy"), PrivacyURL: values.Get("privacy_url"),
	})
	if wrong, ok := inputErrors(err); ok {
		return p.renderTexts(w, r, values, wrong)
	}
	if err != nil {
		return err
	}
	p.board.forget()
	return p.done(w, r, "/settings/texts", "texts-changed")
}

// privacyData is the page of the privacy policy.
type privacyData struct {
	Paragraphs []string
	URL, Host  string
}

// privacy shows what the operator says it does with data.
func (p *Portal) privacy(w http.ResponseWriter, r *http.Request) error {
	texts := p.posted(r, principalOf(r))
	data := privacyData{URL: texts.PrivacyURL}
	if u, err := url.Parse(texts.PrivacyURL); err == nil {
		data.Host = u.Hostname()
	}
	for part := range strings.SplitSeq(texts.Privacy, "\n\n") {
		if part = strings.TrimSpace(part); part != "" {
			data.Paragraphs = append(data.Paragraphs, part)
		}
	}
	return p.render(w, r, "privacy", Page{Title: "Privacy", Data: data})
}
