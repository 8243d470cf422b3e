package accounts

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/ediport/ediport/storage"
)

// A RoleDefinition is a role, preset or made by an organization, with what it grants.
type RoleDefinition struct {
	Role        Role
	Name        string
	OfOperator  bool               // held for the operator, not for accounts
	Operator    storage.OperatorID // whose it is; 0: a preset
	Account     storage.AccountID  // that made it for itself; 0: a preset, or for all accounts of the operator
	Permissions []Permission
	People      int // that have it; of custom roles only
}

// ID returns the id of a custom role's row, 0 for a preset.
func (d RoleDefinition) ID() int64 { id, _ := customID(d.Role); return id }

func definitionOf(row storage.CustomRole) RoleDefinition {
	d := RoleDefinition{
		Role: CustomRole(row.ID), Name: row.Name, OfOperator: row.OfOperator, Operator: row.OperatorID, Account: row.AccountID, People: row.People,
	}
	for _, name := range row.Permissions {
		if p := Permission(name); p.HeldAt(row.OfOperator) { // one that there was in another version grants nothing
			d.Permissions = append(d.Permissions, p)
		}
	}
	return d
}

// CustomRole returns the role whose row has the id.
func CustomRole(id int64) Role { return Role(customPrefix + strconv.FormatInt(id, 10)) }

func presetDefinition(r Role) RoleDefinition {
	p, _ := r.preset()
	return RoleDefinition{Role: r, Name: p.title, OfOperator: p.operator, Permissions: r.Permissions()}
}

