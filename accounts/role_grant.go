package accounts

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ediport/ediport/storage"
)

// ErrLastOwner says that a place would be left without an owner.
var ErrLastOwner = errors.New("accounts: the last owner")

// ErrOwnRole says that somebody wanted to give himself a role.
var ErrOwnRole = errors.New("accounts: one's own role")

// ErrOutranked says that the person may administer more than who wants to change him.
var ErrOutranked = errors.New("accounts: the person may administer more")

// ErrElsewhere says that the person has roles at places that whoever wants to change him does not manage.
var ErrElsewhere = errors.New("accounts: the person has roles elsewhere")

func isNotFound(err error) bool { return errors.Is(err, storage.ErrNotFound) }

// A RoleGrant is a role to give to a person at one place.
type RoleGrant struct {
	Role     Role
	Account  storage.AccountID  // 0: at the operator
	Operator storage.OperatorID // 0: at the account
	Starts   time.Time          // zero: at once
	Ends     time.Time          // zero: no end is planned
	Limit    storage.RowLimit   // of the account's rows
}

// GiveRole gives a person one more role, and returns the membership's id. He keeps the others. It holds from
// the next request on, or from its start.
//
// Who gives a role holds each of its permissions at the place himself, for at least these rows, with patients if the role
// shows them; or he manages the accounts of the operator, and appoints people for them whose data he does not see. Nobody gives himself a role, but
// an operator's owner may, at its accounts, which the other owners are told. Errors: *InputError,
// *DeniedError, ErrOwnRole, storage.ErrNotFound for a place or person out of reach, storage.ErrConflict if
// the person has the role.
func (s *Service) GiveRole(ctx context.Context, p *Principal, user storage.UserID, g RoleGrant) (id int64, err error) {
	if err := s.checkGrant(g); err != nil {
		return 0, err
	}
	err = s.db.InSystem(ctx, p.Actor(), func(t *storage.Tx) error {
		operator, err := t.LockPlace(ctx, g.Account, g.Operator)
		if err != nil {
			return err
		}
		if err := t.KeepUser(ctx, user); err != nil { // before the role, as who looks at what the person has
			return err
		}
		role, err := s.roleAt(ctx, t, operator, g)
		if err != nil {
			return err
		}
		if err := p.mayAppoint(operator, g, role.Permissions, user == p.UserID); err != nil {
			return err
		}
		if err := s.inReach(ctx, t, p, user); err != nil {
			return err
		}
		m := storage.NewMembership{AccountID: g.Account, OperatorID: g.Operator, Role: string(g.Role), StartsAt: instant(g.Starts), EndsAt: instant(g.Ends), Limit: g.Limit}
		if id, err = t.AddMembership(ctx, user, m, s.now()); err != nil {
			return err
		}
		return s.roleTold(ctx, t, "role.granted", NoticeRoleChanged, p, user, storage.Membership(m), operator, role.Name)
	})
	if err != nil {
		return 0, fmt.Errorf("accounts: role: %w", err)
	}
	return id, nil
}

// TakeRole takes a role of a person away, from the next request on. The error is ErrLastOwner for the place's last
// owner, ErrOutranked for a person who may administer more there, storage.ErrNotFound, a *DeniedError.
func (s *Service) TakeRole(ctx context.Context, p *Principal, user storage.UserID, membership int64) error {
	err := s.db.InSystem(ctx, p.Actor(), func(t *storage.Tx) error {
		m, all, operator, err := lockMembership(ctx, t, user, membership)
		if err != nil {
			return err
		}
		if err := s.mayChange(ctx, t, p, user, all, m, operator, ManageRoles); err != nil {
			return err
		}
		if err := s.notLast(ctx, t, user, m, all); err != nil {
			return err
		}
		if err := t.EndMembership(ctx, user, membership, s.now()); err != nil {
			return err
		}
		grants, err := s.grantsOf(ctx, t, []storage.Membership{m})
		if err != nil {
			return err
		}
		return s.roleTold(ctx, t, "role.revoked", NoticeAccessEnded, p, user, m, operator, grants[0].Title)
	})
	if err != nil {
		return fmt.Errorf("accounts: role: %w", err)
	}
	return nil
}

