package jobs

import (
	"errors"
	"fmt"

	"github.com/ediport/ediport/jobs/transfer"
)

// A kind is one way for work to fail; what a person reads about it is in the table of problems.
type kind struct {
	code      string
	permanent bool
	sentence  string
}

func newKind(code string, permanent bool, sentence string) *kind {
	return &kind{code: code, permanent: permanent, sentence: sentence}
}

func (k *kind) Error() string   { return k.sentence }
func (k *kind) Code() string    { return k.code }
func (k *kind) Permanent() bool { return k.permanent }

// The kinds of failure that callers act on; test with errors.Is.
var (
	ErrConnectionPaused  error = newKind("run.connection_paused", true, "the connection is paused")
	ErrRunOpen           error = newKind("run.overlaps", false, "a run of this connection is queued or under way")
	ErrNothingToPull     error = newKind("run.nothing_to_pull", true, "the connection has no folder to pull from")
	ErrConnectionGone    error = newKind("run.connection_gone", true, "the connection does not exist any more")
	ErrSecrets           error = newKind("connection.secrets_unreadable", true, "the connection's secrets can't be opened")
	ErrConnection        error = newKind("connection.invalid", true, "the connection's settings are incomplete or wrong")
	ErrFilesFailed       error = newKind("pull.files_failed", false, "some files could not be taken")
	ErrFilesRefused      error = newKind("pull.files_refused", true, "some files can't be taken as they are")
	ErrAfterFailed       error = newKind("pull.after_failed", false, "the server did not move or delete files that were taken")
	ErrAfterRefused      error = newKind("pull.after_refused", true, "the server refuses to move or delete files that were taken")
	ErrFileTimeout       error = newKind("pull.file_timeout", false, "a file took longer than its size allows")
	ErrArchive           error = newKind("archive.failed", false, "the archive could not store the file")
	ErrTakenOverTooOften error = newKind("run.gave_up", true, "the work ended its process several times")
	ErrCancelled         error = newKind("run.cancelled", true, "a person cancelled the run")
	ErrNodeLost          error = newKind("run.node_lost", false, "this process lost touch with the database")
	ErrStopping          error = newKind("run.handed_back", false, "this process is stopping")
	ErrUnexpected        error = newKind("job.unexpected", false, "something broke on our side")
)

// An Error is a failure of one of the kinds above with its detail, which holds no patient data.
type Error struct {
	Kind error
	Err  error
}

func fail(kind, detail error) error { return &Error{Kind: kind, Err: detail} }

// Error returns the kind's sentence and the detail.
func (e *Error) Error() string {
	if e.Err == nil {
		return "jobs: " + e.Kind.Error()
	}
	return fmt.Sprintf("jobs: %v: %v", e.Kind, e.Err)
}

// Unwrap makes errors.Is find both the kind and the detail.
func (e *Error) Unwrap() []error {
	if e.Err == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.Err}
}

// Code returns the kind's code.
func (e *Error) Code() string { return Code(e.Kind) }

// Permanent reports whether trying again is pointless until a person changes something.
func (e *Error) Permanent() bool { return Permanent(e.Kind) }

// Code returns the code of the outermost failure in err that has one, of this package, of transfer or
// of any other that answers Code() string; "" if there is none.
func Code(err error) string {
	if coded, ok := errors.AsType[interface {
		error
		Code() string
	}](err); ok {
		return coded.Code()
	}
	return transfer.Code(err)
}

// Permanent reports whether the outermost failure in err that knows says that trying again is pointless.
func Permanent(err error) bool {
	if p, ok := errors.AsType[interface {
		error
		Permanent() bool
	}](err); ok {
		return p.Permanent()
	}
	return false
}
