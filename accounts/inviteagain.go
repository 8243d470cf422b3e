package accounts

import (
	"context"
	"errors"

	"github.com/ediport/ediport/storage"
)

// inviteAgain sends a person who is invited, and whose address was corrected, an invitation to the address of now; the
// code that went to the one before is of no use any more. Nothing happens for who has joined.
func (s *Service) inviteAgain(ctx context.Context, t *storage.Tx, p *Principal, user storage.UserID) error {
	row, err := t.InvitedUser(ctx, user)
	if errors.Is(err, storage.ErrNotFound) || err == nil && row.State != "invited" {
		return nil
	}
	if err != nil {
		return err
	}
	var data invitationData
	code := storage.SignInCode{Data: row.Data}
	if err := code.Into(&data); err != nil {
		return err
	}
	data.By = p.Name
	if err := s.sendInvitation(ctx, t, user, data); err != nil {
		return err
	}
	return t.Audit(ctx, storage.AuditEvent{
		Action: "invitation.resent", Operator: row.Operator, Account: row.Account, ObjectKind: "user", ObjectID: int64(user),
		Detail: map[string]any{"why": "address"},
	})
}

// setRevoked notes whether it is only the revocation of the invitation that keeps a person out.
func setRevoked(ctx context.Context, t *storage.Tx, row storage.Invited, revoked bool) error {
	var data invitationData
	code := storage.SignInCode{Data: row.Data}
	if err := code.Into(&data); err != nil {
		return err
	}
	data.Revoked = revoked
	return t.SetCodeData(ctx, row.Code, data)
}

// stateOf returns the state that a person gets who is to be active or disabled. Who has not joined is invited, not
// active: he has no password yet, and his invitation would be of no use. Disabled is more than revoked.
func stateOf(ctx context.Context, t *storage.Tx, user storage.UserID, wanted string) (string, error) {
	row, err := t.InvitedUser(ctx, user)
	switch {
	case errors.Is(err, storage.ErrNotFound):
		return wanted, nil
	case err != nil:
		return "", err
	case wanted == "active":
		return "invited", nil
	}
	return wanted, setRevoked(ctx, t, row, false)
}
