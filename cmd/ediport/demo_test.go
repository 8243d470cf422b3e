package main

import (
	"bufio"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/ediport/ediport/fixtures"
)

// A visitor is a person with a browser's cookies.
type visitor struct {
	t    *testing.T
	base string
	http http.Client
}

func visit(t *testing.T, base, user, password string) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	v := &visitor{t: t, base: base, http: http.Client{Jar: jar}}
	answer, err := v.http.PostForm(base+"/sign-in", url.Values{"username": {user}, "password": {password}})
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK || strings.HasSuffix(answer.Request.URL.Path, "/sign-in") {
		t.Fatalf("%s could not sign in: %s at %s", user, answer.Status, answer.Request.URL.Path)
	}
	return v
}

// page returns a page's status and text.
func (v *visitor) page(path string) (int, string) {
	v.t.Helper()
	answer, err := v.http.Get(v.base + path)
	if err != nil {
		v.t.Fatal(err)
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return answer.StatusCode, string(b)
}

// startDemo runs `ediport demo` in a folder and returns its address and password.
func startDemo(t *testing.T, x *exchange) (p *process, address, password string) {
	t.Helper()
	c := x.command("demo")
	p = &process{cmd: c, log: &strings.Builder{}}
	c.Stderr = p.log
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.kill)
	lines := bufio.NewScanner(out)
	for password == "" && lines.Scan() {
		if fields := strings.Fields(lines.Text()); len(fields) > 1 {
			switch fields[0] {
			case "open":
				address = fields[1]
			case "password":
				password = fields[1]
			}
		}
	}
	if password == "" {
		p.kill()
		t.Fatalf("the demo did not start: %s", p.log)
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	return p, address, password
}

// TestDemoShowsResultsToThoseTheyConcern is `make run` as a newcomer meets it.
func TestDemoShowsResultsToThoseTheyConcern(t *testing.T) {
	t.Parallel()
	x := newEmptyExchange(t)
	x.env = append(x.env, "EDIPORT_KEY_FILE=")
	t.Cleanup(func() { _ = os.Remove(demoKey(x.data)) })
	p, address, password := startDemo(t, x)
	x.connect()
	x.await(`SELECT count(*) FROM file WHERE state = 'loaded'`, "24")
	if answer, err := http.Get(address + "/readyz"); err != nil || answer.StatusCode != http.StatusOK {
		t.Errorf("/readyz: %v %v", answer, err)
	}
	cedar, juniper, admin := visit(t, address, "cedar", password), visit(t, address, "juniper", password), visit(t, address, "admin", password)
	payment := regexp.MustCompile(`/remittances/pay_[a-z0-9]+`)
	_, of := cedar.page("/remittances")
	paid := payment.FindString(of)
	if paid == "" {
		t.Fatalf("no payment is listed: %.500s", of)
	}
	if status, text := cedar.page(paid); status != http.StatusOK || !strings.Contains(text, "TAMARIND MUTUAL") && !strings.Contains(text, "QUARRY HILL") {
		t.Errorf("the payment's page: %d", status)
	}
	for name, other := range map[string]*visitor{"juniper": juniper, "the administrator, who has no account": admin} {
		if status, text := other.page(paid); status == http.StatusOK || strings.Contains(text, "CEDAR HOLLOW") {
			t.Errorf("%s sees the payment of Cedar Hollow: %d", name, status)
		}
	}
	for _, path := range []string{"/dashboard", "/remittances", "/eligibility", "/claim-status", "/authorizations", "/files"} {
		if status, text := juniper.page(path); status != http.StatusOK || strings.Contains(text, fixtures.AccountAName) {
			t.Errorf("%s as juniper: %d, names the other practice: %v", path, status, strings.Contains(text, fixtures.AccountAName))
		}
	}
	if status, text := admin.page("/unrouted"); status != http.StatusOK || !strings.Contains(text, fixtures.UnknownNPI) {
		t.Errorf("what belongs to nobody is not in the unrouted queue: %d", status)
	}
	if status, _ := juniper.page("/unrouted"); status != http.StatusForbidden {
		t.Errorf("a biller at the unrouted queue: %d, want 403", status)
	}
	p.stop(t)
	if left, err := filepath.Glob(filepath.Join(x.data, "postgres", "run", ".s.PGSQL*")); err != nil || len(left) > 0 {
		t.Errorf("the demo left a server's socket: %v %v", left, err)
	}
}
