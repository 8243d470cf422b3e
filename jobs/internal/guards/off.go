//go:build faultguards_off

package guards

import (
	"os"
	"slices"
	"strings"
)

var off = strings.Split(os.Getenv(Variable), ",")

func on(name string) bool { return !slices.Contains(off, name) }

// The guards.
var (
	FenceSelf         = on("FenceSelf")
	FenceEpoch        = on("FenceEpoch")
	SightingLock      = on("SightingLock")
	OneCommit         = on("OneCommit")
	RemoteAfterCommit = on("RemoteAfterCommit")
	OneFiring         = on("OneFiring")
	RecheckState      = on("RecheckState")
	LookBeforeSending = on("LookBeforeSending")
	SizeCheck         = on("SizeCheck")
	CopyBeforeDelete  = on("CopyBeforeDelete")
	UniqueDue         = on("UniqueDue")
)
