package edi

import "errors"

// A delimiterError says which delimiter can't be one.
type delimiterError struct {
	note string // TA105
	text string
}

func (e *delimiterError) Error() string { return ErrDelimiter.Error() + ": " + e.text }

func (e *delimiterError) Unwrap() error { return ErrDelimiter }

// Finding returns the error as a finding about the interchange: TA105 004, 026 or 027 for a delimiter, 023 for a file that ends too
// early, 022 for anything else.
func (e *SyntaxError) Finding() Finding {
	code := Code{Kind: "TA105", Value: "022"}
	element := 0
	var bad *delimiterError
	switch {
	case errors.As(e.Err, &bad):
		if code.Value = bad.note; bad.note == "027" {
			element = 16
		}
	case errors.Is(e.Err, ErrTruncated):
		code.Value = "023"
	}
	return Finding{Pos: e.Pos, Segment: e.Tag, Element: element, Severity: Error, SNIP: 1, Code: code, Message: e.Err.Error()}
}
