package main

import (
	"encoding/base32"
	"encoding/hex"
	"fmt"
	"html"
	"io"
	"io/fs"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/accounts/accountstest/covers"
	"github.com/ediport/ediport/fixtures"
)

// seededPassword is the password of an SFTP server, as an administrator typed it.
const seededPassword = "ZQX-the-partners-password-9931"

// A guest is a browser that keeps what it was given and where it was.
type guest struct {
	t       *testing.T
	base    string
	http    http.Client
	visited []string // paths with queries
}

func newGuest(t *testing.T, base string) *guest {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	g := &guest{t: t, base: base}
	g.http = http.Client{Jar: jar, Transport: covers.Transport(t, nil), CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		g.visited = append(g.visited, r.URL.RequestURI())
		return nil
	}}
	return g
}

func (g *guest) do(r *http.Request) string {
	g.t.Helper()
	g.visited = append(g.visited, r.URL.RequestURI())
	a, err := g.http.Do(r)
	if err != nil {
		g.t.Fatal(err)
	}
	defer a.Body.Close() //nolint:errcheck // read to its end
	b, err := io.ReadAll(a.Body)
	if err != nil {
		g.t.Fatal(err)
	}
	if a.StatusCode >= http.StatusInternalServerError {
		g.t.Errorf("%s %s: %s", r.Method, r.URL.Path, a.Status)
	}
	return string(b)
}

func (g *guest) get(path string) string {
	g.t.Helper()
	r, err := http.NewRequestWithContext(g.t.Context(), http.MethodGet, g.base+path, nil)
	if err != nil {
		g.t.Fatal(err)
	}
	return g.do(r)
}

func (g *guest) post(path string, pairs ...string) string {
	g.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	r, err := http.NewRequestWithContext(g.t.Context(), http.MethodPost, g.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		g.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return g.do(r)
}

// find returns what a pattern's first group fits in a body.
func (g *guest) find(what, pattern, body string) string {
	g.t.Helper()
	m := regexp.MustCompile(pattern).FindStringSubmatch(body)
	if m == nil {
		g.t.Fatalf("no %s on the page:\n%.2000s", what, body)
	}
	return html.UnescapeString(m[1])
}

// token is the value of the session's cookie.
func (g *guest) token() string {
	u, err := url.Parse(g.base)
	if err != nil {
		g.t.Fatal(err)
	}
	for _, c := range g.http.Jar.Cookies(u) {
		if strings.HasSuffix(c.Name, "ediport") {
			return c.Value
		}
	}
	g.t.Fatal("no session")
	return ""
}

// TestNothingLeaks is a whole run at each level of the log that an operator may choose: files of a partner by SFTP, pages of
// all results, searches by patients' names, the API, mistaken sign-ins, a recovery by mail. Afterwards nothing of a patient
// and no secret stands in logs, the queue, the audit, mails, metrics or URLs, and no secret and no original in what a thief of
// database and archive gets. A name that is planted in each of these places is found there: the search can fail.
func TestNothingLeaks(t *testing.T) {
	covers.Rows(t, "A54", "A59", "A57", "A22", "H5")
	for _, level := range []string{"info", "debug"} {
		t.Run(level, func(t *testing.T) {
			t.Parallel()
			nothingLeaks(t, level)
		})
	}
}

func nothingLeaks(t *testing.T, level string) {
	t.Helper()
	x := newExchange(t)
	x.env = append(x.env, "EDIPORT_KEY_FILE=", "EDIPORT_LOG_LEVEL="+level, "EDIPORT_METRICS_TOKEN="+metricsToken)
	if err := (demoState{Password: accounts.NewPassword()}).save(x.data); err != nil { // it becomes a demo's folder
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Remove(demoKey(x.data)) })
	p, address, password := startDemo(t, x)
	x.connect()
	x.await(`SELECT count(*) FROM file WHERE state = 'loaded'`, "24")
	names := x.texts(`SELECT DISTINCT last_name FROM person_mention WHERE length(last_name) > 4 AND last_name NOT IN ('PATIENT', 'MEMBER')
		UNION SELECT DISTINCT member_id FROM person_mention WHERE length(member_id) > 6
		UNION SELECT DISTINCT patient_control_number FROM claim_payment WHERE length(patient_control_number) > 6`)
	if len(names) < 10 {
		t.Fatalf("%d names of patients are there", len(names))
	}
	cedar := newGuest(t, address)
	useResults(cedar, password, names)
	admin := newGuest(t, address)
	secrets := useSecrets(admin, password)
	secrets["a session"] = cedar.token()
	secrets["a code by mail"] = recoverByMail(newGuest(t, address))
	x.plant(admin)
	mails := admin.mails()
	metrics := admin.metrics() + admin.get("/healthz") + admin.get("/readyz")

	rows := x.everything()
	p.stop(t)
	quiet := map[string]string{
		ourLog: p.log.String(), postgresLog: readAll(t, x.data, "server.log"), "metrics": metrics, "mails": mails,
		"URLs": strings.Join(slices.Concat(cedar.visited, admin.visited), "\n"),
	}
	for table, text := range rows {
		if !business.MatchString(table) {
			quiet["table "+table] = text // what the business rows hold of patients, they hold by design
		}
	}
	for where, what := range leaks(quiet, names) {
		t.Errorf("%s holds %s of a patient", where, what)
	}
	plantedIsFound(t, quiet)
	if requests := strings.Count(quiet[ourLog], "msg=request"); (requests > 100) != (level == "debug") || !strings.Contains(quiet[ourLog], "level=INFO") {
		t.Errorf("at level %s the log has %d requests", level, requests)
	}
	stolen := map[string]string{ourLog: quiet[ourLog], "metrics": metrics, postgresLog: quiet[postgresLog]}
	for table, text := range rows {
		stolen["table "+table] = text
	}
	noSecretIn(t, stolen, secrets)
	noSecretOnDisk(t, x.data, secrets)
}

