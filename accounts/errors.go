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

// A DeniedError names the permission that is missing.
type DeniedError struct{ Permission Permission }

func (e *DeniedError) Error() string { return "accounts: permission missing: " + string(e.Permission) }

// An InputError says what is wrong with a field of a form or command, in a sentence for the person
// who filled it in.
type InputError struct{ Field, Reason string }

func (e *InputError) Error() string { return "accounts: " + e.Field + ": " + e.Reason }
