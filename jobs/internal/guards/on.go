//go:build !faultguards_off

package guards

// The guards.
const (
	FenceSelf         = true // a node that others gave up, or that hears nothing, stops its own work
	FenceEpoch        = true // what a run writes is refused when another node has the run
	SightingLock      = true // a remote file is taken once, whoever else downloaded it
	OneCommit         = true // a file's row and its job are there together, or not at all
	RemoteAfterCommit = true // a remote file is moved or deleted only when it is ours
	OneFiring         = true // a due time's run and the schedule's next due time are written together
	RecheckState      = true // a file that is loaded is not loaded again
	LookBeforeSending = true // a file that may be at the receiver is looked for before it is sent again
	SizeCheck         = true // what came is kept only if size and time at the server are still those that were listed
	CopyBeforeDelete  = true // what a copy replaces at the server is deleted only when the copy is whole and has its name
	UniqueDue         = true // a due time that comes twice has one run
)