const (
	ourLog      = "our log"
	postgresLog = "Postgres's log"
)

// business are the tables of what files say of patients, and of the files.
var business = regexp.MustCompile(`^(payment|claim|service_line|adjustment|eligibility|benefit|authorization|inquiry|person_mention|finding|acknowledgment|routing_unit|transaction_set|outbound|open_reversal|interchange|functional)`)

// leaks says which texts hold one of the names, and how that begins.
func leaks(texts map[string]string, names []string) map[string]string {
	found := map[string]string{}
	for where, text := range texts {
		for _, name := range names {
			if strings.Contains(text, name) {
				found[where] = fmt.Sprintf("a name or number (%d characters, %q…)", len(name), name[:2])
			}
		}
	}
	return found
}

const metricsToken = "of tests only, m"

func (g *guest) metrics() string {
	g.t.Helper()
	r, err := http.NewRequestWithContext(g.t.Context(), http.MethodGet, g.base+"/metrics", nil)
	if err != nil {
		g.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+metricsToken)
	return g.do(r)
}

// planted stands for a patient's name in all places that must not hold one.
const planted = "ZQXPLANTEDNAME"

// plant has the name come into each place by the way that things come there: as the name of a connection it is a label of
// the metrics, as its host it is in our log, as a user ID in a mail. What jobs say of their errors are codes; a row is made there.
func (x *exchange) plant(admin *guest) {
	x.t.Helper()
	connection := admin.find("connection", `href="(/connections/con_[0-9a-z]{26})">Quarry Hill`, admin.get("/connections"))
	admin.get(connection + "?name=" + planted)
	for _, statement := range []string{
		`DO $$ BEGIN RAISE LOG '` + planted + `'; END $$`,
		`UPDATE connection SET name = '` + planted + `', host = '` + planted + `!' WHERE name = 'Quarry Hill'`,
		`UPDATE app_user SET login = '` + planted + `' WHERE login = 'juniper'`,
		`INSERT INTO river_job (kind, args, max_attempts, state, scheduled_at, errors) VALUES ('none', '{}', 1, 'scheduled', now() + interval '1 day',
			ARRAY['{"error": "` + planted + `"}'::jsonb])`,
	} {
		if _, err := x.db.ExecContext(x.t.Context(), statement); err != nil {
			x.t.Fatalf("%s: %v", statement, err)
		}
	}
	admin.post(connection + "/run")
	newGuest(x.t, admin.base).post("/recover/user-id", "email", "juniper@demo.example")
	x.await(`SELECT (count(*) > 0)::text FROM run WHERE error_code = 'transfer.host_not_found'`, "true")
}

