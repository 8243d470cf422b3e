package accounts

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ediport/ediport/storage"
)

// Authenticate returns who a session's token belongs to, with the rights of this moment: a role
// taken away is gone at the next request. It counts as use of the session. The error is ErrNoSession if there is
// none or it has ended.
func (s *Service) Authenticate(ctx context.Context, token string, o Origin) (*Principal, error) {
	return s.authenticate(ctx, token, o, s.idle)
}

// AuthenticateUnattended is Authenticate for what a page asks without its reader: it is no use of the session.
func (s *Service) AuthenticateUnattended(ctx context.Context, token string, o Origin) (*Principal, error) {
	return s.authenticate(ctx, token, o, 0)
}

func (s *Service) authenticate(ctx context.Context, token string, o Origin, idle time.Duration) (*Principal, error) {
	if len(token) != len(newSecretExample) {
		return nil, ErrNoSession
	}
	session, user, memberships, err := s.store.OpenSession(ctx, hashSecret(token), s.now(), idle)
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
	if user.TimeZone != nil {
		p.TimeZone = *user.TimeZone
	}
	for _, a := range accounts {
		role := roleAt(memberships, storage.Membership{AccountID: a.ID})
		if role.Operator() {
			continue // a role of an operator grants nothing on an account
		}
		p.Accounts = append(p.Accounts, AccountAccess{
			ID: a.ID, Name: a.Name, OperatorID: a.OperatorID, TimeZone: a.TimeZone, Role: role, Permissions: role.Permissions(),
		})
	}
	for _, op := range operators {
		role := roleAt(memberships, storage.Membership{OperatorID: op.ID})
		if !role.Operator() {
			continue
		}
		p.Operators = append(p.Operators, OperatorAccess{
			ID: op.ID, Name: op.Name, TimeZone: op.TimeZone, UnroutedAccount: op.UnroutedAccount, Role: role, Permissions: role.Permissions(),
		})
	}
	return p, nil
}

func roleAt(memberships []storage.Membership, place storage.Membership) Role {
	for _, m := range memberships {
		if m.AccountID == place.AccountID && m.OperatorID == place.OperatorID {
			return Role(m.Role)
		}
	}
	return ""
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
}

// Sessions returns the principal's open sessions, the one used last first.
func (s *Service) Sessions(ctx context.Context, p *Principal) ([]Session, error) {
	rows, err := s.store.Sessions(ctx, p.UserID, s.now())
	if err != nil {
		return nil, fmt.Errorf("accounts: sessions: %w", err)
	}
	sessions := make([]Session, len(rows))
	for i, r := range rows {
		sessions[i] = Session{r.ID, r.ID == p.SessionID, r.Address, r.UserAgent, r.CreatedAt, r.LastSeenAt, r.ExpiresAt}
	}
	return sessions, nil
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
