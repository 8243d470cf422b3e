package dropbox

import (
	"net"
	"net/netip"
	"sync/atomic"
	"time"
)

// A timedConn ends when its handshake takes too long, or later when nothing comes for the idle time: a client that sends a byte
// now and then does not stretch its handshake.
type timedConn struct {
	net.Conn
	idle   time.Duration
	finish time.Time   // of the handshake
	done   atomic.Bool // the handshake is over
}

func (c *timedConn) deadline() time.Time {
	if c.done.Load() {
		return time.Now().Add(c.idle)
	}
	return c.finish
}

// Read reads, within the time that is left.
func (c *timedConn) Read(b []byte) (int, error) {
	if err := c.SetReadDeadline(c.deadline()); err != nil {
		return 0, err
	}
	return c.Conn.Read(b)
}

// Write writes, within the time that is left.
func (c *timedConn) Write(b []byte) (int, error) {
	if err := c.SetWriteDeadline(c.deadline()); err != nil {
		return 0, err
	}
	return c.Conn.Write(b)
}

// shaken goes over to the idle time, also for a Read that waits already.
func (c *timedConn) shaken() error {
	c.done.Store(true)
	return c.SetDeadline(c.deadline())
}

// addressOf is where a connection comes from.
func addressOf(c net.Conn) netip.Addr {
	at, err := netip.ParseAddrPort(c.RemoteAddr().String())
	if err != nil {
		return netip.IPv4Unspecified()
	}
	return at.Addr().Unmap()
}
