package door

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime"
)

// A PanicError is a panic of a handler. It keeps the panic's type and where it happened, never its
// text or the functions' arguments: those could hold a patient's data.
type PanicError struct {
	Type  string
	Stack []string // innermost first, "function file:line"
}

func (e *PanicError) Error() string { return "portal: panic of type " + e.Type }

// Call runs fn and returns its error, or a *PanicError if it panicked.
func Call(fn func() error) (err error) {
	defer func() {
		if p := caught(recover()); p != nil {
			err = p
		}
	}()
	return fn()
}

// LogPanic logs err if it is, or wraps, a *PanicError.
func LogPanic(log *slog.Logger, r *http.Request, err error) {
	var p *PanicError
	if errors.As(err, &p) {
		log.Error("request panicked", "incident", FromContext(r.Context()).Incident, "route", r.Pattern,
			"panic_type", p.Type, "stack", p.Stack)
	}
}

// caught returns what recover returned as an error, nil if there was no panic. The panic by which
// net/http wants a connection broken off goes on.
func caught(cause any) *PanicError {
	if cause == nil {
		return nil
	}
	if cause == http.ErrAbortHandler { //nolint:errorlint // net/http compares it so, too
		panic(cause)
	}
	return &PanicError{Type: fmt.Sprintf("%T", cause), Stack: stack()}
}

func stack() []string {
	callers := make([]uintptr, 24)
	frames := runtime.CallersFrames(callers[:runtime.Callers(5, callers)])
	var out []string
	for {
		frame, more := frames.Next()
		out = append(out, fmt.Sprintf("%s %s:%d", frame.Function, frame.File, frame.Line))
		if !more {
			return out
		}
	}
}
