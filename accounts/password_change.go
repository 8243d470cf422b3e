package accounts

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ediport/ediport/storage"
)

// ChangePassword replaces the principal's password and ends all other sessions. The error is an
// *InputError if current is wrong, a *PasswordError if the new one can't be used. The person is told by mail.
func (s *Service) ChangePassword(ctx context.Context, p *Principal, current, password string) error {
	user, stored, err := s.proveAgain(ctx, p, current)
	if err != nil {
		return err
	}
	if stored.MustChange {
		if same, _, err := s.hasher.Verify(ctx, password, stored.Hash); err != nil || same {
			return errors.Join(err, &PasswordError{"password.reused", "That is the password that has to be changed. Choose another one."})
		}
	}
	hash, err := s.choosePassword(ctx, user, password)
	if err != nil {
		return err
	}
	event := storage.AuditEvent{Action: "password.changed", Then: s.told(p.UserID, NoticePasswordChanged, nil)}
	return s.store.ChangePassword(ctx, p.Actor(), p.UserID, hash, false, p.SessionID, s.now(), event)
}

// proveAgain checks the principal's password once more, under the same throttle as sign-in.
func (s *Service) proveAgain(ctx context.Context, p *Principal, password string) (storage.SignInUser, storage.SignInPassword, error) {
	bucket := []storage.ThrottleBucket{s.bucket("user", fmt.Sprintf("again/%d", p.UserID))}
	now := s.now()
	blocked, err := s.store.ReserveAttempt(ctx, bucket, now, forgetFailures, delayAfter)
	if err != nil {
		return storage.SignInUser{}, storage.SignInPassword{}, err
	}
	if !blocked.IsZero() {
		return storage.SignInUser{}, storage.SignInPassword{}, &ThrottledError{Wait: blocked.Sub(now)}
	}
	user, stored, err := s.store.User(ctx, p.UserID)
	if err != nil {
		return user, stored, err
	}
	ok, _, err := s.hasher.Verify(ctx, password, stored.Hash)
	if err != nil {
		return user, stored, err
	}
	if !ok {
		return user, stored, &InputError{"current", "That is not your current password."}
	}
	return user, stored, s.store.AttemptSucceeded(ctx, bucket, nil)
}

// SetPassword sets a user's password on behalf of somebody else, who then knows it: it must be
// changed at the next sign-in. All sessions end, and the user's failures are forgotten.
func (s *Service) SetPassword(ctx context.Context, actor storage.Actor, user storage.UserID, password string) error {
	row, _, err := s.store.User(ctx, user)
	if err != nil && !errors.Is(err, storage.ErrNotFound) {
		return err
	}
	hash, err := s.choosePassword(ctx, row, password)
	if err != nil {
		return err
	}
	event := storage.AuditEvent{Action: "password.reset", Then: s.told(user, NoticePasswordChanged, nil)}
	if err := s.store.ChangePassword(ctx, actor, user, hash, true, 0, s.now(), event); err != nil {
		return err
	}
	return s.Unlock(ctx, actor, user)
}

// agePassword has a password changed that has become too old by the policy. The sign-in goes on after the change.
func (s *Service) agePassword(ctx context.Context, a *attempt) error {
	expires := expiry(&a.who.Password.CreatedAt, a.policy)
	if expires.IsZero() || a.who.User.MustChangePassword || a.now.Before(expires) {
		return nil
	}
	event := storage.AuditEvent{Action: "password.expired", ObjectKind: "user", ObjectID: a.who.User.ID}
	err := s.store.ExpirePassword(ctx, a.origin.actor(storage.ActorSystem, 0), storage.UserID(a.who.User.ID), event)
	if err != nil {
		return fmt.Errorf("accounts: sign-in: %w", err)
	}
	a.who.User.MustChangePassword = true
	return nil
}

// expiry returns when a password becomes too old by the policy; zero: never.
func expiry(set *time.Time, p SecurityPolicy) time.Time {
	if set == nil || p.MaxAgeDays == 0 {
		return time.Time{}
	}
	return set.AddDate(0, 0, p.MaxAgeDays)
}

// WarnOfPassword returns when the principal's password becomes too old, if that is soon; else zero.
func (p *Principal) WarnOfPassword(now time.Time) time.Time {
	if p == nil || p.PasswordExpires.IsZero() || now.Before(p.PasswordExpires.AddDate(0, 0, -p.Policy.WarnDays)) {
		return time.Time{}
	}
	return p.PasswordExpires
}
