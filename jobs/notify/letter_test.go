package notify_test

import (
	"context"
	"maps"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/ediport/ediport/accounts/accountstest/covers"
	"github.com/ediport/ediport/jobs/notify"
	"github.com/ediport/ediport/jobs/notify/notifytest"
	"github.com/ediport/ediport/storage"
	"github.com/ediport/ediport/storage/keys"
	"github.com/ediport/ediport/storage/storagetest"
)

// letterTo writes a mail to a person into the outbox.
func letterTo(t *testing.T, db *storage.DB, ring *keys.Ring, m storage.Mail) {
	t.Helper()
	err := db.InSignIn(t.Context(), storage.Actor{Kind: storage.ActorSystem}, func(tx *storage.Tx) error { return tx.SendMail(t.Context(), ring, m) })
	if err != nil {
		t.Fatal(err)
	}
}

func begin(t *testing.T, c notify.Config) {
	t.Helper()
	c.Explain, c.Look, c.Name = func(string) (string, string) { return "", "" }, 20*time.Millisecond, "Northwind Exchange"
	n, err := notify.Start(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := n.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
}

// mailsOf waits until a user's mails are in a state that is wanted.
func mailsOf(t *testing.T, db *storage.DB, user storage.UserID, ready func(storage.SentMail) bool) []storage.SentMail {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; {
		var mails []storage.SentMail
		err := db.InSystem(t.Context(), storage.Actor{Kind: storage.ActorSystem}, func(tx *storage.Tx) (err error) {
			mails, err = tx.MailOf(t.Context(), user, 10)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		all := len(mails) > 0
		for _, m := range mails {
			all = all && ready(m)
		}
		if all {
			return mails
		}
		if time.Now().After(deadline) {
			t.Fatalf("the mails stay as they are: %+v", mails)
		}
		<-time.After(20 * time.Millisecond)
	}
}

func ended(m storage.SentMail) bool { return m.State != "waiting" }

func TestLetterIsSentInAllWays(t *testing.T) {
	t.Parallel()
	for _, o := range []notifytest.Options{
		{TLS: notify.TLSStart, Login: "ediport", Password: "of tests only"},
		{TLS: notify.TLSImplicit, Login: "ediport", Password: "of tests only"},
		{TLS: notify.TLSStart},
		{TLS: notify.TLSNone},
	} {
		t.Run(o.TLS+" "+o.Login, func(t *testing.T) {
			t.Parallel()
			covers.Rows(t, "A61")
			db, ring := storagetest.Open(t), keys.NewRing()
			office := notifytest.Open(t, o)
			letterTo(t, db, ring, storage.Mail{
				User: 7, Address: "maria@clinic.example", Template: "recovery_code",
				Values: map[string]string{"name": "Maria Quill", "login": "Maria.Q", "code": "ABCD-EFGH", "until": "2026-11-22T15:04:00Z"},
			})
			begin(t, notify.Config{DB: db, Keys: ring, Mail: office.Mail("ediport@exchange.example"), Allow: notifytest.Loopback})
			got := office.Next(t)
			if got.Secure != (o.TLS != notify.TLSNone) || got.Login != o.Login || got.To != "maria@clinic.example" {
				t.Errorf("to %s, over TLS: %v, signed in as %q", got.To, got.Secure, got.Login)
			}
			read := got.Read(t)
			if read.Code(t) != "ABCD-EFGH" || !strings.Contains(read.HTML, "ABCD-EFGH") || !strings.Contains(read.Text, "Maria Quill") || !strings.Contains(read.Text, "Northwind Exchange") {
				t.Errorf("the mail reads:\n%s\n%s", read.Text, read.HTML)
			}
			if read.Subject != "Your code to set a new password" || !strings.HasSuffix(read.Header.Get("Message-Id"), "@exchange.example>") {
				t.Errorf("subject %q, id %q", read.Subject, read.Header.Get("Message-Id"))
			}
			if m := mailsOf(t, db, 7, ended); m[0].State != storage.NoticeSent || m[0].SentAt == nil || m[0].Address != "m•••@clinic.example" {
				t.Errorf("the outbox: %+v", m[0])
			}
			forgotten(t, db)
		})
	}
}

// forgotten checks that nothing of what mails said is kept.
func forgotten(t *testing.T, db *storage.DB) {
	t.Helper()
	var kept []storage.KeptMail
	err := db.InSystem(t.Context(), storage.Actor{Kind: storage.ActorSystem}, func(tx *storage.Tx) (err error) {
		kept, err = tx.KeptMails(t.Context(), 10)
		return err
	})
	if err != nil || len(kept) != 0 {
		t.Errorf("%d mails keep what they said, %v", len(kept), err)
	}
}

// A server that refuses, one that says nothing, one with a wrong password and one whose certificate
// nobody trusts: the mail waits for its next attempt, and says why.
func TestLetterWaitsWhenItCannotBeSent(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		options notifytest.Options
		change  func(*notify.Mail)
		code    string
	}{
		"receiver refused":   {notifytest.Options{Refuse: func(string) bool { return true }}, nil, "notify.refused"},
		"wrong password":     {notifytest.Options{Login: "ediport", Password: "right"}, func(m *notify.Mail) { m.Password = "wrong" }, "notify.refused"},
		"unknown authority":  {notifytest.Options{TLS: notify.TLSImplicit}, func(m *notify.Mail) { m.Roots = nil }, "notify.unreachable"},
		"STARTTLS not there": {notifytest.Options{TLS: notify.TLSNone}, func(m *notify.Mail) { m.TLS = notify.TLSStart }, "notify.unreachable"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			covers.Rows(t, "S16", "A61")
			db, ring := storagetest.Open(t), keys.NewRing()
			office := notifytest.Open(t, c.options)
			server := office.Mail("ediport@exchange.example")
			if c.change != nil {
				c.change(&server)
			}
			letterTo(t, db, ring, storage.Mail{User: 7, Address: "maria@clinic.example", Template: "locked", Values: map[string]string{"login": "m"}})
			begin(t, notify.Config{DB: db, Keys: ring, Mail: server, Allow: notifytest.Loopback})
			got := mailsOf(t, db, 7, func(m storage.SentMail) bool { return m.Code != "" })
			if got[0].Code != c.code || got[0].State != "waiting" || len(office.Taken()) != 0 {
				t.Errorf("%+v, %d mails came; want it to wait for %s", got[0], len(office.Taken()), c.code)
			}
		})
	}
}

// A server that takes the connection and says nothing is left when the sender stops.
func TestLetterToASilentServer(t *testing.T) {
	t.Parallel()
	db, ring := storagetest.Open(t), keys.NewRing()
	office := notifytest.Open(t, notifytest.Options{Hang: true})
	letterTo(t, db, ring, storage.Mail{User: 7, Address: "maria@clinic.example", Template: "unlocked", Values: map[string]string{"login": "m"}})
	n, err := notify.Start(notify.Config{
		DB: db, Keys: ring, Mail: office.Mail("ediport@exchange.example"), Allow: notifytest.Loopback, Look: 20 * time.Millisecond,
		Explain: func(string) (string, string) { return "", "" },
	})
	if err != nil {
		t.Fatal(err)
	}
	office.Connected(t)
	if err := n.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := mailsOf(t, db, 7, func(m storage.SentMail) bool { return m.Code != "" }); got[0].State != "waiting" {
		t.Errorf("%+v, want it to wait", got[0])
	}
}

// What nobody wants any more, and what was sealed by another key or for another row, is not sent.
func TestLetterThatIsNotSent(t *testing.T) {
	t.Parallel()
	db, ring := storagetest.Open(t), keys.NewRing()
	office := notifytest.Open(t, notifytest.Options{})
	m := storage.Mail{User: 7, Address: "maria@clinic.example", Template: "recovery_code", Values: map[string]string{"code": "ABCD-EFGH"}}
	expired, foreign, nobody, unknown := m, m, m, m
	expired.Expires = db.Now().Add(-time.Second)
	nobody.Address = ""
	unknown.Template = "chain_letter"
	for _, mail := range []storage.Mail{expired, nobody, unknown} {
		letterTo(t, db, ring, mail)
	}
	letterTo(t, db, keys.NewRing(), foreign)
	begin(t, notify.Config{DB: db, Keys: ring, Mail: office.Mail("ediport@exchange.example"), Allow: notifytest.Loopback})
	for _, got := range mailsOf(t, db, 7, ended) {
		if got.State != storage.NoticeCancelled {
			t.Errorf("%+v, want it cancelled", got)
		}
	}
	if len(office.Taken()) != 0 {
		t.Error("one of them was sent")
	}
	forgotten(t, db)
}

// Mail goes only where it may: a name of this machine needs to be listed.
func TestLetterAddresses(t *testing.T) {
	t.Parallel()
	db, ring := storagetest.Open(t), keys.NewRing()
	office := notifytest.Open(t, notifytest.Options{})
	letterTo(t, db, ring, storage.Mail{User: 7, Address: "maria@clinic.example", Template: "unlocked", Values: map[string]string{"login": "m"}})
	begin(t, notify.Config{DB: db, Keys: ring, Mail: office.Mail("ediport@exchange.example"), Allow: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}})
	got := mailsOf(t, db, 7, func(m storage.SentMail) bool { return m.Code != "" })
	if got[0].Code != "notify.address_refused" || office.Attempts() != 0 {
		t.Errorf("%+v, %d connections", got[0], office.Attempts())
	}
}

