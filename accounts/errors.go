package accounts

import (
	"errors"
	"time"
)

// Errors a caller can act on; test by errors.Is.
var (
	// ErrRefused: user id and password don't belong together, or the user may not sign in. Strangers
	// are told no more than that.
	ErrRefused = errors.New("accounts: sign-in refused")
	// ErrNoSession: there is no such session or token, or it has ended.
	ErrNoSession = errors.New("accounts: no such session")
)

// A ThrottledError says that the next attempt to sign in has to wait.
type ThrottledError struct{ Wait time.Duration }

func (e *ThrottledError) Error() string { return "accounts: too many attempts" }

// Why a user who exists may not sign in.
const (
	StateLocked   = "locked"
	StateDisabled = "disabled"
	StateInvited  = "invited"
)

// A StateError says why somebody who knows the password may not sign in. It is ErrRefused to [errors.Is].
type StateError struct {
	Cause string    // StateLocked, StateDisabled, StateInvited
	Until time.Time // of a lock; zero: until somebody unlocks
	Zone  *time.Location
}

func (e *StateError) Error() string { return "accounts: sign-in refused: " + e.Cause }

// Is says that it is a refusal.
func (e *StateError) Is(target error) bool { return target == ErrRefused }

// A ChallengeError asks for a proof of work before a password is looked at.
type ChallengeError struct{ Challenge Challenge }

func (e *ChallengeError) Error() string { return "accounts: proof of work needed" }

// A DeniedError names the permission that is missing.
type DeniedError struct{ Permission Permission }

func (e *DeniedError) Error() string { return "accounts: permission missing: " + string(e.Permission) }

// An InputError says what is wrong with a field of a form or command, in a sentence for the person
// who filled it in.
type InputError struct{ Field, Reason string }

func (e *InputError) Error() string { return "accounts: " + e.Field + ": " + e.Reason }
