package web_test

import (
	"cmp"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ediport/ediport/accounts/accountstest"
	"github.com/ediport/ediport/accounts/accountstest/covers"
	"github.com/ediport/ediport/portal/walktest"
	"github.com/ediport/ediport/portal/web"
	"github.com/ediport/ediport/portal/web/webtest"
)

// A page of every route, by who belongs there: what holds for all answers is looked for on each.
func everyAnswer(t *testing.T, w *walktest.World, c *webtest.Client, each func(pattern string, a webtest.Answer)) {
	t.Helper()
	n := 0
	for _, pattern := range slices.SortedFunc(maps.Keys(web.RoutePatterns()), endsLast) {
		method, path := walktest.Fill(pattern, walktest.Blanks(t, pattern), func(kind string) string {
			if walktest.Waits(pattern) {
				return w.Unknown(kind)
			}
			return cmp.Or(w.Own(t, kind), w.Unknown(kind))
		})
		n++
		if method == http.MethodPost {
			each(pattern, c.Post(path))
			continue
		}
		each(pattern, c.Get(path))
	}
	if n < 60 {
		t.Errorf("%d routes were asked", n)
	}
}

// TestEveryAnswerIsStrict looks at the headers, cookies and scripts of an answer of every route, to a stranger and
// to who may do everything.
func TestEveryAnswerIsStrict(t *testing.T) {
	t.Parallel()
	covers.Rows(t, "A82", "A83", "A84", "A86", "A40")
	w := walktest.New(t)
	for who, c := range map[string]*webtest.Client{"a stranger": w.Client(t), "the owner": w.SignedIn(t, w.All.Login)} {
		everyAnswer(t, w, c, func(pattern string, a webtest.Answer) {
			strictHeaders(t, pattern+" to "+who, a)
			for _, cookie := range (&http.Response{Header: a.Header}).Cookies() {
				if !cookie.HttpOnly || cookie.SameSite == http.SameSiteDefaultMode || cookie.SameSite == http.SameSiteNoneMode || cookie.Path != "/" || cookie.Domain != "" {
					t.Errorf("%s to %s: the cookie %s is not HttpOnly, SameSite and for the whole of this host only", pattern, who, cookie.Name)
				}
			}
			if strings.HasPrefix(a.Header.Get("Content-Type"), "text/html") {
				if found := inline.FindString(strings.ReplaceAll(a.Body, "https://", "")); found != "" {
					t.Errorf("%s to %s holds %q", pattern, who, found)
				}
			}
		})
	}
}

func strictHeaders(t *testing.T, what string, a webtest.Answer) {
	t.Helper()
	h := a.Header
	for name, want := range map[string]string{
		"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
		"Cross-Origin-Resource-Policy": "same-origin", "Cache-Control": "no-store",
	} {
		if got := h.Get(name); got != want {
			t.Errorf("%s: %s %q, want %q", what, name, got, want)
		}
	}
	csp := h.Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'", "script-src 'self'", "style-src 'self'"} {
		if !strings.Contains(csp, want) {
			t.Errorf("%s: the policy lacks %s", what, want)
		}
	}
	if regexp.MustCompile(`unsafe|\*|https?:|data:|blob:`).MatchString(csp) {
		t.Errorf("%s: the policy %q is not strict", what, csp)
	}
	if kind := h.Get("Content-Type"); len(a.Body) > 0 && strings.HasPrefix(kind, "text/") && !strings.Contains(strings.ToLower(kind), "charset=utf-8") && !strings.HasPrefix(kind, "text/event-stream") {
		t.Errorf("%s: Content-Type %q without charset", what, kind)
	}
}

// TestNothingChangesOnGET asks every page as who may do everything, and finds all rows as they were.
func TestNothingChangesOnGET(t *testing.T) {
	t.Parallel()
	covers.Rows(t, "A81")
	w := walktest.New(t)
	c := w.SignedIn(t, w.Stranger.Login)
	before := w.Snapshot(t)
	for _, pattern := range slices.Sorted(maps.Keys(web.RoutePatterns())) {
		if strings.HasPrefix(pattern, "GET ") && !walktest.Waits(pattern) {
			_, path := walktest.Fill(pattern, walktest.Blanks(t, pattern), func(kind string) string { return cmp.Or(w.Foreign(t, kind), w.Unknown(kind)) })
			c.Get(path)
			c.Do(c.Request(http.MethodHead, path, nil))
		}
	}
	unchanged(t, w, before)
}

