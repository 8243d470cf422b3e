package storage

import "time"

// The ids of rows that other packages hold on to. They are unique without the operator or account
// that leads their row's key, and 0 means none.
type (
	OperatorID   int64
	AccountID    int64
	UserID       int64
	PartnerID    int64
	PayerID      int64
	ConnectionID int64
	ScheduleID   int64
	CalendarID   int64
	RunID        int64
	FileID       int64
	JobID        int64
	IncidentID   int64
	DropBoxID    int64
)

// A Clock tells the time. Leases and due times compare with the database's now() instead.
type Clock interface {
	Now() time.Time
}

type systemClock struct{}

func (systemClock) Now() time.Time { return time.Now().UTC() }

// A NullInt is an integer that may be missing where 0 means something.
type NullInt struct {
	Int   int64
	Valid bool
}