// mails are the texts of all mails, as the demo's mailbox shows them.
func (g *guest) mails() string {
	g.t.Helper()
	var all strings.Builder
	for _, m := range regexp.MustCompile(`href="(/mailbox/ntc_[0-9a-z]+)"`).FindAllStringSubmatch(g.get("/mailbox"), -1) {
		all.WriteString(g.get(m[1]))
	}
	return all.String()
}

// plantedIsFound looks for what was planted as it is looked for patients.
func plantedIsFound(t *testing.T, texts map[string]string) {
	t.Helper()
	found := leaks(texts, []string{planted})
	for _, where := range []string{ourLog, postgresLog, "metrics", "URLs", "table river_job", "mails"} {
		if found[where] == "" {
			t.Errorf("what was planted in %s is not found there: nothing was looked at (%d bytes)", where, len(texts[where]))
		}
	}
}

// useResults looks at everything that a biller has, and searches by what stands there of patients.
func useResults(g *guest, password string, names []string) {
	g.t.Helper()
	g.post("/sign-in", "username", names[0], "password", names[1]) // typed into the wrong field
	g.post("/sign-in", "username", "cedar", "password", password)
	link := regexp.MustCompile(`href="(/[a-z-]+/[a-z]{3}_[0-9a-z]{26}(?:/x12)?)"`)
	seen, patients := map[string]bool{}, false
	for _, list := range []string{"/dashboard", "/remittances", "/claims", "/eligibility", "/claim-status", "/authorizations", "/files"} {
		for _, m := range link.FindAllStringSubmatch(g.get(list), -1) {
			if seen[m[1]] || len(seen) > 60 {
				continue
			}
			seen[m[1]] = true
			body := g.get(m[1])
			patients = patients || slices.ContainsFunc(names, func(name string) bool { return strings.Contains(body, name) })
		}
	}
	if !patients {
		g.t.Error("no page shows a patient: the run has nothing that could leak")
	}
	for _, name := range names[:10] {
		for _, path := range []string{"/claims", "/eligibility", "/claim-status", "/authorizations"} {
			g.post(path, "name", name, "member", name, "member_id", name)
		}
	}
	visited := g.visited
	for _, name := range names[:10] { // typed by a person into the address: that is no page of ours, but it must not be logged
		g.get("/remittances/" + name)
		g.get("/files/" + name + "/x12?name=" + name)
	}
	g.visited = visited
}

// useSecrets has an administrator type in or be shown a secret of every kind.
func useSecrets(g *guest, password string) map[string]string {
	g.t.Helper()
	g.post("/sign-in", "username", "admin", "password", password)
	body := g.post("/connections", "name", "Quarry Hill", "host", "127.0.0.1", "port", "1", "username", "lakeside", "auth", "password", "password", seededPassword,
		"folders[0].path", "outbound", "folders[0].globs", "*.x12", "folders[0].after", "leave", "folders[0].stable_seconds", "5", "folders[0].max_files", "50",
		"network.max_file_bytes", "100", "network.concurrency", "2")
	connection := g.find("connection", `action="(/connections/con_[0-9a-z]{26})/`, body)
	g.post(connection + "/test")
	g.post(connection + "/key")
	secrets := map[string]string{"the partner's password": seededPassword, "everybody's password": password}
	g.get("/account/factors/totp")
	body = g.get("/account/factors/totp")
	seed := strings.ReplaceAll(g.find("authenticator key", `id="totp-key">([^<]+)<`, body), " ", "")
	code, err := totp.GenerateCode(seed, time.Now())
	if err != nil {
		g.t.Fatal(err)
	}
	body = g.post("/account/factors/totp", "token", g.find("token", `name="token" value="([^"]+)"`, body), "code", code, "label", "telephone")
	secrets["an authenticator's seed"] = seed
	if raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(seed); err == nil {
		secrets["an authenticator's seed, decoded"] = string(raw)
	}
	if m := regexp.MustCompile(`<li[^>]*><code[^>]*>([0-9A-Za-z-]{12,})</code>`).FindStringSubmatch(body); m != nil {
		secrets["a recovery code"] = m[1]
	} else if m := regexp.MustCompile(`<code[^>]*>([0-9A-Za-z]{4}(?:-[0-9A-Za-z]{4}){2,})</code>`).FindStringSubmatch(g.post("/account/recovery-codes")); m != nil {
		secrets["a recovery code"] = m[1]
	} else {
		g.t.Error("no recovery codes are shown")
	}
	secrets["an API token"] = g.find("API token", `(edp_[0-9A-Za-z_-]{20,})`, g.post("/account/tokens", "name", "nightly", "days", "30", "scopes", "connections.view"))
	r, err := http.NewRequestWithContext(g.t.Context(), http.MethodGet, g.base+"/api/v1/connections", nil)
	if err != nil {
		g.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+secrets["an API token"])
	if !strings.Contains(g.do(r), "Quarry Hill") {
		g.t.Error("the token opens nothing")
	}
	secrets["a session of the administrator"] = g.token()
	return secrets
}

