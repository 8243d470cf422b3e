package jobs

import (
	"context"
	"errors"
	"sync"

	"github.com/ediport/ediport/jobs/transfer"
)

// maxDials is how often one attempt at a run connects: a file on which the server hangs up must not
// keep the others back, a server that hangs up on everything is left alone.
const maxDials = 4

// A session is the one connection of a run to its server, made again when it broke. It is safe for
// several goroutines.
type session struct {
	endpoint  transfer.Endpoint
	connected func(context.Context)

	mu      sync.Mutex
	current *transfer.Client
	dials   int
	failure error // of dialing: final
}

func newSession(endpoint transfer.Endpoint, connected func(context.Context)) *session {
	return &session{endpoint: endpoint, connected: connected}
}

// client returns the connection, dialing if there is none.
func (s *session) client(ctx context.Context) (*transfer.Client, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current != nil {
		return s.current, nil
	}
	if s.failure != nil {
		return nil, s.failure
	}
	if s.dials++; s.dials > maxDials {
		s.failure = transfer.ErrLost
		return nil, s.failure
	}
	client, err := transfer.Dial(ctx, s.endpoint)
	if err != nil {
		s.failure = err
		return nil, err
	}
	s.current = client
	if s.dials == 1 {
		s.connected(ctx)
	}
	return client, nil
}

// broken tells whether a failure is the connection's, not the file's, and drops that connection.
func (s *session) broken(client *transfer.Client, err error) bool {
	if !errors.Is(err, transfer.ErrLost) && !errors.Is(err, transfer.ErrTimeout) && !errors.Is(err, transfer.ErrCanceled) {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current == client {
		s.current = nil
		client.Close()
	}
	return true
}

// dead returns why there can be no connection any more in this attempt, or nil.
func (s *session) dead() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failure
}

func (s *session) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current != nil {
		s.current.Close()
		s.current = nil
	}
}