// RolesFor returns the roles that can be given at the places of which the principal sees the people: the
// presets first, then those made by his operator and accounts, by name.
func (s *Service) RolesFor(ctx context.Context, p *Principal) ([]RoleDefinition, error) {
	var roles []RoleDefinition
	for _, r := range Roles() {
		roles = append(roles, presetDefinition(r))
	}
	for _, operator := range p.operatorsInView() {
		err := s.db.InSystem(ctx, p.Actor(), func(t *storage.Tx) error {
			rows, err := t.CustomRolesOf(ctx, operator, p.AccountsFor(ViewAccounts), p.CanAtOperator(ViewAccounts, operator))
			for _, row := range rows {
				roles = append(roles, definitionOf(row))
			}
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("accounts: roles: %w", err)
		}
	}
	return roles, nil
}

// operatorsInView are the operators of the places whose people the principal sees.
func (p *Principal) operatorsInView() []storage.OperatorID {
	var out []storage.OperatorID
	for _, o := range p.operatorsFor(ViewAccounts) {
		out = append(out, o.ID)
	}
	for _, a := range p.Accounts {
		if slices.Contains(a.Permissions, ViewAccounts) && !slices.Contains(out, a.OperatorID) {
			out = append(out, a.OperatorID)
		}
	}
	return out
}

// A RoleForm is a custom role to make or change.
type RoleForm struct {
	Name        string
	Operator    storage.OperatorID
	Account     storage.AccountID // 0: the operator's; not changed afterwards
	OfOperator  bool              // not changed afterwards
	Permissions []Permission
}

// CreateRole makes a role of permissions that the principal holds himself, for all rows, at the operator or the account
// whose it will be, and returns its row id. The error is an *InputError, a *DeniedError for a permission that he
// doesn't hold, storage.ErrConflict if the name is taken.
func (s *Service) CreateRole(ctx context.Context, p *Principal, f RoleForm) (int64, error) {
	if err := f.check(); err != nil {
		return 0, err
	}
	if err := p.mayDefine(f); err != nil {
		return 0, err
	}
	var id int64
	err := s.db.InSystem(ctx, p.Actor(), func(t *storage.Tx) error {
		operator, err := t.LockPlace(ctx, f.Account, f.Operator)
		if err != nil {
			return err
		}
		row := storage.CustomRole{
			OperatorID: operator, AccountID: f.Account, OfOperator: f.OfOperator, Name: f.Name, Permissions: permissionNames(f.Permissions), CreatedAt: s.now(),
		}
		if id, err = t.AddCustomRole(ctx, row); err != nil {
			return err
		}
		return t.Audit(ctx, roleEvent("role.created", row, id))
	})
	if err != nil {
		return 0, fmt.Errorf("accounts: role: %w", err)
	}
	return id, nil
}

// ChangeRole gives a role another name and other permissions; both those it has and those it gets must be
// the principal's own. It holds for everybody who has it from the next request on. Nobody but an owner widens a role
// that he has himself: ErrOwnRole. Other errors as of [Service.CreateRole], and storage.ErrNotFound.
func (s *Service) ChangeRole(ctx context.Context, p *Principal, id int64, name string, permissions []Permission) error {
	return s.editRole(ctx, p, id, "role.changed", func(t *storage.Tx, row *storage.CustomRole) error {
		before, f := definitionOf(*row).Permissions, formOfRole(*row)
		f.Name, f.Permissions = name, permissions
		if err := f.check(); err != nil {
			return err
		}
		row.Name, row.Permissions = strings.TrimSpace(f.Name), permissionNames(f.Permissions)
		added := without(f.Permissions, before...)
		if len(added) == 0 {
			return nil // less than it was, of what he holds
		}
		if err := p.mayWiden(ctx, t, *row); err != nil {
			return err
		}
		if err := p.mayDefine(f); err != nil {
			return err
		}
		return s.wideningTold(ctx, t, p, *row, added)
	})
}

// mayWiden says whether the principal may give a role more: not one that he has, now or from a later day on. An owner gains
// nothing by it: he holds what he gives to an account's role, and may appoint himself at the operator's accounts. The other
// owners are told.
func (p *Principal) mayWiden(ctx context.Context, t *storage.Tx, row storage.CustomRole) error {
	if row.AccountID != 0 && p.CanAt(ManagePolicies, row.AccountID) || p.CanAtOperator(ManagePolicies, row.OperatorID) {
		return nil
	}
	own, err := t.Memberships(ctx, p.UserID)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(own, func(m storage.Membership) bool { return Role(m.Role) == CustomRole(row.ID) }) {
		return ErrOwnRole
	}
	return nil
}

// RetireRole ends a role: who has it has nothing by it from the next request on. Errors as of [Service.ChangeRole].
func (s *Service) RetireRole(ctx context.Context, p *Principal, id int64) error {
	return s.editRole(ctx, p, id, "role.retired", func(_ *storage.Tx, row *storage.CustomRole) error {
		now := s.now()
		row.RetiredAt = &now
		return nil
	})
}

func (s *Service) editRole(ctx context.Context, p *Principal, id int64, action string, edit func(*storage.Tx, *storage.CustomRole) error) error {
	for _, operator := range p.operatorsInView() {
		err := s.db.InSystem(ctx, p.Actor(), func(t *storage.Tx) error {
			naming, err := lockPoliciesNaming(ctx, t, operator, CustomRole(id)) // the place first, always
			if err != nil {
				return err
			}
			row, err := t.LockCustomRole(ctx, operator, id)
			if err != nil {
				return err
			}
			before := definitionOf(row).Permissions
			if row.RetiredAt != nil || !p.seesRole(row) {
				return storage.ErrNotFound
			}
			if err := p.mayEdit(formOfRole(row)); err != nil {
				return err
			}
			if err := edit(t, &row); err != nil {
				return err
			}
			row.ChangedAt = s.now()
			if err := t.ChangeCustomRole(ctx, row); err != nil {
				return err
			}
			event := roleEvent(action, row, id)
			if row.RetiredAt != nil || !sameSet(before, definitionOf(row).Permissions) {
				n, err := s.rememberNamed(ctx, t, naming, EarlierRole{CustomRole(id), before})
				if err != nil {
					return err
				}
				if n > 0 {
					event.Detail["policies_remember"] = n
				}
			}
			return t.Audit(ctx, event)
		})
		if !isNotFound(err) {
			return err
		}
	}
	return storage.ErrNotFound
}

func (p *Principal) seesRole(row storage.CustomRole) bool {
	return p.CanAtOperator(ViewAccounts, row.OperatorID) || row.AccountID != 0 && p.CanAt(ViewAccounts, row.AccountID)
}

func formOfRole(row storage.CustomRole) RoleForm {
	return RoleForm{Name: row.Name, Operator: row.OperatorID, Account: row.AccountID, OfOperator: row.OfOperator, Permissions: definitionOf(row).Permissions}
}

func (f *RoleForm) check() error {
	f.Name = strings.TrimSpace(f.Name)
	if f.Name == "" || len(f.Name) > 60 || strings.ContainsFunc(f.Name, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return &InputError{"name", "Give the role a name of up to 60 characters."}
	}
	for _, d := range presets {
		if strings.EqualFold(d.title, f.Name) || strings.EqualFold(string(d.role), f.Name) {
			return &InputError{"name", "Every installation has a role of that name; choose another one."}
		}
	}
	if len(f.Permissions) == 0 {
		return &InputError{"permissions", "Choose at least one permission."}
	}
	for _, permission := range f.Permissions {
		if !permission.HeldAt(f.OfOperator) {
			return &InputError{"permissions", "A permission in the list is not for this kind of role."}
		}
		for _, needed := range permission.Needs() {
			if !slices.Contains(f.Permissions, needed) {
				return &InputError{"permissions", fmt.Sprintf("To %s, the role must be able to %s, too.", permission.Title(), needed.Title())}
			}
		}
	}
	return nil
}

// mayDefine says whether the principal may have such a role in his organization: a role has no limits of its own, so
// he holds it all for all rows. Roles for all accounts are made by who appoints their people.
func (p *Principal) mayDefine(f RoleForm) error {
	if f.ofAllAccounts() {
		return p.holdsAll(0, f.Operator, []Permission{ManageRoles, ManageAccounts})
	}
	if missing := p.lacks(f.Account, f.Operator, append([]Permission{ManageRoles}, f.Permissions...), storage.RowLimit{}); missing.permission != "" {
		return &DeniedError{missing.permission}
	}
	return nil
}

// mayEdit says whether the principal may touch a role as it is.
func (p *Principal) mayEdit(f RoleForm) error {
	if f.ofAllAccounts() {
		return p.mayDefine(f)
	}
	return p.holdsAll(f.Account, f.Operator, append([]Permission{ManageRoles}, f.Permissions...))
}

func (f RoleForm) ofAllAccounts() bool { return f.Account == 0 && !f.OfOperator }

func permissionNames(permissions []Permission) []string {
	names := make([]string, 0, len(permissions))
	for _, p := range Permissions() {
		if slices.Contains(permissions, p) {
			names = append(names, string(p))
		}
	}
	return names
}

func roleEvent(action string, row storage.CustomRole, id int64) storage.AuditEvent {
	return storage.AuditEvent{
		Action: action, Operator: row.OperatorID, Account: row.AccountID, ObjectKind: "role", ObjectID: id,
		Detail: map[string]any{"permissions": []string(row.Permissions)},
	}
}
