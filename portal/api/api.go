package api

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

// Options are what the API needs.
type Options struct {
	Accounts *accounts.Service
	DB       *storage.DB
	Archive  *archive.Archive // of the originals
	Desk     *jobs.Desk       // where connections, schedules, runs and outbound files are kept
	Log      *slog.Logger
	Now      func() time.Time // nil means time.Now

	RequestsPerMinute int // of one token, on one node, a user by all of his tokens twice as many; 0 means 600
}

// An API serves /api/v1. Safe for several goroutines.
type API struct {
	Options
	limits *limiter // by token
	users  *limiter // by user
	mux    http.Handler
}

// New returns the API as a handler, or an error if a route is broken.
func New(o Options) (*API, error) {
	if o.Accounts == nil || o.DB == nil || o.Desk == nil || o.Log == nil {
		return nil, errors.New("portal: the API needs accounts, database, desk and log")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.RequestsPerMinute == 0 {
		o.RequestsPerMinute = 600
	}
	o.Accounts.OnApproval(accounts.ApprovePurge, purge.Act(o.Desk))
	o.Accounts.OnApproval(accounts.ApproveHostKey, accounts.HostKeyAct(o.Desk.ApproveHostKeysIn))
	o.Desk.SecondPerson = o.Accounts.HostKeysTakeTwo
	a := &API{Options: o, limits: newLimiter(o.RequestsPerMinute), users: newLimiter(userShare * o.RequestsPerMinute)}
	var err error
	a.mux, err = a.serveRoutes()
	return a, err
}

// ServeHTTP answers a request of the API.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.mux.ServeHTTP(w, r) }
