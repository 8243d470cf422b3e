package accounts

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/ediport/ediport/storage"
)

// An Invitation is a person to invite. He chooses his own password; nobody else ever knows it.
type Invitation struct {
	Login, Name, Email string
	Grant              RoleGrant
}

// invitationData is what an invitation keeps beside its code.
type invitationData struct {
	Place   string `json:"place"`
	Role    string `json:"role"`
	By      string `json:"by"`
	Revoked bool   `json:"revoked,omitzero"` // and nothing else keeps the person out
}

// Invite adds a person who can't sign in yet, and sends him a code. The error is an *InputError for
// input that can't be used, storage.ErrConflict if the user id is taken; else as of [Service.GiveRole].
func (s *Service) Invite(ctx context.Context, p *Principal, n Invitation) (user storage.UserID, err error) {
	n.Login, n.Name, n.Email = norm.NFC.String(strings.TrimSpace(n.Login)), strings.TrimSpace(n.Name), strings.TrimSpace(n.Email)
	if n.Email == "" {
		return 0, &InputError{"email", "Give the person's e-mail address: the invitation goes there."}
	}
	if err := (NewUser{Login: n.Login, Name: n.Name, Email: n.Email}).validate(); err != nil {
		return 0, err
	}
	if err := s.checkGrant(n.Grant); err != nil {
		return 0, err
	}
	err = s.db.InSystem(ctx, p.Actor(), func(t *storage.Tx) error {
		operator, role, err := s.mayInvite(ctx, t, p, n.Grant)
		if err != nil {
			return err
		}
		taken, err := t.AddressTaken(ctx, n.Email, 0)
		if err != nil {
			return err
		}
		if taken {
			return &InputError{"email", "Somebody has this address already. If it is the same person, give the role on the person's page."}
		}
		if user, err = t.AddInvited(ctx, storage.NewUser{Login: n.Login, Name: n.Name, Email: n.Email}, s.now()); err != nil {
			return err
		}
		m := storage.NewMembership{
			AccountID: n.Grant.Account, OperatorID: n.Grant.Operator, Role: string(n.Grant.Role),
			StartsAt: instant(n.Grant.Starts), EndsAt: instant(n.Grant.Ends), Limit: n.Grant.Limit,
		}
		if _, err := t.AddMembership(ctx, user, m, s.now()); err != nil {
			return err
		}
		place, err := t.PlaceName(ctx, n.Grant.Account, n.Grant.Operator)
		if err != nil {
			return err
		}
		if err := s.sendInvitation(ctx, t, user, invitationData{Place: place, Role: role.Name, By: p.Name}); err != nil {
			return err
		}
		return t.Audit(ctx, storage.AuditEvent{
			Action: "invitation.sent", Operator: operator, Account: n.Grant.Account, ObjectKind: "user", ObjectID: int64(user),
			Detail: map[string]any{"role": string(n.Grant.Role)},
		})
	})
	if err != nil {
		return 0, fmt.Errorf("accounts: invitation: %w", err)
	}
	return user, nil
}

// mayInvite checks that the principal manages the people of the place, and may give the role there.
func (s *Service) mayInvite(ctx context.Context, t *storage.Tx, p *Principal, g RoleGrant) (storage.OperatorID, RoleDefinition, error) {
	operator, err := t.LockPlace(ctx, g.Account, g.Operator)
	if err != nil {
		return 0, RoleDefinition{}, err
	}
	at := storage.Membership{AccountID: g.Account, OperatorID: g.Operator}
	if !p.reaches(ViewAccounts, at, operator) {
		return 0, RoleDefinition{}, storage.ErrNotFound
	}
	if !p.reaches(ManagePeople, at, operator) {
		return 0, RoleDefinition{}, &DeniedError{ManagePeople}
	}
	role, err := s.roleAt(ctx, t, operator, g)
	if err != nil {
		return 0, role, err
	}
	return operator, role, p.mayAppoint(operator, g, role.Permissions, false)
}

