package jobs

// The kinds of work that lists can be narrowed to.
var (
	RunKinds = []string{KindPull, KindPush, KindPurge}             // of runs
	Kinds    = []string{KindPull, KindPush, KindIngest, KindPurge} // of the queue's jobs
)
