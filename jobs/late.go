package jobs

import (
	"time"

	"github.com/ediport/ediport/storage"
)

// Late tells whether a file that a connection is expected to bring is overdue, and the first of its
// times that passed without one. A file counts for the time that follows it. false, too, for
// connections from which nothing is expected.
func Late(c *storage.Connection, now time.Time) (missed time.Time, late bool) {
	if c.ExpectedBy == "" {
		return time.Time{}, false
	}
	spec, err := ParseSpec(c.ExpectedBy, c.ExpectedZone)
	if err != nil {
		return time.Time{}, false // check refuses it
	}
	if c.LastFileAt == nil {
		missed = spec.Next(c.CreatedAt)
	} else {
		missed = spec.Next(spec.Next(*c.LastFileAt))
	}
	return missed, !missed.IsZero() && !missed.After(now)
}
