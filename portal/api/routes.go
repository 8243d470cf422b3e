package api

import (
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
	return []route{
		{"GET /api/v1/me", anyToken(), a.me},

		// The exchange
		{"GET /api/v1/files", exchange, a.pages(a.listFiles)},
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
		{"POST /api/v1/unrouted/{id}/route", need(accounts.RouteUnrouted), a.routeUnit},

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
		{"GET /api/v1/connections", need(accounts.ViewConnections), a.pages(a.listConnections)},
		{"GET /api/v1/connections/{id}", need(accounts.ViewConnections), one(a, storage.PublicConnection, a.connection)},
		{"GET /api/v1/schedules", need(accounts.ViewSchedules), a.pages(a.listSchedules)},
		{"GET /api/v1/schedules/{id}", need(accounts.ViewSchedules), one(a, storage.PublicSchedule, a.schedule)},
		{"POST /api/v1/schedules/{id}/run", need(accounts.ManageSchedules), a.runSchedule},
		{"GET /api/v1/runs", need(accounts.ViewSchedules), a.pages(a.listRuns)},
		{"GET /api/v1/runs/{id}", need(accounts.ViewSchedules), one(a, storage.PublicRun, a.run)},
	}
}
