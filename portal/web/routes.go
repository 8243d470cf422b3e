package web

import "github.com/ediport/ediport/accounts"

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
	}
}

// menu is the navigation, in order. An entry shows to those who may use its route.
var menu = []menuGroup{
	{"", []menuEntry{{"Dashboard", "/dashboard", "dashboard", nil}}},
	{"Results", []menuEntry{
		{"Remittances", "/remittances", "remittance", []accounts.Permission{accounts.ViewRemittances}},
		{"Eligibility", "/eligibility", "eligibility", []accounts.Permission{accounts.ViewEligibility}},
		{"Claim status", "/claim-status", "status", []accounts.Permission{accounts.ViewClaimStatus}},
		{"Authorizations", "/authorizations", "authorization", []accounts.Permission{accounts.ViewAuthorizations}},
	}},
	{"Exchange", []menuEntry{
		{"Files", "/files", "file", []accounts.Permission{accounts.ViewFiles, accounts.ViewOriginals}},
		{"Unrouted", "/unrouted", "unrouted", []accounts.Permission{accounts.RouteUnrouted}},
		{"Schedules", "/schedules", "schedule", []accounts.Permission{accounts.ViewSchedules}},
		{"Connections", "/connections", "connection", []accounts.Permission{accounts.ViewConnections}},
	}},
	{"You", []menuEntry{{"My account", "/account", "person", nil}}},
}
