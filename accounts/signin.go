package accounts

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/ediport/ediport/storage"
)

// Credentials are what somebody typed to sign in.
type Credentials struct {
	Name     string // user id (case-sensitive) or e-mail address
	Password string
	OldToken string // of the session that the browser had before; it ends. "" for none
}

// A SignedIn is a session that has just begun.
type SignedIn struct {
	Token              string // for the browser's cookie; kept nowhere else
	Expires            time.Time
	MustChangePassword bool
}

// SignIn begins a session. The error is ErrRefused, whatever the reason: wrong password, unknown
// name, disabled or locked user; all of them cost one argon2id computation and the same queries. It
// is a *ThrottledError, before anything is computed, if the name or the address has failed too often.
//
// A name may fail 4 times, an address 19 times; then each further failure blocks it for a time that
// doubles from 30 seconds to 15 minutes. A success clears the name; a day without failures clears
// both. Counts are in the database, so they hold for all nodes and survive restarts.
func (s *Service) SignIn(ctx context.Context, c Credentials, o Origin) (SignedIn, error) {
	name := norm.NFC.String(strings.TrimSpace(c.Name))
	if len(name) > 320 || !utf8.ValidString(name) || strings.ContainsRune(name, 0) || utf8.RuneCountInString(c.Password) > MaxPasswordLength {
		name, c.Password = "", "" // nobody's: refused below at the usual cost
	}
	byName, byAddress := s.bucket("user", throttleName(name)), s.bucket("address", o.Address)
	now := s.now()
	blocked, err := s.store.ReserveAttempt(ctx, []storage.ThrottleBucket{byName, byAddress}, now, forgetFailures, delayAfter)
	if err != nil {
		return SignedIn{}, fmt.Errorf("accounts: sign-in: %w", err)
	}
	if !blocked.IsZero() {
		return SignedIn{}, s.throttled(ctx, o, blocked.Sub(now))
	}
	user, password, err := s.verify(ctx, name, c.Password)
	if err != nil {
		return SignedIn{}, s.refused(ctx, user, o, err)
	}
	if err := s.store.AttemptSucceeded(ctx, []storage.ThrottleBucket{byName}, []storage.ThrottleBucket{byAddress}); err != nil {
		return SignedIn{}, fmt.Errorf("accounts: sign-in: %w", err)
	}
	signedIn, err := s.begin(ctx, user, c.OldToken, o)
	signedIn.MustChangePassword = password.MustChange
	return signedIn, err
}

// Delays of the throttle.
const (
	freeByName     = 4
	freeByAddress  = 19
	firstDelay     = 30 * time.Second
	longestDelay   = 15 * time.Minute
	forgetFailures = 24 * time.Hour
)

// delayAfter returns how long a bucket is blocked after so many failures in a row.
func delayAfter(kind string, failures int) time.Duration {
	free := freeByName
	if kind == "address" {
		free = freeByAddress // an office shares one
	}
	if failures <= free {
		return 0
	}
	return min(firstDelay<<min(failures-free-1, 10), longestDelay)
}

// throttleName is one bucket for all spellings of an e-mail address; user ids keep their case.
func throttleName(name string) string {
	if strings.Contains(name, "@") {
		return strings.ToLower(name)
	}
	return name
}

// verify returns the user and password row if name and password belong together and the user may
// sign in; else ErrRefused, with the user if there is one.
func (s *Service) verify(ctx context.Context, name, password string) (storage.SignInUser, storage.SignInPassword, error) {
	user, stored, err := s.store.UserByName(ctx, name, strings.ToLower(name))
	if errors.Is(err, storage.ErrNotFound) {
		if err := s.hasher.VerifyNobody(ctx, password); err != nil {
			return user, stored, err
		}
		return user, stored, ErrRefused
	}
	if err != nil {
		return user, stored, fmt.Errorf("accounts: sign-in: %w", err)
	}
	ok, outdated, err := s.hasher.Verify(ctx, password, stored.Hash)
	switch {
	case err != nil:
		return user, stored, err
	case !ok, user.State != "active", user.LockedUntil != nil && user.LockedUntil.After(s.now()):
		return user, stored, ErrRefused
	}
	if outdated {
		s.upgrade(ctx, user, stored, password)
	}
	return user, stored, nil
}

// upgrade makes the hash anew with today's costs and pepper. A failure leaves the old hash, which
// still works, so it doesn't keep anybody out.
func (s *Service) upgrade(ctx context.Context, user storage.SignInUser, stored storage.SignInPassword, password string) {
	hash, err := s.hasher.Hash(ctx, password)
	if err == nil {
		err = s.store.UpgradeHash(ctx, storage.UserID(user.ID), stored, hash)
	}
	if err != nil {
		s.log.Warn("password hash not upgraded", "user_id", user.ID, "error", err)
	}
}

// refused leaves an event of a refused sign-in and returns the error to show.
func (s *Service) refused(ctx context.Context, user storage.SignInUser, o Origin, cause error) error {
	if !errors.Is(cause, ErrRefused) {
		return cause
	}
	event := storage.AuditEvent{Action: "signin.failed", Result: "failed"}
	if user.ID != 0 {
		event.ObjectKind, event.ObjectID = "user", user.ID
	}
	if err := s.store.AppendEvents(ctx, o.actor(storage.ActorAnonymous, 0), event); err != nil {
		return fmt.Errorf("accounts: sign-in: %w", err)
	}
	return cause
}

func (s *Service) throttled(ctx context.Context, o Origin, wait time.Duration) error {
	event := storage.AuditEvent{Action: "signin.throttled", Result: "denied"}
	if err := s.store.AppendEvents(ctx, o.actor(storage.ActorAnonymous, 0), event); err != nil {
		return fmt.Errorf("accounts: sign-in: %w", err)
	}
	return &ThrottledError{Wait: wait}
}

// begin makes the session. Its token is new in any case: one that somebody planted in the browser
// before (session fixation) never becomes a signed-in one.
func (s *Service) begin(ctx context.Context, user storage.SignInUser, oldToken string, o Origin) (SignedIn, error) {
	now, token := s.now(), newSecret()
	started := storage.StartedSession{
		TokenHash: hashSecret(token), OldTokenHash: hashSecret(oldToken), User: storage.UserID(user.ID),
		SecurityEpoch: user.SecurityEpoch, Address: o.Address, UserAgent: shorten(o.UserAgent, 300),
		IdleExpiresAt: now.Add(min(s.idle, s.session)), ExpiresAt: now.Add(s.session),
	}
	event := storage.AuditEvent{Action: "signin.succeeded"}
	if _, err := s.store.StartSession(ctx, o.actor(storage.ActorUser, user.ID), started, now, event); err != nil {
		return SignedIn{}, fmt.Errorf("accounts: sign-in: %w", err)
	}
	return SignedIn{Token: token, Expires: started.ExpiresAt}, nil
}

// SignOut ends the session of the token; nothing happens if there is none.
func (s *Service) SignOut(ctx context.Context, token string, o Origin) error {
	event := storage.AuditEvent{Action: "signin.ended"}
	if err := s.store.SignOut(ctx, o.actor(storage.ActorAnonymous, 0), hashSecret(token), s.now(), event); err != nil {
		return fmt.Errorf("accounts: sign-out: %w", err)
	}
	return nil
}

func shorten(text string, bytes int) string {
	text = strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", ""), "")
	if len(text) <= bytes {
		return text
	}
	return strings.ToValidUTF8(text[:bytes], "")
}
