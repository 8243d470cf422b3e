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

// madeRoles are the permissions that the roles grant which organizations made; of those that are retired: none.
type madeRoles map[Role][]Permission

// requiresMFA says whether the policy of a place asks for a second factor from who holds these roles there. Roles that
// organizations made go by what they grant, not by their names: whoever may by them, with his other roles, all that a role may
// which the policy names, or might when it was named, is asked as well. One that isn't known is taken to be such a role.
func (s *Service) requiresMFA(p SecurityPolicy, memberships []storage.Membership, place storage.Membership, made madeRoles) bool {
	now := s.now()
	var together []Permission
	var byMade bool
	for _, m := range memberships {
		if m.AccountID != place.AccountID || m.OperatorID != place.OperatorID || !m.Holds(now) {
			continue
		}
		role := Role(m.Role)
		grants, known := made.grants(role)
		switch {
		case p.RequireMFA.All, slices.Contains(p.RequireMFA.Roles, role):
			return true
		case !known && (m.OperatorID != 0 || len(p.RequireMFA.Roles) > 0):
			return true
		case m.OperatorID != 0 && slices.ContainsFunc(grants, Permission.Administers):
			return true
		}
		together, byMade = append(together, grants...), byMade || role.Custom()
	}
	return byMade && slices.ContainsFunc(p.RequireMFA.grants(made), func(named []Permission) bool {
		return len(named) > 0 && !slices.ContainsFunc(named, func(permission Permission) bool { return !slices.Contains(together, permission) })
	})
}

// grants returns what a role grants; false for a made one that isn't among them.
func (made madeRoles) grants(role Role) ([]Permission, bool) {
	if !role.Custom() {
		return role.Permissions(), true
	}
	grants, known := made[role]
	return grants, known
}

// madeRoles reads what the roles grant that organizations made for a place; retired ones grant nothing.
func (s *Service) madeRoles(stored storage.JSON) madeRoles {
	var rows []struct {
		ID          int64        `json:"id"`
		Permissions []Permission `json:"permissions"`
	}
	if stored == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(stored), &rows); err != nil {
		s.log.Error("the roles of a place are not readable", "error", err)
		return nil
	}
	roles := madeRoles{}
	for _, row := range rows {
		roles[CustomRole(row.ID)] = row.Permissions
	}
	return roles
}
