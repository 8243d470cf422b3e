package accounts

import (
	"context"
	"fmt"
	"time"

	"github.com/ediport/ediport/storage"
)

// StartReset sends a person a code by which he chooses a new password. Administrators start a reset;
// they never choose or see a password. The code goes to the address on file; for one that was not confirmed
// the administrator vouches, if he may, see [Service.MayTakeOver]. The old password works until the code is used. The error is an
// *InputError if there is no address, ErrOwnAddress for who has changed it within three days; else as of
// [Service.MayManageWholly] and, for an address that was not confirmed, of [Service.MayTakeOver].
func (s *Service) StartReset(ctx context.Context, p *Principal, user storage.UserID) error {
	err := s.db.InSystem(ctx, p.Actor(), func(t *storage.Tx) error { return s.startReset(ctx, t, p, user) })
	if err != nil {
		return fmt.Errorf("accounts: reset: %w", err)
	}
	return nil
}

func (s *Service) startReset(ctx context.Context, t *storage.Tx, p *Principal, user storage.UserID) error {
	if _, err := t.LockUser(ctx, user); err != nil { // so that the address stays what it is until the code can be ended with it
		return err
	}
	to, err := t.MailRecipient(ctx, user)
	if err != nil {
		return err
	}
	if err := s.mayReset(ctx, t, p, to); err != nil {
		return err
	}
	switch {
	case to.State != "active":
		return &InputError{"user", "Only the password of an active person can be reset."}
	case to.Email == "":
		return &InputError{"email", "The person has no e-mail address. Add one first."}
	}
	now, code := s.now(), newCode(longCode)
	if err := t.EndCodes(ctx, user, now, purposeReset); err != nil {
		return err
	}
	_, err = t.AddCode(ctx, storage.NewCode{
		User: user, Purpose: purposeReset, Hash: s.mailedCodeHash(purposeReset, "", code), Sent: true, Expires: now.Add(resetLife), Now: now,
	})
	if err != nil {
		return err
	}
	err = t.SendMail(ctx, s.ring, storage.Mail{
		User: user, Address: to.Email, Template: "reset_code", Expires: now.Add(resetLife),
		Values: map[string]string{
			"name": to.Name, "login": to.Login, "code": code, "by": p.Name, "until": now.Add(resetLife).UTC().Format(time.RFC3339),
		},
	})
	if err != nil {
		return err
	}
	return t.Audit(ctx, storage.AuditEvent{Action: "password.reset_started", Operator: p.operatorOf(0), ObjectKind: "user", ObjectID: int64(user)})
}
