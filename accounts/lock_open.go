package accounts

import (
	"context"
	"fmt"
	"strings"

	"github.com/ediport/ediport/storage"
)

// A LockedPerson is a user whom failures keep out, as an administrator sees him.
type LockedPerson struct {
	ID          storage.UserID
	Login, Name string
	Lock        Lock
}

// Locked returns the users with a role in the scope who are locked, those locked last first.
func (s *Service) Locked(ctx context.Context, scope storage.Scope) ([]LockedPerson, error) {
	now := s.now()
	rows, err := s.store.LockedPeople(ctx, scope, now)
	if err != nil {
		return nil, fmt.Errorf("accounts: locked people: %w", err)
	}
	people := make([]LockedPerson, len(rows))
	for i, r := range rows {
		people[i] = LockedPerson{storage.UserID(r.ID), r.Login, r.Name, lockOf(r.Lock, now)}
	}
	return people, nil
}

// LockOf returns what failures have done to a user, storage.ErrNotFound if there is none. Whoever calls it has
// made sure that the caller may know.
func (s *Service) LockOf(ctx context.Context, user storage.UserID) (Lock, error) {
	row, err := s.store.LockOf(ctx, user)
	if err != nil {
		return Lock{}, fmt.Errorf("accounts: lock: %w", err)
	}
	return lockOf(row, s.now()), nil
}

// UnlockPerson unlocks a user who has a role in the scope, and forgets the failures; storage.ErrNotFound if he
// has none there, an *InputError without a reason. The user is told by mail.
func (s *Service) UnlockPerson(ctx context.Context, scope storage.Scope, user storage.UserID, reason string) error {
	if reason = strings.TrimSpace(reason); reason == "" || len(reason) > 500 {
		return errNoReason
	}
	if _, err := s.store.Person(ctx, scope, user); err != nil {
		return err
	}
	return s.unlock(ctx, scope.Actor, user, reason)
}

// Unlock is UnlockPerson for the command line and for what unlocks as well: a password that was set anew.
func (s *Service) Unlock(ctx context.Context, actor storage.Actor, user storage.UserID) error {
	return s.unlock(ctx, actor, user, "")
}

func (s *Service) unlock(ctx context.Context, actor storage.Actor, user storage.UserID, reason string) error {
	row, _, err := s.store.User(ctx, user)
	if err != nil && !notKnown(err) {
		return err
	}
	event := storage.AuditEvent{Action: "user.unlocked", ObjectKind: "user", ObjectID: int64(user)}
	if reason != "" {
		event.Detail = map[string]any{"reason": reason}
	}
	if row.LockedUntil != nil {
		event.Then = s.told(user, NoticeUnlocked, map[string]string{"by": "an administrator"})
	}
	return s.db.InSignIn(ctx, actor, func(t *storage.Tx) error {
		if err := t.ForgetFailures(ctx, user, append(s.bucketsOf(row), s.factorBucket(user))); err != nil {
			return err
		}
		return t.Audit(ctx, event)
	})
}
