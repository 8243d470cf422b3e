package main

import (
	"bufio"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/ediport/ediport/fixtures"
	"github.com/ediport/ediport/jobs/notify"
	"github.com/ediport/ediport/jobs/notify/notifytest"
	"github.com/ediport/ediport/portal/web/browsertest"
)

// taskPage tells people what the test below does.
const taskPage = "../../docs/tasks/accounts.md"

// A task is done by somebody who goes by what the pages say. Whatever is pressed or filled in must stand in the task's page;
// EDIPORT_TASK_PICTURES names a folder for its pictures.
type task struct {
	*browsertest.Browser
	t      *testing.T
	page   string
	base   string
	office *notifytest.Office
	key    *browsertest.Authenticator
}

func (k *task) press(text string) {
	k.t.Helper()
	k.named(text)
	k.Press(text)
}

func (k *task) enter(label, text string) {
	k.t.Helper()
	k.named(label)
	k.Enter(label, text)
}

func (k *task) choose(label, text string) {
	k.t.Helper()
	k.named(label)
	k.Choose(label, text)
}

func (k *task) named(text string) {
	k.t.Helper()
	if !strings.Contains(k.page, "**"+text+"**") {
		k.t.Errorf("%s doesn't name **%s**", taskPage, text)
	}
}

func (k *task) picture(name string) {
	k.t.Helper()
	k.FitsWidth(name)
	if !strings.Contains(k.page, "images/"+name+".png") {
		k.t.Errorf("%s doesn't show %s", taskPage, name)
	}
	if dir := os.Getenv("EDIPORT_TASK_PICTURES"); dir != "" {
		k.Picture(filepath.Join(dir, name+".png"))
	}
}

func (k *task) open(path string) {
	k.t.Helper()
	k.Do(chromedp.Navigate(k.base + path))
}

// code is what the mail with a subject tells.
func (k *task) code(to, subject string) string {
	k.t.Helper()
	return k.office.Find(k.t, func(m notifytest.Taken) bool { return m.To == to && m.Read(k.t).Subject == subject }).Read(k.t).Code(k.t)
}

const (
	passwordOfAll = "velvet-tundra-piano-92"
	passwordAnew  = "quiet-lantern-orbit-73"
)

func (k *task) signIn(user, password string) {
	k.t.Helper()
	k.enter("User ID or e-mail address", user)
	k.enter("Password", password)
	k.press("Sign in")
}

func (k *task) signOut() {
	k.t.Helper()
	k.key.Present(false) // or the browser offers the passkey at once
	k.press("Sign out")
	k.Sees("You are signed out")
}

// passkey sets one up, where the page leads to it after signing in.
func (k *task) passkey(name, picture string) {
	k.t.Helper()
	k.key.Present(true)
	k.press("Set up a passkey")
	k.enter("Name", name)
	if picture != "" {
		k.picture(picture)
	}
	k.press("Set up")
	k.Sees("Your second step is set up")
	k.press("I have kept them")
}

// TestFromAnEmptyMachineToAnOrganization does the task of the page in a real browser: `ediport serve` on an empty folder, its
// set-up code, an organization, a second administrator, a biller who is locked out and let in again, and a lost password.
func TestFromAnEmptyMachineToAnOrganization(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(taskPage)
	if err != nil {
		t.Fatal(err)
	}
	office := notifytest.Open(t, notifytest.Options{TLS: notify.TLSNone})
	x := newEmptyExchange(t)
	mail := office.Mail("exchange@prairie.example")
	x.env = append(x.env, "EDIPORT_NOTIFY_SMTP_HOST="+mail.Host, "EDIPORT_NOTIFY_SMTP_PORT="+strconv.Itoa(mail.Port), "EDIPORT_NOTIFY_SMTP_TLS=none",
		"EDIPORT_NOTIFY_MAIL_FROM="+mail.From, "EDIPORT_NOTIFY_ALLOW=127.0.0.0/8")
	p, code := serveEmpty(t, x)
	k := &task{Browser: browsertest.Open(t), t: t, page: string(page), base: p.address, office: office}
	k.key = k.Authenticator()

	k.setUp(code)
	k.organization()
	k.invite("Maria Quill", "maria", "maria@prairie.example", "Prairie Exchange", "Administrator", "")
	k.invite("Tom Reed", "tom", "tom@cedar.example", "Cedar Hollow Family Practice", "Biller", "accounts-4-invite")
	k.signOut()
	k.accept("maria@prairie.example", "accounts-5-accept")
	k.Sees("Set up a second step")
	k.passkey("Maria’s laptop", "")
	k.signOut()
	k.accept("tom@cedar.example", "")
	k.press("My account")
	k.passkey("front desk laptop", "")
	k.signOut()
	k.lockedOut()
	k.lostPassword()
	p.stop(t)
}

