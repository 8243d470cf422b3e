package accounts

import (
	"context"
	"strings"

	"github.com/ediport/ediport/storage"
)

// placeKeepers are the roles whose holders are told when the access of others at their place changes.
var placeKeepers = map[bool][]string{
	true:  {string(RoleOwner), string(RoleAdministrator)},
	false: {string(RoleAccountOwner), string(RoleAccountAdministrator)},
}

// accessTold tells a person that his access at a place was changed or ended, and those who keep the place,
// but not whoever did it. They learn of it at once, so that nobody's access ends or grows unseen.
// Source: the proposed 45 CFR 164.308(a)(9), notice of changed access within 24 hours.
func (s *Service) accessTold(user storage.UserID, kind Notice, values map[string]string, at ...storage.Membership) func(context.Context, *storage.Tx) error {
	return func(ctx context.Context, t *storage.Tx) error {
		if err := s.notice(ctx, t, user, kind, values); err != nil {
			return err
		}
		person, err := t.MailRecipient(ctx, user)
		if err != nil {
			return err
		}
		told := map[storage.UserID]bool{user: true}
		if a := t.Scope().Actor; a.Kind == storage.ActorUser {
			told[storage.UserID(a.ID)] = true
		}
		for _, m := range at {
			if err := s.keepersTold(ctx, t, person, kind, values, m, told); err != nil {
				return err
			}
		}
		return nil
	}
}

func (s *Service) keepersTold(ctx context.Context, t *storage.Tx, person storage.MailRecipient, kind Notice, values map[string]string, m storage.Membership, told map[storage.UserID]bool) error {
	place, err := t.PlaceName(ctx, m.AccountID, m.OperatorID)
	if err != nil {
		return err
	}
	keepers, err := t.HoldersOf(ctx, m.OperatorID, m.AccountID, placeKeepers[m.OperatorID != 0], s.now())
	if err != nil {
		return err
	}
	change := "ended"
	if kind == NoticeRoleChanged {
		change = values["role"]
	}
	for _, keeper := range keepers {
		if told[keeper] {
			continue
		}
		told[keeper] = true
		err := s.notice(ctx, t, keeper, NoticeAccessOfOthers, map[string]string{"who": person.Name, "place": place, "change": change, "by": values["by"]})
		if err != nil {
			return err
		}
	}
	return nil
}

// wideningTold tells the owners of the place whose role grants more from now on, but not whoever saw to it: everybody who has the
// role may do more, perhaps himself.
func (s *Service) wideningTold(ctx context.Context, t *storage.Tx, p *Principal, row storage.CustomRole, added []Permission) error {
	place, err := t.PlaceName(ctx, row.AccountID, row.OperatorID)
	if err != nil {
		return err
	}
	owner, operator := RoleAccountOwner, storage.OperatorID(0)
	if row.AccountID == 0 {
		owner, operator = RoleOwner, row.OperatorID
	}
	owners, err := t.HoldersOf(ctx, operator, row.AccountID, []string{string(owner)}, s.now())
	if err != nil {
		return err
	}
	titles := make([]string, len(added))
	for i, permission := range added {
		titles[i] = permission.Title()
	}
	for _, o := range owners {
		if o == p.UserID {
			continue
		}
		err := s.notice(ctx, t, o, NoticeAccessOfOthers, map[string]string{
			"who": "everybody with the role “" + row.Name + "”", "place": place, "by": p.Name, "change": "may now also " + strings.Join(titles, ", "),
		})
		if err != nil {
			return err
		}
	}
	return nil
}
