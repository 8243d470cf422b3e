package transfer

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"syscall"
	"time"

	"golang.org/x/crypto/ssh"
)

// A closingConn closes what carries it, too.
type closingConn struct {
	net.Conn
	carrier func()
}

func (c closingConn) Close() error {
	err := c.Conn.Close()
	c.carrier()
	return err
}

// connect returns a connection to the server: directly, through a proxy or through a jump host.
func (d *dialer) connect(ctx context.Context) (net.Conn, error) {
	switch {
	case d.endpoint.Jump != nil:
		return d.connectByJump(ctx)
	case d.endpoint.Proxy != "":
		return d.connectByProxy(ctx)
	default:
		d.reached = stepLookup
		conn, err := d.connectTo(ctx, d.endpoint.Address())
		if err == nil {
			d.remote = conn.RemoteAddr().String()
		}
		return conn, err
	}
}

// source returns the address to connect from; nil: the system chooses.
func (e Endpoint) source() (net.Addr, error) {
	if e.Source == "" {
		return nil, nil
	}
	address, err := netip.ParseAddr(e.Source)
	if err != nil || address.Zone() != "" {
		return nil, errors.New("the source address is none, such as 192.0.2.10")
	}
	return net.TCPAddrFromAddrPort(netip.AddrPortFrom(address.Unmap(), 0)), nil
}

// connectTo makes a TCP connection.
func (d *dialer) connectTo(ctx context.Context, address string) (net.Conn, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, d.endpoint.Timeouts.Connect, os.ErrDeadlineExceeded)
	defer cancel()
	source, err := d.endpoint.source()
	if err != nil {
		return nil, failed(ErrEndpoint, "reading the source address", err)
	}
	var refused error
	// Keep-alives of TCP are off: ours are answered by the server itself, and counted.
	network := net.Dialer{KeepAlive: -1, LocalAddr: source, ControlContext: func(_ context.Context, _, address string, _ syscall.RawConn) error {
		if d.reached == stepLookup {
			d.reached = stepTCP
		}
		refused = d.permit(address)
		return refused
	}}
	conn, err := network.DialContext(ctx, "tcp", address)
	if errors.Is(err, syscall.EADDRNOTAVAIL) && source != nil {
		err = fmt.Errorf("this machine has no address %s to connect from", d.endpoint.Source)
	}
	if err != nil {
		return nil, explainConnect(ctx, "connecting to "+address, err, refused)
	}
	return conn, nil
}

// connectByJump signs in to the jump host and goes on from there.
func (d *dialer) connectByJump(ctx context.Context) (net.Conn, error) {
	d.reached = stepRoute
	jump, err := newDialer(*d.endpoint.Jump)
	if err != nil {
		return nil, atJump(err)
	}
	jump.jump, jump.endpoint.Permit, jump.endpoint.Source = true, d.endpoint.Permit, d.endpoint.Source
	carrier, err := jump.dialSSH(ctx)
	if err != nil {
		return nil, atJump(err)
	}
	conn, err := d.forward(ctx, carrier)
	if err != nil {
		carrier.end()
		return nil, err
	}
	return closingConn{newTimedConn(conn), carrier.end}, nil
}

// forward asks the jump host for a way to the server.
func (d *dialer) forward(ctx context.Context, carrier *signedIn) (net.Conn, error) {
	d.reached, d.remote = stepTCP, "the server behind the jump host"
	op := "connecting from the jump host to " + d.endpoint.Address()
	limited, cancel := context.WithTimeoutCause(ctx, d.endpoint.Timeouts.Connect, os.ErrDeadlineExceeded)
	defer cancel()
	conn, err := carrier.client.DialContext(limited, "tcp", d.endpoint.Address())
	refusal, refused := errors.AsType[*ssh.OpenChannelError](err)
	switch {
	case err == nil:
		return conn, nil
	case ctx.Err() != nil:
		return nil, canceled(op, context.Cause(ctx))
	case limited.Err() != nil:
		return nil, failed(ErrTimeout, op, nil)
	case refused && refusal.Reason == ssh.Prohibited:
		return nil, failed(ErrProxy, op, errors.New("the jump host does not allow it"))
	default:
		return nil, failed(ErrConnect, op, errors.New(printable(err.Error())))
	}
}

// atJump says of a failure that it is the jump host's.
func atJump(err error) error {
	own, ok := errors.AsType[*Error](err)
	if !ok {
		return fmt.Errorf("transfer: at the jump host: %w", err)
	}
	return &Error{Kind: own.Kind, Op: "at the jump host: " + own.Op, Err: own.Err}
}

// A timedConn gives deadlines to a connection within SSH, which has none: when one passes, the
// connection is closed.
type timedConn struct {
	net.Conn
	read, write *time.Timer
}

func newTimedConn(conn net.Conn) *timedConn {
	end := func() { _ = conn.Close() } // the waiting call tells
	c := &timedConn{Conn: conn, read: time.AfterFunc(time.Hour, end), write: time.AfterFunc(time.Hour, end)}
	c.read.Stop()
	c.write.Stop()
	return c
}

// timed runs a call under a timer whose time was set before; if it was the timer that ended the
// call, the error says so.
func timed(timer *time.Timer, call func([]byte) (int, error), p []byte) (int, error) {
	n, err := call(p)
	if !timer.Stop() && err != nil {
		err = os.ErrDeadlineExceeded
	}
	return n, err
}

func (c *timedConn) Read(p []byte) (int, error)  { return timed(c.read, c.Conn.Read, p) }
func (c *timedConn) Write(p []byte) (int, error) { return timed(c.write, c.Conn.Write, p) }

func (c *timedConn) SetReadDeadline(t time.Time) error  { return setTimer(c.read, t) }
func (c *timedConn) SetWriteDeadline(t time.Time) error { return setTimer(c.write, t) }

func (c *timedConn) SetDeadline(t time.Time) error {
	return errors.Join(c.SetReadDeadline(t), c.SetWriteDeadline(t))
}

func setTimer(timer *time.Timer, at time.Time) error {
	if at.IsZero() {
		timer.Stop()
	} else {
		timer.Reset(time.Until(at))
	}
	return nil
}