func (k *task) setUp(code string) {
	k.t.Helper()
	k.open("/set-up")
	k.enter("Set-up code", code)
	k.enter("Name of the organization", "Prairie Exchange")
	k.choose("Time zone", "America/Chicago")
	k.enter("Your name", "Olivia Hartwell")
	k.enter("User ID", "olivia")
	k.enter("E-mail address", "olivia@prairie.example")
	k.picture("accounts-1-set-up")
	k.enter("Password", passwordOfAll)
	k.press("Set up")
	k.Sees("ediport is set up")
	k.signIn("olivia", passwordOfAll)
	k.Sees("Set up a second step")
	k.passkey("office laptop", "accounts-2-passkey")
}

func (k *task) organization() {
	k.t.Helper()
	k.press("Organizations")
	k.press("Add an organization")
	k.enter("Name", "Cedar Hollow Family Practice")
	k.press("Add")
	k.press("Add an identifier")
	k.enter("Identifier", fixtures.AccountANPI)
	k.press("Add")
	k.Await("the identifier in the list", `[...document.querySelectorAll("table code")].some((e) => e.innerText === "`+fixtures.AccountANPI+`")`)
	k.picture("accounts-3-organization")
}

func (k *task) invite(name, login, address, place, role, picture string) {
	k.t.Helper()
	k.press("People")
	k.press("Invite somebody")
	k.enter("Name", name)
	k.enter("User ID", login)
	k.enter("E-mail address", address)
	k.choose("Where", place)
	k.choose("Role", role)
	if picture != "" {
		k.picture(picture)
	}
	k.press("Send the invitation")
	k.Sees("The invitation is on its way")
}

func (k *task) accept(address, picture string) {
	k.t.Helper()
	k.open("/invitation")
	k.enter("Code from the mail", k.code(address, "Your invitation to Prairie Exchange"))
	k.press("Go on")
	k.enter("New password", passwordOfAll)
	if picture != "" {
		k.picture(picture)
	}
	k.press("Accept the invitation")
	k.Sees("Welcome")
	k.signIn(address, passwordOfAll)
}

// lockedOut has somebody try until the person is locked, and the second administrator unlock.
func (k *task) lockedOut() {
	k.t.Helper()
	for range 5 {
		k.open("/sign-in")
		k.signIn("tom", "not the password")
		k.Await("a refusal", `document.querySelector("#refused") !== null`)
	}
	k.open("/sign-in")
	k.signIn("maria", passwordOfAll)
	k.key.Present(true)
	k.press("Use passkey")
	k.press("People")
	k.press("Locked people")
	k.named("Reason")
	k.Enter("Reason for unlocking Tom Reed", "I called him back: he had a new keyboard")
	k.picture("accounts-6-locked")
	k.press("Unlock")
	k.Sees("Nobody is locked")
	k.signOut()
}

func (k *task) lostPassword() {
	k.t.Helper()
	k.open("/sign-in")
	k.press("Forgot your password or user ID?")
	k.press("Choose a new password")
	k.enter("User ID or e-mail address", "tom")
	k.enter("NPI or provider ID", fixtures.AccountANPI)
	k.picture("accounts-7-recover")
	k.press("Send the code")
	k.enter("Code from the mail", k.code("tom@cedar.example", "Your code to set a new password"))
	k.press("Go on")
	k.enter("New password", passwordAnew)
	k.press("Change password")
	k.Sees("Your new password is set")
	k.signIn("tom", passwordAnew)
	k.Sees("Now the second step")
	k.key.Present(true)
	k.press("Use passkey")
	k.Sees("Dashboard")
}

// serveEmpty starts the server on an empty folder and returns the set-up code that it prints.
func serveEmpty(t *testing.T, x *exchange) (*process, string) {
	t.Helper()
	c := x.command("serve")
	p := &process{cmd: c, log: &strings.Builder{}}
	c.Stderr = p.log
	x.last = p
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.kill)
	code := ""
	for lines := bufio.NewReader(out); code == ""; {
		line, err := lines.ReadString('\n')
		if err != nil {
			p.kill()
			t.Fatalf("no set-up code was printed: %v\n%s", err, p.log)
		}
		if address, ok := strings.CutPrefix(line, "ediport serves "); ok {
			p.address = strings.TrimSpace(address)
		}
		if found := setupCode.FindStringSubmatch(line); found != nil {
			code = found[1]
		}
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	return p, code
}
