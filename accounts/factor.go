package accounts

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ediport/ediport/storage"
)

// A FactorKind is a way to prove who one is.
type FactorKind string

// The ways there are. The first two are set up by the person and count as having a second factor; a password is
// asked for only where there is none of them.
const (
	FactorPasskey  FactorKind = "passkey"
	FactorTOTP     FactorKind = "totp"
	FactorRecovery FactorKind = "recovery_code"
	FactorPassword FactorKind = "password"
)

// Title returns the kind in the words of pages and mails.
func (k FactorKind) Title() string {
	return map[FactorKind]string{
		FactorPasskey: "passkey or security key", FactorTOTP: "authenticator app",
		FactorRecovery: "recovery code", FactorPassword: "password",
	}[k]
}

// A Factor is a second factor that a person has set up.
type Factor struct {
	ID       int64
	Kind     FactorKind // FactorPasskey or FactorTOTP
	Label    string
	Created  time.Time
	LastUsed time.Time // zero: never
}

// FactorsOf returns a user's second factors, oldest first.
func (s *Service) FactorsOf(ctx context.Context, user storage.UserID) ([]Factor, error) {
	rows, err := s.factorRows(ctx, user, FactorPasskey, FactorTOTP)
	if err != nil {
		return nil, err
	}
	factors := make([]Factor, len(rows))
	for i, r := range rows {
		factors[i] = Factor{ID: r.ID, Kind: FactorKind(r.Kind), Label: r.Label, Created: r.CreatedAt}
		if r.LastUsedAt != nil {
			factors[i].LastUsed = *r.LastUsedAt
		}
	}
	return factors, nil
}

func (s *Service) factorRows(ctx context.Context, user storage.UserID, kinds ...FactorKind) ([]storage.Factor, error) {
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = string(k)
	}
	var rows []storage.Factor
	err := s.db.InSignIn(ctx, storage.Actor{Kind: storage.ActorSystem}, func(t *storage.Tx) (err error) {
		rows, err = t.Factors(ctx, user, names...)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("accounts: factors: %w", err)
	}
	return rows, nil
}

// Methods returns the ways in which the principal can prove who he is, the strongest first: what he has set
// up and recovery codes that are left, or the password where nothing is set up.
func (s *Service) Methods(ctx context.Context, p *Principal) ([]FactorKind, error) {
	rows, err := s.factorRows(ctx, p.UserID, FactorPasskey, FactorTOTP, FactorRecovery)
	if err != nil {
		return nil, err
	}
	has := map[FactorKind]bool{}
	for _, r := range rows {
		has[FactorKind(r.Kind)] = true
	}
	if !has[FactorPasskey] && !has[FactorTOTP] {
		return []FactorKind{FactorPassword}, nil
	}
	var methods []FactorKind
	for _, kind := range []FactorKind{FactorPasskey, FactorTOTP, FactorRecovery} {
		if has[kind] {
			methods = append(methods, kind)
		}
	}
	return methods, nil
}

// RenameFactor gives one of the principal's factors another name; storage.ErrNotFound if it isn't his.
func (s *Service) RenameFactor(ctx context.Context, p *Principal, id int64, label string) error {
	label, err := factorLabel(label, "")
	if err != nil {
		return err
	}
	return s.db.InSignIn(ctx, p.Actor(), func(t *storage.Tx) error {
		if err := t.RenameFactor(ctx, p.UserID, id, label); err != nil {
			return err
		}
		return t.Audit(ctx, storage.AuditEvent{Action: "factor.renamed", ObjectKind: "credential", ObjectID: id})
	})
}

func factorLabel(label, standard string) (string, error) {
	label = strings.TrimSpace(label)
	if label == "" {
		label = standard
	}
	if label == "" || len(label) > 100 {
		return "", &InputError{"label", "Give it a name of up to 100 characters, so that you know it again."}
	}
	return label, nil
}

