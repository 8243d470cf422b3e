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
	ViewAccounts      Permission = "accounts.view"      // accounts, their identifiers and users
	ManageAccounts    Permission = "accounts.manage"    // add and change accounts, users and roles; unlock
	ViewAudit         Permission = "audit.view"         // who did and saw what
)

// Permissions of the business plane: held for single accounts.
const (
	ViewRemittances    Permission = "remittances.view"
	ViewEligibility    Permission = "eligibility.view"
	ViewClaimStatus    Permission = "claim_status.view"
	ViewAuthorizations Permission = "authorizations.view"
	ViewOriginals      Permission = "originals.view"  // the account's routing units as they stand in the file
	ExportData         Permission = "exports.create"  // take data of more than one page out
	SendRequests       Permission = "requests.create" // hand in rosters and batches
	WorkItems          Permission = "work.manage"     // notes, assignments, decisions on duplicates
)

// exchangePermissions are those held for an operator; all others are held for accounts.
var exchangePermissions = []Permission{
	ViewFiles, ManageFiles, RouteUnrouted, ViewSchedules, ManageSchedules,
	ViewConnections, ManageConnections, ViewAccounts, ManageAccounts, ViewAudit,
}

var viewPermissions = []Permission{ViewRemittances, ViewEligibility, ViewClaimStatus, ViewAuthorizations, ViewOriginals}

// permissionTitles say each permission in the words of the page that refuses for lack of it.
var permissionTitles = map[Permission]string{
	ViewFiles: "see all files of the exchange", ManageFiles: "decide what happens to files",
	RouteUnrouted: "route what belongs to no account", ViewSchedules: "see schedules and runs",
	ManageSchedules: "change and run schedules", ViewConnections: "see partners and connections",
	ManageConnections: "change partners and connections", ViewAccounts: "see accounts and users",
	ManageAccounts: "manage accounts and users", ViewAudit: "read the audit",
	ViewRemittances: "see remittances", ViewEligibility: "see eligibility answers",
	ViewClaimStatus: "see claim statuses", ViewAuthorizations: "see authorizations",
	ViewOriginals: "see original X12", ExportData: "export data",
	SendRequests: "send requests", WorkItems: "work on items",
}

// Title returns what the permission allows, to be read after "may": "see remittances".
func (p Permission) Title() string { return permissionTitles[p] }

// Exchange says whether the permission is held for an operator rather than for accounts.
func (p Permission) Exchange() bool { return slices.Contains(exchangePermissions, p) }

// Permissions returns all permissions there are, in a fixed order.
func Permissions() []Permission {
	return slices.Concat(exchangePermissions, viewPermissions, []Permission{ExportData, SendRequests, WorkItems})
}

// A Role is a named set of permissions. A user has roles for an operator or for accounts.
type Role string

// The roles there are.
const (
	RoleAdministrator Role = "administrator" // of an operator: the exchange plane and what is unrouted
	RoleBiller        Role = "biller"        // of an account: sees and works its data
	RoleViewer        Role = "viewer"        // of an account: sees its data
)

// rolePermissions is the whole of what roles grant: an unknown role grants nothing. An administrator
// holds no permission for the accounts' data, except for what is not routed yet.
var rolePermissions = map[Role][]Permission{
	RoleAdministrator: exchangePermissions,
	RoleBiller:        slices.Concat(viewPermissions, []Permission{ExportData, SendRequests, WorkItems}),
	RoleViewer:        viewPermissions,
}

// Permissions returns what the role grants; an unknown role grants nothing.
func (r Role) Permissions() []Permission { return rolePermissions[r] }

// Known says whether there is such a role.
func (r Role) Known() bool { _, ok := rolePermissions[r]; return ok }

// Operator says whether the role is held for an operator, not for an account.
func (r Role) Operator() bool { return r == RoleAdministrator }

// Roles returns all roles, those with most permissions first.
func Roles() []Role { return []Role{RoleAdministrator, RoleBiller, RoleViewer} }
