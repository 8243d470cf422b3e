package webtest

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/accounts/accountstest"
)

var challengeField = regexp.MustCompile(`name="challenge" value="([^"]+)"`)

// Try posts the sign-in form, once more with the work done if the page asks for it, as its script does.
func (c *Client) Try(name, password string, more ...string) Answer {
	c.t.Helper()
	form := append([]string{"username", name, "password", password}, more...)
	a := c.Post("/sign-in", form...)
	text := challengeField.FindStringSubmatch(a.Body)
	if text == nil {
		return a
	}
	parts := strings.Split(text[1], ".")
	if len(parts) != 4 {
		c.t.Fatalf("a challenge of %d parts", len(parts))
	}
	bits, err := strconv.Atoi(parts[1])
	if err != nil {
		c.t.Fatal(err)
	}
	work := accounts.Challenge{Text: text[1], Nonce: parts[2], Bits: bits}
	return c.Post("/sign-in", append(form, "challenge", work.Text, "solution", accountstest.Solve(work))...)
}

// Fail fails to sign in so often.
func (c *Client) Fail(name string, times int) {
	c.t.Helper()
	for range times {
		if a := c.Try(name, "wrong wrong wrong"); a.Status < 400 {
			c.t.Fatalf("a wrong password: status %d", a.Status)
		}
	}
}
