package problem_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/portal/problem"
	"github.com/ediport/ediport/storage"
)

func TestFrom(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err    error
		code   string
		status int
	}{
		{storage.ErrNotFound, "not_found", 404},
		{storage.ErrPublicID, "not_found", 404},
		{storage.ErrNoScope, "not_found", 404},
		{storage.ErrConflict, "conflict", 409},
		{storage.ErrCursor, "request.invalid", 400},
		{storage.ErrRetry, "busy", 503},
		{context.DeadlineExceeded, "busy", 503},
		{&http.MaxBytesError{Limit: 1}, "request.too_large", 413},
		{accounts.ErrNoSession, "signin.needed", 401},
		{accounts.ErrRefused, "signin.refused", 401},
		{&accounts.ThrottledError{Wait: time.Minute}, "signin.throttled", 429},
		{&accounts.DeniedError{Permission: accounts.ViewFiles}, "access.denied", 403},
		{&accounts.PasswordError{Code: "password.common", Reason: "r"}, "password.common", 422},
		{&accounts.InputError{Field: "name", Reason: "r"}, "form.invalid", 422},
		{&problem.CrossOrigin, "request.cross_origin", 403},
		{errors.New("anything: SENTINEL"), "internal", 500},
	} {
		for _, err := range []error{c.err, fmt.Errorf("somewhere: %w", c.err)} {
			got := problem.From(err)
			if got.Code != c.code || got.Status != c.status || got.Title == "" || got.Sentence == "" || got.Next == "" {
				t.Errorf("From(%v) = %s %d, want %s %d with title, sentence and next step", err, got.Code, got.Status, c.code, c.status)
			}
		}
	}
	if got := problem.From(&accounts.ThrottledError{Wait: 31 * time.Second}); got.RetryAfter != 31*time.Second || !got.Retry {
		t.Errorf("a throttled sign-in: retry after %v", got.RetryAfter)
	}
	if problem.NotFound.With("else").Sentence == problem.NotFound.Sentence {
		t.Error("With changes nothing")
	}
}