// sendInvitation sends a code that takes the place of all earlier ones.
func (s *Service) sendInvitation(ctx context.Context, t *storage.Tx, user storage.UserID, data invitationData) error {
	if _, err := t.LockUser(ctx, user); err != nil { // as of StartReset
		return err
	}
	to, err := t.MailRecipient(ctx, user)
	if err != nil {
		return err
	}
	now, code := s.now(), newCode(longCode)
	if err := t.EndCodes(ctx, user, now, purposeInvitation); err != nil {
		return err
	}
	_, err = t.AddCode(ctx, storage.NewCode{
		User: user, Purpose: purposeInvitation, Hash: s.mailedCodeHash(purposeInvitation, "", code), Data: data,
		Sent: true, Expires: now.Add(invitationLife), Now: now,
	})
	if err != nil {
		return err
	}
	return t.SendMail(ctx, s.ring, storage.Mail{
		User: user, Address: to.Email, Template: "invitation", Expires: now.Add(invitationLife),
		Values: map[string]string{
			"name": to.Name, "login": to.Login, "code": code, "place": data.Place, "role": data.Role, "by": data.By,
			"until": now.Add(invitationLife).UTC().Format(time.RFC3339),
		},
	})
}

// An InvitationState is an invitation that was not accepted yet.
type InvitationState struct {
	User               storage.UserID
	Login, Name, Email string
	Place, Role, By    string
	State              string // waiting, expired, revoked, disabled
	Sent, Expires      time.Time
	Mail, MailCode     string // what became of the mail, and why it isn't sent
}