func instant(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	return &at
}

func (s *Service) checkGrant(g RoleGrant) error {
	switch {
	case (g.Account == 0) == (g.Operator == 0):
		return &InputError{"place", "Choose where the role is held."}
	case !g.Ends.IsZero() && !g.Ends.After(s.now()):
		return &InputError{"ends", "The end lies in the past."}
	case !g.Starts.IsZero() && !g.Ends.IsZero() && !g.Ends.After(g.Starts):
		return &InputError{"ends", "The end lies before the start."}
	case !g.Limit.None() && g.Account == 0:
		return &InputError{"npis", "Only a role at an account can be limited to providers."}
	}
	for _, npi := range g.Limit.NPIs {
		if !ValidNPI(npi) {
			return &InputError{"npis", "An NPI has ten digits, of which the last one checks the others. Look for a typing error."}
		}
	}
	if g.Limit.Check() != nil {
		return &InputError{"tax_ids", "A tax id has nine digits."}
	}
	return nil
}

// roleAt returns the role that the grant names, if it can be held at its place.
func (s *Service) roleAt(ctx context.Context, t *storage.Tx, operator storage.OperatorID, g RoleGrant) (RoleDefinition, error) {
	unknown := &InputError{"role", "There is no such role at that place."}
	d := presetDefinition(g.Role)
	if id, ok := customID(g.Role); ok {
		row, err := t.LockCustomRole(ctx, operator, id)
		if isNotFound(err) || err == nil && (row.RetiredAt != nil || row.AccountID != 0 && row.AccountID != g.Account) {
			return d, unknown
		}
		if err != nil {
			return d, err
		}
		d = definitionOf(row)
	}
	if len(d.Permissions) == 0 || d.OfOperator != (g.Operator != 0) {
		return d, unknown
	}
	return d, nil
}

// mayAppoint says whether the principal may give these permissions at the place.
func (p *Principal) mayAppoint(operator storage.OperatorID, g RoleGrant, permissions []Permission, himself bool) error {
	appoints := g.Account != 0 && p.appoints(operator)
	if himself {
		if appoints && p.CanAtOperator(ManagePolicies, operator) {
			return nil
		}
		return ErrOwnRole
	}
	if appoints {
		return nil
	}
	if g.Account != 0 && !p.CanAt(ViewAccounts, g.Account) || g.Account == 0 && !p.CanAtOperator(ViewAccounts, g.Operator) {
		return storage.ErrNotFound
	}
	missing := p.lacks(g.Account, g.Operator, append([]Permission{ManageRoles}, permissions...), g.Limit)
	switch {
	case missing.rows:
		return &InputError{"npis", fmt.Sprintf("You may %s for some providers only, and can't open more to others.", missing.permission.Title())}
	case missing.permission != "":
		return &DeniedError{missing.permission}
	}
	return nil
}

// appoints says whether the principal appoints the people of the operator's accounts.
func (p *Principal) appoints(operator storage.OperatorID) bool {
	return p.CanAtOperator(ManageRoles, operator) && p.CanAtOperator(ManageAccounts, operator)
}

// inReach says whether the principal may know of the person: he has a role at one of the principal's
// places; else storage.ErrNotFound.
func (s *Service) inReach(ctx context.Context, t *storage.Tx, p *Principal, user storage.UserID) error {
	all, err := t.Memberships(ctx, user)
	if err != nil {
		return err
	}
	operators, err := t.OperatorsOf(ctx, all)
	if err != nil {
		return err
	}
	for i, m := range all {
		if p.reaches(ViewAccounts, m, operators[i]) {
			return nil
		}
	}
	return storage.ErrNotFound
}

// reaches says whether the principal's permission reaches the place of a membership: by the account, or by the
// operator that serves it.
func (p *Principal) reaches(permission Permission, m storage.Membership, operator storage.OperatorID) bool {
	return m.AccountID != 0 && p.CanAt(permission, m.AccountID) || p.CanAtOperator(permission, operator)
}

// administering are the permissions by which people rank: nobody changes somebody who has more of them.
var administering = []Permission{
	ManagePeople, ManageRoles, EndSessions, ManagePractice, ManagePolicies, DecideApprovals, ManageAccounts, BreakGlass,
}

