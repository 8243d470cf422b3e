package transfer

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
)

// A Client is a signed-in connection to one server. It is safe for several goroutines, whose
// operations share the connection; closing it, or cancelling one of them, ends them all.
type Client struct {
	limits         Limits
	idle           time.Duration
	keepAliveEvery time.Duration
	address        string
	hostKey        HostKey
	version        string
	credential     string

	conn *watchedConn
	ssh  *ssh.Client
	sftp *sftp.Client

	requests         int // in flight for one file
	upward, downward *throttle

	progress progress
	closing  sync.Once
	closed   chan struct{}

	mu      sync.Mutex
	folders map[string]bool         // known to exist
	copies  map[string][]RemoteFile // temporary files that were found in archive folders
	naming  map[string]bool         // paths that are about to be taken
}

func newClient(d *dialer, conn *watchedConn, connection *ssh.Client) *Client {
	return &Client{
		limits: d.endpoint.Limits, idle: d.endpoint.Timeouts.Idle, keepAliveEvery: d.endpoint.Timeouts.KeepAlive, address: d.endpoint.Address(),
		hostKey: d.choice.last(), version: d.version, credential: d.endpoint.Auth.Name,
		conn: conn, ssh: connection,
		upward: newThrottle(d.endpoint.Limits.BytesPerSecond), downward: newThrottle(d.endpoint.Limits.BytesPerSecond),
		closed: make(chan struct{}), folders: map[string]bool{}, copies: map[string][]RemoteFile{}, naming: map[string]bool{},
	}
}

// HostKey returns the key that the server showed and that was pinned.
func (c *Client) HostKey() HostKey { return c.hostKey }

// ServerVersion returns how the server greeted: "SSH-2.0-OpenSSH_9.2p1".
func (c *Client) ServerVersion() string { return c.version }

// Credential returns the name of the means to sign in that the server took.
func (c *Client) Credential() string { return c.credential }

// Algorithms returns what was agreed on for this connection.
func (c *Client) Algorithms() ssh.NegotiatedAlgorithms {
	if metadata, ok := c.ssh.Conn.(ssh.AlgorithmsConnMetadata); ok {
		return metadata.Algorithms()
	}
	return ssh.NegotiatedAlgorithms{}
}

// Close ends the connection at once, with whatever is going on. It may be called again.
func (c *Client) Close() {
	c.closing.Do(func() { close(c.closed) })
	c.conn.end(errClosed)
	_ = c.ssh.Close() // it is closed below already
}

func (c *Client) openSFTP() error {
	channel, err := c.ssh.NewSession()
	if err != nil {
		return err
	}
	out, err := channel.StdoutPipe()
	if err != nil {
		return err
	}
	in, err := channel.StdinPipe()
	if err != nil {
		return err
	}
	if err := channel.RequestSubsystem("sftp"); err != nil {
		return err
	}
	begun, err := greet(&countedReader{out, &c.progress}, in)
	if err != nil {
		return err
	}
	// As many bytes are under way with large packets as with the usual ones.
	c.requests = max(c.limits.RequestsPerFile*usualPacket/begun.packet, min(c.limits.RequestsPerFile, 8))
	c.sftp, err = sftp.NewClientPipe(begun.out, begun.in,
		sftp.MaxConcurrentRequestsPerFile(c.requests), sftp.UseFstat(true), sftp.MaxPacketUnchecked(begun.packet))
	return err
}

// do runs one operation. It ends the connection if ctx ends or the server makes no progress.
func (c *Client) do(ctx context.Context, op string, work func() error) error {
	if err := ctx.Err(); err != nil {
		return canceled(op, context.Cause(ctx))
	}
	if reason := c.conn.reason(); reason != nil {
		return ended(op, reason)
	}
	stop := context.AfterFunc(ctx, func() { c.conn.end(context.Cause(ctx)) })
	defer stop()
	c.progress.begin()
	defer c.progress.end()
	err := work()
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil && c.conn.reason() == nil: // the library noticed before us
		return canceled(op, context.Cause(ctx))
	default:
		return c.explain(op, err)
	}
}

// explain turns an error of pkg/sftp into one of ours. What the server said stays out: it may name files.
func (c *Client) explain(op string, err error) error {
	status, isStatus := errors.AsType[*sftp.StatusError](err)
	own, isOwn := errors.AsType[*Error](err)
	_, isPath := errors.AsType[*fs.PathError](err)
	switch {
	case isOwn:
		return own
	case errors.Is(err, errSink): // the caller's writer, or our own stop: the connection is fine
		return err
	case errors.Is(err, fs.ErrNotExist):
		return failed(ErrNotFound, op, nil)
	case errors.Is(err, os.ErrPermission):
		return failed(ErrPermission, op, nil)
	case isStatus && status.FxCode() != sftp.ErrSSHFxConnectionLost:
		return failed(ErrRefused, op, status.FxCode())
	case isPath: // the library's own verdict; its text has the path
		return failed(ErrRefused, op, nil)
	case c.conn.reason() != nil:
		return ended(op, c.conn.reason())
	default:
		// Anything else means that the two sides no longer understand each other.
		c.conn.end(errClosed)
		return failed(ErrLost, op, nil)
	}
}

// startWatching keeps the connection alive and ends it when requests stay without answer: the
// SSH layer may still answer keep-alives while the file service behind it hangs.
func (c *Client) startWatching() {
	go c.keepAlive()
	go c.watchProgress()
}

func (c *Client) keepAlive() {
	tick := time.NewTicker(c.keepAliveEvery)
	defer tick.Stop()
	for {
		select {
		case <-c.closed:
			return
		case <-tick.C:
		}
		// The answer is a refusal; it counts as a sign of life by being read.
		if _, _, err := c.ssh.SendRequest("keepalive@openssh.com", true, nil); err != nil {
			return
		}
	}
}

func (c *Client) watchProgress() {
	tick := time.NewTicker(min(c.idle/4, time.Second))
	defer tick.Stop()
	for {
		select {
		case <-c.closed:
			return
		case now := <-tick.C:
			if c.progress.stalled(now, c.idle) {
				c.conn.end(errMute)
			}
		}
		if c.conn.reason() != nil {
			return
		}
	}
}

// progress tells whether operations that wait for the server get something from it.
type progress struct {
	waiting  atomic.Int64 // operations under way
	writing  atomic.Int64 // of these, in the caller's own writer: not the server's fault
	last     atomic.Int64 // when something came or began, Unix nanoseconds
	received atomic.Int64 // bytes
}

func (p *progress) begin() { p.touch(); p.waiting.Add(1) }
func (p *progress) end()   { p.waiting.Add(-1) }
func (p *progress) touch() { p.last.Store(time.Now().UnixNano()) }

func (p *progress) stalled(now time.Time, idle time.Duration) bool {
	return p.waiting.Load() > 0 && p.writing.Load() == 0 && now.UnixNano()-p.last.Load() > int64(idle)
}

type countedReader struct {
	io.Reader
	progress *progress
}

func (r *countedReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	r.progress.received.Add(int64(n))
	r.progress.touch()
	return n, err
}