// TestEveryPostFromAnotherSiteIsRefused sends every form as another site's page would have the browser send it.
func TestEveryPostFromAnotherSiteIsRefused(t *testing.T) {
	t.Parallel()
	covers.Rows(t, "A81")
	w := walktest.New(t)
	c := w.SignedIn(t, w.Stranger.Login)
	before := w.Snapshot(t)
	n := 0
	for _, pattern := range slices.Sorted(maps.Keys(web.RoutePatterns())) {
		method, path := walktest.Fill(pattern, walktest.Blanks(t, pattern), func(kind string) string { return cmp.Or(w.Foreign(t, kind), w.Unknown(kind)) })
		if method != http.MethodPost {
			continue
		}
		for _, header := range [][2]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example"}, {"Origin", "null"}} {
			n++
			r := c.Request(method, path, strings.NewReader("reason=x"))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set(header[0], header[1])
			if a := c.Do(r); a.Status != http.StatusForbidden || !strings.Contains(a.Body, "request.cross_origin") {
				t.Errorf("%s with %s %s: %d, want 403", pattern, header[0], header[1], a.Status)
			}
		}
	}
	if n < 100 {
		t.Errorf("%d forms were sent", n)
	}
	unchanged(t, w, before)
	if a := c.Get("/account"); a.Status != http.StatusOK {
		t.Errorf("afterwards the session answers %d, want 200", a.Status)
	}
}

// TestOnlyDeclaredMethods asks every path by methods that no route has.
func TestOnlyDeclaredMethods(t *testing.T) {
	t.Parallel()
	covers.Rows(t, "A77")
	w := walktest.New(t)
	c := w.SignedIn(t, w.All.Login)
	routes, paths := web.RoutePatterns(), map[string][]string{} // methods by path
	for pattern := range routes {
		method, path := walktest.Fill(pattern, walktest.Blanks(t, pattern), w.Unknown)
		if paths[path] = append(paths[path], method); method == http.MethodGet {
			paths[path] = append(paths[path], http.MethodHead)
		}
	}
	for path, methods := range paths {
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions, "PROPFIND"} {
			_, sibling := routes[method+" "+path[:strings.LastIndexByte(path, '/')+1]+"{id}"]
			if slices.Contains(methods, method) || sibling { // as POST /roles/{id} takes /roles/new
				continue
			}
			r := c.Request(method, path, nil)
			r.Header.Set("Sec-Fetch-Site", "same-origin")
			if a := c.Do(r); a.Status != http.StatusMethodNotAllowed || a.Header.Get("Allow") == "" {
				t.Errorf("%s %s: %d, Allow %q; want 405", method, path, a.Status, a.Header.Get("Allow"))
			}
		}
	}
}

// elsewhere are addresses to go on to that lead away, or that browsers take for such.
var elsewhere = []string{
	"https://evil.example/", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "/%5cevil.example", "/\t/evil.example", "http:evil.example",
	"javascript:alert(1)", "data:text/html,x", " https://evil.example", "/..//evil.example", "https:/evil.example", "/account\r\nSet-Cookie: x=1", "https://localhost@evil.example/",
	"/.//evil.example", "/account/../..//evil.example",
}

