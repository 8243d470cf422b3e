package parts

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/ediport/ediport/edi"
)

// A NoGuideError says that a transaction set was left out, because its implementation guide is not known: of an older
// release, say.
type NoGuideError struct {
	Pos edi.Position // of its ST
	Set string       // ST01
}

func (e *NoGuideError) Error() string {
	return fmt.Sprintf("transaction set %s, %s: its guide (GS08) is not known, so it can't be decoded", e.Set, e.Pos)
}

// ErrOrder says that an encoder was given something that can't stand where the document has come to, or a value that the document
// has no place for, so that it would be lost.
var ErrOrder = errors.New("it can't stand here")

// ErrNotRead says that an encoder was given something decoded of which not all could be read into fields, so that writing it would
// lose data or make some up: it has Problems, segments without place, a segment twice that may be there once, or no value for an amount
// whose field is then 0. Who wants to write what the fields have sets its Entity to zero.
var ErrNotRead = errors.New("it was not read completely")

// ErrBlanks says that a value has blanks around it, which a reader would leave out.
var ErrBlanks = errors.New("the value has blanks around it")

// An InvalidError says why an encoder refuses an entity: its values, or values missing in it, break its guide. It holds no value.
type InvalidError struct {
	Entity  string      // what was to be written: claim, subscriber, interchange
	Ordinal int         // of its kind in the transaction set, from 1; 0 if it has none
	Finding edi.Finding // the rule, and the loop, segment, element and component that break it; its Pos is of no file
	Err     error       // ErrOrder, ErrNotRead, ErrBlanks, edi.ErrDelimiterInData, edi.ErrCharacter; nil for a rule of the guide
}

// Error returns what is wrong with which element: "claim 3, loop 2100: CLP06 (Claim filing indicator) holds a code that its list does
// not have".
func (e *InvalidError) Error() string {
	text := e.Entity
	if e.Ordinal > 0 {
		text += " " + strconv.Itoa(e.Ordinal)
	}
	if e.Finding.Loop != "" {
		text += ", loop " + e.Finding.Loop
	}
	return text + ": " + e.Finding.Message
}

// Unwrap returns the kind of error, nil for a rule of the guide.
func (e *InvalidError) Unwrap() error { return e.Err }