// Invitations returns the invitations to the places whose people the principal manages, newest first.
func (s *Service) Invitations(ctx context.Context, p *Principal) ([]InvitationState, error) {
	accounts, operators := p.AccountsFor(ManagePeople), p.operatorIDsFor(ManagePeople)
	var rows []storage.Invited
	err := s.db.InSystem(ctx, p.Actor(), func(t *storage.Tx) (err error) {
		rows, err = t.Invited(ctx, accounts, operators, 200)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("accounts: invitations: %w", err)
	}
	states, seen := []InvitationState{}, map[storage.UserID]bool{}
	for _, row := range rows {
		if seen[row.ID] {
			continue // an earlier code of the same invitation
		}
		seen[row.ID] = true
		i, err := s.invitationState(row)
		if err != nil {
			return nil, err
		}
		states = append(states, i)
	}
	return states, nil
}

func (s *Service) invitationState(row storage.Invited) (InvitationState, error) {
	var data invitationData
	code := storage.SignInCode{Data: row.Data}
	if err := code.Into(&data); err != nil {
		return InvitationState{}, err
	}
	i := InvitationState{
		User: row.ID, Login: row.Login, Name: row.Name, Email: row.Email, Place: data.Place, Role: data.Role, By: data.By,
		State: "waiting", Sent: row.CreatedAt, Expires: row.ExpiresAt, Mail: row.MailState, MailCode: row.MailCode,
	}
	switch {
	case row.State == "disabled" && !data.Revoked:
		i.State = "disabled"
	case row.State == "disabled" || row.UsedAt != nil:
		i.State = "revoked"
	case !row.ExpiresAt.After(s.now()):
		i.State = "expired"
	}
	return i, nil
}

func (p *Principal) operatorIDsFor(permission Permission) []storage.OperatorID {
	ids := []storage.OperatorID{}
	if p.within(permission) {
		for _, o := range p.operatorsFor(permission) {
			ids = append(ids, o.ID)
		}
	}
	return ids
}

// ResendInvitation sends a new code to an invited person, whose earlier codes are of no use then; also
// after the invitation has expired or was revoked. It lets nobody in whom somebody has disabled: then, and for who has
// joined, the error is storage.ErrConflict or storage.ErrNotFound; else as of [Service.MayTakeOver].
func (s *Service) ResendInvitation(ctx context.Context, p *Principal, user storage.UserID) error {
	if err := s.MayTakeOver(ctx, p, user); err != nil { // before anything is said of the invitation
		return err
	}
	return s.changeInvitation(ctx, p, user, func(t *storage.Tx, row storage.Invited) error {
		if err := s.mayTakeOverIn(ctx, t, p, user); err != nil {
			return err
		}
		var data invitationData
		code := storage.SignInCode{Data: row.Data}
		if err := code.Into(&data); err != nil {
			return err
		}
		if row.State == "disabled" {
			if !data.Revoked {
				return storage.ErrConflict
			}
			if err := t.ChangeUserState(ctx, user, "disabled", "invited"); err != nil {
				return err
			}
		}
		data.By, data.Revoked = p.Name, false
		if err := s.sendInvitation(ctx, t, user, data); err != nil {
			return err
		}
		return t.Audit(ctx, storage.AuditEvent{
			Action: "invitation.resent", Operator: row.Operator, Account: row.Account, ObjectKind: "user", ObjectID: int64(user),
		})
	})
}

// RevokeInvitation ends an invitation. Errors as of [Service.MayManage].
func (s *Service) RevokeInvitation(ctx context.Context, p *Principal, user storage.UserID) error {
	return s.changeInvitation(ctx, p, user, func(t *storage.Tx, row storage.Invited) error {
		if err := t.ChangeUserState(ctx, user, "invited", "disabled"); err != nil {
			return err
		}
		if err := setRevoked(ctx, t, row, true); err != nil {
			return err
		}
		if err := t.EndCodes(ctx, user, s.now(), purposeInvitation); err != nil {
			return err
		}
		return t.Audit(ctx, storage.AuditEvent{
			Action: "invitation.revoked", Operator: row.Operator, Account: row.Account, ObjectKind: "user", ObjectID: int64(user),
		})
	})
}

func (s *Service) changeInvitation(ctx context.Context, p *Principal, user storage.UserID, fn func(*storage.Tx, storage.Invited) error) error {
	if err := s.MayManageWholly(ctx, p, user); err != nil {
		return err
	}
	err := s.db.InSystem(ctx, p.Actor(), func(t *storage.Tx) error {
		row, err := t.InvitedUser(ctx, user)
		if err != nil {
			return err
		}
		return fn(t, row)
	})
	if err != nil {
		return fmt.Errorf("accounts: invitation: %w", err)
	}
	return nil
}

// acceptInvitation makes the invited person active with the password he chose, in the transaction that
// ends the invitation. That the code came by mail confirms the address.
func (s *Service) acceptInvitation(ctx context.Context, t *storage.Tx, c storage.SignInCode, hash string) error {
	now := s.now()
	if err := t.ActivateUser(ctx, c.User, now); err != nil {
		if errors.Is(err, storage.ErrNotFound) {
			return ErrCodeGone // revoked in the meantime
		}
		return err
	}
	if err := t.ReplacePassword(ctx, c.User, hash, 0, now); err != nil {
		return err
	}
	if err := t.UseCode(ctx, c.ID, now); err != nil {
		return err
	}
	return t.Audit(ctx, storage.AuditEvent{Action: "invitation.accepted", ObjectKind: "user", ObjectID: int64(c.User)})
}

// EnterMailedCode checks a code that an invitation or an administrator's reset brought, and returns a secret
// for the browser's cookie, by which the password is chosen. The error is an *InputError for a code
// that isn't valid, or not any more; a *ThrottledError after many of them from one address.
func (s *Service) EnterMailedCode(ctx context.Context, invitation bool, code string, o Origin) (string, error) {
	purpose := purposeReset
	if invitation {
		purpose = purposeInvitation
	}
	bucket := []storage.ThrottleBucket{s.bucket("address", "code/"+o.Address)}
	if err := s.reserve(ctx, bucket, delayOfCodes); err != nil {
		return "", err
	}
	next, right := newSecret(), false
	err := s.db.InSystem(ctx, o.actor(storage.ActorAnonymous, 0), func(t *storage.Tx) error {
		c, err := t.CodeByHash(ctx, purpose, s.mailedCodeHash(purpose, "", code))
		if err != nil && !errors.Is(err, storage.ErrNotFound) {
			return err
		}
		right = err == nil && c.Open(s.now()) && c.ConfirmedAt == nil
		event := storage.AuditEvent{
			Action: "recovery.code_entered", ObjectKind: userKind(c.User), ObjectID: int64(c.User), Detail: map[string]any{"of": purpose},
		}
		if !right {
			event.Action, event.Result = "recovery.code_wrong", "failed"
			return t.Audit(ctx, event)
		}
		if err := t.ConfirmCode(ctx, c.ID, hashSecret(next), s.now(), s.now().Add(chooseMailed)); err != nil {
			return err
		}
		return t.Audit(ctx, event)
	})
	if err != nil {
		return "", fmt.Errorf("accounts: code: %w", err)
	}
	if !right {
		return "", &InputError{"code", "That code is not valid, or not any more. Look at the latest mail, or ask for a new one."}
	}
	return next, s.store.AttemptSucceeded(ctx, nil, bucket)
}
