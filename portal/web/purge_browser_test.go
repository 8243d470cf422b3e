package web_test

import (
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/ediport/ediport/portal/web/browsertest"
	"github.com/ediport/ediport/portal/web/webtest"
)

// The preview of a purge, with what goes and what stays, and what is said of a day that is too young, are there for everybody.
func TestPurgePreviewIsAccessible(t *testing.T) {
	t.Parallel()
	s := webtest.Loaded(t)
	sevenYearsAgo(t, s)
	cookies := s.SignedIn(t, s.Administrator).Cookies()
	b := browsertest.Open(t)
	b.Take(s.URL, cookies)
	for name, path := range map[string]string{
		"preview":   "/purge?kind=835&kind=271&before=" + s.Clock.Now().AddDate(-6, 0, -2).Format(time.DateOnly),
		"too young": "/purge?kind=835&before=" + s.Clock.Now().Format(time.DateOnly),
	} {
		b.Size(browsertest.Desktop)
		b.Do(browsertest.Navigate(s.URL+path), chromedp.WaitVisible(css("h1")))
		examine(b, name)
	}
}
