package jobs

import (
	"context"
	"net/url"
	"path/filepath"
	"testing"
	"time"

	"github.com/ediport/ediport/jobs/transfer/sshdtest"
	"github.com/ediport/ediport/storage"
)

// behind opens the house's database by a way that can be silenced.
func (h *house) behind() (*sshdtest.Proxy, *storage.DB) {
	h.t.Helper()
	cfg := h.cfg
	var proxy *sshdtest.Proxy
	for _, dsn := range []*string{&cfg.LoaderURL, &cfg.AppURL, &cfg.DirectURL} {
		u, err := url.Parse(*dsn)
		if err != nil {
			h.t.Fatal(err)
		}
		q := u.Query()
		if proxy == nil {
			proxy = sshdtest.StartProxy(h.t, filepath.Join(q.Get("host"), ".s.PGSQL."+q.Get("port")))
		}
		q.Del("host")
		q.Del("port")
		u.Host, u.RawQuery = proxy.Address(), q.Encode()
		*dsn = u.String()
	}
	db, err := storage.Open(cfg)
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { _ = db.Close() })
	return proxy, db
}

// TestSilentConnections: a node whose connections to the database swallow everything comes back, once new ones can be opened: it
// lives, leads, begins what is due, fetches and loads; and it stops within its time.
func TestSilentConnections(t *testing.T) {
	t.Parallel()
	tests := map[string]func(p *sshdtest.Proxy){
		"for good": (*sshdtest.Proxy).Mute,
		"for a time": func(p *sshdtest.Proxy) {
			<-p.StallAfter(0)
			time.AfterFunc(5*time.Second, p.Restore)
		},
	}
	for name, silence := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			server := sshdtest.Start(t, sshdtest.Options{})
			server.WriteFile("outbound/due.835", []byte("due"))
			s := h.schedule(h.connect(server), func(s *storage.Schedule) { s.Spec = "0 0 1 1 *" })
			proxy, db := h.behind()
			n := h.start(func(c *Config) { c.DB, c.Ingest = db, ingestInto(db, h.archive) })
			h.addFile([]byte("before"))
			h.allLoaded(1)
			h.eventually("the queue is empty", func() bool { return h.number(`SELECT count(*) FROM river_job WHERE state = 'running'`) == 0 })
			h.eventually("the node leads", n.Leads)
			silence(proxy)
			silent := h.number(`SELECT extract(epoch FROM clock_timestamp())::bigint`)
			h.addFile([]byte("afterwards"))
			h.makeDue(s, 0)
			h.allLoaded(3)
			h.eventually("what was due is done", func() bool { return h.runsOf(s, storage.RunSucceeded) == 1 })
			h.eventually("the node lives", func() bool {
				return h.number(`SELECT count(*) FROM node WHERE id = $1 AND heartbeat_at > to_timestamp($2)`, n.ID(), silent+5) == 1
			})
			h.eventually("the node leads", n.Leads)
		})
	}
}

// TestStopWhileSilent: a node stops although the database does not answer.
func TestStopWhileSilent(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	proxy, db := h.behind()
	cfg := h.config()
	cfg.DB, cfg.Ingest = db, ingestInto(db, h.archive)
	n, err := Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	h.eventually("the node leads", n.Leads)
	<-proxy.StallAfter(0)
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		_ = n.Stop(ctx) // that it left nobody was told
	}()
	waitFor(t, "the node stops", stopped)
}
