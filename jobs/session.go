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
	connected func(context.Context, *transfer.Client) // called for the first connection, and for one that took the second credential

	mu      sync.Mutex
	current *transfer.Client
	dials   int
	failure error // of dialing: final
}

func newSession(endpoint transfer.Endpoint, connected func(context.Context, *transfer.Client)) *session {
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
	second := s.endpoint.Second != nil && client.Credential() == s.endpoint.Second.Name
	if second { // what was refused is not tried again
		s.endpoint.Auth, s.endpoint.Second = *s.endpoint.Second, nil
	}
	if s.dials == 1 || second {
		s.connected(ctx, client)
	}
	return client, nil
}

// target is how another connection is to be made: after a change of credentials, with the one that the server takes.
func (s *session) target() transfer.Endpoint {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.endpoint
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
