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

// Credentials are what somebody typed to sign in, and what his browser sent along.
type Credentials struct {
	Name     string // user id (case-sensitive), e-mail address, or NPI where the operator lets NPIs sign in
	Password string
	OldToken string // of the session that the browser had before; it ends. "" for none
	Shared   bool   // others use the computer, too: the session ends early

	Device    string // the browser's token as a known device; "" for none
	Challenge string // the challenge that was given, "" for none
	Solution  string // what solves it; "": the person has waited instead
}

// A SignedIn is a session that has just begun.
type SignedIn struct {
	Token              string // for the browser's cookie; kept nowhere else
	Expires            time.Time
	MustChangePassword bool
	Step               Step // what comes first
	UserID             storage.UserID
}

// An attempt is one attempt to sign in.
type attempt struct {
	Credentials
	origin    Origin
	now       time.Time
	byName    storage.ThrottleBucket
	byAddress storage.ThrottleBucket

	who    storage.Candidate
	policy SecurityPolicy // of who is meant; the defaults for nobody
	count  storage.AttemptCount
}

// SignIn begins a session. What it answers to strangers tells nobody whether there is such a user:
//
//   - a *ChallengeError asks for a proof of work first, before anything else is looked at;
//   - a *ThrottledError asks to wait, because the name or the address has failed too often;
//   - ErrRefused says that the name and the password don't belong together, or that the user may not sign in. It
//     costs one argon2id computation and the same queries for names that exist and names that don't.
//
// Whoever knows the password learns more by a *StateError: that he is locked out and until when, or disabled.
// With the policy's DetailedMessages everybody does.
//
// Failures lock the user (policy, 5), whatever name was typed, for a time (policy, 15 minutes) or until somebody
// unlocks; a known device has failures of its own, and strangers' don't keep it out. Counts are in the
// database, so they hold for all nodes and survive restarts.
func (s *Service) SignIn(ctx context.Context, c Credentials, o Origin) (SignedIn, error) {
	a := s.newAttempt(c, o)
	if err := s.askForWork(ctx, &a); err != nil {
		return SignedIn{}, err
	}
	if err := s.meet(ctx, &a); err != nil {
		return SignedIn{}, err
	}
	if until := a.count.BlockedUntil; !until.IsZero() {
		return SignedIn{}, s.throttled(ctx, o, until.Sub(a.now))
	}
	ok, outdated, err := s.checkTyped(ctx, &a)
	switch {
	case err != nil:
		return SignedIn{}, err
	case !ok:
		return SignedIn{}, s.refuse(ctx, &a)
	}
	if cause := a.state(); cause != nil {
		return SignedIn{}, s.refuseKnown(ctx, &a, cause)
	}
	return s.letIn(ctx, &a, outdated)
}

func (s *Service) newAttempt(c Credentials, o Origin) attempt {
	c.Name = norm.NFC.String(strings.TrimSpace(c.Name))
	if len(c.Name) > 320 || !utf8.ValidString(c.Name) || strings.ContainsRune(c.Name, 0) || utf8.RuneCountInString(c.Password) > MaxPasswordLength {
		c.Name, c.Password = "", "" // nobody's: refused at the usual cost
	}
	return attempt{
		Credentials: c, origin: o, now: s.now(),
		byName: s.bucket("user", throttleName(c.Name)), byAddress: s.bucket("address", o.Address),
	}
}

// throttleName is one bucket for all spellings of an e-mail address; user ids keep their case.
func throttleName(name string) string {
	if strings.Contains(name, "@") {
		return strings.ToLower(name)
	}
	return name
}

// meet finds out who is meant, and counts the attempt.
func (s *Service) meet(ctx context.Context, a *attempt) error {
	q := storage.CandidateQuery{Login: a.Name, EmailKey: strings.ToLower(a.Name), Device: hashSecret(a.Device), Now: a.now}
	if ValidNPI(a.Name) {
		q.NPI = a.Name
	}
	var err error
	if a.who, err = s.store.Candidate(ctx, q); err != nil {
		return fmt.Errorf("accounts: sign-in: %w", err)
	}
	a.policy = s.policyAt(a.who.Memberships, a.who.Accounts, a.who.Operators)
	a.count, err = s.store.CountAttempt(ctx, storage.Attempt{
		Buckets: s.counted(a), User: storage.UserID(a.who.User.ID), Device: a.who.Device != 0, Now: a.now,
	}, forgetFailures, delayAfter)
	if err != nil {
		return fmt.Errorf("accounts: sign-in: %w", err)
	}
	return nil
}

// counted returns the buckets in which the attempt counts, that of the name or device first.
func (s *Service) counted(a *attempt) []storage.ThrottleBucket {
	if a.who.Device != 0 {
		return []storage.ThrottleBucket{s.bucket("device", fmt.Sprint(a.who.Device))}
	}
	return []storage.ThrottleBucket{a.byName, a.byAddress}
}

// checkTyped says whether the password is right, at the cost of one computation in any case.
func (s *Service) checkTyped(ctx context.Context, a *attempt) (ok, outdated bool, err error) {
	if a.who.Password.Hash == "" || a.spent() {
		return false, false, s.hasher.VerifyNobody(ctx, a.Password)
	}
	return s.hasher.Verify(ctx, a.Password, a.who.Password.Hash)
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

// letIn forgets the failures and begins the session.
func (s *Service) letIn(ctx context.Context, a *attempt, outdated bool) (SignedIn, error) {
	admitted := storage.Admitted{
		User: storage.UserID(a.who.User.ID), Device: a.who.Device, Place: s.bucket("place", a.origin.Address).Bucket, Now: a.now,
	}
	buckets := s.counted(a)
	admitted.Clear, admitted.Others = buckets[:1], buckets[1:]
	if err := s.store.Admit(ctx, admitted, forgetFailures); err != nil {
		return SignedIn{}, fmt.Errorf("accounts: sign-in: %w", err)
	}
	if outdated {
		s.upgrade(ctx, a.who.User, a.who.Password, a.Password)
	}
	if err := s.agePassword(ctx, a); err != nil {
		return SignedIn{}, err
	}
	signedIn, err := s.begin(ctx, a.who.User, AssurancePassword, a.Credentials, a.origin)
	signedIn.MustChangePassword = a.who.User.MustChangePassword
	return signedIn, err
}

func (s *Service) throttled(ctx context.Context, o Origin, wait time.Duration) error {
	event := storage.AuditEvent{Action: "signin.throttled", Result: "denied"}
	if err := s.store.AppendEvents(ctx, o.actor(storage.ActorAnonymous, 0), event); err != nil {
		return fmt.Errorf("accounts: sign-in: %w", err)
	}
	return &ThrottledError{Wait: wait}
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

// errNoReason says that somebody should be unlocked without a word why.
var errNoReason = &InputError{"reason", "Say in a few words why; it stands in the audit."}

// notKnown says whether an error is that there is no such row.
func notKnown(err error) bool { return errors.Is(err, storage.ErrNotFound) }
