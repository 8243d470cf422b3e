package accounts

import (
	"context"
	"fmt"
	"time"

	"github.com/ediport/ediport/storage"
)

// MaxFailures is the most failures in a row after which a password is looked at at all, whatever the policy: then a
// user is locked until somebody unlocks. Source: NIST SP 800-63B-4, 3.2.2.
const MaxFailures = 100

// Delays between the attempts on a name or from an address that go on failing.
const (
	freeByName     = 5  // then the user, if there is one, is locked
	freeByAddress  = 19 // an office shares one
	firstDelay     = 30 * time.Second
	longestByName  = 15 * time.Minute // so that a name is open again when a lock is
	longestDelay   = time.Hour
	forgetFailures = 24 * time.Hour
)

// delayAfter returns how long a bucket is blocked after so many failures in a row.
func delayAfter(kind string, failures int) time.Duration {
	free, longest := freeByName, longestByName
	switch kind {
	case "device":
		return 0 // too many failures make it unknown
	case "address":
		free, longest = freeByAddress, longestDelay
	}
	if failures <= free {
		return 0
	}
	return min(firstDelay<<min(failures-free-1, 10), longest)
}

// Why a user is locked.
const (
	LockedByFailures = "failures"      // opens by itself
	LockedByPolicy   = "manual"        // the policy has somebody unlock
	LockedByLimit    = "failure_limit" // MaxFailures was reached
)

// A Lock is what keeps a user out, and what led to it.
type Lock struct {
	Reason   string    // LockedByFailures, LockedByPolicy, LockedByLimit; "" for not locked
	Until    time.Time // zero: until somebody unlocks
	Since    time.Time
	Address  string // where the failure came from that locked
	Failures int    // in a row, since the last success
}

// Locked says whether it keeps the user out.
func (l Lock) Locked() bool { return l.Reason != "" }

func lockOf(row storage.UserLock, now time.Time) Lock {
	l := Lock{Failures: row.InARow}
	if row.Until == nil || !row.Until.After(now) {
		return l
	}
	l.Reason, l.Address = row.Reason, row.Address
	if l.Reason == "" {
		l.Reason = LockedByFailures
	}
	if row.At != nil {
		l.Since = *row.At
	}
	if row.Until.Year() < 9999 {
		l.Until = *row.Until
	}
	return l
}

// spent says that the password isn't looked at any more. A known device is not what strangers have spent.
func (a *attempt) spent() bool { return a.who.Device == 0 && a.count.Lock.InARow > MaxFailures }

// state returns why who knows the password may not sign in; nil if he may.
func (a *attempt) state() *StateError {
	zone := a.zone()
	if a.who.User.State != "active" {
		return &StateError{Cause: a.who.User.State, Zone: zone}
	}
	if a.who.Device != 0 {
		return nil // strangers' failures don't keep it out, and its own would have made it unknown
	}
	lock := lockOf(a.count.Lock, a.now)
	if !lock.Locked() && a.count.Lock.Failures <= a.policy.Lockout.Failures {
		return nil
	}
	if !lock.Locked() { // attempts at the same time: the one that locks isn't written down yet
		lock.Until = a.now.Add(a.policy.Lockout.Duration())
	}
	return &StateError{Cause: StateLocked, Until: lock.Until, Zone: zone}
}

// zone returns the time zone in which the user reads instants.
func (a *attempt) zone() *time.Location {
	p := Principal{}
	if a.who.User.TimeZone != nil {
		p.TimeZone = *a.who.User.TimeZone
	}
	for _, account := range a.who.Accounts {
		p.Accounts = append(p.Accounts, AccountAccess{TimeZone: account.TimeZone})
	}
	for _, operator := range a.who.Operators {
		p.Operators = append(p.Operators, OperatorAccess{TimeZone: operator.TimeZone})
	}
	return p.Zone()
}

