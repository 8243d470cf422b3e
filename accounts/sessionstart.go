package accounts

import (
	"context"
	"fmt"
	"time"

	"github.com/ediport/ediport/storage"
)

// Limits of sessions that differ from the policy's.
const (
	pendingIdle   = 10 * time.Minute // of a session in which something is still to be proved
	pendingLife   = 20 * time.Minute
	sharedIdle    = 5 * time.Minute // of a computer that others use, too
	sharedOverall = time.Hour
)

// sessionLimits are how long a user's session lasts, and how many he may have.
type sessionLimits struct {
	idle, overall time.Duration
	most          int
}

func (s *Service) sessionLimits(ctx context.Context, user storage.UserID, shared bool) (sessionLimits, error) {
	policy, err := s.PolicyFor(ctx, user)
	if err != nil {
		return sessionLimits{}, fmt.Errorf("accounts: limits of a session: %w", err)
	}
	l := sessionLimits{policy.Idle(), policy.Overall(), policy.Sessions}
	if s.idle != DefaultIdleLimit {
		l.idle = min(l.idle, s.idle)
	}
	if s.session != DefaultSessionLimit {
		l.overall = min(l.overall, s.session)
	}
	if shared {
		l.idle, l.overall = min(l.idle, sharedIdle), min(l.overall, sharedOverall)
	}
	l.idle = min(l.idle, l.overall)
	return l, nil
}

// begin begins the session of a user who has proved so much. Its token is new in any case: one that somebody
// planted in the browser before (session fixation) never becomes a signed-in one.
func (s *Service) begin(ctx context.Context, user storage.SignInUser, proved Assurance, c Credentials, o Origin) (SignedIn, error) {
	assurance, step := proved, StepNone
	if proved == AssurancePassword {
		var err error
		if assurance, step, err = s.stepsAfterPassword(ctx, user); err != nil {
			return SignedIn{}, err
		}
	}
	limits, err := s.sessionLimits(ctx, storage.UserID(user.ID), c.Shared)
	if err != nil {
		return SignedIn{}, err
	}
	now, token := s.now(), newSecret()
	started := storage.StartedSession{
		TokenHash: hashSecret(token), OldTokenHash: hashSecret(c.OldToken), User: storage.UserID(user.ID),
		SecurityEpoch: user.SecurityEpoch, Address: o.Address, UserAgent: shorten(o.UserAgent, 300),
		Idle: limits.idle, ExpiresAt: now.Add(limits.overall), Assurance: string(assurance), Shared: c.Shared, Most: limits.most,
	}
	if assurance == AssurancePending {
		started.Idle, started.ExpiresAt, started.Most = min(pendingIdle, limits.idle), now.Add(pendingLife), 0 // it ends nobody else's
	}
	event := storage.AuditEvent{Action: "signin.succeeded", Detail: map[string]any{"assurance": string(assurance)}}
	if assurance == AssurancePending {
		event.Action = "signin.password_accepted"
	}
	if _, err := s.store.StartSession(ctx, o.actor(storage.ActorUser, user.ID), started, now, event); err != nil {
		return SignedIn{}, fmt.Errorf("accounts: sign-in: %w", err)
	}
	return SignedIn{Token: token, Expires: started.ExpiresAt, Step: step, UserID: storage.UserID(user.ID)}, nil
}
