package notify

import (
	"crypto/hmac"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"mime"
	"mime/quotedprintable"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ediport/ediport/storage"
	"github.com/ediport/ediport/storage/cluster/clustertest"
	"github.com/ediport/ediport/storage/storagetest"
)

func TestMain(m *testing.M) { clustertest.Main(m) }

// limit is generous: tests wait for events, not for time.
const limit = 60 * time.Second

var (
	secret   = []byte("a secret of tests only")
	loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
)

func explain(code string) (string, string) { return "It broke: " + code + ".", "Mend it." }

// A receiver is a webhook's server.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	status int // of the next answers
	calls  []call
	came   chan struct{}
}

type call struct {
	header http.Header
	body   []byte
	event  Event
}

func newReceiver(t *testing.T, secure bool) *receiver {
	t.Helper()
	r := &receiver{status: http.StatusNoContent, came: make(chan struct{}, 100)}
	handler := http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		c := call{header: req.Header, body: body}
		if err := json.Unmarshal(body, &c.event); err != nil {
			t.Errorf("the webhook's body: %v", err)
		}
		r.mu.Lock()
		status := r.status
		r.calls = append(r.calls, c)
		r.mu.Unlock()
		w.WriteHeader(status)
		r.came <- struct{}{}
	})
	r.Server = httptest.NewUnstartedServer(handler)
	if secure {
		r.StartTLS()
	} else {
		r.Start()
	}
	t.Cleanup(r.Close)
	return r
}

func wait(t *testing.T, what string, event <-chan struct{}) {
	t.Helper()
	select {
	case <-event:
	case <-time.After(limit):
		t.Fatalf("%s did not come", what)
	}
}