// TestNoAddressLeadsToAnotherSite gives every route such addresses to go on to, by every name that is used for them.
func TestNoAddressLeadsToAnotherSite(t *testing.T) {
	t.Parallel()
	covers.Rows(t, "A91")
	w := walktest.New(t)
	c := w.SignedIn(t, w.All.Login)
	led := 0
	look := func(what string, a webtest.Answer) {
		if a.Header.Get("X") != "" || strings.Contains(a.Header.Get("Set-Cookie"), "x=1") {
			t.Errorf("%s: a header came out of the address", what)
		}
		if a.Location == "" {
			return
		}
		led++
		u, err := url.Parse(a.Location)
		if err != nil || u.Host != "" || u.Scheme != "" || !strings.HasPrefix(a.Location, "/") || strings.HasPrefix(a.Location, "//") || strings.ContainsAny(a.Location, "\\\t\r\n ") ||
			strings.HasPrefix(u.Path, "//") {
			t.Errorf("%s: leads to %q", what, a.Location)
		}
	}
	takes := regexp.MustCompile(`^(GET|POST) /(sign-in|session|step|recover)`)
	for i, next := range elsewhere {
		look("signing in to "+next, w.Client(t).Post("/sign-in", "username", w.Biller, "password", accountstest.Password, "next", next))
		for _, pattern := range slices.SortedFunc(maps.Keys(web.RoutePatterns()), endsLast) {
			if pattern == "POST /sign-out" || pattern == "POST /account/sessions/end-others" || i > 1 && !takes.MatchString(pattern) {
				continue // all of them where one goes on to somewhere, two everywhere
			}
			method, path := walktest.Fill(pattern, walktest.Blanks(t, pattern), func(kind string) string { return w.Unknown(kind) })
			if method == http.MethodPost {
				look(pattern+" with next "+next, c.Post(path, "next", next, "return", next, "back", next))
			} else {
				look(pattern+" with next "+next, c.Get(path+"?next="+url.QueryEscape(next)+"&back="+url.QueryEscape(next)))
			}
		}
	}
	if led < len(elsewhere) {
		t.Errorf("%d answers led somewhere, want at least one by address", led)
	}
}

// TestForwardedHostsAreNotBelieved: no link and no redirect is made of what a request says about the host.
func TestForwardedHostsAreNotBelieved(t *testing.T) {
	t.Parallel()
	covers.Rows(t, "A85", "A91")
	s := webtest.New(t)
	c := s.Client(t)
	for _, name := range []string{"X-Forwarded-Host", "X-Host", "X-Original-URL", "X-Rewrite-URL", "X-Forwarded-Server", "Forwarded"} {
		for _, path := range []string{"/", "/account", "/sign-in"} {
			r := c.Request(http.MethodGet, path, nil)
			r.Header.Set(name, "evil.example")
			a := c.Do(r)
			if strings.Contains(a.Location+a.Body, "evil.example") || a.Status >= http.StatusBadRequest {
				t.Errorf("%s with %s: %d to %q, and evil.example in it", path, name, a.Status, a.Location)
			}
		}
	}
	r := c.Request(http.MethodGet, "/", nil)
	r.Header.Set("X-Forwarded-For", "203.0.113.99")
	c.Do(r)
	s.Server.Close()
	if strings.Contains(s.Log.String(), "203.0.113.99") {
		t.Error("the log believes an address that no configured proxy vouches for")
	}
}

// TestUploadsAreLimited hands in what is too large, of a wrong form, or named like a path.
func TestUploadsAreLimited(t *testing.T) {
	t.Parallel()
	covers.Rows(t, "A63", "A68")
	w := webtest.New(t)
	c := w.SignedIn(t, w.Administrator)
	if a := c.Post("/upload", "file", "ISA"); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("a form without a file: %d, want 422", a.Status)
	}
	for name, shown := range map[string]string{
		"../../../../etc/passwd": "passwd", `C:\payer\835.x12`: "835.x12", "a\"b; filename=evil.html.x12": "", "<script>alert(1)</script>.x12": "",
	} {
		at := path(t, upload(t, c, name, []byte("ISA no X12 "+name), "target", ""), "/files/fil_")
		body := c.Get(at).Body
		if strings.Contains(body, "../") || strings.Contains(body, "<script>alert") || !strings.Contains(body, shown) {
			t.Errorf("a file called %q shows with a path or as markup", name)
		}
	}
	files := walktest.Texts(t, w.LoaderDSN, `SELECT name FROM file`)
	if len(files) != 4 || slices.ContainsFunc(files, func(n string) bool { return strings.ContainsAny(n, "/\\\x00\r\n") }) {
		t.Errorf("the files are called %q", files)
	}
	for _, blob := range walktest.Texts(t, w.LoaderDSN, `SELECT coalesce(blob_name, '') FROM file`) {
		if strings.Contains(blob, "passwd") || strings.Contains(blob, "835") || strings.Contains(blob, "..") {
			t.Errorf("the archive keeps a file under a name made of its own: %q", blob)
		}
	}
}
