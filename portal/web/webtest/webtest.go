// Package webtest gives tests the portal's pages on a server of their own, behind the same door as in
// earnest, and a browser-like client that is signed in.
package webtest

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/ediport/ediport/accounts/accountstest"
	"github.com/ediport/ediport/accounts/accountstest/covers"
	"github.com/ediport/ediport/jobs"
	"github.com/ediport/ediport/portal/door"
	"github.com/ediport/ediport/portal/web"
	"github.com/ediport/ediport/storage"
	"github.com/ediport/ediport/storage/archive"
)

// A Site is a world with the portal's pages on a loopback server.
type Site struct {
	*accountstest.World
	Archive *archive.Archive
	Files   map[string]storage.FileID // by fixture, of a site made by Loaded
	URL     string                    // "http://localhost:PORT"
	Server  *httptest.Server
	Log     *strings.Builder // what the server logged; read it when no request is under way
}

// New returns a site of its own for the test. change may set options.
func New(t testing.TB, change ...func(*web.Options)) *Site {
	t.Helper()
	return In(t, accountstest.New(t), change...)
}

// In is New in a world that exists already.
func In(t testing.TB, world *accountstest.World, change ...func(*web.Options)) *Site {
	t.Helper()
	return in(t, world, t.TempDir(), change...)
}

// in is In with an archive that exists already.
func in(t testing.TB, world *accountstest.World, folder string, change ...func(*web.Options)) *Site {
	t.Helper()
	s := &Site{World: world, Log: &strings.Builder{}}
	log := slog.New(slog.NewTextHandler(s.Log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	var err error
	if s.Archive, err = archive.Open(folder, s.Ring); err != nil {
		t.Fatal(err)
	}
	o := web.Options{
		Accounts: s.Accounts, DB: s.DB, Archive: s.Archive, Desk: &jobs.Desk{DB: s.DB, Keys: s.Ring, Archive: s.Archive}, Log: log, Now: s.Clock.Now,
		Name: "Northwind Exchange", Support: "Support: +1 555 0100, weekdays 8 to 6.", Version: "test",
	}
	for _, c := range change {
		c(&o)
	}
	pages, err := web.New(o)
	if err != nil {
		t.Fatal(err)
	}
	d, err := door.New(door.Options{Log: log, Hosts: []string{"localhost", "127.0.0.1"}, TLS: o.TLS, Now: s.Clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	s.Server = httptest.NewServer(covers.Handler(t, d.Wrap(pages)))
	t.Cleanup(s.Server.Close)
	s.URL = strings.Replace(s.Server.URL, "127.0.0.1", "localhost", 1)
	return s
}

// A Client asks like a browser that doesn't follow redirects by itself.
type Client struct {
	t    testing.TB
	site *Site
	http *http.Client
}

// Client returns a client without a session.
func (s *Site) Client(t testing.TB) *Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &Client{t, s, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// SignedIn returns a client that a user has signed in with, by the form.
func (s *Site) SignedIn(t testing.TB, login string) *Client {
	t.Helper()
	c := s.Client(t)
	answer := c.Post("/sign-in", "username", login, "password", accountstest.Password)
	if answer.Status != http.StatusSeeOther {
		t.Fatalf("signing in: status %d, want 303", answer.Status)
	}
	return c
}

// UseSession gives the client a session that was begun without the form.
func (c *Client) UseSession(token string) {
	u, err := url.Parse(c.site.URL)
	if err != nil {
		c.t.Fatal(err)
	}
	c.http.Jar.SetCookies(u, []*http.Cookie{{Name: "ediport", Value: token, Path: "/"}})
}

// An Answer is what came back.
type Answer struct {
	Status   int
	Location string
	Header   http.Header
	Body     string
}

// Get asks for a page.
func (c *Client) Get(path string) Answer {
	c.t.Helper()
	return c.Do(c.Request(http.MethodGet, path, nil))
}

// Post sends a form of names and values from one of our own pages.
func (c *Client) Post(path string, pairs ...string) Answer {
	c.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	r := c.Request(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return c.Do(r)
}

// Request returns a request to the site, to be changed and sent by Do.
func (c *Client) Request(method, path string, body io.Reader) *http.Request {
	c.t.Helper()
	r, err := http.NewRequestWithContext(c.t.Context(), method, c.site.URL+path, body)
	if err != nil {
		c.t.Fatal(err)
	}
	return r
}

// Do sends a request.
func (c *Client) Do(r *http.Request) Answer {
	c.t.Helper()
	resp, err := c.http.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close() //nolint:errcheck // read to its end
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return Answer{resp.StatusCode, resp.Header.Get("Location"), resp.Header, string(body)}
}

// Cookies returns the cookies that the client would send.
func (c *Client) Cookies() []*http.Cookie {
	u, err := url.Parse(c.site.URL)
	if err != nil {
		c.t.Fatal(err)
	}
	return c.http.Jar.Cookies(u)
}
