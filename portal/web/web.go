package web

import (
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/jobs"
	"github.com/ediport/ediport/portal/purge"
	"github.com/ediport/ediport/storage"
	"github.com/ediport/ediport/storage/archive"
)

// Options are what the pages need.
type Options struct {
	Accounts *accounts.Service
	DB       *storage.DB
	Archive  *archive.Archive // of the originals
	Desk     *jobs.Desk       // for connections, schedules and runs
	Log      *slog.Logger
	Now      func() time.Time // nil means time.Now

	TLS     bool   // people reach the portal by https: cookies are Secure and have the __Host- prefix
	Demo    bool   // every page is marked as demo
	Name    string // who runs it, shown while the database doesn't say; "" shows none
	Support string // what to do when in need of help, a sentence; "" refers to the administrator
	Version string // of ediport, shown in the footer
}

// A Portal serves the pages. Safe for several goroutines.
type Portal struct {
	Options
	prepared
	patterns map[string]bool
	mux      http.Handler
	follow   follower
	board    textBoard
}

// New returns the pages as a handler, or an error if a template, an asset or a route is broken.
func New(o Options) (*Portal, error) {
	if o.Accounts == nil || o.DB == nil || o.Archive == nil || o.Desk == nil || o.Log == nil {
		return nil, errors.New("portal: accounts, database, archive, desk and log must be given")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	p := &Portal{Options: o, patterns: map[string]bool{}, follow: follower{stopping: make(chan struct{})}}
	var err error
	if p.prepared, err = prepare(); err != nil {
		return nil, err
	}
	p.Accounts.OnApproval(accounts.ApprovePurge, purge.Act(p.Desk))
	p.Accounts.OnApproval(accounts.ApproveHostKey, accounts.HostKeyAct(p.Desk.ApproveHostKeysIn))
	p.Desk.SecondPerson = p.Accounts.HostKeysTakeTwo
	p.mux, err = p.serveRoutes()
	return p, err
}

// ServeHTTP answers a request for a page.
func (p *Portal) ServeHTTP(w http.ResponseWriter, r *http.Request) { p.mux.ServeHTTP(w, r) }
