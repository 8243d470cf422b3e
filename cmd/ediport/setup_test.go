package main

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/ediport/ediport/accounts/accountstest/covers"
)

var setupCode = regexp.MustCompile(`set-up code\s+([0-9A-Z-]{19})`)

// A server on an empty folder has no user at all; it prints a code, by which its owner is made in the
// browser, who then sets up a second factor. The next start prints none.
func TestServeOnAnEmptyFolderIsSetUpByACode(t *testing.T) {
	covers.Rows(t, "A10", "A11")
	t.Parallel()
	x := newEmptyExchange(t)
	p, code := serveEmpty(t, x)
	x.connect()
	if n := x.text(`SELECT count(*) FROM app_user`); n != "0" {
		t.Errorf("%s users of a new installation, want none: there are no default accounts", n)
	}
	if kept := x.text(`SELECT count(*) FROM sign_in_code c WHERE c::text LIKE '%` + code + `%' OR c::text LIKE '%` + strings.ReplaceAll(code, "-", "") + `%'`); kept != "0" {
		t.Error("the code is kept in clear")
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar, Transport: covers.Transport(t, nil)}
	page := postForm(t, browser, p.address+"/set-up", "code", code, "operator", "Prairie Exchange", "time_zone", "America/Chicago",
		"name", "Olivia Hartwell", "login", "olivia", "email", "olivia@prairie.example", "password", "velvet-tundra-piano-92")
	if !strings.Contains(page, "ediport is set up") {
		t.Fatalf("the set-up answers:\n%s", page)
	}
	page = postForm(t, browser, p.address+"/sign-in", "username", "olivia", "password", "velvet-tundra-piano-92")
	if !strings.Contains(page, "/account/factors/totp") {
		t.Errorf("the owner's first sign-in doesn't lead to the second factor:\n%s", page)
	}
	p.stop(t)
	if strings.Contains(p.log.String(), code) {
		t.Error("the code is in the log")
	}
	again := x.serve()
	if n := x.text(`SELECT count(*) FROM sign_in_code WHERE purpose = 'setup' AND used_at IS NULL`); n != "0" {
		t.Errorf("%s open codes after the set-up, want none", n)
	}
	again.stop(t)
}

// postForm sends a form as one of our own pages does, and returns the page that it leads to.
func postForm(t *testing.T, browser *http.Client, address string, pairs ...string) string {
	t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	resp, err := browser.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close() //nolint:errcheck // read to its end
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}
