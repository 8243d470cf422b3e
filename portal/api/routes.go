package api

import (
	"net/http"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/storage"
)

// routes is every URL of the API with what it needs. A route without access is a fault that stops
// the start. What speaks of patients is searched by POST: URLs are kept in logs and histories.
func (a *API) routes() []route {
	db := a.DB
	exchange := need(accounts.ViewFiles, accounts.ViewOriginals)
	originals := need(accounts.ViewOriginals, accounts.ViewFiles)
	remittances, eligibility := need(accounts.ViewRemittances), need(accounts.ViewEligibility)
	statuses, authorizations := need(accounts.ViewClaimStatus), need(accounts.ViewAuthorizations)
	connections, connect := need(accounts.ViewConnections), need(accounts.ManageConnections)
	routes := []route{
		{"GET /api/v1/me", anyToken(), a.me},

		// The exchange
		{"GET /api/v1/files", exchange, a.pages(a.listFiles)},
		{"POST /api/v1/files", need(accounts.ManageFiles).upTo(maxHandIn), a.acting(created, a.takeIn, viewOf(db.FileDetail))},
		{"GET /api/v1/files/{id}", exchange, one(a, storage.PublicFile, db.FileDetail)},
		{"GET /api/v1/files/{id}/sets", exchange, a.pages(a.listSets)},
		{"GET /api/v1/files/{id}/findings", exchange, a.pages(a.listFindings)},
		{"GET /api/v1/files/{id}/raw", originals, a.raw(storage.PublicFile, func(id int64) storage.OriginalTarget { return storage.OriginalTarget{File: storage.FileID(id)} })},
		{"GET /api/v1/sets/{id}", exchange, one(a, storage.PublicSet, db.SetDetail)},
		{"GET /api/v1/sets/{id}/raw", originals, a.raw(storage.PublicSet, func(id int64) storage.OriginalTarget { return storage.OriginalTarget{Set: id} })},
		{"GET /api/v1/held-sets", need(accounts.ViewFiles), a.pages(a.listHeldSets)},
		{"GET /api/v1/acknowledgments", need(accounts.ViewFiles), a.pages(a.listAcknowledgments)},
		{"GET /api/v1/acknowledgments/{id}", need(accounts.ViewFiles), one(a, storage.PublicAcknowledgment, db.AcknowledgmentDetail)},
		{"GET /api/v1/unrouted", need(accounts.RouteUnrouted), a.pages(a.listUnrouted)},
		{"GET /api/v1/unrouted/{id}", need(accounts.RouteUnrouted), one(a, storage.PublicUnit, db.Unit)},
		{"POST /api/v1/unrouted/{id}/route", need(accounts.RouteUnrouted), a.acting(done, a.routeUnit, viewOf(db.Unit))},

		// Results
		{"GET /api/v1/remittances", remittances, a.pages(a.listRemittances)},
		{"GET /api/v1/remittances/{id}", remittances, one(a, storage.PublicPayment, db.RemittanceDetail)},
		{"GET /api/v1/remittances/{id}/claims", remittances, a.pages(a.listRemittanceClaims)},
		{"GET /api/v1/remittances/{id}/raw", originals, a.raw(storage.PublicPayment, func(id int64) storage.OriginalTarget { return storage.OriginalTarget{Payment: id} })},
		{"GET /api/v1/claims", remittances, a.pages(a.listClaims)},
		{"POST /api/v1/claims/search", remittances, a.pages(a.listClaims)},
		{"GET /api/v1/claims/{id}", remittances, one(a, storage.PublicClaim, db.ClaimDetail)},
		{"GET /api/v1/claims/{id}/raw", originals, a.raw(storage.PublicClaim, func(id int64) storage.OriginalTarget { return storage.OriginalTarget{Claim: id} })},
		{"GET /api/v1/eligibility", eligibility, a.pages(a.listEligibility)},
		{"POST /api/v1/eligibility/search", eligibility, a.pages(a.listEligibility)},
		{"GET /api/v1/eligibility/{id}", eligibility, one(a, storage.PublicEligibility, db.EligibilityDetail)},
		{"GET /api/v1/eligibility/{id}/raw", originals, a.raw(storage.PublicEligibility, func(id int64) storage.OriginalTarget { return storage.OriginalTarget{Eligibility: id} })},
		{"GET /api/v1/claim-statuses", statuses, a.pages(a.listClaimStatuses)},
		{"POST /api/v1/claim-statuses/search", statuses, a.pages(a.listClaimStatuses)},
		{"GET /api/v1/claim-statuses/{id}", statuses, one(a, storage.PublicStatus, db.ClaimStatusDetail)},
		{"GET /api/v1/claim-statuses/{id}/raw", originals, a.raw(storage.PublicStatus, func(id int64) storage.OriginalTarget { return storage.OriginalTarget{Status: id} })},
		{"GET /api/v1/authorizations", authorizations, a.pages(a.listAuthorizations)},
		{"POST /api/v1/authorizations/search", authorizations, a.pages(a.listAuthorizations)},
		{"GET /api/v1/authorizations/{id}", authorizations, one(a, storage.PublicAuthorization, db.AuthorizationDetail)},
		{"GET /api/v1/authorizations/{id}/raw", originals, a.raw(storage.PublicAuthorization, func(id int64) storage.OriginalTarget { return storage.OriginalTarget{Authorization: id} })},

		// The installation
		{"GET /api/v1/accounts", need(accounts.Permissions()...), a.pages(a.listAccounts)},
		{"GET /api/v1/accounts/{id}", need(accounts.Permissions()...), one(a, storage.PublicAccount, db.Account)},
		{"GET /api/v1/people", need(accounts.ViewAccounts), a.pages(a.listPeople)},
		{"GET /api/v1/people/{id}", need(accounts.ViewAccounts), one(a, storage.PublicUser, a.person)},
		{"POST /api/v1/people/{id}/unlock", need(accounts.ManagePeople), a.acting(done, a.unlockPerson, viewOf(a.person))},
		{"GET /api/v1/roles", need(accounts.ViewAccounts), a.pages(a.listRoles)},
		{"POST /api/v1/purges", need(accounts.PurgeData), a.purge},
		{"GET /api/v1/partners", connections, a.pages(a.listPartners)},
		{"GET /api/v1/partners/{id}", connections, one(a, storage.PublicPartner, a.partner)},
		{"POST /api/v1/partners", connect, a.acting(created, a.addPartner, viewOf(a.partner))},
		{"PATCH /api/v1/partners/{id}", connect, a.acting(done, a.changePartner, viewOf(a.partner))},
	}
	routes = append(routes, a.connectionRoutes()...)
	routes = append(routes, a.dropBoxRoutes(connections, connect)...)
	routes = append(routes, a.scheduleRoutes()...)
	routes = append(routes, a.auditRoutes()...)
	routes = append(routes, a.approvalRoutes()...)
	routes = append(routes, a.policyRoutes()...)
	routes = append(routes, a.organizationRoutes()...)
	return append(routes, a.workRoutes()...)
}

