package storage

// What the columns of states take, for filters that refuse what can't be.
var (
	// RunStates are the states of runs.
	RunStates = []string{RunQueued, RunRunning, RunSucceeded, RunFailed, RunCancelled, RunSkipped}

	// JobStates are the states of the queue's jobs.
	JobStates = []string{JobAvailable, JobScheduled, JobRetryable, JobRunning, JobCompleted, JobCancelled, JobDiscarded}

	// FileStates are the states of files, those that come in and those that go out.
	FileStates = []string{
		string(FileDownloaded), string(FileValidated), string(FileLoaded), string(FilePartlyLoaded), string(FileHeld), string(FileDuplicate),
		string(FileStored), string(FileFailed), string(FileGenerated), string(FileSending), string(FileSent), string(FileUncertain),
		string(FileVoid), string(FilePurged),
	}

	// OutboundStates are those of files that go out.
	OutboundStates = []string{
		string(FileGenerated), string(FileSending), string(FileSent), string(FileUncertain), string(FileFailed), string(FileVoid),
		string(FileStored), string(FilePurged),
	}

	// Dispositions say what became of a transaction set.
	Dispositions = []string{"loaded", "loaded_with_findings", "held", "duplicate", "unsupported", "discarded"}

	// Verdicts say what its guide thinks of it.
	Verdicts = []string{"accepted", "accepted_with_errors", "rejected", "unchecked"}

	// EligibilityStatuses are the coverage that an answer states.
	EligibilityStatuses = []string{"active", "inactive", "not_found", "refused", "partly_refused", "contradictory", "not_stated"}

	// AuthorizationOutcomes are what became of what was asked for.
	AuthorizationOutcomes = []string{
		"requested", "certified", "modified", "denied", "pended", "cancelled", "mixed", "contact_payer", "not_required", "refused", "not_stated",
	}
)
