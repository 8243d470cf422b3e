package cluster

import (
	"fmt"
	"strings"
	"time"
)

// A HeldError says that another process runs the private Postgres of the data folder, and which one.
type HeldError struct {
	Dir     string    // the data folder
	PID     int       // 0 if the holder has not said yet
	Command string    // program and subcommand, never its arguments
	Since   time.Time // when it took the folder
}

func (e *HeldError) Error() string {
	if e.PID == 0 {
		return fmt.Sprintf("data folder %s is in use by another ediport: stop it, or name another folder", e.Dir)
	}
	return fmt.Sprintf("data folder %s is in use by %q (process %d, since %s): stop it, or name another folder",
		e.Dir, e.Command, e.PID, e.Since.UTC().Format(time.RFC3339))
}

// A VersionError says that the data folder was written by another major version of Postgres
// than the ones at hand. Nothing was changed.
type VersionError struct {
	Dir   string     // the folder of the cluster's files
	Made  int        // major version that wrote it
	Found []Binaries // what is installed, newest first
}

func (e *VersionError) Error() string {
	found := make([]string, len(e.Found))
	for i, b := range e.Found {
		found[i] = fmt.Sprintf("PostgreSQL %d (%s)", b.Major, b.Dir)
	}
	return fmt.Sprintf("%s was written by PostgreSQL %d, but what is here is %s: install PostgreSQL %d, or set EDIPORT_PG_BIN to its folder of programs; "+
		"to move to the newer one, dump with version %d (ediport db backup) and restore into a new data folder (ediport db restore). Nothing was changed",
		e.Dir, e.Made, strings.Join(found, ", "), e.Made, e.Made)
}

// A MissingError says that no usable Postgres was found, and which command installs one.
type MissingError struct {
	Command string // what a person runs to install it
	Tried   error  // why fetching it failed, if it was tried
}

func (e *MissingError) Error() string {
	s := fmt.Sprintf("PostgreSQL %d or newer is needed and was not found: install it with `%s`, or set EDIPORT_PG_BIN to the folder that holds postgres and initdb",
		OldestMajor, e.Command)
	if e.Tried != nil {
		s += fmt.Sprintf(" (fetching it did not work: %v)", e.Tried)
	}
	return s
}

func (e *MissingError) Unwrap() error { return e.Tried }

// A ReachError says that the unprivileged user that must run Postgres cannot enter a folder.
type ReachError struct {
	Path   string // what the user must reach
	Parent string // the first folder on the way that stops it
	User   string
}

func (e *ReachError) Error() string {
	return fmt.Sprintf("Postgres runs as user %q, which cannot reach %s because of the permissions of %s: "+
		"use a data folder such as /var/lib/ediport, or allow passage with `chmod o+x %s`", e.User, e.Path, e.Parent, e.Parent)
}
