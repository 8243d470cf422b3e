package web

import (
	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/storage"
)

// routes is every URL of the pages with what it needs. A route without access is a fault that stops
// the start; a path that isn't here is "not found", for signed-in people only.
func (p *Portal) routes() []route {
	return []route{
		// In and out
		{"GET /{$}", open(), p.start},
		{"GET /sign-in", open(), p.showSignIn},
		{"POST /sign-in", open(), p.signIn},
		{"GET /sign-in/help", open(), p.signInHelp},
		{"POST /sign-out", open(), p.signOut},
		{"GET /static/{name}", open(), p.asset},

		// One's own
		{"GET /dashboard", signedIn(), p.dashboard},
		{"POST /session/keep", signedIn(), p.keepSession},
		{"POST /session/account", signedIn(), p.switchAccount},
		{"GET /account", signedIn(), p.account},
		{"GET /account/password", signedIn(), p.passwordForm},
		{"POST /account/password", signedIn(), p.changePassword},
		{"POST /account/sessions/end-others", signedIn(), p.endOtherSessions},
		{"POST /account/sessions/{id}/end", signedIn(), p.endSession},
		{"GET /account/tokens/new", signedIn(), p.tokenForm},
		{"POST /account/tokens", signedIn(), p.createToken},
		{"POST /account/tokens/{id}/revoke", signedIn(), p.revokeToken},

		// Results
		{"GET /remittances", need(accounts.ViewRemittances), p.listRemittances},
		{"GET /remittances/{id}", need(accounts.ViewRemittances), p.showRemittance},
		{"GET /claims", need(accounts.ViewRemittances), p.listClaims},
		{"POST /claims", need(accounts.ViewRemittances), p.searchClaims},
		{"GET /claims/{id}", need(accounts.ViewRemittances), p.showClaim},
		{"GET /eligibility", need(accounts.ViewEligibility), p.listEligibility},
		{"POST /eligibility", need(accounts.ViewEligibility), p.searchEligibility},
		{"GET /eligibility/{id}", need(accounts.ViewEligibility), p.showEligibility},
		{"GET /claim-status", need(accounts.ViewClaimStatus), p.listStatuses},
		{"POST /claim-status", need(accounts.ViewClaimStatus), p.searchStatuses},
		{"GET /claim-status/{id}", need(accounts.ViewClaimStatus), p.showStatus},
		{"GET /authorizations", need(accounts.ViewAuthorizations), p.listAuthorizations},
		{"POST /authorizations", need(accounts.ViewAuthorizations), p.searchAuthorizations},
		{"GET /authorizations/{id}", need(accounts.ViewAuthorizations), p.showAuthorization},

		// Originals: what a row says, as it stands in the file
		{"GET /remittances/{id}/x12", need(originals...), p.originalOf(storage.PublicPayment)},
		{"GET /claims/{id}/x12", need(originals...), p.originalOf(storage.PublicClaim)},
		{"GET /eligibility/{id}/x12", need(originals...), p.originalOf(storage.PublicEligibility)},
		{"GET /claim-status/{id}/x12", need(originals...), p.originalOf(storage.PublicStatus)},
		{"GET /authorizations/{id}/x12", need(originals...), p.originalOf(storage.PublicAuthorization)},
		{"GET /files/{id}/x12", need(originals...), p.originalOf(storage.PublicFile)},
		{"GET /sets/{id}/x12", need(originals...), p.originalOf(storage.PublicSet)},
		{"GET /units/{id}/x12", need(originals...), p.originalOf(storage.PublicUnit)},

		// The exchange
		{"GET /files", need(accounts.ViewFiles, accounts.ViewOriginals), p.listFiles},
		{"GET /files/{id}", need(accounts.ViewFiles, accounts.ViewOriginals), p.showFile},
		{"POST /files/{id}/send-again", need(accounts.ManageFiles), p.fileAct("file-queued", p.sendAgain)},
		{"POST /files/{id}/confirm-sent", need(accounts.ManageFiles), p.fileAct("file-confirmed", p.confirmSent)},
		{"POST /files/{id}/void", need(accounts.ManageFiles), p.fileAct("file-void", p.voidFile)},
		{"GET /files/{id}/findings", need(accounts.ViewFiles, accounts.ViewOriginals), p.listFindings},
		{"GET /sets/{id}", need(accounts.ViewFiles, accounts.ViewOriginals), p.showSet},
		{"GET /unrouted", need(accounts.RouteUnrouted), p.listUnrouted},
		{"GET /unrouted/{id}", need(accounts.RouteUnrouted), p.showUnit},
		{"POST /unrouted/{id}/route", need(accounts.RouteUnrouted), p.routeUnit},
		{"GET /schedules", need(accounts.ViewSchedules), p.listSchedules},
		{"GET /schedules/new", need(accounts.ManageSchedules), p.newSchedule},
		{"POST /schedules", need(accounts.ManageSchedules), p.saveSchedule},
		{"POST /schedules/preview", need(accounts.ManageSchedules), p.previewSchedule},
		{"POST /schedules/pause-all", need(accounts.ManageSchedules), p.pauseAll},
		{"POST /schedules/resume-all", need(accounts.ManageSchedules), p.resumeAll},
		{"GET /schedules/{id}", need(accounts.ViewSchedules), p.showSchedule},
		{"GET /schedules/{id}/edit", need(accounts.ManageSchedules), p.editSchedule},
		{"POST /schedules/{id}", need(accounts.ManageSchedules), p.saveSchedule},
		{"POST /schedules/{id}/run", need(accounts.ManageSchedules), p.runSchedule},
		{"POST /schedules/{id}/pause", need(accounts.ManageSchedules), p.setSchedulePaused(true)},
		{"POST /schedules/{id}/resume", need(accounts.ManageSchedules), p.setSchedulePaused(false)},
		{"POST /schedules/{id}/delete", need(accounts.ManageSchedules), p.deleteSchedule},
		{"GET /calendars", need(accounts.ViewSchedules), p.listCalendars},
		{"GET /calendars/new", need(accounts.ManageSchedules), p.newCalendar},
		{"POST /calendars", need(accounts.ManageSchedules), p.saveCalendar},
		{"GET /calendars/{id}", need(accounts.ViewSchedules), p.showCalendar},
		{"POST /calendars/{id}", need(accounts.ManageSchedules), p.saveCalendar},
		{"POST /calendars/{id}/delete", need(accounts.ManageSchedules), p.deleteCalendar},
		{"GET /runs", need(accounts.ViewSchedules), p.listRuns},
		{"GET /runs/{id}", need(accounts.ViewSchedules), p.showRun},
		{"GET /runs/{id}/events", mayFollow, p.runEvents},
		{"POST /runs/{id}/cancel", need(accounts.ManageSchedules), p.cancelRun},
		{"GET /connections", need(accounts.ViewConnections), p.listConnections},
		{"GET /connections/new", need(accounts.ManageConnections), p.newConnection},
		{"POST /connections", need(accounts.ManageConnections).bodyUpTo(maxConnectionForm), p.saveConnection},
		{"GET /connections/{id}", need(accounts.ViewConnections), p.showConnection},
		{"GET /connections/{id}/edit", need(accounts.ManageConnections), p.editConnection},
		{"POST /connections/{id}", need(accounts.ManageConnections).bodyUpTo(maxConnectionForm), p.saveConnection},
		{"GET /connections/{id}/test", need(accounts.ViewConnections), p.untested},
		{"POST /connections/{id}/test", need(accounts.ManageConnections), p.testConnection},
		{"POST /connections/{id}/run", need(accounts.ManageSchedules), p.runConnection},
		{"POST /connections/{id}/push", need(accounts.ManageSchedules), p.pushConnection},
		{"POST /connections/{id}/key", need(accounts.ManageConnections), p.connectionAct("connection-key", p.makeKey)},
		{"POST /connections/{id}/pause", need(accounts.ManageConnections), p.connectionAct("connection-paused", p.pauseConnection)},
		{"POST /connections/{id}/resume", need(accounts.ManageConnections), p.connectionAct("connection-resumed", p.resumeConnection)},
		{"POST /connections/{id}/approve", need(accounts.ManageConnections), p.connectionAct("connection-approved", p.approveHostKey)},
		{"POST /connections/{id}/delete", need(accounts.ManageConnections), p.connectionAct("connection-deleted", p.deleteConnection)},

		{"GET /jobs", need(accounts.ViewSchedules), p.listJobs},
		{"POST /jobs/{id}/retry", need(accounts.ManageSchedules), p.jobAct("job-retried", p.retryJob)},
		{"POST /jobs/{id}/discard", need(accounts.ManageSchedules), p.jobAct("job-discarded", p.discardJob)},
		{"POST /jobs/{id}/cancel", need(accounts.ManageSchedules), p.jobAct("job-cancelled", p.cancelJob)},
		{"GET /nodes", need(accounts.ViewSchedules), p.listNodes},
		{"GET /incidents", need(accounts.ViewConnections), p.listIncidents},
		{"GET /incidents/{id}", need(accounts.ViewConnections), p.showIncident},
		{"POST /incidents/{id}/acknowledge", need(accounts.ManageConnections), p.incidentAct("incident-acknowledged", p.acknowledgeIncident)},
		{"POST /incidents/{id}/close", need(accounts.ManageConnections), p.incidentAct("incident-closed", p.closeIncident)},
		{"GET /acknowledgments", need(accounts.ViewFiles), p.listAcknowledgments},
		{"GET /acknowledgments/{id}", need(accounts.ViewFiles), p.showAcknowledgment},
		{"GET /upload", need(accounts.ManageFiles), p.uploadForm},
		{"POST /upload", need(accounts.ManageFiles).bodyUpTo(maxUpload), p.upload},

		// Administration
		{"GET /people", need(accounts.ViewAccounts), p.listPeople},
		{"POST /people/{id}/unlock", need(accounts.ManageAccounts), p.unlockPerson},
	}
}