// recoverByMail starts a recovery and reads the code from the demo's mailbox.
func recoverByMail(g *guest) string {
	g.t.Helper()
	g.post("/recover/password", "name", "cedar", "identifier", fixtures.AccountANPI)
	mail := g.find("mail", `href="(/mailbox/ntc_[0-9a-z]+)"`, g.get("/mailbox"))
	return g.find("code", `\b([0-9A-Z]{4}-[0-9A-Z]{4})\b`, g.get(mail))
}

// everything returns the rows of all tables as a dump of the database shows them.
func (x *exchange) everything() map[string]string {
	x.t.Helper()
	all := map[string]string{}
	for _, table := range x.texts(`SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p')`) {
		all[table] = strings.Join(x.texts(`SELECT r::text FROM "`+table+`" r`), "\n")
	}
	if len(all) < 50 {
		x.t.Fatalf("%d tables were read", len(all))
	}
	return all
}

// texts is the only column of a query.
func (x *exchange) texts(query string) (all []string) {
	x.t.Helper()
	rows, err := x.db.QueryContext(x.t.Context(), query)
	if err != nil {
		x.t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close() //nolint:errcheck // read to the end
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			x.t.Fatal(err)
		}
		all = append(all, s)
	}
	if err := rows.Err(); err != nil {
		x.t.Fatal(err)
	}
	return all
}

// noSecretIn looks for secrets as they are, and as bytea columns show them.
func noSecretIn(t *testing.T, texts, secrets map[string]string) {
	t.Helper()
	for where, text := range texts {
		for what, secret := range secrets {
			if strings.Contains(text, secret) || strings.Contains(text, hex.EncodeToString([]byte(secret))) || strings.Contains(text, strings.ReplaceAll(secret, "-", "")) {
				t.Errorf("%s holds %s", where, what)
			}
		}
		for _, mark := range []string{"PRIVATE KEY-----", hex.EncodeToString([]byte("PRIVATE KEY-----")), "ISA*00*", hex.EncodeToString([]byte("ISA*00*")), "CLP*", "NM1*QC*"} {
			if strings.Contains(text, mark) {
				t.Errorf("%s holds a key or an original (%q)", where, mark)
			}
		}
	}
}

// noSecretOnDisk looks through every file of the stopped installation: tables with their past, the write-ahead log, the
// archive. The demo's own note of its password and the key, which lies elsewhere, are no part of it.
func noSecretOnDisk(t *testing.T, data string, secrets map[string]string) {
	t.Helper()
	files := 0
	err := filepath.WalkDir(data, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || path == demoFile(data) {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		files++
		for what, secret := range secrets {
			if strings.Contains(string(raw), secret) {
				t.Errorf("%s holds %s", strings.TrimPrefix(path, data), what)
			}
		}
		for _, mark := range []string{"PRIVATE KEY-----\n", "ISA*00*"} {
			if strings.Contains(string(raw), mark) {
				t.Errorf("%s holds a key or an original (%q)", strings.TrimPrefix(path, data), mark)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 100 {
		t.Errorf("%d files were looked through", files)
	}
}

// readAll returns all files of a name below a folder.
func readAll(t *testing.T, dir, name string) string {
	t.Helper()
	var all strings.Builder
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.Name() != name {
			return err
		}
		raw, err := os.ReadFile(path)
		all.Write(raw)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}
