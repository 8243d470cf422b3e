// Package cluster runs ediport's private Postgres: a cluster in the data folder that only the
// folder's user (and root) can reach, through a Unix socket, without a password.
//
//	c, err := cluster.Open(ctx, cluster.Options{Dir: "/var/lib/ediport", AllowFetch: true})
//	if err != nil {
//		return err // says what to do; see the error types
//	}
//	defer c.Stop(context.Background())
//	if err := c.EnsureDatabase(ctx, "ediport"); err != nil {
//		return err
//	}
//	db, err := sql.Open("postgres", c.DSN("ediport", "ediport_app"))
//
// The life of a cluster:
//
//	        Open(Supervise)                    Open(Attach)
//	             │                                  │
//	      take the lock ── held ──► HeldError       ├── lock held ──► wait until ready ──► use it
//	             │                                  │
//	             │◄──────────── lock free ──────────┘ (for its own duration)
//	      find programs ── none ──► fetch ── no ──► MissingError, VersionError
//	             │
//	      no cluster yet? ──► initdb beside it, rename
//	             │
//	      left by a crash? ─► stop an orphaned server, end a killed one's children,
//	             │            remove a stale pid file and socket
//	      start postgres
//	             │
//	           ready ◄──────── recovers from its log by itself
//	             │
//	    ┌────────┼─────────────────────────┐
//	  Stop   server dies              we are killed
//	    │        │                         │
//	fast stop   Done is closed,       the kernel lets go of the lock and (Linux) tells the
//	    │       Err says why          server to stop; elsewhere the next Open stops it
//	    └────────┴─────────────────────────┘
//	             │
//	      lock released; the next Open finds every committed row
//
// Nothing here ever deletes or changes the files of a cluster, but for a stale postmaster.pid; another
// major version of Postgres is refused with a message that names both.
//
// In the data folder, all in its folder postgres:
//
//	data/             the cluster, of the server's user alone
//	run/              the socket (elsewhere if the path is too long for one, see socket_dir)
//	supervisor.lock   locked by the supervisor; says who it is
//	attached.lock     shared by commands that attached
//	pg_hba.conf, pg_ident.conf   who may sign in, written at each start
//	server.log        at most 4 MB, and 4 MB of its past; no statement, parameter or value is in it
//
// Root runs the server as the user who owns the cluster, a new one as postgres or else nobody: Postgres
// refuses to run as root. Every folder above must let that user pass.
package cluster
