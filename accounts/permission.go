package accounts

import "slices"

// A Permission is the right to do one kind of thing. Routes name the one they need; nobody has a
// permission that no role of his grants.
type Permission string

// Permissions of the exchange plane: held for an operator.
const (
	ViewFiles         Permission = "files.view"         // every file, its envelopes, verdicts and findings
	ManageFiles       Permission = "files.manage"       // load what is held, discard, ingest again
	RouteUnrouted     Permission = "unrouted.route"     // see what belongs to no account yet, and give it to one
	ViewSchedules     Permission = "schedules.view"     // schedules and runs
	ManageSchedules   Permission = "schedules.manage"   // change, pause, run now
	ViewConnections   Permission = "connections.view"   // partners and connections, without their secrets
	ManageConnections Permission = "connections.manage" // change, test, accept host keys
	ManageAccounts    Permission = "accounts.manage"    // add and change accounts, and appoint their people
	BreakGlass        Permission = "break_glass.use"    // take a role at an account in an emergency
	PurgeData         Permission = "data.purge"         // take data out for good, with a second person
)

// Permissions of the business plane: held for single accounts.
const (
	ViewRemittances    Permission = "remittances.view"
	ViewEligibility    Permission = "eligibility.view"
	ViewClaimStatus    Permission = "claim_status.view"
	ViewAuthorizations Permission = "authorizations.view"
	ViewOriginals      Permission = "originals.view"  // the account's routing units as they stand in the file
	SendRequests       Permission = "requests.create" // hand in rosters and batches
	WorkItems          Permission = "work.manage"     // notes, assignments, decisions on duplicates
)

// Permissions that are held for an operator or for single accounts: they reach as far as the place at
// which they are held.
const (
	ViewPatients     Permission = "patients.view"    // names, birth dates and numbers of patients, masked without it
	ExportData       Permission = "exports.create"   // take data of more than one page out
	ViewAccounts     Permission = "accounts.view"    // accounts, their identifiers and people
	ManagePeople     Permission = "people.manage"    // invite, disable, unlock, start a reset
	ManageRoles      Permission = "roles.manage"     // give and take roles, make custom ones
	EndSessions      Permission = "sessions.end"     // end the sessions of others
	ManagePractice   Permission = "practice.manage"  // names, addresses, identifiers, contacts
	ManagePolicies   Permission = "policies.manage"  // security policy
	DecideApprovals  Permission = "approvals.decide" // second person of what needs two
	ViewAudit        Permission = "audit.view"       // who did and saw what
	ExportAudit      Permission = "audit.export"     // take the audit out
	ReviewBreakGlass Permission = "break_glass.review"
)

var operatorOnly = []Permission{
	ViewFiles, ManageFiles, RouteUnrouted, ViewSchedules, ManageSchedules,
	ViewConnections, ManageConnections, ManageAccounts, BreakGlass, PurgeData,
}

var accountOnly = []Permission{
	ViewRemittances, ViewEligibility, ViewClaimStatus, ViewAuthorizations, ViewOriginals, SendRequests, WorkItems,
}

var eitherPlane = []Permission{
	ViewPatients, ExportData, ViewAccounts, ManagePeople, ManageRoles, EndSessions, ManagePractice,
	ManagePolicies, DecideApprovals, ViewAudit, ExportAudit, ReviewBreakGlass,
}

var viewPermissions = []Permission{ViewRemittances, ViewEligibility, ViewClaimStatus, ViewAuthorizations}

// permissionTitles say each permission in the words of the page that refuses for lack of it.
var permissionTitles = map[Permission]string{
	ViewFiles: "see all files of the exchange", ManageFiles: "decide what happens to files",
	RouteUnrouted: "route what belongs to no account", ViewSchedules: "see schedules and runs",
	ManageSchedules: "change and run schedules", ViewConnections: "see partners and connections",
	ManageConnections: "change partners and connections", ViewAccounts: "see accounts and their people",
	ManageAccounts: "manage accounts", BreakGlass: "use emergency access", PurgeData: "purge data",
	ViewRemittances: "see remittances", ViewEligibility: "see eligibility answers",
	ViewClaimStatus: "see claim statuses", ViewAuthorizations: "see authorizations",
	ViewOriginals: "see original X12", ViewPatients: "see names, birth dates and numbers of patients",
	ExportData: "export data", SendRequests: "send requests", WorkItems: "work on items",
	ManagePeople: "manage people", ManageRoles: "give and take roles", EndSessions: "end sessions of others",
	ManagePractice: "change the organization's details", ManagePolicies: "change the security policy",
	DecideApprovals: "approve what needs two people", ViewAudit: "read the audit", ExportAudit: "export the audit",
	ReviewBreakGlass: "review emergency access",
}

// Title returns what the permission allows, to be read after "may": "see remittances".
func (p Permission) Title() string { return permissionTitles[p] }

// Known says whether there is such a permission.
func (p Permission) Known() bool { return permissionTitles[p] != "" }

// Exchange says whether the permission is held for an operator only, never for accounts.
func (p Permission) Exchange() bool { return slices.Contains(operatorOnly, p) }

// HeldAt says whether the permission can be held at a place: an operator, or else an account.
func (p Permission) HeldAt(operator bool) bool {
	return slices.Contains(eitherPlane, p) || p.Exchange() == operator && p.Known()
}

// Permissions returns all permissions there are, in a fixed order.
func Permissions() []Permission { return slices.Concat(operatorOnly, accountOnly, eitherPlane) }

// PermissionsAt returns the permissions that can be held at an operator, or else at an account.
func PermissionsAt(operator bool) []Permission {
	if operator {
		return slices.Concat(operatorOnly, eitherPlane)
	}
	return slices.Concat(accountOnly, eitherPlane)
}

// Needs returns the permissions without which this one can't be held: to see an original is to see
// all that stands in it, whatever the transaction.
func (p Permission) Needs() []Permission {
	switch p {
	case ViewOriginals:
		return append(slices.Clone(viewPermissions), ViewPatients)
	case ManageFiles, PurgeData:
		return []Permission{ViewFiles}
	case ManageSchedules:
		return []Permission{ViewSchedules}
	case ManageConnections:
		return []Permission{ViewConnections}
	case ManagePeople, ManageRoles, ManageAccounts, EndSessions, ManagePractice:
		return []Permission{ViewAccounts}
	case ExportAudit:
		return []Permission{ViewAudit}
	default:
		return nil
	}
}
