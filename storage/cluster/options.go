package cluster

import (
	"io"
	"log/slog"
	"os"
	"path/filepath"
)

// Role says what a process wants from the private Postgres of a data folder.
type Role int

const (
	// Supervise runs the server and keeps it: at most one process per data folder.
	Supervise Role = iota
	// Attach uses the server that runs already, or runs it for as long as this process needs it.
	Attach
)

// Options say where the cluster lives and how it is run. Dir is required; every other
// zero value is a sensible default.
type Options struct {
	Dir  string // ediport's data folder, created if missing; the cluster is in its folder "postgres"
	Role Role   // Supervise unless said otherwise

	BinDir     string // folder with postgres and initdb, the only one tried; default $EDIPORT_PG_BIN, else see [Find]
	CacheDir   string // where fetched binaries are kept; default [DefaultCacheDir]
	AllowFetch bool   // install Postgres when none is found, see [Find]

	NoSync   bool              // give up durability for speed: tests only
	Settings map[string]string // further Postgres settings, by name; they win over ours
	Logger   *slog.Logger      // changes of state; default: silent
}

// DefaultCacheDir returns the folder for fetched binaries: the user's cache folder, and a
// system one for root, whose home folder the server's own user could not enter; "" for a user
// without home: nothing is fetched then, because others could write to a common folder.
func DefaultCacheDir() string {
	if os.Geteuid() == 0 {
		return "/var/cache/ediport"
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "ediport")
}

func (o Options) withDefaults() Options {
	if o.BinDir == "" {
		o.BinDir = os.Getenv("EDIPORT_PG_BIN")
	}
	if o.CacheDir == "" {
		o.CacheDir = DefaultCacheDir()
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	return o
}
