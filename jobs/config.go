package jobs

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"time"

	"github.com/ediport/ediport/storage"
	"github.com/ediport/ediport/storage/archive"
	"github.com/ediport/ediport/storage/keys"
)

// A Config says what a node does and with what. Zero durations and numbers mean the default.
type Config struct {
	DB      *storage.DB
	Archive *archive.Archive // needed to work
	Keys    *keys.Ring       // opens the connections' secrets; needed to work

	// Ingest loads a file; needed to work. It must be idempotent. An error that answers
	// Permanent() bool with true is not tried again.
	Ingest func(context.Context, storage.OperatorID, storage.FileID) error

	// Permit is asked about each address before a connection to it; nil permits all.
	Permit func(netip.AddrPort) error

	Schedule bool // stands for election and turns due schedules into runs
	Work     bool // works runs and files

	// Small are further kinds of work, of other packages.
	Small []Small

	PullWorkers   int // runs that pull at once, 16: they mostly wait for their partners
	PushWorkers   int // runs that push at once, 8
	IngestWorkers int // files loaded at once, 2
	SmallWorkers  int // small jobs at once, 50

	Tick      time.Duration // between looks for due schedules, 3 s
	Heartbeat time.Duration // between signs of life, 5 s
	FenceSelf time.Duration // without an answer of the database, until own work is stopped, 10 s
	GiveUp    time.Duration // without a sign of life, until another node's work is taken over, 15 s

	Metrics *Metrics     // counts what is worked; nil: nothing
	Version string       // of this program, for the list of nodes
	Log     *slog.Logger // nil: none
}

func (c Config) withDefaults() (Config, error) {
	if c.DB == nil {
		return c, errors.New("jobs: a database is needed")
	}
	if c.Work && (c.Archive == nil || c.Keys == nil || c.Ingest == nil) {
		return c, errors.New("jobs: archive, keys and an ingest function are needed to work")
	}
	c.PullWorkers = cmp.Or(c.PullWorkers, 16)
	c.PushWorkers = cmp.Or(c.PushWorkers, 8)
	c.IngestWorkers = cmp.Or(c.IngestWorkers, 2)
	c.SmallWorkers = cmp.Or(c.SmallWorkers, 50)
	c.Tick = cmp.Or(c.Tick, 3*time.Second)
	c.Heartbeat = cmp.Or(c.Heartbeat, 5*time.Second)
	c.FenceSelf = cmp.Or(c.FenceSelf, 2*c.Heartbeat)
	c.GiveUp = cmp.Or(c.GiveUp, 3*c.Heartbeat)
	if c.FenceSelf >= c.GiveUp {
		return c, errors.New("jobs: a node must stop its own work before the others take it over")
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c, nil
}
