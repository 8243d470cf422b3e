package transfer

import (
	"errors"
	"net"
	"os"
	"sync"
	"time"
)

var (
	errMute   = errors.New("the server sends nothing any more")
	errSlow   = errors.New("the handshake took too long")
	errClosed = errors.New("the connection was closed here")
)

// A watchedConn ends itself when the other side goes mute, and remembers why it ended: the layers
// above only say "connection lost".
type watchedConn struct {
	net.Conn
	idle time.Duration

	mu     sync.Mutex
	finish time.Time // end of the handshake; zero once it is over
	why    error     // the first reason for the end
	hungUp bool      // the other side ended it
}

func watch(conn net.Conn, timeouts Timeouts) *watchedConn {
	return &watchedConn{Conn: conn, idle: timeouts.Idle, finish: time.Now().Add(timeouts.Handshake)}
}

func (c *watchedConn) Read(p []byte) (int, error) {
	if err := c.SetReadDeadline(c.deadline()); err != nil {
		return 0, err
	}
	n, err := c.Conn.Read(p)
	c.note(err)
	if err != nil && !errors.Is(err, net.ErrClosed) && !errors.Is(err, os.ErrDeadlineExceeded) {
		c.mu.Lock()
		c.hungUp = true
		c.mu.Unlock()
	}
	return n, err
}

func (c *watchedConn) Write(p []byte) (int, error) {
	if err := c.SetWriteDeadline(c.deadline()); err != nil {
		return 0, err
	}
	n, err := c.Conn.Write(p)
	c.note(err)
	return n, err
}

// deadline is one idle time from now, during the handshake at most its end: a server that sends a
// byte now and then doesn't hold us.
func (c *watchedConn) deadline() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.finish.IsZero() {
		return c.finish
	}
	return time.Now().Add(c.idle)
}

// handshakeDone switches from the handshake's limit to the idle limit, also for a Read that waits already.
func (c *watchedConn) handshakeDone() error {
	c.mu.Lock()
	c.finish = time.Time{}
	c.mu.Unlock()
	return c.SetReadDeadline(c.deadline())
}

func (c *watchedConn) note(err error) {
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		return // what else ends a connection is known as well by the layers above
	}
	c.mu.Lock()
	reason := errMute
	if !c.finish.IsZero() {
		reason = errSlow
	}
	c.mu.Unlock()
	c.end(reason)
}

// end closes the connection for a reason. The first reason stays.
func (c *watchedConn) end(why error) {
	c.mu.Lock()
	if c.why == nil {
		c.why = why
	}
	c.mu.Unlock()
	_ = c.Conn.Close() // it is lost anyway
}

// reason returns why the connection ended from our side, nil if it did not.
func (c *watchedConn) reason() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.why
}

// lost reports whether the other side, or the network, ended the connection.
func (c *watchedConn) lost() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.hungUp
}