// The answers of acts.
const (
	done    = http.StatusOK
	created = http.StatusCreated
	gone    = http.StatusNoContent
)

// connectionRoutes are those of connections and of what goes out over them.
func (a *API) connectionRoutes() []route {
	view, change := need(accounts.ViewConnections), need(accounts.ManageConnections)
	files, send := need(accounts.ViewFiles), need(accounts.ManageFiles)
	shown := viewOf(a.connection)
	const con = storage.PublicConnection
	return []route{
		{"GET /api/v1/connections", view, a.pages(a.listConnections)},
		{"GET /api/v1/connections/{id}", view, one(a, con, a.connection)},
		{"POST /api/v1/connections", change, a.acting(created, a.addConnection, shown)},
		{"PATCH /api/v1/connections/{id}", change, a.acting(done, a.changeConnection, shown)},
		{"DELETE /api/v1/connections/{id}", change, a.acting(gone, simple(a, con, a.Desk.DeleteConnection), nil)},
		{"POST /api/v1/connections/{id}/test", change, a.testConnection},
		{"POST /api/v1/connections/{id}/pause", change, a.acting(done, withReason(a, con, a.Desk.PauseConnection), shown)},
		{"POST /api/v1/connections/{id}/resume", change, a.acting(done, simple(a, con, a.Desk.ResumeConnection), shown)},
		{"POST /api/v1/connections/{id}/approve-host-key", change, a.acting(done, a.approveHostKey, shown)},
		{"POST /api/v1/connections/{id}/host-keys", change, a.acting(done, a.changeHostKeys, shown)},
		{"GET /api/v1/connections/{id}/public-keys", change, one(a, con, a.publicKeys)},
		{"POST /api/v1/connections/{id}/generate-key", change, a.acting(done, a.generateKey, viewOf(a.publicKeys))},
		{"POST /api/v1/connections/{id}/next-credential", change, a.acting(done, a.setNextCredential, shown)},
		{"POST /api/v1/connections/{id}/next-credential/promote", change, a.acting(done, a.ofVersion(a.Desk.PromoteNextCredential), shown)},
		{"POST /api/v1/connections/{id}/next-credential/remove", change, a.acting(done, a.ofVersion(a.Desk.RemoveNextCredential), shown)},
		{"POST /api/v1/connections/{id}/pull", need(accounts.ManageSchedules), asking(a, con, a.Desk.RunNow)},
		{"POST /api/v1/connections/{id}/push", need(accounts.ManageSchedules), asking(a, con, a.Desk.PushNow)},
		{"POST /api/v1/connections/{id}/files", send.upTo(maxHandIn), a.acting(created, a.handIn, viewOf(a.outbound))},

		{"GET /api/v1/outbound", files, a.pages(a.listOutbound)},
		{"GET /api/v1/outbound/{id}", files, one(a, storage.PublicFile, a.outbound)},
		{"GET /api/v1/outbound/{id}/sets", files, a.pages(a.listOutboundSets)},
		{"POST /api/v1/outbound/{id}/send-again", send, a.acting(done, simple(a, storage.PublicFile, a.Desk.SendAgain), viewOf(a.outbound))},
		{"POST /api/v1/outbound/{id}/confirm-sent", send, a.acting(done, simple(a, storage.PublicFile, a.Desk.ConfirmSent), viewOf(a.outbound))},
		{"POST /api/v1/outbound/{id}/void", send, a.acting(done, withReason(a, storage.PublicFile, a.Desk.VoidOutbound), viewOf(a.outbound))},
		{"GET /api/v1/files/{id}/answers", files, a.pages(a.listAnswers)},
	}
}

