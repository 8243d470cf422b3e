// Package portal puts the doors of ediport together: the pages (portal/web), the API (portal/api) and
// the health checks, behind one guard (portal/door).
//
//	handler, err := portal.New(portal.Options{Accounts: …, DB: db, Log: log, Hosts: []string{"localhost"}})
//	server := &http.Server{Handler: handler, ReadHeaderTimeout: portal.ReadHeaderTimeout, …}
package portal

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/jobs"
	"github.com/ediport/ediport/portal/api"
	"github.com/ediport/ediport/portal/door"
	"github.com/ediport/ediport/portal/web"
	"github.com/ediport/ediport/storage"
	"github.com/ediport/ediport/storage/archive"
)

// Limits for the http.Server that serves the portal.
const (
	ReadHeaderTimeout = 10 * time.Second
	ReadTimeout       = 2 * time.Minute
	WriteTimeout      = 5 * time.Minute
	IdleTimeout       = 2 * time.Minute
	MaxHeaderBytes    = 32 << 10
)

// Options are what the portal needs.
type Options struct {
	Accounts *accounts.Service
	DB       *storage.DB
	Archive  *archive.Archive // of the originals
	Desk     *jobs.Desk       // for connections, schedules and runs
	Log      *slog.Logger
	Now      func() time.Time                // nil means time.Now
	Ready    func(ctx context.Context) error // nil means ready when the database answers and has our schema
	Metrics  http.Handler                    // at /metrics, which must ask for a token by itself; nil: nothing is there

	Hosts   []string       // names under which the portal may be called, without port
	TLS     bool           // people reach the portal by https, here or at a trusted proxy
	Proxies []netip.Prefix // whose X-Forwarded-For is believed

	Demo    bool
	Name    string // who runs it
	Support string // what to do when in need of help
	Version string
}

// New returns the portal as one handler, or an error if a part of it is broken.
func New(o Options) (http.Handler, error) {
	pages, err := web.New(web.Options{
		Accounts: o.Accounts, DB: o.DB, Archive: o.Archive, Desk: o.Desk, Log: o.Log, Now: o.Now,
		TLS: o.TLS, Demo: o.Demo, Name: o.Name, Support: o.Support, Version: o.Version,
	})
	if err != nil {
		return nil, err
	}
	rest, err := api.New(api.Options{Accounts: o.Accounts, DB: o.DB, Archive: o.Archive, Desk: o.Desk, Log: o.Log, Now: o.Now})
	if err != nil {
		return nil, err
	}
	d, err := door.New(door.Options{Log: o.Log, Hosts: o.Hosts, TLS: o.TLS, Proxies: o.Proxies, Now: o.Now})
	if err != nil {
		return nil, err
	}
	if o.Ready == nil {
		o.Ready = DatabaseChecks(o.DB).Ready
	}
	inner := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api" || strings.HasPrefix(r.URL.Path, "/api/") {
			rest.ServeHTTP(w, r)
			return
		}
		pages.ServeHTTP(w, r)
	})
	// Health checks come by address, not by name, so they stand before the check of the host.
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", alive)
	mux.HandleFunc("GET /readyz", ready(o.Ready, o.Log))
	if o.Metrics != nil {
		mux.Handle("GET /metrics", o.Metrics)
	}
	mux.Handle("/", readsReplica(d.Wrap(inner), o.TLS))
	return mux, nil
}