// All texts can be written, say the same in both forms, and name nothing that isn't there.
func TestLettersAreComplete(t *testing.T) {
	t.Parallel()
	values := map[string]string{
		"name": "Maria <Quill>", "login": "Maria.Q", "code": "ABCD-EFGH", "at": "2026-11-22T15:04:00Z", "until": "2026-11-22T16:04:00Z",
		"from": "192.0.2.7", "by": "Ada", "place": "Cedar Hollow", "role": "biller", "old": "a•••@x.example", "new": "b•••@x.example",
		"factor": "authenticator app", "what": "recovery code", "reason": "too many wrong passwords", "browser": "Firefox", "address": "192.0.2.9",
		"who": "Bo", "change": "biller",
	}
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	from := notify.Sender{Operator: "Northwind", Support: "the help desk, 555-0100", Portal: "https://exchange.example/", Zone: zone}
	for _, name := range notify.Letters() {
		r, err := notify.Render(name, values, from)
		if err != nil {
			t.Fatal(err)
		}
		if r.Subject == "" || strings.ContainsAny(r.Subject+r.Text, "{}") || !strings.Contains(strings.Join(strings.Fields(r.Text), " "), "the help desk, 555-0100") || strings.Contains(r.HTML, "<Quill>") {
			t.Errorf("%s: subject %q, text\n%s", name, r.Subject, r.Text)
		}
		if strings.Contains(r.Text, "UTC") || strings.Contains(r.Text, "//sign-in") {
			t.Errorf("%s: the time's zone or a link is wrong:\n%s", name, r.Text)
		}
		bare := maps.Clone(values)
		for _, key := range []string{"by", "from", "until", "reason", "name"} {
			delete(bare, key)
		}
		if r, err = notify.Render(name, bare, notify.Sender{}); err != nil || strings.ContainsAny(r.Text, "{}") || strings.Contains(r.Text, " ,") {
			t.Errorf("%s with little known: %v\n%s", name, err, r.Text)
		}
	}
	if _, err := notify.Render("chain_letter", nil, from); err == nil {
		t.Error("a letter that there isn't was written")
	}
}