// ErrLastFactor: the last second factor of a person who needs one can't be removed, only replaced.
var ErrLastFactor = errors.New("accounts: last second factor")

// RemoveFactor ends one of the principal's factors at once, tells him by mail, and with his last one ends the
// recovery codes, too. The error is ErrLastFactor if a role or policy asks for a factor and it is the last.
func (s *Service) RemoveFactor(ctx context.Context, p *Principal, id int64) error {
	required, err := s.factorRequired(ctx, p.UserID)
	if err != nil {
		return err
	}
	return s.db.InSignIn(ctx, p.Actor(), func(t *storage.Tx) error {
		if _, err := t.LockUser(ctx, p.UserID); err != nil { // of two removed at the same time the second is the last
			return err
		}
		factors, err := t.Factors(ctx, p.UserID, string(FactorPasskey), string(FactorTOTP))
		if err != nil {
			return err
		}
		i := slices.IndexFunc(factors, func(f storage.Factor) bool { return f.ID == id })
		last := len(factors) == 1
		switch {
		case i < 0:
			return storage.ErrNotFound
		case last && required:
			return ErrLastFactor
		}
		kind, now := FactorKind(factors[i].Kind), s.now()
		if err := t.RevokeFactor(ctx, p.UserID, id, now); err != nil {
			return err
		}
		if last {
			if _, err := t.RevokeFactors(ctx, p.UserID, now, string(FactorRecovery)); err != nil {
				return err
			}
		}
		event := storage.AuditEvent{Action: "factor.removed", ObjectKind: "credential", ObjectID: id, Detail: map[string]any{"kind": string(kind)}}
		if err := t.Audit(ctx, event); err != nil {
			return err
		}
		return s.notice(ctx, t, p.UserID, NoticeFactorRemoved, map[string]string{"factor": kind.Title()})
	})
}

// ResetFactors ends all second factors, recovery codes, sessions and API tokens of a user who has lost them, on behalf of
// an administrator who has made sure who it is; the reason stands in the audit. Whoever has found or stolen them may
// have made tokens. Who needs a factor sets one up at the next sign-in.
func (s *Service) ResetFactors(ctx context.Context, actor storage.Actor, user storage.UserID, reason string) error {
	if strings.TrimSpace(reason) == "" {
		return &InputError{"reason", "Say how you made sure who it is."}
	}
	return s.db.InSignIn(ctx, actor, func(t *storage.Tx) error { return s.resetFactors(ctx, t, user, reason) })
}

func (s *Service) resetFactors(ctx context.Context, t *storage.Tx, user storage.UserID, reason string) error {
	now := s.now()
	n, err := t.RevokeFactors(ctx, user, now, string(FactorPasskey), string(FactorTOTP), string(FactorRecovery))
	if err != nil {
		return err
	}
	if _, err := t.EndSessionsOf(ctx, user, 0, "factors_reset", now); err != nil {
		return err
	}
	tokens, err := t.RevokeTokens(ctx, user, now)
	if err != nil {
		return err
	}
	event := storage.AuditEvent{
		Action: "factors.reset", ObjectKind: "user", ObjectID: int64(user), Detail: map[string]any{"reason": reason, "factors": n, "tokens": tokens},
	}
	if err := t.Audit(ctx, event); err != nil {
		return err
	}
	return s.notice(ctx, t, user, NoticeFactorRemoved, map[string]string{"factor": "all second factors"})
}

// addedFactor leaves the traces of a factor that was just added: event and notice.
func (s *Service) addedFactor(ctx context.Context, t *storage.Tx, p *Principal, id int64, kind FactorKind) error {
	event := storage.AuditEvent{Action: "factor.added", ObjectKind: "credential", ObjectID: id, Detail: map[string]any{"kind": string(kind)}}
	if err := t.Audit(ctx, event); err != nil {
		return err
	}
	return s.notice(ctx, t, p.UserID, NoticeFactorAdded, map[string]string{"factor": kind.Title()})
}
