package problem

import (
	"errors"
	"net/http"

	"github.com/ediport/ediport/accounts"
)

var (
	exportNeedsApproval = Problem{
		Code: "export.needs_approval", Status: http.StatusConflict, Title: "A second person has to approve it",
		Sentence: "The audit is not taken out on one person’s word.",
		Next:     "Ask for it with a reason: on the page of the export, or by POST /api/v1/audit/exports.",
	}
	exportFree = Problem{
		Code: "export.free", Status: http.StatusConflict, Title: "Nobody has to approve it",
		Sentence: "One person’s word is enough for this export here.", Next: "Take it out: GET /api/v1/audit/export.",
	}
	exportWaits = Problem{
		Code: "export.waits", Status: http.StatusConflict, Title: "Not approved yet", Retry: true,
		Sentence: "Nobody has decided on this export yet.", Next: "Ask somebody who may approve to look at Approvals.",
	}
	exportOver = Problem{
		Code: "export.over", Status: http.StatusConflict, Title: "Not possible any more",
		Sentence: "The export was rejected or withdrawn, or it was approved longer than 24 hours ago.", Next: "Ask for it again.",
	}
	auditOlder = Problem{
		Code: "audit.older", Status: http.StatusConflict, Title: "A second person has to approve it",
		Sentence: "Where taking the audit out takes two people, programs read page by page only what happened in the last 24 hours.",
		Next:     "Ask for an export by POST /api/v1/audit/exports, or ask by correlation_id for what one request did.",
	}
)

// fromExports says why an export can't be had.
func fromExports(err error) (Problem, bool) {
	switch {
	case errors.Is(err, accounts.ErrExportNeedsApproval):
		return exportNeedsApproval, true
	case errors.Is(err, accounts.ErrAuditOlder):
		return auditOlder, true
	case errors.Is(err, accounts.ErrExportFree):
		return exportFree, true
	case errors.Is(err, accounts.ErrExportWaits):
		return exportWaits, true
	case errors.Is(err, accounts.ErrExportOver):
		return exportOver, true
	}
	return Problem{}, false
}
