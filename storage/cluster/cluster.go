package cluster

import (
	"context"
	"fmt"
	"log/slog"
	"sync"

	"golang.org/x/sys/unix"
)

// A Cluster is the private Postgres of one data folder, running. It is safe for several
// goroutines. Call [Cluster.Stop] when done.
type Cluster struct {
	layout   layout
	socket   string // folder
	bin      Binaries
	log      *slog.Logger
	server   *server   // nil when attached to another process's server
	lock     *fileLock // the supervisor's, or the visitor's shared one
	stopping chan struct{}
	done     chan struct{}
	stop     sync.Once
	err      error // why the server ended; valid once done is closed
	stopErr  error

	temporary bool // an attached command's own server
}

// Open starts or joins the private Postgres of a data folder and returns when it takes
// connections. With [Supervise] it takes the folder's lock, or fails with a [*HeldError];
// a server without supervisor is stopped first, and one that was killed recovers. With
// [Attach] it joins the server that runs, or becomes its supervisor for as long as needed.
//
// On the first call for a folder it creates the cluster, which takes about a second.
// A caller can act on: [*HeldError], [*MissingError] (no Postgres here), [*VersionError],
// [*ReachError]. ctx bounds the start only. Open turns core dumps off for this process and so for
// the server: they would hold patient data.
func Open(ctx context.Context, opts Options) (*Cluster, error) {
	opts = opts.withDefaults()
	if err := noCoreDumps(); err != nil {
		return nil, fmt.Errorf("turning core dumps off: %w", err)
	}
	l, err := makeLayout(opts.Dir)
	if err != nil {
		return nil, err
	}
	if opts.Role == Attach {
		return attach(ctx, l, opts)
	}
	return supervise(ctx, l, opts)
}

func noCoreDumps() error {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_CORE, &limit); err != nil {
		return err
	}
	limit.Cur = 0
	return unix.Setrlimit(unix.RLIMIT_CORE, &limit)
}

// Supervised tells whether this process runs the server, rather than using another's.
func (c *Cluster) Supervised() bool { return c.server != nil }

// PID returns the process id of the server that this process supervises, else 0.
func (c *Cluster) PID() int {
	if c.server == nil {
		return 0
	}
	return c.server.pid
}

// Binaries returns the Postgres programs in use; the zero value when attached.
func (c *Cluster) Binaries() Binaries { return c.bin }

// SocketDir returns the folder of the server's Unix socket.
func (c *Cluster) SocketDir() string { return c.socket }

// Done is closed when the server has ended: by [Cluster.Stop], or on its own, which
// [Cluster.Err] then explains. For an attached cluster it is closed by Stop only.
func (c *Cluster) Done() <-chan struct{} { return c.done }

// Err returns why the server ended on its own: nil before Done is closed and after a stop
// that was asked for.
func (c *Cluster) Err() error {
	select {
	case <-c.done:
		return c.err
	default:
		return nil
	}
}

// Stop lets go of the cluster: a supervised server is stopped in order (at once, to recover at the next
// start, when ctx ends first and 2 s have not been enough), and nothing of it is left running; an
// attached one is left to its supervisor. A command that runs the server for its own duration first
// waits, until ctx ends, for others that have attached meanwhile. Stop may be called more than once.
func (c *Cluster) Stop(ctx context.Context) error {
	c.stop.Do(func() { c.stopErr = c.doStop(ctx) })
	return c.stopErr
}

func (c *Cluster) doStop(ctx context.Context) error {
	if c.server == nil {
		c.lock.release()
		close(c.done)
		return nil
	}
	select {
	case <-c.done: // it ended on its own
		return nil
	default:
	}
	if c.temporary {
		visitors := c.outwaitVisitors(ctx)
		defer visitors.release()
	}
	close(c.stopping)
	err := c.server.stop(ctx)
	if err == nil {
		<-c.done // the watcher has tidied up
	}
	return err
}

// watch notes the server's end, expected or not, and lets go of the folder.
func (c *Cluster) watch() {
	background, cancel := context.WithCancel(context.Background())
	defer cancel()
	go keepLogSmall(background, c.layout.log())
	<-c.server.exited
	select {
	case <-c.stopping:
		dropShortDir(c.layout, c.socket)
		c.log.Info("private Postgres stopped", "dir", c.layout.home)
	default:
		c.err = c.server.reason()
		c.log.Error("private Postgres ended on its own", "err", c.err)
	}
	c.lock.release()
	close(c.done)
}
