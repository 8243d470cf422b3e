package problem

import (
	"errors"

	"github.com/ediport/ediport/storage"
)

// fromStorage maps what stores return.
func fromStorage(err error) Problem {
	switch {
	case errors.Is(err, storage.ErrNotFound), errors.Is(err, storage.ErrPublicID), errors.Is(err, storage.ErrNoScope):
		return NotFound
	case errors.Is(err, storage.ErrConflict):
		return Conflict
	case errors.Is(err, storage.ErrCursor):
		p := BadRequest.With("This link to a page of the list is old or belongs to another list.")
		p.Next = "Start again at the first page of the list."
		return *p
	case errors.Is(err, storage.ErrRetry), errors.Is(err, storage.ErrRepeated):
		return busy
	case storage.Unavailable(err):
		return Maintenance
	}
	return broken
}
