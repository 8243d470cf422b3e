package storage

import (
	"slices"
	"time"
)

// The kinds of data that a purge tells apart. A file's kinds are those of the sets in it; what holds other files has theirs.
const (
	PurgeRemittances     = "835"
	PurgeAcknowledgments = "acknowledgment" // TA1, 999, 997
	PurgeOther           = "other"          // no X12, or sets without a guide: nobody knows what is in it
)

// PurgeKinds returns the kinds in the order in which they are shown.
func PurgeKinds() []string {
	return []string{PurgeRemittances, "270", "271", "276", "277", "278", PurgeAcknowledgments, PurgeOther}
}

// The least ages at which data may be purged. What nobody could read may be a remittance.
const (
	purgeYears = 6
	purgeDays  = 90
)

// PurgeFloor returns the instant before which data of a kind must have come to be purged at all.
func PurgeFloor(kind string, now time.Time) time.Time {
	if kind == PurgeRemittances || kind == PurgeOther {
		return now.AddDate(-purgeYears, 0, 0)
	}
	return now.AddDate(0, 0, -purgeDays)
}

// A PurgeFilter says what is to be purged: whole files of the operator, with all that they hold.
type PurgeFilter struct {
	Operator OperatorID
	Account  AccountID // 0: of any account
	Kinds    []string  // of [PurgeKinds]
	Before   time.Time // received earlier
}

// A PurgeVerdict says what a purge does with a file.
type PurgeVerdict string

// The verdicts.
const (
	PurgeTake   PurgeVerdict = "purge"
	PurgeSkip   PurgeVerdict = "skip"   // not meant
	PurgeMoving PurgeVerdict = "moving" // under way: to be loaded, or to be sent
	PurgeMixed  PurgeVerdict = "mixed"  // holds kinds that are to stay, too
	PurgeShared PurgeVerdict = "shared" // holds data of other accounts, too
	PurgeYoung  PurgeVerdict = "young"  // something in it came later
)

// verdict decides on a file. In doubt it stays.
func (f *PurgeFilter) verdict(c *PurgeCandidate) PurgeVerdict {
	wanted := func(kind string) bool { return slices.Contains(f.Kinds, kind) }
	switch {
	case !slices.ContainsFunc(c.Kinds, wanted):
		return PurgeSkip
	case f.Account != 0 && !slices.Contains(c.Accounts, int64(f.Account)):
		return PurgeSkip
	case !c.Newest.Before(f.Before):
		return PurgeYoung
	case slices.ContainsFunc(c.Kinds, func(kind string) bool { return !wanted(kind) }):
		return PurgeMixed
	case f.Account != 0 && len(c.Accounts) > 1:
		return PurgeShared
	case c.Moving:
		return PurgeMoving
	}
	return PurgeTake
}
