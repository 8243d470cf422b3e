package portal_test

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/ediport/ediport/accounts/accountstest"
	"github.com/ediport/ediport/jobs"
	"github.com/ediport/ediport/portal"
	"github.com/ediport/ediport/storage"
	"github.com/ediport/ediport/storage/archive"
	"github.com/ediport/ediport/storage/cluster/clustertest"
)

// A browser is somebody who is signed in.
type browser struct {
	t    *testing.T
	http *http.Client
	url  string
}

func (b *browser) ask(method, path string, form url.Values) string {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), method, b.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	answer, err := b.http.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK { // redirects are followed
		b.t.Fatalf("%s %s: %d (%v)", method, path, answer.StatusCode, err)
	}
	return string(body)
}

func signIn(t *testing.T, site, login string) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	b := &browser{t, &http.Client{Jar: jar}, site}
	b.ask(http.MethodPost, "/sign-in", url.Values{"username": {login}, "password": {accountstest.Password}})
	return b
}

// TestPagesFromTheReplica: who is signed in and only looks is served by the replica; who changed something sees it at once, though
// the replica does not have it yet; and without the replica everybody is served by the primary.
func TestPagesFromTheReplica(t *testing.T) {
	t.Parallel()
	primary := clustertest.StartServer(t)
	cfg := storage.Config{
		OwnerURL:  primary.URL(clustertest.Owner, clustertest.OwnerPassword, clustertest.OwnerDatabase),
		LoaderURL: primary.URL(storage.LoaderRole, "of tests only, l", clustertest.OwnerDatabase),
		AppURL:    primary.URL(storage.AppRole, "of tests only, p", clustertest.OwnerDatabase),
		IDKeys:    [][32]byte{{1}}, CursorKeys: [][32]byte{{2}}, MaxConnections: 4,
	}
	var second *clustertest.Server
	w := accountstest.On(t, func(clock storage.Clock) (*storage.DB, error) {
		cfg.Clock = clock
		db, err := storage.Open(cfg)
		if err == nil {
			err = db.Setup(t.Context())
		}
		if err == nil {
			err = db.Migrate(t.Context())
		}
		if err != nil {
			return nil, err
		}
		if err := db.Close(); err != nil {
			return nil, err
		}
		second = primary.Replica()
		cfg.ReplicaURL = second.URL(storage.AppRole, "of tests only, p", clustertest.OwnerDatabase)
		return storage.Open(cfg)
	})
	store, err := archive.Open(t.TempDir(), w.Ring)
	if err != nil {
		t.Fatal(err)
	}
	h, err := portal.New(portal.Options{
		Accounts: w.Accounts, DB: w.DB, Archive: store, Desk: &jobs.Desk{DB: w.DB, Keys: w.Ring},
		Log: slog.New(slog.DiscardHandler), Now: w.Clock.Now, Hosts: []string{"localhost"},
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	site := strings.Replace(server.URL, "127.0.0.1", "localhost", 1)
	writer, looker := signIn(t, site, w.Administrator), signIn(t, site, w.Both)
	const page = "/schedules"
	reason := ""
	change := func(n int) {
		reason = fmt.Sprintf("Word number %d.", n)
		writer.ask(http.MethodPost, page+"/resume-all", nil)
		writer.ask(http.MethodPost, page+"/pause-all", url.Values{"reason": {reason}})
		if body := writer.ask(http.MethodGet, page, nil); !strings.Contains(body, reason) {
			t.Fatalf("who changed something does not see it: %v", w.DB.Replica())
		}
	}
	tick, end := time.NewTicker(250*time.Millisecond), time.NewTimer(90*time.Second)
	defer tick.Stop()
	defer end.Stop()
	for n, fromReplica := 1, false; !fromReplica; n++ {
		select {
		case <-tick.C:
		case <-end.C:
			t.Fatalf("no page came from the replica: %+v", w.DB.Replica())
		}
		if !w.DB.Replica().InUse { // it is behind, or nobody asked for it yet
			looker.ask(http.MethodGet, page, nil)
			continue
		}
		second.Exec(`SELECT pg_wal_replay_pause()`)
		change(n)
		fromReplica = !strings.Contains(looker.ask(http.MethodGet, page, nil), reason)
		second.Exec(`SELECT pg_wal_replay_resume()`)
	}
	second.Stop()
	change(0)
	if body := looker.ask(http.MethodGet, page, nil); !strings.Contains(body, reason) {
		t.Error("without the replica a page shows what was before")
	}
}
