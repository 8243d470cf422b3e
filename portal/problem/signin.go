package problem

import (
	"errors"
	"net/http"
	"time"

	"github.com/ediport/ediport/accounts"
)

// What strangers are told is one text, whether there is such a user or not, and whether he is locked.
var (
	signInRefused = Problem{
		Code: "signin.refused", Status: http.StatusUnauthorized, Title: "Sign-in failed",
		Sentence: "User ID and password don't belong together, or sign-in with this ID is closed for a while.",
		Next: "Check both; capital letters count. After several failures in a row sign-in closes for 15 to 30 minutes and then opens by itself, " +
			"unless your organization has somebody unlock it. Help with signing in says what else you can do.",
	}
	workNeeded = Problem{
		Code: "signin.challenge", Status: http.StatusUnauthorized, Title: "One more step", Retry: true,
		Sentence: "Before your password is checked, your browser does a short security check. Nothing is wrong with your password.",
		Next:     "Enter your password again and press Sign in; the check runs by itself.",
	}
)

// fromSignIn says why somebody isn't signed in.
func fromSignIn(err error) (Problem, bool) {
	var (
		throttled *accounts.ThrottledError
		state     *accounts.StateError
		work      *accounts.ChallengeError
	)
	switch {
	case errors.As(err, &throttled):
		return waitFor(throttled.Wait), true
	case errors.As(err, &state):
		return inState(state), true
	case errors.As(err, &work):
		return workNeeded, true
	case errors.Is(err, accounts.ErrRefused):
		return signInRefused, true
	case errors.Is(err, accounts.ErrNoSession):
		return SignInNeeded, true
	}
	return Problem{}, false
}

// inState tells who may know it why he may not sign in.
func inState(e *accounts.StateError) Problem {
	p := Problem{Code: "signin." + e.Cause, Status: http.StatusForbidden, Title: "Not possible now"}
	switch {
	case e.Cause == accounts.StateLocked && e.Until.IsZero():
		p.Title = "Your account is locked"
		p.Sentence = "After too many failed attempts to sign in it is locked until somebody unlocks it."
		p.Next = "Ask an administrator of your organization to unlock it. If the failed attempts weren't yours, tell them that, too."
	case e.Cause == accounts.StateLocked:
		p.Title = "Your account is locked for now"
		p.Sentence = "After too many failed attempts to sign in it is locked until " + clock(e.Until, e.Zone) + "."
		p.Next = "Sign in again then; nobody has to unlock it. In a hurry? An administrator of your organization can unlock it now. " +
			"If the failed attempts weren't yours, tell them."
	case e.Cause == accounts.StateInvited:
		p.Title = "Your account isn't set up yet"
		p.Sentence = "You have been invited, but the invitation has not been accepted."
		p.Next = "Use the code from the mail that invited you, or ask an administrator to send it again."
	default:
		p.Title = "Your account is disabled"
		p.Sentence = "An administrator has ended its access."
		p.Next = "Ask an administrator of your organization if you think that is a mistake."
	}
	return p
}

// clock returns a time as people say it, with its zone: "10:15 AM EST on November 22".
func clock(t time.Time, zone *time.Location) string {
	if zone == nil {
		zone = time.UTC
	}
	return t.In(zone).Format("3:04 PM MST on January 2")
}
