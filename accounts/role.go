package accounts

import (
	"slices"
	"strings"
)

// A Role is a named set of permissions. A user has roles for operators and for accounts. Custom roles
// are called "custom:" and the public id of their row.
type Role string

// Roles of an operator: the exchange plane and what is unrouted. None of them grants anything on the
// data of accounts.
const (
	RoleOwner         Role = "owner"         // everything, the policies too
	RoleAdministrator Role = "administrator" // everything but the policies
	RoleOperator      Role = "operator"      // files, runs and connections, no people
	RoleAuditor       Role = "auditor"       // sees everything but patients, changes nothing
)

// Roles of an account.
const (
	RoleAccountOwner             Role = "account_owner"             // everything
	RoleAccountAdministrator     Role = "account_administrator"     // people and practice, no data
	RoleBiller                   Role = "biller"                    // sees and works its data
	RoleFrontDesk                Role = "front_desk"                // eligibility, authorizations, claim status; no money
	RoleAuthorizationCoordinator Role = "authorization_coordinator" // authorizations and the coverage they rest on
	RoleViewer                   Role = "viewer"                    // sees its data
	RoleAccountAuditor           Role = "account_auditor"           // sees everything but patients, changes nothing
)

// A preset is a role that every installation has.
type preset struct {
	role     Role
	title    string
	operator bool
	grants   []Permission
}

// presets is the whole of what they grant: an unknown role grants nothing.
var presets = []preset{
	{RoleOwner, "Owner", true, PermissionsAt(true)},
	{RoleAdministrator, "Administrator", true, without(PermissionsAt(true), ManagePolicies)},
	{RoleOperator, "Operator", true, []Permission{
		ViewFiles, ManageFiles, RouteUnrouted, ViewSchedules, ManageSchedules, ViewConnections, ManageConnections, ViewPatients,
	}},
	{RoleAuditor, "Auditor", true, []Permission{
		ViewFiles, ViewSchedules, ViewConnections, ViewAccounts, ViewAudit, ExportAudit, ReviewBreakGlass,
	}},
	{RoleAccountOwner, "Account owner", false, PermissionsAt(false)},
	{RoleAccountAdministrator, "Account administrator", false, []Permission{
		ViewAccounts, ManagePeople, ManageRoles, EndSessions, ManagePractice, ViewAudit,
	}},
	{RoleBiller, "Biller", false, slices.Concat(viewPermissions, []Permission{
		ViewOriginals, SendRequests, WorkItems, ViewPatients, ExportData,
	})},
	{RoleFrontDesk, "Front desk", false, []Permission{
		ViewEligibility, ViewClaimStatus, ViewAuthorizations, SendRequests, WorkItems, ViewPatients,
	}},
	{RoleAuthorizationCoordinator, "Authorization coordinator", false, []Permission{
		ViewEligibility, ViewAuthorizations, SendRequests, WorkItems, ViewPatients,
	}},
	{RoleViewer, "Viewer", false, slices.Concat(viewPermissions, []Permission{ViewOriginals, ViewPatients})},
	{RoleAccountAuditor, "Account auditor", false, slices.Concat(viewPermissions, []Permission{
		ViewAccounts, ViewAudit, ExportAudit, ReviewBreakGlass,
	})},
}

func without(from []Permission, take ...Permission) []Permission {
	return slices.DeleteFunc(slices.Clone(from), func(p Permission) bool { return slices.Contains(take, p) })
}

func (r Role) preset() (preset, bool) {
	i := slices.IndexFunc(presets, func(p preset) bool { return p.role == r })
	if i < 0 {
		return preset{}, false
	}
	return presets[i], true
}

// Permissions returns what a preset role grants; any other grants nothing by its name alone, see [RoleDefinition].
func (r Role) Permissions() []Permission {
	p, _ := r.preset()
	return slices.Clone(p.grants)
}

// Known says whether there is such a preset role.
func (r Role) Known() bool { _, ok := r.preset(); return ok }

// Operator says whether the preset role is held for an operator, not for an account.
func (r Role) Operator() bool { p, _ := r.preset(); return p.operator }

// Title returns the preset role's name for people: "Front desk".
func (r Role) Title() string {
	if p, ok := r.preset(); ok {
		return p.title
	}
	return string(r)
}

// customPrefix begins the name of every role that an installation has made.
const customPrefix = "custom:"

// Custom says whether the role is one that an installation has made.
func (r Role) Custom() bool { return strings.HasPrefix(string(r), customPrefix) }

// Roles returns all preset roles, those of an operator first, those with most permissions first.
func Roles() []Role {
	roles := make([]Role, len(presets))
	for i, p := range presets {
		roles[i] = p.role
	}
	return roles
}

func roleNames() string {
	names := make([]string, len(presets))
	for i, p := range presets {
		names[i] = string(p.role)
	}
	return strings.Join(names, ", ")
}
