// Package problem says errors to people: [From] maps any error to its code, HTTP status, a sentence
// and the next step. Pages and the API share it; what it doesn't know is "something broke on our side".
package problem

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"time"

	"github.com/ediport/ediport/accounts"
)

// A Problem is an error as a person or a client is told it. It never holds a value of a file.
type Problem struct {
	Code       string
	Status     int
	Title      string // a few words
	Sentence   string // what happened
	Next       string // what to do now
	Retry      bool   // the same request may succeed later
	RetryAfter time.Duration
	Permission accounts.Permission // which is missing; "" unless Code is access.denied
	Fields     map[string]string   // field of the form → what is wrong with it
}

// Error lets a handler return a Problem as its error.
func (p *Problem) Error() string { return "portal: " + p.Code }

// With returns a copy with another sentence.
func (p Problem) With(sentence string) *Problem {
	p.Sentence = sentence
	return &p
}

// The problems that handlers return by themselves.
var (
	NotFound = Problem{
		Code: "not_found", Status: http.StatusNotFound, Title: "Not found",
		Sentence: "There is nothing at this address, or it is not yours to see.",
		Next:     "Check the address, or go back to the list you came from.",
	}
	MethodNotAllowed = Problem{
		Code: "method_not_allowed", Status: http.StatusMethodNotAllowed, Title: "Not possible here",
		Sentence: "This address can't be used in that way.", Next: "Go back and use the page's own buttons.",
	}
	BadRequest = Problem{
		Code: "request.invalid", Status: http.StatusBadRequest, Title: "That could not be read",
		Sentence: "The request is not in the form that this address expects.", Next: "Go back and try once more.",
	}
	Invalid = Problem{
		Code: "form.invalid", Status: http.StatusUnprocessableEntity, Title: "Please check your input",
		Sentence: "Some of the input can't be used as it stands.", Next: "Correct the fields that are marked.",
	}
	TooLarge = Problem{
		Code: "request.too_large", Status: http.StatusRequestEntityTooLarge, Title: "Too large",
		Sentence: "What was sent is larger than this address takes.", Next: "Send less at once.",
	}
	CrossOrigin = Problem{
		Code: "request.cross_origin", Status: http.StatusForbidden, Title: "Refused for safety",
		Sentence: "The request came from another site's page, so it was not carried out.",
		Next:     "Open the page here and try again from it.",
	}
	SignInNeeded = Problem{
		Code: "signin.needed", Status: http.StatusUnauthorized, Title: "Please sign in",
		Sentence: "You are not signed in, or your session has ended.", Next: "Sign in and try again.",
	}
	Conflict = Problem{
		Code: "conflict", Status: http.StatusConflict, Title: "Changed in the meantime",
		Sentence: "Somebody else changed this, or it exists already.", Next: "Load the page again and look at it before you go on.",
	}
	TooManyRequests = Problem{
		Code: "request.too_many", Status: http.StatusTooManyRequests, Title: "Too many requests", Retry: true,
		Sentence: "More requests came than are taken at a time.", Next: "Wait as long as Retry-After says.",
	}
	// Maintenance: the database can't be reached or is being upgraded.
	Maintenance = Problem{
		Code: "maintenance", Status: http.StatusServiceUnavailable, Title: "Back in a moment", Retry: true, RetryAfter: 30 * time.Second,
		Sentence: "The database is being worked on or can’t be reached, so nothing can be shown right now. Nothing is lost.",
		Next:     "Try again in a minute. If it lasts, tell whoever runs this exchange the incident number.",
	}
	busy = Problem{
		Code: "busy", Status: http.StatusServiceUnavailable, Title: "Too much at once", Retry: true,
		Sentence: "The answer took too long, so it was broken off.", Next: "Try again in a moment.", RetryAfter: 5 * time.Second,
	}
	broken = Problem{
		Code: "internal", Status: http.StatusInternalServerError, Title: "Something broke on our side", Retry: true,
		Sentence: "What you asked for could not be done. It is not your fault, and it has been written down.",
		Next:     "Try again. If it happens again, tell your administrator the incident number.",
	}
)

// From returns the problem that err is. Unknown errors are a fault of ours, whose text stays in
// the log.
func From(err error) Problem {
	var p *Problem
	if errors.As(err, &p) {
		return *p
	}
	if q, ok := fromAccounts(err); ok {
		return q
	}
	if q, ok := fromRoles(err); ok {
		return q
	}
	if q, ok := fromExports(err); ok {
		return q
	}
	if q, ok := fromFactors(err); ok {
		return q
	}
	if q, ok := fromJobs(err); ok {
		return q
	}
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return TooLarge
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return busy
	}
	return fromStorage(err)
}

func fromAccounts(err error) (Problem, bool) {
	var (
		denied   *accounts.DeniedError
		password *accounts.PasswordError
		input    *accounts.InputError
	)
	switch {
	case errors.As(err, &denied):
		return Denied(denied.Permission), true
	case errors.As(err, &password):
		q := Invalid.With(password.Reason)
		q.Code, q.Fields = password.Code, map[string]string{"password": password.Reason}
		return *q, true
	case errors.As(err, &input):
		q := Invalid.With(input.Reason)
		q.Fields = map[string]string{input.Field: input.Reason}
		return *q, true
	}
	return fromSignIn(err)
}

// Denied says which permission is missing and who can give it.
func Denied(permission accounts.Permission) Problem {
	return Problem{
		Code: "access.denied", Status: http.StatusForbidden, Title: "You may not see or do this", Permission: permission,
		Sentence: fmt.Sprintf("It needs the permission to %s (%s), which you don't have.", permission.Title(), permission),
		Next:     "An administrator of your organization can grant it. Tell them the permission's name and the incident number.",
	}
}

func waitFor(wait time.Duration) Problem {
	return Problem{
		Code: "signin.throttled", Status: http.StatusTooManyRequests, Title: "Please wait a moment", Retry: true, RetryAfter: wait,
		Sentence: "There were too many failed attempts to sign in. For safety, the next one is possible in " + inWords(wait) + ".",
		Next:     "Wait, then try again; nobody has to unlock anything. If you forgot your password, use the recovery instead of guessing.",
	}
}

func inWords(d time.Duration) string {
	if seconds := int(math.Ceil(d.Seconds())); seconds <= 90 {
		return fmt.Sprintf("%d seconds", max(seconds, 1))
	}
	return fmt.Sprintf("%d minutes", int(math.Ceil(d.Minutes())))
}