// originals are the permissions one of which opens X12 as it stands in the file: the operator's over all
// files, or an account's over its own parts of them.
var originals = []accounts.Permission{accounts.ViewOriginals, accounts.ViewFiles}

// menu is the navigation, in order. An entry shows to those who may use its route.
var menu = []menuGroup{
	{"", []menuEntry{{"Dashboard", "/dashboard", "dashboard", nil}}},
	{"Results", []menuEntry{
		{"Remittances", "/remittances", "remittance", []accounts.Permission{accounts.ViewRemittances}},
		{"Claim payments", "/claims", "search", []accounts.Permission{accounts.ViewRemittances}},
		{"Eligibility", "/eligibility", "eligibility", []accounts.Permission{accounts.ViewEligibility}},
		{"Claim status", "/claim-status", "status", []accounts.Permission{accounts.ViewClaimStatus}},
		{"Authorizations", "/authorizations", "authorization", []accounts.Permission{accounts.ViewAuthorizations}},
	}},
	{"Exchange", []menuEntry{
		{"Incidents", "/incidents", "warning", []accounts.Permission{accounts.ViewConnections}},
		{"Files", "/files", "file", []accounts.Permission{accounts.ViewFiles, accounts.ViewOriginals}},
		{"Unrouted", "/unrouted", "unrouted", []accounts.Permission{accounts.RouteUnrouted}},
		{"Acknowledgments", "/acknowledgments", "ok", []accounts.Permission{accounts.ViewFiles}},
		{"Runs", "/runs", "play", []accounts.Permission{accounts.ViewSchedules}},
		{"Schedules", "/schedules", "schedule", []accounts.Permission{accounts.ViewSchedules}},
		{"Connections", "/connections", "connection", []accounts.Permission{accounts.ViewConnections}},
		{"Jobs", "/jobs", "jobs", []accounts.Permission{accounts.ViewSchedules}},
	}},
	{"Administration", []menuEntry{
		{"People", "/people", "people", []accounts.Permission{accounts.ViewAccounts}},
	}},
	{"You", []menuEntry{{"My account", "/account", "person", nil}}},
}
