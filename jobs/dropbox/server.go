package dropbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/ediport/ediport/storage"
)

// A Server takes what partners send.
type Server struct {
	cfg      Config
	limits   Limits
	log      *slog.Logger
	host     ssh.Signer
	listener net.Listener
	guard    *guard
	ctx      context.Context // ends when the server stops
	cancel   context.CancelFunc
	running  sync.WaitGroup

	mu       sync.Mutex
	raw      map[net.Conn]bool
	sessions map[*session]bool
	writing  map[storage.DropBoxID]int64 // bytes of files that are not closed
}

// Start listens and serves until Stop. The host key is made at the first start of the installation.
func Start(ctx context.Context, cfg Config) (*Server, error) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	host, err := hostSigner(ctx, cfg.DB, cfg.Keys)
	if err != nil {
		return nil, err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", cfg.Listen)
	if err != nil {
		return nil, fmt.Errorf("dropbox: %w", err)
	}
	limits := cfg.Limits.withDefaults()
	s := &Server{
		cfg: cfg, limits: limits, log: cfg.Log, host: host, listener: listener, guard: newGuard(limits, cfg.Now),
		raw: map[net.Conn]bool{}, sessions: map[*session]bool{}, writing: map[storage.DropBoxID]int64{},
	}
	s.ctx, s.cancel = context.WithCancel(context.WithoutCancel(ctx))
	s.running.Go(s.accept)
	s.running.Go(s.watch)
	s.log.Info("drop boxes listen", "address", s.Addr().String(), "host_key", s.Fingerprint())
	return s, nil
}

// Addr returns where the server listens.
func (s *Server) Addr() net.Addr { return s.listener.Addr() }

// Fingerprint returns the SHA-256 fingerprint of the host key.
func (s *Server) Fingerprint() string { return ssh.FingerprintSHA256(s.host.PublicKey()) }

// Stop takes no more connections and ends those that are open. What is being committed is finished first; a file that was not
// closed leaves nothing.
func (s *Server) Stop(ctx context.Context) error {
	s.cancel()
	err := s.listener.Close()
	s.mu.Lock()
	for conn := range s.raw {
		_ = conn.Close() // it ends in any case
	}
	s.mu.Unlock()
	done := make(chan struct{})
	go func() { s.running.Wait(); close(done) }()
	select {
	case <-done:
		return err
	case <-ctx.Done():
		return errors.Join(err, fmt.Errorf("dropbox: stopping: %w", ctx.Err()))
	}
}

// acceptPause is how long a failing listener rests: it has no descriptors, say.
const acceptPause = 100 * time.Millisecond

func (s *Server) accept() {
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			if s.ctx.Err() != nil {
				return
			}
			s.log.Warn("a connection to the drop boxes was not accepted", "error", err)
			select {
			case <-time.After(acceptPause):
			case <-s.ctx.Done():
				return
			}
			continue
		}
		from := neighbourhood(addressOf(conn))
		if why := s.guard.admit(from); why != "" {
			s.cfg.Metrics.connection(why)
			_ = conn.Close() // nobody waits for its error
			continue
		}
		s.keep(conn)
		s.running.Go(func() {
			defer s.guard.gone(from)
			defer s.forget(conn)
			s.serve(conn)
		})
	}
}

func (s *Server) keep(conn net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.raw[conn] = true
	if s.ctx.Err() != nil { // Stop has gone through them already
		_ = conn.Close()
	}
}

func (s *Server) forget(conn net.Conn) {
	_ = conn.Close() // it may be closed already
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.raw, conn)
}

// serve works one connection to its end.
func (s *Server) serve(raw net.Conn) {
	conn := &timedConn{Conn: raw, idle: s.limits.Idle, finish: time.Now().Add(s.limits.Handshake)}
	from := addressOf(raw)
	a := &attempt{server: s, from: from}
	signed, channels, requests, err := ssh.NewServerConn(conn, a.config())
	s.guard.shaken(neighbourhood(from))
	if err != nil {
		a.end(err)
		return
	}
	go ssh.DiscardRequests(requests)
	defer func() {
		_ = signed.Close()        // it may be closed already
		for c := range channels { // nobody else takes them, and who reads the connection would wait for ever
			_ = c.Reject(ssh.ResourceShortage, "no session")
		}
	}()
	if conn.shaken() != nil {
		return
	}
	x, ok := s.begin(signed, a)
	if !ok {
		return
	}
	defer s.end(x)
	x.channels(channels)
}

// begin opens the session of a connection that has signed in.
func (s *Server) begin(conn *ssh.ServerConn, a *attempt) (*session, bool) {
	box, ok := conn.Permissions.ExtraData[boxKey{}].(*signedIn)
	if !ok {
		return nil, false // can't be
	}
	x := newSession(s, conn, box, a.from)
	s.mu.Lock()
	same := 0
	for other := range s.sessions {
		if other.box.Load().ID == box.ID {
			same++
		}
	}
	full := same >= s.limits.PerBox
	if !full {
		s.sessions[x] = true
	}
	s.mu.Unlock()
	if full {
		x.cancel()
		s.cfg.Metrics.connection(outcomeFull)
		return nil, false
	}
	s.cfg.Metrics.connection(outcomeSignedIn)
	s.cfg.Metrics.session(1)
	if err := x.noteSignIn(); err != nil {
		s.log.Error("a sign-in to a drop box was not recorded, so it is ended", "error", err)
		s.end(x)
		return nil, false
	}
	return x, true
}

func (s *Server) end(x *session) {
	x.cancel()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sessions[x] {
		delete(s.sessions, x)
		s.cfg.Metrics.session(-1)
	}
}

// reserve counts bytes that are being written into a drop box here, if no more than most are then.
func (s *Server) reserve(box storage.DropBoxID, n, most int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.writing[box]+n > most {
		return false
	}
	s.writing[box] += n
	return true
}

// release counts them no more.
func (s *Server) release(box storage.DropBoxID, n int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.writing[box] -= n; s.writing[box] <= 0 {
		delete(s.writing, box)
	}
}

// open returns the sessions that are open.
func (s *Server) open() []*session {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]*session, 0, len(s.sessions))
	for x := range s.sessions {
		all = append(all, x)
	}
	return all
}

// inSystem runs fn across operators. It is not cut short by a server that stops.
func (s *Server) inSystem(actor storage.Actor, fn func(context.Context, *storage.Tx) error) error {
	ctx, cancel := s.short()
	defer cancel()
	return s.cfg.DB.InSystem(ctx, actor, func(tx *storage.Tx) error { return fn(ctx, tx) })
}

func (s *Server) short() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(s.ctx), databaseTime)
}

// databaseTime bounds what is asked of the database while a partner waits.
const databaseTime = 20 * time.Second
