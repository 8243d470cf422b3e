package edi

import "errors"

// Reasons why bytes can't be read as X12; see [SyntaxError].
var (
	// ErrNotX12 says that no interchange was found in the whole file.
	ErrNotX12 = errors.New("not X12: there is no ISA segment")
	// ErrDelimiter says that an ISA does not show usable delimiters.
	ErrDelimiter = errors.New("the delimiters can't be told from the ISA")
	// ErrSegmentTooLong says that a segment is longer than the Reader's limit.
	ErrSegmentTooLong = errors.New("the segment is longer than the limit")
	// ErrTruncated says that the file ends inside a segment that can't be used.
	ErrTruncated = errors.New("the file ends inside a segment")
)

// A SyntaxError says why bytes are not X12, and where. Reading resumes, if at all, at the next ISA.
type SyntaxError struct {
	Pos Position
	Tag string // segment being read; "" if none yet, or if it is not a segment id (it could be data)
	Err error  // ErrNotX12, ErrDelimiter, ErrSegmentTooLong or ErrTruncated, perhaps wrapped
}

func (e *SyntaxError) Error() string {
	if e.Tag == "" {
		return "edi: " + e.Pos.String() + ": " + e.Err.Error()
	}
	return "edi: " + e.Tag + ", " + e.Pos.String() + ": " + e.Err.Error()
}

// Unwrap returns the reason.
func (e *SyntaxError) Unwrap() error { return e.Err }
