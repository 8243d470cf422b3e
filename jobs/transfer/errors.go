package transfer

import (
	"context"
	"errors"
	"fmt"
)

// A kind is one way for a transfer to fail. The sentence is for logs; what a person reads is made
// from the code elsewhere.
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

// The kinds of failure; test with errors.Is. The permanent ones come back on every attempt until a
// person changes something.
var (
	ErrPrivateKey     error = newKind("transfer.private_key_unreadable", true, "the private key can't be read")
	ErrCertificate    error = newKind("transfer.certificate_unusable", true, "the certificate can't be used")
	ErrProxy          error = newKind("transfer.proxy_refused", false, "the proxy does not let us through")
	ErrLookup         error = newKind("transfer.host_not_found", false, "the host name can't be resolved")
	ErrAddress        error = newKind("transfer.address_refused", true, "the address is not permitted")
	ErrConnect        error = newKind("transfer.connect_failed", false, "no connection")
	ErrTimeout        error = newKind("transfer.timeout", false, "the server did not answer in time")
	ErrNotSSH         error = newKind("transfer.not_ssh", false, "what answers is not a working SSH server")
	ErrAlgorithms     error = newKind("transfer.no_common_algorithm", true, "the server offers only algorithms that are not accepted")
	ErrAuth           error = newKind("transfer.auth_failed", true, "the server refused the sign-in")
	ErrNoSFTP         error = newKind("transfer.sftp_unavailable", true, "the server has no SFTP for this account")
	ErrLost           error = newKind("transfer.connection_lost", false, "the connection was lost")
	ErrCanceled       error = newKind("transfer.canceled", false, "cancelled")
	ErrFolder         error = newKind("transfer.folder_missing", true, "the remote folder does not exist")
	ErrNotFound       error = newKind("transfer.file_gone", false, "the remote file is no longer there")
	ErrPermission     error = newKind("transfer.permission_denied", true, "the server denies permission")
	ErrRefused        error = newKind("transfer.server_refused", false, "the server could not do it")
	ErrChanged        error = newKind("transfer.file_changed", false, "the remote file changed meanwhile")
	ErrTooLarge       error = newKind("transfer.file_too_large", true, "the remote file is larger than allowed")
	ErrTooMany        error = newKind("transfer.listing_too_large", true, "the remote folder holds more than allowed")
	ErrExists         error = newKind("transfer.name_taken", true, "a file of that name exists at the server already")
	ErrIncomplete     error = newKind("transfer.upload_incomplete", false, "the server has not all of the file")
	ErrNoSpace        error = newKind("transfer.no_space", false, "the server has no room left")
	ErrName           error = newKind("transfer.name_refused", true, "the remote name can't be used")
	ErrPattern        error = newKind("transfer.pattern_invalid", true, "the name pattern is malformed")
	ErrHostKeyUnknown error = newKind("transfer.host_key_unknown", true, "the server's host key is not known yet")
	ErrHostKeyChanged error = newKind("transfer.host_key_changed", true, "the server's host key is not the one expected")
)

// ErrNotRenamed is in a failure of [Client.Upload], beside its kind, if the server refused to rename: the file
// certainly is not under its final name.
var ErrNotRenamed = errors.New("transfer: not renamed")

// An Error is a failure of one of the kinds above while doing something.
type Error struct {
	Kind error  // one of the Err… variables
	Op   string // what was being done, as a phrase: "signing in"
	Err  error  // detail without file names; may be nil
}

// Error returns what was being done, what went wrong, and the detail.
func (e *Error) Error() string {
	text := fmt.Sprintf("transfer: %s: %v", e.Op, e.Kind)
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap makes errors.Is find both the kind and the detail.
func (e *Error) Unwrap() []error {
	if e.Err == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.Err}
}

// Code returns the kind's code, such as "transfer.timeout".
func (e *Error) Code() string { return Code(e.Kind) }

// Permanent reports whether trying again is pointless until a person changes something.
func (e *Error) Permanent() bool { return Permanent(e.Kind) }

// Code returns the code of the outermost failure in err that has one, or "".
func Code(err error) string {
	if coded, ok := errors.AsType[interface {
		error
		Code() string
	}](err); ok {
		return coded.Code()
	}
	return ""
}

// Permanent reports whether err is a failure that comes back on every attempt. Errors of other
// origin (the caller's own writer, say) are not.
func Permanent(err error) bool {
	known, ok := errors.AsType[interface {
		error
		Permanent() bool
	}](err)
	return ok && known.Permanent()
}

// Detail returns what is known about err beyond its kind, for a person who fixes a form: "it needs its
// passphrase". Without more, err itself.
func Detail(err error) error {
	if own, ok := errors.AsType[*Error](err); ok && own.Err != nil {
		return own.Err
	}
	return err
}

func failed(kind error, op string, detail error) *Error {
	return &Error{Kind: kind, Op: op, Err: detail}
}

// canceled wraps the end of a context: a deadline of the caller's is a timeout, the rest is cancelling.
func canceled(op string, cause error) *Error {
	if errors.Is(cause, context.DeadlineExceeded) {
		return failed(ErrTimeout, op, cause)
	}
	return failed(ErrCanceled, op, cause)
}
