package accounts

import (
	"encoding/json"
	"slices"

	"github.com/ediport/ediport/storage"
)

// looking are the permissions of the exchange that only let people look. Whoever holds another one there
// administers: what is new counts as administering until somebody puts it here.
var looking = []Permission{ViewFiles, ViewSchedules, ViewConnections, ViewPatients, ViewAccounts, ViewAudit}

// Administers says whether the permission, held for an operator, does more than let people look: whoever holds it
// there needs a second factor from the first day, whatever his role is called.
func (p Permission) Administers() bool { return p.HeldAt(true) && !slices.Contains(looking, p) }

// RequiresMFA says whether the policy of a place asks for a second factor from who holds the role there, which
// grants these permissions.
func (p SecurityPolicy) RequiresMFA(role Role, grants []Permission, atOperator bool) bool {
	if atOperator && slices.ContainsFunc(grants, Permission.Administers) {
		return true
	}
	return p.RequireMFA.All || slices.Contains(p.RequireMFA.Roles, role)
}

// requiresMFA says whether one of the roles that are held at the place needs a second factor. custom is what the
// roles grant that an operator made for itself; one that isn't among them is taken to administer.
func (s *Service) requiresMFA(p SecurityPolicy, memberships []storage.Membership, place storage.Membership, custom map[Role][]Permission) bool {
	now := s.now()
	return slices.ContainsFunc(memberships, func(m storage.Membership) bool {
		if m.AccountID != place.AccountID || m.OperatorID != place.OperatorID || !m.Holds(now) {
			return false
		}
		role := Role(m.Role)
		grants := role.Permissions()
		if role.Custom() && m.OperatorID != 0 {
			var known bool
			if grants, known = custom[role]; !known {
				return true
			}
		}
		return p.RequiresMFA(role, grants, m.OperatorID != 0)
	})
}

// operatorRoles reads what the roles grant that an operator made for itself; retired ones grant nothing.
func (s *Service) operatorRoles(stored storage.JSON) map[Role][]Permission {
	var rows []struct {
		ID          int64        `json:"id"`
		Permissions []Permission `json:"permissions"`
	}
	if stored == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(stored), &rows); err != nil {
		s.log.Error("the roles of an operator are not readable", "error", err)
		return nil
	}
	roles := map[Role][]Permission{}
	for _, row := range rows {
		roles[CustomRole(row.ID)] = row.Permissions
	}
	return roles
}
