package walktest

import (
	"strings"
	"testing"

	"github.com/ediport/ediport/storage"
)

// kindAfter is the kind of id that stands in a path after this segment, in pages and in the API.
var kindAfter = map[string]string{
	"remittances": storage.PublicPayment, "claims": storage.PublicClaim, "eligibility": storage.PublicEligibility,
	"claim-status": storage.PublicStatus, "claim-statuses": storage.PublicStatus, "authorizations": storage.PublicAuthorization,
	"files": storage.PublicFile, "outbound": storage.PublicFile, "sets": storage.PublicSet, "units": storage.PublicUnit, "unrouted": storage.PublicUnit,
	"schedules": storage.PublicSchedule, "calendars": storage.PublicCalendar, "runs": storage.PublicRun, "connections": storage.PublicConnection, "dropboxes": storage.PublicDropBox,
	"jobs": storage.PublicJob, "incidents": storage.PublicIncident, "acknowledgments": storage.PublicAcknowledgment, "partners": storage.PublicPartner,
	"accounts": storage.PublicAccount, "operators": storage.PublicOperator, "organizations": storage.PublicAccount, "people": storage.PublicUser,
	"sessions": storage.PublicSession, "tokens": storage.PublicToken, "audit": storage.PublicAudit,
	"factors": storage.PublicFactor, "devices": storage.PublicDevice, "roles": storage.PublicRole, "approvals": storage.PublicApproval, "break-glass": storage.PublicBreakGlass,
	"memberships": storage.PublicMembership, "policies": storage.PublicAccount, "emergency": storage.PublicBreakGlass, "mailbox": storage.PublicNotice,
	"identifiers": storage.PublicIdentifier, "practice": storage.PublicPractice, "seen": storage.PublicClaim,
}

// A Blank is a place of a path where an id stands.
type Blank struct {
	Name string // "{id}"
	Kind string
}

// Blanks returns where ids stand in a route's pattern. A place after a segment that isn't known fails the test: tell
// kindAfter what stands there, and samples where to find one.
func Blanks(t testing.TB, pattern string) (blanks []Blank) {
	t.Helper()
	segments := strings.Split(pattern, "/")
	for i, segment := range segments {
		if !strings.HasPrefix(segment, "{") || segment == "{$}" || segment == "{name}" {
			continue
		}
		kind, ok := kindAfter[segments[i-1]]
		if !ok {
			t.Errorf("route %q: which kind of id stands after %q? Say it in portal/walktest", pattern, segments[i-1])
			continue
		}
		blanks = append(blanks, Blank{segment, kind})
	}
	return blanks
}

// Fill puts ids into the blanks of a pattern, and returns method and path.
func Fill(pattern string, blanks []Blank, id func(kind string) string) (method, path string) {
	method, path, _ = strings.Cut(pattern, " ")
	for _, b := range blanks {
		path = strings.Replace(path, b.Name, id(b.Kind), 1)
	}
	return method, strings.NewReplacer("{$}", "", "{name}", "none.css").Replace(path)
}

// ByAccount are the kinds whose rows are an account's, so that the account next door must not see them.
var ByAccount = []string{
	storage.PublicPayment, storage.PublicClaim, storage.PublicEligibility, storage.PublicStatus, storage.PublicAuthorization,
	storage.PublicUnit, storage.PublicAccount, storage.PublicUser, storage.PublicSession, storage.PublicToken,
}

// Waits tells of routes that take their time with an own id, because they follow a run or ask a partner's server: a test
// of all routes asks them by an unknown id.
func Waits(pattern string) bool {
	return strings.HasSuffix(pattern, "/{id}/events") || strings.HasPrefix(pattern, "POST ") && strings.HasSuffix(pattern, "/connections/{id}/test")
}