// scheduleRoutes are those of schedules and calendars.
func (a *API) scheduleRoutes() []route {
	view, change := need(accounts.ViewSchedules), need(accounts.ManageSchedules)
	shown := viewOf(a.schedule)
	return []route{
		{"GET /api/v1/schedules", view, a.pages(a.listSchedules)},
		{"GET /api/v1/schedules/{id}", view, one(a, storage.PublicSchedule, a.schedule)},
		{"POST /api/v1/schedules", change, a.acting(created, a.addSchedule, shown)},
		{"PATCH /api/v1/schedules/{id}", change, a.acting(done, a.changeSchedule, shown)},
		{"DELETE /api/v1/schedules/{id}", change, a.acting(gone, simple(a, storage.PublicSchedule, a.Desk.DeleteSchedule), nil)},
		{"POST /api/v1/schedules/{id}/pause", change, a.acting(done, a.pauseSchedule(true), shown)},
		{"POST /api/v1/schedules/{id}/resume", change, a.acting(done, a.pauseSchedule(false), shown)},
		{"POST /api/v1/schedules/{id}/run", change, asking(a, storage.PublicSchedule, a.Desk.RunScheduleNow)},
		{"POST /api/v1/schedules/preview", view, a.previewSchedule},
		{"GET /api/v1/schedules/pause", view, a.showSchedulePause},
		{"POST /api/v1/schedules/pause", change, a.acting(done, a.pauseAll, a.schedulePause)},
		{"POST /api/v1/schedules/resume", change, a.acting(done, a.resumeAll, a.schedulePause)},
		{"GET /api/v1/calendars", view, a.pages(a.listCalendars)},
		{"GET /api/v1/calendars/{id}", view, one(a, storage.PublicCalendar, a.calendar)},
		{"POST /api/v1/calendars", change, a.acting(created, a.addCalendar, viewOf(a.calendar))},
		{"PATCH /api/v1/calendars/{id}", change, a.acting(done, a.changeCalendar, viewOf(a.calendar))},
		{"DELETE /api/v1/calendars/{id}", change, a.acting(gone, simple(a, storage.PublicCalendar, a.Desk.DeleteCalendar), nil)},
	}
}

// workRoutes are those of runs, jobs, nodes and incidents.
func (a *API) workRoutes() []route {
	view, change := need(accounts.ViewSchedules), need(accounts.ManageSchedules)
	const job, incident = storage.PublicJob, storage.PublicIncident
	return []route{
		{"GET /api/v1/runs", view, a.pages(a.listRuns)},
		{"GET /api/v1/runs/{id}", view, one(a, storage.PublicRun, a.run)},
		{"GET /api/v1/runs/{id}/log", view, a.pages(a.listRunLog)},
		{"POST /api/v1/runs/{id}/cancel", change, a.acting(done, simple(a, storage.PublicRun, a.Desk.Cancel), viewOf(a.run))},
		{"GET /api/v1/jobs", view, a.pages(a.listJobs)},
		{"GET /api/v1/jobs/{id}", view, one(a, job, a.job)},
		{"POST /api/v1/jobs/{id}/retry", change, a.acting(done, simple(a, job, a.Desk.RetryJob), viewOf(a.job))},
		{"POST /api/v1/jobs/{id}/cancel", change, a.acting(done, simple(a, job, a.Desk.CancelJob), viewOf(a.job))},
		{"POST /api/v1/jobs/{id}/discard", change, a.acting(gone, simple(a, job, a.Desk.DiscardJob), nil)},
		{"GET /api/v1/nodes", view, a.pages(a.listNodes)},
		{"GET /api/v1/incidents", need(accounts.ViewConnections), a.pages(a.listIncidents)},
		{"GET /api/v1/incidents/{id}", need(accounts.ViewConnections), one(a, incident, a.incident)},
		{"POST /api/v1/incidents/{id}/acknowledge", need(accounts.ManageConnections), a.acting(done, simple(a, incident, a.Desk.AcknowledgeIncident), viewOf(a.incident))},
		{"POST /api/v1/incidents/{id}/close", need(accounts.ManageConnections), a.acting(done, simple(a, incident, a.Desk.CloseIncident), viewOf(a.incident))},
	}
}