func raise(t *testing.T, db *storage.DB, operator storage.OperatorID, code string) {
	t.Helper()
	err := db.InScope(t.Context(), storage.Scope{Operator: operator}, func(tx *storage.Tx) error {
		_, _, err := tx.RaiseIncident(t.Context(), operator, storage.OfConnection(5), storage.Raise{Code: code, Source: "pull", Run: 3})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func start(t *testing.T, c Config) *Notifier {
	t.Helper()
	c.Explain, c.Look = explain, 20*time.Millisecond
	n, err := Start(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Stop(t.Context()); err != nil && t.Context().Err() == nil {
			t.Error(err)
		}
	})
	return n
}

// outbox returns the states of the messages of a kind, once none of them waits.
func outbox(t *testing.T, db *storage.DB, operator storage.OperatorID, kind string) []string {
	t.Helper()
	var states []string
	for deadline := time.Now().Add(limit); ; {
		err := db.InScopeRead(t.Context(), storage.Scope{Operator: operator}, func(tx *storage.Tx) error {
			all, err := tx.Notices(t.Context(), 100)
			states = states[:0]
			for _, m := range all {
				if m.Kind == kind {
					states = append(states, m.Topic+" "+m.State)
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(strings.Join(states, " "), "waiting") {
			return states
		}
		if time.Now().After(deadline) {
			t.Fatalf("messages still wait: %v", states)
		}
		<-time.After(20 * time.Millisecond)
	}
}

// One incident with many failures is one call, signed; its end is another one.
func TestWebhookOncePerIncident(t *testing.T) {
	t.Parallel()
	db := storagetest.Open(t)
	w := storagetest.World(t, db)
	hook := newReceiver(t, false)
	for range 5 {
		raise(t, db, w.Operator, "transfer.timeout")
	}
	start(t, Config{DB: db, Webhook: Webhook{URL: hook.URL + "/hook", Secret: secret}, Allow: loopback, Portal: "https://exchange.example/", Name: "Exchange"})
	wait(t, "the call", hook.came)
	err := db.InScope(t.Context(), storage.Scope{Operator: w.Operator}, func(tx *storage.Tx) error {
		_, err := tx.ResolveIncidents(t.Context(), w.Operator, storage.OfConnection(5))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	wait(t, "the call of the end", hook.came)
	if got := outbox(t, db, w.Operator, storage.MessageWebhook); len(got) != 2 {
		t.Errorf("the outbox: %v", got)
	}
	hook.mu.Lock()
	defer hook.mu.Unlock()
	if len(hook.calls) != 2 {
		t.Fatalf("%d calls for one incident of 5 failures, want one at its beginning and one at its end", len(hook.calls))
	}
	first, last := hook.calls[0], hook.calls[1]
	stamp, _, _ := strings.Cut(strings.TrimPrefix(first.header.Get(SignatureHeader), "t="), ",")
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || !hmac.Equal([]byte(Sign(secret, first.body, time.Unix(seconds, 0))), []byte(first.header.Get(SignatureHeader))) {
		t.Errorf("signature %q does not fit the body: %v", first.header.Get(SignatureHeader), err)
	}
	i := first.event.Incident
	if first.event.Topic != storage.TopicIncidentOpened || i.Code != "transfer.timeout" || i.Sentence == "" || i.NextStep != "Mend it." || i.Count != 5 ||
		!strings.HasPrefix(i.SubjectID, "con_") || !strings.HasPrefix(i.RunID, "run_") || i.URL != "https://exchange.example/incidents/"+i.ID {
		t.Errorf("told: %+v", first.event)
	}
	if last.event.Topic != storage.TopicIncidentResolved || last.event.Incident.ResolvedAt == nil || last.event.Incident.ID != i.ID {
		t.Errorf("told at the end: %+v", last.event)
	}
	if first.event.ID == last.event.ID || first.event.ID != first.header.Get(IDHeader) {
		t.Error("the messages' ids don't tell them apart")
	}
}

// What is refused is tried again, with the same id.
func TestWebhookIsTriedAgain(t *testing.T) {
	t.Parallel()
	db := storagetest.Open(t)
	w := storagetest.World(t, db)
	hook := newReceiver(t, false)
	hook.status = http.StatusInternalServerError
	raise(t, db, w.Operator, "pull.files_refused")
	start(t, Config{DB: db, Webhook: Webhook{URL: hook.URL, Secret: secret}, Allow: loopback})
	wait(t, "the first call", hook.came)
	hook.mu.Lock()
	hook.status = http.StatusOK
	hook.mu.Unlock()
	wait(t, "the second call", hook.came)
	if got := outbox(t, db, w.Operator, storage.MessageWebhook); len(got) != 1 || got[0] != "incident.opened sent" {
		t.Errorf("the outbox: %v", got)
	}
	hook.mu.Lock()
	defer hook.mu.Unlock()
	if hook.calls[0].event.ID != hook.calls[1].event.ID {
		t.Error("the same message has another id at its second attempt")
	}
}

// No name and no redirect leads to this machine, and plain HTTP goes nowhere but to what is listed.
func TestWebhookAddresses(t *testing.T) {
	t.Parallel()
	hook := newReceiver(t, false)
	elsewhere := httptest.NewServer(http.RedirectHandler(hook.URL, http.StatusTemporaryRedirect))
	t.Cleanup(elsewhere.Close)
	event := &Event{ID: "ntc_1", Topic: storage.TopicIncidentOpened}
	for _, c := range []struct {
		name, url string
		allow     []netip.Prefix
		code      string
	}{
		{"loopback", hook.URL, nil, codeAddress},
		{"a name for loopback", strings.Replace(hook.URL, "127.0.0.1", "localhost", 1), nil, codeAddress},
		{"plain HTTP to the Internet", "http://93.184.216.34/", loopback, codeAddress},
		{"a redirect", elsewhere.URL, loopback, codeRefused},
	} {
		caller := newCaller(Webhook{URL: c.url, Secret: secret}, c.allow)
		if err := caller.send(t.Context(), event); codeOf(err) != c.code || strings.Contains(err.Error(), "http") {
			t.Errorf("%s: %v, want %s without the address", c.name, err, c.code)
		}
	}
	if len(hook.calls) != 0 {
		t.Errorf("%d calls came through", len(hook.calls))
	}
}

func TestConfigIsChecked(t *testing.T) {
	t.Parallel()
	for name, m := range map[string]Mail{
		"unknown TLS":       {Host: "h", TLS: "ssl", From: "a@b.example", To: []string{"c@d.example"}},
		"password in clear": {Host: "h", TLS: TLSNone, Username: "u", From: "a@b.example", To: []string{"c@d.example"}},
		"nobody to send as": {Host: "h", To: []string{"c@d.example"}},
		"broken address":    {Host: "h", From: "a@b.example\r\nBcc: x@y.example", To: []string{"c@d.example"}},
	} {
		if m.check() == nil {
			t.Errorf("%s is accepted", name)
		}
	}
	for name, h := range map[string]Webhook{
		"no URL":       {URL: "hooks", Secret: secret},
		"other scheme": {URL: "file:///etc/passwd", Secret: secret},
		"short secret": {URL: "https://h.example", Secret: []byte("short")},
	} {
		if h.check() == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}

// serverTLS is a certificate for 127.0.0.1 with those who trust it.
func serverTLS(t *testing.T) (server, client *tls.Config) {
	t.Helper()
	s := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(s.Close)
	pool := x509.NewCertPool()
	pool.AddCert(s.Certificate())
	return &tls.Config{MinVersion: tls.VersionTLS12, Certificates: s.TLS.Certificates}, &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: pool}
}

func TestMail(t *testing.T) {
	t.Parallel()
	server, client := serverTLS(t)
	for _, mode := range []string{TLSStart, TLSImplicit, TLSNone} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			db := storagetest.Open(t)
			w := storagetest.World(t, db)
			office := newPostOffice(t, server, mode == TLSImplicit)
			office.refuse["<left@exchange.example>"] = true
			m := Mail{
				Host: "127.0.0.1", Port: office.port(), TLS: mode, From: "ediport@exchange.example",
				To: []string{"Desk <desk@exchange.example>", "left@exchange.example"}, Roots: client,
			}
			if mode != TLSNone {
				m.Username, m.Password = "ediport", "of tests only"
			}
			raise(t, db, w.Operator, "transfer.auth_failed")
			start(t, Config{DB: db, Mail: m, Allow: loopback, Name: "Exchange"})
			wait(t, "the mail", office.came)
			if got := outbox(t, db, w.Operator, storage.MessageMail); len(got) != 1 || got[0] != "incident.opened sent" {
				t.Errorf("the outbox: %v", got)
			}
			office.mu.Lock()
			defer office.mu.Unlock()
			if secure := office.secure == 1; secure != (mode != TLSNone) || (office.signedIn == 1) != secure {
				t.Errorf("over TLS: %v, signed in %d times", secure, office.signedIn)
			}
			checkMail(t, office.mails[0])
		})
	}
}

func checkMail(t *testing.T, text string) {
	t.Helper()
	got, err := mail.ReadMessage(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(got.Header.Get("Subject"))
	if err != nil || !strings.Contains(subject, "transfer.auth_failed") {
		t.Errorf("subject %q, %v", subject, err)
	}
	body, err := io.ReadAll(quotedprintable.NewReader(got.Body))
	if err != nil || !strings.Contains(string(body), "It broke: transfer.auth_failed.") || !strings.Contains(string(body), "Mend it.") {
		t.Errorf("body %q, %v", body, err)
	}
	if id := got.Header.Get("Message-Id"); !strings.HasSuffix(id, "@exchange.example>") {
		t.Errorf("message id %q", id)
	}
}

// A name can't add headers of its own.
func TestMailHeaders(t *testing.T) {
	t.Parallel()
	m := &mailer{mail: Mail{From: "a@b.example"}}
	e := &Event{ID: "ntc_1", Incident: Incident{SubjectKind: "connection", SubjectName: "evil\r\nBcc: x@y.example\r\n\r\n", Code: "transfer.timeout"}}
	message, err := m.message(outgoing{id: e.ID, subject: subject(e), text: "text"}, "c@d.example")
	if err != nil {
		t.Fatal(err)
	}
	var written strings.Builder
	if _, err := message.WriteTo(&written); err != nil {
		t.Fatal(err)
	}
	got, err := mail.ReadMessage(strings.NewReader(written.String()))
	if err != nil || got.Header.Get("Bcc") != "" || got.Header.Get("Auto-Submitted") != "auto-generated" {
		t.Errorf("header Bcc %q, Auto-Submitted %q, %v", got.Header.Get("Bcc"), got.Header.Get("Auto-Submitted"), err)
	}
}

// A server that doesn't offer TLS gets nothing.
func TestMailInsistsOnTLS(t *testing.T) {
	t.Parallel()
	office := newPostOffice(t, nil, false)
	m := &mailer{mail: Mail{Host: "127.0.0.1", Port: office.port(), From: "a@b.example"}, allow: loopback}
	if err := m.send(t.Context(), outgoing{id: "ntc_1", to: []string{"c@d.example"}, subject: "s", text: "t"}); err == nil {
		t.Error("mail was sent without TLS")
	}
	if len(office.mails) != 0 {
		t.Error("mail arrived in clear")
	}
}
