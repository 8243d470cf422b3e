package wrap

import (
	"errors"
	"fmt"
)

// A kind is one way in which a wrapped file can't be opened or made.
type kind struct {
	code     string
	sentence string
}

func newKind(code, sentence string) error { return &kind{code, sentence} }

func (k *kind) Error() string { return k.sentence }

// Code returns the kind's code.
func (k *kind) Code() string { return k.code }

// Permanent is true: the same bytes fail again.
func (k *kind) Permanent() bool { return true }

// The kinds of failure; test with errors.Is.
var (
	ErrDamaged          = newKind("wrap.damaged", "the wrapped file is damaged or incomplete")
	ErrTooLarge         = newKind("wrap.too_large", "it opens to more bytes than allowed")
	ErrRatio            = newKind("wrap.ratio", "it opens to many times its size")
	ErrTooMany          = newKind("wrap.too_many", "it has more entries than allowed")
	ErrTooDeep          = newKind("wrap.too_deep", "it is wrapped more often than allowed")
	ErrOverlap          = newKind("wrap.overlap", "its entries share bytes")
	ErrPassword         = newKind("wrap.password", "it is protected by a password")
	ErrUnsupported      = newKind("wrap.unsupported", "it is packed in a way that is not supported")
	ErrNoKey            = newKind("wrap.no_key", "it is encrypted for another key")
	ErrSignature        = newKind("wrap.signature", "its signature does not fit")
	ErrSignatureMissing = newKind("wrap.signature_missing", "it has no signature of a known key")
	ErrKey              = newKind("wrap.key", "the OpenPGP key can't be used")
)

// An Error is a failure of one of the kinds above with its detail, which quotes nothing of the content.
type Error struct {
	Kind error
	Err  error // nil: the kind says it all
}

func fail(kind, detail error) error { return &Error{kind, detail} }

// Error returns the kind's sentence and the detail.
func (e *Error) Error() string {
	if e.Err == nil {
		return "wrap: " + e.Kind.Error()
	}
	return fmt.Sprintf("wrap: %v: %v", e.Kind, e.Err)
}

// Unwrap makes errors.Is find both the kind and the detail.
func (e *Error) Unwrap() []error {
	if e.Err == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.Err}
}

// Code returns the kind's code.
func (e *Error) Code() string {
	if k, ok := errors.AsType[*kind](e.Kind); ok {
		return k.code
	}
	return ""
}

// Permanent is true: the same bytes fail again.
func (e *Error) Permanent() bool { return true }
