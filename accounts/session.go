package accounts

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/ediport/ediport/storage"
)

// Authenticate returns who a session's token belongs to, with the rights of this moment: a role
// taken away is gone at the next request. It counts as use of the session. The error is ErrNoSession if there is
// none or it has ended.
func (s *Service) Authenticate(ctx context.Context, token string, o Origin) (*Principal, error) {
	return s.authenticate(ctx, token, o, true)
}

// AuthenticateUnattended is Authenticate for what a page asks without its reader: it is no use of the session.
func (s *Service) AuthenticateUnattended(ctx context.Context, token string, o Origin) (*Principal, error) {
	return s.authenticate(ctx, token, o, false)
}

func (s *Service) authenticate(ctx context.Context, token string, o Origin, attended bool) (*Principal, error) {
	if len(token) != len(newSecretExample) {
		return nil, ErrNoSession
	}
	session, user, memberships, err := s.store.OpenSession(ctx, hashSecret(token), s.now(), attended)
	if errors.Is(err, storage.ErrNotFound) {
		return nil, ErrNoSession
	}
	if err != nil {
		return nil, fmt.Errorf("accounts: session: %w", err)
	}
	p, err := s.principal(ctx, user, memberships, o)
	if err != nil {
		return nil, err
	}
	p.SessionID, p.SessionEnds, p.IdleEnds = session.ID, session.ExpiresAt, session.IdleExpiresAt
	p.MustChange = user.MustChangePassword
	p.Assurance, p.Shared = Assurance(session.Assurance), session.Shared
	if session.SteppedUpAt != nil && (p.Assurance != AssurancePassword || !user.HasFactor) {
		p.SteppedUpAt = *session.SteppedUpAt
	}
	p.Step = s.openStep(p, user)
	if p.Step == StepFactor || p.Step == StepEnrol {
		p.TimeZone = p.Zone().String()
		p.Accounts, p.Operators = nil, nil // what is not proved yet grants nothing
	}
	if narrowed := storage.AccountID(session.CurrentAccount); p.accountIndex(narrowed) >= 0 {
		p.Narrowed = narrowed
	}
	return p, nil
}

// newSecretExample has the length of all secrets of newSecret.
const newSecretExample = "0123456789012345678901234567890123456789012"

// principal puts together who a user is and what he may do.
func (s *Service) principal(ctx context.Context, user storage.SignInUser, memberships []storage.Membership, o Origin) (*Principal, error) {
	accounts, operators, err := s.store.Places(ctx, memberships)
	if err != nil {
		return nil, fmt.Errorf("accounts: memberships: %w", err)
	}
	p := &Principal{UserID: storage.UserID(user.ID), Login: user.Login, Name: user.Name, Origin: o}
	policy := s.policyAt(memberships, accounts, operators)
	p.Policy, p.PasswordExpires, p.PasswordExpired = policy, expiry(user.PasswordSetAt, policy), user.PasswordWhy == "expired"
	if s.factorsOptional {
		p.Policy.RequireMFA.All = false
	}
	p.factorRequired = !s.factorsOptional && policy.RequireMFA.All
	p.ConfirmContact = contactDue(user, policy, s.now())
	if user.TimeZone != nil {
		p.TimeZone = *user.TimeZone
	}
	if err := s.addAccess(ctx, s.store, p, memberships, accounts, operators); err != nil {
		return nil, err
	}
	return p, nil
}

func (p *Principal) accountIndex(id storage.AccountID) int {
	return slices.IndexFunc(p.Accounts, func(a AccountAccess) bool { return a.ID == id })
}

// A Session is a browser in which a person is signed in, as that person sees it.
type Session struct {
	ID                 int64
	Current            bool // the one that asks
	Address, UserAgent string
	Started, LastSeen  time.Time
	Ends               time.Time // at the latest
	Shared             bool      // on a computer that others use, too
	Assurance          Assurance
}

// Sessions returns the principal's open sessions, the one used last first.
func (s *Service) Sessions(ctx context.Context, p *Principal) ([]Session, error) {
	sessions, err := s.SessionsOf(ctx, p.UserID)
	for i := range sessions {
		sessions[i].Current = sessions[i].ID == p.SessionID
	}
	return sessions, err
}

// SessionsOf returns a user's open sessions, the one used last first.
func (s *Service) SessionsOf(ctx context.Context, user storage.UserID) ([]Session, error) {
	rows, err := s.store.Sessions(ctx, user, s.now())
	if err != nil {
		return nil, fmt.Errorf("accounts: sessions: %w", err)
	}
	sessions := make([]Session, len(rows))
	for i, r := range rows {
		sessions[i] = Session{
			ID: r.ID, Address: r.Address, UserAgent: r.UserAgent, Started: r.CreatedAt, LastSeen: r.LastSeenAt, Ends: r.ExpiresAt,
			Shared: r.Shared, Assurance: Assurance(r.Assurance),
		}
	}
	return sessions, nil
}

// EndSessionsOf ends all sessions of a user on behalf of an administrator, and with tokens his API tokens, too; it tells
// the user by mail. They are out at their next request. Without tokens what programs do in his name goes on: a lost
// browser has no token, but whoever used it may have made one.
func (s *Service) EndSessionsOf(ctx context.Context, actor storage.Actor, user storage.UserID, tokens bool, reason string) error {
	return s.db.InSignIn(ctx, actor, func(t *storage.Tx) error {
		n, err := t.EndSessionsOf(ctx, user, 0, "ended_by_administrator", s.now())
		if err != nil {
			return err
		}
		detail := map[string]any{"reason": reason, "sessions": n}
		var told map[string]string
		if tokens {
			ended, err := t.RevokeTokens(ctx, user, s.now())
			if err != nil {
				return err
			}
			detail["tokens"], told = ended, map[string]string{"tokens": strconv.Itoa(ended)}
		}
		event := storage.AuditEvent{Action: "sessions.ended_by_administrator", ObjectKind: "user", ObjectID: int64(user), Detail: detail}
		if err := t.Audit(ctx, event); err != nil {
			return err
		}
		return s.notice(ctx, t, user, NoticeSessionsEnded, told)
	})
}

// EndSession ends one of the principal's sessions; storage.ErrNotFound if it isn't his.
func (s *Service) EndSession(ctx context.Context, p *Principal, id int64) error {
	return s.store.EndSession(ctx, p.Actor(), p.UserID, id, s.now(), storage.AuditEvent{Action: "session.ended"})
}

// EndOtherSessions ends all of the principal's sessions but the one that asks.
func (s *Service) EndOtherSessions(ctx context.Context, p *Principal) error {
	return s.store.EndSessions(ctx, p.Actor(), p.UserID, p.SessionID, s.now(), storage.AuditEvent{Action: "session.others_ended"})
}

// Narrow narrows the session to one of the principal's accounts, or opens it to all (0). The error
// is storage.ErrNotFound for an account that isn't his.
func (s *Service) Narrow(ctx context.Context, p *Principal, account storage.AccountID) error {
	if account != 0 && p.accountIndex(account) < 0 {
		return storage.ErrNotFound
	}
	return s.store.NarrowSession(ctx, p.UserID, p.SessionID, account)
}