// mayChange says whether the principal's permission reaches one role of a person, and the person doesn't
// administer more at the place than he.
func (s *Service) mayChange(ctx context.Context, t *storage.Tx, p *Principal, user storage.UserID, all []storage.Membership, m storage.Membership, operator storage.OperatorID, permission Permission) error {
	if !p.reaches(ViewAccounts, m, operator) {
		return storage.ErrNotFound
	}
	if !p.reaches(permission, m, operator) {
		return &DeniedError{permission}
	}
	if user == p.UserID || m.AccountID != 0 && p.appoints(operator) {
		return nil // less of one's own is nobody's loss; who appoints people may dismiss them
	}
	grants, err := s.grantsOf(ctx, t, all)
	if err != nil {
		return err
	}
	for i, g := range grants {
		if all[i].AccountID != m.AccountID || all[i].OperatorID != m.OperatorID {
			continue
		}
		for _, held := range administering {
			if g.holds(held) && !p.reaches(held, m, operator) {
				return ErrOutranked
			}
		}
	}
	return nil
}

// notLast returns ErrLastOwner if the membership is the last of its place with the role of an owner; where an
// operator has no owner, its last administrator counts. The place must be locked.
func (s *Service) notLast(ctx context.Context, t *storage.Tx, user storage.UserID, m storage.Membership, all []storage.Membership) error {
	owner := RoleAccountOwner
	if m.OperatorID != 0 {
		owner = RoleOwner
	}
	counting := []Role{owner}
	switch Role(m.Role) {
	case owner:
	case RoleAdministrator:
		if counting = append(counting, RoleAdministrator); holdsAlso(all, m, owner) {
			return nil
		}
	default:
		return nil
	}
	for _, role := range counting {
		m.Role = string(role)
		n, err := t.OthersWith(ctx, m, user, s.now())
		if err != nil || n > 0 {
			return err
		}
	}
	return ErrLastOwner
}

func holdsAlso(all []storage.Membership, at storage.Membership, role Role) bool {
	return slices.ContainsFunc(all, func(m storage.Membership) bool {
		return m.AccountID == at.AccountID && m.OperatorID == at.OperatorID && Role(m.Role) == role
	})
}

// lockMembership finds one role of a person, and keeps others from changing who holds what at its place.
func lockMembership(ctx context.Context, t *storage.Tx, user storage.UserID, id int64) (m storage.Membership, all []storage.Membership, operator storage.OperatorID, err error) {
	find := func(memberships []storage.Membership, err error) error {
		i := slices.IndexFunc(memberships, func(m storage.Membership) bool { return m.ID == id })
		if err == nil && i < 0 {
			err = storage.ErrNotFound
		}
		if err == nil {
			m, all = memberships[i], memberships
		}
		return err
	}
	if err = find(t.Memberships(ctx, user)); err != nil {
		return m, nil, 0, err
	}
	if operator, err = t.LockPlace(ctx, m.AccountID, m.OperatorID); err != nil { // the place first, always
		return m, nil, 0, err
	}
	err = find(t.Memberships(ctx, user))
	return m, all, operator, err
}

// roleTold leaves the event of a role given or taken, and tells the person.
func (s *Service) roleTold(ctx context.Context, t *storage.Tx, action string, kind Notice, p *Principal, user storage.UserID, m storage.Membership, operator storage.OperatorID, role string) error {
	detail := map[string]any{"role": m.Role}
	if !m.Limit.None() {
		detail["row_limit"] = m.Limit
	}
	if m.EndsAt != nil {
		detail["ends_at"] = m.EndsAt.UTC()
	}
	place, err := t.PlaceName(ctx, m.AccountID, m.OperatorID)
	if err != nil {
		return err
	}
	return t.Audit(ctx, storage.AuditEvent{
		Action: action, Operator: operator, Account: m.AccountID, ObjectKind: "user", ObjectID: int64(user), Detail: detail,
		Then: s.accessTold(user, kind, map[string]string{"role": role, "place": place, "by": p.Name}, m),
	})
}
