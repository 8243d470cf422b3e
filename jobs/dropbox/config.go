package dropbox

import (
	"log/slog"
	"time"

	"github.com/ediport/ediport/storage"
	"github.com/ediport/ediport/storage/archive"
	"github.com/ediport/ediport/storage/keys"
)

// A Config says what a server works with.
type Config struct {
	DB      *storage.DB
	Archive *archive.Archive
	Keys    *keys.Ring
	Listen  string   // address, such as ":2222"
	Limits  Limits   // zero: the usual ones
	Metrics *Metrics // nil: nothing is counted
	Log     *slog.Logger

	Now func() time.Time // the clock of bans; nil: the system's
}

// Limits bound what strangers and partners can make a node do; zero means the usual value. They are of one node: the one behind it
// counts by itself.
type Limits struct {
	Connections int // at once, 100
	PerAddress  int // of these from one address (IPv6: one /64), 20
	Handshakes  int // connections that have not signed in yet, 30
	PerShaking  int // of these from one address, 5
	PerBox      int // connections signed in to one drop box, 10
	Channels    int // SFTP sessions in one connection, 4
	Handles     int // open files and listings in one connection, 64
	Refusals    int // refused requests after which a connection is ended, 200

	Handshake time.Duration // from the connection to the end of sign-in, 20 s
	Idle      time.Duration // without a byte, 5 min

	Failures int           // failed sign-ins from one address within Window after which it is banned, 10
	Window   time.Duration // 10 min
	Ban      time.Duration // 15 min

	Recheck time.Duration // between looks at whether those who are signed in still may be, 2 s
}

func (l Limits) withDefaults() Limits {
	for _, n := range []struct {
		value *int
		usual int
	}{
		{&l.Connections, 100},
		{&l.PerAddress, 20},
		{&l.Handshakes, 30},
		{&l.PerShaking, 5},
		{&l.PerBox, 10},
		{&l.Channels, 4},
		{&l.Handles, 64},
		{&l.Refusals, 200},
		{&l.Failures, 10},
	} {
		if *n.value == 0 {
			*n.value = n.usual
		}
	}
	for _, d := range []struct {
		value *time.Duration
		usual time.Duration
	}{
		{&l.Handshake, 20 * time.Second},
		{&l.Idle, 5 * time.Minute},
		{&l.Window, 10 * time.Minute},
		{&l.Ban, 15 * time.Minute},
		{&l.Recheck, 2 * time.Second},
	} {
		if *d.value == 0 {
			*d.value = d.usual
		}
	}
	return l
}

// What the folder shows and keeps.
const (
	shownFor  = 7 * 24 * time.Hour // accepted files, to their sender
	stagedFor = 24 * time.Hour     // files under a temporary name that nobody renames
	mostShown = 10_000             // files in one listing

	maxListings = 4 // open in one connection: each holds what it shows
)
