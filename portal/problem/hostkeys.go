package problem

import (
	"errors"
	"net/http"

	"github.com/ediport/ediport/jobs"
)

// ApprovalWaits says that something about the same object waits for a second person already.
var ApprovalWaits = Problem{
	Code: "approval.waiting", Status: http.StatusConflict, Title: "A request about this waits already",
	Sentence: "Only one request about the same thing waits at a time, and nothing was added to it.",
	Next:     "Look at Approvals: have it decided, or withdraw it, then ask again.",
}

var approvalDecided = Problem{
	Code: "approval.decided", Status: http.StatusConflict, Title: "It is decided already",
	Sentence: "Somebody else has decided on this request, it was withdrawn, or its seven days are over.",
	Next:     "Look at Approvals to see how it ended. If it is still needed, ask again.",
}

// guardedFields says at which fields a change of host keys stands that takes a second person; nil for other errors.
func guardedFields(err error) map[string]string {
	guarded, ok := errors.AsType[*jobs.SecondPersonError](err)
	if !ok {
		return nil
	}
	const asks = "another key, or none, takes a second person: ask for it at POST /api/v1/connections/{id}/host-keys"
	fields := map[string]string{}
	if guarded.Change.Server() {
		fields["host_keys"] = asks
	}
	if guarded.Change.Jump() {
		fields["network.jump.host_keys"] = asks
	}
	return fields
}