// refuse writes a failure down, locks who has failed too often, and returns what to say.
func (s *Service) refuse(ctx context.Context, a *attempt) error {
	f := storage.Failed{User: storage.UserID(a.who.User.ID), Now: a.now}
	events := []storage.AuditEvent{a.event("signin.failed")}
	if s.locks(a, &f) {
		event := a.event("user.locked")
		event.Detail = map[string]any{"reason": f.Reason, "failures": max(a.count.Lock.InARow, a.count.Failures[0])}
		if first := max(a.count.Lock.InARow, a.count.Failures[0]) <= a.policy.Lockout.Failures; first || f.Reason != LockedByFailures {
			event.Then = s.tellLocked(a, f) // not again and again while somebody goes on trying
		}
		events = append(events, event)
	}
	if err := s.store.AttemptFailed(ctx, a.origin.actor(storage.ActorAnonymous, 0), f, events...); err != nil {
		return fmt.Errorf("accounts: sign-in: %w", err)
	}
	if !a.policy.DetailedMessages || a.who.User.ID == 0 {
		return ErrRefused
	}
	if f.Lock && f.Until != nil {
		return &StateError{Cause: StateLocked, Until: *f.Until, Zone: a.zone()}
	}
	if f.Lock {
		return &StateError{Cause: StateLocked, Zone: a.zone()}
	}
	if cause := a.state(); cause != nil {
		return cause
	}
	return ErrRefused
}

// locks decides whether this failure locks. Nobody is locked like everybody, only that no row changes.
func (s *Service) locks(a *attempt, f *storage.Failed) bool {
	lock, device := lockOf(a.count.Lock, a.now), a.who.Device
	round := a.count.Lock.Failures
	if f.User == 0 || device != 0 {
		round = a.count.Failures[0]
	}
	switch {
	case a.count.Lock.InARow >= MaxFailures && device == 0:
		f.Reason = LockedByLimit
		f.Lock = lock.Reason != LockedByLimit
	case round < a.policy.Lockout.Failures || device == 0 && round > a.policy.Lockout.Failures || lock.Locked() && device == 0:
		return false
	case a.policy.Lockout.Manual:
		f.Reason, f.Lock = LockedByPolicy, true
	default:
		until := a.now.Add(a.policy.Lockout.Duration())
		f.Reason, f.Lock, f.Until = LockedByFailures, true, &until
	}
	if f.Lock {
		f.Device = device
	}
	return f.Lock
}

// event returns an event about who was meant, if that is anybody.
func (a *attempt) event(action string) storage.AuditEvent {
	e := storage.AuditEvent{Action: action, Result: "failed"}
	if a.who.User.ID != 0 {
		e.ObjectKind, e.ObjectID = "user", a.who.User.ID
	}
	if a.who.Device != 0 {
		e.Detail = map[string]any{"device": "known"}
	}
	return e
}

// tellLocked has the user told by mail. For nobody it costs the same.
func (s *Service) tellLocked(a *attempt, f storage.Failed) func(context.Context, *storage.Tx) error {
	values := map[string]string{"reason": f.Reason}
	if f.Until != nil {
		values["until"] = f.Until.UTC().Format(time.RFC3339)
	}
	return func(ctx context.Context, t *storage.Tx) error {
		if err := s.notice(ctx, t, f.User, NoticeLocked, values); a.who.User.ID != 0 || !notKnown(err) {
			return err
		}
		return t.SendMail(ctx, s.ring, storage.Mail{Template: string(NoticeLocked), Values: values})
	}
}

// refuseKnown tells who knows the password why he may not sign in. It is no failure: it counts for nothing.
func (s *Service) refuseKnown(ctx context.Context, a *attempt, cause *StateError) error {
	event := a.event("signin.failed")
	event.Detail = map[string]any{"cause": cause.Cause}
	f := storage.Failed{User: storage.UserID(a.who.User.ID), Withdraw: true, Buckets: s.counted(a), Now: a.now}
	if err := s.store.AttemptFailed(ctx, a.origin.actor(storage.ActorAnonymous, 0), f, event); err != nil {
		return fmt.Errorf("accounts: sign-in: %w", err)
	}
	return cause
}
